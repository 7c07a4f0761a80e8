"""Counting usage in the transaction that settles it."""

from datetime import datetime
from uuid import UUID

from credit_studio.analytics import store
from credit_studio.db.session import Tx


async def count_run(tx: Tx, *, person_id: UUID, tool_id: str, at: datetime, charged: int, succeeded: bool) -> None:
    """Add one ended run to its hour (UTC); `charged` in whole credits."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    await store.add(tx, {"person_id": person_id, "hour": hour, "tool_id": tool_id, "runs": 1, "failed": int(not succeeded), "credits": charged})
