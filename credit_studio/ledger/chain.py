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
    moves = [(*map(str, move[:-1]), move.amount) for move in entry.moves]
    numbered = (str(entry_id), entry.key, entry.kind, entry.number, entry.scope, moves)
    return verify.digest(prev_hash, (str(entry.account_id), entry.amount, entry.at.isoformat(), entry.balance, *numbered))


def request_hash(values: Sequence[object]) -> bytes:
    """The fingerprint of what a command asks, to tell a retry from another request under the same key."""
    return hashlib.sha256(f"[{verify.spell(map(str, values))}]".encode()).digest()
