"""Runs that have ended, written as rows: what a history is made of."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from credit_studio.core import clock, ids
from credit_studio.db.session import transaction
from credit_studio.runs.models import Run
from credit_studio.tools import registry

STRANGER = UUID(int=1)


def past_run(tool_id: str, *, ago: timedelta = timedelta(minutes=1), **more: Any) -> dict[str, Any]:
    """The row of a run that succeeded: quoted 3 to 8, typically 4, charged 4, unless said otherwise."""
    at: datetime = clock.now() - ago
    row: dict[str, Any] = {"id": ids.new_id(), "person_id": STRANGER, "tool_id": tool_id, "tool_version": registry.get_tool(tool_id).version}
    row |= {"status": "succeeded", "inputs_hash": b"", "described": "", "units": 1_000, "speed": 1.0, "cpu_ms": 900, "mem_mb": 9, "duration_ms": 950}
    row |= {"quoted_min": 3, "quoted_typical": 4, "quoted_max": 8, "charged": 4, "uncapped": 4, "balance_before": 300, "balance_after": 296}
    row |= {"limit_cpu_ms": 5_000, "limit_mem_mb": 100, "limit_wall_ms": 10_000, "created_at": at, "started_at": at, "ended_at": at}
    return row | more


async def add_past(*rows: dict[str, Any]) -> None:
    """Put them into the database."""
    async with transaction() as tx:
        await tx.execute(insert(Run), list(rows))
