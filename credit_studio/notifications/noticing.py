"""What of an event is worth an alert, in the transaction in which it happens. `wiring.py` calls these; each is harmless to call again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.money import Money
from credit_studio.db.session import Tx
from credit_studio.history import standing
from credit_studio.history.standing import Ending, Standing, Window
from credit_studio.identity import service as identity
from credit_studio.notifications import rules, service
from credit_studio.payments import cards, recharge_rules
from credit_studio.payments.events import (
    CardChanged,
    DisputeChanged,
    PlanPaid,
    PlanStateChanged,
    PurchaseFailed,
    PurchasePaid,
    PurchaseRefunded,
    RechargeChanged,
)

_OWN_DOING = frozenset({"checkout_expired", "payment_canceled", "not_made"})
"""Ends of a purchase that its buyer chose, or never saw begin."""

_BLOCKS = {"cap_daily": "day", "cap_monthly": "month"}


async def consider_charge(tx: Tx, *, person_id: UUID) -> None:
    """Credits were spent: tell of the highest threshold of each cap that this has reached, and of a balance that is low now; each once."""
    now = clock.now()
    stands = await standing.standing_of(tx, person_id, now=now)
    if stands is not None:
        await _consider_caps(tx, person_id, stands.windows)
        await _consider_balance(tx, person_id, stands, now)


async def consider_block(tx: Tx, *, person_id: UUID, code: str) -> None:
    """A run was refused by a cap: that cap is as good as reached, although less than all of it is spent."""
    label = _BLOCKS.get(code)
    if label is None or rules.REACHED not in (await service.rule_of(tx, person_id)).thresholds:
        return
    stands = await standing.standing_of(tx, person_id, now=clock.now())
    windows = [one for one in stands.windows if one.label == label] if stands is not None else []
    if windows:
        await _tell_cap(tx, person_id, min(windows, key=lambda one: one.limit - one.spent), rules.REACHED)


async def credits_arrived(tx: Tx, *, person_id: UUID) -> None:
    """Credits came in: a balance that is low again later is told of again."""
    now = clock.now()
    stands = await standing.standing_of(tx, person_id, now=now)
    if stands is not None:
        await _consider_balance(tx, person_id, stands, now)


async def expires_soon(tx: Tx, one: Ending) -> bool:
    """Tell of credits that end soon, once for each grant; False when it was told before."""
    data = {"credits": one.credits, "ends_at": one.ends_at.isoformat(), "source": one.source, "zone": await _zone(tx, one.owner_id)}
    return await service.tell(tx, one.owner_id, "expiring_soon", dedupe=f"expiring:{one.grant_id}", data=data)


async def purchase_paid(tx: Tx, event: PurchasePaid) -> None:
    """Credits were bought; what a plan brings is `plan_paid`'s matter."""
    if event.kind == "plan":
        return
    kind = "recharge_paid" if event.kind == "recharge" else "purchase_paid"
    data = {"credits": event.credits, "amount": Money(event.amount, event.currency).said, "name": _name_of(event.item)}
    await service.tell(tx, event.person_id, kind, dedupe=f"paid:{event.order_id}", data=data)
    await credits_arrived(tx, person_id=event.person_id)


async def purchase_failed(tx: Tx, event: PurchaseFailed) -> None:
    """A payment was refused. What stops auto-recharge is told as that, and what its buyer left unfinished not at all."""
    is_recharge = event.kind == "recharge"
    if event.code in _OWN_DOING or (is_recharge and recharge_rules.ends_it(event.code)):
        return
    kind = "recharge_failed" if is_recharge else "purchase_failed"
    await service.tell(tx, event.person_id, kind, dedupe=f"failed:{event.order_id}", data={"said": event.text, "name": _name_of(event.item)})


async def purchase_refunded(tx: Tx, event: PurchaseRefunded) -> None:
    """Money went back, or a refund of it failed."""
    amount = Money(abs(event.amount), event.currency).said
    dedupe = f"refund:{event.order_id}:{event.at.isoformat()}"
    await service.tell(tx, event.person_id, "purchase_refunded", dedupe=dedupe, data={"amount": amount, "credits": event.credits})


async def dispute_changed(tx: Tx, event: DisputeChanged) -> None:
    """A payment is disputed, or that has ended."""
    dedupe = f"dispute:{event.dispute_id}:{event.status}"
    await service.tell(tx, event.person_id, "purchase_disputed", dedupe=dedupe, data={"status": event.status, "credits": event.credits})


async def recharge_changed(tx: Tx, event: RechargeChanged) -> None:
    """Auto-recharge was turned on, changed or off by its owner, it has stopped, or it waits for the next month. Every one of them is told."""
    dedupe = f"recharge:{event.reason}:{event.at.isoformat()}"
    ceiling = catalog().money(event.ceiling_amount).said
    if event.reason == "ceiling":
        await service.tell(tx, event.person_id, "recharge_ceiling", dedupe=dedupe, data={"ceiling": ceiling})
        return
    if event.reason in ("set", "off"):
        data = {"enabled": event.enabled, "below": event.below, "pack": _name_of(event.pack_id), "ceiling": ceiling}
        await service.tell(tx, event.person_id, "recharge_changed", dedupe=dedupe, data=data)
        return
    said, action = recharge_rules.stopped_in_words(event.reason)
    await service.tell(tx, event.person_id, "recharge_stopped", dedupe=dedupe, data={"said": said, "action": action})


async def card_changed(tx: Tx, event: CardChanged) -> None:
    """The saved card cannot be charged any more."""
    card = await cards.saved_card(tx, person_id=event.person_id) if event.trouble else None
    if card is not None:
        data = {"last4": event.last4, "said": card.trouble}
        await service.tell(tx, event.person_id, "card_trouble", dedupe=f"card:{event.last4}:{event.trouble}:{event.at.isoformat()}", data=data)


async def plan_paid(tx: Tx, event: PlanPaid) -> None:
    """A plan was renewed; its first payment is told as a change of plan."""
    if event.reason == "cycle":
        data = {"plan": _plan(event.plan_id), "credits": event.credits, "amount": Money(event.amount, event.currency).said}
        await service.tell(tx, event.person_id, "plan_paid", dedupe=f"invoice:{event.invoice_id}", data=data)
    await credits_arrived(tx, person_id=event.person_id)


async def plan_changed(tx: Tx, event: PlanStateChanged, *, plan_id: str, ends_at: datetime | None) -> None:
    """The person's plan is another one now (`plan_id`), or will end (`ends_at`), or could not be paid for."""
    at, zone = event.seen_at, await _zone(tx, event.person_id)
    if event.status == "past_due":
        dedupe = f"dunning:{event.stripe_subscription_id}:{at:%Y-%m}"
        await service.tell(tx, event.person_id, "dunning", dedupe=dedupe, data={"plan": _plan(plan_id)})
        return
    data = {"plan": _plan(plan_id), "ends_at": None if ends_at is None else ends_at.isoformat(), "zone": zone}
    dedupe = f"plan:{event.stripe_subscription_id}:{plan_id}:{event.cancel_at}:{at:%Y-%m-%d}"
    await service.tell(tx, event.person_id, "plan_changed", dedupe=dedupe, data=data)


async def _consider_caps(tx: Tx, person_id: UUID, windows: Iterable[Window]) -> None:
    near = [one for one in windows if rules.crossed(spent=one.spent, limit=one.limit, thresholds=rules.THRESHOLDS)]
    if not near:
        return
    chosen = (await service.rule_of(tx, person_id)).thresholds
    for one in near:
        highest = max(rules.crossed(spent=one.spent, limit=one.limit, thresholds=chosen), default=None)
        if highest is None:
            continue
        higher = [_key(one, at) for at in rules.THRESHOLDS if at >= highest]
        if not await service.told(tx, person_id, higher):
            await _tell_cap(tx, person_id, one, highest)


async def _tell_cap(tx: Tx, person_id: UUID, window: Window, threshold: int) -> None:
    kind = "cap_reached" if threshold == rules.REACHED else "cap_near"
    data: dict[str, Any] = {"subject": window.subject, "label": window.label, "spent": window.spent, "limit": window.limit, "percent": threshold}
    data |= {"resets_at": window.end.isoformat(), "zone": await _zone(tx, person_id)}
    await service.tell(tx, person_id, kind, dedupe=_key(window, threshold), data=data)


async def _consider_balance(tx: Tx, person_id: UUID, stands: Standing, now: datetime) -> None:
    if not await service.note_balance(tx, person_id, total=stands.total, now=now):
        return
    below = (await service.rule_of(tx, person_id)).low_balance
    await service.tell(tx, person_id, "low_balance", dedupe=f"low:{now.isoformat()}", data={"left": max(0, stands.total), "below": below})


def _key(window: Window, threshold: int) -> str:
    return rules.cap_key(subject=window.subject, label=window.label, start=window.start, threshold=threshold)


def _name_of(item: str) -> str:
    pack = catalog().find_pack(item)
    return _plan(item) if pack is None else pack.name


def _plan(plan_id: str) -> str:
    plan = catalog().find_plan(plan_id)
    return plan_id if plan is None else plan.name


async def _zone(tx: Tx, person_id: UUID) -> str:
    person = await identity.find_person(tx, person_id=person_id)
    return "UTC" if person is None else person.time_zone
