"""The SQL of notifications."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.notifications.models import Alert, Delivery, RuleRow

Row = RowMapping
_A, _R, _D = columns(Alert), columns(RuleRow), columns(Delivery)


async def rule(tx: Tx, person_id: UUID, *, lock: bool = False) -> Row | None:
    """The person's rule, or None when they never changed it."""
    query = select(_R).where(_R.person_id == person_id)
    return (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def open_rule(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a rule when there is none."""
    await tx.execute(upsert(RuleRow).values(**row).on_conflict_do_nothing(index_elements=["person_id"]))


async def change_rule(tx: Tx, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Change some of a rule."""
    await tx.execute(update(RuleRow).where(_R.person_id == person_id).values(**values))


async def mark_low(tx: Tx, person_id: UUID, *, at: datetime | None) -> bool:
    """Note that the balance is low since, or (None) is not any more; False when that was noted before."""
    other = _R.low_since.is_(None) if at is not None else _R.low_since.is_not(None)
    marked = await tx.execute(update(RuleRow).where(_R.person_id == person_id, other).values(low_since=at).returning(_R.person_id))
    return marked.first() is not None


async def add_alert(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write an alert; False when there is one about the same thing."""
    statement = upsert(Alert).values(**row).on_conflict_do_nothing(index_elements=["person_id", "dedupe"]).returning(_A.id)
    return (await tx.execute(statement)).first() is not None


async def known(tx: Tx, person_id: UUID, keys: Sequence[str]) -> set[str]:
    """Which of these things the person has an alert about."""
    return set((await tx.execute(select(_A.dedupe).where(_A.person_id == person_id, _A.dedupe.in_(keys)))).scalars())


async def alerts(tx: Tx, person_id: UUID, *, kinds: Sequence[str], unread: bool, before: UUID | None, limit: int) -> Sequence[Row]:
    """A person's alerts, newest first; of all kinds when none are named."""
    query = select(_A).where(_A.person_id == person_id)
    if kinds:
        query = query.where(_A.kind.in_(kinds))
    if unread:
        query = query.where(_A.read_at.is_(None))
    if before is not None:
        query = query.where(_A.id < before)
    return (await tx.execute(query.order_by(_A.id.desc()).limit(limit))).mappings().all()


async def mark_read(tx: Tx, person_id: UUID, ids: Sequence[UUID] | None, *, at: datetime) -> int:
    """Mark a person's alerts as read, these or all of them; how many were not."""
    statement = update(Alert).where(_A.person_id == person_id, _A.read_at.is_(None)).values(read_at=at)
    if ids is not None:
        statement = statement.where(_A.id.in_(ids))
    return (await tx.execute(statement)).rowcount


async def unread(tx: Tx, person_id: UUID) -> int:
    """How many alerts the person has not read."""
    return (await tx.execute(select(func.count()).select_from(Alert).where(_A.person_id == person_id, _A.read_at.is_(None)))).scalar_one()


async def add_delivery(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a delivery."""
    await tx.execute(upsert(Delivery).values(**row))


async def take(tx: Tx, delivery_id: UUID, *, now: datetime, until: datetime) -> Row | None:
    """Take a delivery that is due, alone until an instant: with its alert, or None when it has ended or another process has it."""
    due = (_D.id == delivery_id, _D.status == "pending", _D.next_at <= now)
    taken = await tx.execute(update(Delivery).where(*due).values(attempts=_D.attempts + 1, next_at=until).returning(_D.id))
    if taken.first() is None:
        return None
    names = (_D.id, _D.channel, _D.attempts, _A.id.label("alert_id"), _A.person_id, _A.kind, _A.at, _A.data)
    query = select(*names).join(Alert, _A.id == _D.alert_id).where(_D.id == delivery_id)
    return (await tx.execute(query)).mappings().one()


async def end_delivery(tx: Tx, delivery_id: UUID, values: Mapping[str, Any]) -> None:
    """Write down what became of a try."""
    await tx.execute(update(Delivery).where(_D.id == delivery_id, _D.status == "pending").values(**values))


async def due(tx: Tx, *, now: datetime, limit: int) -> Sequence[UUID]:
    """Deliveries whose time has come, the oldest first."""
    query = select(_D.id).where(_D.status == "pending", _D.next_at <= now).order_by(_D.next_at).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def kept_mails(tx: Tx, person_id: UUID, *, limit: int) -> Sequence[Row]:
    """The newest mails of a person that were kept instead of sent."""
    query = select(_D.id, _D.ended_at, _D.message).join(Alert, _A.id == _D.alert_id).where(_A.person_id == person_id, _D.status == "kept")
    return (await tx.execute(query.order_by(_D.id.desc()).limit(limit))).mappings().all()
