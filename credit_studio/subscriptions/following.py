"""A paid plan follows what Stripe says: what was paid for is allotted once, and the plan is what was paid for last.

Whatever order Stripe's events come in, and however often: the plan is worked out anew from all that was paid and from the newest look at the
subscription. Both are written in the caller's transaction.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.errors import InvariantBroken
from credit_studio.db.session import Tx
from credit_studio.identity import service as identity
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PLAN_SOURCE
from credit_studio.payments.events import PlanPaid, PlanStateChanged
from credit_studio.subscriptions import rules, service, store
from credit_studio.subscriptions.rules import Look, Paid

_KEPT = ("invoice_id", "order_id", "person_id", "reason", "plan_id", "period_start", "period_end", "since", "credits")
_LOOK = ("person_id", "status", "plan_id", "since", "anchor", "cancel_at", "ended_at", "seen_at")


async def allot(tx: Tx, event: PlanPaid) -> bool:
    """Give what a paid invoice brings, once for each invoice; False when it was given. It ends with the period that was paid for.

    Raises `NotFound` for an unknown plan.
    """
    plan = service.get_plan(event.plan_id)
    await _locked(tx, event.person_id)
    row = {
        name: getattr(event, name) for name in ("invoice_id", "order_id", "person_id", "reason", "plan_id", "period_start", "period_end", "since", "credits")
    }
    is_new = await store.add_allotment(tx, row | {"stripe_id": event.stripe_subscription_id, "created_at": clock.now()})
    if is_new and event.credits:
        label = f"{plan.name}, {event.period_start:%B %Y}" + (", more from a change" if event.reason == "update" else "")
        named = {"source": PLAN_SOURCE, "source_ref": f"order:{event.order_id}", "label": label, "expires_at": event.period_end}
        await ledger.grant(tx, owner_id=event.person_id, amount=event.credits, **named)
    return is_new


async def follow(tx: Tx, event: PlanStateChanged) -> bool:
    """Let the person's plan be what the subscription says; False when that is what it was. An older look than the last one tells nothing new."""
    row = await _locked(tx, event.person_id)
    known = {name: getattr(event, name) for name in _LOOK}
    await store.look(tx, known | {"stripe_id": event.stripe_subscription_id, "was_held": False})
    await _settle(tx, row)
    return _told(await store.find(tx, event.person_id)) != _told(row)


async def _settle(tx: Tx, row: RowMapping) -> None:
    """Work the person's plan out from all that was paid and from how the subscriptions stand."""
    looks, paid = await store.looks(tx, row["person_id"]), await store.paid(tx, row["person_id"])
    leads = rules.leading(looks, paid)
    if leads is not None:
        await _carry(tx, row["person_id"], leads, paid[leads.stripe_id])
    elif (gone := rules.ended(looks, paid, held=row["stripe_id"], since=row["period_start"])) is not None:
        await _end(tx, row["person_id"], gone)


async def _carry(tx: Tx, person_id: UUID, look: Look, paid: Sequence[Paid]) -> None:
    """The plan is what was paid for last. One that Stripe charges less for follows it at the end of its period."""
    held = rules.newest(paid, _price_of)
    plan, following = service.get_plan(held.plan_id), catalog().find_plan(look.plan_id)
    is_smaller = following is not None and following.price < plan.price and look.cancel_at is None
    names = {"person_id": person_id, "plan_id": plan.id, "source": "stripe", "stripe_id": look.stripe_id}
    period = {"period_start": held.start, "period_end": held.end, "anchor_day": look.anchor.day}
    ends = {"cancel_at": look.cancel_at, "next_plan_id": look.plan_id if is_smaller else None}
    await store.put(tx, names | period | ends | {"status": "past_due" if look.status == "past_due" else "active"})
    await store.mark_held(tx, look.stripe_id)
    month, zone = rules.month_limit(paid, (held.start, held.end)), await _zone(tx, person_id)
    await service.set_caps(tx, person_id=person_id, plan=plan, zone=zone, month=month, period=(held.start, held.end))


async def _end(tx: Tx, person_id: UUID, look: Look) -> None:
    """Stripe has ended it: the first plan follows from that instant on. What was bought, and what was paid for the rest of the period, stays."""
    plan, zone = catalog().first_plan, await _zone(tx, person_id)
    await service.start_plan(tx, person_id=person_id, plan=plan, zone=zone, since=look.ended_at)
    await store.mark_held(tx, look.stripe_id)


async def _locked(tx: Tx, person_id: UUID) -> RowMapping:
    row = await store.find(tx, person_id, lock=True)
    if row is None:
        raise InvariantBroken("a subscription at Stripe of a person without a plan")
    return row


def _told(row: RowMapping | None) -> list[object]:
    """What a person would call a change: not that it was looked at."""
    return [] if row is None else [row[name] for name in ("plan_id", "source", "status", "period_end", "cancel_at", "next_plan_id")]


async def _zone(tx: Tx, person_id: UUID) -> str:
    person = await identity.find_person(tx, person_id=person_id)
    if person is None:
        raise InvariantBroken("a plan of nobody")
    return person.time_zone


def _price_of(plan_id: str) -> int:
    plan = catalog().find_plan(plan_id)
    return 0 if plan is None else plan.price
