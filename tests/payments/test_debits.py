"""A payment that takes days: the session is complete before the money is there."""

from credit_studio.payments import flow
from tests.makers.people import someone
from tests.payments.shop import ORIGIN, Shop, bought

THREE_DAYS_S = 3 * 86_400 + 60


async def test_a_debit_gives_nothing_until_the_money_is_there_and_then_once(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.sandbox.submit(f"/sandbox/checkout/{opened.session_id}", debit="comes")
    await shop.deliver()
    assert (await flow.verify(ada.actor, opened.session_id)).status == "processing"
    assert await bought(ada.id) == 0
    shop.sandbox.clock(by_s=THREE_DAYS_S)
    await shop.deliver()
    assert (await flow.order(ada.actor, opened.order_id)).status == "paid"
    assert await bought(ada.id) == 500
    assert await flow.card(ada.actor) is None


async def test_a_debit_that_comes_back_gives_nothing(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.sandbox.submit(f"/sandbox/checkout/{opened.session_id}", debit="fails")
    shop.sandbox.clock(by_s=THREE_DAYS_S)
    await shop.deliver()
    assert (await flow.verify(ada.actor, opened.session_id)).status == "failed"
    assert await bought(ada.id) == 0
