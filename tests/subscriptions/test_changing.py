"""Choosing plans at the real sandbox: the checkout, changes at once and at the end of the period, renewals by its clock, payments that fail."""

import asyncio
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.core.errors import Conflict, NotFound, PaymentRequired
from credit_studio.core.money import Money
from credit_studio.db.session import transaction
from credit_studio.payments import flow as payments
from credit_studio.payments import inbox
from credit_studio.subscriptions import changing, service
from credit_studio.subscriptions.changing import Chosen
from tests.makers.people import someone
from tests.payments.shop import Shop
from tests.sandbox.shop import DAY, DECLINED
from tests.subscriptions.plans_shop import ASKS, DECLINES, MONTH, PAYS, allotted, authenticate, choose, held, orders, pay, subscriber, swap_card


async def test_the_first_plan_that_costs_goes_through_the_checkout(shop: Shop) -> None:
    person = await someone(bought=40)
    chosen = await choose(person, "supporter")
    assert (chosen.status, chosen.plan.id) == ("checkout", "free")
    assert (await held(person))[1].available == 340
    assert pay(shop, chosen)[0] == 303
    await shop.deliver()
    plan, book = await held(person)
    assert (plan.id, plan.is_paid, plan.status) == ("supporter", True, "active")
    assert book.available == 300 + 40 + 3_000
    assert timedelta(days=27) < plan.period_end - plan.period_start < timedelta(days=32)
    assert await orders(person) == [("supporter", "paid", 3_000, 1_000)]


async def test_the_buyer_need_not_wait_for_the_webhook(shop: Shop) -> None:
    person = await someone()
    chosen = await choose(person, "pro")
    pay(shop, chosen)
    assert chosen.session_id is not None
    order = await payments.verify(person.actor, chosen.session_id)
    assert (order.status, order.kind, order.credits, order.price) == ("paid", "plan", 12_000, Money(3_500, "GBP"))
    assert (await held(person))[0].id == "pro"
    await shop.deliver()
    assert await allotted(person) == [12_000]


async def test_another_persons_checkout_is_not_there(shop: Shop) -> None:
    person, stranger = await someone(), await someone()
    chosen = await choose(person, "pro")
    assert chosen.session_id is not None
    with pytest.raises(NotFound):
        await payments.verify(stranger.actor, chosen.session_id)


async def test_a_declined_card_at_the_checkout_changes_nothing(shop: Shop) -> None:
    person = await someone()
    assert pay(shop, await choose(person, "pro"), DECLINED)[0] == 402
    await shop.deliver()
    plan, book = await held(person)
    assert (plan.id, book.available) == ("free", 300)


async def test_two_tabs_cannot_buy_two_plans(shop: Shop) -> None:
    person = await someone()
    first = await choose(person, "supporter")
    assert (await choose(person, "supporter")).session_id == first.session_id
    other = await choose(person, "pro")
    assert other.session_id != first.session_id
    assert pay(shop, first)[0] != 303
    assert pay(shop, other)[0] == 303
    await shop.deliver()
    assert await allotted(person) == [12_000]
    assert sorted(await orders(person)) == [("pro", "paid", 12_000, 3_500), ("supporter", "expired", 3_000, 1_000)]


async def test_who_paid_in_another_tab_is_told_so_before_paying_twice(shop: Shop) -> None:
    person = await someone()
    pay(shop, await choose(person, "supporter"))
    with pytest.raises(Conflict) as refused:
        await choose(person, "pro")
    assert refused.value.code == "plan_is_held"
    assert (await held(person))[0].id == "supporter"


async def test_asking_at_once_opens_one_checkout(shop: Shop) -> None:
    person = await someone()
    told = await asyncio.gather(*(choose(person, "pro") for _ in range(4)), return_exceptions=True)
    opened = {one.session_id for one in told if isinstance(one, Chosen)}
    assert len(opened) == 1
    assert all(isinstance(one, Chosen | Conflict) for one in told)


async def test_an_upgrade_charges_and_brings_what_the_preview_said(shop: Shop) -> None:
    person = await subscriber(shop, bought=40)
    shop.sandbox.clock(by_s=10 * DAY)
    shown = await changing.preview_change(person.actor, "pro")
    plan = (await held(person))[0]
    assert (shown.kind, shown.starts_at, shown.then) == ("upgrade", None, Money(3_500, "GBP"))
    assert shown.priced_at is not None
    left = (plan.period_end - shown.priced_at) / (plan.period_end - plan.period_start)
    assert shown.credits_now == int(9_000 * left)
    assert abs(shown.due_now.amount - 2_500 * left) <= 1
    chosen = await choose(person, "pro", priced_at=shown.priced_at)
    assert chosen.status == "changed"
    assert chosen.order is not None
    assert (chosen.order.status, chosen.order.price, chosen.order.credits) == ("paid", shown.due_now, shown.credits_now)
    assert (chosen.plan.id, chosen.plan.period_end) == ("pro", plan.period_end)
    assert (await held(person))[1].available == 300 + 40 + 3_000 + shown.credits_now
    await shop.deliver()
    assert await allotted(person) == [3_000, shown.credits_now]
    assert await orders(person) == [("supporter", "paid", 3_000, 1_000), ("pro", "paid", shown.credits_now, shown.due_now.amount)]


async def test_an_upgrade_that_only_the_webhook_tells_of_is_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await subscriber(shop)

    async def cut(*_: object, **__: object) -> None:
        raise ConnectionError("the process was killed")

    with monkeypatch.context() as killed:
        killed.setattr("credit_studio.payments.plan_flow._answer", cut)
        with pytest.raises(ConnectionError):
            await choose(person, "pro")
    await shop.deliver()
    plan, _ = await held(person)
    assert plan.id == "pro"
    assert [one[:2] for one in await orders(person)] == [("supporter", "paid"), ("pro", "paid")]
    assert len(await allotted(person)) == 2


async def test_a_price_that_was_shown_too_long_ago_or_never_is_refused(shop: Shop) -> None:
    person = await subscriber(shop)
    shown = await changing.preview_change(person.actor, "pro")
    assert shown.priced_at is not None
    for wrong in (shown.priced_at + timedelta(hours=1), shown.priced_at - timedelta(days=1)):
        with pytest.raises(Conflict) as refused:
            await choose(person, "pro", priced_at=wrong)
        assert refused.value.code == "price_changed"
    shop.sandbox.clock(by_s=3_600)
    with pytest.raises(Conflict):
        await choose(person, "pro", priced_at=shown.priced_at)
    assert (await held(person))[0].id == "supporter"


async def test_the_same_key_upgrades_once(shop: Shop) -> None:
    person = await subscriber(shop)
    first = await choose(person, "pro", key="up-1")
    shown = await held(person)
    again = await choose(person, "pro", key="up-1")
    assert first.order is not None
    assert again.order is not None
    assert (first.status, again.status, again.order.id, again.replayed) == ("changed", "changed", first.order.id, True)
    await shop.deliver()
    assert (await held(person))[1].available == shown[1].available


async def test_a_declined_upgrade_changes_nothing_and_says_why(shop: Shop) -> None:
    person = await subscriber(shop)
    await swap_card(shop, person, DECLINES)
    before = await held(person)
    with pytest.raises(PaymentRequired) as refused:
        await choose(person, "pro")
    assert refused.value.code == "card_declined"
    await shop.deliver()
    assert await held(person) == before
    assert (await orders(person))[-1][:2] == ("pro", "failed")


async def test_an_upgrade_that_the_bank_asks_about_waits_for_the_answer(shop: Shop) -> None:
    person = await subscriber(shop)
    await swap_card(shop, person, ASKS)
    chosen = await choose(person, "pro")
    assert chosen.status == "needs_action"
    assert chosen.url is not None
    assert chosen.plan.id == "supporter"
    await shop.deliver()
    assert (await held(person))[0].id == "supporter"
    await authenticate(shop, person)
    await shop.deliver()
    plan, _ = await held(person)
    assert plan.id == "pro"
    assert [one[:2] for one in await orders(person)] == [("supporter", "paid"), ("pro", "paid")]


async def test_a_downgrade_waits_for_the_end_of_the_period_and_can_be_taken_back(shop: Shop) -> None:
    person = await subscriber(shop, "pro", bought=40)
    shown = await changing.preview_change(person.actor, "supporter")
    assert (shown.kind, shown.due_now.amount, shown.credits_now) == ("downgrade", 0, 0)
    assert any("12,300 credits left" in line for line in shown.stays)
    assert any("daily cap falls from 2,000 to 300" in line for line in shown.ends)
    assert any("40 credits" in line for line in shown.carries_over)
    chosen = await choose(person, "supporter")
    assert (chosen.status, chosen.plan.id, chosen.plan.next_plan_id) == ("scheduled", "pro", "supporter")
    resumed = await changing.resume(person.actor)
    assert (resumed.status, resumed.plan.next_plan_id) == ("resumed", None)
    await choose(person, "supporter")
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    plan, _ = await held(person)
    assert (plan.id, plan.next_plan_id, plan.daily_cap) == ("supporter", None, 300)
    assert await allotted(person) == [12_000, 3_000]
    assert [one[3] for one in await orders(person)] == [3_500, 1_000]


async def test_cancelling_keeps_the_plan_to_the_end_and_what_was_bought_after_it(shop: Shop) -> None:
    person = await subscriber(shop, bought=40)
    shown = await changing.preview_change(person.actor, "free")
    assert shown.kind == "cancel"
    assert "Nothing is charged any more." in shown.ends
    chosen = await changing.cancel(person.actor)
    plan = chosen.plan
    assert (chosen.status, plan.id, plan.cancel_at) == ("scheduled", "supporter", plan.period_end)
    for asked in (choose(person, "pro"), changing.preview_change(person.actor, "pro")):
        with pytest.raises(Conflict) as refused:
            await asked
        assert refused.value.code == "plan_is_ending"
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    after, book = await held(person)
    assert (after.id, after.is_paid, after.period_start) == ("free", False, plan.period_end)
    assert [one.remaining for one in book.grants if one.source == "purchase"] == [40]
    assert [(one.id, one.change) for one in await changing.offers(person.actor)] == [("free", "none"), ("supporter", "subscribe"), ("pro", "subscribe")]


async def test_who_cancelled_and_resumes_goes_on(shop: Shop) -> None:
    person = await subscriber(shop)
    await changing.cancel(person.actor)
    assert (await changing.resume(person.actor)).plan.cancel_at is None
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    assert (await held(person))[0].id == "supporter"
    assert await allotted(person) == [3_000, 3_000]


async def test_every_month_that_is_paid_for_brings_its_credits_once(shop: Shop) -> None:
    person = await subscriber(shop)
    for months in range(1, 4):
        shop.sandbox.clock(by_s=MONTH)
        told = await shop.deliver()
        for event_id in told:
            await inbox.process(event_id)
        assert await allotted(person) == [3_000] * (months + 1)
    assert len(await orders(person)) == 4


async def test_a_renewal_is_not_left_a_draft_for_an_hour(shop: Shop) -> None:
    person = await subscriber(shop)
    plan, _ = await held(person)
    shop.sandbox.clock(by_s=int((plan.period_end - clock.now()).total_seconds()) + 60)
    assert shop.sandbox.types().count("invoice.paid") == 1
    await shop.deliver()
    await shop.deliver()
    assert await allotted(person) == [3_000, 3_000]
    assert (await held(person))[0].period_start == plan.period_end


async def test_a_renewal_that_fails_keeps_the_plan_until_stripe_gives_up(shop: Shop) -> None:
    person = await subscriber(shop, bought=40)
    await swap_card(shop, person, DECLINES)
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    plan, _ = await held(person)
    assert (plan.id, plan.status) == ("supporter", "past_due")
    assert await allotted(person) == [3_000]
    with pytest.raises(Conflict) as refused:
        await choose(person, "pro")
    assert refused.value.code == "payment_due"
    shop.sandbox.clock(by_s=20 * DAY)
    await shop.deliver()
    plan, book = await held(person)
    assert (plan.id, plan.is_paid, plan.status) == ("free", False, "active")
    assert [one.remaining for one in book.grants if one.source == "purchase"] == [40]


async def test_a_renewal_that_is_paid_late_makes_it_good(shop: Shop) -> None:
    person = await subscriber(shop)
    await swap_card(shop, person, DECLINES)
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    assert (await held(person))[0].status == "past_due"
    await swap_card(shop, person, PAYS)
    shop.sandbox.clock(by_s=4 * DAY)
    await shop.deliver()
    assert (await held(person))[0].status == "active"
    assert await allotted(person) == [3_000, 3_000]


@pytest.mark.parametrize("seed", range(3))
async def test_events_in_any_order_twice_and_under_other_ids_give_the_same_book(shop: Shop, seed: int) -> None:
    person = await someone(bought=7)
    chosen = await choose(person, "supporter")
    pay(shop, chosen)
    random = Random(seed)  # noqa: S311 - a shuffle
    for step in ("begin", "upgrade", "renew", "cancel"):
        if step == "upgrade":
            shop.sandbox.clock(by_s=5 * DAY)
            now = await changing._subscribed(await changing._standing(person.actor))
            await changing.plans.upgrade(now, service.get_plan("pro"), order_id=UUID(int=seed + 1), at=None, waits=False)
        elif step == "renew":
            shop.sandbox.clock(by_s=MONTH)
        elif step == "cancel":
            await changing.cancel(person.actor)
            shop.sandbox.clock(by_s=MONTH)
        told = await shop.take_in()
        for event_id in random.sample(told, len(told)):
            await inbox.process(event_id)
            await inbox.process(event_id)
    plan, book = await held(person)
    amounts = await allotted(person)
    assert (plan.id, plan.is_paid) == ("free", False)
    assert (amounts[0], amounts[2:]) == (3_000, [12_000])
    assert len(await orders(person)) == 3
    assert [one.remaining for one in book.grants if one.source == "purchase"] == [7]


async def test_a_checkout_that_was_paid_answers_its_key_as_before(shop: Shop) -> None:
    person = await someone()
    first = await choose(person, "pro", key="buy-1")
    pay(shop, first)
    await shop.deliver()
    again = await choose(person, "pro", key="buy-1")
    assert (again.status, again.session_id, again.replayed) == ("checkout", first.session_id, True)
    assert again.plan.id == "pro"


async def test_an_order_that_stripe_never_heard_of_ends_after_an_hour(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await subscriber(shop)

    async def lost(*_: object, **__: object) -> None:
        raise ConnectionError("the process was killed")

    with monkeypatch.context() as killed:
        killed.setattr("credit_studio.payments.plan_flow._changed", lost)
        with pytest.raises(ConnectionError):
            await choose(person, "pro")
    async with transaction() as tx:
        order_id = (await tx.execute(text("SELECT id FROM purchase WHERE status = 'open'"))).scalar_one()
    assert (await payments.order(person.actor, order_id)).status == "open"
    with clock.frozen(clock.now() + timedelta(hours=2)):
        ended = await payments.order(person.actor, order_id)
    assert (ended.status, ended.failure_code) == ("failed", "not_made")
