"""The SQL of usage."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from credit_studio.analytics.models import UsageHour
from credit_studio.analytics.views import Counted
from credit_studio.db.session import Tx
from credit_studio.db.tables import columns

_H = columns(UsageHour)


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Count a row into its hour."""
    new = insert(UsageHour).values(row)
    summed = {name: _H[name] + new.excluded[name] for name in ("runs", "failed", "credits")}
    await tx.execute(new.on_conflict_do_update(index_elements=["person_id", "hour", "tool_id"], set_=summed))


async def successes(tx: Tx, *, since: datetime) -> dict[str, int]:
    """Tool id to everybody's runs with a result since an instant."""
    query = select(_H.tool_id, func.sum(_H.runs - _H.failed).label("runs")).where(_H.hour >= since).group_by(_H.tool_id)
    return {row["tool_id"]: int(row["runs"]) for row in (await tx.execute(query)).mappings()}


async def hours(tx: Tx, person_id: UUID, *, after: datetime) -> list[tuple[datetime, int]]:
    """The hours (UTC) after an instant in which the person ran anything, with the credits of each."""
    query = select(_H.hour, func.sum(_H.credits).label("used")).where(_H.person_id == person_id, _H.hour > after).group_by(_H.hour)
    return [(row["hour"], int(row["used"])) for row in (await tx.execute(query)).mappings()]


_BETWEEN = text(
    """
    SELECT CASE WHEN hour = ANY(CAST(:edges AS timestamptz[])) THEN -1 ELSE width_bucket(hour, CAST(:bounds AS timestamptz[])) END AS slot,
      tool_id, CAST(sum(runs) AS bigint) AS runs, CAST(sum(failed) AS bigint) AS failed, CAST(sum(credits) AS bigint) AS credits
    FROM usage_hour WHERE person_id = :person_id AND hour >= :since AND hour < :until GROUP BY slot, tool_id
    """
)


async def between(tx: Tx, person_id: UUID, *, bounds: Sequence[datetime], edges: Sequence[datetime]) -> list[Counted]:
    """The person's use from the hour of the first bound to the last one, by tool and by how many bounds were reached: slot 1 lies behind the first.

    Hours that are `edges` are told in slot -1: a bound lies within them.
    """
    asked = {"person_id": person_id, "bounds": list(bounds), "edges": list(edges), "since": min([bounds[0], *edges]), "until": bounds[-1]}
    return [Counted(*row) for row in await tx.execute(_BETWEEN, asked)]
