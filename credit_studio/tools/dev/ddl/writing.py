"""A schema written as DDL for PostgreSQL 14 and later, MySQL 8.0.16 and later, and SQLite 3.37 and later; each lists what it cannot say.

An enum without a name is text with a check in PostgreSQL, and every enum is in SQLite. Instants with a time zone are
DATETIME in MySQL and SQLite, to be kept in UTC.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlglot import exp

from credit_studio.tools.dev.ddl.model import Check, Column, Database, ForeignKey, Index, Table, Type, Unique, enums, in_order, layers, sound

TYPES: dict[str, tuple[str, str, str]] = {
    "smallint": ("SMALLINT", "SMALLINT", "INTEGER"),
    "integer": ("INTEGER", "INT", "INTEGER"),
    "bigint": ("BIGINT", "BIGINT", "INTEGER"),
    "decimal": ("NUMERIC", "DECIMAL", "NUMERIC"),
    "real": ("REAL", "FLOAT", "REAL"),
    "double": ("DOUBLE PRECISION", "DOUBLE", "REAL"),
    "boolean": ("BOOLEAN", "BOOLEAN", "BOOLEAN"),
    "char": ("CHAR", "CHAR", "CHAR"),
    "varchar": ("VARCHAR", "VARCHAR", "VARCHAR"),
    "text": ("TEXT", "TEXT", "TEXT"),
    "date": ("DATE", "DATE", "DATE"),
    "time": ("TIME", "TIME", "TIME"),
    "timestamp": ("TIMESTAMP", "DATETIME", "DATETIME"),
    "timestamptz": ("TIMESTAMPTZ", "DATETIME", "DATETIME"),
    "interval": ("INTERVAL", "VARCHAR(64)", "TEXT"),
    "uuid": ("UUID", "CHAR(36)", "CHAR(36)"),
    "json": ("JSONB", "JSON", "TEXT"),
    "bytes": ("BYTEA", "LONGBLOB", "BLOB"),
    "enum": ("TEXT", "ENUM", "TEXT"),
    "array": ("TEXT", "JSON", "TEXT"),
}
"""Each kind of type in PostgreSQL, MySQL and SQLite, without its sizes."""
_AT = {"postgres": 0, "mysql": 1, "sqlite": 2}
_SIZED = {"decimal", "char", "varchar"}
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
RESERVED = frozenset(Path(__file__).with_name("writing_reserved.txt").read_text().split())
"""Words that one of the three databases keeps for itself: names that are one stand in quotes."""
_WIDEST_KEY = 255  # characters of a text that MySQL is to index
# Functions that all three have and mean alike; a check of PostgreSQL's or MySQL's own functions cannot be kept by SQLite.
_SHARED = (exp.Lower, exp.Upper, exp.Length, exp.Abs, exp.Coalesce, exp.Trim, exp.Round, exp.Substring, exp.And, exp.Or, exp.Case, exp.If, exp.Cast, exp.Concat)
_UNSHARED = (exp.RegexpLike, exp.RegexpILike, exp.SimilarTo, exp.ILike, exp.AtTimeZone, exp.Array, exp.JSONExtract, exp.Interval)
_NOW = (exp.CurrentTimestamp, exp.CurrentDatetime)


def quoted(name: str, dialect: str) -> str:
    """A name as the dialect takes it, in quotes where it needs them."""
    if _PLAIN.match(name) and name not in RESERVED:
        return name
    mark = "`" if dialect == "mysql" else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def names(columns: tuple[str, ...], dialect: str) -> str:
    """Column names in a row."""
    return ", ".join(quoted(name, dialect) for name in columns)


def table_name(table: Table, dialect: str) -> str:
    """A table's name: with its namespace in PostgreSQL, joined to it elsewhere."""
    if dialect == "postgres" and table.namespace:
        return f"{quoted(table.namespace, dialect)}.{quoted(table.name, dialect)}"
    return quoted(f"{table.namespace}_{table.name}" if table.namespace else table.name, dialect)


def literal(text: str, dialect: str) -> str:
    """A text as an SQL literal."""
    doubled = text.replace("'", "''")
    return "'" + (doubled.replace("\\", "\\\\") if dialect == "mysql" else doubled) + "'"


def written(expression: Any, dialect: str) -> str:  # noqa: ANN401 - sqlglot's
    """An expression in the dialect; names are quoted as the columns are."""
    copied = expression.copy()
    for one in copied.find_all(exp.Identifier):
        one.set("quoted", quoted(one.name, dialect) != one.name)
    return " ".join(copied.sql(dialect=dialect).split())


def is_portable(expression: Any, dialect: str) -> bool:  # noqa: ANN401 - sqlglot's
    """True when the database knows all functions of an expression that was written for another one."""
    odd = [one for one in expression.find_all(exp.Func) if not isinstance(one, _SHARED)]
    if dialect == "sqlite":
        return not odd and expression.find(*_UNSHARED) is None
    return all(not isinstance(one, exp.Anonymous) for one in odd) or dialect == "postgres"


def type_of(kind: Type, dialect: str, *, is_key: bool = False) -> str:
    """The type's words. In MySQL a text of a key has a length, and a decimal without one keeps ten decimals."""
    if kind.kind == "other":
        return kind.words
    if kind.kind == "enum" and kind.words and dialect == "postgres":
        return type_name(kind.words)
    if kind.kind == "array" and dialect == "postgres" and kind.of is not None:
        return f"{type_of(kind.of, dialect)}[]"
    if kind.kind == "enum" and dialect == "mysql":
        return f"ENUM ({', '.join(literal(value, dialect) for value in kind.values)})"
    base, sizes = TYPES[kind.kind][_AT[dialect]], kind.sizes if kind.kind in _SIZED else ()
    if dialect == "mysql":
        base, sizes = _mysql_type(kind, base, sizes, is_key=is_key)
    if kind.kind == "varchar" and not sizes and dialect != "mysql":
        base = "TEXT"
    return f"{base}({', '.join(map(str, sizes))})" if sizes else base


def type_name(words: str) -> str:
    """The name of an enum type, its namespace included."""
    return ".".join(quoted(part, "postgres") for part in words.split("."))


def create_type(words: str, values: tuple[str, ...]) -> str:
    """CREATE TYPE of an enum."""
    return f"CREATE TYPE {type_name(words)} AS ENUM ({', '.join(literal(value, 'postgres') for value in values)})"


def _mysql_type(kind: Type, base: str, sizes: tuple[int, ...], *, is_key: bool) -> tuple[str, tuple[int, ...]]:
    if is_key and (base in {"TEXT", "LONGBLOB"} or (kind.kind == "varchar" and not sizes)):
        return ("VARCHAR" if base != "LONGBLOB" else "VARBINARY"), (_WIDEST_KEY,)
    if kind.kind == "varchar" and (not sizes or sizes[0] > 16_000):  # noqa: PLR2004 - a row has 65,535 bytes, a character up to four
        return "TEXT", ()
    return base, sizes or ((38, 10) if kind.kind == "decimal" else ())


class Writer:
    """Writes one schema in one dialect; `lost` collects what the dialect cannot say."""

    def __init__(self, database: Database, dialect: str) -> None:
        self.database = database
        self.dialect = dialect
        self.lost: list[str] = []
        self._held: dict[str, frozenset[str]] = {}

    def script(self) -> list[str]:
        """All statements, in an order in which they can be run; foreign keys that close a circle come last."""
        _, circular = layers(self.database)
        statements = [f"CREATE SCHEMA IF NOT EXISTS {quoted(name, 'postgres')}" for name in self._namespaces()] if self.dialect == "postgres" else []
        statements += [create_type(*one) for one in enums(self.database).items()] if self.dialect == "postgres" else []
        late: list[str] = []
        for table in in_order(self.database):
            keys = [key for key in sound(self.database, table) if self.dialect == "sqlite" or (table.key, key.table) not in circular]
            statements.append(self.create(table, keys))
            statements += [*self.indexes(table), *self.comments(table)]
            late += [self.add_foreign(table, key) for key in sound(self.database, table) if key not in keys]
        return statements + late

    def _namespaces(self) -> list[str]:
        return list(dict.fromkeys(table.namespace for table in self.database.tables.values() if table.namespace))

    def name(self, table: Table) -> str:
        """The table's name in this dialect."""
        return table_name(table, self.dialect)

    def create(self, table: Table, keys: list[ForeignKey], name: str = "") -> str:
        """CREATE TABLE with its keys and checks."""
        lines = [*(self.column(table, column) for column in table.columns), *self._constraints(table, keys)]
        body = ",\n".join(f"    {line}" for line in lines)
        comment = f" COMMENT = {literal(table.comment, 'mysql')}" if table.comment and self.dialect == "mysql" else ""
        return f"CREATE TABLE {name or self.name(table)} (\n{body}\n){comment}"

    def _constraints(self, table: Table, keys: list[ForeignKey]) -> Iterator[str]:
        if table.primary and not self._is_row_id(table):
            name = "" if self.dialect == "mysql" or not table.primary_name else f"CONSTRAINT {quoted(table.primary_name, self.dialect)} "
            yield f"{name}PRIMARY KEY ({names(table.primary, self.dialect)})"
        yield from (self.unique(one) for one in table.uniques)
        yield from (self.check(one) for one in self.checks(table))
        yield from (self.foreign(one) for one in keys)

    def _is_row_id(self, table: Table) -> bool:
        """True for SQLite's INTEGER PRIMARY KEY, which counts up by itself and is declared with its column."""
        column = table.column(table.primary[0]) if len(table.primary) == 1 else None
        return self.dialect == "sqlite" and column is not None and column.is_identity

    def unique(self, one: Unique) -> str:
        """A unique constraint."""
        return f"CONSTRAINT {quoted(one.name, self.dialect)} UNIQUE ({names(one.columns, self.dialect)})"

    def check(self, one: Check) -> str:
        """A check."""
        return f"CONSTRAINT {quoted(one.name, self.dialect)} CHECK ({written(one.expression, self.dialect)})"

    def checks(self, table: Table) -> list[Check]:
        """The checks that the dialect can keep, those of enums included."""
        native = {column.name for column in table.columns if self.dialect == "mysql" or (self.dialect == "postgres" and column.type.words)}
        wanted = [one for one in table.checks if one.enum not in native]
        kept = [one for one in wanted if is_portable(one.expression, self.dialect)]
        self.lost += [f"{table.key}: the check {one.name} uses functions that it does not have." for one in wanted if one not in kept]
        return kept

    def foreign(self, key: ForeignKey) -> str:
        """A foreign key."""
        target = self.database.tables[key.table]
        actions = f"{f' ON DELETE {key.on_delete}' if key.on_delete else ''}{f' ON UPDATE {key.on_update}' if key.on_update else ''}"
        there = f"{self.name(target)} ({names(key.targets, self.dialect)})"
        return f"CONSTRAINT {quoted(key.name, self.dialect)} FOREIGN KEY ({names(key.columns, self.dialect)}) REFERENCES {there}{actions}"

    def add_foreign(self, table: Table, key: ForeignKey) -> str:
        """The same for a table that is there."""
        return f"ALTER TABLE {self.name(table)} ADD {self.foreign(key)}"

    def column(self, table: Table, column: Column) -> str:
        """A column's definition."""
        if self._is_row_id(table) and column.name == table.primary[0]:
            return f"{quoted(column.name, self.dialect)} INTEGER PRIMARY KEY"
        parts = [quoted(column.name, self.dialect), self.type(table, column)]
        if column.generated is not None:
            parts.append(f"GENERATED ALWAYS AS ({written(column.generated, self.dialect)}) STORED")
        if column.is_identity and self.dialect == "postgres":
            parts.append(f"GENERATED {'ALWAYS' if column.is_always else 'BY DEFAULT'} AS IDENTITY")
        parts += ["NOT NULL"] if column.not_null else []
        if column.is_identity and self.dialect == "mysql" and table.primary[:1] == (column.name,):
            parts.append("AUTO_INCREMENT")
        if default := self.default(table, column):
            parts.append(f"DEFAULT {default}")
        if column.comment and self.dialect == "mysql":
            parts.append(f"COMMENT {literal(column.comment, 'mysql')}")
        return " ".join(parts)

    def type(self, table: Table, column: Column) -> str:
        """The column's type."""
        if column.type.kind == "other" and self.dialect != "postgres":
            self.lost.append(f"{table.key}.{column.name}: the type {column.type.words} stands as TEXT.")
            return "TEXT"
        return type_of(column.type, self.dialect, is_key=column.name in self._keys(table))

    def _keys(self, table: Table) -> frozenset[str]:
        """The columns that a key or an index holds."""
        if table.key not in self._held:
            parts = (table.primary, *(one.columns for one in table.uniques), *(one.columns for one in table.foreign))
            indexed = (part.column for index in table.indexes for part in index.parts)
            self._held[table.key] = frozenset(name for columns in parts for name in columns) | frozenset(indexed)
        return self._held[table.key]

    def default(self, table: Table, column: Column) -> str:
        """The column's default in words; empty when it has none, or none that the dialect knows."""
        if column.default is None or column.is_identity or column.generated is not None:
            return ""
        if isinstance(column.default, _NOW):
            return "CURRENT_TIMESTAMP"
        text = self._uuid() if isinstance(column.default, exp.Uuid) else written(column.default, self.dialect)
        is_plain = isinstance(column.default, (exp.Literal, exp.Boolean, exp.Neg, exp.CurrentDate))
        if not text or not (is_plain or isinstance(column.default, exp.Uuid) or is_portable(column.default, self.dialect)):
            self.lost.append(f"{table.key}.{column.name}: the default {written(column.default, 'postgres')[:60]} has no counterpart.")
            return ""
        needs_brackets = self.dialect != "postgres" and not is_plain
        is_large = self.dialect == "mysql" and self.type(table, column) in {"TEXT", "JSON", "LONGBLOB"}
        return f"({text})" if needs_brackets or is_large or (self.dialect == "mysql" and isinstance(column.default, exp.CurrentDate)) else text

    def _uuid(self) -> str:
        return {"postgres": "gen_random_uuid()", "mysql": "UUID()", "sqlite": ""}[self.dialect]

    def indexes(self, table: Table) -> list[str]:
        """CREATE INDEX of each index that the dialect can have."""
        return [statement for one in table.indexes if (statement := self.index(table, one))]

    def index(self, table: Table, one: Index) -> str:
        """CREATE INDEX; empty when the dialect cannot have it."""
        is_odd = one.method not in {"", "hash"} or any(part.expression is not None and not is_portable(part.expression, self.dialect) for part in one.parts)
        if self.dialect != "postgres" and (is_odd or (self.dialect == "mysql" and one.where is not None)):
            what = "is for some rows only" if one.where is not None else f"is of the kind {one.method or 'expression'}"
            self.lost.append(f"{table.key}: the index {one.name} {what}, which it does not have.")
            return ""
        parts = ", ".join(self._part(part.column, part.expression) + (" DESC" if part.is_descending else "") for part in one.parts)
        method = f" USING {one.method}" if one.method and self.dialect == "postgres" else ""
        where = f" WHERE {written(one.where, self.dialect)}" if one.where is not None else ""
        unique = "UNIQUE " if one.is_unique else ""
        return f"CREATE {unique}INDEX {quoted(one.name, self.dialect)} ON {self.name(table)}{method} ({parts}){where}"

    def _part(self, column: str, expression: Any) -> str:  # noqa: ANN401 - sqlglot's
        return quoted(column, self.dialect) if expression is None else f"({written(expression, self.dialect)})"

    def comments(self, table: Table) -> list[str]:
        """COMMENT ON for PostgreSQL; MySQL has them in the definitions, SQLite has none."""
        if self.dialect != "postgres":
            return []
        said = [f"COMMENT ON TABLE {self.name(table)} IS {literal(table.comment, 'postgres')}"] if table.comment else []
        return said + [
            f"COMMENT ON COLUMN {self.name(table)}.{quoted(one.name, 'postgres')} IS {literal(one.comment, 'postgres')}" for one in table.columns if one.comment
        ]
