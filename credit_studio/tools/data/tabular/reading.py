"""CSV text as rows, strictly: what is malformed is an error on "csv" that names the line; nothing is repaired or dropped in silence.

Read by Python's csv module (RFC 4180 quoting). A row is never wider or narrower than the first; empty lines are skipped.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from credit_studio.tools.base import InputError

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MOST_COLUMNS = 500
MOST_CELL = csv.field_size_limit()  # 131,072 characters, the csv module's own bound
_CELLS_AT_ONCE = 200_000
_SAMPLED = 20_000
_LOOKED_AT = 20  # records that the delimiter is found out from
_MOST_NAME = 120
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Shape:
    """How a text is read: its delimiter, its column names, and whether its first row gives them."""

    delimiter: str
    columns: tuple[str, ...]
    has_header: bool


@dataclass(frozen=True)
class Chunk:
    """Some rows: `first` is the number of the first (1 is the first row of data), `lines` the line of the file on which each begins."""

    first: int
    lines: list[int]
    rows: list[list[str]]


def tidy(text: str) -> str:
    """The text without a byte order mark, lines ended by a line feed; raises `InputError` for what is not text."""
    text = text.removeprefix("\ufeff")
    found = _NOT_TEXT.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise InputError("csv", f"Line {line:,}: is not text: it holds the character U+{ord(found.group()):04X}. Save the file as CSV in UTF-8.")
    return text if "\n" in text else text.replace("\r", "\n")


def shape_of(text: str, delimiter: str, *, has_header: bool) -> Shape:
    """How the text is to be read; `delimiter` is a name of `DELIMITERS` or "auto". Raises `InputError` for no rows or unusable names."""
    separator = DELIMITERS.get(delimiter) or _likeliest(text)
    first = next((row for _, row in _rows(text, separator) if row), None)
    if first is None:
        raise InputError("csv", "Holds no rows.")
    if len(first) > MOST_COLUMNS:
        raise InputError("csv", f"Has {len(first):,} columns; at most {MOST_COLUMNS} are checked in one run.")
    names = [(name.strip() if has_header else "") or f"column {number}" for number, name in enumerate(first, start=1)]
    for number, name in enumerate(names):
        if len(name) > _MOST_NAME:
            raise InputError("csv", f"Line 1: the name of column {number + 1} is longer than {_MOST_NAME} characters. Is there a header?")
        if name in names[:number]:
            raise InputError("csv", f"Line 1: two columns are called {name[:40]!r}.")
    return Shape(separator, tuple(names), has_header)


def _likeliest(text: str) -> str:
    """The delimiter that gives the most columns in every one of the first records; a comma when none gives two."""

    def columns(separator: str) -> int:
        try:
            widths = {len(row) for _, row in islice(_rows(text, separator), _LOOKED_AT) if row}
        except InputError:
            return 0
        return min(widths, default=0) if len(widths) == 1 else 0

    found = max(DELIMITERS.values(), key=columns)
    return found if columns(found) > 1 else _most_frequent(text)


def _most_frequent(text: str) -> str:
    """For rows of uneven width, which are an error that must name the right line: the delimiter seen most in the first line."""
    start = text.lstrip("\n")[:10_000].split("\n", 1)[0]
    return max(DELIMITERS.values(), key=start.count)


def size_of(text: str, delimiter: str, *, has_header: bool) -> tuple[int, int]:
    """About how many rows and columns there are, from the line ends and the first line; nothing is parsed."""
    first = text[:100_000].lstrip("\r\n").split("\n", 1)[0]
    sign = DELIMITERS.get(delimiter)
    columns = 1 + (first.count(sign) if sign else max(map(first.count, DELIMITERS.values())))
    lines = text.count("\n") + (not text.endswith("\n"))
    return max(1, lines - int(has_header)), columns


def variety(text: str) -> float:
    """The share of cells that differ from those around them, 0 to 1, from the beginning, the middle and the end of the text."""
    places = (0, max(0, len(text) // 2 - _SAMPLED // 2), max(0, len(text) - _SAMPLED))
    samples = [re.split(r"[,;|\t\n]", text[at : at + _SAMPLED]) for at in places]
    return sum(len(set(cells)) / len(cells) for cells in samples) / len(samples)


def chunks(text: str, shape: Shape) -> Iterator[Chunk]:
    """All rows of data, some at a time; raises `InputError` naming the line of a row of another width or of a broken quote."""
    width = len(shape.columns)
    most = max(1, _CELLS_AT_ONCE // width)
    first = 1
    rows: list[list[str]] = []
    lines: list[int] = []
    records = ((line, row) for line, row in _rows(text, shape.delimiter) if row)
    for line, row in islice(records, int(shape.has_header), None):
        if len(row) != width:
            raise InputError("csv", f"Line {line:,}: has {len(row):,} cells, and the first row has {width:,}.")
        rows.append(row)
        lines.append(line)
        if len(rows) == most:
            yield Chunk(first, lines, rows)
            first, rows, lines = first + most, [], []
    if rows:
        yield Chunk(first, lines, rows)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins; an empty line is an empty record."""
    # A StringIO would hold the text again at four bytes a character.
    reader = csv.reader((found.group() for found in _LINE.finditer(text)), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError("csv", f"Line {line:,}: {_said(str(error))}") from None


def _said(error: str) -> str:
    if "field larger" in error:
        return f"a quote is not closed, or a cell is longer than {MOST_CELL:,} characters."
    if "unexpected end" in error:
        return "a quote is not closed before the end of the text."
    if "new-line" in error:
        return "a lone carriage return stands in a cell without quotes."
    return "text stands between a closing quote and the next delimiter."
