"""A month of a plan that is refunded after its credits have lapsed: what was spent is owed, what ended unused is not taken a second time."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.db.session import transaction
from credit_studio.jobs import payments as payments_jobs
from credit_studio.ledger import service as ledger
from credit_studio.payments import claim_rules, flow, reconciling, refunding
from credit_studio.payments.claim_rules import Claim
from tests.makers.people import Someone
from tests.payments.shop import Shop
from tests.payments.test_refunding import FREE, OPERATOR
from tests.subscriptions.plans_shop import subscriber

MONTH, SPENT, HELD = 3_000, 1_000, 100


async def spend(person: Someone, amount: int) -> None:
    """Pay for runs with credits of the plan."""
    async with transaction() as tx:
        left = amount
        while left:
            run, part = ids.new_id(), min(left, 250)
            await ledger.hold(tx, owner_id=person.id, run_id=run, amount=part, lasts=timedelta(minutes=5), zone="UTC")
            await ledger.capture(tx, owner_id=person.id, run_id=run, amount=part)
            left -= part


async def debt(person: Someone) -> int:
    """What the person owes."""
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=person.id)).debt


async def a_month(shop: Shop) -> Someone:
    """A person who has a plan's month, no cap that matters and no other credits."""
    person = await subscriber(shop)
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=person.id, subject="plan", label="day", limit=MONTH, zone="UTC")
        free = (await tx.execute(text("SELECT source_ref FROM \"grant\" WHERE source = 'plan' AND source_ref NOT LIKE 'order:%'"))).scalar_one()
        await ledger.claw_back(
            tx, owner_id=person.id, source="plan", source_ref=free, amount=FREE, key="none of the free ones", reason="Only the month's count"
        )
    return person


async def hold(person: Someone, run: UUID) -> None:
    """A run is under way for a long time."""
    async with transaction() as tx:
        await ledger.hold(tx, owner_id=person.id, run_id=run, amount=HELD, lasts=timedelta(days=50), zone="UTC")


async def settle(person: Someone, run: UUID, captured: int) -> None:
    """The run ends and is charged so much."""
    async with transaction() as tx:
        if captured:
            await ledger.capture(tx, owner_id=person.id, run_id=run, amount=captured)
        else:
            await ledger.release(tx, owner_id=person.id, run_id=run, reason="It failed")


async def a_lapsed_month(shop: Shop, monkeypatch: pytest.MonkeyPatch, *, refunded_before: int = 0, running: UUID | None = None) -> tuple[Someone, int]:
    """A plan's month of which a third was spent, and the rest has lapsed; and what of it had been taken back before. `running` holds some of it still."""
    person = await a_month(shop)
    await spend(person, SPENT)
    (order,) = await flow.orders(person.actor)
    taken = (await refunding.refund(OPERATOR, order.id, amount=refunded_before, reason="Before")).credits if refunded_before else 0
    if running is not None:
        await hold(person, running)
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    async with transaction() as tx:
        await ledger.expire_lapsed(tx)
    return person, taken


@pytest.mark.parametrize(("amount", "owed"), [(500, 0), (None, SPENT)])
async def test_only_what_was_spent_is_owed_when_the_month_has_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch, amount: int | None, owed: int) -> None:
    person, _ = await a_lapsed_month(shop, monkeypatch)
    (order,) = await flow.orders(person.actor)
    done = await refunding.refund(OPERATOR, order.id, amount=amount, reason="The month was no good")
    assert (done.credits, await debt(person)) == (owed, owed)
    assert (await reconciling.check_now(OPERATOR)).found == ()


@pytest.mark.parametrize("captured", [0, 60])
async def test_what_a_run_still_holds_is_owed_once_it_is_spent_and_no_more_of_it(shop: Shop, monkeypatch: pytest.MonkeyPatch, captured: int) -> None:
    run = ids.new_id()
    person, _ = await a_lapsed_month(shop, monkeypatch, running=run)
    (order,) = await flow.orders(person.actor)
    done = await refunding.refund(OPERATOR, order.id, amount=None, reason="The month was no good")
    assert (done.credits, await debt(person)) == (SPENT, SPENT)
    assert await refunding.catch_up(order.id) == 0
    assert (await reconciling.check_now(OPERATOR)).found == ()
    await settle(person, run, captured)
    await payments_jobs.settle_what_was_held()
    async with transaction() as tx:
        after = await ledger.balance(tx, owner_id=person.id)
    assert (after.debt, after.held, sum(grant.remaining for grant in after.grants)) == (SPENT + captured, 0, 0)
    assert await refunding.catch_up(order.id) == 0
    assert (await reconciling.check_now(OPERATOR)).found == ()


async def test_what_a_run_holds_when_a_month_that_goes_on_is_refunded_is_not_owed_when_it_comes_back(shop: Shop) -> None:
    person, run = await a_month(shop), ids.new_id()
    await hold(person, run)
    (order,) = await flow.orders(person.actor)
    await refunding.refund(OPERATOR, order.id, amount=None, reason="The month was no good")
    await settle(person, run, 0)
    assert await refunding.catch_up(order.id) == -HELD
    assert await debt(person) == 0
    assert (await reconciling.check_now(OPERATOR)).found == ()


async def test_what_was_taken_before_the_end_stays_taken_and_the_rest_is_owed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person, taken = await a_lapsed_month(shop, monkeypatch, refunded_before=500)
    (order,) = await flow.orders(person.actor)
    assert (taken, await debt(person)) == (1_500, 0)
    shop.sandbox.clock(by_s=60)
    rest = await refunding.refund(OPERATOR, order.id, amount=None, reason="All of it")
    assert (rest.credits, await debt(person)) == (SPENT, SPENT)
    assert (await reconciling.check_now(OPERATOR)).found == ()


@given(month=st.integers(1, 5_000), spent=st.integers(0, 5_000), early=st.integers(0, 100), late=st.integers(0, 100))
def test_it_makes_no_difference_whether_the_money_goes_before_the_end_or_after(month: int, spent: int, early: int, late: int) -> None:
    spent, late = min(spent, month), min(late, 100 - early)
    before = claim_rules.credits_taken(month, 100, early)
    from_rest = min(before, month - spent)
    lapsed = month - spent - from_rest
    claims = [Claim("early", early, counts=True), Claim("late", late, counts=True)]
    held = claim_rules.shares(month, 100, claims, unspent=from_rest, lapsed=lapsed)
    if lapsed:
        assert held["early"] == before
    owed = sum(held.values()) - from_rest
    assert owed == max(0, claim_rules.credits_taken(month, 100, early + late) - (month - spent))
