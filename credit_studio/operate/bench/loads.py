"""The loads on the book, each measured right after its floor, round after round: the machine's noise strikes both."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from credit_studio import settings
from credit_studio.operate.bench import floor
from credit_studio.operate.bench.book import Book, Person
from credit_studio.operate.bench.floor import Floor
from credit_studio.operate.bench.measure import Measure, middle
from credit_studio.operate.bench.size import Size


@dataclass(frozen=True)
class Load:
    """So many commands under way at once, over all people or on one; the gate is a ratio to the floor."""

    name: str
    in_flight: int
    floor: Floor
    at_least: float
    hot: bool = False


LOADS = (
    Load("64 in flight", 64, floor.C8, 1.5),
    Load("64 in flight on one account", 64, floor.HOT, 5.0, hot=True),
    Load("8 in flight", 8, floor.C8, 0.7),
    Load("alone", 1, floor.C8, 0.12),
)
KINDS = ("holds", "charges")
UNKEPT = "holds, 64 in flight, of accounts that the process has not seen"
Rates = defaultdict[str, list[float]]


async def measured(book: Book, size: Size) -> list[Measure]:
    """Every floor and every load: medians over the rounds. A round holds and charges in turns."""
    rates: Rates = defaultdict(list)
    for _ in range(size.rounds):
        await _measure_floor(floor.C1, rates, size)
        for load in LOADS:
            await _measure_floor(load.floor, rates, size)
            await one_round(load, book, book.people[:1] if load.hot else book.people, rates, seconds=size.load_s)
            rates[load.name].append(rates[load.floor.name][-1])
    for one in (floor.C8, floor.HOT, floor.C1):
        await _measure_floor(one, rates, size)
    rates[UNKEPT] = [await book.unkept(book.people, in_flight=64, seconds=size.load_s) for _ in range(size.rounds)]
    floors = {one: middle(one.name, rates[one.name]) for one in (floor.C1, floor.C8, floor.HOT)}
    unkept = middle(UNKEPT, rates[UNKEPT], floor=floors[floor.C8])
    return [*floors.values(), *(_told(load, kind, rates, floors[load.floor]) for load in LOADS for kind in KINDS), unkept]


async def one_round(load: Load, book: Book, people: Sequence[Person], rates: Rates, *, seconds: float, of: str = "") -> None:
    """Hold and charge in turns; `of` tells whose rates these are."""
    found = await book.in_turns(people, in_flight=load.in_flight, seconds=seconds)
    for kind, rate in zip(KINDS, found, strict=True):
        rates[named(load, kind) + of].append(rate)


def named(load: Load, kind: str) -> str:
    """What the load is called in a table."""
    return f"{kind}, {load.name}"


async def _measure_floor(one: Floor, rates: Rates, size: Size) -> None:
    rates[one.name].append(await floor.rate(one, settings.get(), *size.floor))


def _told(load: Load, kind: str, rates: Rates, beside: Measure) -> Measure:
    return middle(named(load, kind), rates[named(load, kind)], besides=rates[load.name], floor=beside, at_least=load.at_least)
