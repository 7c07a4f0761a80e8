"""Two versions of a schema compared: what was renamed, what goes and what comes, table by table.

Tables and columns are known by their names; what was renamed is said. Constraints and indexes are known by what they say: one that says
the same keeps the name that it has.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlglot import exp

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.ddl.model import Check, Column, Database, ForeignKey, Index, Part, Table, Unique, enums, sound
from credit_studio.tools.dev.ddl.writing import Writer, written

T = TypeVar("T")
Pair = tuple[Table, Table]
_ALIKE = 0.6  # share of column names that makes two tables look like one


@dataclass(frozen=True)
class Rename:
    """`column` is "" for a table. `table` is its old key."""

    table: str
    column: str
    new: str


def renames(lines: tuple[str, ...], old: Database, new: Database, where: str) -> list[Rename]:
    """What the lines "old -> new" say, checked against both versions; raises `InputError` on the line."""
    found: list[Rename] = []
    for place, line in enumerate(lines):
        if line.strip():
            one = _rename(line, old, new, f"{where}.{place}")
            same = [(other.table, other.column) if one.column else (other.new, "") for other in found if bool(other.column) == bool(one.column)]
            if (one.table, one.column) in same or (one.new, "") in same or any((one.table, one.new) == (other.table, other.new) for other in found):
                raise InputError(f"{where}.{place}", "Stands twice, or gives two of them the same name.")
            found.append(one)
    return found


def _rename(line: str, old: Database, new: Database, where: str) -> Rename:
    before, arrow, after = (part.strip() for part in line.partition("->"))
    if not arrow or not before or not after:
        raise InputError(where, "Write it as orders -> purchase, or orders.total -> amount.")
    if before in old.tables:
        if after not in new.tables or after in old.tables:
            raise InputError(where, f"{after[:80]} must be a table of the new version, and none of the old one.")
        return Rename(before, "", after)
    key, _, name = before.rpartition(".")
    table = old.tables.get(key)
    if table is None or table.column(name) is None:
        raise InputError(where, f"The old version has no table or column {before[:80]}.")
    if table.column(after.rpartition(".")[2]) is not None:
        raise InputError(where, f"{key[:80]} has a column {after[:80]} already.")
    return Rename(key, name, after.rpartition(".")[2])


def renamed(old: Database, changes: list[Rename]) -> Database:
    """The old version with its new names; the names of its constraints and indexes stay."""
    database = copy.deepcopy(old)
    for change in (one for one in changes if one.column):
        for table in database.tables.values():
            _rename_column(table, change)
    for change in (one for one in changes if not one.column):
        table = database.tables[change.table]
        table.namespace, _, table.name = change.new.rpartition(".")
        for one in database.tables.values():
            one.foreign = [replace(key, table=change.new) if key.table == change.table else key for key in one.foreign]
    database.tables = {table.key: table for table in database.tables.values()}
    return database


def _rename_column(table: Table, change: Rename) -> None:
    table.foreign = [replace(key, targets=_swapped(key.targets, change)) if key.table == change.table else key for key in table.foreign]
    if table.key != change.table:
        return
    for column in table.columns:
        column.name = change.new if column.name == change.column else column.name
        _swap_inside(column.generated, change)
    table.primary = _swapped(table.primary, change)
    table.uniques = [replace(one, columns=_swapped(one.columns, change)) for one in table.uniques]
    table.foreign = [replace(one, columns=_swapped(one.columns, change)) for one in table.foreign]
    table.indexes = [replace(one, parts=tuple(_swapped_part(part, change) for part in one.parts)) for one in table.indexes]
    for expression in (*(one.expression for one in table.checks), *(one.where for one in table.indexes)):
        _swap_inside(expression, change)


def _swapped(columns: tuple[str, ...], change: Rename) -> tuple[str, ...]:
    return tuple(change.new if name == change.column else name for name in columns)


def _swapped_part(part: Part, change: Rename) -> Part:
    _swap_inside(part.expression, change)
    return replace(part, column=change.new) if part.column == change.column else part


def _swap_inside(expression: Any, change: Rename) -> None:  # noqa: ANN401 - sqlglot's
    for one in expression.find_all(exp.Column) if expression is not None else ():
        if one.name == change.column:
            one.set("this", exp.to_identifier(change.new))


def suggestions(old: Database, new: Database) -> list[str]:
    """Lines that would say what looks renamed: one column or table gone, and one like it come."""
    found: list[str] = []
    for before, after in pairs(old, new):
        gone = [one for one in before.columns if after.column(one.name) is None]
        come = [one for one in after.columns if before.column(one.name) is None]
        found += [f"{before.key}.{one.name} -> {other.name}" for one in gone for other in come if one.type == other.type][:5]
    lost = [one for one in old.tables.values() if one.key not in new.tables]
    made = [one for one in new.tables.values() if one.key not in old.tables]
    return found + [f"{one.key} -> {other.key}" for one in lost for other in made if _alike(one, other)][:5]


def _alike(one: Table, other: Table) -> bool:
    mine, theirs = {column.name for column in one.columns}, {column.name for column in other.columns}
    return len(mine & theirs) >= _ALIKE * max(len(mine), len(theirs))


def pairs(old: Database, new: Database) -> list[Pair]:
    """The tables that both have, in the order of the new version."""
    return [(old.tables[key], table) for key, table in new.tables.items() if key in old.tables]


def changes(old: list[T], new: list[T], says: Callable[[T], object], is_shaken: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """What goes and what comes: by what each says; one that is shaken goes and comes again."""
    wanted = {says(one) for one in new}
    gone = [one for one in old if says(one) not in wanted or is_shaken(one)]
    going = {id(one) for one in gone}
    kept = {says(one) for one in old if id(one) not in going}
    return gone, [one for one in new if says(one) not in kept]


@dataclass(frozen=True)
class Changes:
    """What goes from a table and what comes to it, beside its columns."""

    foreign: tuple[list[ForeignKey], list[ForeignKey]]
    checks: tuple[list[Check], list[Check]]
    uniques: tuple[list[Unique], list[Unique]]
    indexes: tuple[list[Index], list[Index]]
    is_primary_new: bool


class Difference:
    """How the tables of two versions differ in one dialect."""

    def __init__(self, old: Database, new: Database, dialect: str) -> None:
        self.dialect = dialect
        self.old, self.new = old, new
        self.before, self.after = Writer(old, dialect), Writer(new, dialect)
        self.pairs = pairs(old, new)
        self.gone = [table for key, table in old.tables.items() if key not in new.tables]
        self.come = [table for key, table in new.tables.items() if key not in old.tables]
        self._types = {pair[1].key: self._type_changes(pair) for pair in self.pairs}
        self._moved = {pair[1].key: self._moved_of(pair) for pair in self.pairs}

    def moved(self, table: Table) -> set[str]:
        """The generated columns that must be made anew: another expression, or what they are made of changes or goes."""
        return self._moved[table.key]

    def changes(self, pair: Pair) -> Changes:
        """What goes from a table and what comes to it."""
        old, new = pair
        moved, shaken = self._moved[new.key], self._moved[new.key] | self._types[new.key]
        return Changes(
            foreign=changes(sound(self.old, old), sound(self.new, new), says_foreign, lambda one: self._shakes(one, new)),
            checks=changes(self.before.checks(old), self.after.checks(new), self.says_check, lambda one: bool(_columns(one.expression) & shaken)),
            uniques=changes(old.uniques, new.uniques, lambda one: one.columns, lambda one: bool(set(one.columns) & moved)),
            indexes=changes(self._indexes(self.before, old), self._indexes(self.after, new), self._says_index, lambda one: _index_shakes(one, moved, shaken)),
            is_primary_new=old.primary != new.primary or bool(set(old.primary) & moved),
        )

    def _indexes(self, writer: Writer, table: Table) -> list[Index]:
        return [one for one in table.indexes if writer.index(table, one)]

    def _type_changes(self, pair: Pair) -> set[str]:
        """The columns of both whose type is another one."""
        old, new = pair
        both = [(column, other) for column in new.columns if (other := old.column(column.name)) is not None]
        lost = self.narrowed()
        return {column.name for column, other in both if self.after.type(new, column) != self.before.type(old, other) or column.type.words in lost}

    def narrowed(self) -> set[str]:
        """The enum types of PostgreSQL that are made anew: a value goes, or they stand in another order."""
        before = enums(self.old) if self.dialect == "postgres" else {}
        return {name for name, values in enums(self.new).items() if name in before and not is_within(before[name], values)}

    def types(self, table: Table) -> set[str]:
        """The columns of both versions whose type is another one."""
        return self._types[table.key]

    def _moved_of(self, pair: Pair) -> set[str]:
        old, new = pair
        shaken = self._types[new.key] | {one.name for one in old.columns if new.column(one.name) is None}
        found: set[str] = set()
        for column in new.columns:
            other = old.column(column.name)
            if other is not None and (column.generated is not None or other.generated is not None):
                says_else = self._generated(column) != self._generated(other)
                if says_else or column.name in shaken or _columns(other.generated) & shaken:
                    found.add(column.name)
        return found

    def _generated(self, column: Column) -> str:
        return "" if column.generated is None else written(column.generated, self.dialect)

    def says_check(self, check: Check) -> object:
        """What makes two checks the same."""
        return written(check.expression, self.dialect)

    def _says_index(self, index: Index) -> object:
        parts = tuple((part.column, "" if part.expression is None else written(part.expression, self.dialect), part.is_descending) for part in index.parts)
        return parts, index.is_unique, "" if index.where is None else written(index.where, self.dialect), index.method

    def _shakes(self, key: ForeignKey, table: Table) -> bool:
        """True when a foreign key has to go for a while: a column of either end gets another type, or the key that it names is made anew."""
        target = next((pair for pair in self.pairs if pair[1].key == key.table), None)
        ends = (self._types[table.key] | self._moved[table.key]) & set(key.columns)
        if ends or target is None:
            return bool(ends)
        old, new = target
        named = set(key.targets)
        lost = [set(one.columns) for one in old.uniques if all(one.columns != other.columns for other in new.uniques)]
        is_new_key = old.primary != new.primary and set(old.primary) == named
        return is_new_key or named in lost or bool((self._types[new.key] | self._moved[new.key]) & named)


def is_within(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """True when all of `some` are among the others, in the same order."""
    ahead = iter(others)
    return all(one in ahead for one in some)


def says_foreign(key: ForeignKey) -> object:
    """What makes two foreign keys the same."""
    actions = tuple("" if action == "NO ACTION" else action for action in (key.on_delete, key.on_update))
    return key.columns, key.table, key.targets, actions


def _columns(expression: Any) -> set[str]:  # noqa: ANN401 - sqlglot's
    return {one.name for one in expression.find_all(exp.Column)} if expression is not None else set()


def _index_shakes(index: Index, moved: set[str], shaken: set[str]) -> bool:
    inside = _columns(index.where).union(*(_columns(part.expression) for part in index.parts))
    return bool(inside & shaken or {part.column for part in index.parts} & moved)


_WIDER = ("smallint", "integer", "bigint", "decimal")


def widens(old: Column, new: Column) -> bool:
    """True when every old value fits the new type as it is."""
    one, other = old.type, new.type
    if one.kind in _WIDER and other.kind in _WIDER and not one.sizes and not other.sizes:
        return _WIDER.index(one.kind) <= _WIDER.index(other.kind)
    if one.kind == other.kind == "decimal" and one.sizes and other.sizes:
        mine, theirs = (*one.sizes, 0)[:2], (*other.sizes, 0)[:2]
        return mine[0] - mine[1] <= theirs[0] - theirs[1] and mine[1] <= theirs[1]
    if other.kind in {"text", "varchar"} and one.kind in {"char", "varchar", "text", "enum"}:
        return not other.sizes or bool(one.sizes and one.kind != "enum" and one.sizes[0] <= other.sizes[0])
    return (one.kind == other.kind == "enum" and set(one.values) <= set(other.values)) or (one.kind, other.kind) == ("real", "double")
