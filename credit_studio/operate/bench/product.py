"""What the studio adds around the book: the estimate, the read of a balance, and a run beyond the time inside its tool."""

import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from credit_studio import settings
from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.engine import service as engine
from credit_studio.identity import service as identity
from credit_studio.jobs.worker import working_here
from credit_studio.ledger import service as ledger
from credit_studio.operate.bench import floor, store
from credit_studio.operate.bench.book import Person
from credit_studio.operate.bench.measure import Measure, middle
from credit_studio.operate.bench.size import Size
from credit_studio.runs import flow
from credit_studio.subscriptions import service as subscriptions
from credit_studio.tools import registry, validation

_RUN_GATE_MS = 60.0
_READ_GATE = 0.5
_TOOL = "cyber-studio-risk-register"


async def runs(size: Size) -> list[Measure]:
    """A run as a caller waits for it, beside a bare fork of a process of this size that answers over a pipe."""
    await listen.hub().start()
    async with working_here(2):
        person = await _person()
        fork = middle("a bare fork that answers", [_fork_ms() for _ in range(size.runs)], unit="ms")
        times = sorted([await _overhead_ms(person) for _ in range(size.runs)])
    await listen.hub().stop()
    estimates = [_estimate_ms() for _ in range(size.runs * 5)]
    return [
        fork,
        middle("a run beyond the time inside the tool, median", times, unit="ms", floor=fork, at_most=_RUN_GATE_MS),
        Measure("a run beyond the time inside the tool, 95th percentile", times[int(0.95 * (len(times) - 1))], unit="ms", floor=fork),
        middle("an estimate", estimates, unit="ms"),
    ]


async def reads(people: Sequence[Person], size: Size) -> list[Measure]:
    """A balance with its grants, beside a one-row SELECT through the same engine, driver and transaction, and pgbench's."""
    rates: dict[str, list[float]] = {"pgbench": [], "row": [], "balance": []}
    for _ in range(size.rounds):
        rates["pgbench"].append(await floor.rate(floor.READ, settings.get(), *size.floor))
        rates["row"].append(await _rate(_read_row, size.read_s))
        rates["balance"].append(await read_rate(people, size.read_s))
    bare = middle("the same one-row SELECT in a transaction of the studio's", rates["row"])
    return [
        middle(floor.READ.name, rates["pgbench"]),
        bare,
        middle("a balance read, one reader", rates["balance"], floor=bare, at_least=_READ_GATE),
    ]


async def read_rate(people: Sequence[Person], seconds: float) -> float:
    """Balances a second, read one after the other as a door does."""

    async def read() -> None:
        async with transaction() as tx:
            await ledger.balance(tx, owner_id=random.choice(people).owner_id)  # noqa: S311 - a load, no secret

    return await _rate(read, seconds)


async def _read_row() -> None:
    async with transaction() as tx:
        await store.read_floor(tx, random.randint(1, store.FLOOR_ROWS))  # noqa: S311 - a load, no secret


async def _rate(once: Callable[[], Awaitable[None]], seconds: float) -> float:
    begun, done = time.perf_counter(), 0
    while (taken := time.perf_counter() - begun) < seconds:
        await once()
        done += 1
    return done / taken


async def _person() -> Actor:
    async with transaction() as tx:
        person = await identity.create_person(tx, email="bench@example.com", password_hash="none", display_name="Bench", time_zone="UTC")  # noqa: S106 - nobody signs in
        await subscriptions.start_plan(tx, person_id=person.id, plan=subscriptions.get_plan("pro"), zone="UTC")
        await ledger.grant(tx, owner_id=person.id, source="purchase", source_ref=str(ids.new_id()), amount=1_000_000)
    actor = Actor(user_id=person.id, door="bench")
    for _ in range(3):
        await _overhead_ms(actor)
    return actor


async def _overhead_ms(actor: Actor) -> float:
    begun = time.perf_counter()
    ran = await flow.run_tool(actor, tool_id=_TOOL, inputs=_inputs(), fresh=True)
    taken = (time.perf_counter() - begun) * 1_000
    if ran.view.inside_ms is None:
        raise RuntimeError(f"a run of the benchmark did not succeed: {ran.view.failure}")
    return taken - ran.view.inside_ms


def _estimate_ms() -> float:
    tool = registry.get_tool(_TOOL)
    begun = time.perf_counter()
    engine.estimate(tool, validation.parse(tool, _inputs()))
    return (time.perf_counter() - begun) * 1_000


def _inputs() -> dict[str, Any]:
    return validation.example_json(registry.get_tool(_TOOL)) | {"iterations": 1_000}


def _fork_ms() -> float:
    begun = time.perf_counter()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"x")
        os._exit(0)
    os.read(read, 1)
    os.waitpid(child, 0)
    taken = (time.perf_counter() - begun) * 1_000
    os.close(read)
    os.close(write)
    return taken
