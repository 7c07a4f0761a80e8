"""Killed between Stripe's answer and the studio's commit, at every such step: after a restart the buyer has the credits once, and has paid once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio import settings
from credit_studio.core import clock
from credit_studio.core.errors import Conflict
from credit_studio.db.session import transaction
from credit_studio.payments import flow, gateway, inbox, service, settling, store
from credit_studio.payments.views import Order
from credit_studio.settings import PROJECT_ROOT
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, Shop, bought
from tests.sandbox_fixture import Webhook


class Killed(BaseException):
    """The process has gone: nobody catches this."""


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the process go once, just after (or before) a function of a module has done its work."""

    def kill(module: Any, name: str, when: str = "after") -> None:
        real = getattr(module, name)

        async def killed(*args: Any, **named: Any) -> None:
            monkeypatch.setattr(module, name, real)
            if when == "after":
                await real(*args, **named)
            raise Killed

        monkeypatch.setattr(module, name, killed)

    return kill


async def paid_at_stripe(shop: Shop) -> list[int]:
    """The amounts of all payments that succeeded at Stripe."""
    found = await shop.sandbox.client().v1.payment_intents.list_async({"limit": 100})
    return [one.amount_received for one in found.data if one.status == "succeeded"]


async def comes_back(shop: Shop, ada: Someone) -> None:
    """After the restart: what Stripe tells arrives, lost jobs are found, and the buyer has the credits of one payment."""
    await shop.deliver()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        await inbox.retry_due()
        async with transaction() as tx:
            waiting = (await tx.execute(text("SELECT event_id FROM inbox WHERE status = 'new'"))).scalars().all()
        for event_id in waiting:
            await inbox.process(event_id)
    assert await paid_at_stripe(shop) == [1000]
    assert await bought(ada.id) == 500
    assert [(order.status, order.receipt) for order in await flow.orders(ada.actor) if order.status != "open"] == [("paid", "R-000001")]


TOP_UP_STEPS = [
    pytest.param(gateway, "charge", "before", id="before Stripe was asked"),
    pytest.param(gateway, "charge", "after", id="after Stripe has answered"),
    pytest.param(settling, "settle_intent", "before", id="before the answer is written"),
    pytest.param(service, "pay", "after", id="when it is paid and not committed"),
    pytest.param(store, "next_receipt", "after", id="with the receipt's number taken"),
    pytest.param(settling, "settle_intent", "after", id="just before the commit"),
]


@pytest.mark.parametrize(("module", "name", "when"), TOP_UP_STEPS)
async def test_a_top_up_that_is_killed_charges_once_and_grants_once(shop: Shop, killing: Callable[..., None], module: Any, name: str, when: str) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    killing(module, name, when)
    with pytest.raises(Killed):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    with pytest.raises(Conflict) as still:
        await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    assert still.value.code == "idempotency_in_progress"
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        again = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    assert isinstance(again, Order)
    assert again.status == "paid"
    await comes_back(shop, ada)


async def test_a_top_up_whose_buyer_never_comes_back_is_healed_by_the_event(shop: Shop, killing: Callable[..., None]) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    killing(gateway, "charge")
    with pytest.raises(Killed):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    assert await bought(ada.id) == 0
    await comes_back(shop, ada)


async def test_a_reply_that_is_lost_on_the_way_charges_once(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    shop.sandbox.chaos(dropReply=0.5, seed=3)
    done = await flow.top_up(ada.actor, "starter", origin=ORIGIN)
    shop.sandbox.chaos()
    assert isinstance(done, Order)
    await comes_back(shop, ada)


CHECKOUT_STEPS = [
    pytest.param(gateway, "make_customer", id="with a customer that nobody has written down"),
    pytest.param(gateway, "open_checkout", id="with a checkout that nobody has written down"),
    pytest.param(settling, "settle_session", id="just before the commit"),
]


@pytest.mark.parametrize(("module", "name"), CHECKOUT_STEPS)
async def test_a_checkout_that_is_killed_while_it_is_made_is_the_same_one_afterwards(shop: Shop, killing: Callable[..., None], module: Any, name: str) -> None:
    ada = await someone()
    killing(module, name)
    with pytest.raises(Killed):
        await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="one")
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="one")
    found = await shop.sandbox.client().v1.checkout.sessions.list_async()
    assert [one.id for one in found.data] == [opened.session_id]
    shop.pay(opened.session_id)
    await comes_back(shop, ada)


EVENT_STEPS = [
    pytest.param(store, "add_event", "after", id="at the door, before the commit"),
    pytest.param(gateway, "session", "after", id="after Stripe was asked"),
    pytest.param(store, "order", "before", id="before it is written"),
    pytest.param(service, "pay", "after", id="when it is paid and not committed"),
    pytest.param(store, "change_event", "before", id="before it is marked"),
    pytest.param(store, "change_event", "after", id="just before the commit"),
]


async def brought(webhooks: list[Webhook]) -> None:
    """Bring them through the door, and work each through."""
    for one in webhooks:
        await inbox.receive(one.raw, one.signature)
        await inbox.process(one.event["id"])


@pytest.mark.parametrize(("module", "name", "when"), EVENT_STEPS)
async def test_an_event_that_is_killed_while_it_is_worked_through_grants_once(
    shop: Shop, killing: Callable[..., None], module: Any, name: str, when: str
) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    webhooks = [one for one in shop.sandbox.flush() if one.event["type"] == "checkout.session.completed"]
    killing(module, name, when)
    with pytest.raises(Killed):
        await brought(webhooks)
    assert await bought(ada.id) == 0
    await brought(webhooks)
    await comes_back(shop, ada)


async def test_a_verification_that_is_killed_grants_once(shop: Shop, killing: Callable[..., None]) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    killing(settling, "settle_session")
    with pytest.raises(Killed):
        await flow.verify(ada.actor, opened.session_id)
    assert await bought(ada.id) == 0
    assert (await flow.verify(ada.actor, opened.session_id)).status == "paid"
    await comes_back(shop, ada)


_PROCESS = """
import asyncio, os, signal
from uuid import UUID
from credit_studio import wiring
from credit_studio.core.actor import Actor
from credit_studio.payments import flow, gateway

wiring.install()
real = gateway.charge

async def charge(**named):
    await real(**named)
    os.kill(os.getpid(), signal.SIGKILL)

gateway.charge = charge
asyncio.run(flow.top_up(Actor(user_id=UUID({person!r})), "starter", origin={origin!r}, key="one"))
"""


async def test_a_process_that_is_killed_for_real_after_stripes_answer_leaves_the_buyer_with_the_credits_once(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    env = {"STRIPE_SANDBOX_URL": shop.sandbox.url, "STRIPE_SANDBOX_SECRET": shop.sandbox.secret, "DATA_DIR": str(settings.get().data_dir)}
    script = _PROCESS.format(person=str(ada.id), origin=ORIGIN)
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], cwd=PROJECT_ROOT, env=os.environ | env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert await bought(ada.id) == 0
    await comes_back(shop, ada)


async def test_two_at_once_charge_once(shop: Shop) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    asked = [flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one") for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} <= {Order, Conflict}
    assert any(isinstance(answer, Order) for answer in answers)
    await comes_back(shop, ada)
