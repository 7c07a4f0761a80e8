"""The SQL of plans that people hold."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.subscriptions.models import Subscription

_S = columns(Subscription)


async def find(tx: Tx, person_id: UUID) -> RowMapping | None:
    """The person's row, or None."""
    return (await tx.execute(select(_S).where(_S.person_id == person_id))).mappings().one_or_none()


async def put(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write the person's row, new or changed."""
    changed = {name: value for name, value in row.items() if name != "person_id"}
    await tx.execute(upsert(Subscription).values(row).on_conflict_do_update(index_elements=["person_id"], set_=changed))
