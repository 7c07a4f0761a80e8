"""How a stored entry is spelt in a proof. Pure."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any


def spelt(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A stored entry with its transfers (`moves`), as a proof spells it."""
    return {
        "number": row["number"],
        "id": str(row["id"]),
        "kind": row["kind"],
        "at": row["at"].astimezone(UTC).isoformat(),
        "amount": row["amount"],
        "balance": row["balance"],
        "scope": row["scope"],
        "key": row["idem_key"],
        "prevHash": row["prev_hash"].hex(),
        "hash": row["hash"].hex(),
        "transfers": row["moves"] or [],
    }
