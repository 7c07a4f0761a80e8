"""Text of any of the three kinds as data sets of columns: CSV, JSON or JSON Lines, SQL definitions. What cannot be read names its field and line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from credit_studio.tools.base import InputError
from credit_studio.tools.data.tabular import reading

MOST_COLUMNS, MOST_DATASETS, MOST_CELLS, MOST_DDL = 400, 60, 2_000_000, 300_000
_DEEPEST, _NAME = 20, 120
_DDL = re.compile(r"^[ \t]*(?:CREATE[ \t]+(?:[A-Z]{2,12}[ \t]+){0,4}TABLE|ALTER[ \t]+TABLE)\b", re.IGNORECASE | re.MULTILINE)


@dataclass
class Field:
    """One column: its cells as text (None where there is none), and what a definition says of it. `reference` is (data set, column)."""

    name: str
    cells: list[str | None] = field(default_factory=list[str | None])
    declared: str = ""
    is_required: bool = False
    is_primary: bool = False
    is_unique: bool = False
    reference: tuple[str, str] | None = None
    comment: str = ""
    json_types: set[str] = field(default_factory=set[str])


@dataclass
class Dataset:
    """A table of data, or its definition alone (`rows` is None). `part_of` is the data set inside whose records it was found."""

    name: str
    format: str
    rows: int | None
    fields: list[Field]
    part_of: str = ""
    primary: tuple[str, ...] = ()
    comment: str = ""
    line: int = 0


def format_of(text: str) -> str:
    """DDL, JSON or CSV, told by the beginning and by CREATE TABLE at the start of a line."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "["):
        return "JSON"
    return "DDL" if _DDL.search(text) else "CSV"


def read(text: str, name: str, dialect: str, where: str) -> list[Dataset]:
    """The data sets of a text; raises `InputError` on `where`."""
    kind = format_of(text)
    if kind == "DDL":
        return _definitions(text, dialect, where)
    return _json(text, name, where) if kind == "JSON" else [_csv(text, name, where)]


def clean(name: str) -> str:
    """A name that can be shown: printable, without surrounding blanks, 120 characters at most."""
    return "".join(one if one.isprintable() else "\ufffd" for one in name.strip()[: _NAME + 1])[:_NAME] or "(no name)"


# --- CSV ------------------------------------------------------------------------------------------------------------------------


def _csv(text: str, name: str, where: str) -> Dataset:
    try:
        plain = reading.tidy(text)
        shape = reading.shape_of(plain, "auto", has_header=True)
        columns: list[list[str | None]] = [[] for _ in shape.columns]
        rows = 0
        for chunk in reading.chunks(plain, shape):
            rows += len(chunk.rows)
            _bounded(rows, len(columns), where)
            for kept, cells in zip(columns, zip(*chunk.rows, strict=True), strict=True):
                kept.extend(cell if cell.strip() else None for cell in cells)
    except InputError as error:
        raise InputError(where, f"Read as CSV. {error.message}") from None
    return Dataset(name, "CSV", rows, [Field(clean(title), cells) for title, cells in zip(shape.columns, columns, strict=True)])


def _bounded(rows: int, columns: int, where: str) -> None:
    if rows * columns > MOST_CELLS:
        raise InputError(where, f"Has more than {MOST_CELLS:,} cells. Take a sample of the rows.")


# --- JSON -----------------------------------------------------------------------------------------------------------------------


def _json(text: str, name: str, where: str) -> list[Dataset]:
    found: dict[str, _Records] = {}
    top = list(_records(_parsed(text.removeprefix("\ufeff"), where), name, where))
    for title, records in top:
        for record in records:
            _add(record, title, "", found, where)
    found = {title: one for title, one in found.items() if one.columns}
    if not found:
        raise InputError(where, "Read as JSON. Holds no records with values: give a list of objects, objects one a line, or an object of lists.")
    return [Dataset(title, "JSON", one.rows, one.finished(where), one.part_of) for title, one in found.items()]


def _parsed(text: str, where: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        try:
            return json.loads(text, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            if not error.msg.startswith("Extra data"):
                raise
            return list(_lines(text))
    except json.JSONDecodeError as error:
        raise InputError(where, f"Read as JSON. Line {error.lineno:,}, column {error.colno:,}: {error.msg[:100]}.") from None
    except RecursionError:
        raise InputError(where, "Read as JSON. Is nested too deeply to be read.") from None
    except ValueError as error:
        raise InputError(where, f"Read as JSON. {str(error)[:100]}.") from None


def _lines(text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line, parse_constant=_no_constant)
            except json.JSONDecodeError as error:
                raise ValueError(f"Line {number:,}, column {error.colno:,}: {error.msg[:80]}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"Holds {name}, which is not JSON")


def _records(value: Any, name: str, where: str) -> Iterator[tuple[str, list[Any]]]:  # noqa: ANN401 - any JSON
    """A list of objects is one data set; an object whose values are lists of objects is one for each."""
    if isinstance(value, list):
        yield name, cast("list[Any]", value)
        return
    if not isinstance(value, dict):
        raise InputError(where, "Read as JSON. Must be a list of objects, objects one a line, or an object of lists.")
    members = cast("dict[str, Any]", value)
    lists = {key: cast("list[Any]", one) for key, one in members.items() if isinstance(one, list) and one and isinstance(one[0], dict)}
    if lists and not any(isinstance(one, dict) for one in members.values()):
        yield from ((clean(key), one) for key, one in lists.items())
    else:
        yield name, [members]


@dataclass
class _Records:
    """Rows so far, and the cells of each column, which may be short at the end."""

    part_of: str
    rows: int = 0
    columns: dict[str, Field] = field(default_factory=dict[str, Field])

    def finished(self, where: str) -> list[Field]:
        """The columns, all of them as long as there are rows."""
        _bounded(self.rows, len(self.columns), where)
        for one in self.columns.values():
            one.cells.extend([None] * (self.rows - len(one.cells)))
        return list(self.columns.values())


def _add(record: Any, name: str, part_of: str, found: dict[str, _Records], where: str) -> None:  # noqa: ANN401 - any JSON
    if name not in found and len(found) == MOST_DATASETS:
        raise InputError(where, f"Holds more than {MOST_DATASETS} data sets.")
    into = found.setdefault(name, _Records(part_of))
    into.rows += 1
    whole = cast("dict[str, Any]", record) if isinstance(record, dict) else {"value": record}
    _walk(whole, name, "", into, found, where)


def _walk(record: dict[str, Any], name: str, path: str, into: _Records, found: dict[str, _Records], where: str) -> None:
    if path.count(".") > _DEEPEST:
        raise InputError(where, f"Read as JSON. Objects stand inside one another more than {_DEEPEST} times.")
    for key, value in record.items():
        title = clean(f"{path}{clean(key)}")
        if isinstance(value, dict):
            _walk(cast("dict[str, Any]", value), name, f"{title}.", into, found, where)
        elif isinstance(value, list):
            for item in cast("list[Any]", value):
                if title.count(".") + name.count(".") > _DEEPEST:
                    raise InputError(where, f"Read as JSON. Lists stand inside one another more than {_DEEPEST} times.")
                _add(item, clean(f"{name}.{title}"), name, found, where)
        else:
            _put(title, value, into, where)


def _put(title: str, value: Any, into: _Records, where: str) -> None:  # noqa: ANN401 - a JSON scalar
    if title not in into.columns and len(into.columns) == MOST_COLUMNS:
        raise InputError(where, f"Read as JSON. Its records have more than {MOST_COLUMNS} different keys.")
    kept = into.columns.setdefault(title, Field(title))
    if len(kept.cells) >= into.rows:  # two keys that look alike when cleaned
        return
    kept.cells.extend([None] * (into.rows - 1 - len(kept.cells)))
    if value is None:
        kept.cells.append(None)
        return
    kept.json_types.add("text" if isinstance(value, str) else "true or false" if isinstance(value, bool) else "number")
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)
    kept.cells.append(text if text.strip() else None)


# --- DDL ------------------------------------------------------------------------------------------------------------------------


def _definitions(text: str, dialect: str, where: str) -> list[Dataset]:
    from credit_studio.tools.data.inventory.definitions import tables_of  # noqa: PLC0415 - sqlglot is loaded where it is needed

    if len(text) > MOST_DDL:
        raise InputError(where, f"Read as SQL. Takes at most {MOST_DDL:,} characters of definitions.")
    try:
        tables = tables_of(text, dialect, where)
    except InputError as error:
        raise InputError(where, f"Read as SQL. {error.message}") from None
    if not tables:
        raise InputError(where, "Read as SQL. Holds no CREATE TABLE with columns.")
    return tables
