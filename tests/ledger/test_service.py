"""The verbs of the book over the real database."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.errors import NotFound
from credit_studio.db.session import Tx, transaction
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.ledger import service as ledger
from credit_studio.ledger.errors import BadCommand, HoldEnded, KeyReused
from credit_studio.ledger.terms import Refusal
from credit_studio.ledger.views import Balance, HoldView
from tests.makers.accounts import a_grant, an_account

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("book")


async def balance(owner_id: UUID) -> Balance:
    async with transaction() as tx:
        return await ledger.balance(tx, owner_id=owner_id)


async def hold(owner_id: UUID, amount: int, run_id: UUID | None = None, zone: str = "UTC") -> HoldView | Refusal:
    async with transaction() as tx:
        return await ledger.hold(tx, owner_id=owner_id, run_id=run_id or ids.new_id(), amount=amount, lasts=MINUTE, zone=zone)


async def held(owner_id: UUID, amount: int) -> UUID:
    made = await hold(owner_id, amount)
    assert isinstance(made, HoldView)
    return made.run_id


async def capture(owner_id: UUID, run_id: UUID, amount: int) -> HoldView:
    async with transaction() as tx:
        return await ledger.capture(tx, owner_id=owner_id, run_id=run_id, amount=amount)


async def release(owner_id: UUID, run_id: UUID) -> HoldView:
    async with transaction() as tx:
        return await ledger.release(tx, owner_id=owner_id, run_id=run_id, reason="it gave no result")


async def cap(owner_id: UUID, subject: str, label: str, limit: int) -> None:
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=owner_id, subject=subject, label=label, limit=limit, zone="UTC")


async def test_a_grant_arrives_once_for_its_reference() -> None:
    owner = await an_account()
    assert await a_grant(owner, 500, ref="session-1")
    assert not await a_grant(owner, 500, ref="session-1")
    assert (await balance(owner)).available == 500


async def test_a_reference_with_another_amount_is_refused() -> None:
    owner = await an_account()
    await a_grant(owner, 500, ref="session-1")
    with pytest.raises(KeyReused):
        await a_grant(owner, 501, ref="session-1")
    assert (await balance(owner)).available == 500


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, 10**18])
async def test_an_amount_that_is_none_is_refused_and_writes_nothing(amount: int) -> None:
    owner = await an_account()
    with pytest.raises(BadCommand, match="invalid_amount"):
        await a_grant(owner, amount, ref="r")
    assert (await balance(owner)).version == 0
    assert await a_grant(owner, 5, ref="r")


async def test_an_unknown_source_or_owner_is_refused() -> None:
    owner = await an_account()
    with pytest.raises(BadCommand, match="no source"):
        await a_grant(owner, 5, source="thin air")
    with pytest.raises(BadCommand, match="no account"):
        await a_grant(ids.new_id(), 5)
    with pytest.raises(NotFound):
        await balance(ids.new_id())


async def test_a_key_of_ten_thousand_characters_is_refused() -> None:
    owner = await an_account()
    with pytest.raises(BadCommand, match="invalid_key"):
        await a_grant(owner, 5, ref="x" * 10_000)


async def test_a_hold_takes_what_is_available_and_no_more() -> None:
    owner = await an_account(10)
    await held(owner, 7)
    refused = await hold(owner, 4)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.available, refused.held, refused.required) == ("insufficient_credits", 3, 7, 4)
    now = await balance(owner)
    assert (now.available, now.held, now.total) == (3, 7, 10)


async def test_capture_returns_the_unspent_part_of_the_hold() -> None:
    owner = await an_account(10)
    run = await held(owner, 7)
    await capture(owner, run, 3)
    now = await balance(owner)
    assert (now.available, now.held, now.total) == (7, 0, 7)


async def test_a_second_capture_charges_nothing_more() -> None:
    owner = await an_account(10)
    run = await held(owner, 7)
    await capture(owner, run, 3)
    before = await balance(owner)
    await capture(owner, run, 3)
    assert await balance(owner) == before
    with pytest.raises(HoldEnded):
        await capture(owner, run, 4)
    with pytest.raises(HoldEnded):
        await release(owner, run)
    assert await balance(owner) == before


async def test_a_late_capture_of_a_released_hold_charges_nothing() -> None:
    owner = await an_account(10)
    run = await held(owner, 7)
    await release(owner, run)
    with pytest.raises(HoldEnded):
        await capture(owner, run, 3)
    assert (await balance(owner)).available == 10


@pytest.mark.parametrize("amount", [0, -3, 8])
async def test_a_capture_outside_of_the_hold_is_refused(amount: int) -> None:
    owner = await an_account(10)
    run = await held(owner, 7)
    with pytest.raises(BadCommand, match="invalid_amount"):
        await capture(owner, run, amount)
    assert (await balance(owner)).held == 7


async def test_another_owner_cannot_end_a_hold() -> None:
    owner, other = await an_account(10), await an_account(10)
    run = await held(owner, 7)
    with pytest.raises(BadCommand, match="unknown_hold"):
        await release(other, run)
    assert (await balance(owner)).held == 7


async def test_grants_burn_by_priority_then_expiry_then_age() -> None:
    owner = await an_account()
    later, sooner = clock.now() + timedelta(days=9), clock.now() + timedelta(days=3)
    await a_grant(owner, 5, source="purchase")
    await a_grant(owner, 5, source="promo", expires_at=later)
    await a_grant(owner, 5, source="promo", expires_at=sooner)
    await a_grant(owner, 5, source="plan", expires_at=later)
    run = await held(owner, 17)
    await capture(owner, run, 12)
    left = [(grant.source, grant.remaining) for grant in (await balance(owner)).grants]
    assert left == [("promo", 3), ("purchase", 5)]


async def test_a_hold_outlives_the_expiry_of_its_grant_and_what_returns_lasts_a_day_more() -> None:
    with clock.frozen(NOON):
        owner = await an_account(10, source="promo", expires_at=NOON + MINUTE)
        run = await held(owner, 7)
    with clock.frozen(NOON + 2 * MINUTE):
        assert (await balance(owner)).available == 0
        await capture(owner, run, 3)
        assert ((await balance(owner)).available, (await balance(owner)).total) == (4, 4)
    with clock.frozen(NOON + 2 * MINUTE + timedelta(hours=24)):
        async with transaction() as tx:
            assert await ledger.expire_lapsed(tx) == 1
            assert await ledger.expire_lapsed(tx) == 0
            told = await history.movements(tx, owner_id=owner, wanted=Wanted(kinds=["expiry"]))
        assert (await balance(owner)).total == 0
        assert [one.amount for one in told.items] == [-4, -3]


async def test_the_plans_cap_limits_the_plans_credits_and_bought_ones_go_on() -> None:
    owner = await an_account()
    await a_grant(owner, 300, source="plan", expires_at=clock.now() + timedelta(days=30))
    await cap(owner, "plan", "day", 30)
    await capture(owner, await held(owner, 28), 28)
    refused = await hold(owner, 5)
    assert isinstance(refused, Refusal)
    assert refused.code == "cap_daily"
    assert refused.cap is not None
    assert (refused.cap.subject, refused.cap.limit, refused.cap.used) == ("plan", 30, 28)
    await a_grant(owner, 50)
    run = await held(owner, 5)
    await capture(owner, run, 4)
    now = await balance(owner)
    assert [(grant.source, grant.remaining) for grant in now.grants] == [("plan", 270), ("purchase", 48)]
    async with transaction() as tx:
        assert [(one.subject, one.used) for one in await ledger.caps(tx, owner_id=owner, zone="UTC")] == [("plan", 30)]


async def test_an_own_cap_counts_everything_and_names_its_reset() -> None:
    with clock.frozen(NOON):
        owner = await an_account(100)
        await cap(owner, "own", "day", 10)
        await capture(owner, await held(owner, 8), 6)
        refused = await hold(owner, 5)
        assert isinstance(refused, Refusal)
        assert refused.cap is not None
        assert (refused.code, refused.cap.used, refused.cap.window_end) == ("cap_daily", 6, datetime(2026, 11, 21, tzinfo=UTC))
    with clock.frozen(NOON + timedelta(days=1)):
        await release(owner, await held(owner, 5))


@pytest.mark.parametrize(("subject", "used", "then"), [("own", 7, 5), ("plan", 4, 4)])
async def test_a_cap_that_is_set_in_the_middle_of_a_day_counts_the_day_from_its_start(subject: str, used: int, then: int) -> None:
    with clock.frozen(NOON):
        owner = await an_account(20)
        await a_grant(owner, 4, source="plan")
        await capture(owner, await held(owner, 6), 5)
        run = await held(owner, 2)
    with clock.frozen(NOON + timedelta(hours=1)):
        await cap(owner, subject, "day", 8)
        assert await _used(owner) == [(8, used)]
        await cap(owner, subject, "day", 10)
        await release(owner, run)
        assert await _used(owner) == [(10, then)]


async def test_a_new_cap_does_not_count_what_was_given_back() -> None:
    with clock.frozen(NOON):
        owner = await an_account(20)
        run = await held(owner, 6)
        await capture(owner, run, 5)
        async with transaction() as tx:
            await ledger.refund(tx, owner_id=owner, run_id=run, amount=2, key="a", reason="It was wrong.")
        await cap(owner, "own", "day", 8)
        assert await _used(owner) == [(8, 3)]


async def _used(owner_id: UUID) -> list[tuple[int, int]]:
    async with transaction() as tx:
        return [(one.limit, one.used) for one in await ledger.caps(tx, owner_id=owner_id, zone="UTC")]


async def test_a_released_hold_gives_the_caps_their_room_back() -> None:
    owner = await an_account(100)
    await cap(owner, "own", "day", 10)
    await release(owner, await held(owner, 10))
    assert isinstance(await hold(owner, 10), HoldView)


async def test_a_lowered_cap_counts_at_once() -> None:
    owner = await an_account(100)
    await cap(owner, "own", "day", 50)
    await capture(owner, await held(owner, 20), 20)
    await cap(owner, "own", "day", 10)
    refused = await hold(owner, 1)
    assert isinstance(refused, Refusal)
    assert refused.code == "cap_daily"


async def test_changing_the_zone_does_not_open_a_second_window() -> None:
    with clock.frozen(NOON):
        owner = await an_account(100)
        await cap(owner, "own", "day", 10)
        run = ids.new_id()
        assert isinstance(await hold(owner, 10, run_id=run, zone="UTC"), HoldView)
        assert isinstance(await hold(owner, 1, zone="Pacific/Kiritimati"), Refusal)
        async with transaction() as tx:
            await ledger.release(tx, owner_id=owner, run_id=run, reason="the test is over")


async def test_parallel_spenders_cannot_oversell_an_account() -> None:
    owner = await an_account(30)
    results = await asyncio.gather(*(hold(owner, 1) for _ in range(60)))
    assert sum(isinstance(one, HoldView) for one in results) == 30
    now = await balance(owner)
    assert (now.available, now.held) == (0, 30)


async def test_the_same_run_holds_once() -> None:
    owner, run = await an_account(30), ids.new_id()
    results = await asyncio.gather(*(hold(owner, 5, run_id=run) for _ in range(5)))
    assert all(isinstance(one, HoldView) for one in results)
    assert (await balance(owner)).held == 5


async def test_a_transaction_that_rolls_back_leaves_nothing() -> None:
    owner = await an_account(30)

    async def spend_and_fail(tx: Tx) -> None:
        await ledger.hold(tx, owner_id=owner, run_id=ids.new_id(), amount=5, lasts=MINUTE, zone="UTC")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await _in_a_transaction(spend_and_fail)
    assert (await balance(owner)).held == 0


async def _in_a_transaction(work: "object") -> None:
    async with transaction() as tx:
        made = work(tx)  # type: ignore[operator]
        assert isinstance(made, Awaitable)
        await made
