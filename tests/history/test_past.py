"""The past, from the entries: what the balance was, and statements that add up to the credit."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.errors import NotFound
from credit_studio.db.session import snapshot, transaction
from credit_studio.history import checks, flow, store
from credit_studio.history import service as history
from credit_studio.history.replay import Replay
from credit_studio.history.statements import calendar_month, statement
from credit_studio.history.views import Statement
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance, HoldView
from tests.makers.accounts import a_grant, an_account
from tests.makers.histories import Step, drawn, lived

pytestmark = pytest.mark.usefixtures("book")
START = datetime(2026, 1, 31, 22, tzinfo=UTC)
LIVES = drawn(25, steps=40)


async def _then(owner_id: UUID, at: datetime) -> Balance:
    async with transaction() as tx:
        return await history.balance(tx, owner_id=owner_id, at=at)


async def _month(owner_id: UUID, year: int, month: int, zone: str = "UTC") -> Statement:
    async with transaction() as tx:
        return await history.statement(tx, owner_id=owner_id, year=year, month=month, zone=zone)


def _figures(balance: Balance) -> tuple[object, ...]:
    """All of a balance but when its grants end, which may have moved since."""
    grants = sorted((one.id, one.source, one.amount, one.remaining, one.held, one.priority) for one in balance.grants)
    return (balance.account_id, balance.available, balance.held, balance.total, balance.debt, balance.version, grants)


def test_the_lives_do_everything_that_can_be_done() -> None:
    done = Counter(step.doing for steps in LIVES for step in steps)
    assert min(done.values()) > 10


@pytest.mark.parametrize("steps", LIVES, ids=range(len(LIVES)))
async def test_the_balance_at_every_past_instant_is_what_it_was(steps: list[Step]) -> None:
    life = await lived(steps, start=START)
    for at, noted in life.noted:
        assert _figures(await _then(life.owner_id, at)) == _figures(noted)
        assert (await _then(life.owner_id, at + timedelta(minutes=59))).version == noted.version
    assert (await _then(life.owner_id, START)).total == 0


@pytest.mark.parametrize("steps", LIVES[::3], ids=range(0, len(LIVES), 3))
async def test_from_either_end_of_the_chain_the_grants_are_what_the_entries_make_them(steps: list[Step]) -> None:
    life = await lived(steps, start=START)
    async with snapshot() as tx:
        account_id = (await history.proof(tx, owner_id=life.owner_id)).account_id
        replay, totals = Replay(str(account_id)), dict[datetime, int]()
        for row in (await tx.execute(checks.ENTRIES.where(store.ENTRY.account_id == account_id))).mappings():
            replay.follow(row)
            number, left = row["number"], {UUID(key): amount for key, amount in replay.left.items() if amount}
            assert await store.debt_at(tx, account_id, number) == replay.debt
            assert (await store.posted_at(tx, account_id, [number]))[number] == replay.posted == sum(left.values())
            totals[row["at"] + timedelta(microseconds=1)] = replay.posted - replay.debt
            for length in (number, 2 * number):
                told = await store.grants_at(tx, account_id, number, length=length)
                assert {one["id"]: one["remaining"] + one["held"] for one in told} == left
                assert sum(one["held"] for one in told) == sum(replay.open.values())
        assert await history.totals(tx, owner_id=life.owner_id, before=[START, *totals]) == (None, *totals.values())


async def _jittered(owner_id: UUID, count: int, draw: Random) -> list[datetime]:
    """So many grants of 1, 2, 3 ... credits, a minute apart by clocks that differ by up to six; their instants."""
    instants = [START + timedelta(minutes=number, seconds=draw.randint(-180, 180)) for number in range(1, count + 1)]
    for amount, at in enumerate(instants, start=1):
        with clock.frozen(at):
            await a_grant(owner_id, amount)
    return instants


@pytest.mark.parametrize("seed", range(2))
async def test_where_clocks_disagreed_every_instant_has_one_place_in_the_book(seed: int) -> None:
    draw, owner = Random(seed), await an_account()  # noqa: S311 - clocks are no secret
    count = 90 + seed
    written = [datetime.min.replace(tzinfo=UTC), *await _jittered(owner, count, draw), datetime.max.replace(tzinfo=UTC)]
    asked = [START + timedelta(seconds=20 * step) for step in range(3 * count)]
    told = [await _then(owner, at) for at in asked]
    assert [one.version for one in told] == sorted(one.version for one in told)
    for at, one in zip(asked, told, strict=True):
        assert written[one.version] <= at < written[one.version + 1]
        assert one.total == sum(range(one.version + 1))
    with clock.frozen(START + timedelta(days=1)):
        for _ in range(140):
            await a_grant(owner, 1)
    assert [(await _then(owner, at)).version for at in asked] == [one.version for one in told]


async def test_where_clocks_disagreed_a_month_still_begins_where_the_last_one_ended() -> None:
    owner = await an_account()
    await _jittered(owner, 240, Random(1))  # noqa: S311 - as above
    january, february = await _month(owner, 2026, 1), await _month(owner, 2026, 2)
    assert 0 < january.closing == january.bought == february.opening < february.closing == february.opening + february.bought == sum(range(241))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Havana"])
@pytest.mark.parametrize("steps", LIVES[::4], ids=range(0, len(LIVES), 4))
async def test_every_month_adds_up_and_begins_where_the_last_one_ended(steps: list[Step], zone: str) -> None:
    life = await lived(steps, start=START)
    before = 0
    for number in range(36):
        year, month = 2026 + number // 12, number % 12 + 1
        told = await _month(life.owner_id, year, month, zone)
        assert told.opening == before
        assert told.opening + told.granted + told.bought - told.used - told.expired + told.refunded + told.adjusted == told.closing
        assert min(told.granted, told.bought, told.used, told.expired) >= 0
        before, end = told.closing, calendar_month(year, month, zone)[1]
        assert told.closing == next((noted.total for at, noted in reversed(life.noted) if at < end), 0)
    assert before == life.noted[-1][1].total


async def test_each_movement_stands_in_its_column() -> None:
    with clock.frozen(datetime(2026, 11, 5, tzinfo=UTC)):
        owner, friend, run = await an_account(), await an_account(), ids.new_id()
        await a_grant(owner, 300, source="plan", expires_at=datetime(2026, 11, 20, tzinfo=UTC))
        await a_grant(owner, 1_000, ref="session")
        await a_grant(owner, 25, source="goodwill")
        async with transaction() as tx:
            assert isinstance(await ledger.hold(tx, owner_id=owner, run_id=run, amount=50, lasts=timedelta(days=1), zone="UTC"), HoldView)
            await ledger.capture(tx, owner_id=owner, run_id=run, amount=40)
            await ledger.refund(tx, owner_id=owner, run_id=run, amount=15, key="r", reason="slow")
            await ledger.transfer(tx, from_owner=owner, to_owner=friend, amount=100, key="t", note="a gift")
            await ledger.claw_back(tx, owner_id=owner, source="purchase", source_ref="session", amount=1_000, key="c", reason="a dispute")
            await ledger.reinstate(tx, owner_id=owner, source="purchase", source_ref="session", amount=200, key="w", reason="won in part")
    with clock.frozen(datetime(2026, 11, 20, 0, 1, tzinfo=UTC)):
        async with transaction() as tx:
            await ledger.expire_lapsed(tx)
    told = await _month(owner, 2026, 11, "Europe/London")
    assert told == Statement(
        "2026-11", "Europe/London", opening=0, granted=300, bought=1_000, used=40, expired=275, refunded=15 - 1_000 + 200, adjusted=25 - 100, closing=125
    )
    assert await _month(friend, 2026, 11) == Statement("2026-11", "UTC", opening=0, granted=100, closing=100)
    assert await _month(friend, 2026, 12) == Statement("2026-12", "UTC", opening=100, closing=100)
    assert await _month(friend, 2026, 10) == Statement("2026-10", "UTC", opening=0)


async def test_a_purchase_that_repays_debt_counts_whole_as_bought() -> None:
    with clock.frozen(datetime(2026, 11, 5, tzinfo=UTC)):
        owner, run = await an_account(), ids.new_id()
        await a_grant(owner, 100, ref="first")
        async with transaction() as tx:
            assert isinstance(await ledger.hold(tx, owner_id=owner, run_id=run, amount=80, lasts=timedelta(days=1), zone="UTC"), HoldView)
            await ledger.capture(tx, owner_id=owner, run_id=run, amount=80)
            await ledger.claw_back(tx, owner_id=owner, source="purchase", source_ref="first", amount=100, key="c", reason="a dispute")
    assert (await _month(owner, 2026, 11)).closing == -80
    with clock.frozen(datetime(2026, 12, 5, tzinfo=UTC)):
        await a_grant(owner, 100, ref="second")
    assert await _month(owner, 2026, 12) == Statement("2026-12", "UTC", opening=-80, bought=100, closing=20)


async def test_a_month_begins_at_the_owners_midnight() -> None:
    owner = await an_account()
    with clock.frozen(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)):
        await a_grant(owner, 5)
    assert (await _month(owner, 2026, 6, "UTC")).bought == 5
    assert (await _month(owner, 2026, 7, "Europe/London")).bought == 5


@pytest.mark.parametrize(
    ("zone", "month", "hours"), [("Europe/London", 3, 743), ("Europe/London", 10, 745), ("UTC", 2, 672), ("America/Havana", 3, 743), ("UTC", 12, 744)]
)
def test_a_month_has_the_hours_that_the_clock_gives_it(zone: str, month: int, hours: int) -> None:
    start, end = calendar_month(2026, month, zone)
    assert (end - start) == timedelta(hours=hours)


def test_a_movement_that_nobody_named_still_adds_up() -> None:
    told = statement("2026-11", "UTC", opening=3, within={"a thing to come": -5}, kinds={})
    assert (told.opening, told.adjusted, told.closing) == (3, -5, -2)


async def test_who_has_no_account_has_no_past() -> None:
    with pytest.raises(NotFound):
        await _then(ids.new_id(), START)
    with pytest.raises(NotFound):
        await _month(ids.new_id(), 2026, 11)
    with pytest.raises(NotFound):
        await anext(flow.proof(owner_id=ids.new_id()))
