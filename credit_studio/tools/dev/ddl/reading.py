"""SQL DDL read into a schema without a dialect (sqlglot parses): tables, keys, checks, indexes, and what ALTER and COMMENT add to them.

Names without quotes are lower-cased for PostgreSQL, which does so itself. Constraints without a name get the one that PostgreSQL would give.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from credit_studio.tools.base import InputError
from credit_studio.tools.data.sql.statements import parse
from credit_studio.tools.dev.ddl.model import Check, Column, Database, ForeignKey, Index, Part, Table, Type, Unique

MOST_TABLES, MOST_COLUMNS, MOST_KEYS = 120, 800, 1_000
_TAIL = re.compile(
    r"\)[ \t\r\n]{0,20}(?:WITHOUT[ \t]{1,5}ROWID|STRICT)(?:[ \t]{0,5},[ \t]{0,5}(?:WITHOUT[ \t]{1,5}ROWID|STRICT))?(?=[ \t\r\n]{0,20}(?:;|\Z))", re.IGNORECASE
)
_AUTO = re.compile(r"(?:TABLE\s+)(?:ONLY\s+)?([\w.\"]+)\s+ALTER\s+(?:COLUMN\s+)?(\w+|\"\w+\")\s+ADD\s+GENERATED(\s+ALWAYS)?", re.IGNORECASE)
_WITHOUT_SCHEMA = re.compile(
    r"(?:SET|SELECT|PRAGMA|UNLOCK|LOCK|DROP|BEGIN|START|COMMIT|USE|(?:CREATE|ALTER) (?:SCHEMA|SEQUENCE|DATABASE)|ALTER \w+ \S+ OWNER)\b", re.IGNORECASE
)
"""Statements of a dump that say nothing of tables: they are passed over in silence."""
_KINDS: dict[str, str] = {
    "TINYINT": "smallint", "SMALLINT": "smallint", "USMALLINT": "integer", "UTINYINT": "smallint", "INT": "integer", "MEDIUMINT": "integer",
    "UMEDIUMINT": "integer", "UINT": "bigint", "BIGINT": "bigint", "UBIGINT": "bigint", "SERIAL": "integer", "SMALLSERIAL": "smallint",
    "BIGSERIAL": "bigint", "DECIMAL": "decimal", "MONEY": "decimal", "FLOAT": "real", "DOUBLE": "double", "BOOLEAN": "boolean", "BIT": "boolean",
    "CHAR": "char", "NCHAR": "char", "BPCHAR": "char", "VARCHAR": "varchar", "NVARCHAR": "varchar", "TEXT": "text", "TINYTEXT": "text",
    "MEDIUMTEXT": "text", "LONGTEXT": "text", "DATE": "date", "TIME": "time", "TIMETZ": "time", "TIMESTAMP": "timestamp", "DATETIME": "timestamp",
    "TIMESTAMPNTZ": "timestamp", "TIMESTAMPTZ": "timestamptz", "TIMESTAMPLTZ": "timestamptz", "YEAR": "smallint", "INTERVAL": "interval",
    "UUID": "uuid", "JSON": "json", "JSONB": "json", "BINARY": "bytes", "VARBINARY": "bytes", "BLOB": "bytes", "TINYBLOB": "bytes",
    "MEDIUMBLOB": "bytes", "LONGBLOB": "bytes", "ROWVERSION": "bytes",
}  # fmt: skip
_SERIAL = {"SERIAL", "SMALLSERIAL", "BIGSERIAL"}
_DIGITS, _SINGLE = 8, 24  # of a length; bits of a FLOAT that is not double in standard SQL
_SIZED = {"decimal": 2, "char": 1, "varchar": 1}


def read(sql: str, dialect: str, where: str) -> Database:
    """The schema that the statements make; raises `InputError` on the field `where` with the line."""
    return finished(read_open(sql, dialect, where))


def read_open(sql: str, dialect: str, where: str) -> Database:
    """The same, open for more tables; `finished` closes it."""
    text = _TAIL.sub(")", sql) if dialect == "sqlite" else sql
    reader = _Reader(dialect, where)
    for line, statement in parse(text, dialect, where):
        reader.take(line, statement)
    return reader.database


def finished(database: Database) -> Database:
    """The schema with what its parts leave unsaid: names and targets of foreign keys, names of indexes, checks of enums."""
    taken: set[str] = set()
    for table in database.tables.values():
        table.foreign = [_reference(database, table, one) for one in table.foreign]
        table.indexes = [replace(one, name=_free(one.name, taken), where=_plain(table, one.where)) for one in table.indexes]
        table.checks = [replace(one, expression=_plain(table, one.expression)) for one in table.checks]
        table.checks += [_values(table, column) for column in table.columns if column.type.kind == "enum"]
    return database


def _reference(database: Database, table: Table, given: ForeignKey) -> ForeignKey:
    target = database.tables.get(given.table)
    name = given.name or short(f"{table.name}_{'_'.join(given.columns)}_fkey")
    return replace(given, name=name, targets=given.targets or (target.primary if target is not None else ()))


def _plain(table: Table, expression: Any) -> Any:  # noqa: ANN401 - sqlglot's
    """An expression without the casts that PostgreSQL writes around literals, and with true and false where a yes or no is compared with 1 or 0."""
    if expression is None:
        return None
    flags = {column.name for column in table.columns if column.type.kind == "boolean"}

    def simple(node: Any) -> Any:  # noqa: ANN401 - the same
        inner = node.this if isinstance(node, exp.Cast) else None
        inner = inner.this if isinstance(inner, exp.Paren) else inner
        if isinstance(inner, exp.Literal):
            return inner
        is_flag = isinstance(node, (exp.EQ, exp.NEQ)) and isinstance(node.this, exp.Column) and node.this.name in flags
        if is_flag and isinstance(node.expression, exp.Literal) and node.expression.name in {"0", "1"}:
            return type(node)(this=node.this, expression=exp.true() if node.expression.name == "1" else exp.false())
        return node

    return expression.transform(simple)


def _free(name: str, taken: set[str]) -> str:
    """The name, numbered when an index has it already: PostgreSQL and SQLite know an index by its name alone."""
    free = next(one for one in (name, *(f"{name}{number}" for number in range(1, len(taken) + 2))) if one not in taken)
    taken.add(free)
    return free


def _values(table: Table, column: Column) -> Check:
    values: list[Any] = [exp.Literal.string(value) for value in column.type.values]
    return Check(short(f"{table.name}_{column.name}_values"), exp.In(this=exp.column(column.name), expressions=values), column.name)


def short(name: str) -> str:
    """A name cut to the 63 characters that PostgreSQL keeps."""
    return name if len(name) <= 63 else f"{name[:50]}{name[-13:]}"  # noqa: PLR2004 - said above


class _Reader:
    """Takes statements one after the other."""

    def __init__(self, dialect: str, where: str) -> None:
        self._dialect = dialect
        self._where = where
        self.database = Database()
        self._enums: dict[str, tuple[str, ...]] = {}
        self._line = 0
        self._columns = 0
        self._keys = 0

    def take(self, line: int, statement: exp.Expr) -> None:
        """Read one statement; what makes no table, key or index is noted as unread."""
        self._line = line
        kind = str(statement.args.get("kind") or "").upper()
        if isinstance(statement, exp.Create) and kind == "TABLE" and isinstance(statement.this, exp.Schema):
            self._create(statement)
        elif isinstance(statement, exp.Create) and kind == "INDEX":
            self._index(statement)
        elif isinstance(statement, exp.Create) and kind == "TYPE" and isinstance(statement.expression, exp.DataType):
            self._enums[self._table_key(statement.this)] = tuple(one.name for one in statement.expression.expressions)
        elif isinstance(statement, exp.Alter) and kind == "TABLE":
            self._alter(statement)
        elif isinstance(statement, exp.Comment):
            self._comment(statement, kind)
        else:
            self._other(statement)

    def _refuse(self, message: str) -> InputError:
        return InputError(self._where, f"Line {self._line or 1}: {message}")

    def _name(self, given: Any) -> str:  # noqa: ANN401 - sqlglot's
        one = given.this if isinstance(given, exp.Column) else given
        text = str(getattr(one, "name", "") or "")
        is_quoted = bool(getattr(one, "args", {}).get("quoted"))
        return text if is_quoted or self._dialect != "postgres" else text.lower()

    def _table_key(self, given: Any) -> str:  # noqa: ANN401 - sqlglot's
        namespace = self._namespace(given)
        name = self._name(given.this if isinstance(given, exp.Table) else given)
        return f"{namespace}.{name}" if namespace else name

    def _namespace(self, given: Any) -> str:  # noqa: ANN401 - sqlglot's
        namespace = self._name(given.args.get("db")) if isinstance(given, exp.Table) and given.args.get("db") else ""
        return "" if namespace in {"public", "main", "dbo"} else namespace

    def _create(self, statement: Any) -> None:  # noqa: ANN401 - sqlglot's
        schema = statement.this
        table = Table(self._name(schema.this.this), self._namespace(schema.this), line=self._line)
        if not table.name or table.key in self.database.tables:
            raise self._refuse(f"The table {table.key[:80]!r} is declared twice." if table.name else "A table without a name.")
        if len(self.database.tables) >= MOST_TABLES:
            raise self._refuse(f"More than {MOST_TABLES} tables. Give a part of them.")
        self.database.tables[table.key] = table
        for item in schema.expressions:
            self._item(table, item)
        for one in statement.find_all(exp.SchemaCommentProperty):
            table.comment = one.name
        if not table.columns:
            raise self._refuse(f"The table {table.key[:80]!r} has no columns that can be read.")

    def _item(self, table: Table, item: Any) -> None:  # noqa: ANN401 - sqlglot's
        if isinstance(item, exp.ColumnDef):
            self._column(table, item)
        elif isinstance(item, exp.Constraint):
            for inner in item.expressions:
                self._constraint(table, inner, self._name(item.this))
        elif isinstance(item, exp.Identifier):  # SQLite: a column without a type
            self._add(table, Column(self._name(item), Type("text")))
        else:
            self._constraint(table, item, "")

    def _add(self, table: Table, column: Column) -> None:
        self._columns += 1
        if self._columns > MOST_COLUMNS:
            raise self._refuse(f"More than {MOST_COLUMNS:,} columns. Give a part of the tables.")
        if table.column(column.name) is not None:
            raise self._refuse(f"The column {column.name[:80]!r} of {table.key[:80]} is declared twice.")
        table.columns.append(column)

    def _column(self, table: Table, item: Any) -> None:  # noqa: ANN401 - sqlglot's
        kind = item.args.get("kind")
        column = Column(self._name(item.this), self._type(kind), is_identity=isinstance(kind, exp.DataType) and kind.this.name in _SERIAL)
        self._add(table, column)
        for constraint in _listed(item, "constraints"):
            self._column_constraint(table, column, constraint)
        if self._dialect == "sqlite" and column.name in table.primary and column.type.kind == "integer" and len(table.primary) == 1:
            column.is_identity = True  # it names the row id, which SQLite counts up by itself

    def _type(self, kind: Any) -> Type:  # noqa: ANN401 - sqlglot's
        if not isinstance(kind, exp.DataType):
            return Type("text") if kind is None else Type("other", words=kind.sql(dialect=self._dialect))
        word = kind.this.name if hasattr(kind.this, "name") else str(kind.this)
        if word == "ARRAY" and kind.expressions:
            return Type("array", of=self._type(kind.expressions[0]))
        if word.startswith("ENUM"):
            return Type("enum", values=tuple(one.name for one in kind.expressions))
        return self._own_type(kind) if word == "USERDEFINED" or word not in _KINDS else self._known_type(kind, word)

    def _known_type(self, kind: exp.DataType, word: str) -> Type:
        sizes = tuple(int(one.name) for one in kind.expressions if isinstance(one, exp.DataTypeParam) and one.name.isdigit() and len(one.name) < _DIGITS)
        if word == "TINYINT" and sizes == (1,):
            return Type("boolean")
        if word == "BIT" and sizes not in {(), (1,)}:
            return Type("bytes")
        if word == "FLOAT" and self._dialect != "mysql" and sizes and sizes[0] > _SINGLE:
            return Type("double")
        return Type(_KINDS[word], {"MONEY": (19, 2)}.get(word, sizes[: _SIZED.get(_KINDS[word], 0)]))

    def _own_type(self, kind: exp.DataType) -> Type:
        words = kind.sql(dialect=self._dialect)
        name = words.lower().replace("public.", "").replace('"', "")
        known = self._enums.get(name)
        return Type("enum", values=known, words=name) if known else Type("other", words=words)

    def _column_constraint(self, table: Table, column: Column, given: Any) -> None:  # noqa: ANN401 - sqlglot's
        kind, name = given.args.get("kind"), self._name(given.this) if given.args.get("this") else ""
        simple: dict[Any, Callable[[Any], None]] = {
            exp.NotNullColumnConstraint: lambda one: setattr(column, "not_null", not one.args.get("allow_null")),
            exp.PrimaryKeyColumnConstraint: lambda _: self._primary(table, (column.name,), name),
            exp.UniqueColumnConstraint: lambda _: self._unique(table, (column.name,), name),
            exp.AutoIncrementColumnConstraint: lambda _: setattr(column, "is_identity", True),
            exp.CommentColumnConstraint: lambda one: setattr(column, "comment", one.name),
            exp.CheckColumnConstraint: lambda one: self._check(table, one.this, name, column.name),
            exp.DefaultColumnConstraint: lambda one: self._default(column, one.this),
            exp.ComputedColumnConstraint: lambda one: setattr(column, "generated", one.this),
            exp.GeneratedAsIdentityColumnConstraint: lambda one: self._generated(column, one),
            exp.Reference: lambda one: self._foreign(table, (column.name,), one, name),
        }
        take = simple.get(type(kind))
        if take is not None:
            take(kind)

    def _generated(self, column: Column, kind: Any) -> None:  # noqa: ANN401 - sqlglot's
        if kind.args.get("expression") is not None:
            column.generated = kind.args["expression"]
        else:
            column.is_identity, column.not_null, column.is_always = True, True, bool(kind.args.get("this"))

    def _default(self, column: Column, value: Any) -> None:  # noqa: ANN401 - sqlglot's
        while isinstance(value, (exp.Paren, exp.Cast)):
            value = value.this
        if isinstance(value, exp.Anonymous) and value.name.lower() == "nextval":
            column.is_identity = True
        elif isinstance(value, exp.Null):
            column.default = None
        elif column.type.kind == "boolean" and isinstance(value, exp.Literal) and value.name in {"0", "1"}:
            column.default = exp.true() if value.name == "1" else exp.false()
        else:
            column.default = value

    def _constraint(self, table: Table, given: Any, name: str) -> None:  # noqa: ANN401 - sqlglot's
        if isinstance(given, exp.PrimaryKey):
            self._primary(table, self._names(given.expressions), name)
        elif isinstance(given, exp.UniqueColumnConstraint) and given.this is not None:
            own = self._name(given.this.this) if getattr(given.this, "this", None) else ""
            self._unique(table, self._names(given.this.expressions), name or own)
        elif isinstance(given, exp.ForeignKey):
            self._foreign(table, self._names(given.expressions), given.args.get("reference"), name)
        elif isinstance(given, exp.CheckColumnConstraint):
            self._check(table, given.this, name, "")
        elif isinstance(given, exp.IndexColumnConstraint) and not given.args.get("kind"):
            self._count()
            parts = tuple(self._part(one) for one in given.expressions)
            table.indexes.append(Index(self._name(given.this) or _index_name(table, parts), parts))
        else:
            self._note(given)

    def _names(self, items: list[Any]) -> tuple[str, ...]:
        return tuple(self._part(one).column for one in items)

    def _part(self, item: Any) -> Part:  # noqa: ANN401 - sqlglot's
        inner = item.this if isinstance(item, exp.Ordered) else item
        is_descending = bool(item.args.get("desc")) if isinstance(item, exp.Ordered) else False
        while isinstance(inner, (exp.ColumnPrefix, exp.Collate, exp.Opclass, exp.Paren)):
            inner = inner.this
        if isinstance(inner, (exp.Column, exp.Identifier)):
            return Part(self._name(inner), is_descending=is_descending)
        return Part("", inner, is_descending)

    def _count(self) -> None:
        """One key, check or index more; raises `InputError` when they are too many."""
        self._keys += 1
        if self._keys > MOST_KEYS:
            raise self._refuse(f"More than {MOST_KEYS:,} keys, checks and indexes. Give a part of the tables.")

    def _primary(self, table: Table, columns: tuple[str, ...], name: str) -> None:
        if table.primary and table.primary != columns:
            raise self._refuse(f"The table {table.key[:80]} has two primary keys.")
        table.primary, table.primary_name = columns, name or short(f"{table.name}_pkey")
        for column in table.columns:
            column.not_null = column.not_null or column.name in columns

    def _unique(self, table: Table, columns: tuple[str, ...], name: str) -> None:
        self._count()
        if all(columns) and all(one.columns != columns for one in table.uniques):
            table.uniques.append(Unique(name or short(f"{table.name}_{'_'.join(columns)}_key"), columns))

    def _check(self, table: Table, expression: Any, name: str, column: str) -> None:  # noqa: ANN401 - sqlglot's
        self._count()
        while isinstance(expression, exp.Paren):
            expression = expression.this
        taken = {one.name for one in table.checks}
        inside: list[Any] = list(expression.find_all(exp.Column)) if expression is not None and not column else []
        named: set[str] = {one.name for one in inside}
        column = column or (named.pop() if len(named) == 1 else "")  # so PostgreSQL names it, too
        base = name or short(f"{table.name}_{column}_check" if column else f"{table.name}_check")
        free = next(one for one in (base, *(f"{base}{number}" for number in range(1, len(taken) + 2))) if one not in taken)
        table.checks.append(Check(free, expression))

    def _foreign(self, table: Table, columns: tuple[str, ...], given: Any, name: str) -> None:  # noqa: ANN401 - sqlglot's
        self._count()
        if given is None:
            return
        target = given.this.this if isinstance(given.this, exp.Schema) else given.this
        names = self._names(given.this.expressions) if isinstance(given.this, exp.Schema) else ()
        said = {" ".join(str(one).upper().split()[:2]): " ".join(str(one).upper().split()[2:]) for one in _listed(given, "options")}
        table.foreign.append(ForeignKey(name, columns, self._table_key(target), names, said.get("ON DELETE", ""), said.get("ON UPDATE", "")))

    def _index(self, statement: Any) -> None:  # noqa: ANN401 - sqlglot's
        self._count()
        index = statement.this
        table = self.database.tables.get(self._table_key(index.args.get("table")) if index.args.get("table") else "")
        params = index.args.get("params")
        if table is None or params is None:
            raise self._refuse("This index is on a table that is not declared before it.")
        parts = tuple(self._part(one) for one in _listed(params, "columns"))
        where = params.args.get("where")
        method = str(params.args.get("using") or "").lower()
        name = self._name(index.this) if index.this is not None else _index_name(table, parts)
        is_unique = bool(statement.args.get("unique"))
        table.indexes.append(Index(name, parts, is_unique, where.this if where is not None else None, "" if method == "btree" else method))

    def _alter(self, statement: Any) -> None:  # noqa: ANN401 - sqlglot's
        table = self.database.tables.get(self._table_key(statement.this))
        if table is None:
            raise self._refuse(f"The table {self._table_key(statement.this)[:80]!r} is altered and not declared before.")
        for action in _listed(statement, "actions"):
            column = table.column(self._name(action.this)) if isinstance(action, exp.AlterColumn) else None
            if isinstance(action, exp.AddConstraint):
                for item in action.expressions:
                    self._item(table, item)
            elif isinstance(action, exp.ColumnDef):
                self._column(table, action)
            elif column is not None and action.args.get("default") is not None:
                self._default(column, action.args["default"])
            else:
                self._note(statement)

    def _comment(self, statement: Any, kind: str) -> None:  # noqa: ANN401 - sqlglot's
        said, target = statement.expression.name if statement.expression is not None else "", statement.this
        if kind == "TABLE" and self._table_key(target) in self.database.tables:
            self.database.tables[self._table_key(target)].comment = said
        elif kind == "COLUMN" and isinstance(target, exp.Column):
            parts: dict[str, Any] = target.args
            holder = exp.table_(parts["table"], db=parts.get("db")) if parts.get("table") else None
            table = self.database.tables.get(self._table_key(holder)) if holder is not None else None
            column = table.column(self._name(target.this)) if table is not None else None
            if column is not None:
                column.comment = said

    def _other(self, statement: exp.Expr) -> None:
        words = statement.sql(dialect=self._dialect) if isinstance(statement, exp.Command) else ""
        found = _AUTO.search(words[:500])
        table = self.database.tables.get(found[1].replace('"', "").removeprefix("public.")) if found else None
        column = table.column(found[2].strip('"')) if table is not None and found else None
        if column is not None:
            column.is_identity, column.is_always = True, bool(found and found[3])
        elif re.match(r"CREATE\s+(?:\w+\s+)?TABLE\b", words, re.IGNORECASE):
            raise self._refuse("This CREATE TABLE holds something that cannot be read. Take dialect-specific options out of it.")
        else:
            self._note(statement)

    def _note(self, statement: Any) -> None:  # noqa: ANN401 - sqlglot's
        words = " ".join(statement.sql(dialect=self._dialect, comments=False).split())[:80]
        if len(self.database.unread) < MOST_TABLES and not _WITHOUT_SCHEMA.match(words):
            self.database.unread.append((self._line, words))


def _listed(node: Any, name: str) -> list[Any]:  # noqa: ANN401 - sqlglot's
    return list(node.args.get(name) or ())


def _index_name(table: Table, parts: tuple[Part, ...]) -> str:
    return short(f"{table.name}_{'_'.join(part.column or 'expr' for part in parts)}_idx")
