"""A day of clients, batchers and failing connections from one seed: whatever happens, a client that asks until it knows is right.

The clock is virtual, and the seed alone decides who asks what at which door, how a batcher's queue is cut, where a connection fails and which
reply is lost: before it opens, before or after any of its statements, before its commit or after it.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.db import session
from credit_studio.db.session import Tx
from credit_studio.ledger import service as ledger
from credit_studio.ledger import writing
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.errors import BadCommand, KeyReused
from credit_studio.ledger.terms import AnyCommand, Capture, Done, GrantCredits, HoldCredits, Refusal, Release
from tests.makers import commands

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNTS, CLIENTS, DESKS, MOMENTS = 2, 4, 2, 60
DONE, AGAIN, REUSED, BROKEN, LOST = "done", "again", "another request under a known key", "broken", "lost"
KINDS = (*3 * ("hold",), *5 * ("capture",), *2 * ("grant",), *2 * ("refund",), "release", "claw_back", "reinstate", "deduct", "send", "again", "twin")

GIVEN = (("purchase", 30, FAR_FUTURE), ("plan", 25, START + timedelta(days=2)), ("promo", 10, START + timedelta(hours=9)))
FAILS, DROPS, RIDES, SPOILT, IMPATIENT = 0.3, 0.15, 0.5, 0.1, 0.2
"""How often a connection fails, a reply is lost, a row rides along, fails to, and who stands in a queue goes to another."""
TURNS = 5
"""Of the event loop: enough for a batcher to take what it was given, and far from enough for the database to answer."""


class Lost(ConnectionError):
    """The connection is gone; whether the transaction was committed nobody says."""


class LostInTime(TimeoutError):
    """The server took too long; the same."""


class Line:
    """Where transactions are opened. It fails as the seed says, while `fails` is true."""

    def __init__(self, chance: random.Random, trace: list[str]) -> None:
        self.chance, self.trace, self.fails, self.failed = chance, trace, True, 0
        self._fates: WeakKeyDictionary[asyncio.Task[Any], random.Random] = WeakKeyDictionary()

    def fate(self) -> random.Random:
        """What happens to this task's connections: batches that are written at once must not draw lots from one urn."""
        task = asyncio.current_task()
        assert task is not None
        return self._fates.get(task) or self._fates.setdefault(task, random.Random(self.chance.random()))  # noqa: S311 - to be repeated

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction as everybody gets one, or less."""
        return self._over(session.transaction())

    def batching(self, *, one_statement: bool = False) -> AbstractAsyncContextManager[Tx]:
        """The same as batchers get one: what is one statement is committed with it."""
        return self._over(session.batching(one_statement=one_statement))

    @asynccontextmanager
    async def _over(self, opening: AbstractAsyncContextManager[Tx]) -> AsyncIterator[Tx]:
        fate = self.fate()
        when = fate.choice(("opening", "statement", "statement", "commit", "reply")) if self.fails and fate.random() < FAILS else ""
        self._fail(when == "opening", "before it opened")
        async with opening as tx:
            yield _Failing(tx.conn, self, fate.randrange(12), driver=tx.driver) if when == "statement" else tx
            self._fail(when in ("statement", "commit"), "at its end")
        self._fail(when == "reply", "after its commit")

    def _fail(self, now: bool, where: str) -> None:  # noqa: FBT001 - a guard
        if now:
            self.failed += 1
            self.trace.append(f"  lost {where}")
            raise self.fate().choice((Lost, LostInTime))(where)


@dataclass(frozen=True)
class _Failing(Tx):
    """Fails before a statement when `after` is even, after it when it is odd."""

    line: Line
    after: int
    count: list[int] = field(default_factory=lambda: [0])

    async def execute(self, statement: Any, values: Any = None) -> Any:
        """Do a statement, or not, or do it and say nothing."""
        return await self._perhaps(super().execute, statement, values)

    async def send(self, statement: str, arrays: Any) -> Any:
        """The same for a statement of the database's own spelling."""
        return await self._perhaps(super().send, statement, arrays)

    async def _perhaps(self, act: Callable[..., Awaitable[Any]], *what: Any) -> Any:
        self.line._fail(2 * self.count[0] == self.after, f"before statement {self.count[0]}")
        done = await act(*what)
        self.line._fail(2 * self.count[0] + 1 == self.after, f"after statement {self.count[0]}")
        self.count[0] += 1
        return done


@dataclass(frozen=True)
class Send:
    """Credits for another account: two commands in a transaction of their own."""

    account_id: UUID
    to_whom: UUID
    amount: int
    key: str
    at: datetime
    scope: str = "send"


@dataclass(eq=False)
class Intent:
    """What a client wants, and asks for under one key until it has heard what became of it.

    `rides`: a row rides along with it; `spoilt`: writing that row fails, which is the fault of nobody else in its batch.
    """

    number: int
    command: AnyCommand | Send
    rides: bool = True
    spoilt: bool = False
    again: "Intent | None" = None
    tries: int = 0
    unheard: int = 0
    heard: str = ""
    unsure: bool = False

    @property
    def asked(self) -> tuple[str, str]:
        """Scope and key."""
        return (self.command.scope, self.command.key)

    @property
    def name(self) -> str:
        """How the trace calls it."""
        return f"{type(self.command).__name__}#{self.number}"


class Spoilt(RuntimeError):
    """What rides along with a command fails."""


class World:
    """Accounts, clients and desks (batchers with their queues), and what they did."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a simulation is to be repeated
        self.trace: list[str] = []
        self.line = Line(self.chance, self.trace)
        self.now, self.made = START, 0
        self.base = ids.new_id().int >> 64 << 64
        self.desks = [Batcher(self.line.batching) for _ in range(DESKS)]
        self.queues: list[list[tuple[int, Intent]]] = [[] for _ in range(DESKS)]
        self.wants: list[Intent | None] = [None] * CLIENTS
        self.waits: list[bool] = [False] * CLIENTS
        self.owners: list[UUID] = []
        self.accounts: list[UUID] = []
        self.begun: dict[UUID, int] = defaultdict(int)
        self.intents: list[Intent] = []

    async def live(self) -> None:
        """The whole day; in the end the connections are good, the queues empty, and every client knows."""
        with clock.frozen(self.now):
            await self._open()
        for _ in range(MOMENTS):
            with clock.frozen(self.now):
                await self._moment()
        self.line.fails = False
        with clock.frozen(self.now):
            for desk in range(DESKS):
                await self._carry_out(desk, len(self.queues[desk]))
            for client, intent in enumerate(self.wants):
                if intent is not None and not intent.heard:
                    await self._ask(client, intent, self.chance.randrange(DESKS + 1))
            for desk in range(DESKS):
                await self._carry_out(desk, len(self.queues[desk]))
        for desk in self.desks:
            await desk.stop()

    async def _open(self) -> None:
        async with session.transaction() as tx:
            for at in range(ACCOUNTS):
                owner = self._id()
                account = await ledger.open_account(tx, owner_id=owner)
                self.owners.append(owner)
                self.accounts.append(account)
                for source, amount, ends in GIVEN:
                    made = commands.grant(account, START, grant_id=self._id(), key=f"{owner}-{at}", amount=amount, source=source, ends=ends)
                    await writing.carry_out(tx, made, asked=commands.asked(made))
                    self.begun[account] += amount
                await self._set_cap(tx, at, 12)

    async def _moment(self) -> None:
        """One thing happens."""
        kind = self.chance.choices(("ask", "cut", "time", "upkeep", "cap"), (50, 30, 8, 6, 6))[0]
        if kind == "ask":
            client = self.chance.choice([client for client in range(CLIENTS) if not self.waits[client] or self.chance.random() < IMPATIENT] or [0])
            if (intent := self.wants[client]) is None or intent.heard:
                intent = self.wants[client] = self._wish(client)
                self.waits[client] = False
                self.intents.append(intent)
            await self._ask(client, intent, self.chance.randrange(DESKS + 1))
        elif kind == "cut":
            desk = self.chance.randrange(DESKS)
            await self._carry_out(desk, self.chance.randint(1, CLIENTS))
        elif kind == "time":
            self.now += timedelta(hours=self.chance.choice((1, 5, 20)))
        elif kind == "upkeep":
            await self._alone("upkeep", ledger.expire_lapsed)
        else:
            at, limit = self.chance.randrange(ACCOUNTS), self.chance.randrange(5, 40)
            await self._alone(f"cap {limit}", lambda tx: self._set_cap(tx, at, limit))

    async def _set_cap(self, tx: Tx, at: int, limit: int) -> None:
        await ledger.set_cap(tx, owner_id=self.owners[at], subject="plan", label="day", limit=limit, zone="UTC")

    async def _alone(self, what: str, work: Callable[[Tx], Awaitable[object]]) -> None:
        """Something that nobody waits for, in a transaction of its own."""
        self.trace.append(what)
        try:
            async with self.line.transaction() as tx:
                await work(tx)
        except (Lost, LostInTime):
            pass

    def _wish(self, client: int) -> Intent:
        """What the client wants next, as far as it knows its accounts."""
        kind, amount = self.chance.choice(KINDS), self.chance.randint(1, 25)
        account = self.accounts[client % ACCOUNTS]
        mine = [one for one in self.intents if one.command.account_id == account and one.heard in (DONE, AGAIN) and one.again is None]
        known = self.chance.choice(mine) if mine and kind in ("again", "twin") else None
        number = len(self.intents)
        if known is not None:
            return Intent(number, _changed(known.command) if kind == "twin" else known.command, rides=known.rides, again=known)
        rides = self.chance.random() < RIDES
        command = self._command(kind, account, amount, f"{UUID(int=self.base)}-{number}", mine)
        return Intent(number, command, rides=rides, spoilt=rides and self.chance.random() < SPOILT)

    def _command(self, kind: str, account: UUID, amount: int, key: str, mine: list[Intent]) -> AnyCommand | Send:
        """A command about what the client knows of; where it knows nothing, a hold."""
        match kind:
            case "deduct":
                return commands.deduct(account, self.now, amount=amount, key=key)
            case "send":
                return Send(account, self.accounts[(self.accounts.index(account) + 1) % ACCOUNTS], amount, key, self.now)
            case "grant":
                source = self.chance.choice(("purchase", "promo", "plan"))
                ends = FAR_FUTURE if source == "purchase" else self.now + timedelta(hours=30)
                return commands.grant(account, self.now, grant_id=self._id(), key=key, amount=amount, source=source, ends=ends)
            case _:
                return self._later(kind, account, amount, key, mine) or commands.hold(account, self.now, run_id=self._id(), amount=amount)

    def _later(self, kind: str, account: UUID, amount: int, key: str, mine: list[Intent]) -> AnyCommand | None:
        runs = [one.command.run_id for one in mine if isinstance(one.command, HoldCredits)]
        spent = [one.command.run_id for one in mine if isinstance(one.command, Capture)]
        bought = [one.command.grant_id for one in mine if isinstance(one.command, GrantCredits)]
        named: dict[str, Any] = {"amount": amount, "key": key}
        match kind:
            case "capture" if runs:
                return commands.capture(account, self.now, run_id=self.chance.choice(runs[-2:]), amount=amount)
            case "release" if runs:
                return commands.release(account, self.now, run_id=self.chance.choice(runs[-2:]))
            case "refund" if spent:
                return commands.refund(account, self.now, run_id=self.chance.choice(spent), **named)
            case "claw_back" if bought:
                return commands.claw_back(account, self.now, grant_id=self.chance.choice(bought), **named)
            case "reinstate" if bought:
                return commands.reinstate(account, self.now, grant_id=self.chance.choice(bought), new_grant_id=self._id(), **named)
        return None

    async def _ask(self, client: int, intent: Intent, door: int) -> None:
        """Ask, again perhaps: at a desk, where who stands in another queue is not heard any more, or in a transaction of one's own."""
        if self.waits[client]:
            intent.unheard += 1
        self.waits[client] = False
        intent.tries += 1
        intent.command = replace(intent.command, at=self.now)
        if door < DESKS and not isinstance(intent.command, Send):
            self.queues[door].append((intent.tries, intent))
            self.waits[client] = True
            self.trace.append(f"client {client} asks desk {door} for {intent.name}, try {intent.tries}")
        else:
            self.trace.append(f"client {client} does {intent.name}, try {intent.tries}")
            self._hear(intent, await _told(self._by_itself(intent)))

    async def _by_itself(self, intent: Intent) -> Done | Refusal | bool:
        command, after = intent.command, self._riding(intent)
        async with self.line.transaction() as tx:
            if isinstance(command, Send):
                owners = dict(zip(self.accounts, self.owners, strict=True))
                giver, taker = owners[command.account_id], owners[command.to_whom]
                new = await ledger.transfer(tx, from_owner=giver, to_owner=taker, amount=command.amount, key=command.key, note="")
                if new:
                    await after(tx, None)
                return new
            answer = await writing.carry_out(tx, command, asked=commands.asked(command))
            if isinstance(answer, Done) and not answer.replayed:
                await after(tx, answer)
            return answer

    async def _carry_out(self, desk: int, most: int) -> None:
        """Let a desk do what waits first in its queue, all of it or some; some of the replies are lost."""
        queue = self.queues[desk]
        batch, queue[:] = queue[:most], queue[most:]
        if not batch:
            return
        self.trace.append(f"desk {desk} takes {', '.join(intent.name for _, intent in batch)}")
        failed, told = self.line.failed, len(self.trace)
        answers = await self._in_waves(desk, [intent for _, intent in batch])
        self.trace[told:] = sorted(self.trace[told:])  # two batches at once fail in any order
        for (tried, intent), said in zip(batch, answers, strict=True):
            assert said != LOST or self.line.failed > failed, f"{intent.name} failed for no reason"
            assert said != BROKEN or intent.spoilt, f"{intent.name} failed for another one's fault"
            dropped = self.line.fails and self.chance.random() < DROPS
            if tried != intent.tries:
                intent.unheard -= 1
                self.trace.append(f"  {intent.name}: {said}, but nobody waits")
            elif dropped:
                self.trace.append(f"  {intent.name}: {said}, but the reply is lost")
                self._leaves(intent)
            else:
                # A batch whose reply is lost is asked for again by its batcher, one command after the other.
                self._hear(intent, said, asked_twice=self.line.failed > failed)

    async def _in_waves(self, desk: int, intents: list[Intent]) -> list[str]:
        """Ask for some, and for the others while the first are under way: those are decided before it is known whether these will stand."""
        first = self.chance.randint(1, len(intents))
        asked: list[asyncio.Task[str]] = []
        for wave in (intents[:first], intents[first:]):
            asked += [asyncio.create_task(_told(self._at_desk(desk, intent))) for intent in wave]
            for _ in range(TURNS):
                await asyncio.sleep(0)
        return await asyncio.gather(*asked)

    async def _at_desk(self, desk: int, intent: Intent) -> Done | Refusal:
        assert not isinstance(intent.command, Send)
        return await self.desks[desk].submit(commands.ask(intent.command), after=self._riding(intent) if intent.rides else None)

    def _riding(self, intent: Intent) -> Callable[[Tx, object], Awaitable[None]]:
        async def ride(tx: Tx, _done: object) -> None:
            if intent.spoilt:
                raise Spoilt
            if intent.rides:
                await audit.record(tx, "simulation.rode_along", actor=SYSTEM, subject=":".join(intent.asked))

        return ride

    def _hear(self, intent: Intent, said: str, *, asked_twice: bool = False) -> None:
        self.trace.append(f"  {intent.name}: {said}")
        self._leaves(intent)
        if said != LOST:
            asked_before = intent.tries > 1 or intent.again or asked_twice or isinstance(intent.command, Capture | Release)
            assert said != AGAIN or asked_before, f"{intent.name} was not asked before"
            intent.heard, intent.unsure = said, intent.unheard > 0

    def _leaves(self, intent: Intent) -> None:
        if intent in self.wants:
            self.waits[self.wants.index(intent)] = False

    def _id(self) -> UUID:
        """The next id: as random as it need be, in the order of asking."""
        self.made += 1
        return UUID(int=self.base + self.made)


def _changed(command: AnyCommand | Send) -> AnyCommand | Send:
    """Another request under the same key."""
    amount = getattr(command, "amount", None)
    return command if amount is None else replace(command, amount=amount + 1)


async def _told(work: Awaitable[Done | Refusal | bool]) -> str:
    """What an answer says, in a word."""
    try:
        answer = await work
    except (Lost, LostInTime):
        return LOST
    except Spoilt:
        return BROKEN
    except KeyReused:
        return REUSED
    except BadCommand as refused:
        return refused.code
    if isinstance(answer, Refusal):
        return answer.code
    return DONE if answer is True or (isinstance(answer, Done) and not answer.replayed) else AGAIN
