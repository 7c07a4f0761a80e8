"""What of a grant was not spent: still there, held by runs, taken back, or lapsed. Who takes credits back asks, so that nobody owes what they never used."""

from collections.abc import Sequence
from dataclasses import dataclass

from credit_studio.db.session import Tx
from credit_studio.history import store


@dataclass(frozen=True)
class Rest:
    """Whole credits of a grant that nobody has spent: `left` in it now, `taken` out of it by claims (what became debt is not among them), `lapsed`.

    `held` are pinned by runs under way: what of them is spent shows when those are settled.
    """

    left: int = 0
    held: int = 0
    taken: int = 0
    lapsed: int = 0


async def rest_of(tx: Tx, *, source: str, reference: str, claims: Sequence[str]) -> Rest:
    """What was never spent of the grant that source and reference name, and of what came back of it; `claims` are the ids that took from it."""
    row = await store.rest_of(tx, source=source, reference=reference, claims=claims)
    return Rest() if row is None else Rest(row["left_"], row["held"], row["taken"], row["lapsed"])
