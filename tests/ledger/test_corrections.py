"""Refunds, claw-backs and their undoing, credits sent and credits taken by hand: to the credit, once, and never more than there was."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.ledger import service as ledger
from credit_studio.ledger.errors import BadCommand, KeyReused
from credit_studio.ledger.terms import Refusal
from credit_studio.ledger.views import Balance, HoldView
from tests.makers.accounts import a_grant, an_account

pytestmark = pytest.mark.usefixtures("book")
LATER = timedelta(days=30)


async def balance(owner_id: UUID) -> Balance:
    async with transaction() as tx:
        return await ledger.balance(tx, owner_id=owner_id)


async def spent(owner_id: UUID, amount: int) -> UUID:
    run_id = ids.new_id()
    async with transaction() as tx:
        made = await ledger.hold(tx, owner_id=owner_id, run_id=run_id, amount=amount, lasts=timedelta(minutes=1), zone="UTC")
        assert isinstance(made, HoldView)
        await ledger.capture(tx, owner_id=owner_id, run_id=run_id, amount=amount)
    return run_id


async def refund(owner_id: UUID, run_id: UUID, amount: int, key: str = "r") -> HoldView:
    async with transaction() as tx:
        return await ledger.refund(tx, owner_id=owner_id, run_id=run_id, amount=amount, key=key, reason="it was slow")


async def claw_back(owner_id: UUID, ref: str, amount: int, key: str = "c") -> bool:
    async with transaction() as tx:
        return await ledger.claw_back(tx, owner_id=owner_id, source="purchase", source_ref=ref, amount=amount, key=key, reason="refunded at Stripe")


async def reinstate(owner_id: UUID, ref: str, amount: int, key: str = "w") -> bool:
    async with transaction() as tx:
        return await ledger.reinstate(tx, owner_id=owner_id, source="purchase", source_ref=ref, amount=amount, key=key, reason="dispute won")


async def transfer(giver: UUID, taker: UUID, amount: int, key: str = "t") -> bool:
    async with transaction() as tx:
        return await ledger.transfer(tx, from_owner=giver, to_owner=taker, amount=amount, key=key, note="a gift")


async def test_a_transfer_may_have_the_key_that_a_gift_has_as_its_reference() -> None:
    giver, taker = await an_account(10), await an_account()
    await a_grant(taker, 3, source="gift", ref="the-same")
    assert await transfer(giver, taker, 4, key="the-same")
    assert not await transfer(giver, taker, 4, key="the-same")
    assert [grant.remaining for grant in (await balance(taker)).grants] == [3, 4]


async def test_a_refund_returns_to_the_grants_that_paid_last_spent_first() -> None:
    owner = await an_account()
    await a_grant(owner, 3, source="promo")
    await a_grant(owner, 10)
    run = await spent(owner, 8)
    await refund(owner, run, 6)
    assert [(grant.source, grant.remaining) for grant in (await balance(owner)).grants] == [("promo", 1), ("purchase", 10)]
    await refund(owner, run, 2, key="rest")
    assert [(grant.source, grant.remaining) for grant in (await balance(owner)).grants] == [("promo", 3), ("purchase", 10)]


async def test_a_refund_happens_once_for_its_key_and_never_above_the_charge() -> None:
    owner = await an_account(10)
    run = await spent(owner, 8)
    await asyncio.gather(*(refund(owner, run, 5) for _ in range(4)))
    assert (await balance(owner)).available == 7
    with pytest.raises(BadCommand, match="invalid_amount"):
        await refund(owner, run, 4, key="more")
    with pytest.raises(KeyReused):
        await refund(owner, run, 1)
    assert (await balance(owner)).available == 7


async def test_a_refund_to_a_lapsed_grant_can_be_used_for_a_day() -> None:
    now = clock.now()
    owner = await an_account(10, source="promo", expires_at=now + timedelta(hours=1))
    run = await spent(owner, 8)
    with clock.frozen(now + timedelta(hours=2)):
        await refund(owner, run, 5)
        assert (await balance(owner)).available == 5
        assert (await balance(owner)).grants[0].expires_at == now + timedelta(hours=26)


async def test_a_refund_gives_the_caps_of_its_day_their_room_back() -> None:
    owner = await an_account()
    await a_grant(owner, 300, source="plan", expires_at=clock.now() + LATER)
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=owner, subject="plan", label="day", limit=30, zone="UTC")
    run = await spent(owner, 30)
    await refund(owner, run, 10)
    async with transaction() as tx:
        assert [cap.used for cap in await ledger.caps(tx, owner_id=owner, zone="UTC")] == [20]


async def test_a_claw_back_takes_what_is_left_and_the_rest_becomes_debt_that_the_next_purchase_repays() -> None:
    owner = await an_account()
    await a_grant(owner, 500, ref="pay-1")
    await spent(owner, 300)
    assert await claw_back(owner, "pay-1", 500)
    now = await balance(owner)
    assert (now.available, now.total, now.debt) == (-300, -300, 300)
    await a_grant(owner, 1_400, ref="pay-2")
    now = await balance(owner)
    assert (now.available, now.debt) == (1_100, 0)


async def test_a_debt_is_not_spent_over() -> None:
    owner = await an_account()
    await a_grant(owner, 50, source="promo")
    await a_grant(owner, 10, ref="pay-1")
    await spent(owner, 55)
    await claw_back(owner, "pay-1", 10)
    await a_grant(owner, 3, source="goodwill")
    async with transaction() as tx:
        refused = await ledger.hold(tx, owner_id=owner, run_id=ids.new_id(), amount=1, lasts=timedelta(minutes=1), zone="UTC")
    assert isinstance(refused, Refusal)
    assert refused.code == "insufficient_credits"


async def test_claw_backs_of_one_grant_never_take_more_than_was_granted() -> None:
    owner = await an_account()
    await a_grant(owner, 500, ref="pay-1")
    assert await claw_back(owner, "pay-1", 200, key="refund")
    assert not await claw_back(owner, "pay-1", 200, key="refund")
    assert await claw_back(owner, "pay-1", 500, key="dispute")
    assert not await claw_back(owner, "pay-1", 500, key="again")
    now = await balance(owner)
    assert (now.total, now.debt) == (0, 0)


async def test_a_dispute_that_is_won_forgives_the_debt_and_returns_the_rest_once() -> None:
    owner = await an_account()
    await a_grant(owner, 500, ref="pay-1")
    await spent(owner, 300)
    await claw_back(owner, "pay-1", 500)
    assert await reinstate(owner, "pay-1", 500)
    assert not await reinstate(owner, "pay-1", 500)
    assert not await reinstate(owner, "pay-1", 500, key="again")
    now = await balance(owner)
    assert (now.available, now.debt) == (200, 0)


async def test_a_dispute_won_after_a_purchase_repaid_its_debt_gives_everything_back() -> None:
    owner = await an_account()
    await a_grant(owner, 500, ref="pay-1")
    await spent(owner, 300)
    await claw_back(owner, "pay-1", 500)
    await a_grant(owner, 1_400, ref="pay-2")
    await reinstate(owner, "pay-1", 500)
    assert (await balance(owner)).available == 1_600


async def test_bought_credits_can_be_sent_once_and_what_was_given_away_cannot() -> None:
    giver, taker = await an_account(100), await an_account()
    for source in ("promo", "referral", "goodwill"):
        await a_grant(giver, 1_000, source=source)
    await a_grant(giver, 300, source="plan", expires_at=clock.now() + LATER)
    assert await transfer(giver, taker, 60)
    assert not await transfer(giver, taker, 60)
    with pytest.raises(BadCommand, match="insufficient_credits"):
        await transfer(giver, taker, 41, key="more")
    with pytest.raises(BadCommand, match="come from"):
        await transfer(giver, giver, 1, key="self")
    assert ((await balance(giver)).total, (await balance(taker)).total) == (3_340, 60)


async def test_transfers_both_ways_at_once_do_not_lock_each_other_out() -> None:
    one, other = await an_account(50), await an_account(50)
    await asyncio.gather(*(transfer(one, other, 1, key=f"a{n}") for n in range(15)), *(transfer(other, one, 1, key=f"b{n}") for n in range(15)))
    assert (await balance(one)).total + (await balance(other)).total == 100


async def test_credits_taken_by_hand_name_their_reason_and_their_actor() -> None:
    owner, admin = await an_account(100), ids.new_id()
    async with transaction() as tx:
        assert await ledger.deduct(tx, owner_id=owner, amount=30, key="a-1", reason="granted twice", actor=Actor(user_id=admin, door="api"))
        told = await history.movements(tx, owner_id=owner, wanted=Wanted(kinds=["adjustment"]))
    assert (await balance(owner)).available == 70
    assert (told.items[0].amount, told.items[0].description) == (-30, f"granted twice (by {admin})")


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, 10**18])
async def test_amounts_that_are_none_are_refused_by_every_correction(amount: int) -> None:
    owner, other = await an_account(), await an_account()
    await a_grant(owner, 50, ref="pay-1")
    run = await spent(owner, 5)
    for ask in (refund(owner, run, amount), claw_back(owner, "pay-1", amount), reinstate(owner, "pay-1", amount), transfer(owner, other, amount)):
        with pytest.raises(BadCommand, match="invalid_amount"):
            await ask
    assert (await balance(owner)).available == 45


async def test_what_is_not_there_cannot_be_corrected() -> None:
    owner, other = await an_account(10), await an_account(10)
    await a_grant(other, 10, ref="theirs")
    run = await spent(other, 5)
    for ask in (refund(owner, run, 1), claw_back(owner, "theirs", 1), reinstate(owner, "theirs", 1), claw_back(owner, "nothing", 1)):
        with pytest.raises(BadCommand, match=r"unknown_|no grant"):
            await ask
    assert ((await balance(owner)).available, (await balance(other)).available) == (10, 15)
