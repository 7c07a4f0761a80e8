"""The SQL of usage."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from credit_studio.analytics.models import UsageHour
from credit_studio.db.session import Tx
from credit_studio.db.tables import columns

_H = columns(UsageHour)


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Count a row into its hour."""
    new = insert(UsageHour).values(row)
    summed = {name: _H[name] + new.excluded[name] for name in ("runs", "failed", "credits")}
    await tx.execute(new.on_conflict_do_update(index_elements=["person_id", "hour", "tool_id"], set_=summed))
