"""The SQL of past runs. Statuses are constants in it: the planner must see that `ix_run_measured` has all of them."""

from collections.abc import Sequence
from datetime import datetime

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
