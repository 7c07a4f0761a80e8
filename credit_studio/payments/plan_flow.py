"""Buying and changing a plan at Stripe: our row first, then Stripe, then what it said. Each step is its own transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Plan
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict
from credit_studio.db.session import transaction
from credit_studio.payments import errors, flow, gateway, plan_looking, plans, rules, service, store
from credit_studio.payments.facts import Session
from credit_studio.payments.plan_facts import Subscribed
from credit_studio.payments.views import Checkout, NeedsAction, Order

_ASKS = {"authentication_required", "invoice_payment_intent_requires_action", "subscription_payment_intent_requires_action"}
"""Codes with which Stripe says that the buyer's bank wants to ask them."""


async def start_checkout(actor: Actor, plan: Plan, *, origin: str, key: str | None = None) -> Checkout:
    """Open a hosted checkout that begins a subscription; an open one for the same plan is given again, one for another plan is closed.

    So two tabs cannot buy two plans. Raises `Unavailable`, `NotSignedIn`, `Conflict` (idempotency_in_progress, plan_is_held when one of the
    checkouts has been paid meanwhile), `InvalidInputs` (idempotency_mismatch), `RateLimited`. Nothing is charged before the buyer has paid there.
    """
    person_id = actor.require_user()
    customer_id = await flow.customer_of(person_id, once=ids.new_id())
    if (begun := await _still_open(actor, person_id, plan, origin)) is not None:
        return begun
    row, replayed = await _open_order(actor, plan, customer_id=customer_id, key=key)
    success, cancelled = f"{origin}{flow.SUCCESS}?session_id={{CHECKOUT_SESSION_ID}}", f"{origin}{flow.CANCELLED}"
    session = await _asked(
        actor,
        row,
        plans.open_checkout(order_id=row["id"], person_id=person_id, customer_id=customer_id, plan=plan, success_url=success, cancel_url=cancelled),
    )
    async with transaction() as tx:
        await store.change_order(tx, row["id"], {"session_id": session.id})
    return _checkout(row["id"], session, origin, replayed=replayed)


async def upgrade(actor: Actor, held: Subscribed, plan: Plan, *, at: datetime | None, amount: int, added: int, key: str | None = None) -> Order | NeedsAction:
    """Change to a larger plan at once; `at`, `amount` (minor units) and `added` credits are what the preview said.

    `NeedsAction` when the buyer's bank asks them first: then the change waits for that, and nothing is charged before. Raises
    `PaymentRequired` (card_declined: nothing was changed), and what `start_checkout` raises.
    """
    customer_id = held.customer_id
    row, replayed = await _open_order(actor, plan, customer_id=customer_id, key=key, amount=amount, added=added)
    changed = await _asked(actor, row, _changed(held, plan, order_id=row["id"], at=at))
    return await _answer(actor, row["id"], changed, replayed=replayed)


async def replay(actor: Actor, plan: Plan, key: str, *, origin: str) -> Checkout | Order | NeedsAction | None:
    """What the first request under a key came to; None when there was none. Raises `InvalidInputs` when it was about something else."""
    async with transaction() as tx:
        row = await store.order_by_key(tx, person_id=actor.require_user(), key=key)
    if row is None or clock.now() - row["created_at"] >= rules.KEY_LASTS:
        return None
    _check_same(row, plan)
    if row["session_id"] is not None:
        return _checkout(row["id"], await gateway.session(row["session_id"]), origin, replayed=True)
    if row["status"] == "paid":
        return service.view(row, replayed=True)
    invoice = None if row["invoice_id"] is None else await plans.invoice(row["invoice_id"])
    return NeedsAction(row["id"], invoice.url, replayed=True) if invoice is not None and invoice.status == "open" and invoice.url else None


async def _changed(held: Subscribed, plan: Plan, *, order_id: UUID, at: datetime | None) -> Subscribed:
    try:
        return await plans.upgrade(held, plan, order_id=order_id, at=at, waits=False)
    except errors.Declined as said:
        if said.code not in _ASKS:
            raise
    return await plans.upgrade(held, plan, order_id=order_id, at=at, waits=True)


async def _answer(actor: Actor, order_id: UUID, changed: Subscribed, *, replayed: bool) -> Order | NeedsAction:
    """What came of a change; its invoice is the subscription's latest."""
    invoice = None if changed.invoice_id is None else await plans.invoice(changed.invoice_id)
    if invoice is not None and invoice.status == "open" and invoice.url is not None and changed.waits:
        async with transaction() as tx:
            await store.change_order(tx, order_id, {"invoice_id": invoice.id})
        return NeedsAction(order_id, invoice.url, replayed)
    await plan_looking.learn(actor, changed.id, changed.invoice_id)
    async with transaction() as tx:
        return service.view(await service.get_order(tx, order_id), replayed=replayed)


async def _asked(actor: Actor, row: store.Row, call: Any) -> Any:  # noqa: ANN401 - what Stripe is asked for
    """What Stripe answers. A refusal ends the order and frees its key; while it is not known what Stripe did, the order stays open."""
    try:
        return await call
    except errors.Declined as said:
        async with transaction() as tx:
            await service.fail(tx, row["id"], code=said.code, actor=actor)
        raise errors.card_declined(said.code) from None
    except errors.Refused:
        async with transaction() as tx:
            await service.fail(tx, row["id"], code="refused", actor=actor)
        raise


async def _still_open(actor: Actor, person_id: UUID, plan: Plan, origin: str) -> Checkout | None:
    """The person's open checkout for this plan. Those for other plans are closed; raises `Conflict` when one of them was paid."""
    async with transaction() as tx:
        begun = [row for row in await store.unfinished_plans(tx, person_id) if row["session_id"] is not None]
    found = None
    for row in begun:
        session = await gateway.session(row["session_id"])
        if session.standing == "open" and row["item"] == plan.id and found is None:
            found = _checkout(row["id"], session, origin, replayed=True)
            continue
        if session.standing == "open":
            await plans.close_checkout(session.id)
        await plan_looking.refresh(actor, row)
    if any(row["status"] == "paid" for row in await _rows([row["id"] for row in begun])):
        raise already_paid()
    return found


async def _rows(order_ids: list[UUID]) -> list[store.Row]:
    async with transaction() as tx:
        return [await service.get_order(tx, one) for one in order_ids]


async def _open_order(
    actor: Actor, plan: Plan, *, customer_id: str, key: str | None, amount: int | None = None, added: int | None = None
) -> tuple[store.Row, bool]:
    """Write an order for a plan, or find the one under its key. One at a time: the customer's row is locked while others are looked for."""
    person_id, now = actor.require_user(), clock.now()
    async with transaction() as tx:
        await store.lock_customer(tx, stripe_id=customer_id)
        if key is not None:
            await store.forget_key(tx, person_id=person_id, key=key, before=now - rules.KEY_LASTS)
            if (known := await store.order_by_key(tx, person_id=person_id, key=key)) is not None:
                return _replay(known, plan), True
        if any(_is_waiting(row) for row in await store.unfinished_plans(tx, person_id)):
            raise errors.key_in_progress()
        await service.check_pace(tx, person_id)
        row: dict[str, Any] = {"id": ids.new_id(), "person_id": person_id, "kind": "plan", "item": plan.id, "idem_key": key, "refunded": 0}
        row |= {"credits": plan.monthly_credits if added is None else added, "amount": plan.price if amount is None else amount}
        row |= {"currency": catalog().currency, "status": "open", "created_at": now, "failure_code": "", "failure_text": ""}
        if not await store.add_order(tx, row):
            raise errors.key_in_progress()
        details = {"kind": "plan", "item": plan.id, "amount": row["amount"]}
        await audit.record(tx, "purchase.started", actor=actor, subject=f"order:{row['id']}", user_id=person_id, details=details)
        return await service.get_order(tx, row["id"]), False


def _is_waiting(row: store.Row) -> bool:
    """True for an order whose request to Stripe may be under way."""
    return row["session_id"] is None and row["invoice_id"] is None and rules.is_in_progress(row["created_at"], clock.now())


def _check_same(known: store.Row, plan: Plan) -> None:
    """Raises `InvalidInputs` (idempotency_mismatch) when a key that is still good came with another purchase."""
    is_good = clock.now() - known["created_at"] < rules.KEY_LASTS
    if is_good and (known["kind"], known["item"]) != ("plan", plan.id):
        raise errors.key_mismatch()


def _replay(known: store.Row, plan: Plan) -> store.Row:
    _check_same(known, plan)
    if _is_waiting(known) and known["status"] == "open":
        raise errors.key_in_progress()
    return known


def _checkout(order_id: UUID, session: Session, origin: str, *, replayed: bool) -> Checkout:
    return Checkout(order_id, session.id, session.url or f"{origin}{flow.SUCCESS}?session_id={session.id}", replayed)


def already_paid() -> Conflict:
    """A plan was paid for in another tab."""
    return Conflict("You have just subscribed to a plan. Nothing more was charged.", code="plan_is_held", action="See it at /account/billing.")
