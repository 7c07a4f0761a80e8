"""A database schema without a dialect: tables, columns, keys, checks and indexes. Expressions are sqlglot's, so that each dialect writes its own."""

import graphlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DIALECTS = ("postgres", "mysql", "sqlite")
DIALECT_NAMES = {"postgres": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite"}


@dataclass(frozen=True)
class Type:
    """kind: one of `writing.TYPES`, or "other".

    `words` are those of another type, or the name of an enum of PostgreSQL; `sizes` length, or precision and scale; `of` what an array holds.
    """

    kind: str
    sizes: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    of: "Type | None" = None
    words: str = ""


@dataclass
class Column:
    """A column. `default` and `generated` are sqlglot expressions or None; `is_always`: an identity that takes no value from outside."""

    name: str
    type: Type
    not_null: bool = False
    default: Any = None
    is_identity: bool = False
    is_always: bool = False
    generated: Any = None
    comment: str = ""


@dataclass(frozen=True)
class Unique:
    """A unique constraint."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """A check; `expression` is sqlglot's. `enum` is the column whose values it holds to, for databases without that type."""

    name: str
    expression: Any
    enum: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """Columns that name a row of `table`; the actions are SQL words or empty."""

    name: str
    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]
    on_delete: str = ""
    on_update: str = ""


@dataclass(frozen=True)
class Part:
    """One column of an index by its name, or an expression."""

    column: str
    expression: Any = None
    is_descending: bool = False


@dataclass(frozen=True)
class Index:
    """An index; `where` is sqlglot's or None; `method` as in PostgreSQL, empty for a B-tree."""

    name: str
    parts: tuple[Part, ...]
    is_unique: bool = False
    where: Any = None
    method: str = ""


@dataclass
class Table:
    """A table. `namespace` is PostgreSQL's schema, empty for the usual one; `line` is where it begins."""

    name: str
    namespace: str = ""
    columns: list[Column] = field(default_factory=list[Column])
    primary: tuple[str, ...] = ()
    primary_name: str = ""
    uniques: list[Unique] = field(default_factory=list[Unique])
    checks: list[Check] = field(default_factory=list[Check])
    foreign: list[ForeignKey] = field(default_factory=list[ForeignKey])
    indexes: list[Index] = field(default_factory=list[Index])
    comment: str = ""
    line: int = 0

    @property
    def key(self) -> str:
        """Its name with its namespace: "shop.orders"."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((one for one in self.columns if one.name == name), None)

    def is_unique(self, columns: tuple[str, ...]) -> bool:
        """True when no two rows can have the same values in these columns, as a foreign key asks of its target."""
        wanted = set(columns)
        whole = [one for one in self.indexes if one.is_unique and one.where is None and all(part.expression is None for part in one.parts)]
        keys = [self.primary, *(one.columns for one in self.uniques), *(tuple(part.column for part in one.parts) for one in whole)]
        return any(set(key) == wanted for key in keys if key)


def enums(database: "Database") -> dict[str, tuple[str, ...]]:
    """The enum types that have a name, with their values."""
    kinds = (column.type for table in database.tables.values() for column in table.columns)
    return {kind.words: kind.values for kind in kinds if kind.kind == "enum" and kind.words}


@dataclass
class Database:
    """The tables by their keys, in the order in which they were declared, and the statements that were not read: (line, first words)."""

    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    unread: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def sound(database: Database, table: Table) -> list[ForeignKey]:
    """The foreign keys of a table that a database takes: their columns and unique targets are there."""
    return [one for one in table.foreign if fault(database, table, one) == ""]


def fault(database: Database, table: Table, key: ForeignKey) -> str:
    """Why a foreign key cannot be made; empty when it can."""
    target = database.tables.get(key.table)
    if target is None:
        return f"There is no table {key.table}."
    missing = [name for name in key.columns if table.column(name) is None] + [f"{key.table}.{name}" for name in key.targets if target.column(name) is None]
    if missing:
        return f"There is no column {missing[0]}."
    if not key.targets or len(key.columns) != len(key.targets):
        return f"{len(key.columns)} columns cannot refer to {len(key.targets)}."
    return "" if target.is_unique(key.targets) else f"{key.table} ({', '.join(key.targets)}) is neither its primary key nor unique."


def layers(database: Database) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """The layer of each table, one above the highest that it refers to, and the (table, target) pairs that close a circle."""
    before: dict[str, set[str]] = {key: set() for key in database.tables}
    circular: set[tuple[str, str]] = set()
    # Tables that refer to each other are few: those that a plain sort can place need no look at circles.
    pairs = [(table.key, one.table) for table in database.tables.values() for one in sound(database, table) if one.table != table.key]
    for source, target in pairs:
        before[source].add(target)
    placed = _placed(before)
    for source, target in [pair for pair in pairs if pair[0] not in placed]:
        before[source].discard(target)
    for source, target in [pair for pair in pairs if pair[0] not in placed]:
        if _leads(before, target, source):
            circular.add((source, target))
        else:
            before[source].add(target)
    found: dict[str, int] = {}
    for key in graphlib.TopologicalSorter(before).static_order():
        found[key] = max((found[one] + 1 for one in before[key]), default=0)
    return found, circular


def _placed(before: dict[str, set[str]]) -> set[str]:
    """The tables that can be made with all that they refer to, directly or further on, before them."""
    after: dict[str, list[str]] = {}
    for key, targets in before.items():
        for target in targets:
            after.setdefault(target, []).append(key)
    waiting = {key: len(targets) for key, targets in before.items()}
    ready = [key for key, count in waiting.items() if not count]
    found = set(ready)
    while ready:
        for key in after.get(ready.pop(), ()):
            waiting[key] -= 1
            if not waiting[key]:
                ready.append(key)
                found.add(key)
    return found


def _leads(before: dict[str, set[str]], start: str, end: str) -> bool:
    """True when `start` refers to `end`, directly or further on."""
    seen, ahead = {start}, [start]
    while ahead:
        now = ahead.pop()
        if now == end:
            return True
        new = before[now] - seen
        seen |= new
        ahead += new
    return False


def in_order(database: Database) -> Iterator[Table]:
    """The tables so that each comes after those that it refers to, as far as that goes; else as declared."""
    placed, _ = layers(database)
    places = {key: at for at, key in enumerate(database.tables)}
    yield from sorted(database.tables.values(), key=lambda table: (placed[table.key], places[table.key]))
