"""The two commands: `bench` for the gates, `bench --growth` for the book once it is large."""

import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import uvloop

from credit_studio import wiring
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.operate import doctor, process, signals
from credit_studio.operate.bench import book, buying, cluster, growth, loads, measure, product, report, store, usage
from credit_studio.operate.bench.book import Book
from credit_studio.operate.bench.measure import Measure
from credit_studio.operate.bench.size import FULL, Size
from credit_studio.operate.bench.terminal import say
from credit_studio.settings import PROJECT_ROOT

_DISK_MB = (1_500, 20_000)
"""Free space for the cluster: for the gates, and for ten million entries with what belongs to them."""
_DOCS = PROJECT_ROOT / "docs"
Found = tuple[list[Measure], dict[str, str]]


def main(*, as_json: bool, with_growth: bool = False, size: Size = FULL, docs: Path = _DOCS) -> int:
    """Measure, print and write the page; 0 when every gate is met, else 1. Raises `CannotStart` when the machine does not let it."""
    with signals.stopping(), contextlib.suppress(signals.Stopped), cluster.own(_DISK_MB[with_growth]):
        with contextlib.redirect_stdout(sys.stderr):
            measures, ran_on = uvloop.run(_measure(_grown if with_growth else _gates, size))
        print(measure.as_json(measures, ran_on) if as_json else measure.table(measures))  # noqa: T201 - the terminal is this door's page
        if page := report.write(docs, report.GROWTH if with_growth else report.GATES, measures, ran_on):
            say(f"Written to {page}.")
        return measure.status(measures)
    return 1


async def _measure(what: Callable[[Size], Awaitable[list[Measure]]], size: Size) -> Found:
    wiring.install()
    process.settle()
    try:
        ran_on = report.machine(await cluster.server_settings())
        async with transaction() as tx:
            await store.make_floor(tx)
        return await what(size), ran_on
    finally:
        await db.dispose()


async def _gates(size: Size) -> list[Measure]:
    say("Measuring runs ...")
    told = await product.runs(size)
    say("Measuring purchases ...")
    told += await buying.bought(size)
    async with _book(size) as opened:
        say("Measuring the floors and the book in turns ...")
        told += [*await loads.measured(opened, size), *await product.reads(opened.people, size)]
    say("Checking the book ...")
    return [*told, await _whole()]


async def _grown(size: Size) -> list[Measure]:
    async with _book(size) as opened:
        told = await growth.measured(opened, size)
    return [*told, *await usage.measured(size)]


@contextlib.asynccontextmanager
async def _book(size: Size) -> AsyncIterator[Book]:
    say(f"Opening {size.people:,} accounts ...")
    opened = await book.opened(size.people)
    yield opened
    await opened.close()


async def _whole() -> Measure:
    """How many invariants the book breaks after all this; none is the gate."""
    broken = [one for one in await doctor.examine() if not one.holds]
    for one in broken:
        say(f"BROKEN {one.name}: {one.detail}")
    return Measure("invariants of the book that are broken afterwards", len(broken), unit="", at_most=0)
