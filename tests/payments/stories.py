"""What must be so at Stripe and in the sandbox alike: told once, run against both (`test_stories.py`, and `real_stripe.py` when there is a key)."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

import pytest

from credit_studio.core.errors import PaymentRequired
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments import flow, gateway, plans
from credit_studio.payments.plan_facts import PERSON
from credit_studio.payments.views import NeedsAction, Order
from credit_studio.subscriptions import changing
from credit_studio.subscriptions import service as subscriptions
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, bought


class Till(Protocol):
    """A Stripe, real or not: cards are saved there, checkouts expire there, and what it tells is brought to the door."""

    async def save_card(self, person_id: UUID, name: str = ...) -> str:
        """Save a test card for a person."""
        ...

    async def expire(self, session_id: str) -> None:
        """End a checkout that nobody has paid."""
        ...

    async def give_back(self, order_id: UUID) -> None:
        """Refund the payment of an order whole, at Stripe's own side."""
        ...

    async def deliver(self) -> list[str]:
        """Bring what it has told since the last time through the door, and work it through."""
        ...


async def one_click_charges_and_grants_once(till: Till) -> None:
    """The answer, its repetition under the same key, and the events: one payment."""
    ada = await someone()
    await till.save_card(ada.id)
    card = await flow.card(ada.actor)
    assert card is not None
    assert (card.brand, card.last4, card.trouble) == ("visa", "4242", "")
    for _ in range(2):
        done = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
        assert isinstance(done, Order)
        assert (done.status, done.credits) == ("paid", 500)
    await till.deliver()
    assert await bought(ada.id) == 500
    assert len(await flow.orders(ada.actor)) == 1


async def a_declined_card_is_told_in_words(till: Till) -> None:
    """Nothing is granted, and the order says why."""
    ada = await someone()
    await till.save_card(ada.id, "pm_card_chargeCustomerFail")
    with pytest.raises(PaymentRequired, match="Nothing was charged"):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    await till.deliver()
    assert [order.status for order in await flow.orders(ada.actor)] == ["failed"]
    assert await bought(ada.id) == 0


async def a_bank_that_asks_gets_its_page(till: Till) -> None:
    """Nothing is charged before the buyer has answered."""
    ada = await someone()
    await till.save_card(ada.id, "pm_card_authenticationRequired")
    asked = await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    assert isinstance(asked, NeedsAction)
    assert asked.url.startswith("http")
    await till.deliver()
    assert (await flow.order(ada.actor, asked.order_id)).status == "open"
    assert await bought(ada.id) == 0


async def a_checkout_opens_once_for_a_key_and_ends_unpaid(till: Till) -> None:
    """The same key, the same page; one that is ended leaves the order expired."""
    ada = await someone()
    first = await flow.start_checkout(ada.actor, "standard", origin=ORIGIN, key="one")
    second = await flow.start_checkout(ada.actor, "standard", origin=ORIGIN, key="one")
    assert (first.session_id, first.url) == (second.session_id, second.url)
    await till.expire(first.session_id)
    await till.deliver()
    assert (await flow.verify(ada.actor, first.session_id)).status == "expired"
    assert await bought(ada.id) == 0


async def a_refund_at_stripe_takes_the_credits_back(till: Till) -> None:
    """All the money, all the credits."""
    ada = await someone()
    await till.save_card(ada.id)
    done = await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    assert isinstance(done, Order)
    await till.give_back(done.id)
    await till.deliver()
    assert (await flow.order(ada.actor, done.id)).refunded.amount == 1000
    assert await bought(ada.id) == 0


async def the_portal_opens(till: Till) -> None:
    """For a person who has never bought, too."""
    ada = await someone()
    assert (await flow.portal(ada.actor, origin=ORIGIN)).startswith("http")
    await till.deliver()


async def a_plan_is_followed_from_its_first_payment_to_its_end(till: Till) -> None:
    """Made larger at the price that was shown, smaller or ended with the period, kept; and over when Stripe says so."""
    ada = await someone()
    card, customer, api = await till.save_card(ada.id), await flow.customer_of(ada.id), gateway.client().v1
    price = await plans._price(subscriptions.get_plan("supporter"))
    begun: Any = {"customer": customer, "items": [{"price": price}], "default_payment_method": card, "metadata": {PERSON: str(ada.id)}}
    made = await api.subscriptions.create_async(begun)
    await till.deliver()
    assert await _held(ada) == ("supporter", None, False, 300 + 3_000)
    shown = await changing.preview_change(ada.actor, "pro")
    chosen = await changing.choose(ada.actor, "pro", origin=ORIGIN, priced_at=shown.priced_at)
    assert chosen.order is not None
    assert (chosen.status, chosen.order.price, chosen.order.credits) == ("changed", shown.due_now, shown.credits_now)
    await till.deliver()
    available = 3_300 + shown.credits_now
    assert await _held(ada) == ("pro", None, False, available)
    await changing.choose(ada.actor, "supporter", origin=ORIGIN)
    assert await _held(ada) == ("pro", "supporter", False, available)
    await changing.cancel(ada.actor)
    assert await _held(ada) == ("pro", None, True, available)
    await changing.resume(ada.actor)
    await till.deliver()
    assert await _held(ada) == ("pro", None, False, available)
    await api.subscriptions.cancel_async(made.id)
    await till.deliver()
    assert await _held(ada) == ("free", None, False, available + 300)


async def _held(person: Someone) -> tuple[str, str | None, bool, int]:
    """The plan, what follows it, whether it ends with its period, and the credits that are available."""
    async with transaction() as tx:
        plan, book = await subscriptions.plan_of(tx, person_id=person.id), await ledger.balance(tx, owner_id=person.id)
    return plan.id, plan.next_plan_id, plan.cancel_at is not None, book.available


STORIES: tuple[Callable[[Till], Awaitable[None]], ...] = (
    one_click_charges_and_grants_once,
    a_declined_card_is_told_in_words,
    a_bank_that_asks_gets_its_page,
    a_checkout_opens_once_for_a_key_and_ends_unpaid,
    a_refund_at_stripe_takes_the_credits_back,
    the_portal_opens,
    a_plan_is_followed_from_its_first_payment_to_its_end,
)
