"""What 90 days of somebody's use cost to tell while others' runs fill the book, beside the same sums made from the runs themselves."""

import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from credit_studio.analytics import flow, spans
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.operate.bench import store
from credit_studio.operate.bench.measure import Measure, middle
from credit_studio.operate.bench.size import Size
from credit_studio.operate.bench.terminal import say
from credit_studio.subscriptions import service as subscriptions
from credit_studio.tools import registry

_AT_LEAST = 1 / 1.5
_P95_MS = 50.0
_EACH = 5_000
"""Runs of one person in 90 days; the rest of the book is other people's."""
_AT_ONCE = 50_000
_PERIOD = "90d"
_TOLD = "the use of 90 days"
_RAW = "the same sums from the runs themselves"


async def measured(size: Size) -> list[Measure]:
    """Answers a second with few and with many runs in the book, and the 95th percentile with many."""
    actor, laid = await _person(), 0
    rates: list[tuple[list[float], list[float]]] = []
    times: list[float] = []
    for runs in size.used:
        laid = await _lay(actor.require_user(), laid, runs)
        told, raw = [], []
        for _ in range(size.rounds):
            times = await _times(lambda: flow.usage(actor, period=_PERIOD), size.read_s)
            told.append(len(times) * 1_000 / sum(times))
            raw.append(1_000 / _mean(await _times(lambda: _raw(actor), size.read_s)))
        rates.append((told, raw))
    few, many = size.used[0], size.used[-1]
    first = middle(f"{_TOLD}, {few:,} runs in the book", rates[0][0], floor=middle(_RAW, rates[0][1]))
    last = middle(f"{_TOLD}, {many:,} runs in the book", rates[-1][0], floor=middle(f"{few:,} runs in the book", rates[0][0]), at_least=_AT_LEAST)
    p95 = Measure(f"{_TOLD}, {many:,} runs in the book, 95th percentile", sorted(times)[int(0.95 * (len(times) - 1))], unit="ms", at_most=_P95_MS)
    return [first, last, middle(f"{_RAW}, {many:,} runs in the book", rates[-1][1]), p95]


async def _person() -> Actor:
    async with transaction() as tx:
        person = await identity.create_person(tx, email="use@example.com", password_hash="none", display_name="Use", time_zone="Europe/London")  # noqa: S106 - nobody signs in
        await subscriptions.start_plan(tx, person_id=person.id, plan=subscriptions.get_plan("pro"), zone=person.time_zone)
    return Actor(user_id=person.id, door="bench")


async def _lay(person_id: UUID, laid: int, runs: int) -> int:
    """Bring the book to so many runs, the first ones the person's; returns how many."""
    each = min(_EACH, runs // 2)
    tools = [tool.id for tool in registry.all_tools()]
    while laid < runs:
        say(f"Laying in runs: {laid:,} of {runs:,}")
        count = min(_AT_ONCE, runs - laid)
        owners = [person_id if at < each else ids.new_id() for at in range(laid, laid + count, each)]
        async with transaction() as tx:
            await store.add_used(tx, owners=owners, each=min(each, count), tools=tools)
        laid += count
    async with transaction() as tx:
        await store.settle_down(tx)
    return laid


async def _raw(actor: Actor) -> None:
    now = clock.now()
    span = spans.asked(_PERIOD, since=None, until=None, bucket=None, zone="Europe/London", now=now)
    async with transaction() as tx:
        await store.use_from_runs(tx, actor.require_user(), bounds=(*spans.before(span, now), *span.starts, span.until))


async def _times(once: Callable[[], Awaitable[object]], seconds: float) -> list[float]:
    """How long each call took in ms, for so many seconds; a call before them is not counted."""
    await once()
    times, until = list[float](), time.perf_counter() + seconds
    while not times or time.perf_counter() < until:
        begun = time.perf_counter()
        await once()
        times.append((time.perf_counter() - begun) * 1_000)
    return times


def _mean(times: list[float]) -> float:
    return sum(times) / len(times)
