"""Stripe's SDK, from one place: timeouts, retries, idempotency keys of ours, and errors as the studio's own.

Every call may take up to 20 s, three tries and then a refusal; none is made while a transaction is open.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import stripe
import structlog

from credit_studio import settings
from credit_studio.core.money import Money
from credit_studio.payments import errors, facts, rules
from credit_studio.payments.facts import ORDER, Card, Intent, Session

T = TypeVar("T")
_TIMEOUT_S = 20
_RETRIES = 2
_BUSY_WAITS_S = (0.5, 1.0, 2.0)
"""Before another try when Stripe says that it is asked too often: the SDK itself gives up at once."""

SANDBOX_KEY = "sk_test_sandbox"
_log = structlog.get_logger()


def client() -> stripe.StripeClient:
    """The SDK's client for this process's settings; raises `Unavailable` when nothing is for sale."""
    chosen = settings.get()
    if not chosen.sells:
        raise errors.nothing_for_sale()
    return _client(chosen.stripe_secret_key.get_secret_value() or SANDBOX_KEY, chosen.stripe_sandbox_url)


@functools.lru_cache(maxsize=8)
def _client(key: str, sandbox: str) -> stripe.StripeClient:
    """A key that is not named in `base_addresses` would fall back to Stripe's own host: all four are named."""
    wire = stripe.HTTPXClient(timeout=_TIMEOUT_S)
    _wires.append(wire)
    transport = stripe.RequestsClient(timeout=_TIMEOUT_S, async_fallback_client=wire)
    where: Any = {"base_addresses": {"api": sandbox, "files": sandbox, "connect": sandbox, "meter_events": sandbox}} if sandbox else {}
    return stripe.StripeClient(key, http_client=transport, max_network_retries=_RETRIES, **where)


_wires: list[stripe.HTTPXClient] = []
"""What keeps connections to Stripe open."""


async def close() -> None:
    """Close the connections of this process; the next call opens new ones."""
    _client.cache_clear()
    while _wires:
        await _wires.pop().close_async()


async def ask(call: Callable[[stripe.StripeClient], Awaitable[T]]) -> T:
    """What Stripe answers to one call.

    Raises `Declined` for a card that was not charged, `Unclear` when it is not known what Stripe did, `Refused` when it did nothing.
    """
    for wait_s in (*_BUSY_WAITS_S, None):
        try:
            return await call(client())
        except stripe.RateLimitError as busy:
            if wait_s is None:
                raise _told("stripe.busy", busy, errors.refused()) from busy
            await asyncio.sleep(wait_s)
        except stripe.CardError as said:
            raise errors.Declined(_code_of(said), intent_id=_intent_of(said)) from said
        except (stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError) as wrong:
            raise _told("stripe.refused", wrong, errors.refused()) from wrong
        except stripe.StripeError as lost:  # a key that was used with other words, too: what came of its first request is not known here
            raise _told("stripe.no_answer", lost, errors.no_answer()) from lost
    raise AssertionError  # the last turn of the loop returns or raises


async def make_customer(*, person_id: UUID, email: str, name: str, once: UUID) -> str:
    """A customer for a person: their id at Stripe, the same one when it is asked again for the same thing (`once`) within a day."""
    params: Any = {"email": email, "name": name, "metadata": {"person_id": str(person_id)}}
    made = await ask(lambda to: to.v1.customers.create_async(params, _once(f"{once}:customer")))
    return made.id


async def open_checkout(*, order_id: UUID, customer_id: str, price: Money, name: str, success_url: str, cancel_url: str) -> Session:
    """A hosted checkout for one order, the same one when it is asked again; the card that pays is saved for the customer."""
    metadata = {ORDER: str(order_id)}
    line = {"quantity": 1, "price_data": {"currency": price.currency.lower(), "unit_amount": price.amount, "product_data": {"name": name}}}
    params: Any = {"mode": "payment", "customer": customer_id, "client_reference_id": str(order_id), "metadata": metadata, "line_items": [line]}
    params["payment_intent_data"] = {"metadata": metadata, "description": name, "setup_future_usage": "off_session"}
    params["saved_payment_method_options"] = {"allow_redisplay_filters": ["always", "limited", "unspecified"]}
    params |= {"success_url": success_url, "cancel_url": cancel_url, "expand": list(_IN_SESSION)}
    return facts.session_of(await ask(lambda to: to.v1.checkout.sessions.create_async(params, _once(f"{order_id}:checkout"))))


_IN_INTENT = ["payment_method"]
_IN_SESSION = ["payment_intent", "payment_intent.payment_method"]


async def session(session_id: str) -> Session:
    """A Checkout Session as it stands now, with its payment."""
    return facts.session_of(await ask(lambda to: to.v1.checkout.sessions.retrieve_async(session_id, {"expand": list(_IN_SESSION)})))


async def intent(intent_id: str) -> Intent:
    """A payment as it stands now, with its card."""
    return facts.intent_of(await ask(lambda to: to.v1.payment_intents.retrieve_async(intent_id, {"expand": list(_IN_INTENT)})))


async def charge(
    *, order_id: UUID, customer_id: str, card_pm: str, price: Money, name: str, return_url: str | None, metadata: dict[str, str] | None = None
) -> Intent:
    """Charge a saved card for one order, once however often it is asked; raises `Declined`.

    With `return_url` the buyer is there and the bank may ask them; without it nobody is, and a bank that asks declines.
    """
    params: Any = {"amount": price.amount, "currency": price.currency.lower(), "customer": customer_id, "payment_method": card_pm, "confirm": True}
    params |= {"description": name, "metadata": {**(metadata or {}), ORDER: str(order_id)}, "expand": list(_IN_INTENT)}
    params |= {"return_url": return_url} if return_url else {"off_session": True, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    return facts.intent_of(await ask(lambda to: to.v1.payment_intents.create_async(params, _once(f"{order_id}:charge"))))


async def portal(*, customer_id: str, return_url: str) -> str:
    """Where a customer sees to their cards, plan and invoices, for a short time."""
    made = await ask(lambda to: to.v1.billing_portal.sessions.create_async({"customer": customer_id, "return_url": return_url}))
    return made.url


async def paper_place(*, invoice_id: str | None, charge_id: str | None) -> str | None:
    """Where Stripe shows its own invoice of a payment, else its receipt; None when it has neither."""
    if invoice_id is not None:
        return (await ask(lambda to: to.v1.invoices.retrieve_async(invoice_id))).hosted_invoice_url
    return (await ask(lambda to: to.v1.charges.retrieve_async(charge_id))).receipt_url if charge_id is not None else None


async def saved_card(customer_id: str) -> Card | None:
    """The card that a customer pays by: the one they chose, else the newest that is saved; None without any."""
    params: Any = {"expand": ["invoice_settings.default_payment_method"]}
    customer = await ask(lambda to: to.v1.customers.retrieve_async(customer_id, params))
    if facts.maybe(customer, "deleted"):
        return None
    chosen = facts.maybe(facts.maybe(customer, "invoice_settings"), "default_payment_method")
    if isinstance(chosen, stripe.PaymentMethod) and (card := facts.card_of(chosen)) is not None:
        return card
    kept = await ask(lambda to: to.v1.customers.payment_methods.list_async(customer_id, {"type": "card", "limit": 1}))
    return facts.card_of(kept.data[0]) if kept.data else None


def is_signed(raw: str, signature: str) -> bool:
    """True when Stripe, or the sandbox, has signed these very words; says nothing of when."""
    chosen = settings.get()
    secret = chosen.stripe_sandbox_secret if chosen.sells_for_nothing else chosen.stripe_webhook_secret
    try:
        return stripe.WebhookSignature.verify_header(raw, signature, secret.get_secret_value())  # pyright: ignore[reportUnknownMemberType] - a default of the SDK's has no type
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False


def _once(key: str) -> Any:  # noqa: ANN401 - the SDK's RequestOptions
    return {"idempotency_key": key}


def _code_of(said: stripe.CardError) -> str:
    found = said.error
    declined = facts.maybe(found, "decline_code")
    return rules.decline_code(code=said.code or "", decline_code=str(declined or ""))


def _intent_of(said: stripe.CardError) -> str | None:
    return facts.id_of(facts.maybe(said.error, "payment_intent"))


def _told(what: str, error: stripe.StripeError, instead: errors.Unclear | errors.Refused) -> errors.Unclear | errors.Refused:
    """Write down what Stripe said, without what was sent."""
    _log.error(what, kind=type(error).__name__, status=error.http_status, code=error.code, said=str(error.user_message), request=error.request_id)
    return instead
