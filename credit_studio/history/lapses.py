"""What of a grant was never spent: still there, taken back, or lapsed. Whoever takes credits back asks, so that nobody owes what they never used."""

from collections.abc import Sequence
from dataclasses import dataclass

from credit_studio.db.session import Tx
from credit_studio.history import store


@dataclass(frozen=True)
class Rest:
    """Whole credits of a grant that nobody has spent: `left` in it now, `taken` out of it by claims (what became debt is not among them), `lapsed`."""

    left: int = 0
    taken: int = 0
    lapsed: int = 0


async def rest_of(tx: Tx, *, source: str, reference: str, claims: Sequence[str]) -> Rest:
    """What was never spent of the grant that source and reference name, and of what came back of it; `claims` are the ids that took from it."""
    row = await store.rest_of(tx, source=source, reference=reference, claims=claims)
    return Rest() if row is None else Rest(row["left_"], row["taken"], row["lapsed"])
