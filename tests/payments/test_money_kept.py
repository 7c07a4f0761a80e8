"""Whatever buyers, banks, Stripe, the network and crashes do: the credits that are granted are those of the money that is kept, exactly.

Eight lives in the ordinary run; SEEDS of them (500 when it is not set) from FIRST_SEED on (1000) among the long tests. A life that fails is told by its
seed.
"""

import os
from datetime import timedelta

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.history import service as history
from credit_studio.payments import reconciling
from tests.conftest import empty_database
from tests.payments.lives import OPERATOR, Life, dead, granted, kept_at_stripe
from tests.payments.shop import Shop

SHORT, LONG = 14, 30


async def credits_of_changes() -> dict[str, int]:
    """What each change of plan has added, by its invoice: the share of the month that `plan_rules` is held to by tests of its own."""
    async with transaction() as tx:
        rows = await tx.execute(text("SELECT invoice_id, credits FROM purchase WHERE invoice_id IS NOT NULL"))
        return {row.invoice_id: row.credits for row in rows}


async def live(shop: Shop, seed: int, steps: int) -> Life:
    """Live one life and compare the books: first as events alone have left them, then after a look of the reconciliation."""
    life = Life(shop, seed)
    await life.live(steps)
    added = (await credits_of_changes()).__getitem__
    assert await granted() == kept_at_stripe(shop, added), (seed, life.trace)
    assert await dead() == [], (seed, life.trace)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        found = await reconciling.check_now(OPERATOR)
    assert found.found == (), (seed, life.trace)
    assert await granted() == kept_at_stripe(shop, added), (seed, life.trace)
    async with transaction() as tx:
        assert [check for check in await history.doctor(tx) if not check.holds] == [], (seed, life.trace)
    return life


@pytest.mark.parametrize("seed", range(8))
async def test_credits_are_those_of_the_money_that_is_kept(shop: Shop, seed: int) -> None:
    assert (await live(shop, seed, SHORT)).trace


@pytest.mark.soak
async def test_credits_are_those_of_the_money_that_is_kept_in_many_lives(shop: Shop) -> None:
    crashed = 0
    first, many = int(os.environ.get("FIRST_SEED", "1000")), int(os.environ.get("SEEDS", "500"))
    for seed in range(first, first + many):
        shop.sandbox.control("reset")
        shop.sandbox.receiver.arrived.clear()
        await empty_database()
        crashed += (await live(shop, seed, LONG)).crashed
    assert crashed
