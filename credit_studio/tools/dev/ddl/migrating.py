"""The statements that take PostgreSQL or MySQL from one version of a schema to the next, in an order in which they can be run."""

from collections.abc import Iterator
from dataclasses import dataclass

from credit_studio.tools.dev.ddl.comparing import Changes, Difference, Pair, Rename, renamed, says_foreign, widens
from credit_studio.tools.dev.ddl.model import Column, Database, ForeignKey, Table, enums, sound
from credit_studio.tools.dev.ddl.writing import create_type, literal, names, quoted, type_name

LOSES, MAY_FAIL = "loses data", "may fail"
ADD_VALUE = "ALTER TYPE {} ADD VALUE"
_TEXTS = {"text", "varchar", "char"}
_FAMILIES = (
    {"smallint", "integer", "bigint", "decimal", "real", "double"},
    {"integer", "boolean"},
    {"date", "timestamp", "timestamptz"},
    *({kind} for kind in ("time", "uuid", "json", "bytes", "interval", "boolean")),
)
"""Kinds of types that PostgreSQL casts into one another (its pg_cast)."""


@dataclass(frozen=True)
class Step:
    """One statement: which table, what it does, and its risk: "", "loses data" or "may fail"."""

    sql: str
    table: str
    what: str
    risk: str = ""


def migration(old: Database, new: Database, changes: list[Rename], dialect: str) -> list[Step]:
    """The steps from one version to the next in PostgreSQL or MySQL."""
    return list(_Migration(old, new, changes, dialect).steps())


class _Migration:
    def __init__(self, old: Database, new: Database, changes: list[Rename], dialect: str) -> None:
        self._seen = Difference(renamed(old, changes), new, dialect)
        self._old, self._renamed = old, changes
        self._dialect = dialect
        self._after = self._seen.after
        self._is_mysql = dialect == "mysql"
        self._changes = [(pair, self._seen.changes(pair)) for pair in self._seen.pairs]

    def steps(self) -> Iterator[Step]:
        """Names first, then what holds others back goes, then tables and columns change, then keys come, then tables go."""
        yield from self._types()
        yield from self._renames()
        for (old, _), change in self._changes:
            yield from (self._drop_foreign(old, key) for key in change.foreign[0])
        yield from self._between_gone()
        for pair, change in self._changes:
            yield from self._drops(pair, change)
        yield from self._new_tables()
        for pair, _ in self._changes:
            yield from self._columns(pair)
        for pair, change in self._changes:
            yield from self._adds(pair, change)
        for table in self._seen.come:
            yield from (self._add_foreign(table, key, []) for key in sound(self._seen.new, table))
        for (_, new), change in self._changes:
            yield from (self._add_foreign(new, key, change.foreign[0]) for key in change.foreign[1])
        for table in self._seen.gone:
            yield Step(f"DROP TABLE {self._after.name(table)}", table.key, "Drop the table with its rows", LOSES)
        yield from self._types_gone()

    def _types(self) -> Iterator[Step]:
        """Enum types of PostgreSQL: new values first, since the transaction that adds them cannot use them."""
        if self._is_mysql:
            return
        before, after = enums(self._seen.old), enums(self._seen.new)
        narrowed = self._seen.narrowed()
        for name in (one for one in after if one in before and one not in narrowed):
            for at, value in enumerate(after[name]):
                if value not in before[name]:
                    place = f"AFTER {literal(after[name][at - 1], 'postgres')}" if at else f"BEFORE {literal(before[name][0], 'postgres')}"
                    yield Step(f"{ADD_VALUE.format(type_name(name))} {literal(value, 'postgres')} {place}", name, f"Add the value {value}")
        for name, values in after.items():
            if name in narrowed:
                yield Step(f"ALTER TYPE {type_name(name)} RENAME TO {self._aside(name)}", name, "Put the old type aside")
            if name in narrowed or name not in before:
                yield Step(create_type(name, values), name, "Create the type")

    def _types_gone(self) -> Iterator[Step]:
        if self._is_mysql:
            return
        before, after = enums(self._seen.old), enums(self._seen.new)
        for name in self._seen.narrowed() | (set(before) - set(after)):
            namespace = f"{self._q(name.rpartition('.')[0])}." if "." in name else ""
            gone = f"{namespace}{self._aside(name)}" if name in after else type_name(name)
            yield Step(f"DROP TYPE {gone}", name, "Drop the old type")

    def _aside(self, name: str) -> str:
        return self._q(f"{name.rpartition('.')[2]}_old")

    def _renames(self) -> Iterator[Step]:
        for change in (one for one in self._renamed if one.column):
            table = self._after.name(self._old.tables[change.table])
            sql = f"ALTER TABLE {table} RENAME COLUMN {self._q(change.column)} TO {self._q(change.new)}"
            yield Step(sql, change.table, f"Rename {change.column} to {change.new}")
        for change in (one for one in self._renamed if not one.column):
            table, new = self._old.tables[change.table], self._seen.new.tables[change.new]
            target = self._after.name(new) if self._is_mysql else self._q(new.name)
            yield Step(f"ALTER TABLE {self._after.name(table)} RENAME TO {target}", change.table, f"Rename it to {change.new}")

    def _q(self, name: str) -> str:
        return quoted(name, self._dialect)

    def _alter(self, table: Table, action: str, what: str, risk: str = "") -> Step:
        return Step(f"ALTER TABLE {self._after.name(table)} {action}", table.key, what, risk)

    def _drop_foreign(self, table: Table, key: ForeignKey) -> Step:
        return self._alter(table, f"DROP {'FOREIGN KEY' if self._is_mysql else 'CONSTRAINT'} {self._q(key.name)}", f"Drop the foreign key {key.name}")

    def _add_foreign(self, table: Table, key: ForeignKey, gone: list[ForeignKey]) -> Step:
        is_new = table.key not in self._seen.old.tables
        was_there = any(says_foreign(one) == says_foreign(key) for one in gone)
        said = f"Add the foreign key {key.name}{' again' if was_there else ''}"
        return Step(self._after.add_foreign(table, key), table.key, said, "" if is_new or was_there else MAY_FAIL)

    def _between_gone(self) -> Iterator[Step]:
        """Foreign keys of tables that go: without them the order does not matter, and the keys that they name can change."""
        for table in self._seen.gone:
            yield from (self._drop_foreign(table, key) for key in sound(self._seen.old, table) if key.table != table.key)

    def _drops(self, pair: Pair, change: Changes) -> Iterator[Step]:
        old, _ = pair
        check, unique = ("CHECK", "INDEX") if self._is_mysql else ("CONSTRAINT", "CONSTRAINT")
        for one in change.checks[0]:
            yield self._alter(old, f"DROP {check} {self._q(one.name)}", f"Drop the check {one.name}")
        for one in change.uniques[0]:
            yield self._alter(old, f"DROP {unique} {self._q(one.name)}", f"Drop the unique constraint {one.name}")
        for one in change.indexes[0]:
            namespace = f"{self._q(old.namespace)}." if old.namespace else ""
            sql = f"DROP INDEX {self._q(one.name)} ON {self._after.name(old)}" if self._is_mysql else f"DROP INDEX {namespace}{self._q(one.name)}"
            yield Step(sql, old.key, f"Drop the index {one.name}")
        if change.is_primary_new and old.primary and not self._is_mysql:
            yield self._alter(old, f"DROP CONSTRAINT {self._q(old.primary_name)}", "Drop the primary key")

    def _adds(self, pair: Pair, change: Changes) -> Iterator[Step]:
        old, new = pair
        if change.is_primary_new and (new.primary or self._is_mysql):
            yield self._primary(old, new)
        for one in change.uniques[1]:
            yield self._alter(new, f"ADD {self._after.unique(one)}", f"Make {', '.join(one.columns)} unique", MAY_FAIL)
        dropped = {self._seen.says_check(one) for one in change.checks[0]}
        for one in change.checks[1]:
            was_there = self._seen.says_check(one) in dropped
            yield self._alter(new, f"ADD {self._after.check(one)}", f"Add the check {one.name}{' again' if was_there else ''}", "" if was_there else MAY_FAIL)
        for one in change.indexes[1]:
            yield Step(self._after.index(new, one), new.key, f"Create the index {one.name}", MAY_FAIL if one.is_unique else "")

    def _primary(self, old: Table, new: Table) -> Step:
        key = f"PRIMARY KEY ({names(new.primary, self._dialect)})"
        if not self._is_mysql:
            return self._alter(new, f"ADD CONSTRAINT {self._q(new.primary_name)} {key}", "Add the primary key", MAY_FAIL)
        actions = [*(["DROP PRIMARY KEY"] if old.primary else []), *([f"ADD {key}"] if new.primary else [])]
        return self._alter(new, ", ".join(actions), "Change the primary key", MAY_FAIL)

    def _new_tables(self) -> Iterator[Step]:
        if not self._is_mysql:
            known = {table.namespace for table in self._seen.old.tables.values()}
            for name in dict.fromkeys(table.namespace for table in self._seen.come if table.namespace not in known):
                yield Step(f"CREATE SCHEMA IF NOT EXISTS {self._q(name)}", name, "Create the schema")
        for table in self._seen.come:
            yield Step(self._after.create(table, []), table.key, "Create the table")
            yield from (Step(sql, table.key, "Index the new table") for sql in self._after.indexes(table))
            yield from (Step(sql, table.key, "Describe it") for sql in self._after.comments(table))

    def _columns(self, pair: Pair) -> Iterator[Step]:
        old, new = pair
        moved = self._seen.moved(new)
        for name in sorted(moved):
            yield self._alter(new, f"DROP COLUMN {self._q(name)}", f"Drop {name}, to be made anew")
        both = [(column, other) for column in new.columns if (other := old.column(column.name)) is not None and column.name not in moved]
        for column, other in both:
            yield from self._mysql_change(pair, column, other) if self._is_mysql else self._postgres_changes(pair, column, other)
        yield from self._come_and_gone(pair, moved)
        if not self._is_mysql:
            yield from self._comments(pair)

    def _come_and_gone(self, pair: Pair, moved: set[str]) -> Iterator[Step]:
        old, new = pair
        for column in old.columns:
            if new.column(column.name) is None:
                yield self._alter(new, f"DROP COLUMN {self._q(column.name)}", f"Drop {column.name}", LOSES if column.generated is None else "")
        for column in new.columns:
            if old.column(column.name) is None or column.name in moved:
                is_risky = column.not_null and column.default is None and not column.is_identity and column.generated is None
                yield self._alter(new, f"ADD COLUMN {self._after.column(new, column)}", f"Add {column.name}", MAY_FAIL if is_risky else "")

    def _comments(self, pair: Pair) -> Iterator[Step]:
        old, new = pair
        table, moved = self._after.name(new), self._seen.moved(new)
        if old.comment != new.comment:
            yield Step(f"COMMENT ON TABLE {table} IS {literal(new.comment, 'postgres') if new.comment else 'NULL'}", new.key, "Describe it")
        for column in new.columns:
            other = None if column.name in moved else old.column(column.name)
            if column.comment != (other.comment if other is not None else ""):
                said = literal(column.comment, "postgres") if column.comment else "NULL"
                yield Step(f"COMMENT ON COLUMN {table}.{self._q(column.name)} IS {said}", new.key, f"Describe {column.name}")

    def _filled(self, table: Table, column: Column, other: Column) -> Iterator[Step]:
        """Rows without a value get the default before they must have one."""
        default = self._after.default(table, column)
        if column.not_null and not other.not_null and default:
            name = self._q(column.name)
            sql = f"UPDATE {self._after.name(table)} SET {name} = {default} WHERE {name} IS NULL"  # noqa: S608 - written for a person, never run here
            yield Step(sql, table.key, f"Fill empty {column.name} with its default")

    def _mysql_change(self, pair: Pair, column: Column, other: Column) -> Iterator[Step]:
        old, new = pair
        before, after = self._seen.before, self._after
        wanted = after.column(new, column)
        if before.column(old, other) == wanted:
            return
        yield from self._filled(new, column, other)
        is_narrowed = before.type(old, other) != after.type(new, column) and not widens(other, column)
        is_risky = is_narrowed or (column.not_null and not other.not_null)
        yield self._alter(new, f"MODIFY COLUMN {wanted}", f"Change {column.name}", MAY_FAIL if is_risky else "")

    def _postgres_changes(self, pair: Pair, column: Column, other: Column) -> Iterator[Step]:
        old, new = pair
        name = f"ALTER COLUMN {self._q(column.name)}"
        old_type, new_type = self._seen.before.type(old, other), self._after.type(new, column)
        old_default, new_default = self._seen.before.default(old, other), self._after.default(new, column)
        if other.is_identity and not column.is_identity:
            yield self._alter(new, f"{name} DROP IDENTITY IF EXISTS", f"{column.name} counts no longer by itself")
            yield self._alter(new, f"{name} DROP DEFAULT", "Nor by a sequence, as a serial column does")
        is_new_type = column.name in self._seen.types(new)
        if old_default and (is_new_type or not new_default):
            yield self._alter(new, f"{name} DROP DEFAULT", f"Drop the default of {column.name}")
        if is_new_type:
            using = _cast(self._q(column.name), other, column, new_type)
            in_zone = {other.type.kind, column.type.kind} == {"timestamp", "timestamptz"}
            what = f"Change {column.name} from {old_type} to {new_type}{', in the time zone of the session' if in_zone else ''}"
            yield self._alter(new, f"{name} TYPE {new_type} USING {using}", what, "" if in_zone or widens(other, column) else MAY_FAIL)
        if new_default and (is_new_type or new_default != old_default):
            yield self._alter(new, f"{name} SET DEFAULT {new_default}", f"Set the default of {column.name} to {new_default[:40]}")
        yield from self._postgres_nulls(new, column, other)
        if column.is_identity and not other.is_identity:
            kind = "ALWAYS" if column.is_always else "BY DEFAULT"
            yield self._alter(new, f"{name} ADD GENERATED {kind} AS IDENTITY", f"{column.name} counts by itself: set its sequence past the largest value")

    def _postgres_nulls(self, table: Table, column: Column, other: Column) -> Iterator[Step]:
        if column.not_null == other.not_null:
            return
        yield from self._filled(table, column, other)
        action, risk, what = ("SET NOT NULL", MAY_FAIL, "must have a value") if column.not_null else ("DROP NOT NULL", "", "may be empty")
        yield self._alter(table, f"ALTER COLUMN {self._q(column.name)} {action}", f"{column.name} {what}", risk)


def _cast(name: str, old: Column, new: Column, wanted: str) -> str:
    """How PostgreSQL turns the old value into the new one; through text where it has no cast of its own."""
    kinds = {old.type.kind, new.type.kind}
    is_direct = any(kinds <= family for family in _FAMILIES) or old.type.kind in _TEXTS or new.type.kind in _TEXTS
    is_enum = new.type.kind == "enum" and old.type.kind == "enum"
    return f"{name}::{wanted}" if is_direct and not is_enum else f"{name}::TEXT::{wanted}"
