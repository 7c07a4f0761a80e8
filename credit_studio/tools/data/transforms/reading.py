"""CSV text as a typed table: a column is a number, a date or true and false when every filled cell is one, else text."""

import math

from credit_studio.tools.base import InputError
from credit_studio.tools.data.tabular.checks import kind_of
from credit_studio.tools.data.tabular.reading import chunks, shape_of, tidy
from credit_studio.tools.data.transforms.expressions import BOOLEAN, DATE, NUMBER, TEXT
from credit_studio.tools.data.transforms.plan import MOST_COLUMNS, Table, check_name
from credit_studio.tools.data.transforms.running import MOST_ROWS, Cells, Rows

_TRUE = frozenset({"true", "yes"})
MOST_CELLS = 2_000_000
_EXACT, _MOST_DIGITS = 2**53, 300
_LARGEST = 1e300


def read_table(text: str, name: str, where: str) -> tuple[Table, Rows, str]:
    """The table, its rows and its delimiter; raises `InputError` on `where` naming the line or the column."""
    try:
        plain = tidy(text)
        shape = shape_of(plain, "auto", has_header=True)
        columns: list[list[str]] = [[] for _ in shape.columns]
        for chunk in chunks(plain, shape):
            for kept, more in zip(columns, zip(*chunk.rows, strict=True), strict=True):
                kept.extend(more)
            _bounded(len(columns[0]), len(columns), where)
    except InputError as error:
        raise InputError(where, error.message) from None
    names = [check_name(one, where) for one in shape.columns]
    _told_apart(names, where)
    table = Table(name, {})
    cells: Cells = {}
    for title, column in zip(names, columns, strict=True):
        stripped = [cell.strip() for cell in column]
        kind = _type({cell for cell in stripped if cell})
        table.columns[title] = kind
        cells[title] = _typed(stripped, kind)
    return table, Rows(cells, len(columns[0])), shape.delimiter


def _bounded(rows: int, columns: int, where: str) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise InputError(where, f"Takes at most {MOST_ROWS:,} rows, {MOST_COLUMNS} columns and {MOST_CELLS:,} cells.")


def _told_apart(names: list[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise InputError(where, f"Two columns are called {name[:60]!r}; capitals and blanks do not tell names apart.")
        seen.add(name.lower())


def _type(different: set[str]) -> str:
    """Numbers with a leading zero, or beyond 2^53, are codes: text."""
    kinds = set(map(kind_of, different))
    if kinds == {"date"}:
        return DATE
    if kinds == {"boolean"}:
        return BOOLEAN
    return NUMBER if kinds and kinds <= {"integer", "number"} and not any(map(_is_code, different)) else TEXT


def _is_code(cell: str) -> bool:
    digits = cell.lstrip("+-")
    is_padded = cell[0] == "+" or (len(digits) > 1 and digits[0] == "0" and digits.isdigit())
    return is_padded or (digits.isdigit() and len(digits) < _MOST_DIGITS and int(digits) > _EXACT) or len(digits) >= _MOST_DIGITS or _is_vast(cell)


def _is_vast(cell: str) -> bool:
    number = float(cell)
    return not math.isfinite(number) or abs(number) > _LARGEST


def _typed(cells: list[str], kind: str) -> list[str | float | bool | None]:
    if kind == NUMBER:
        return [float(cell) if cell else None for cell in cells]
    if kind == BOOLEAN:
        return [cell.lower() in _TRUE if cell else None for cell in cells]
    return [cell or None for cell in cells]
