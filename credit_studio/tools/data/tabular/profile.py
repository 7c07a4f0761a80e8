"""Profiles of CSV columns and the rows that fail rules, in one pass over chunks of rows and a short second one.

A 20 MB file must fit 512 MB: cells are not kept. Each chunk looks at its different values once; for what needs the whole column
(distinct values, repeats, the most common value, repeated rows) a 64-bit hash is kept for each cell. Two values of four million share
a hash with a chance below one in a million.
"""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import compress
from operator import mul
from typing import Any

import numpy as np

from credit_studio.tools.base import report
from credit_studio.tools.data.tabular.checks import NUMBERS, Check, kind_of
from credit_studio.tools.data.tabular.reading import Chunk, Shape, chunks

MOST_SHOWN = 40
OF_ITS_TYPE = 0.95
"""A column has a type when at least this share of its filled cells have it."""


@dataclass(frozen=True)
class Rule:
    """A rule made ready: the column's index, and the check of a filled cell; None for "not empty", "unique" is left to the end."""

    column: int
    kind: str
    check: Check | None = None


@dataclass
class Failures:
    """Cells that a rule looked at and those that failed; `rows` are the first of these: (row, line, value)."""

    checked: int = 0
    failed: int = 0
    rows: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])


@dataclass
class Tally:
    """What is known of one column so far."""

    filled: int = 0
    kinds: Counter[str] = field(default_factory=Counter[str])
    hashes: "array[int]" = field(default_factory=lambda: array("q"))
    blanks: set[int] = field(default_factory=set[int])
    sums: list[float] = field(default_factory=list[float])
    low: float = math.inf
    high: float = -math.inf
    text_low: str | None = None
    text_high: str | None = None
    shortest: int | None = None
    longest: int = 0
    characters: int = 0
    distinct: int = 0
    common: tuple[str, int] | None = None

    @property
    def type(self) -> tuple[str, int]:
        """The column's type and how many of its filled cells have it; "text" when no other has 95 % of them, "empty" without any."""
        if not self.filled:
            return "empty", 0
        kinds = self.kinds
        shares = {
            "number" if kinds["number"] else "integer": kinds["integer"] + kinds["number"],
            "date and time" if kinds["datetime"] else "date": kinds["date"] + kinds["datetime"],
            "true or false": kinds["boolean"],
            "email": kinds["email"],
        }
        name, count = max(shares.items(), key=lambda item: item[1])
        return (name, count) if count >= OF_ITS_TYPE * self.filled else ("text", self.filled)

    @property
    def mean(self) -> float | None:
        """The mean of the cells that are numbers; None without any, or when their sum is beyond a float."""
        numbers = self.kinds["integer"] + self.kinds["number"]
        try:
            mean = math.fsum(self.sums) / numbers if numbers else math.nan
        except (OverflowError, ValueError):
            return None
        return mean if math.isfinite(mean) else None


@dataclass
class Survey:
    """What was found in all rows: tallies by column, failures by rule, and the repeated rows as (row, line, the earlier row)."""

    rows: int
    tallies: list[Tally]
    failures: list[Failures]
    repeated: int
    repeats: list[tuple[int, int, int]]


def survey(text: str, shape: Shape, rules: list[Rule], most: int) -> Survey:
    """Read everything once, then the few rows that are only known to matter at the end; at most `most` failing rows are kept for each rule."""
    tallies = [Tally() for _ in shape.columns]
    failures = [Failures() for _ in rules]
    by_column: dict[int, list[tuple[Rule, Failures]]] = {}
    for rule, failing in zip(rules, failures, strict=True):
        by_column.setdefault(rule.column, []).append((rule, failing))
    lines: array[int] = array("i")
    rows: array[int] = array("q")
    about = max(1, text.count("\n"))
    for chunk in chunks(text, shape):
        rows.extend(map(hash, map(tuple, chunk.rows)))
        lines.extend(chunk.lines)
        for index, column in enumerate(zip(*chunk.rows, strict=True)):
            _look(column, tallies[index], by_column.get(index, ()), chunk, most)
        report(min(0.8, 0.05 + 0.75 * len(lines) / about), f"Row {len(lines):,}")
    return _finish(text, shape, _Whole(tallies, rules, failures, rows, lines), most)


@dataclass(frozen=True)
class _Whole:
    tallies: list[Tally]
    rules: list[Rule]
    failures: list[Failures]
    rows: "array[int]"
    lines: "array[int]"


def _look(column: tuple[str, ...], tally: Tally, rules: Iterable[tuple[Rule, Failures]], chunk: Chunk, most: int) -> None:
    """Add one chunk of one column; every different value is looked at once."""
    counts = Counter(column)
    tally.hashes.extend(map(hash, column))
    filled = {value: stripped for value in counts if (stripped := value.strip())}
    tally.blanks.update(hash(value) for value in counts if value not in filled)
    many = sum(map(counts.__getitem__, filled))
    tally.filled += many
    _measure(filled, counts, tally)
    for rule, failing in rules:
        failing.checked += len(column) if rule.kind == "not empty" else many
        bad = _failing(rule, counts, filled)
        if not bad:
            continue
        failing.failed += sum(map(counts.__getitem__, bad))
        wanted = most - len(failing.rows)
        found = (at for at, value in enumerate(column) if value in bad) if wanted > 0 else ()
        failing.rows += [(chunk.first + at, chunk.lines[at], _cut(column[at])) for at, _ in zip(found, range(wanted), strict=False)]


def _failing(rule: Rule, counts: Counter[str], filled: dict[str, str]) -> set[str]:
    if rule.kind == "not empty":
        return {value for value in counts if value not in filled}
    if rule.check is None:
        return set()
    return {value for value, stripped in filled.items() if not rule.check(stripped)}


def _measure(filled: dict[str, str], counts: Counter[str], tally: Tally) -> None:
    """Types, sums, extremes and lengths of the filled values of a chunk."""
    if not filled:
        return
    many = [counts[value] for value in filled]
    kinds = list(map(kind_of, filled.values()))
    for kind in set(kinds):
        tally.kinds[kind] += sum(compress(many, map(kind.__eq__, kinds)))
    lengths = list(map(len, filled))
    tally.characters += sum(map(mul, many, lengths))
    tally.shortest = min(lengths) if tally.shortest is None else min(tally.shortest, *lengths)
    tally.longest = max(tally.longest, *lengths)
    low, high = min(filled.values()), max(filled.values())
    tally.text_low = low if tally.text_low is None else min(low, tally.text_low)
    tally.text_high = high if tally.text_high is None else max(high, tally.text_high)
    is_number = list(map(NUMBERS.__contains__, kinds))
    _add_numbers(list(map(float, compress(filled.values(), is_number))), list(compress(many, is_number)), tally)


def _add_numbers(numbers: list[float], many: list[int], tally: Tally) -> None:
    if not numbers:
        return
    tally.low, tally.high = min(tally.low, *numbers), max(tally.high, *numbers)
    try:
        tally.sums.append(math.fsum(map(mul, numbers, many)))
    except OverflowError:
        tally.sums.append(math.inf)


def _finish(text: str, shape: Shape, whole: _Whole, most: int) -> Survey:
    """What only the whole column tells, and the cells that must be read again to be shown."""
    wanted: dict[int, list[Callable[[list[str]], None]]] = {}
    for index, tally in enumerate(whole.tallies):
        _repeats(index, tally, whole, wanted, most)
    later, first = _later(np.frombuffer(whole.rows, dtype=np.int64))
    starts: list[int] = later[:most].tolist()
    repeats = [(at + 1, whole.lines[at], int(first[at]) + 1) for at in starts]
    report(0.9, "Reading what to show")
    _read_again(text, shape, wanted)
    return Survey(len(whole.rows), whole.tallies, whole.failures, len(later), repeats)


def _later(hashes: Any, blank: Any = None) -> tuple[Any, Any]:  # noqa: ANN401 - numpy arrays
    """The rows whose value stood in an earlier row, and for every row the first one with its value (0-based)."""
    _, at, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    first = at[inverse]
    is_later = first != np.arange(len(hashes))
    return np.flatnonzero(is_later if blank is None else is_later & ~blank), first


def _repeats(index: int, tally: Tally, whole: _Whole, wanted: dict[int, list[Callable[[list[str]], None]]], most: int) -> None:
    hashes = np.frombuffer(tally.hashes, dtype=np.int64)
    blank = np.isin(hashes, np.fromiter(tally.blanks, dtype=np.int64, count=len(tally.blanks)))
    values, at, counts = np.unique(hashes[~blank], return_index=True, return_counts=True)
    tally.distinct = len(values)
    if tally.distinct and counts.max() > 1:
        # Of equally common values, the one that comes first.
        row = int(np.flatnonzero(~blank)[at[counts == counts.max()].min()])
        wanted.setdefault(row, []).append(_keep_common(tally, index, int(counts.max())))
    for rule, failing in zip(whole.rules, whole.failures, strict=True):
        if rule.column == index and rule.kind == "unique":
            later, _ = _later(hashes, blank)
            failing.failed = len(later)
            rows: list[int] = later[:most].tolist()
            for one in rows:
                wanted.setdefault(one, []).append(_keep_row(failing, index, one + 1, whole.lines[one]))


def _keep_common(tally: Tally, index: int, count: int) -> Callable[[list[str]], None]:
    def keep(row: list[str]) -> None:
        tally.common = (_cut(row[index]), count)

    return keep


def _keep_row(failing: Failures, index: int, number: int, line: int) -> Callable[[list[str]], None]:
    return lambda row: failing.rows.append((number, line, _cut(row[index])))


def _read_again(text: str, shape: Shape, wanted: dict[int, list[Callable[[list[str]], None]]]) -> None:
    last = max(wanted, default=-1)
    for chunk in chunks(text, shape) if wanted else ():
        for at, row in enumerate(chunk.rows, start=chunk.first - 1):
            for keep in wanted.get(at, ()):
                keep(row)
        if chunk.first + len(chunk.rows) > last + 1:
            return


def _cut(value: str) -> str:
    """At most 40 characters of a cell; what cannot be printed is replaced."""
    plain = "".join(one if one.isprintable() else "\ufffd" for one in value[: MOST_SHOWN + 1])
    return plain if len(plain) <= MOST_SHOWN else plain[: MOST_SHOWN - 1] + "…"


def shown(value: str | None) -> str | None:
    """A cell as it is shown: cut, and None left as it is."""
    return None if value is None else _cut(value)
