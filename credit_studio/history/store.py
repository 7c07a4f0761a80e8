"""The SQL that reads the ledger's tables back. It writes nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, RowMapping, bindparam, case, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.ledger.models import Account, Entry, Grant, Hold, HoldPart, Transfer
from credit_studio.ledger.terms import CONSUMED
from credit_studio.ledger.views import PERSON

Row = RowMapping

ACCOUNT, ENTRY, TRANSFER = columns(Account), columns(Entry), columns(Transfer)
GRANT, HOLD, PART = columns(Grant), columns(Hold), columns(HoldPart)
NAME = case((ENTRY.kind == "grant", ENTRY.result["source"].astext), else_=ENTRY.kind)
"""What the history knows an entry by: its kind, or the source of the grant that came in."""


async def account_of(tx: Tx, owner_id: UUID) -> Row | None:
    """A person's account row, or None."""
    return (await tx.execute(select(ACCOUNT).where(ACCOUNT.owner_kind == PERSON, ACCOUNT.owner_id == owner_id))).mappings().one_or_none()


async def entries_of(
    tx: Tx, account_id: UUID, *, names: Sequence[str], since: datetime | None, until: datetime | None, below: int | None, limit: int
) -> list[Row]:
    """Entries of some names (an entry's kind, or a grant's source), newest first."""
    query = select(ENTRY).where(ENTRY.account_id == account_id, NAME.in_(names))
    if since is not None:
        query = query.where(ENTRY.at >= since)
    if until is not None:
        query = query.where(ENTRY.at < until)
    if below is not None:
        query = query.where(ENTRY.number < below)
    return list((await tx.execute(query.order_by(ENTRY.number.desc()).limit(limit))).mappings())


async def entry_of_run(tx: Tx, run_id: UUID, kinds: Sequence[str]) -> Row | None:
    """The last entry of some kinds that a run made, or None."""
    query = select(ENTRY).where(ENTRY.run_id == run_id, ENTRY.kind.in_(kinds)).order_by(ENTRY.number.desc()).limit(1)
    return (await tx.execute(query)).mappings().one_or_none()


async def payments_of(tx: Tx, entry_id: UUID) -> list[Row]:
    """What each grant paid in an entry, in order."""
    query = (
        select(GRANT.id, GRANT.source, GRANT.label, GRANT.expires_at, GRANT.remaining, TRANSFER.amount)
        .join(Transfer, TRANSFER.grant_id == GRANT.id)
        .where(TRANSFER.entry_id == entry_id, TRANSFER.credit_id == CONSUMED)
        .order_by(TRANSFER.seq)
    )
    return list((await tx.execute(query)).mappings())


_SIDES = {"debitId": TRANSFER.debit_id, "creditId": TRANSFER.credit_id, "grantId": TRANSFER.grant_id, "holdId": TRANSFER.hold_id, "amount": TRANSFER.amount}
_MOVE = func.json_build_object(*(part for side in _SIDES.items() for part in side))
_MOVES = select(func.json_agg(aggregate_order_by(_MOVE, TRANSFER.seq), type_=JSON)).where(TRANSFER.entry_id == ENTRY.id).scalar_subquery()
CHAIN = select(ENTRY, _MOVES.label("moves"))
"""Entries, each with its transfers in order as a proof spells them (None without any)."""


async def chain_of(tx: Tx, account_id: UUID, *, after: int, until: int, limit: int) -> list[Row]:
    """The account's entries with numbers above `after` and up to `until`, in order. They never change, so parts may be read apart."""
    query = CHAIN.where(ENTRY.account_id == account_id, ENTRY.number > after, ENTRY.number <= until).order_by(ENTRY.number).limit(limit)
    return list((await tx.execute(query)).mappings())


def _number(name: str) -> ColumnElement[int]:
    """A number that an entry tells of itself, 0 where it does not."""
    return func.coalesce(cast(ENTRY.result[name].astext, BigInteger), 0)


_OWED = _number("owed") - _number("repaid") - _number("forgiven")
_MINE = ENTRY.account_id == bindparam("account")
_PAST = (_MINE, ENTRY.at <= bindparam("at"))
_TOTALS = select(func.count().label("version"), cast(func.coalesce(func.sum(_OWED), 0), BigInteger).label("debt")).where(*_PAST)
_IN_GRANT = cast(func.sum(case((TRANSFER.credit_id == ENTRY.account_id, TRANSFER.amount), else_=-TRANSFER.amount)), BigInteger)
_LEFT = select(TRANSFER.grant_id, _IN_GRANT.label("amount")).join(Entry, ENTRY.id == TRANSFER.entry_id).where(*_PAST).group_by(TRANSFER.grant_id).subquery()
_ENDED = select(ENTRY.run_id).where(*_PAST, ENTRY.kind.in_(("capture", "release")))
_BEGUN = select(ENTRY.run_id).where(*_PAST, ENTRY.kind == "hold").except_(_ENDED)
_PINNED = (
    select(PART.grant_id, cast(func.sum(PART.amount), BigInteger).label("amount"))
    .join(Hold, HOLD.id == PART.hold_id)
    .where(HOLD.run_id.in_(_BEGUN))
    .group_by(PART.grant_id)
    .subquery()
)
_HELD = func.coalesce(_PINNED.c.amount, 0)
_GRANTS_THEN = (
    select(GRANT.id, GRANT.source, GRANT.amount, GRANT.priority, GRANT.expires_at, _HELD.label("held"), (_LEFT.c.amount - _HELD).label("remaining"))
    .join(_LEFT, _LEFT.c.grant_id == GRANT.id)
    .outerjoin(_PINNED, _PINNED.c.grant_id == GRANT.id)
    .where(_LEFT.c.amount > 0)
    .order_by(GRANT.priority, GRANT.expires_at, GRANT.id)
)


async def account_then(tx: Tx, account_id: UUID, at: datetime) -> tuple[Row, list[Row]]:
    """`version` and `debt` of an account at an instant, and what was in its grants then, in burn order; a grant's end is the one it has now."""
    values = {"account": account_id, "at": at}
    totals = (await tx.execute(_TOTALS, values)).mappings().one()
    return totals, list((await tx.execute(_GRANTS_THEN, values)).mappings())


_CHANGE = func.sum(ENTRY.amount - _OWED)
_SUMS = (
    select(
        NAME.label("name"),
        cast(func.coalesce(_CHANGE.filter(ENTRY.at < bindparam("start")), 0), BigInteger).label("before"),
        cast(func.coalesce(_CHANGE.filter(ENTRY.at >= bindparam("start")), 0), BigInteger).label("within"),
    )
    .where(_MINE, ENTRY.at < bindparam("end"))
    .group_by(NAME)
)


async def sums(tx: Tx, account_id: UUID, start: datetime, end: datetime) -> list[Row]:
    """By name (an entry's kind, or a grant's source): what entries changed in posted less debt, `before` start and `within` [start, end)."""
    return list((await tx.execute(_SUMS, {"account": account_id, "start": start, "end": end})).mappings())
