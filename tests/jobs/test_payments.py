"""Stripe's events through the real queue: from the door to the bell that moves the header."""

import asyncio

from sqlalchemy import text

from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.jobs.payments import taking_payments
from credit_studio.payments import flow
from tests.makers.people import someone
from tests.payments.conftest import selling, shop
from tests.payments.shop import ORIGIN, Shop, bought
from tests.sandbox_fixture import sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process", "selling", "shop"]
PATIENCE_S = 20


async def test_a_payment_at_the_checkout_rings_for_the_buyer(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    await listen.hub().start()
    try:
        async with taking_payments(), listen.hub().subscribed("balance") as header, listen.hub().subscribed("money", key=str(ada.id)) as page:
            shop.pay(opened.session_id)
            await shop.take_in()
            async with asyncio.timeout(PATIENCE_S):
                while str((await header.get()).get("userId")) != str(ada.id):
                    pass
                while (told := await page.get()).get("status") != "paid":
                    pass
            assert told == {"key": str(ada.id), "order_id": str(opened.order_id), "status": "paid"}
            assert await bought(ada.id) == 500
            await _until_done()
    finally:
        await listen.hub().stop()


async def _until_done() -> None:
    """Nothing waits in the inbox."""
    async with asyncio.timeout(PATIENCE_S):
        waiting = 1
        while waiting:
            async with transaction() as tx:
                waiting = (await tx.execute(text("SELECT count(*) FROM inbox WHERE status = 'new'"))).scalar_one()
            await asyncio.sleep(0.05)
    assert waiting == 0
