"""Runs counted by the instant at which they ended: for the parts of an hour, which roll-ups do not tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from credit_studio.db.session import Tx
from credit_studio.runs.past import store

_LASTED = (timedelta(minutes=15), timedelta(days=1), timedelta(days=36_500))
"""How long a run may have taken, from its click to its end: nearly all, all but for long outages, every one."""


@dataclass(frozen=True)
class Ended:
    """Runs of one tool that ended after the first `slot` of the bounds asked for: all of them, those without a result, and whole credits."""

    slot: int
    tool_id: str
    runs: int
    failed: int
    credits: int


async def ended_in(tx: Tx, *, person_id: UUID, hours: Sequence[datetime], bounds: Sequence[datetime], runs: int) -> list[Ended]:
    """The person's runs that ended in these hours (UTC), by tool and by how many of the rising `bounds` were reached; deleted runs are in it.

    `runs` is how many there are. Runs are found by when they began, so it is looked as far back as it takes to find them all.
    """
    found: list[Ended] = []
    for lasted in _LASTED:
        found = [Ended(**row) for row in await store.ended(tx, person_id=person_id, hours=hours, bounds=bounds, lasted=lasted)]
        if sum(one.runs for one in found) >= runs:
            break
    return found
