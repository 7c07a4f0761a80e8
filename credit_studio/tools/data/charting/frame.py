"""A CSV as typed columns: which are numbers, dates, categories or texts, and their values read once, when first asked for."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from credit_studio.tools.base import InputError
from credit_studio.tools.cyber.operations.moments import DAY_S, Calendar, day_first, moment
from credit_studio.tools.data.tabular.reading import chunks, shape_of, tidy

MOST_ROWS = 100_000
MOST_CELLS = 2_000_000
_OF_ITS_TYPE = 0.95
_LOOKED_AT = 2_000  # rows that a type is told from
_MOST_NUMBER = 1e15
_MOST_CATEGORIES = 50
_SHOWN = 40
EPOCH = date(1970, 1, 1).toordinal()
EMPTY = "(empty)"
_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
FIRST_YEAR = 1800
_SHORT = 20  # rows up to which names that never repeat are groups
_SIGNS = "£$€ \u00a0"


def number(text: str, mark: str) -> float | None:
    """A cell as a number: 1,234.50 (mark "point") or 1.234,50 ("comma"), with a currency sign before or a per cent sign after; None for others."""
    bare = text.strip(_SIGNS).removesuffix("%").rstrip()
    if bare[:1] == "-" or bare[:1] == "+":
        bare = bare[0] + bare[1:].lstrip(_SIGNS)
    pattern = _POINT if mark == "point" else _COMMA
    if not bare or not pattern.fullmatch(bare) or not any(map(str.isdigit, bare)):
        return None
    plain = bare.replace(",", "") if mark == "point" else bare.replace(".", "").replace(",", ".")
    value = float(plain)
    return value if abs(value) <= _MOST_NUMBER else None


def shown(text: str) -> str:
    """At most 40 characters of a cell on one line; what cannot be printed is replaced."""
    plain = "".join(one if one.isprintable() else "\ufffd" for one in text[: _SHOWN + 1])
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


@dataclass(frozen=True)
class ColumnType:
    """What a column is: "number", "date", "category" (at most 50 different values that repeat) or "text"; how many cells are filled and different."""

    name: str
    type: str
    filled: int
    distinct: int
    mark: str
    day_first: bool


@dataclass
class Frame:
    """The table by columns; readings of a column are kept."""

    names: tuple[str, ...]
    cells: list[tuple[str, ...]]
    rows: int
    delimiter: str
    _types: dict[int, ColumnType] = field(default_factory=dict[int, ColumnType])
    _numbers: dict[int, list[float | None]] = field(default_factory=dict[int, list[float | None]])
    _days: dict[int, list[int | None]] = field(default_factory=dict[int, list[int | None]])
    _texts: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def type(self, at: int) -> ColumnType:
        """What the column is."""
        if at not in self._types:
            self._types[at] = _type_of(self.names[at], self.cells[at])
        return self._types[at]

    def numbers(self, at: int) -> list[float | None]:
        """Each cell as a number."""
        if at not in self._numbers:
            mark = self.type(at).mark
            known = {text: number(text, mark) for text in set(self.cells[at])}
            self._numbers[at] = [known[text] for text in self.cells[at]]
        return self._numbers[at]

    def days(self, at: int) -> list[int | None]:
        """Each cell as a day since 1970; times that carry a zone are taken in UTC."""
        if at not in self._days:
            known = {text: _day(text, Calendar(0, self.type(at).day_first, FIRST_YEAR)) for text in set(self.cells[at])}
            self._days[at] = [known[text] for text in self.cells[at]]
        return self._days[at]

    def texts(self, at: int) -> list[str]:
        """Each cell as the text that stands for it: without surrounding blanks, "(empty)" for none."""
        if at not in self._texts:
            known = _named({text.strip() for text in set(self.cells[at])})
            self._texts[at] = [known[text.strip()] for text in self.cells[at]]
        return self._texts[at]

    def find(self, name: str, where: str) -> int:
        """The place of a column; raises `InputError` on `where` when there is none of that name."""
        if name.strip() not in self.names:
            raise InputError(where, f"There is no column {name.strip()[:60]!r}. Columns: {', '.join(self.names[:12])[:300]}.")
        return self.names.index(name.strip())


def read(text: str, delimiter: str, *, has_header: bool) -> Frame:
    """The frame of a CSV; raises `InputError` on "csv" naming the line, or for too much of it."""
    whole = tidy(text)
    shape = shape_of(whole, delimiter, has_header=has_header)
    rows: list[list[str]] = []
    for chunk in chunks(whole, shape):
        rows += chunk.rows
        if len(rows) > MOST_ROWS or len(rows) * len(shape.columns) > MOST_CELLS:
            raise InputError("csv", f"Holds more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells. Take fewer rows or columns.")
    if not rows:
        raise InputError("csv", "Holds no rows below its header.")
    return Frame(shape.columns, list(zip(*rows, strict=True)), len(rows), shape.delimiter)


def _named(texts: set[str]) -> dict[str, str]:
    """A name for each text; long ones that begin alike get a number, so that they stay apart."""
    names: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for text in sorted(texts):
        name = shown(text) or EMPTY
        taken[name] += 1
        names[text] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return names


def _day(text: str, calendar: Calendar) -> int | None:
    at = moment(text.strip(), calendar)
    return None if at is None else at // DAY_S


def _type_of(name: str, cells: tuple[str, ...]) -> ColumnType:
    counts = Counter(text.strip() for text in cells)
    filled = len(cells) - counts.pop("", 0)
    step = max(1, len(cells) // _LOOKED_AT)
    sample = [text for text in (cell.strip() for cell in cells[::step]) if text]
    point, comma = (sum(number(text, mark) is not None for text in sample) for mark in ("point", "comma"))
    mark = "comma" if comma > point else "point"
    is_day_first = day_first(sample)[0] is not False
    kind = "text"
    if _is_most(max(point, comma), len(sample)):
        kind = "number"
    elif _is_most(sum(_is_date(text, Calendar(0, is_day_first, FIRST_YEAR)) for text in sample), len(sample)):
        kind = "date"
    elif filled and len(counts) <= _MOST_CATEGORIES and (len(counts) < filled or filled <= _SHORT):
        kind = "category"
    return ColumnType(name, kind, filled, len(counts), mark, is_day_first)


def _is_most(good: int, all_of_them: int) -> bool:
    """At least 95 %; in a short table all but one, of three or more."""
    return good > 0 and (good >= _OF_ITS_TYPE * all_of_them or good >= max(3, all_of_them - 1))


def _is_date(text: str, calendar: Calendar) -> bool:
    """A written date; a bare run of digits is a number or a key before it is a date."""
    return not text.isdigit() and moment(text, calendar) is not None


def mean(values: list[float]) -> float:
    """The mean of some numbers; they are within 10^15, so that no sum overflows."""
    return math.fsum(values) / len(values)
