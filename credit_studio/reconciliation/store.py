"""The SQL of checks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, func, insert, select

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.reconciliation.models import BookCheck

_CHECK = columns(BookCheck)
_LOCK = 7_265_361_001
"""A number of our own among the advisory locks of the database."""


async def is_mine(tx: Tx) -> bool:
    """True when nobody else checks now; nobody will until this transaction ends."""
    return (await tx.execute(select(func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one()


async def last(tx: Tx) -> RowMapping | None:
    """The newest check, or None."""
    return (await tx.execute(select(_CHECK.at, _CHECK.holds, _CHECK.detail).order_by(_CHECK.at.desc()).limit(1))).mappings().one_or_none()


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a check down."""
    await tx.execute(insert(BookCheck), row)
