"""What the tests of sessions, subscriptions and invoices sell, and how a browser without scripts goes through the pages."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import stripe

from tests.sandbox_fixture import Sandbox

ORIGIN = "https://studio.example"
SUCCESS = f"{ORIGIN}/account/credits/success?session_id={{CHECKOUT_SESSION_ID}}"
CANCEL = f"{ORIGIN}/account/credits"
OK, ASKS, DECLINED, POOR, LATER = "4242424242424242", "4000002500003155", "4000000000000002", "4000000000009995", "4000000000000341"
DAY = 86_400


def at(text: str) -> int:
    """A moment in UTC as Stripe says it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(moment: int) -> str:
    """The other way round."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


def plan(api: Any, name: str, amount: int, interval: Any = "month") -> stripe.Price:
    """A plan's price."""
    return api.prices.create({"currency": "gbp", "unit_amount": amount, "recurring": {"interval": interval}, "product_data": {"name": name}})


def customer(api: Any, *, card: str = "pm_card_visa", clock: int | None = None) -> stripe.Customer:
    """A customer with a card on file, in a time of its own when `clock` says one."""
    own: Any = {"test_clock": api.test_helpers.test_clocks.create({"frozen_time": clock}).id} if clock else {}
    made = api.customers.create({"name": "Ada", "email": "ada@example.com", **own})
    if card:
        method = api.payment_methods.attach(card, {"customer": made.id})
        api.customers.update(made.id, {"invoice_settings": {"default_payment_method": method.id}})
    return made


def to(api: Any, who: stripe.Customer, moment: int) -> None:
    """Move that customer's clock there."""
    api.test_helpers.test_clocks.advance(api.customers.retrieve(who.id).test_clock, {"frozen_time": moment})


def pack(**more: Any) -> Any:
    """The parameters of a session that sells one pack."""
    line = {"price_data": {"currency": "gbp", "unit_amount": 2500, "product_data": {"name": "Standard pack"}}, "quantity": 1}
    return {"mode": "payment", "line_items": [line], "success_url": SUCCESS, "cancel_url": CANCEL} | more


def place(session: Any) -> str:
    """The path of an object's page; the sandbox answers at it, whatever the origin is."""
    return urlsplit(session.url).path


def pay(sandbox: Sandbox, session: Any, number: str = OK, **fields: str) -> tuple[int, str]:
    """Type a card on a session's page and press the button."""
    typed = {"number": number, "expiry": "12/34", "cvc": "123", "name": "Ada Byron", "do": "pay"}
    return sandbox.submit(place(session), **(typed | fields))
