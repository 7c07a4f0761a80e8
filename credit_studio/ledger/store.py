"""All SQL of the book: lock, read, write. Arrays (`= ANY`, `unnest` by executemany) so that any number of accounts is one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, RowMapping, bindparam, case, func, insert, select, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.elements import ColumnElement

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.ledger import terms
from credit_studio.ledger.models import Account, Cap, CapRule, Entry, Grant, Hold, HoldPart, Transfer

Row = RowMapping
Values = Mapping[str, Any]

ACCOUNT, ENTRY, TRANSFER = columns(Account), columns(Entry), columns(Transfer)
GRANT, HOLD, PART = columns(Grant), columns(Hold), columns(HoldPart)
CAP, RULE = columns(Cap), columns(CapRule)


def _any(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column == func.any(bindparam(name, type_=ARRAY(UuidType())))


async def open_account(tx: Tx, row: Values) -> None:
    """Make an account when the owner has none."""
    await tx.execute(upsert(Account).on_conflict_do_nothing(index_elements=["owner_kind", "owner_id"]), row)


_FIND = select(ACCOUNT.id).where(ACCOUNT.owner_kind == bindparam("kind"), ACCOUNT.owner_id == bindparam("owner"))


async def find_account_id(tx: Tx, *, owner_kind: str, owner_id: UUID) -> UUID | None:
    """The owner's account id, or None."""
    return (await tx.execute(_FIND, {"kind": owner_kind, "owner": owner_id})).scalar_one_or_none()


# The lock is a statement of its own: what is read after it is fresh (docs/decisions: the account lock).
_LOCK = select(ACCOUNT).where(_any(ACCOUNT.id, "ids")).order_by(ACCOUNT.id).with_for_update(key_share=True)


async def lock(tx: Tx, account_ids: Sequence[UUID]) -> list[Row]:
    """Lock the accounts in order (FOR NO KEY UPDATE) and return their rows."""
    return list((await tx.execute(_LOCK, {"ids": list(account_ids)})).mappings())


_OPEN_GRANTS = (
    select(GRANT).where(_any(GRANT.account_id, "ids"), GRANT.open, GRANT.remaining > 0).order_by(GRANT.account_id, GRANT.priority, GRANT.expires_at, GRANT.id)
)
_PINNED_GRANTS = select(GRANT).where(GRANT.id.in_(select(PART.grant_id).join(Hold, HOLD.id == PART.hold_id).where(_any(HOLD.run_id, "runs"))))
_HOLDS = select(HOLD).where(_any(HOLD.run_id, "runs"))
_PARTS = select(PART).join(Hold, HOLD.id == PART.hold_id).where(_any(HOLD.run_id, "runs")).order_by(PART.hold_id, PART.seq)


async def open_grants(tx: Tx, account_ids: Sequence[UUID]) -> list[Row]:
    """Grants with something free in them, in burn order."""
    return list((await tx.execute(_OPEN_GRANTS, {"ids": list(account_ids)})).mappings())


async def holds(tx: Tx, run_ids: Sequence[UUID]) -> tuple[list[Row], list[Row], list[Row]]:
    """The holds of these runs, their parts in burn order, and the grants that the parts pin."""
    values = {"runs": list(run_ids)}
    return (
        list((await tx.execute(_HOLDS, values)).mappings()),
        list((await tx.execute(_PARTS, values)).mappings()),
        list((await tx.execute(_PINNED_GRANTS, values)).mappings()),
    )


_CAPS = select(CAP).where(_any(CAP.account_id, "ids"), CAP.window_start <= bindparam("newest"), CAP.window_end > bindparam("oldest"))


async def caps(tx: Tx, account_ids: Sequence[UUID], *, oldest: datetime, newest: datetime) -> list[Row]:
    """The cap windows that hold any instant from `oldest` to `newest`."""
    return list((await tx.execute(_CAPS, {"ids": list(account_ids), "oldest": oldest, "newest": newest})).mappings())


_RULES = select(RULE).where(_any(RULE.account_id, "ids"))


async def cap_rules(tx: Tx, account_ids: Sequence[UUID]) -> list[Row]:
    """What the next windows of these accounts will allow."""
    return list((await tx.execute(_RULES, {"ids": list(account_ids)})).mappings())


_KNOWN = select(ENTRY.request_hash).where(ENTRY.scope == bindparam("scope"), ENTRY.idem_key == bindparam("key"))


async def known_request(tx: Tx, scope: str, key: str) -> bytes | None:
    """The fingerprint of what was asked under this key before, or None."""
    return (await tx.execute(_KNOWN, {"scope": scope, "key": key})).scalar_one_or_none()


_GRANTS = select(GRANT).where(_any(GRANT.id, "ids"))
_BY_REF = select(GRANT.id).where(GRANT.source == bindparam("source"), GRANT.source_ref == bindparam("ref"))


async def grants_by_id(tx: Tx, grant_ids: Sequence[UUID]) -> list[Row]:
    """These grants, open or closed."""
    return list((await tx.execute(_GRANTS, {"ids": list(grant_ids)})).mappings())


async def grant_by_reference(tx: Tx, source: str, reference: str) -> UUID | None:
    """The grant of that source and reference, or None."""
    return (await tx.execute(_BY_REF, {"source": source, "ref": reference})).scalar_one_or_none()


async def add_windows(tx: Tx, windows: Sequence[terms.Cap]) -> None:
    """Open cap windows."""
    await tx.execute(insert(Cap), [_cap_row(cap) for cap in windows])


def _cap_row(cap: terms.Cap) -> dict[str, Any]:
    key = {"account_id": cap.account_id, "subject": cap.subject, "label": cap.label, "window_start": cap.window_start}
    return key | {"window_end": cap.window_end, "lim": cap.limit, "used": cap.used}


async def set_rule(tx: Tx, **values: Any) -> None:  # noqa: ANN401 - the columns of cap_rule
    """Say what a cap allows from now on."""
    changed = {name: values[name] for name in ("lim", "period_start", "period_end")}
    await tx.execute(upsert(CapRule).values(values).on_conflict_do_update(index_elements=["account_id", "subject", "label"], set_=changed))


async def set_window_limit(tx: Tx, *, account_id: UUID, subject: str, label: str, limit: int, at: datetime) -> None:
    """Let a changed cap count in the window that is open, too."""
    same = (CAP.account_id == account_id, CAP.subject == subject, CAP.label == label, CAP.window_start <= at, CAP.window_end > at)
    await tx.execute(update(Cap).where(*same).values(lim=limit))


async def end_window(tx: Tx, *, account_id: UUID, subject: str, label: str, at: datetime) -> None:
    """Close an open window now: a new period begins."""
    same = (CAP.account_id == account_id, CAP.subject == subject, CAP.label == label, CAP.window_start < at, CAP.window_end > at)
    await tx.execute(update(Cap).where(*same).values(window_end=at))


# --- writing what was decided ------------------------------------------------------------------------------------------------

_SET_ACCOUNT = (
    update(Account)
    .where(ACCOUNT.id == bindparam("b_id"))
    .values(posted=bindparam("b_posted"), held=bindparam("b_held"), debt=bindparam("b_debt"), version=bindparam("b_version"), chain_head=bindparam("b_head"))
)
_SET_GRANT = (
    update(Grant)
    .where(GRANT.id == bindparam("b_id"))
    .values(
        remaining=bindparam("b_remaining"),
        clawed=bindparam("b_clawed"),
        expires_at=bindparam("b_expires"),
        held=bindparam("b_held", type_=BigInteger),
        open=bindparam("b_remaining") + bindparam("b_held", type_=BigInteger) > 0,
    )
)
_SET_CAP = (
    update(Cap)
    .where(
        CAP.account_id == bindparam("b_account"),
        CAP.subject == bindparam("b_subject"),
        CAP.label == bindparam("b_label"),
        CAP.window_start == bindparam("b_start"),
    )
    .values(used=bindparam("b_used"))
)
_SET_HOLD = (
    update(Hold).where(HOLD.id == bindparam("b_id")).values(captured=bindparam("b_captured"), refunded=bindparam("b_refunded"), state=bindparam("b_state"))
)


async def add_entries(tx: Tx, entries: Sequence[Values], transfers: Sequence[Values]) -> None:
    """Append entries and their transfers."""
    await tx.execute(insert(Entry), entries)
    if transfers:
        await tx.execute(insert(Transfer), transfers)


async def add_grants(tx: Tx, grants: Sequence[terms.Grant]) -> None:
    """Insert new grants."""
    names = ("id", "account_id", "source", "source_ref", "label", "priority", "expires_at", "created_at", "amount", "remaining", "held", "clawed")
    await tx.execute(insert(Grant), [{name: getattr(grant, name) for name in names} | {"open": grant.remaining + grant.held > 0} for grant in grants])


async def add_holds(tx: Tx, new: Sequence[terms.Hold]) -> None:
    """Insert new holds and their parts."""
    names = ("id", "account_id", "run_id", "amount", "captured", "state", "created_at", "expires_at")
    await tx.execute(insert(Hold), [{name: getattr(hold, name) for name in names} for hold in new])
    parts = [{"hold_id": hold.id, "grant_id": part.grant_id, "seq": seq, "amount": part.amount} for hold in new for seq, part in enumerate(hold.parts)]
    await tx.execute(insert(HoldPart), parts)


async def set_accounts(tx: Tx, rows: Sequence[tuple[terms.Account, bytes]]) -> None:
    """Write the balances, versions and chain heads."""
    values = [{"b_id": one.id, "b_posted": one.posted, "b_held": one.held, "b_debt": one.debt, "b_version": one.version, "b_head": head} for one, head in rows]
    await tx.execute(_SET_ACCOUNT, values)


async def set_grants(tx: Tx, grants: Sequence[terms.Grant]) -> None:
    """Write what is left in grants; an emptied one closes."""
    await tx.execute(
        _SET_GRANT,
        [{"b_id": grant.id, "b_remaining": grant.remaining, "b_held": grant.held, "b_clawed": grant.clawed, "b_expires": grant.expires_at} for grant in grants],
    )


async def set_holds(tx: Tx, ended: Sequence[terms.Hold]) -> None:
    """Write how holds ended."""
    await tx.execute(_SET_HOLD, [{"b_id": hold.id, "b_captured": hold.captured, "b_refunded": hold.refunded, "b_state": hold.state} for hold in ended])


async def set_caps(tx: Tx, windows: Sequence[terms.Cap]) -> None:
    """Write what is used of cap windows."""
    await tx.execute(
        _SET_CAP,
        [{"b_account": cap.account_id, "b_subject": cap.subject, "b_label": cap.label, "b_start": cap.window_start, "b_used": cap.used} for cap in windows],
    )


# --- reading for views -------------------------------------------------------------------------------------------------------

_ACCOUNT_OF = select(ACCOUNT).where(ACCOUNT.owner_kind == bindparam("kind"), ACCOUNT.owner_id == bindparam("owner"))
_HELD_GRANTS = select(GRANT).where(_any(GRANT.account_id, "ids"), GRANT.open).order_by(GRANT.priority, GRANT.expires_at, GRANT.id)


async def account_of(tx: Tx, *, owner_kind: str, owner_id: UUID) -> Row | None:
    """The owner's account row, or None."""
    return (await tx.execute(_ACCOUNT_OF, {"kind": owner_kind, "owner": owner_id})).mappings().one_or_none()


async def grants_of(tx: Tx, account_id: UUID) -> list[Row]:
    """Grants with anything free or held in them, in burn order."""
    return list((await tx.execute(_HELD_GRANTS, {"ids": [account_id]})).mappings())


async def entries_of(
    tx: Tx, account_id: UUID, *, names: Sequence[str], since: datetime | None, until: datetime | None, below: int | None, limit: int
) -> list[Row]:
    """Entries of some names (an entry's kind, or a grant's source), newest first."""
    name = case((ENTRY.kind == "grant", ENTRY.result["source"].astext), else_=ENTRY.kind)
    query = select(ENTRY).where(ENTRY.account_id == account_id, name.in_(names))
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
        .where(TRANSFER.entry_id == entry_id, TRANSFER.credit_id == terms.CONSUMED)
        .order_by(TRANSFER.seq)
    )
    return list((await tx.execute(query)).mappings())


async def lapsed_grants(tx: Tx, at: datetime, limit: int) -> list[Row]:
    """Grants whose end has passed and that still have something free in them."""
    query = select(GRANT.id, GRANT.account_id).where(GRANT.open, GRANT.remaining > 0, GRANT.expires_at <= at, GRANT.expires_at < FAR_FUTURE)
    return list((await tx.execute(query.order_by(GRANT.expires_at).limit(limit))).mappings())


async def overdue_holds(tx: Tx, at: datetime, limit: int) -> list[Row]:
    """Open holds whose time has passed."""
    query = select(HOLD.run_id, HOLD.account_id).where(HOLD.state == "open", HOLD.expires_at <= at)
    return list((await tx.execute(query.order_by(HOLD.expires_at).limit(limit))).mappings())
