"""What Stripe has of what the studio sold: lists since an instant, as plain frozen values."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe

from credit_studio.payments import claims, facts, gateway
from credit_studio.payments.claims import Told
from credit_studio.payments.facts import Intent, Session

_A_PAGE = 100
_PAYMENT = ["data.payment_intent", "data.payment_intent.payment_method"]
Page = Callable[[stripe.StripeClient, Any], Awaitable[Any]]


@dataclass(frozen=True)
class PaidInvoice:
    """An invoice of a subscription that is paid; `reason` is Stripe's word for what made it."""

    id: str
    subscription_id: str
    reason: str


async def paid_intents(since: datetime) -> AsyncIterator[Intent]:
    """Payments that were made since then and have succeeded, newest first."""
    async for found in _all(lambda to, params: to.v1.payment_intents.list_async(params), since, expand=["data.payment_method"]):
        if found.status == "succeeded":
            yield facts.intent_of(found)


async def paid_invoices(since: datetime) -> AsyncIterator[PaidInvoice]:
    """Subscriptions' invoices that were made since then and are paid."""
    async for found in _all(lambda to, params: to.v1.invoices.list_async(params), since, status="paid"):
        of = found.parent.subscription_details if found.parent is not None else None
        if of is not None:
            yield PaidInvoice(str(found.id), str(facts.id_of(of.subscription)), found.billing_reason or "")


async def refunds(since: datetime) -> AsyncIterator[Told]:
    """Refunds of what the studio sold, made since then."""
    async for found in _all(lambda to, params: to.v1.refunds.list_async(params), since, expand=list(_PAYMENT)):
        if (told := await claims.refund_of(found)) is not None:
            yield told


async def disputes(since: datetime) -> AsyncIterator[Told]:
    """Disputes of what the studio sold, opened since then."""
    async for found in _all(lambda to, params: to.v1.disputes.list_async(params), since, expand=list(_PAYMENT)):
        if (told := await claims.dispute_of(found)) is not None:
            yield told


async def intents_of(customer_id: str, since: datetime) -> AsyncIterator[Intent]:
    """A customer's payments since then, however they stand."""
    async for found in _all(lambda to, params: to.v1.payment_intents.list_async(params), since, customer=customer_id, expand=["data.payment_method"]):
        yield facts.intent_of(found)


async def sessions_of(customer_id: str, since: datetime) -> AsyncIterator[Session]:
    """A customer's checkouts since then, however they stand."""
    expand = list(_PAYMENT)
    async for found in _all(lambda to, params: to.v1.checkout.sessions.list_async(params), since, customer=customer_id, expand=expand):
        yield facts.session_of(found)


async def _all(page: Page, since: datetime, **params: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - what the lists of the SDK take, and give
    """Every object of a list, page by page."""
    asked: dict[str, Any] = {"limit": _A_PAGE, "created": {"gte": int(since.timestamp())}, **params}
    while True:
        found = await gateway.ask(lambda to: page(to, dict(asked)))
        for one in found.data:
            yield one
        if not found.has_more or not found.data:
            return
        asked["starting_after"] = found.data[-1].id
