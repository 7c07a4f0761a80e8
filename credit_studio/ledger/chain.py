"""The hash chain of an account: every entry carries the fingerprint of the one before, so none can be changed unseen.

The form that is hashed is known to `verify.py` alone. Nothing personal is hashed: ids, numbers and instants only.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from credit_studio.ledger import verify
from credit_studio.ledger.terms import Entry

GENESIS = bytes.fromhex(verify.GENESIS)
"""What the first entry of an account names as the one before it."""


def link(prev_hash: bytes, entry_id: UUID, entry: Entry) -> bytes:
    """The fingerprint of an entry."""
    content = {
        "account": str(entry.account_id),
        "amount": entry.amount,
        "at": entry.at.isoformat(),
        "balance": entry.balance,
        "id": str(entry_id),
        "key": entry.key,
        "kind": entry.kind,
        "number": entry.number,
        "scope": entry.scope,
        "transfers": [(*map(str, move[:-1]), move.amount) for move in entry.moves],
    }
    return verify.digest(prev_hash, content)


def request_hash(values: Sequence[object]) -> bytes:
    """The fingerprint of what a command asks, to tell a retry from another request under the same key."""
    return hashlib.sha256(verify.canonical([str(value) for value in values])).digest()
