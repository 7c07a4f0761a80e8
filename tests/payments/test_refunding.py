"""Money that goes back takes its credits along, once: refunds from either side, disputes, both of one payment, and what is undone."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import ids
from credit_studio.core.actor import Actor, Role
from credit_studio.core.errors import Conflict, Forbidden, InvalidInputs, NotFound
from credit_studio.core.money import Money
from credit_studio.db.session import transaction
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance
from credit_studio.payments import flow, inbox, refunding
from credit_studio.payments.views import Order
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, Shop
from tests.subscriptions.plans_shop import subscriber

FREE = 300
OPERATOR = Actor(user_id=ids.new_id(), role=Role.ADMIN, door="test")


async def a_purchase(shop: Shop, buyer: Someone, pack: str = "starter") -> Order:
    """A pack that is paid by one click."""
    await shop.save_card(buyer.id)
    bought = await flow.top_up(buyer.actor, pack, origin=ORIGIN)
    assert isinstance(bought, Order)
    assert bought.status == "paid"
    await shop.deliver()
    return bought


async def own(buyer: Someone) -> Balance:
    """The buyer's balance."""
    async with transaction() as tx:
        return await ledger.balance(tx, owner_id=buyer.id)


async def kept(buyer: Someone) -> int:
    """What the buyer has beside the free plan's credits."""
    return (await own(buyer)).available - FREE


async def said(buyer: Someone) -> list[str]:
    """The refunds of the buyer's history in words, newest first."""
    async with transaction() as tx:
        page = await history.movements(tx, owner_id=buyer.id, wanted=Wanted(kinds=("refund",)))
    return [one.description for one in page.items]


def charge_of(shop: Shop) -> str:
    """The one charge at Stripe that was paid."""
    (charge,) = shop.sandbox.client().v1.charges.list().data
    return charge.id


def dispute(shop: Shop, amount: int | None = None) -> str:
    """Let the buyer's bank take the money; the dispute's id."""
    return shop.sandbox.control("dispute", {"charge": charge_of(shop), "amount": amount})["id"]


def refund_at_stripe(shop: Shop, amount: int | None = None) -> str:
    """Refund at Stripe; the refund's id."""
    return shop.sandbox.control("refund", {"charge": charge_of(shop), "amount": amount})["id"]


async def test_a_refund_that_stripe_makes_takes_the_credits_back_and_says_so(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    refund_at_stripe(shop)
    await shop.deliver()
    assert await kept(buyer) == 0
    assert await said(buyer) == ["£10.00 refunded (Starter pack, receipt R-000001): 500 credits taken back"]
    assert (await flow.order(buyer.actor, order.id)).refunded == Money(1_000, "GBP")


async def test_refunds_in_parts_take_what_their_sum_takes(shop: Shop) -> None:
    buyer = await someone()
    await a_purchase(shop, buyer)
    left: list[int] = []
    for amount in (333, 333, 333, 1):
        refund_at_stripe(shop, amount)
        await shop.deliver()
        left.append(await kept(buyer))
    assert left == [334, 167, 1, 0]


async def test_an_operator_refunds_a_part_and_then_the_rest(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    part = await refunding.refund(OPERATOR, order.id, amount=400, reason="Asked nicely")
    assert (part.amount, part.status, part.credits) == (Money(400, "GBP"), "succeeded", 200)
    assert await kept(buyer) == 300
    rest = await refunding.refund(OPERATOR, order.id, amount=None, reason="All of it")
    assert (rest.amount, rest.credits) == (Money(600, "GBP"), 300)
    await shop.deliver()
    assert (await kept(buyer), len(await said(buyer))) == (0, 2)
    with pytest.raises(Conflict, match="no money of this purchase left"):
        await refunding.refund(OPERATOR, order.id, amount=None, reason="Again")


async def test_the_same_refund_asked_for_twice_is_one(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    both = [await refunding.refund(OPERATOR, order.id, amount=250, reason="Once", key="one") for _ in range(2)]
    assert [one.replayed for one in both] == [False, True]
    assert await kept(buyer) == 375
    with pytest.raises(InvalidInputs) as refused:
        await refunding.refund(OPERATOR, order.id, amount=300, reason="Once", key="one")
    assert refused.value.code == "idempotency_mismatch"


async def test_two_who_ask_at_the_same_time_refund_once(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    both = await asyncio.gather(*(refunding.refund(OPERATOR, order.id, amount=500, reason="Both") for _ in range(2)))
    assert both[0].refund_id == both[1].refund_id
    assert await kept(buyer) == 250


async def test_only_operators_refund_and_not_their_own(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    with pytest.raises(Forbidden):
        await refunding.refund(buyer.actor, order.id, amount=None, reason="Mine")
    with pytest.raises(Forbidden, match="their own"):
        await refunding.refund(Actor(user_id=buyer.id, role=Role.ADMIN), order.id, amount=None, reason="Mine")
    with pytest.raises(NotFound):
        await refunding.refund(OPERATOR, UUID(int=7), amount=None, reason="Nobody's")
    for amount in (0, -1, 1_001):
        with pytest.raises(InvalidInputs, match="Nothing was refunded"):
            await refunding.refund(OPERATOR, order.id, amount=amount, reason="Too much")
    assert shop.sandbox.client().v1.refunds.list().data == []


async def test_a_month_of_a_plan_is_refunded_from_its_own_credits(shop: Shop) -> None:
    buyer = await subscriber(shop)
    (order,) = await flow.orders(buyer.actor)
    part = await refunding.refund(OPERATOR, order.id, amount=250, reason="A week of it was lost")
    assert (part.credits, await kept(buyer)) == (750, 2_250)
    await shop.deliver()
    assert await said(buyer) == ["£2.50 refunded (Supporter plan, receipt R-000001): 750 credits taken back"]


async def test_a_purchase_that_no_payment_is_known_of_is_not_refunded(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    async with transaction() as tx:
        await tx.execute(text("UPDATE purchase SET intent_id = NULL"))
    with pytest.raises(Conflict, match="Nothing was refunded"):
        await refunding.refund(OPERATOR, order.id, amount=None, reason="Whose?")
    assert shop.sandbox.client().v1.refunds.list().data == []


async def test_what_is_not_paid_is_not_refunded(shop: Shop) -> None:
    buyer = await someone()
    await flow.start_checkout(buyer.actor, "starter", origin=ORIGIN)
    (order,) = await flow.orders(buyer.actor)
    with pytest.raises(Conflict, match="not paid"):
        await refunding.refund(OPERATOR, order.id, amount=None, reason="Never paid")


async def test_credits_that_were_spent_become_a_debt(shop: Shop) -> None:
    buyer = await someone()
    await a_purchase(shop, buyer)
    async with transaction() as tx:
        await ledger.transfer(tx, from_owner=buyer.id, to_owner=(await someone()).id, amount=450, key="gone", note="A present")
    refund_at_stripe(shop)
    await shop.deliver()
    balance = await own(buyer)
    assert (balance.debt, balance.available) == (450, FREE - 450)


async def test_a_refund_that_fails_gives_the_credits_back(shop: Shop) -> None:
    buyer = await someone()
    await shop.save_card(buyer.id, "pm_card_refundFail")
    order = await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert isinstance(order, Order)
    await refunding.refund(OPERATOR, order.id, amount=None, reason="Please")
    assert await kept(buyer) == 0
    shop.sandbox.clock(by_s=60)
    await shop.deliver()
    assert await kept(buyer) == 500
    assert await said(buyer) == [
        "The refund of £10.00 did not arrive (Starter pack, receipt R-000001): 500 credits given back",
        "£10.00 refunded (Starter pack, receipt R-000001): 500 credits taken back",
    ]
    assert (await flow.order(buyer.actor, order.id)).refunded == Money(0, "GBP")


async def test_a_dispute_takes_the_credits_and_one_that_is_won_gives_them_back(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    opened = dispute(shop)
    await shop.deliver()
    assert (await kept(buyer), (await flow.order(buyer.actor, order.id)).refunded) == (0, Money(0, "GBP"))
    shop.sandbox.control(f"dispute/{opened}/close", {"status": "won"})
    await shop.deliver()
    assert await kept(buyer) == 500
    assert await said(buyer) == [
        "The dispute of £10.00 was decided for the studio (Starter pack, receipt R-000001): 500 credits given back",
        "Payment of £10.00 disputed at the bank (Starter pack, receipt R-000001): 500 credits taken back",
    ]


async def test_a_dispute_that_is_lost_takes_the_credits_once(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    opened = dispute(shop, 500)
    await shop.deliver()
    shop.sandbox.control(f"dispute/{opened}/close", {"status": "lost"})
    await shop.deliver()
    assert (await kept(buyer), len(await said(buyer))) == (250, 1)
    assert (await flow.order(buyer.actor, order.id)).refunded == Money(500, "GBP")


@pytest.mark.parametrize(("end", "left"), [("lost", 0), ("won", 300)])
async def test_refund_and_dispute_of_one_payment_take_its_credits_once(shop: Shop, end: str, left: int) -> None:
    buyer = await someone()
    await a_purchase(shop, buyer)
    refund_at_stripe(shop, 400)
    opened = dispute(shop)
    await shop.deliver()
    assert await kept(buyer) == 0
    shop.sandbox.control(f"dispute/{opened}/close", {"status": end})
    await shop.deliver()
    assert await kept(buyer) == left


async def test_what_is_disputed_cannot_be_refunded_as_well(shop: Shop) -> None:
    buyer = await someone()
    order = await a_purchase(shop, buyer)
    dispute(shop)
    await shop.deliver()
    with pytest.raises(Conflict, match="its bank has it"):
        await refunding.refund(OPERATOR, order.id, amount=None, reason="Twice?")


async def test_events_backwards_and_twice_change_nothing_more(shop: Shop) -> None:
    buyer = await someone()
    await shop.save_card(buyer.id)
    order = await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert isinstance(order, Order)
    refund_at_stripe(shop, 100)
    shop.sandbox.control(f"dispute/{dispute(shop)}/close", {"status": "lost"})
    told = await shop.take_in()
    for event_id in [*reversed(told), *told]:
        await inbox.process(event_id)
    assert (await kept(buyer), len(await said(buyer))) == (0, 1)


async def test_a_refund_whose_payment_nobody_has_told_of_pays_the_order_first(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = await someone()
    await shop.save_card(buyer.id)

    async def crash(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr("credit_studio.payments.settling.settle_intent", crash)
        with pytest.raises(ConnectionError):
            await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    refund_at_stripe(shop, 500)
    kinds = {event["id"]: event["type"] for event in shop.sandbox.events()}
    for event_id in [one for one in await shop.take_in() if kinds[one] == "refund.created"]:
        await inbox.process(event_id)
    (order,) = await flow.orders(buyer.actor)
    assert (order.status, order.refunded, await kept(buyer)) == ("paid", Money(500, "GBP"), 250)
