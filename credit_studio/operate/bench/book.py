"""The load on the book: people with three grants and two caps, and so many holds or charges of theirs under way at once."""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from credit_studio.core import clock, ids
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.db.session import transaction
from credit_studio.ledger import chain
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.service import PRIORITY
from credit_studio.ledger.terms import AnyCommand, Capture, Done, GrantCredits, HoldCredits
from credit_studio.operate.bench import store

_PERIOD = timedelta(days=30)
_AT_ONCE = 256
_IN_TURN = 16
"""Holds of each caller before they are charged ..."""
_MOST_OPEN = 1_000
"""... and of all of them: an account has some runs under way at once, not a whole minute's."""


@dataclass(frozen=True)
class Person:
    """Who spends here."""

    account_id: UUID
    owner_id: UUID


@dataclass(frozen=True)
class Run:
    """A run that is held for, and charged."""

    account_id: UUID
    run_id: UUID


class Book:
    """People with a plan's, a promo's and a bought grant and the plan's caps; their commands go through a batcher of this book's own."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._batcher = Batcher()

    async def close(self) -> None:
        """Finish what waits. The batcher remembers no account afterwards."""
        await self._batcher.stop()
        self._batcher = Batcher()

    async def give(self, person: Person, count: int) -> None:
        """Open `count` more grants of 100 credits on the person's account, bought ones."""
        await self._carry_out((_grant(person, "purchase", 100) for _ in range(count)), _AT_ONCE)

    async def in_turns(self, people: Sequence[Person], *, in_flight: int, seconds: float) -> tuple[float, float]:
        """Hold a credit of people by chance, then charge those holds, and so on: holds a second and charges a second."""
        held_s = charged_s = done = 0.0
        until = time.perf_counter() + seconds
        while not done or time.perf_counter() < until:
            chosen = random.choices(people, k=min(_IN_TURN * in_flight, _MOST_OPEN))  # noqa: S311 - a load, no secret
            taken_s, made = await self.hold_each(chosen, in_flight=in_flight)
            held_s += taken_s
            charged_s += await self.charge(made, in_flight=in_flight)
            done += len(made)
        return done / held_s, done / charged_s

    async def unkept(self, people: Sequence[Person], *, in_flight: int, seconds: float) -> float:
        """Hold a credit of people that the batcher has not seen yet: holds a second."""
        held_s = done = 0.0
        until = time.perf_counter() + seconds
        while not done or time.perf_counter() < until:
            await self.close()
            chosen = random.sample(people, k=min(len(people), _MOST_OPEN))
            taken_s, made = await self.hold_each(chosen, in_flight=in_flight)
            await self.charge(made, in_flight=in_flight)
            held_s += taken_s
            done += len(made)
        return done / held_s

    async def hold_each(self, people: Iterable[Person], *, in_flight: int) -> tuple[float, list[Run]]:
        """Hold a credit of each: the seconds that it took, and the runs that the holds are for."""
        made = [Run(one.account_id, ids.new_id()) for one in people]
        taken_s = await self._carry_out((_hold(one) for one in made), in_flight)
        await _look_up("hold", made)
        return taken_s, made

    async def charge(self, made: Sequence[Run], *, in_flight: int) -> float:
        """Capture every one of these holds: the seconds that it took."""
        taken_s = await self._carry_out((_capture(one) for one in made), in_flight)
        await _look_up("settle", made)
        return taken_s

    async def open_grants(self) -> None:
        """Give everybody their three grants."""
        await self._carry_out((_grant(one, source) for one in self.people for source in ("plan", "promo", "purchase")), _AT_ONCE)

    async def _carry_out(self, commands: Iterable[AnyCommand], in_flight: int) -> float:
        """Keep `in_flight` commands under way until there are no more: the seconds that it took, their fingerprints included. Each must be accepted."""
        waiting = iter(list(commands))

        async def ask_and_wait() -> None:
            for command in waiting:
                answer = await self._batcher.submit(_asked(command))
                if not isinstance(answer, Done) or answer.replayed:
                    raise RuntimeError(f"the book did not do {command}: {answer}")

        begun = time.perf_counter()
        await asyncio.gather(*(ask_and_wait() for _ in range(in_flight)))
        return time.perf_counter() - begun


async def opened(count: int) -> Book:
    """A book of so many people, each charged once: the windows of today's caps are open."""
    now = clock.now()
    book = Book([Person(ids.new_id(), ids.new_id()) for _ in range(count)])
    async with transaction() as tx:
        await store.add_people(tx, [(one.account_id, one.owner_id) for one in book.people], genesis=chain.GENESIS, period=(now, now + _PERIOD))
    await book.open_grants()
    _, made = await book.hold_each(book.people, in_flight=_AT_ONCE)
    await book.charge(made, in_flight=_AT_ONCE)
    return book


async def _look_up(scope: str, made: Sequence[Run]) -> None:
    """What was acknowledged is in the book, once."""
    keys = [str(one.run_id) for one in made]
    async with transaction() as tx:
        found = await store.count_entries(tx, scope=scope, keys=keys)
    if found != len(keys):
        raise RuntimeError(f"{len(keys)} commands were acknowledged, the book has {found} of them")


def _asked(command: AnyCommand) -> AnyCommand:
    command.fingerprint = chain.request_hash([command.account_id, command.key, getattr(command, "amount", 0)])
    return command


def _hold(run: Run) -> HoldCredits:
    named: dict[str, Any] = {"account_id": run.account_id, "scope": "hold", "key": str(run.run_id), "run_id": run.run_id, "amount": 1}
    now = clock.now()
    return HoldCredits(**named, at=now, expires_at=now + timedelta(hours=1))


def _capture(run: Run) -> Capture:
    return Capture(account_id=run.account_id, scope="settle", key=str(run.run_id), at=clock.now(), run_id=run.run_id, amount=1, note="")


def _grant(person: Person, source: str, amount: int = MAX_CREDITS) -> GrantCredits:
    grant_id, now = ids.new_id(), clock.now()
    return GrantCredits(
        account_id=person.account_id,
        scope=f"grant:{source}",
        key=str(grant_id),
        at=now,
        grant_id=grant_id,
        source=source,
        source_ref=str(grant_id),
        label="",
        amount=amount,
        priority=PRIORITY[source],
        expires_at=now + _PERIOD if source == "plan" else FAR_FUTURE,
    )
