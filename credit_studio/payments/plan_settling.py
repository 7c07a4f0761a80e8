"""From what Stripe says of a plan to its order and to the person's plan: the same way for an answer, an event and the reconciliation.

In a given transaction. What follows for the plan itself is told by `PlanPaid` and `PlanStateChanged`.
"""

from typing import Any
from uuid import UUID

from credit_studio.catalog.service import catalog
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import InvariantBroken
from credit_studio.db.session import Tx
from credit_studio.payments import service, store
from credit_studio.payments.events import PlanPaid, PlanStateChanged
from credit_studio.payments.facts import Session
from credit_studio.payments.plan_facts import PlanInvoice
from credit_studio.payments.plan_rules import REASONS, Allotted
from credit_studio.payments.plans import News

_OVER = {"void", "uncollectible"}


async def settle(tx: Tx, news: News, *, actor: Actor = SYSTEM) -> None:
    """Let an invoice's order and the person's plan stand as they stand at Stripe. A subscription that is nobody's here is left alone."""
    subscription = news.subscription
    customer = await store.lock_customer(tx, stripe_id=subscription.customer_id)
    person_id = subscription.person_id or (customer["person_id"] if customer is not None else None)
    if person_id is None:
        return
    if news.invoice is not None:
        await _settle_invoice(tx, person_id, news, news.invoice, actor)
    await tx.emit(_state(person_id, news, actor))
    await service.ring(tx, person_id, plan=subscription.status)


async def settle_checkout(tx: Tx, session: Session, news: News | None, *, actor: Actor = SYSTEM) -> None:
    """Let the order of a plan stand as its Checkout Session stands."""
    if news is not None:
        await settle(tx, news, actor=actor)
    elif session.standing == "expired" and session.order_id is not None:
        await service.fail(tx, session.order_id, code="checkout_expired", status="expired", actor=actor, session_id=session.id)


async def _settle_invoice(tx: Tx, person_id: UUID, news: News, invoice: PlanInvoice, actor: Actor) -> None:
    row = await _order(tx, person_id, invoice)
    if invoice.status == "paid":
        brought = invoice.brings(anchor=news.subscription.anchor, credits_of=credits_of)
        if brought is not None:
            await _pay(tx, person_id, row, news, invoice, brought, actor)
    elif row is not None and invoice.status in _OVER:
        await service.fail(tx, row["id"], code="payment_canceled", actor=actor, invoice_id=invoice.id)
    elif row is not None and row["invoice_id"] is None:
        await store.change_order(tx, row["id"], {"invoice_id": invoice.id})


async def _pay(tx: Tx, person_id: UUID, row: store.Row | None, news: News, invoice: PlanInvoice, brought: Allotted, actor: Actor) -> None:
    """The order is paid first: it takes its turn at the counter of receipts before what follows locks an account, as everywhere."""
    order_id = row["id"] if row is not None else await _new_order(tx, person_id, invoice)
    if row is None or row["status"] != "paid":
        said = {"item": brought.plan_id, "credits": brought.credits, "amount": invoice.amount, "currency": invoice.currency}
        await store.change_order(tx, order_id, said)
    named: dict[str, Any] = {"person_id": person_id, "order_id": order_id, "plan_id": brought.plan_id, "invoice_id": invoice.id}
    period: dict[str, Any] = {"period_start": brought.start, "period_end": brought.end, "since": brought.since}
    money: dict[str, Any] = {"credits": brought.credits, "amount": invoice.amount, "currency": invoice.currency}
    reason = REASONS[invoice.reason]
    paid = service.Paid(invoice.amount, invoice.currency, intent_id=invoice.intent_id, charge_id=news.charge_id, invoice_id=invoice.id)
    await service.pay(tx, order_id, paid, actor=actor)
    await tx.emit(PlanPaid(actor=actor, stripe_subscription_id=invoice.subscription_id, reason=reason, **named, **period, **money))


async def _order(tx: Tx, person_id: UUID, invoice: PlanInvoice) -> store.Row | None:
    """The order that the invoice is of, locked: by its id, by the checkout it began with, or the person's open order of just this change."""
    known = await store.order_of(tx, invoice_id=invoice.id)
    if known is not None:
        return await store.order(tx, known["id"], lock=True)
    if invoice.reason == "subscription_create" and invoice.order_id is not None:
        begun = await store.order(tx, invoice.order_id, lock=True)
        return begun if begun is not None and begun["person_id"] == person_id and begun["invoice_id"] is None else None
    if invoice.reason == "subscription_update":
        wanted = {line.plan_id for line in invoice.lines if line.amount >= 0}
        waiting = [row for row in await store.unfinished_plans(tx, person_id) if row["session_id"] is None and row["invoice_id"] is None]
        found = next((row["id"] for row in waiting if row["item"] in wanted), None)
        return None if found is None else await store.order(tx, found, lock=True)
    return None


async def _new_order(tx: Tx, person_id: UUID, invoice: PlanInvoice) -> UUID:
    """An order for an invoice that nobody ordered here: a renewal, or a change that was made at Stripe."""
    order_id = ids.new_id()
    row: dict[str, Any] = {"id": order_id, "person_id": person_id, "kind": "plan", "item": "", "credits": 0, "invoice_id": invoice.id}
    row |= {"amount": invoice.amount, "currency": invoice.currency, "status": "open", "created_at": clock.now()}
    row |= {"failure_code": "", "failure_text": "", "refunded": 0}
    if not await store.add_order(tx, row):
        raise InvariantBroken("an order without a key was there")
    return order_id


def credits_of(plan_id: str) -> int:
    """A plan's credits a month. Raises `InvariantBroken` for a plan that the catalogue does not have any more: an operator has to bring it back."""
    plan = catalog().find_plan(plan_id)
    if plan is None:
        said = f"Stripe charges for the plan {plan_id!r}, which the catalogue does not have"
        raise InvariantBroken(said)
    return plan.monthly_credits


def _state(person_id: UUID, news: News, actor: Actor) -> PlanStateChanged:
    found = news.subscription
    return PlanStateChanged(
        actor=actor,
        person_id=person_id,
        stripe_subscription_id=found.id,
        status=found.status,
        plan_id=found.plan_id,
        since=found.since,
        anchor=found.anchor,
        cancel_at=found.cancel_at,
        ended_at=found.ended_at,
        seen_at=news.seen_at,
    )
