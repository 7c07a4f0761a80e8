"""The book and a heap of coins, driven together: the same answers, the same numbers, and in the end every invariant.

A failing example is printed as the steps that lead to it, made as short as they get, and is tried first from then on.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from credit_studio.core import clock, ids
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.db.session import snapshot, transaction
from credit_studio.history import service as history
from credit_studio.ledger import service as ledger
from credit_studio.ledger import writing
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.errors import BadCommand, KeyReused
from credit_studio.ledger.terms import AnyCommand, GrantCredits, Refusal, Release
from tests.conftest import empty_database
from tests.ledger.model import AGAIN, DONE, FREE, HELD, MOST, REUSED, Model
from tests.makers import commands
from tests.makers.accounts import an_account

START = datetime(2026, 1, 30, 16, tzinfo=UTC)
ZONES = {"UTC": 0.0, "Asia/Kolkata": 5.5}
PERIOD = timedelta(days=30)
T = TypeVar("T")
OFTEN = {DONE, AGAIN, REUSED, "insufficient_credits", "hold_ended", "invalid_amount"}
SELDOM = {"cap_daily", "cap_monthly", "cap_per_run", "unknown_hold", "taken_back_already", "nothing_taken_back", "same_account"}
"""What examples must have been answered at least once, a hundred of them and many; or the test tests less than it says."""

any_of = st.integers(0, 99)
doors = st.sampled_from(["a transaction of its own", "one batcher", "another batcher"])
credits_ = st.sampled_from([*range(1, 10), *range(1, 10), *range(10, 41, 3), 0, MOST + 1])
keys = st.sampled_from(["a", "b", "c", "d", "e"])


@dataclass
class Ground:
    """What the examples share: the loop that everything runs on, two batchers that live through all of them, and what was answered."""

    loop: asyncio.AbstractEventLoop
    batchers: dict[str, Batcher]
    answers: Counter[str]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the loop."""
        return self.loop.run_until_complete(work)


@pytest.fixture
async def ground(database: None) -> AsyncIterator[Ground]:
    """The ground of one test."""
    made = Ground(asyncio.get_running_loop(), {"one batcher": Batcher(), "another batcher": Batcher()}, Counter())
    yield made
    for batcher in made.batchers.values():
        await batcher.stop()


class Book(RuleBasedStateMachine):
    """Two accounts in different time zones."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.owners: dict[UUID, UUID] = {}
        self.zones: dict[UUID, str] = {}
        self.asked: list[tuple[AnyCommand, list[object]]] = []
        self.ground.run(self._open())
        self.accounts = list(self.owners)
        self.model = Model({account: ZONES[zone] for account, zone in self.zones.items()})

    async def _open(self) -> None:
        await empty_database()
        for zone in ZONES:
            owner = await an_account()
            async with transaction() as tx:
                account = await ledger.account_id_of(tx, owner_id=owner)
            self.owners[account], self.zones[account] = owner, zone

    @initialize(plan=st.integers(1, 60), promo=st.integers(1, 20), bought=st.integers(1, 60), daily=st.integers(5, 40), monthly=st.integers(5, 60))
    def begin(self, plan: int, promo: int, bought: int, daily: int, monthly: int) -> None:
        """Every account may pay, and is bounded."""
        made: list[AnyCommand] = []
        for account in self.accounts:
            for source, amount, days in (("plan", plan, 30), ("promo", promo, 2), ("purchase", bought, 0)):
                ends = self.now + timedelta(days=days) if days else FAR_FUTURE
                made.append(commands.grant(account, self.now, grant_id=ids.new_id(), key=f"begin-{account}", amount=amount, source=source, ends=ends))
            for cap, limit in ((("own", "day"), daily + monthly), (("plan", "day"), daily), (("plan", "month"), monthly)):
                self._cap(account, cap, limit)
        for command in made:
            self.asked.append((command, commands.asked(command)))
            assert self.model.carry_out(*self.asked[-1]) == {DONE}
        self.ground.run(self._together(made))
        self._same_numbers(*self.accounts)

    async def _together(self, made: list[AnyCommand]) -> None:
        await asyncio.gather(*(self._answer(command, commands.asked(command), "one batcher") for command in made))

    @rule(who=any_of, amount=credits_, source=st.sampled_from(["plan", "promo", "purchase", "purchase"]), days=st.integers(1, 40), key=any_of, door=doors)
    def grant(self, who: int, amount: int, source: str, days: int, key: int, door: str) -> None:
        """Credits arrive, or the same key comes again."""
        ends = FAR_FUTURE if source == "purchase" else self.now + timedelta(days=days)
        account = self._account(who)
        self._do(commands.grant(account, self.now, grant_id=ids.new_id(), key=str(key), amount=min(amount, 99), source=source, ends=ends), door)

    @rule(who=any_of, amount=credits_, door=doors)
    def hold(self, who: int, amount: int, door: str) -> None:
        """A run begins."""
        self._do(commands.hold(self._account(who), self.now, run_id=ids.new_id(), amount=amount), door)

    @rule(who=any_of, amount=st.integers(1, 20), returned=st.integers(0, 6), door=doors, other=doors)
    def charge(self, who: int, amount: int, returned: int, door: str, other: str) -> None:
        """A run begins, and ends at once with a result."""
        self.hold(who, amount, door)
        run = self.asked[-1][0].key
        self._do(commands.capture(self._account(who), self.now, run_id=UUID(run), amount=max(1, amount - returned)), other)

    @precondition(lambda self: self.model.holds)
    @rule(which=any_of, amount=credits_, stranger=any_of, door=doors)
    def capture(self, which: int, amount: int, stranger: int, door: str) -> None:
        """A run ends with a result, or did so long ago."""
        account, run = self._hold(which, stranger)
        self._do(commands.capture(account, self.now, run_id=run, amount=amount), door)

    @precondition(lambda self: self.model.holds)
    @rule(which=any_of, state=st.sampled_from(["released", "expired"]), stranger=any_of, door=doors)
    def release(self, which: int, state: str, stranger: int, door: str) -> None:
        """A run ends without one, or did so long ago."""
        account, run = self._hold(which, stranger)
        self._do(commands.release(account, self.now, run_id=run, state=state), door)

    @precondition(lambda self: self.model.holds)
    @rule(which=any_of, amount=credits_, key=keys, stranger=any_of, door=doors)
    def refund(self, which: int, amount: int, key: str, stranger: int, door: str) -> None:
        """A run was not worth its price."""
        account, run = self._hold(which, stranger)
        self._do(commands.refund(account, self.now, run_id=run, amount=amount, key=key), door)

    @precondition(lambda self: self._granted())
    @rule(which=any_of, amount=credits_, key=keys, door=doors)
    def claw_back(self, which: int, amount: int, key: str, door: str) -> None:
        """A payment goes back."""
        account, grant = self._granted()[which % len(self._granted())]
        self._do(commands.claw_back(account, self.now, grant_id=grant, amount=amount, key=key), door)

    @precondition(lambda self: self._granted())
    @rule(which=any_of, amount=credits_, key=keys, door=doors)
    def reinstate(self, which: int, amount: int, key: str, door: str) -> None:
        """It comes again."""
        account, grant = self._granted()[which % len(self._granted())]
        self._do(commands.reinstate(account, self.now, grant_id=grant, new_grant_id=ids.new_id(), amount=amount, key=key), door)

    @rule(who=any_of, amount=credits_, key=keys, door=doors)
    def deduct(self, who: int, amount: int, key: str, door: str) -> None:
        """Somebody takes credits away."""
        self._do(commands.deduct(self._account(who), self.now, amount=amount, key=key), door)

    @rule(who=any_of, to_whom=any_of, amount=credits_, key=keys)
    def transfer(self, who: int, to_whom: int, amount: int, key: str) -> None:
        """Credits go to somebody, or to oneself."""
        giver, taker = self._account(who), self._account(to_whom)
        expected = self.model.transfer(giver, taker, amount, key, self.now, arrives_as=ids.new_id())
        self._expect(expected, self.ground.run(self._transfer(giver, taker, amount, key)))
        self._same_numbers(giver, taker)

    @precondition(lambda self: self.asked)
    @rule(which=any_of, more=st.sampled_from([0, 0, 0, 1]), door=doors)
    def retry(self, which: int, more: int, door: str) -> None:
        """A command from before comes again, or another one under its key."""
        command, _ = self.asked[-1 - which % len(self.asked)]
        again: Any = replace(command, at=self.now)
        self._do(again if isinstance(command, Release) else replace(again, amount=min(99, again.amount + more)), door)

    @rule(by=st.sampled_from([timedelta(minutes=5), timedelta(hours=7), timedelta(hours=20), timedelta(days=9), timedelta(days=33)]))
    def time_passes(self, by: timedelta) -> None:
        """Grants lapse, windows close."""
        self.now += by
        self._same_numbers(*self.accounts)

    @rule()
    def lapsed_grants_are_ended(self) -> None:
        """The upkeep runs."""
        assert self.ground.run(self._expire()) == self.model.expire(self.now)
        self._same_numbers(*self.accounts)

    @rule(who=any_of, limit=st.integers(2, 60), cap=st.sampled_from([("own", "run"), ("own", "day"), ("own", "month"), ("plan", "day"), ("plan", "month")]))
    def set_cap(self, who: int, limit: int, cap: tuple[str, str]) -> None:
        """A cap allows more, or less."""
        self.now += timedelta(minutes=1)
        account = self._account(who)
        self._cap(account, cap, limit)
        self._same_numbers(account)

    def _cap(self, account: UUID, cap: tuple[str, str], limit: int) -> None:
        period = (self.now, self.now + PERIOD) if cap == ("plan", "month") else None
        self.model.set_cap(account, *cap, limit, period)
        self.ground.run(self._set_cap(account, *cap, limit, period))

    def teardown(self) -> None:
        """Every invariant."""
        assert self.ground.run(self._broken()) == []

    def _do(self, command: AnyCommand, door: str) -> None:
        asked = commands.asked(command)
        self.asked.append((command, asked))
        self._expect(self.model.carry_out(command, asked), self.ground.run(self._answer(command, asked, door)))
        self._same_numbers(command.account_id)

    def _expect(self, expected: set[str], said: str) -> None:
        self.ground.answers[said] += 1
        assert said in expected

    async def _answer(self, command: AnyCommand, asked: list[object], door: str) -> str:
        zone, batcher = self.zones[command.account_id], self.ground.batchers.get(door)
        try:
            if batcher is not None:
                answer = await batcher.submit(commands.ask(command, zone))
            else:
                async with transaction() as tx:
                    answer = await writing.carry_out(tx, commands.ask(command, zone), asked=asked)
        except KeyReused:
            return REUSED
        return answer.code if isinstance(answer, Refusal) else AGAIN if answer.replayed else DONE

    async def _transfer(self, giver: UUID, taker: UUID, amount: int, key: str) -> str:
        try:
            with clock.frozen(self.now):
                async with transaction() as tx:
                    new = await ledger.transfer(tx, from_owner=self.owners[giver], to_owner=self.owners[taker], amount=amount, key=key, note="")
        except KeyReused:
            return REUSED
        except BadCommand as refused:
            return refused.code
        return DONE if new else AGAIN

    async def _expire(self) -> int:
        with clock.frozen(self.now):
            async with transaction() as tx:
                return await ledger.expire_lapsed(tx)

    async def _set_cap(self, account: UUID, subject: str, label: str, limit: int, period: tuple[datetime, datetime] | None) -> None:
        with clock.frozen(self.now):
            async with transaction() as tx:
                await ledger.set_cap(tx, owner_id=self.owners[account], subject=subject, label=label, limit=limit, zone=self.zones[account], period=period)

    async def _broken(self) -> list[object]:
        with clock.frozen(self.now):
            async with snapshot() as tx:
                return [check for check in await history.doctor(tx) if not check.holds]

    def _same_numbers(self, *accounts: UUID) -> None:
        for account in accounts:
            assert self.ground.run(self._numbers(account)) == self._counted(account)

    async def _numbers(self, account: UUID) -> dict[str, object]:
        """What the book says of an account."""
        owner = self.owners[account]
        with clock.frozen(self.now):
            async with transaction() as tx:
                now = await ledger.balance(tx, owner_id=owner)
                caps = await ledger.caps(tx, owner_id=owner, zone=self.zones[account])
        return {
            "available": now.available,
            "held": now.held,
            "debt": now.debt,
            "entries": now.version,
            "grants": [(grant.source, grant.remaining, grant.held) for grant in now.grants],
            "caps": {(cap.subject, cap.label): (cap.limit, cap.used) for cap in caps},
        }

    def _counted(self, account: UUID) -> dict[str, object]:
        """What there is of it in the heap of coins."""
        model, now = self.model, self.now
        piles = [pile for pile in model.piles if pile.account_id == account]
        inside = [(pile, len(pile.free), sum(coin.place == HELD for coin in pile.coins)) for pile in piles]
        told = [(pile, free, held) for pile, free, held in inside if held or (free and pile.ends > now)]
        caps = {(subject, label): (cap.limit, model.used(account, subject, label, now)) for (one, subject, label), cap in model.caps.items() if one == account}
        return {
            "available": len(model.lying(account, FREE, now)) - model.debt(account),
            "held": len(model.lying(account, HELD)),
            "debt": model.debt(account),
            "entries": model.entries.get(account, 0),
            "grants": [(pile.source, free, held) for pile, free, held in sorted(told, key=lambda one: (one[0].priority, one[0].ends, one[0].id))],
            "caps": {name: (limit, 0 if name[1] == "run" else used) for name, (limit, used) in caps.items() if used is not None},
        }

    def _account(self, who: int) -> UUID:
        return self.accounts[who % len(self.accounts)]

    def _hold(self, which: int, stranger: int) -> tuple[UUID, UUID]:
        """A hold, the newest first, asked for by its owner; one time in twenty by somebody else."""
        hold = list(self.model.holds.values())[-1 - which % len(self.model.holds)]
        other = next(account for account in self.accounts if account != hold.account_id)
        return (other if stranger % 20 == 19 else hold.account_id), hold.run_id

    def _granted(self) -> list[tuple[UUID, UUID]]:
        return [(command.account_id, command.grant_id) for command, _ in self.asked if isinstance(command, GrantCredits)]


def _drive(ground: Ground, *, examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(type("Book", (Book,), {"ground": ground}), settings=chosen)


def test_the_book_and_a_heap_of_coins_agree_at_every_step(ground: Ground) -> None:
    _drive(ground, examples=100, steps=30)
    assert set(ground.answers) >= OFTEN


@pytest.mark.soak
def test_the_book_and_a_heap_of_coins_agree_for_long(ground: Ground) -> None:
    _drive(ground, examples=1_500, steps=60)
    assert set(ground.answers) >= OFTEN | SELDOM
