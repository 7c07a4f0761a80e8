"""Tables from the rows of a form, added to a schema that is still open; each row is checked and named when it does not fit."""

import re
from typing import Any, Protocol

from sqlglot import exp

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.ddl.model import Column, Database, ForeignKey, Index, Part, Table, Type, Unique

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?\Z")
_NUMERIC = {"integer", "bigint", "decimal", "double"}
_INSTANTS = {"date", "timestamp", "timestamptz", "time"}
_LONGEST, _WIDEST = 65_535, 38


class Row(Protocol):
    """A row of the form."""

    table: Any
    name: Any
    type: Any
    details: Any
    required: Any
    key: Any
    references: Any
    default: Any


def add(database: Database, rows: tuple[Any, ...]) -> None:
    """Add the tables of the rows; raises `InputError` on the cell that does not fit."""
    given = set(database.tables)
    for place, row in enumerate(rows):
        path = f"columns.{place}"
        for name, value in (("table", row.table), ("name", row.name)):
            if not _NAME.match(value):
                raise InputError(f"{path}.{name}", "Begin with a letter or _; then letters, digits and _.")
        if row.table in given:
            raise InputError(f"{path}.table", "The SQL declares this table already. Change it there.")
        table = database.tables.setdefault(row.table, Table(row.table))
        if table.column(row.name) is not None:
            raise InputError(f"{path}.name", "The table has a column of this name already.")
        _column(table, row, path)
    for place, row in enumerate(rows):
        if row.references.strip():
            _reference(database, row, f"columns.{place}.references")


def _column(table: Table, row: Row, path: str) -> None:
    is_id = row.type == "id"
    is_primary = row.key == "primary" or (is_id and row.key == "none")
    column = Column(row.name, _type(row, f"{path}.details"), not_null=row.required or is_primary or is_id, is_identity=is_id)
    column.default = _default(row, f"{path}.default")
    table.columns.append(column)
    if is_primary:
        table.primary, table.primary_name = (*table.primary, row.name), f"{table.name}_pkey"
    if row.key == "unique":
        table.uniques.append(Unique(f"{table.name}_{row.name}_key", (row.name,)))
    if row.key == "index":
        table.indexes.append(Index(f"{table.name}_{row.name}_idx", (Part(row.name),)))


def _type(row: Row, path: str) -> Type:
    details = row.details.strip()
    if row.type == "enum":
        values = tuple(one.strip() for one in details.split(",") if one.strip())
        if not values or len(set(values)) < len(values):
            raise InputError(path, "Give the values with commas between them, each once.")
        return Type("enum", values=values)
    if row.type == "id":
        return Type("bigint")
    if not details:
        return Type(row.type, (12, 2) if row.type == "decimal" else (255,) if row.type == "varchar" else ())
    if row.type == "varchar" and re.match(r"[0-9]{1,5}\Z", details) and 1 <= int(details) <= _LONGEST:
        return Type("varchar", (int(details),))
    found = re.match(r"([0-9]{1,2}) ?, ?([0-9]{1,2})\Z", details)
    if row.type == "decimal" and found and 1 <= int(found[1]) <= _WIDEST and int(found[2]) <= int(found[1]):
        return Type("decimal", (int(found[1]), int(found[2])))
    wanted = {"varchar": f"Give the length, 1 to {_LONGEST:,}.", "decimal": "Give all digits and those behind the point, as 12,2."}
    raise InputError(path, wanted.get(row.type, "This type has no size. Leave it empty."))


def _default(row: Row, path: str) -> Any:  # noqa: ANN401 - sqlglot's
    text = row.default.strip()
    if not text:
        return None
    if row.type in {"id", "bytes", "json", "uuid"}:
        raise InputError(path, "This type takes no default here. Leave it empty.")
    if row.type in _NUMERIC:
        if not _NUMBER.match(text):
            raise InputError(path, "Must be a number.")
        return exp.Literal.number(text) if not text.startswith("-") else exp.Neg(this=exp.Literal.number(text[1:]))
    if row.type == "boolean":
        if text.lower() not in {"true", "false", "yes", "no"}:
            raise InputError(path, "Must be true or false.")
        return exp.true() if text.lower() in {"true", "yes"} else exp.false()
    return _text_default(row, text, path)


def _text_default(row: Row, text: str, path: str) -> Any:  # noqa: ANN401 - sqlglot's
    if row.type in _INSTANTS:
        if text.lower() != "now" or row.type == "time":
            raise InputError(path, "Write now, or leave it empty." if row.type != "time" else "A time of day takes no default here. Leave it empty.")
        return exp.CurrentDate() if row.type == "date" else exp.CurrentTimestamp()
    if row.type == "enum" and text not in {one.strip() for one in row.details.split(",")}:
        raise InputError(path, "Must be one of the values.")
    return exp.Literal.string(text)


def _reference(database: Database, row: Row, path: str) -> None:
    key, _, column = row.references.strip().rpartition(".")
    target = database.tables.get(row.references.strip()) or database.tables.get(key)
    if target is None:
        raise InputError(path, "There is no table of this name.")
    named = (column,) if target.key == key else target.primary
    if not named or any(target.column(name) is None for name in named):
        raise InputError(path, f"{target.key} has no column {column[:60]}." if target.key == key else f"{target.key} has no primary key to refer to.")
    if len(named) > 1:
        raise InputError(path, f"{target.key} has a primary key of {len(named)} columns: name one that is unique, or give this table as SQL.")
    table = database.tables[row.table]
    table.foreign.append(ForeignKey("", (row.name,), target.key, named))
