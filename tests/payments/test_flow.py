"""What buyers ask for, through the real SDK and a real sandbox."""

import pytest

from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, InvalidInputs, NotFound, NotSignedIn, PaymentRequired, RateLimited
from credit_studio.db.session import transaction
from credit_studio.payments import cards, flow
from credit_studio.payments.views import Checkout, NeedsAction, Order
from tests.makers.people import someone
from tests.payments.shop import ORIGIN, Shop, bought


async def test_a_pack_is_bought_at_the_checkout_and_its_credits_arrive_with_the_event(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    assert opened.url.startswith(f"{ORIGIN}/sandbox/checkout/")
    assert (await flow.verify(ada.actor, opened.session_id)).status == "open"
    assert await bought(ada.id) == 0
    assert shop.pay(opened.session_id) == f"{ORIGIN}/account/credits/success?session_id={opened.session_id}"
    await shop.deliver()
    order = await flow.order(ada.actor, opened.order_id)
    assert (order.status, order.credits, order.price.amount, order.receipt) == ("paid", 500, 1000, "R-000001")
    assert await bought(ada.id) == 500


async def test_the_sandbox_shows_what_is_bought(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "standard", origin=ORIGIN)
    status, page = shop.sandbox.fetch("GET", opened.url.removeprefix(ORIGIN))
    assert status == 200
    assert "Standard pack: 1,400 credits" in page
    assert "25.00" in page


async def test_verification_grants_when_the_event_is_late(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    assert (await flow.verify(ada.actor, opened.session_id)).status == "paid"
    assert await bought(ada.id) == 500
    await shop.deliver()
    assert await bought(ada.id) == 500


async def test_somebody_elses_purchase_is_not_found(shop: Shop) -> None:
    ada, eve = await someone(), await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    for ask in (flow.verify(eve.actor, opened.session_id), flow.order(eve.actor, opened.order_id), flow.verify(ada.actor, "cs_test_nothing")):
        with pytest.raises(NotFound):
            await ask
    assert await flow.orders(eve.actor) == ()
    with pytest.raises(NotSignedIn):
        await flow.verify(Actor(), opened.session_id)


async def test_the_card_that_paid_at_the_checkout_is_saved_and_charged_by_one_click(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    await shop.deliver()
    card = await flow.card(ada.actor)
    assert card is not None
    assert (card.brand, card.last4, card.expires, card.trouble) == ("visa", "4242", "2034-12", "")
    done = await flow.top_up(ada.actor, "standard", origin=ORIGIN, key="one")
    assert isinstance(done, Order)
    assert (done.status, done.credits, done.receipt, done.replayed) == ("paid", 1400, "R-000002", False)
    assert await bought(ada.id) == 1900
    again = await flow.top_up(ada.actor, "standard", origin=ORIGIN, key="one")
    assert isinstance(again, Order)
    assert (again.id, again.replayed) == (done.id, True)
    await shop.deliver()
    assert await bought(ada.id) == 1900
    assert [order.id for order in await flow.orders(ada.actor)] == [done.id, opened.order_id]


async def test_one_click_is_for_purchases_below_fifty_and_needs_a_card(shop: Shop) -> None:
    ada = await someone()
    with pytest.raises(Conflict) as refused:
        await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    assert refused.value.code == "no_card"
    await shop.save_card(ada.id)
    with pytest.raises(Conflict) as refused:
        await flow.top_up(ada.actor, "professional", origin=ORIGIN)
    assert refused.value.code == "confirmation_needed"
    with pytest.raises(NotFound):
        await flow.top_up(ada.actor, "no-such-pack", origin=ORIGIN)
    assert await flow.orders(ada.actor) == ()


async def test_a_declined_card_is_told_in_words_and_frees_the_key(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id, "pm_card_chargeCustomerFail")
    said = "The bank declined without a reason."
    for _ in range(2):
        with pytest.raises(PaymentRequired) as refused:
            await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
        assert (refused.value.code, refused.value.reason, refused.value.message) == ("card_declined", "generic_decline", f"{said} Nothing was charged.")
    await shop.deliver()
    orders = await flow.orders(ada.actor)
    assert [(order.status, order.failure_code, order.failure) for order in orders] == [("failed", "generic_decline", said)] * 2
    assert await bought(ada.id) == 0
    kept = await flow.card(ada.actor)
    assert kept is not None
    assert kept.trouble == ""


async def test_a_card_that_cannot_be_charged_any_more_is_marked_until_it_can(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    async with transaction() as tx:
        await cards.note_decline(tx, person_id=ada.id, code="insufficient_funds")
    kept = await flow.card(ada.actor)
    assert kept is not None
    assert kept.trouble == ""
    async with transaction() as tx:
        await cards.note_decline(tx, person_id=ada.id, code="expired_card")
    kept = await flow.card(ada.actor)
    assert kept is not None
    assert (kept.trouble, kept.action) == ("The card has expired.", "Save another card.")
    await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    kept = await flow.card(ada.actor)
    assert kept is not None
    assert kept.trouble == ""


async def test_a_card_that_is_taken_away_at_stripe_is_not_charged_any_more(shop: Shop) -> None:
    ada = await someone()
    card = await shop.save_card(ada.id)
    await shop.sandbox.client().v1.payment_methods.detach_async(card)
    await shop.deliver()
    assert await flow.card(ada.actor) is None
    with pytest.raises(Conflict):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN)


async def test_a_customer_who_is_deleted_at_stripe_is_made_anew(shop: Shop) -> None:
    ada = await someone()
    first = await flow.customer_of(ada.id)
    await shop.sandbox.client().v1.customers.delete_async(first)
    await shop.deliver()
    assert await flow.card(ada.actor) is None
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    assert (await flow.verify(ada.actor, opened.session_id)).status == "paid"


async def test_somebody_who_tries_cards_out_is_stopped_for_a_while(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id, "pm_card_chargeCustomerFail")
    for _ in range(10):
        with pytest.raises(PaymentRequired):
            await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    with pytest.raises(RateLimited):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    with pytest.raises(RateLimited):
        await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)


async def test_a_bank_that_asks_sends_the_buyer_to_its_page_and_back(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id, "pm_card_authenticationRequired")
    asked = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    assert isinstance(asked, NeedsAction)
    assert asked.url.startswith(f"{ORIGIN}/sandbox/authenticate/")
    assert (await flow.order(ada.actor, asked.order_id)).status == "open"
    again = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    assert isinstance(again, NeedsAction)
    assert (again.order_id, again.url, again.replayed) == (asked.order_id, asked.url, True)
    back = shop.sandbox.submit(asked.url.removeprefix(ORIGIN), do="complete")[1]
    assert back.startswith(f"{ORIGIN}/account/credits/success?order={asked.order_id}")
    assert (await flow.order(ada.actor, asked.order_id)).status == "paid"
    await shop.deliver()
    assert await bought(ada.id) == 500


async def test_a_bank_that_was_not_answered_leaves_the_order_unpaid(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id, "pm_card_authenticationRequired")
    asked = await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    assert isinstance(asked, NeedsAction)
    shop.sandbox.submit(asked.url.removeprefix(ORIGIN), do="fail")
    order = await flow.order(ada.actor, asked.order_id)
    assert (order.status, order.failure) == ("failed", "The bank's confirmation was not given.")
    await shop.deliver()
    assert await bought(ada.id) == 0


async def test_a_checkout_is_the_same_one_for_the_same_key(shop: Shop) -> None:
    ada = await someone()
    first = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="k")
    second = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="k")
    assert isinstance(second, Checkout)
    assert (second.session_id, second.url, second.replayed) == (first.session_id, first.url, True)
    with pytest.raises(InvalidInputs) as refused:
        await flow.start_checkout(ada.actor, "standard", origin=ORIGIN, key="k")
    assert refused.value.code == "idempotency_mismatch"
    other = await someone()
    assert (await flow.start_checkout(other.actor, "starter", origin=ORIGIN, key="k")).session_id != first.session_id


async def test_a_checkout_that_runs_out_leaves_the_order_expired(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.sandbox.clock(by_s=25 * 3600)
    await shop.deliver()
    order = await flow.order(ada.actor, opened.order_id)
    assert (order.status, order.failure, order.action) == ("expired", "The checkout was not finished in time.", "Start again.")


async def test_a_declined_card_at_the_checkout_ends_nothing(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id, "4000000000000002")
    await shop.deliver()
    assert (await flow.order(ada.actor, opened.order_id)).status == "open"
    shop.pay(opened.session_id)
    await shop.deliver()
    assert (await flow.order(ada.actor, opened.order_id)).status == "paid"
    assert await bought(ada.id) == 500


async def test_the_portal_is_the_persons_own(shop: Shop) -> None:
    ada = await someone()
    assert (await flow.portal(ada.actor, origin=ORIGIN)).startswith(f"{ORIGIN}/sandbox/")
