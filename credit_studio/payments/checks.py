"""The SQL of the reconciliation: orders that are unfinished, orders that are paid, and the checks that were made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.payments.models import MoneyCheck, Purchase
from credit_studio.payments.store import Row

_P, _M = columns(Purchase), columns(MoneyCheck)
_LOCK = 7_265_361_002
"""A number of our own among the advisory locks of the database."""


async def unfinished(tx: Tx, *, before: datetime, limit: int) -> Sequence[Row]:
    """Orders from before then that are neither paid nor ended, oldest first."""
    query = select(_P).where(_P.status.in_(("open", "processing")), _P.created_at < before).order_by(_P.created_at).limit(limit)
    return (await tx.execute(query)).mappings().all()


async def paid_after(tx: Tx, order_id: UUID | None, *, limit: int) -> Sequence[Row]:
    """Paid orders in the order of their ids, those after `order_id`."""
    query = select(_P).where(_P.status == "paid").order_by(_P.id).limit(limit)
    return (await tx.execute(query if order_id is None else query.where(_P.id > order_id))).mappings().all()


async def paid_since(tx: Tx, since: datetime) -> Sequence[Row]:
    """Orders that were paid with money since then."""
    return (await tx.execute(select(_P).where(_P.status == "paid", _P.paid_at >= since, _P.amount > 0))).mappings().all()


async def unpaid_of(tx: Tx, order_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that no paid order has."""
    paid = await tx.execute(select(_P.id).where(_P.id.in_(order_ids), _P.status == "paid"))
    return set(order_ids) - set(paid.scalars())


async def last_begun(tx: Tx) -> datetime | None:
    """When the newest check began; until this transaction ends, nobody else begins one."""
    await tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    return (await tx.execute(select(func.max(_M.at)))).scalar_one()


async def last_ended(tx: Tx) -> Row | None:
    """The newest check that was made to its end."""
    return (await tx.execute(select(_M).where(_M.ended_at.is_not(None)).order_by(_M.at.desc()).limit(1))).mappings().one_or_none()


async def begin(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write down that a check begins."""
    await tx.execute(insert(MoneyCheck), row)


async def end(tx: Tx, check_id: UUID, values: Mapping[str, Any]) -> Row:
    """Write down what a check found; its whole row."""
    return (await tx.execute(update(MoneyCheck).where(_M.id == check_id).values(values).returning(_M))).mappings().one()
