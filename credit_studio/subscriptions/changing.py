"""Choosing a plan: what it would do, and doing it. Stripe is asked between transactions; what it says is followed like its events."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Plan
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, NotSignedIn
from credit_studio.core.money import Money
from credit_studio.db.session import Tx, transaction
from credit_studio.identity import service as identity
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PLAN_SOURCE
from credit_studio.payments import errors as payment_errors
from credit_studio.payments import plan_flow, plan_looking, plan_settling, plans
from credit_studio.payments.plan_facts import Subscribed
from credit_studio.payments.plan_rules import allotted
from credit_studio.payments.views import Checkout, NeedsAction, Order
from credit_studio.subscriptions import changes, service
from credit_studio.subscriptions.changes import ChangePreview, Holdings, Kind, Priced
from credit_studio.subscriptions.views import PlanView

PRICE_LASTS = timedelta(minutes=15)
"""How long the price of a change that was shown is the price that is charged."""


@dataclass(frozen=True)
class PlanOffer:
    """A plan as it is offered to somebody: credits a month or once, daily cap, price a month; `change` is what choosing it does.

    One `by_agreement` has no price: an operator gives it.
    """

    id: str
    name: str
    monthly_credits: int
    daily_cap: int | None
    price: Money
    is_held: bool
    change: Kind
    credits_once: int = 0
    by_agreement: bool = False


@dataclass(frozen=True)
class Chosen:
    """What came of choosing a plan. `url` leads to the checkout, or to where the buyer's bank asks; None when it is done."""

    status: Literal["checkout", "needs_action", "changed", "scheduled", "resumed"]
    plan: PlanView
    url: str | None = None
    session_id: str | None = None
    order: Order | None = None
    replayed: bool = False


@dataclass(frozen=True)
class _Standing:
    """All of a person that a choice is decided by."""

    person: Person
    view: PlanView
    held: Plan
    has: Holdings
    stripe_id: str | None


async def offers(actor: Actor) -> tuple[PlanOffer, ...]:
    """The plans in the catalogue's order, also for visitors."""
    book = catalog()
    if actor.user_id is None:
        return tuple(_offer(plan, is_held=False, change="subscribe" if plan.price else "none") for plan in book.plans)
    now = await _standing(actor)
    return tuple(_offer(plan, is_held=plan.id == now.held.id, change=changes.kind_of(now.view, now.held, plan, first=book.first_plan)) for plan in book.plans)


async def standing(actor: Actor) -> PlanView:
    """The caller's plan, how it stands and what follows it."""
    return (await _standing(actor)).view


async def preview_change(actor: Actor, plan_id: str) -> ChangePreview:
    """What choosing a plan would do, with its price as it is now; nothing is done.

    Raises `NotFound`, `Conflict` (plan_is_ending, payment_due), `Unavailable`.
    """
    now, wanted = await _standing(actor), service.get_plan(plan_id)
    kind = changes.kind_of(now.view, now.held, wanted, first=catalog().first_plan)
    priced = None
    if kind == "subscribe":
        priced = Priced(catalog().money(wanted.price), wanted.monthly_credits, None)
    elif kind == "upgrade":
        _check_may_grow(now)
        priced = await _priced(await _subscribed(now), wanted)
    named = {"has": now.has, "zone": now.person.time_zone, "currency": catalog().currency}
    return changes.preview(kind, now.view, now.held, wanted, priced=priced, **named)


async def choose(actor: Actor, plan_id: str, *, origin: str, key: str | None = None, priced_at: datetime | None = None) -> Chosen:
    """Take a plan. The first one that costs goes through Stripe's checkout; a larger one follows at once, a smaller one at the end of the period.

    `priced_at` is the instant of a preview's price: that price is charged, or the choice is refused as `price_changed`. Raises `NotFound`, `Conflict`
    (plan_is_held, plan_is_ending, payment_due, price_changed, idempotency_in_progress), `PaymentRequired` (card_declined), `Unavailable`.
    """
    now, wanted = await _standing(actor), service.get_plan(plan_id)
    if key is not None and (known := await plan_flow.replay(actor, wanted, key, origin=origin)) is not None:
        return _chosen(now.view, known)
    kind = changes.kind_of(now.view, now.held, wanted, first=catalog().first_plan)
    if kind == "subscribe":
        return _chosen(now.view, await plan_flow.start_checkout(actor, wanted, origin=origin, key=key))
    if kind == "upgrade":
        return await _upgrade(actor, now, wanted, key=key, priced_at=priced_at)
    if kind == "none":
        raise _not_sold(wanted) if wanted.by_agreement and wanted.id != now.held.id else _held_already(wanted)
    return await _let_follow(actor, now, None if kind == "cancel" else wanted, "resumed" if kind == "resume" else "scheduled")


async def cancel(actor: Actor) -> Chosen:
    """End the paid plan with its period. Raises `Conflict` (plan_is_held) when nothing is paid or it ends already."""
    return await choose(actor, catalog().first_plan.id, origin="")


async def resume(actor: Actor) -> Chosen:
    """Take back what was to follow the plan. Raises `Conflict` (plan_is_held) when nothing was."""
    return await choose(actor, (await _standing(actor)).held.id, origin="")


async def _upgrade(actor: Actor, now: _Standing, wanted: Plan, *, key: str | None, priced_at: datetime | None) -> Chosen:
    _check_may_grow(now)
    held = await _subscribed(now)
    priced = await _priced(held, wanted)
    at = _still_the_price(priced_at, priced)
    if at is not None:
        priced = await _priced(held, wanted, at=at)
    done = await plan_flow.upgrade(actor, held, wanted, at=at, amount=priced.due.amount, added=priced.credits, key=key)
    return _chosen((await _standing(actor)).view, done)


def _check_may_grow(now: _Standing) -> None:
    """Raises `Conflict` for a plan that cannot be made larger as it stands: a payment is due, or it is to end or to become smaller."""
    if now.view.status == "past_due":
        said = "A payment for your plan is due. Nothing was charged."
        raise Conflict(said, code="payment_due", action="Pay it or change the card at /account/billing, then choose the plan again.")
    if now.view.cancel_at is not None or now.view.next_plan_id is not None:
        said = f"{now.held.name} is to end with its period. Nothing was charged."
        raise Conflict(said, code="plan_is_ending", action="Keep it first, then choose the larger plan.")


async def _let_follow(actor: Actor, now: _Standing, wanted: Plan | None, status: Literal["scheduled", "resumed"]) -> Chosen:
    held = await _subscribed(now)
    await plans.let_follow(held, wanted)
    await plan_looking.learn(actor, held.id)
    after = await _standing(actor)
    async with transaction() as tx:
        details = {"held": now.held.id, "wanted": None if wanted is None else wanted.id}
        await audit.record(tx, f"plan.{status}", actor=actor, subject=f"user:{now.person.id}", user_id=now.person.id, details=details)
    return Chosen(status, after.view)


async def _standing(actor: Actor) -> _Standing:
    person_id = actor.require_user()
    async with transaction() as tx:
        return await _read(tx, person_id)


async def _read(tx: Tx, person_id: UUID) -> _Standing:
    person = await identity.find_person(tx, person_id=person_id)
    if person is None:
        raise NotSignedIn("There is no such person.")
    view = await service.plan_of(tx, person_id=person_id)
    book = await ledger.balance(tx, owner_id=person_id)
    of_plan = sum(one.remaining for one in book.grants if one.source == PLAN_SOURCE)
    own = sum(one.remaining for one in book.grants if one.source != PLAN_SOURCE)
    return _Standing(person, view, service.get_plan(view.id), Holdings(of_plan, own), await service.stripe_id_of(tx, person_id=person_id))


async def _subscribed(now: _Standing) -> Subscribed:
    if not settings.get().sells:
        raise payment_errors.nothing_for_sale()
    if now.stripe_id is None:
        raise Conflict("This plan is not paid for here. Nothing was changed.", code="plan_is_held")
    return await plans.look(now.stripe_id)


async def _priced(held: Subscribed, wanted: Plan, *, at: datetime | None = None) -> Priced:
    """What the change costs and brings, as Stripe says it: the same arithmetic as when its invoice is paid."""
    invoice = await plans.preview(held, wanted, at=at)
    brought = allotted("update", invoice.lines, anchor=held.anchor, credits_of=plan_settling.credits_of)
    added, since = (0, None) if brought is None else (brought.credits, brought.since)
    return Priced(Money(max(0, invoice.amount), invoice.currency), added, since)


def _still_the_price(shown: datetime | None, now: Priced) -> datetime | None:
    """The instant whose price was shown; raises `Conflict` (price_changed) when that is too long ago by Stripe's clock, or not yet."""
    if shown is None:
        return None
    shown = shown.replace(microsecond=0)
    if now.at is None or not timedelta() <= now.at - shown <= PRICE_LASTS:
        raise Conflict("The price has changed since you saw it. Nothing was charged.", code="price_changed", action="Look at it again and confirm.")
    return shown.astimezone(UTC)


def _offer(plan: Plan, *, is_held: bool, change: Kind) -> PlanOffer:
    more = {"credits_once": plan.credits_once, "by_agreement": plan.by_agreement}
    return PlanOffer(plan.id, plan.name, plan.monthly_credits, plan.daily_cap, catalog().money(plan.price), is_held, change, **more)


def _chosen(view: PlanView, done: Checkout | Order | NeedsAction) -> Chosen:
    if isinstance(done, Checkout):
        return Chosen("checkout", view, url=done.url, session_id=done.session_id, replayed=done.replayed)
    if isinstance(done, NeedsAction):
        return Chosen("needs_action", view, url=done.url, replayed=done.replayed)
    return Chosen("changed", view, order=done, replayed=done.replayed)


def _not_sold(wanted: Plan) -> Conflict:
    said = f"{wanted.name} is given by agreement and not sold here. Nothing was changed."
    return Conflict(said, code="plan_by_agreement", action="Ask whoever runs this studio.")


def _held_already(wanted: Plan) -> Conflict:
    said = f"{wanted.name} is your plan already, or follows it. Nothing was changed."
    return Conflict(said, code="plan_is_held", action="See it at /account/billing.")
