"""Killed between Stripe's answer and the studio's commit, at every such step of a plan: afterwards it is paid once, and has brought its credits once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.core.errors import Conflict
from credit_studio.payments import gateway, inbox, plan_looking, plan_settling, plans, service, store
from credit_studio.subscriptions import changing, following
from tests.makers.people import Someone, someone
from tests.payments.shop import Shop
from tests.payments.test_crash import Killed, killing
from tests.subscriptions.plans_shop import allotted, choose, held, orders, pay, subscriber

__all__ = ["killing"]

UPGRADE_STEPS = [
    pytest.param(plans, "upgrade", "before", id="before Stripe was asked"),
    pytest.param(plans, "upgrade", "after", id="after Stripe has charged"),
    pytest.param(plans, "news", "after", id="after the invoice was read"),
    pytest.param(plan_settling, "settle", "before", id="before anything is written"),
    pytest.param(store, "next_receipt", "after", id="with the receipt's number taken"),
    pytest.param(following.store, "add_allotment", "after", id="with the allotment written and not committed"),
    pytest.param(plan_settling, "settle", "after", id="just before the commit"),
]


async def _is_pro(shop: Shop, ada: Someone) -> None:
    await shop.deliver()
    told = await orders(ada)
    plan, book = await held(ada)
    assert plan.id == "pro"
    brought = await allotted(ada)
    assert [one[:2] for one in told] == [("supporter", "paid"), ("pro", "paid")]
    assert brought == [one[2] for one in told]
    assert book.available == 300 + sum(brought)
    intents = (await shop.sandbox.client().v1.payment_intents.list_async({"limit": 100})).data
    assert sorted(one.amount_received for one in intents if one.status == "succeeded") == sorted(one[3] for one in told)


@pytest.mark.parametrize(("module", "name", "when"), UPGRADE_STEPS)
async def test_an_upgrade_that_is_killed_is_finished_under_its_key(shop: Shop, killing: Callable[..., None], module: Any, name: str, when: str) -> None:
    ada = await subscriber(shop)
    killing(module, name, when)
    with pytest.raises(Killed):
        await choose(ada, "pro", key="up")
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        again = await choose(ada, "pro", key="up")
    assert (again.status, again.plan.id) == ("changed", "pro")
    await _is_pro(shop, ada)


@pytest.mark.parametrize(("module", "name", "when"), UPGRADE_STEPS[1::2])
async def test_an_upgrade_whose_buyer_never_comes_back_is_healed_by_the_event(
    shop: Shop, killing: Callable[..., None], module: Any, name: str, when: str
) -> None:
    ada = await subscriber(shop)
    killing(module, name, when)
    with pytest.raises(Killed):
        await choose(ada, "pro")
    await _is_pro(shop, ada)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        pytest.param(gateway, "make_customer", id="with a customer that nobody has written down"),
        pytest.param(plans, "open_checkout", id="with a checkout that nobody has written down"),
    ],
)
async def test_a_checkout_that_is_killed_while_it_is_made_is_the_same_one_afterwards(shop: Shop, killing: Callable[..., None], module: Any, name: str) -> None:
    ada = await someone()
    killing(module, name)
    with pytest.raises(Killed):
        await choose(ada, "pro", key="one")
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        opened = await choose(ada, "pro", key="one")
    found = await shop.sandbox.client().v1.checkout.sessions.list_async()
    assert [one.id for one in found.data] == [opened.session_id]
    pay(shop, opened)
    await shop.deliver()
    assert await allotted(ada) == [12_000]


EVENT_STEPS = [
    pytest.param(plans, "news", "after", id="after Stripe was asked"),
    pytest.param(service, "pay", "after", id="when it is paid and not committed"),
    pytest.param(following.service, "set_caps", "before", id="before the caps are set"),
    pytest.param(store, "change_event", "before", id="before it is marked"),
    pytest.param(store, "change_event", "after", id="just before the commit"),
]


@pytest.mark.parametrize(("module", "name", "when"), EVENT_STEPS)
async def test_an_event_that_is_cut_off_is_worked_through_again(shop: Shop, killing: Callable[..., None], module: Any, name: str, when: str) -> None:
    ada = await someone()
    pay(shop, await choose(ada, "pro"))
    told = await shop.take_in()
    killing(module, name, when)
    killed = 0
    for event_id in told:
        try:
            await inbox.process(event_id)
        except Killed:
            killed += 1
            await inbox.process(event_id)
    assert killed == 1
    plan, book = await held(ada)
    assert (plan.id, book.available, await allotted(ada)) == ("pro", 300 + 12_000, [12_000])
    assert await orders(ada) == [("pro", "paid", 12_000, 3_500)]


async def test_who_all_learn_of_a_payment_at_once_write_it_once(shop: Shop) -> None:
    ada = await someone()
    chosen = await choose(ada, "pro")
    pay(shop, chosen)
    assert chosen.session_id is not None
    session = await gateway.session(chosen.session_id)
    assert session.subscription_id is not None
    told = await shop.take_in()
    asked = [plan_looking.learn(SYSTEM, session.subscription_id, session.invoice_id) for _ in range(4)]
    await asyncio.gather(*asked, *(inbox.process(event_id) for event_id in told))
    assert await allotted(ada) == [12_000]
    assert await orders(ada) == [("pro", "paid", 12_000, 3_500)]


async def test_two_upgrades_at_once_charge_once(shop: Shop) -> None:
    ada = await subscriber(shop)
    told = await asyncio.gather(*(choose(ada, "pro") for _ in range(3)), return_exceptions=True)
    assert [one.status for one in told if isinstance(one, changing.Chosen)] == ["changed"]
    assert all(isinstance(one, changing.Chosen | Conflict) for one in told)
    await _is_pro(shop, ada)
