"""What a batcher keeps of an account in memory is never taken for what stands in the database: by no change of somebody else, and by no failure."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.db import session
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.terms import AnyCommand, Done, HoldCredits, Refusal
from tests.makers import commands
from tests.makers.accounts import a_grant, an_account

pytestmark = pytest.mark.usefixtures("book")
CAP, BOUGHT = 30, 100


class Door:
    """A batcher that knows an account with 100 credits, a cap of 30 a day and an open hold of 10; its connection fails when it is told to."""

    def __init__(self) -> None:
        self.batcher = Batcher(self._opening)
        self.fails = ""
        self.owner, self.account, self.bought = ids.new_id(), ids.new_id(), str(ids.new_id())
        self.first: HoldCredits

    @asynccontextmanager
    async def _opening(self, *, one_statement: bool = False) -> AsyncIterator[Tx]:
        async with session.batching() as tx:
            yield tx
            self._fail("before the commit")
        self._fail("after the commit")

    def _fail(self, where: str) -> None:
        if self.fails == where:
            self.fails = ""
            raise ConnectionError(where)

    async def learn(self) -> None:
        """Make the account, and have the batcher do something with it."""
        self.owner = await an_account()
        await a_grant(self.owner, BOUGHT, ref=self.bought)
        async with transaction() as tx:
            self.account = await ledger.account_id_of(tx, owner_id=self.owner)
        await self.cap(CAP)
        self.first = self.asking(10)
        assert await self.asks(self.first) == "done"

    def asking(self, amount: int) -> HoldCredits:
        """A hold."""
        return commands.hold(self.account, clock.now(), run_id=ids.new_id(), amount=amount)

    async def asks(self, command: AnyCommand) -> str:
        """What the batcher answers, in a word."""
        answer = await self.batcher.submit(commands.ask(command))
        return answer.code if isinstance(answer, Refusal) else "again" if answer.replayed else "done"

    async def hold(self, amount: int) -> str:
        """Set credits aside through the batcher."""
        return await self.asks(self.asking(amount))

    async def cap(self, limit: int) -> None:
        """Set the cap of a day, past the batcher."""
        async with transaction() as tx:
            await ledger.set_cap(tx, owner_id=self.owner, subject="own", label="day", limit=limit, zone="UTC")


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """The batcher of one test."""
    made = Door()
    await made.learn()
    yield made
    await made.batcher.stop()


async def test_a_cap_that_is_lowered_or_raised_elsewhere_counts_in_the_next_batch(door: Door) -> None:
    await door.cap(12)
    assert await door.hold(5) == "cap_daily"
    await door.cap(50)
    assert await door.hold(25) == "done"
    await door.cap(34)
    assert await door.hold(1) == "cap_daily"


async def test_a_cap_on_single_runs_that_is_set_elsewhere_counts_in_the_next_batch(door: Door) -> None:
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=door.owner, subject="own", label="run", limit=4, zone="UTC")
    assert await door.hold(5) == "cap_per_run"
    assert await door.hold(4) == "done"


async def _deduct(door: Door, tx: Tx) -> object:
    return await ledger.deduct(tx, owner_id=door.owner, amount=85, key=str(ids.new_id()), reason="", actor=SYSTEM)


async def _claw_back(door: Door, tx: Tx) -> object:
    return await ledger.claw_back(tx, owner_id=door.owner, source="purchase", source_ref=door.bought, amount=85, key=str(ids.new_id()), reason="")


async def _hold(door: Door, tx: Tx) -> object:
    return await ledger.hold(tx, owner_id=door.owner, run_id=ids.new_id(), amount=20, lasts=timedelta(days=1), zone="UTC")


@pytest.mark.parametrize(("change", "code"), [(_deduct, "insufficient_credits"), (_claw_back, "insufficient_credits"), (_hold, "cap_daily")])
async def test_what_is_spent_elsewhere_is_not_spent_again(door: Door, change: Callable[[Door, Tx], Awaitable[object]], code: str) -> None:
    async with transaction() as tx:
        await change(door, tx)
    assert await door.hold(6) == code


async def test_what_arrives_elsewhere_can_be_spent(door: Door) -> None:
    await door.cap(1_000)
    assert await door.hold(91) == "insufficient_credits"
    await a_grant(door.owner, 1)
    assert await door.hold(91) == "done"


async def test_a_hold_that_ends_elsewhere_has_ended(door: Door) -> None:
    run = door.first.run_id
    async with transaction() as tx:
        await ledger.release(tx, owner_id=door.owner, run_id=run, reason="")
    assert await door.asks(commands.capture(door.account, clock.now(), run_id=run, amount=1)) == "hold_ended"
    assert await door.hold(CAP) == "done"


async def test_a_grant_that_ends_while_the_batcher_knows_it_pays_no_more(door: Door) -> None:
    owner = await an_account(20, source="promo", expires_at=clock.now() + timedelta(hours=1))
    async with transaction() as tx:
        door.account = await ledger.account_id_of(tx, owner_id=owner)
    assert await door.hold(1) == "done"
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert await door.hold(1) == "insufficient_credits"


async def test_a_grant_that_arrives_through_the_batcher_and_ends_before_all_others_pays_no_more(door: Door) -> None:
    await door.cap(1_000)
    assert [await door.hold(1), await door.hold(1), await door.hold(1)] == ["done", "done", "done"]
    now = clock.now()
    given = commands.grant(door.account, now, grant_id=ids.new_id(), key=str(ids.new_id()), amount=20, source="promo", ends=now + timedelta(hours=1))
    assert [await door.asks(given), await door.hold(1)] == ["done", "done"]
    with clock.frozen(now + timedelta(hours=1)):
        assert await door.hold(88) == "insufficient_credits"
        assert await door.hold(87) == "done"


@pytest.mark.parametrize(("fails", "said"), [("before the commit", "done"), ("after the commit", "again")])
async def test_after_a_lost_connection_the_batcher_asks_the_database(door: Door, fails: str, said: str) -> None:
    door.fails = fails
    assert await door.hold(5) == said
    assert [await door.hold(16), await door.hold(15)] == ["cap_daily", "done"]
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=door.owner)).held == CAP


@pytest.mark.parametrize("fails", ["before the commit", "after the commit"])
async def test_what_was_decided_upon_a_batch_that_did_not_stand_is_decided_anew(door: Door, fails: str) -> None:
    """The second batch counts on the room that the first one's release makes, and the third on what the second leaves."""
    door.fails = fails
    waves = [[commands.release(door.account, clock.now(), run_id=door.first.run_id)], [door.asking(30)], [door.asking(1), door.asking(1)]]
    asked: list[asyncio.Task[str]] = []
    for wave in waves:
        asked += [asyncio.create_task(door.asks(one)) for one in wave]
        for _ in range(5):
            await asyncio.sleep(0)
    said = await asyncio.gather(*asked)
    assert said == ["again" if fails == "after the commit" else "done", "done", "cap_daily", "cap_daily"]
    async with transaction() as tx:
        now = await ledger.balance(tx, owner_id=door.owner)
    assert (now.held, now.available) == (30, BOUGHT - 30)


async def test_a_retry_is_known_whatever_the_batcher_kept(door: Door) -> None:
    other = Batcher()
    spent = commands.deduct(door.account, clock.now(), amount=3, key=str(ids.new_id()))
    run = commands.capture(door.account, clock.now(), run_id=door.first.run_id, amount=2)
    for command in (door.first, spent, run):
        assert isinstance(await other.submit(commands.ask(command)), Done)
        assert [await door.asks(command), await door.asks(command)] == ["again", "again"]
    await other.stop()
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=door.owner)).available == BOUGHT - 5
