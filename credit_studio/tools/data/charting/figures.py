"""Rows gathered into groups, and one figure of each: sum, mean, median, count, least, greatest, number of different values."""

import math
from collections.abc import Callable, Hashable, Sequence
from statistics import median
from typing import TypeVar

from credit_studio.tools.data.charting.frame import mean

AGGREGATES = ("sum", "mean", "median", "count", "min", "max", "distinct")
ADDITIVE = frozenset({"sum", "count"})
OTHERS = "Others"
K = TypeVar("K", bound=Hashable)
Values = list[float] | list[str]

_OF: dict[str, Callable[[list[float]], float]] = {"sum": math.fsum, "mean": mean, "median": lambda values: float(median(values)), "min": min, "max": max}


def figure(values: Sequence[float | str], aggregate: str) -> float:
    """The figure of a group's values, of which there is at least one for all but sum, count and distinct; to 12 digits, so that 0.1 + 0.2 is 0.3."""
    if aggregate == "count":
        return float(len(values))
    if aggregate == "distinct":
        return float(len(set(values)))
    return float(f"{_OF[aggregate]([float(value) for value in values]):.12g}")


def gathered(keys: Sequence[K | None], values: Sequence[float | str | None]) -> dict[K, list[float | str]]:
    """The values of each group; rows without a key or without a value are left out."""
    groups: dict[K, list[float | str]] = {}
    for key, value in zip(keys, values, strict=True):
        if key is not None and value is not None:
            groups.setdefault(key, []).append(value)
    return groups


def greatest(groups: dict[str, list[float | str]], aggregate: str, most: int) -> tuple[list[str], list[str]]:
    """The names of the greatest groups, greatest first, and of the rest; equal ones stand in the order of their names."""
    ranked = sorted(groups, key=lambda name: (-figure(groups[name], aggregate), name))
    return (ranked, []) if len(ranked) <= most else (ranked[:most], ranked[most:])


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's r; None for fewer than three points or a column that does not vary."""
    if len(xs) < 3:  # noqa: PLR2004 - two points are always on a line
        return None
    middle_x, middle_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    spread_x = math.fsum((x - middle_x) ** 2 for x in xs)
    spread_y = math.fsum((y - middle_y) ** 2 for y in ys)
    if not spread_x or not spread_y:
        return None
    together = math.fsum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    return max(-1.0, min(1.0, together / math.sqrt(spread_x) / math.sqrt(spread_y)))


def nice_step(span: float, parts: int) -> float:
    """The least of 1, 2, 2.5 and 5 times a power of ten that cuts a span into at most so many parts."""
    if span <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(span / parts))
    return next((size * step for step in (1.0, 2.0, 2.5, 5.0, 10.0) if span / (size * step) <= parts * (1 + 1e-9)), size * 10)


def bin_width(values: Sequence[float]) -> float:
    """The width of a histogram's bins: Freedman and Diaconis' 2 IQR / n^(1/3), made a round number, for between 5 and 30 bins."""
    ranked = sorted(values)
    span = ranked[-1] - ranked[0]
    if not span:
        return 1.0
    quarter, three = ranked[len(ranked) // 4], ranked[(3 * len(ranked)) // 4]
    wanted = 2 * (three - quarter) / len(ranked) ** (1 / 3)
    parts = min(30, max(5, round(span / wanted))) if wanted > span / 30 else 30 if wanted > 0 else 10
    return nice_step(span, parts)
