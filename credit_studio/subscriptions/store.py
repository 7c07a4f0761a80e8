"""The SQL of plans that people hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.subscriptions.models import Allotment, PaidPlan, Subscription
from credit_studio.subscriptions.rules import Look, Paid

_S = columns(Subscription)
_A = columns(Allotment)
_P = columns(PaidPlan)


async def find(tx: Tx, person_id: UUID, *, lock: bool = False) -> RowMapping | None:
    """The person's row, or None; `lock` keeps others from changing it until the transaction ends."""
    query = select(_S).where(_S.person_id == person_id)
    return (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def put(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write the person's row, new or changed."""
    changed = {name: value for name, value in row.items() if name != "person_id"}
    await tx.execute(upsert(Subscription).values(row).on_conflict_do_update(index_elements=["person_id"], set_=changed))


async def due(tx: Tx, now: datetime, limit: int) -> Sequence[UUID]:
    """Whose period has ended and is renewed by the studio, the longest ago first."""
    query = select(_S.person_id).where(_S.source == "studio", _S.period_end <= now).order_by(_S.period_end).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def late(tx: Tx, *, ended: datetime, seen: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Whose paid period ended before `ended` and was last looked at before `seen`, with the subscription; the longest ago first."""
    is_held = (_P.stripe_id == _S.stripe_id) & (_P.seen_at < seen)
    query = select(_S.person_id, _P.stripe_id).join_from(Subscription, PaidPlan, is_held).where(_S.source == "stripe", _S.period_end < ended)
    found = (await tx.execute(query.order_by(_S.period_end).limit(limit))).mappings()
    return [(row["person_id"], row["stripe_id"]) for row in found]


async def add_allotment(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write what an invoice brought; False when it is known."""
    written = upsert(Allotment).values(row).on_conflict_do_nothing(index_elements=["invoice_id"]).returning(_A.invoice_id)
    return (await tx.execute(written)).scalar_one_or_none() is not None


async def paid(tx: Tx, person_id: UUID) -> dict[str, list[Paid]]:
    """All that was paid for the person's plans, by the subscription at Stripe."""
    query = select(_A.stripe_id, _A.plan_id, _A.period_start, _A.period_end, _A.since, _A.reason == "update", _A.credits).where(_A.person_id == person_id)
    found: dict[str, list[Paid]] = {}
    for stripe_id, *row in (await tx.execute(query)).all():
        found.setdefault(stripe_id, []).append(Paid(*row))
    return found


async def look(tx: Tx, row: Mapping[str, Any]) -> None:
    """Keep how a subscription at Stripe stands, unless a later look is known."""
    changed = {name: value for name, value in row.items() if name != "was_held"}
    written = upsert(PaidPlan).values(row)
    await tx.execute(written.on_conflict_do_update(index_elements=["stripe_id"], set_=changed, where=_P.seen_at <= row["seen_at"]))


async def looks(tx: Tx, person_id: UUID) -> list[Look]:
    """The person's subscriptions at Stripe, also those that have ended."""
    names = (_P.stripe_id, _P.status, _P.plan_id, _P.since, _P.anchor, _P.cancel_at, _P.ended_at, _P.was_held)
    return [Look(*row) for row in (await tx.execute(select(*names).where(_P.person_id == person_id))).all()]


async def mark_held(tx: Tx, stripe_id: str) -> None:
    """Say that the subscription is, or has been, the plan of its person here."""
    await tx.execute(update(PaidPlan).where(_P.stripe_id == stripe_id, _P.was_held.is_(False)).values(was_held=True))
