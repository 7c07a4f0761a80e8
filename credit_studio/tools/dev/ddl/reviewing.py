"""What an experienced eye finds in a schema: keys that are missing or cannot be made, indexes, types and names that will make trouble."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from credit_studio.tools.dev.ddl.model import DIALECT_NAMES, DIALECTS, Column, Database, ForeignKey, Table, fault, layers
from credit_studio.tools.dev.ddl.reading import short
from credit_studio.tools.dev.ddl.writing import RESERVED, Writer, names, quoted, table_name

SEVERITIES = ("critical", "high", "medium", "low", "info")
_LONGEST_NAME, _MOST_COLUMNS, _WIDE = 63, 40, 4_000
_MONEY = re.compile(r"(?:\b|_)(price|amount|total|cost|balance|fee|salary|tax|revenue)(?:\b|_)", re.IGNORECASE)
_COUNTS = {"smallint", "integer", "bigint"}


@dataclass(frozen=True)
class Remark:
    """One finding: `where` is a table, or table.column."""

    severity: str
    title: str
    where: str
    detail: str
    fix: str


def review(database: Database) -> list[Remark]:
    """All findings, worst first."""
    found = [remark for check in _CHECKS for table in database.tables.values() for remark in check(database, table)]
    found += list(_circles(database)) + list(_lost(database))
    return sorted(found, key=lambda one: SEVERITIES.index(one.severity))


def _primary(_database: Database, table: Table) -> Iterator[Remark]:
    missing = [name for name in table.primary if table.column(name) is None]
    if missing:
        yield Remark(
            "critical", "The primary key names a column that is not there", table.key, f"There is no column {missing[0]}.", "Declare it, or correct the name."
        )
    if not table.primary:
        said = "Rows cannot be told apart: replication, foreign keys and most mappers need a primary key."
        yield Remark("high", "No primary key", table.key, said, "Add one; an identity column when nothing natural is unique and never changes.")


def _foreign(database: Database, table: Table) -> Iterator[Remark]:
    for key in table.foreign:
        where = f"{table.key}.{key.columns[0]}" if key.columns else table.key
        wrong = fault(database, table, key)
        if wrong:
            fix = "Declare what it refers to, with a primary key or a unique constraint. It is left out of what is written here."
            yield Remark("critical", "A foreign key that cannot be made", where, wrong, fix)
            continue
        yield from _mismatch(database, table, key, where)
        if not _is_indexed(table, key.columns):
            name = short(f"{table.name}_{'_'.join(key.columns)}_idx")
            index = f"CREATE INDEX {quoted(name, 'postgres')} ON {table_name(table, 'postgres')} ({names(key.columns, 'postgres')});"
            said = f"Deleting from {key.table} and joining to it read all of {table.key}: PostgreSQL and SQLite do not index foreign keys by themselves."
            yield Remark("medium", "A foreign key without an index", where, said, index)


def _mismatch(database: Database, table: Table, key: ForeignKey, where: str) -> Iterator[Remark]:
    target = database.tables[key.table]
    for name, other in zip(key.columns, key.targets, strict=True):
        mine, theirs = table.column(name), target.column(other)
        if mine is None or theirs is None or mine.type == theirs.type or mine.type.kind == theirs.type.kind in {"varchar", "char", "text"}:
            continue
        is_narrow = {mine.type.kind, theirs.type.kind} <= _COUNTS
        said = f"{where} is {mine.type.kind}, {key.table}.{other} is {theirs.type.kind}."
        what = (
            "It fails once the ids outgrow the smaller one; MySQL refuses it at once."
            if is_narrow
            else "MySQL refuses it, PostgreSQL does when it cannot compare them."
        )
        yield Remark("high", "A foreign key of another type than its target", where, f"{said} {what}", f"Make both {theirs.type.kind}.")


def _is_indexed(table: Table, columns: tuple[str, ...]) -> bool:
    """True when an index begins with these columns, in any order among them."""
    plain = [tuple(part.column for part in index.parts) for index in table.indexes if index.where is None and not index.method]
    return any(set(held[: len(columns)]) == set(columns) for held in (table.primary, *(one.columns for one in table.uniques), *plain))


def _indexes(_database: Database, table: Table) -> Iterator[Remark]:
    plain = [one for one in table.indexes if one.where is None and not one.method and all(part.expression is None for part in one.parts)]
    held = [(one.name, tuple((part.column, part.is_descending) for part in one.parts), one.is_unique) for one in plain]
    keys = [(one.name, tuple((name, False) for name in one.columns), True) for one in table.uniques]
    keys += [(table.primary_name, tuple((name, False) for name in table.primary), True)] if table.primary else []
    for at, (name, parts, is_unique) in enumerate(held):
        others = [*held[:at], *held[at + 1 :], *keys]
        longer = [other for other, wide, _ in others if wide[: len(parts)] == parts and (len(wide) > len(parts) or other < name)]
        wider = next((other for other in longer), None) or next((key for key, wide, _ in keys if wide == parts), None)
        if wider is not None and not is_unique:
            said = f"{wider} begins with the same columns and serves the same searches; each one costs time at every write."
            yield Remark("medium", "An index that another one covers", f"{table.key}: {name}", said, "Leave it out.")


def _columns(database: Database, table: Table) -> Iterator[Remark]:
    if len(table.columns) > _MOST_COLUMNS:
        said = f"{len(table.columns)} columns."
        yield Remark("low", "A very wide table", table.key, said, "See whether it is several things: split off what is often empty or changes on its own.")
    linked = {name for key in table.foreign for name in key.columns}
    singular = {one.name.lower().removesuffix("s"): one.key for one in database.tables.values()}
    for column in table.columns:
        where = f"{table.key}.{column.name}"
        yield from _type_remarks(column, where)
        target = singular.get(column.name.lower().removesuffix("_id")) if column.name.lower().endswith("_id") else None
        if target is not None and column.name not in linked:
            yield Remark(
                "low", "Looks like a reference without a foreign key", where, f"There is a table {target}.", "Add the foreign key, or rename the column."
            )


def _type_remarks(column: Column, where: str) -> Iterator[Remark]:
    kind, sizes = column.type.kind, column.type.sizes
    if kind in {"real", "double"} and _MONEY.search(column.name):
        yield Remark(
            "medium",
            "Money in a binary float",
            where,
            "0.1 has no exact value there, so that sums are off by pennies.",
            "Use numeric(12, 2), or whole pennies.",
        )
    if kind == "varchar" and sizes and sizes[0] > _WIDE:
        yield Remark(
            "low",
            "A very wide varchar",
            where,
            f"{sizes[0]:,} characters; MySQL cannot index it and counts it into the row.",
            "Use text, and a check if the length matters.",
        )
    if kind == "timestamp":
        said = "A moment without its time zone means another instant on every server."
        yield Remark("low", "A time stamp without a time zone", where, said, "Use timestamptz in PostgreSQL, and keep UTC elsewhere.")
    if kind == "boolean" and not column.not_null:
        yield Remark(
            "low", "A yes or no that can be neither", where, "It may be empty: most queries forget the third value.", "Make it NOT NULL with a default."
        )
    if kind == "array":
        yield Remark(
            "info",
            "An array",
            where,
            "Only PostgreSQL has them; the others get JSON or text.",
            "A table of its own can be joined, indexed and constrained everywhere.",
        )


def _names(_database: Database, table: Table) -> Iterator[Remark]:
    for name, where in ((table.name, table.key), *((one.name, f"{table.key}.{one.name}") for one in table.columns)):
        if len(name) > _LONGEST_NAME:
            yield Remark(
                "medium", "A name that is cut", where[:120], f"{len(name)} characters; PostgreSQL keeps {_LONGEST_NAME}, MySQL takes 64.", "Shorten it."
            )
        elif name in RESERVED:
            yield Remark("low", "A reserved word as a name", where, "It needs quotes wherever it stands.", "Choose another one.")
        elif not re.match(r"[a-z_][a-z0-9_]*\Z", name):
            yield Remark(
                "low",
                "A name that needs quotes",
                where,
                "It has capitals, spaces or signs: it needs quotes wherever it stands.",
                "Use small letters, digits and _.",
            )


def _circles(database: Database) -> Iterator[Remark]:
    for source, target in sorted(layers(database)[1]):
        said = f"{source} refers to {target}, which refers back, directly or further on: rows of neither can be written first."
        yield Remark(
            "info",
            "Tables that refer to each other in a circle",
            source,
            said,
            "Let one of the two be empty at first, or defer the check to the end of the transaction.",
        )


def _lost(database: Database) -> Iterator[Remark]:
    for dialect in DIALECTS:
        writer = Writer(database, dialect)
        writer.script()
        for said in dict.fromkeys(writer.lost):
            where, _, what = said.partition(": ")
            yield Remark(
                "info", f"Not the same in {DIALECT_NAMES[dialect]}", where, f"{what[0].upper()}{what[1:]}", "See to it in the application, or leave it."
            )


_CHECKS: tuple[Callable[[Database, Table], Iterator[Remark]], ...] = (_primary, _foreign, _indexes, _columns, _names)
