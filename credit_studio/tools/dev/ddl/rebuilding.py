"""The same for SQLite, whose ALTER TABLE renames and adds only: a table that changes otherwise is made anew and its rows are copied.

The order is that of "Making Other Kinds Of Table Schema Changes" in https://sqlite.org/lang_altertable.html.
"""

from collections.abc import Iterator

from sqlglot import exp

from credit_studio.tools.dev.ddl.comparing import Changes, Difference, Pair, Rename, renamed, widens
from credit_studio.tools.dev.ddl.migrating import LOSES, MAY_FAIL, Step
from credit_studio.tools.dev.ddl.model import Column, Database, Table, sound
from credit_studio.tools.dev.ddl.writing import quoted


def rebuild(old: Database, new: Database, changes: list[Rename]) -> list[Step]:
    """The steps from one version to the next in SQLite, in one transaction; none when nothing changes."""
    steps = list(_Rebuild(old, new, changes).steps())
    if not steps:
        return []
    before = [Step("PRAGMA foreign_keys = OFF", "", "Let tables be made anew"), Step("BEGIN", "", "Begin")]
    after = [
        Step("PRAGMA foreign_key_check", "", "Must give no row"),
        Step("COMMIT", "", "Keep it all"),
        Step("PRAGMA foreign_keys = ON", "", "Hold foreign keys again"),
    ]
    return [*before, *steps, *after]


class _Rebuild:
    def __init__(self, old: Database, new: Database, changes: list[Rename]) -> None:
        self._seen = Difference(renamed(old, changes), new, "sqlite")
        self._old, self._renamed = old, changes
        self._after = self._seen.after

    def steps(self) -> Iterator[Step]:
        """Names, tables that go, tables that change, tables that come."""
        yield from self._renames()
        for table in self._seen.gone:
            yield Step(f"DROP TABLE {self._after.name(table)}", table.key, "Drop the table with its rows", LOSES)
        for pair in self._seen.pairs:
            change = self._seen.changes(pair)
            yield from self._anew(pair, change) if self._must_be_made_anew(pair, change) else self._in_place(pair, change)
        for table in self._seen.come:
            yield Step(self._after.create(table, sound(self._seen.new, table)), table.key, "Create the table")
            yield from (Step(sql, table.key, "Index the new table") for sql in self._after.indexes(table))

    def _renames(self) -> Iterator[Step]:
        for change in (one for one in self._renamed if one.column):
            table = self._after.name(self._old.tables[change.table])
            sql = f"ALTER TABLE {table} RENAME COLUMN {quoted(change.column, 'sqlite')} TO {quoted(change.new, 'sqlite')}"
            yield Step(sql, change.table, f"Rename {change.column} to {change.new}")
        for change in (one for one in self._renamed if not one.column):
            table, target = self._after.name(self._old.tables[change.table]), self._after.name(self._seen.new.tables[change.new])
            yield Step(f"ALTER TABLE {table} RENAME TO {target}", change.table, f"Rename it to {change.new}")

    def _must_be_made_anew(self, pair: Pair, change: Changes) -> bool:
        old, new = pair
        keys = (*change.foreign, *change.checks, *change.uniques)
        if change.is_primary_new or any(keys) or any(new.column(one.name) is None for one in old.columns):
            return True
        return any(self._is_changed(pair, column) for column in new.columns)

    def _is_changed(self, pair: Pair, column: Column) -> bool:
        """True for a column that says something else, or a new one that ADD COLUMN does not take."""
        old, new = pair
        other = old.column(column.name)
        if other is not None:
            return self._seen.before.column(old, other) != self._after.column(new, column)
        is_constant = isinstance(column.default, (exp.Literal, exp.Boolean, exp.Neg))
        return column.is_identity or column.generated is not None or not (is_constant or (column.default is None and not column.not_null))

    def _in_place(self, pair: Pair, change: Changes) -> Iterator[Step]:
        old, new = pair
        for one in change.indexes[0]:
            yield Step(f"DROP INDEX {quoted(one.name, 'sqlite')}", old.key, f"Drop the index {one.name}")
        for column in new.columns:
            if old.column(column.name) is None:
                yield Step(f"ALTER TABLE {self._after.name(new)} ADD COLUMN {self._after.column(new, column)}", new.key, f"Add {column.name}")
        for one in change.indexes[1]:
            yield Step(self._after.index(new, one), new.key, f"Create the index {one.name}", MAY_FAIL if one.is_unique else "")

    def _anew(self, pair: Pair, change: Changes) -> Iterator[Step]:
        old, new = pair
        name = self._after.name(new)
        aside = quoted(
            next(one for one in (f"{'new_' * count}{new.name}" for count in range(1, 9)) if one not in {*self._seen.old.tables, *self._seen.new.tables}),
            "sqlite",
        )
        yield Step(self._after.create(new, sound(self._seen.new, new), aside), new.key, "Make the table anew beside the old one")
        kept = [column for column in new.columns if column.generated is None and old.column(column.name) is not None]
        if kept:
            columns = ", ".join(quoted(column.name, "sqlite") for column in kept)
            values = ", ".join(self._value(pair, column) for column in kept)
            risk = MAY_FAIL if self._can_fail(pair, change) else ""
            yield Step(f"INSERT INTO {aside} ({columns})\nSELECT {values}\nFROM {name}", new.key, "Copy its rows", risk)
        lost = [column.name for column in old.columns if column.generated is None and new.column(column.name) is None]
        yield Step(f"DROP TABLE {name}", new.key, f"Drop the old one{', and with it ' + ', '.join(lost) if lost else ''}", LOSES if lost else "")
        yield Step(f"ALTER TABLE {aside} RENAME TO {name}", new.key, "Give it the name")
        yield from (Step(sql, new.key, "Index it anew") for sql in self._after.indexes(new))

    def _value(self, pair: Pair, column: Column) -> str:
        """The old value; the default where there is none and must be one."""
        old, new = pair
        other, name, default = old.column(column.name), quoted(column.name, "sqlite"), self._after.default(new, column)
        is_filled = other is not None and column.not_null and not other.not_null and default
        return f"COALESCE({name}, {default})" if is_filled else name

    def _can_fail(self, pair: Pair, change: Changes) -> bool:
        """True when rows of the old table need not fit the new one."""
        old, new = pair
        if change.is_primary_new or change.foreign[1] or change.checks[1] or change.uniques[1]:
            return True
        return any(_is_tighter(old, column) for column in new.columns)


def _is_tighter(old: Table, column: Column) -> bool:
    other = old.column(column.name)
    if other is None:
        return column.not_null and column.default is None and not column.is_identity
    return (column.not_null and not other.not_null and column.default is None) or (column.type != other.type and not widens(other, column))
