"""Many at once, through batchers and transactions of their own: exactly what is there is spent, nobody waits for each other in a ring."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger import writing
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.terms import AnyCommand, Done, HoldCredits, Refusal
from tests.makers import commands
from tests.makers.accounts import an_account

pytestmark = pytest.mark.usefixtures("book")
_DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
_OTHERS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
_ENTRIES = text("SELECT kind, count(*) AS number, sum(amount) AS moved FROM entry GROUP BY kind")


@pytest.fixture
async def batchers() -> AsyncIterator[list[Batcher]]:
    """Two batchers, as two processes have them."""
    made = [Batcher(), Batcher()]
    yield made
    for batcher in made:
        await batcher.stop()


async def _account(owner_id: UUID) -> UUID:
    async with transaction() as tx:
        return await ledger.account_id_of(tx, owner_id=owner_id)


async def _alone(command: AnyCommand) -> Done | Refusal:
    async with transaction() as tx:
        return await writing.carry_out(tx, command, asked=commands.asked(command))


def _hold(account: UUID, amount: int) -> HoldCredits:
    return commands.hold(account, clock.now(), run_id=ids.new_id(), amount=amount)


def _told(answers: list[Any]) -> Counter[str]:
    return Counter("done" if isinstance(one, Done) else one.code if isinstance(one, Refusal) else repr(one) for one in answers)


async def _entries() -> dict[str, tuple[int, int]]:
    async with transaction() as tx:
        return {row["kind"]: (row["number"], int(row["moved"])) for row in (await tx.execute(_ENTRIES)).mappings()}


@pytest.mark.parametrize("doors", [("one",), ("one", "other"), ("alone",), ("one", "other", "alone")], ids="+".join)
@pytest.mark.parametrize("amount", [1, 7])
async def test_two_hundred_spenders_get_exactly_what_there_is(batchers: list[Batcher], doors: tuple[str, ...], amount: int) -> None:
    account = await _account(await an_account(50, 3, 67))
    named = {"one": batchers[0], "other": batchers[1]}
    wanted = [(doors[n % len(doors)], _hold(account, amount)) for n in range(200)]
    asked = (_alone(one) if door == "alone" else named[door].submit(commands.ask(one)) for door, one in wanted)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert _told(answers) == {"done": 120 // amount, "insufficient_credits": 200 - 120 // amount}
    assert (await _entries())["hold"] == (120 // amount, 0)


async def test_two_hundred_runs_of_one_account_are_charged_to_the_credit(batchers: list[Batcher]) -> None:
    owner = await an_account(500)
    account = await _account(owner)

    async def charge(n: int) -> list[Done | Refusal]:
        held, batcher = _hold(account, 3), batchers[n % 2]
        answers = [await (batcher.submit(commands.ask(held)) if n % 3 else _alone(held))]
        spent = commands.capture(account, clock.now(), run_id=held.run_id, amount=2)
        return [*answers, *([await batcher.submit(commands.ask(spent))] if isinstance(answers[0], Done) else [])]

    answers = [one for each in await asyncio.gather(*(charge(n) for n in range(200))) for one in each]
    charged = (await _entries())["capture"][0]
    assert _told(answers) == Counter({"done": 2 * charged, "insufficient_credits": 200 - charged})
    assert charged >= 500 // 3
    async with transaction() as tx:
        now = await ledger.balance(tx, owner_id=owner)
    assert (now.available, now.held) == (500 - 2 * charged, 0)


async def test_nobody_locks_anybody_out_however_accounts_are_mixed(batchers: list[Batcher]) -> None:
    before = await _deadlocks()
    owners = [await an_account(200) for _ in range(12)]
    accounts = [await _account(owner) for owner in owners]
    order = random.Random(20)  # noqa: S311 - any order will do
    asks = [_life(order, batchers, owners, accounts) for _ in range(160)]
    answers = [one for each in await asyncio.gather(*asks, return_exceptions=True) for one in (each if isinstance(each, list) else [each])]
    told = _told(answers)
    assert set(told) <= {"done", "insufficient_credits"}
    assert told["done"] == sum(number for kind, (number, _) in (await _entries()).items() if kind in ("hold", "capture", "send"))
    assert await _deadlocks() == before
    async with transaction() as tx:
        total = sum([(await ledger.balance(tx, owner_id=owner)).total for owner in owners])
    assert total == 12 * 200 + (await _entries())["capture"][1]


async def _life(order: random.Random, batchers: list[Batcher], owners: list[UUID], accounts: list[UUID]) -> list[Done | Refusal]:
    """A hold, its capture and two transfers on accounts and by doors that chance picks; what each was answered."""
    giver, taker, spender = (*order.sample(range(len(accounts)), 2), order.randrange(len(accounts)))
    held = _hold(accounts[spender], order.randint(1, 9))
    spent = commands.capture(accounts[spender], clock.now(), run_id=held.run_id, amount=1)
    doors = order.choices([None, *batchers], k=2)
    there, back = str(ids.new_id()), str(ids.new_id())

    async def by(door: Batcher | None, command: AnyCommand) -> Done | Refusal:
        return await (door.submit(commands.ask(command)) if door else _alone(command))

    answers = [await _sent(owners[giver], owners[taker], 2, there), await by(doors[0], held)]
    if isinstance(answers[-1], Done):
        answers.append(await by(doors[1], spent))
    return [*answers, await _sent(owners[taker], owners[giver], 1, back)]


async def _sent(giver: UUID, taker: UUID, amount: int, key: str) -> Done | Refusal:
    async with transaction() as tx:
        assert await ledger.transfer(tx, from_owner=giver, to_owner=taker, amount=amount, key=key, note="")
    return Done(None)


async def _deadlocks() -> int:
    """How many the server has found since it was started; a connection tells of its own when it is closed."""
    await db.dispose()
    async with asyncio.timeout(30):
        while True:
            async with transaction() as tx:
                if not (await tx.execute(_OTHERS)).scalar_one():
                    return (await tx.execute(_DEADLOCKS)).scalar_one()
