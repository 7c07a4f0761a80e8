"""What the book costs once it is large: the same loads on a small book and on its copy with a past, in turns.

The past is laid in by SQL, and its fingerprints follow from nothing: the doctor would rightly find such a book broken, and is not asked.
"""

from collections.abc import Sequence

from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.ledger.terms import CONSUMED
from credit_studio.operate.bench import cluster, floor, product, store
from credit_studio.operate.bench.book import Book
from credit_studio.operate.bench.loads import KINDS, UNKEPT, Load, Rates, named, one_round
from credit_studio.operate.bench.measure import Measure, middle
from credit_studio.operate.bench.size import Size
from credit_studio.operate.bench.terminal import say

_AT_LEAST = 1 / 1.5
_RUNS_AT_ONCE = 25
_SPREAD = (Load("64 in flight", 64, floor.C8, _AT_LEAST), Load("alone", 1, floor.C8, _AT_LEAST))
_ONE = tuple(Load(f"{one.name} on one account", one.in_flight, floor.HOT, _AT_LEAST, hot=True) for one in _SPREAD)
_UNKEPT_ONE = "holds, alone, of one account that the process has not seen"
_READS = "balance reads"


async def measured(small: Book, size: Size) -> list[Measure]:
    """The loads with many open grants on an account, then with many entries in the book."""
    told = await _many_grants(small, size)
    await db.dispose()
    url, large = await cluster.copy("large"), Book(small.people)
    async with cluster.other(url), transaction() as tx:
        await store.add_days(tx)
    laid = 0
    for entries in size.entries:
        laid = await _lay(url, laid, entries // (2 * len(small.people)))
        await large.close()
        told += await _with_a_past(small, large, url, f", {entries:,} entries", size)
    await large.close()
    return told


async def _many_grants(book: Book, size: Size) -> list[Measure]:
    rich, usual = book.people[:1], book.people[1:2]
    await book.give(rich[0], size.grants)
    of, rates = f", {size.grants:,} open grants", Rates(list)
    for _ in range(size.rounds):
        for people, whose in ((usual, ""), (rich, of)):
            for load in _ONE:
                await one_round(load, book, people, rates, seconds=size.load_s, of=whose)
            rates[_UNKEPT_ONE + whose].append(await book.unkept(people, in_flight=1, seconds=size.load_s))
            rates[_READS + whose].append(await product.read_rate(people, size.read_s))
    return [*_told((*_names(_ONE), _UNKEPT_ONE), rates, of), _beside_small(_READS, rates, of, None)]


async def _with_a_past(small: Book, large: Book, url: str, of: str, size: Size) -> list[Measure]:
    rates = Rates(list)
    for _ in range(size.rounds):
        await _spread_round(small, rates, size)
        async with cluster.other(url):
            await _spread_round(large, rates, size, of)
    return _told((*_names(_SPREAD), UNKEPT), rates, of)


async def _spread_round(book: Book, rates: Rates, size: Size, of: str = "") -> None:
    rates[UNKEPT + of].append(await book.unkept(book.people, in_flight=64, seconds=size.load_s))
    await book.charge((await book.hold_each(book.people, in_flight=64))[1], in_flight=64)
    for load in _SPREAD:
        await one_round(load, book, book.people, rates, seconds=size.load_s, of=of)


async def _lay(url: str, laid: int, runs: int) -> int:
    """Bring every account of the large book to `runs` past runs; returns that."""
    async with cluster.other(url):
        for before in range(laid, runs, _RUNS_AT_ONCE):
            say(f"Laying in the past: {before} of {runs} runs an account")
            async with transaction() as tx:
                await store.add_runs(tx, runs=min(_RUNS_AT_ONCE, runs - before), before=before, consumed=CONSUMED)
        async with transaction() as tx:
            await store.settle_down(tx)
    return runs


def _names(loads: Sequence[Load]) -> list[str]:
    return [named(load, kind) for load in loads for kind in KINDS]


def _told(names: Sequence[str], rates: Rates, of: str) -> list[Measure]:
    return [_beside_small(name, rates, of, _AT_LEAST) for name in names]


def _beside_small(name: str, rates: Rates, of: str, at_least: float | None) -> Measure:
    return middle(name + of, rates[name + of], besides=rates[name], floor=middle("the small book", rates[name]), at_least=at_least)
