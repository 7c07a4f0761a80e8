"""Where a balance is heading: what is booked, and the use of the last weeks carried on; and how use is told to everybody. Pure.

Amounts in credits, use in credits a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median, quantiles

WINDOW_DAYS = 28
"""How far back use is looked at: four of each weekday."""
SHORTEST_DAYS = 7
"""The least that a young account is judged by; days before it was there count as days without use."""
_AT_MOST = 3
_DAY = timedelta(days=1)
_NOTHING = 0.5
"""Less than this is shown as 0."""


COUNT_CLASSES = (10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 1_000_000)
"""How many runs are told to everybody: the greatest that was reached. Fewer than the first are not told, as they may be one person's."""


def count_class(count: int) -> int:
    """The greatest class that a number of runs has reached; 0 below the first."""
    return max((floor for floor in COUNT_CLASSES if floor <= count), default=0)


def per_cent(parts: Sequence[int]) -> list[float]:
    """Shares in per cent with one decimal that add up to 100.0: what rounding down leaves goes to the largest remainders. All 0.0 of nothing."""
    whole = sum(parts)
    if whole == 0:
        return [0.0] * len(parts)
    tenths = [part * 1000 // whole for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda at: -(parts[at] * 1000 % whole))
    for at in by_rest[: 1000 - sum(tenths)]:
        tenths[at] += 1
    return [one / 10 for one in tenths]


@dataclass(frozen=True)
class Use:
    """Credits a day: on the whole, and in the calm and the busy weeks of the window (its deciles)."""

    calm: float
    usual: float
    busy: float


@dataclass(frozen=True)
class Lot:
    """Credits that can be used from `starts` until `ends`; the lowest priority burns first, then what ends first."""

    amount: int
    priority: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Course:
    """A balance as it goes on: at each instant that was asked for, what was lost to an end and when, and when nothing was left (None: never)."""

    balances: tuple[int, ...]
    lapses: tuple[tuple[datetime, int], ...]
    out_at: datetime | None


def use_of(daily: Sequence[int]) -> Use:
    """The use that `daily`, the credits of each day of a window in order (two days or more), lets expect.

    A day counts for three median days of use at most, so that one spree is no trend. Weeks are all quarters of the window in a row, so that
    over four weeks each has every weekday once.
    """
    used = [one for one in daily if one > 0]
    most = _AT_MOST * median(used) if used else 0
    counted = [min(one, most) for one in daily]
    length = max(1, len(counted) // 4)
    weeks = [fmean(counted[at : at + length]) for at in range(len(counted) - length + 1)]
    usual, deciles = fmean(counted), quantiles(weeks, n=10, method="inclusive")
    return Use(calm=min(usual, deciles[0]), usual=usual, busy=max(usual, deciles[-1]))


def course(lots: Sequence[Lot], *, now: datetime, asked: Sequence[datetime], a_day: float, owed: int = 0) -> Course:
    """Use `a_day` credits a day from now on, in burn order, and tell the balance less what is `owed` at each instant `asked` (later ones last).

    What happens in the very instant is not in its balance yet. What would have been used before its end does not lapse. Where nothing is left, nothing is used.
    """
    pool = _Pool(lots, owed)
    balances: list[int] = []
    lapses: list[tuple[datetime, int]] = []
    out_at = None if pool.has_some(now) else now
    before = now
    for then in _instants(lots, now, asked):
        left = pool.balance(before)
        pool.burn(a_day * ((then - before) / _DAY), before)
        if out_at is None and not pool.has_some(before):
            out_at = min(then, before + _DAY * (left / a_day)) if a_day else then
        balances += [round(pool.balance(before))] * (then in asked)
        if then == asked[-1]:
            break
        if (lost := round(pool.lapse(then))) > 0:
            lapses.append((then, lost))
        if out_at is None and not pool.has_some(then):
            out_at = then
        before = then
    return Course(tuple(balances), tuple(lapses), out_at)


class _Pool:
    """What is left in each lot, in burn order."""

    def __init__(self, lots: Sequence[Lot], owed: int) -> None:
        self._owed = owed
        self._left = [(lot, [float(lot.amount)]) for lot in sorted(lots, key=lambda lot: (lot.priority, lot.ends))]

    def _open(self, at: datetime) -> Iterator[list[float]]:
        return (left for lot, left in self._left if lot.starts <= at < lot.ends)

    def balance(self, at: datetime) -> float:
        return sum(left[0] for left in self._open(at)) - self._owed

    def has_some(self, at: datetime) -> bool:
        return self.balance(at) >= _NOTHING

    def burn(self, amount: float, at: datetime) -> None:
        for left in self._open(at):
            taken = min(amount, left[0])
            left[0] -= taken
            amount -= taken

    def lapse(self, at: datetime) -> float:
        return sum(left[0] for lot, left in self._left if lot.ends == at)


def _instants(lots: Sequence[Lot], now: datetime, asked: Sequence[datetime]) -> list[datetime]:
    """Every instant at which something changes before the last one asked for, and those."""
    edges = {edge for lot in lots for edge in (lot.starts, lot.ends)}
    return sorted({*asked, *(edge for edge in edges if now < edge < asked[-1])})
