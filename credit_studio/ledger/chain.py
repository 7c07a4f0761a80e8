"""The hash chain of an account: every entry carries the fingerprint of the one before, so none can be changed unseen.

hash = SHA-256(prev_hash || canonical JSON of the entry and its transfers). Nothing personal is hashed: ids, numbers and instants only.
"""

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from credit_studio.ledger.terms import Entry, Move

GENESIS = bytes(32)
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
        "transfers": [_move(move) for move in entry.moves],
    }
    return hashlib.sha256(prev_hash + _canonical(content)).digest()


def request_hash(values: Sequence[object]) -> bytes:
    """The fingerprint of what a command asks, to tell a retry from another request under the same key."""
    return hashlib.sha256(_canonical([str(value) for value in values])).digest()


def _move(move: Move) -> list[str | int]:
    return [str(move.debit_id), str(move.credit_id), str(move.grant_id), str(move.hold_id), move.amount]


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
