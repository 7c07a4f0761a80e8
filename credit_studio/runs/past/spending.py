"""What a person's runs held and were charged, in the order in which they began."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from credit_studio.db.session import Tx
from credit_studio.runs.past import store


@dataclass(frozen=True)
class Spent:
    """A run: what it held from `at` on and, from `ended_at` on (None while it goes on), was charged, in credits."""

    run_id: UUID
    tool_id: str
    at: datetime
    ended_at: datetime | None
    held: int
    charged: int


async def since(tx: Tx, *, person_id: UUID, start: datetime, most: int) -> tuple[Spent, ...]:
    """The person's runs from `start` on, oldest first; the newest `most` of them."""
    rows = await store.held(tx, person_id=person_id, since=start, limit=most)
    return tuple(Spent(row["id"], row["tool_id"], row["created_at"], row["ended_at"], row["quoted_max"], row["charged"]) for row in reversed(rows))
