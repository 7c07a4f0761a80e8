"""The SQL of past runs. Statuses are constants in it: the planner must see that `ix_run_measured` has all of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text

from credit_studio.db.session import Tx

Row = RowMapping

_NEWEST = text(
    """
    SELECT units, cpu_ms, mem_mb, duration_ms, speed, uncapped BETWEEN quoted_min AND quoted_max AS within FROM run
    WHERE tool_id = :tool_id AND status = 'succeeded' AND tool_version = :version AND units IS NOT NULL AND speed > 0
    ORDER BY ended_at DESC LIMIT :limit
    """
)


async def newest(tx: Tx, *, tool_id: str, version: str, limit: int) -> Sequence[Row]:
    """What the newest runs of this version of a tool took that succeeded, and whether their price without the ceiling lay `within` the quoted range."""
    return (await tx.execute(_NEWEST, {"tool_id": tool_id, "version": version, "limit": limit})).mappings().all()


_ERRORS = text(
    """
    SELECT tool_id, abs(uncapped - quoted_typical) AS error,
      uncapped BETWEEN quoted_min AND quoted_max AS within,
      5 * abs(uncapped - quoted_typical) <= greatest(5, uncapped) AS close,
      count(*) AS runs
    FROM run
    WHERE tool_id = ANY(:tool_ids) AND ended_at >= :since AND status = 'succeeded' AND uncapped IS NOT NULL
    GROUP BY 1, 2, 3, 4
    """
)


async def errors(tx: Tx, *, tool_ids: Sequence[str], since: datetime) -> Sequence[Row]:
    """Runs that succeeded since an instant, by tool and by how many credits the typical value was off.

    `within`: the price without the ceiling was in the quoted range; `close`: off by at most 1 credit, or a fifth of the price.
    """
    return (await tx.execute(_ERRORS, {"tool_ids": list(tool_ids), "since": since})).mappings().all()


_STOPPED = text(
    """
    SELECT tool_id, count(*) AS runs FROM run
    WHERE tool_id = ANY(:tool_ids) AND ended_at >= :since AND status IN ('timed_out', 'limit') GROUP BY 1
    """
)


async def stopped(tx: Tx, *, tool_ids: Sequence[str], since: datetime) -> Sequence[Row]:
    """Runs that a limit of their quote stopped since an instant, by tool; they were not charged."""
    return (await tx.execute(_STOPPED, {"tool_ids": list(tool_ids), "since": since})).mappings().all()


_HELD = text(
    """
    SELECT id, tool_id, quoted_max, charged, created_at, ended_at FROM run
    WHERE person_id = :person_id AND created_at >= :since ORDER BY created_at DESC, id DESC LIMIT :limit
    """
)


async def held(tx: Tx, *, person_id: UUID, since: datetime, limit: int) -> Sequence[Row]:
    """What each run of a person since an instant held and was charged, newest first."""
    return (await tx.execute(_HELD, {"person_id": person_id, "since": since, "limit": limit})).mappings().all()


_ENDED = text(
    """
    SELECT width_bucket(r.ended_at, CAST(:bounds AS timestamptz[])) AS slot, r.tool_id, count(*) AS runs,
      count(*) FILTER (WHERE r.status <> 'succeeded') AS failed, CAST(sum(r.charged) AS bigint) AS credits
    FROM unnest(CAST(:hours AS timestamptz[])) AS e(hour)
    JOIN run r ON r.person_id = :person_id AND r.created_at >= e.hour - CAST(:lasted AS interval) AND r.created_at < e.hour + interval '1 hour'
      AND r.ended_at >= e.hour AND r.ended_at < e.hour + interval '1 hour'
    GROUP BY slot, r.tool_id
    """
)


async def ended(tx: Tx, *, person_id: UUID, hours: Sequence[datetime], bounds: Sequence[datetime], lasted: timedelta) -> Sequence[Row]:
    """The person's runs that ended within certain hours, by tool and by how many rising `bounds` they reached; those that lasted longer are missed."""
    asked = {"person_id": person_id, "hours": list(hours), "bounds": list(bounds), "lasted": lasted}
    return (await tx.execute(_ENDED, asked)).mappings().all()
