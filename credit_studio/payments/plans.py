"""Plans as Stripe's subscriptions: every call of the SDK that is about one. None is made while a transaction is open."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Plan
from credit_studio.core import clock
from credit_studio.payments import facts, gateway, plan_facts
from credit_studio.payments.errors import Refused
from credit_studio.payments.facts import ORDER, Session
from credit_studio.payments.gateway import ask
from credit_studio.payments.plan_facts import PERSON, PLAN, PlanInvoice, Subscribed


@dataclass(frozen=True)
class News:
    """A subscription as it stood at `seen_at`, and the invoice that the look was about, with the charge that paid it."""

    subscription: Subscribed
    invoice: PlanInvoice | None
    charge_id: str | None
    seen_at: datetime


async def open_checkout(*, order_id: UUID, person_id: UUID, customer_id: str, plan: Plan, success_url: str, cancel_url: str) -> Session:
    """A hosted checkout that begins a subscription, the same one when it is asked again."""
    metadata = {ORDER: str(order_id)}
    params: Any = {"mode": "subscription", "customer": customer_id, "client_reference_id": str(order_id), "metadata": metadata}
    params["line_items"] = [{"price": await _price(plan), "quantity": 1}]
    params["subscription_data"] = {"metadata": metadata | {PERSON: str(person_id)}, "description": plan.name}
    params |= {"success_url": success_url, "cancel_url": cancel_url}
    once: Any = {"idempotency_key": f"{order_id}:checkout"}
    return facts.session_of(await ask(lambda to: to.v1.checkout.sessions.create_async(params, once)))


async def close_checkout(session_id: str) -> Session:
    """A checkout that nobody can pay in any more; as it is, when it was over before."""
    try:
        return facts.session_of(await ask(lambda to: to.v1.checkout.sessions.expire_async(session_id)))
    except Refused:
        return await gateway.session(session_id)


async def news(subscription_id: str, invoice_id: str | None = None) -> News:
    """How a subscription stands now, and an invoice of it."""
    seen_at = clock.now()
    subscription = await look(subscription_id)
    found = None if invoice_id is None else await invoice(invoice_id)
    paid = found.intent_id if found is not None and found.status == "paid" else None
    charge_id = None if paid is None else (await gateway.intent(paid)).charge_id
    return News(subscription, found, charge_id, seen_at)


async def look(subscription_id: str) -> Subscribed:
    """How a subscription stands now."""
    return plan_facts.subscribed_of(await ask(lambda to: to.v1.subscriptions.retrieve_async(subscription_id)))


async def preview(held: Subscribed, plan: Plan, *, at: datetime | None = None) -> PlanInvoice:
    """The invoice that a change at once to `plan` would make, priced now or at `at`; its lines say when. Nothing is charged."""
    change: Any = {"items": [{"id": held.item_id, "price": await _price(plan)}], "proration_behavior": "always_invoice"}
    change |= {} if at is None else {"proration_date": int(at.timestamp())}
    params: Any = {"customer": held.customer_id, "subscription": held.id, "subscription_details": change}
    found = await ask(lambda to: to.v1.invoices.create_preview_async(params))
    made = plan_facts.invoice_of(found, await _plans_of(found))
    if made is None:
        raise Refused("The payment service cannot say what the change costs. Nothing was charged.", action="Try again later.")
    return made


async def upgrade(held: Subscribed, plan: Plan, *, order_id: UUID, at: datetime | None, waits: bool) -> Subscribed:
    """Change to a larger plan at once and charge the difference, once however often it is asked; `at` is the instant that was priced.

    Raises `Declined`: then nothing is changed. With `waits` the change waits for a payment that the buyer's bank asks for.
    """
    params: Any = {"items": [{"id": held.item_id, "price": await _price(plan)}], "proration_behavior": "always_invoice"}
    params["payment_behavior"] = "pending_if_incomplete" if waits else "error_if_incomplete"
    params |= {} if at is None else {"proration_date": int(at.timestamp())}
    once: Any = {"idempotency_key": f"{order_id}:upgrade{':waits' if waits else ''}"}
    return plan_facts.subscribed_of(await ask(lambda to: to.v1.subscriptions.update_async(held.id, params, once)))


async def let_follow(held: Subscribed, plan: Plan | None) -> Subscribed:
    """Let `plan` follow at the end of the period, or, with None, end the subscription there. Nothing is charged or given back now."""
    params: Any = {"cancel_at_period_end": plan is None}
    if plan is not None and plan.id != held.plan_id:
        params |= {"items": [{"id": held.item_id, "price": await _price(plan)}], "proration_behavior": "none"}
    return plan_facts.subscribed_of(await ask(lambda to: to.v1.subscriptions.update_async(held.id, params)))


async def end(subscription_id: str) -> None:
    """End a subscription now: nothing more is charged, and nothing is given back. One that has ended stays so."""
    once: Any = {"idempotency_key": f"{subscription_id}:end"}
    with contextlib.suppress(Refused):
        await ask(lambda to: to.v1.subscriptions.cancel_async(subscription_id, {}, once))


async def invoice(invoice_id: str) -> PlanInvoice | None:
    """An invoice as it stands now; None when it is none of a subscription's."""
    found = await ask(lambda to: to.v1.invoices.retrieve_async(invoice_id, {"expand": ["payments"]}))
    return plan_facts.invoice_of(found, await _plans_of(found))


async def finalize(invoice_id: str) -> None:
    """Let the payment of a draft be tried now; nothing is done for one that is no draft any more."""
    once: Any = {"idempotency_key": f"{invoice_id}:finalize"}
    found = await ask(lambda to: to.v1.invoices.retrieve_async(invoice_id))
    if found.status == "draft":
        with contextlib.suppress(Refused):
            await ask(lambda to: to.v1.invoices.finalize_invoice_async(invoice_id, {"auto_advance": True}, once))


async def _plans_of(found: Any) -> dict[str, str]:  # noqa: ANN401 - the SDK's Invoice
    """The plans of the prices that stand on an invoice."""
    prices = {price for line in found.lines.data if (price := plan_facts.price_of(line)) is not None}
    return {price: await _plan_of(price) for price in sorted(prices)}


async def _plan_of(price_id: str) -> str:
    return plan_facts.plan_of(await ask(lambda to: to.v1.prices.retrieve_async(price_id)))


async def _price(plan: Plan) -> str:
    """The price of a plan at Stripe, made when there is none: one for each amount, so that who subscribed keeps theirs when the catalogue changes."""
    currency = catalog().currency.lower()
    name = f"credit-studio-{plan.id}-{currency}-{plan.price}-month"
    found = await ask(lambda to: to.v1.prices.list_async({"lookup_keys": [name], "active": True, "limit": 1}))
    if found.data:
        return found.data[0].id
    params: Any = {"currency": currency, "unit_amount": plan.price, "recurring": {"interval": "month"}, "lookup_key": name}
    params |= {"product_data": {"name": plan.name}, "metadata": {PLAN: plan.id}}
    once: Any = {"idempotency_key": name}
    return (await ask(lambda to: to.v1.prices.create_async(params, once))).id
