"""Who feeds whom in SQL: tables and columns of each statement, by sqlglot's parser, scopes and lineage.

Only what a statement says is recorded. A statement that writes nothing from a query has no lineage; a column whose table the text
does not tell (several tables, no definition given) is unresolved. Filters and join conditions make a table a source; columns are
traced through the expressions that make up a value. Names are folded as the dialect folds them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.lineage import Node, to_node  # pyright: ignore[reportUnknownVariableType] - its caches are bare dicts
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope
from sqlglot.schema import MappingSchema

from credit_studio.tools.base import InputError
from credit_studio.tools.data.lineage import ColumnEdge, Statement
from credit_studio.tools.data.sql.statements import CANNOT

MOST_NAME = 200
_MOST_EXPRESSION = 160


@dataclass
class Script:
    """What was read of a whole script; `tables` are pairs (source, target) with the numbers of their statements."""

    statements: list[Statement] = field(default_factory=list[Statement])
    tables: dict[tuple[str, str], list[int]] = field(default_factory=dict[tuple[str, str], list[int]])
    columns: list[ColumnEdge] = field(default_factory=list[ColumnEdge])
    known: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    unresolved: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    queries: set[str] = field(default_factory=set[str])


@dataclass(frozen=True)
class _Write:
    """A statement as "this query's columns go into that target"; `names` are the target's columns in order, when they are known."""

    target: str
    query: exp.Expr
    names: list[str] | None = None
    reads_target: bool = True
    defines: bool = False


class _UnresolvedError(Exception):
    """Why a statement's lineage cannot be told."""


def read_definitions(statements: Iterable[tuple[int, exp.Expr]], dialect: str) -> dict[str, list[str]]:
    """The columns of every CREATE TABLE that lists them."""
    found: dict[str, list[str]] = {}
    for _, statement in statements:
        tidy = _tidy(statement, dialect)
        if isinstance(tidy, exp.Create) and isinstance(tidy.this, exp.Schema):
            found[_table(tidy.this)] = _listed(tidy.this)
    return found


def read(statement: exp.Expr, number: int, line: int, dialect: str, script: Script) -> None:
    """Add one statement's lineage to the script; raises `InputError` for one that is nested too deeply."""
    kind = _kind(statement)
    try:
        write = _write(_tidy(statement, dialect), number, script)
    except _UnresolvedError as error:
        write = f"unresolved: {error}"
    except RecursionError:
        raise _too_deep(line) from None
    except CANNOT as error:
        write = f"unresolved: it cannot be followed ({type(error).__name__})"
    if isinstance(write, str):
        script.statements.append(Statement(number, line, kind, "", *write.split(": ", 1)))
        return
    sources, status, why = _follow(write, number, line, dialect, script)
    script.statements.append(Statement(number, line, kind, write.target, status, why))
    for source in sources:
        script.tables.setdefault((source, write.target), []).append(number)


def _follow(write: _Write, number: int, line: int, dialect: str, script: Script) -> tuple[list[str], str, str]:
    """Source tables, status and reason; where its columns cannot be followed, its tables are still recorded."""
    before = write.query.copy()
    try:
        edges, sources = _trace(write, number, dialect, script)
    except RecursionError:
        raise _too_deep(line) from None
    except _UnresolvedError as error:
        return _mentioned(write, before), "tables", str(error)
    except CANNOT as error:
        # sqlglot meets a construct that it parses and cannot follow: said, not guessed.
        return _mentioned(write, before), "tables", f"its columns cannot be followed ({type(error).__name__})"
    script.columns += edges
    return sources, "lineage", ""


def _too_deep(line: int) -> InputError:
    return InputError("sql", f"Line {line}: this statement is nested too deeply to be followed.")


def _mentioned(write: _Write, query: exp.Expr) -> list[str]:
    """The tables that a query names, its CTEs left out."""
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    named = dict.fromkeys(table.name for table in query.find_all(exp.Table) if isinstance(table.this, exp.Identifier))
    return [name for name in named if name not in ctes and (write.reads_target or name != write.target)]


def _kind(statement: exp.Expr) -> str:
    if isinstance(statement, exp.Command):
        return str(statement.this).upper()[:40]
    words = [statement.key.upper() if not isinstance(statement, exp.Query) else "SELECT"]
    words += [str(statement.args.get("kind") or "").upper()] if isinstance(statement, (exp.Create, exp.Drop, exp.Alter)) else []
    return " ".join(words).strip()[:40]


def _tidy(statement: exp.Expr, dialect: str) -> exp.Expr:
    """The statement with names folded, and every schema-qualified table as one name ("sales.orders"), under its own short alias."""
    tidy = normalize_identifiers(statement.copy(), dialect=dialect or None)
    for table in list(tidy.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier):
            _check_name(table.name)
            _flatten(table)
    for column in tidy.find_all(exp.Column):
        _check_name(column.name)
        column.set("db", None)
        column.set("catalog", None)
    return tidy


def _flatten(table: exp.Table) -> None:
    parts = [part.name for part in table.parts]
    if len(parts) == 1:
        return
    if not table.alias and isinstance(table.parent, (exp.From, exp.Join, exp.Merge)):
        table.set("alias", exp.TableAlias(this=exp.to_identifier(parts[-1])))
    table.set("this", exp.to_identifier(".".join(parts), quoted=True))
    table.set("db", None)
    table.set("catalog", None)


def _check_name(name: str) -> None:
    if len(name) > MOST_NAME or not name.isprintable():
        raise InputError("sql", f"Holds a name that is longer than {MOST_NAME} characters or cannot be printed: {name[:40]!r}.")


def _table(node: exp.Expr) -> str:
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise _UnresolvedError("its target is not a plain table")
    return table.name


def _listed(schema: exp.Schema) -> list[str]:
    return [one.name for one in schema.expressions if isinstance(one, (exp.Identifier, exp.ColumnDef, exp.Column))]


# --- statements that write: each as a query and its target


def _write(statement: exp.Expr, number: int, script: Script) -> _Write | str:
    """The statement as a query with a target, or "status: why" when nothing flows in it."""
    if isinstance(statement, exp.Create):
        return _create(statement, script)
    if isinstance(statement, exp.Insert):
        return _insert(statement, script)
    if isinstance(statement, exp.Merge):
        return _merge(statement)
    if isinstance(statement, exp.Update):
        return _update(statement)
    if isinstance(statement, exp.Query):
        return _select(statement, number, script)
    return "none: it moves no data from one table to another"


def _with(statement: exp.Expr, query: exp.Expr) -> exp.Expr:
    """The query with the CTEs that stand before its statement."""
    if ctes := statement.args.get("with_"):
        own = query.args.get("with_")
        both: list[Any] = [*ctes.expressions, *(own.expressions if own else [])]
        query.set("with_", exp.With(expressions=both, recursive=ctes.args.get("recursive")))
    return query


def _create(statement: exp.Create, script: Script) -> _Write | str:
    query = statement.expression
    if str(statement.args.get("kind") or "").upper() not in {"TABLE", "VIEW"}:
        return "none: it creates no table or view"
    target = _table(statement.this)
    names = _listed(statement.this) if isinstance(statement.this, exp.Schema) else None
    if isinstance(query, exp.Query):
        return _Write(target, _with(statement, query), names or None, defines=True)
    if names:
        script.known[target] = names
        return "columns: it defines the columns of a table"
    return "none: it fills its table from no query"


def _insert(statement: exp.Insert, script: Script) -> _Write | str:
    query = statement.expression
    if not isinstance(query, exp.Query) or isinstance(query, exp.Values):
        return "none: it writes literal values"
    target = _table(statement.this)
    names = _listed(statement.this) if isinstance(statement.this, exp.Schema) else script.known.get(target)
    return _Write(target, _with(statement, query), None if statement.args.get("by_name") else names)


def _select(statement: exp.Query, number: int, script: Script) -> _Write | str:
    into = statement.args.get("into")
    if into is not None:
        statement.set("into", None)
        return _Write(_table(into.this), statement, defines=True)
    target = f"query {number}"
    script.queries.add(target)
    return _Write(target, statement)


def _merge(statement: exp.Merge) -> _Write | str:
    values: list[tuple[str, exp.Expr]] = []
    whens: Any = statement.args.get("whens")
    clauses: list[Any] = whens.expressions if whens else []
    for when in clauses:
        then: Any = when.args.get("then")
        if isinstance(then, exp.Update):
            values += [pair for one in then.expressions for pair in _assigned(one, {statement.this.alias_or_name})]
        elif isinstance(then, exp.Insert):
            columns, given = then.this, then.expression
            if not isinstance(columns, exp.Tuple) or not isinstance(given, exp.Tuple) or len(columns.expressions) != len(given.expressions):
                raise _UnresolvedError("its INSERT does not name each column and value")
            values += [(column.name, value) for column, value in zip(columns.expressions, given.expressions, strict=True)]
    if not values:
        return "none: it only deletes"
    query = _projection(values).from_(statement.this.copy()).join(statement.args["using"].copy(), join_type="cross")
    return _Write(_table(statement.this), _with(statement, query), [name for name, _ in values], reads_target=False)


def _update(statement: exp.Update) -> _Write | str:
    table = statement.this
    base = statement.args.get("from_")
    others = [one for part in (base, table) if part for one in part.find_all(exp.Table) if one is not table]
    aliased = {one.alias_or_name: one for one in others}
    # T-SQL names the target by its alias in FROM.
    meant = aliased.get(table.name, table) if not table.args.get("joins") else table
    values = [pair for one in statement.expressions for pair in _assigned(one, {table.alias_or_name, meant.alias_or_name, ""})]
    query = _projection(values)
    query = query.from_(table.copy()) if meant is table else query
    if base is not None:
        query = query.from_(base.this.copy()) if meant is not table else query.join(base.this.copy(), join_type="cross")
    return _Write(_table(meant), _with(statement, query), [name for name, _ in values], reads_target=False)


def _projection(values: list[tuple[str, exp.Expr]]) -> exp.Select:
    return exp.select(*(exp.alias_(value.copy(), name, quoted=True) for name, value in values))


def _assigned(assignment: exp.Expr, targets: set[str]) -> list[tuple[str, exp.Expr]]:
    """The (column, value) pairs of `a = x` or `(a, b) = (SELECT x, y ...)`."""
    left, right = assignment.this, assignment.args.get("expression")
    if isinstance(left, exp.Column) and right is not None:
        if left.table and left.table not in targets:
            raise _UnresolvedError("it sets columns of several tables")
        return [(left.name, right)]
    inner = right.this if isinstance(right, exp.Subquery) else None
    if not isinstance(left, exp.Tuple) or not isinstance(inner, exp.Select) or len(left.expressions) != len(inner.selects):
        raise _UnresolvedError("what it sets cannot be matched with values")
    return [(column.name, exp.Subquery(this=inner.select(one, append=False))) for column, one in zip(left.expressions, inner.selects, strict=True)]


# --- tracing a query's columns to tables


def _trace(write: _Write, number: int, dialect: str, script: Script) -> tuple[list[ColumnEdge], list[str]]:
    read_from = {table.name for table in write.query.find_all(exp.Table)}
    mapping: dict[str, object] = {name: dict.fromkeys(script.known[name], "TEXT") for name in sorted(read_from) if script.known.get(name)}
    schema = MappingSchema(mapping, dialect=dialect or None, normalize=False)
    query = _qualified(write.query.unnest() if isinstance(write.query, exp.Subquery) else write.query, schema, dialect)
    scope = build_scope(query)
    if scope is None or not isinstance(query, exp.Query):
        raise _UnresolvedError("it is not a query that can be followed")
    selects: list[exp.Expr] = list(query.selects)
    names = _names(write, selects)
    edges = list(_column_edges(write.target, names, scope, schema, number, dialect, script))
    if write.defines and "*" not in names:
        script.known[write.target] = names
    tables = dict.fromkeys(name for one in scope.traverse() for name in _tables_of(one))
    used = {edge.source for edge in edges}
    return edges, [name for name in tables if write.reads_target or name != write.target or name in used]


def _qualified(query: exp.Expr, schema: MappingSchema, dialect: str) -> exp.Expr:
    """The query with stars expanded and every column under its table, as far as the text and the definitions tell."""
    looks: dict[str, Any] = {"dialect": dialect or None, "schema": schema, "validate_qualify_columns": False, "quote_identifiers": False, "identify": False}
    kept = query.copy()
    try:
        return qualify(query, **looks)
    except OptimizeError:
        # A bare column in a correlated subquery may belong to the table inside or outside: left open, it is reported as unresolved.
        for scope in traverse_scope(kept):
            own = {column for source in scope.sources.values() if isinstance(source, exp.Table) for column in schema.column_names(source)}
            for column in scope.columns if scope.can_be_correlated else ():
                if not column.table and column.name not in own:
                    column.set("table", exp.to_identifier("?", quoted=True))
        return qualify(kept, **looks)


def _names(write: _Write, selects: list[exp.Expr]) -> list[str]:
    own = ["*" if one.is_star else one.alias_or_name for one in selects]
    if write.names is None:
        return own
    if "*" in own:
        raise _UnresolvedError("its SELECT * cannot be matched with columns: give the definition of its table")
    if len(own) > len(write.names):
        raise _UnresolvedError(f"it gives {len(own)} values for {len(write.names)} columns")
    return write.names[: len(own)]


def _tables_of(scope: Scope) -> Iterator[str]:
    for source in scope.sources.values():
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier) and source.name not in scope.cte_sources:
            yield source.name


def _column_edges(target: str, names: list[str], scope: Scope, schema: MappingSchema, number: int, dialect: str, script: Script) -> Iterator[ColumnEdge]:
    cache: dict[Any, Any] = {}
    meta: dict[Any, Any] = {}
    is_recursive = any(ctes.args.get("recursive") for ctes in scope.expression.find_all(exp.With))
    for index, name in enumerate(names):
        node = to_node(index, scope, dialect or None, schema=schema, trim_selects=False, _cache=cache, _scope_meta=meta)
        expression, how = _made(node, dialect)
        sources, missing = _sources(node, is_recursive=is_recursive)
        script.unresolved += [(number, column) for column in missing]
        for table, column in sources:
            yield ColumnEdge(target, name, table, column, expression, how, number)
        if not sources:
            made_of_none = "unresolved" if missing else how if how == "aggregated" else "constant"
            yield ColumnEdge(target, name, "", "", expression, made_of_none, number)


def _sources(node: Node, *, is_recursive: bool) -> tuple[list[tuple[str, str]], list[str]]:
    """The (table, column) pairs that a value is made of, and the columns whose table is not told; both sorted."""
    found: set[tuple[str, str]] = set()
    missing: set[str] = set()
    for leaf in node.walk():
        if leaf.downstream or leaf is node:
            continue
        if isinstance(leaf.expression, exp.Table) and isinstance(leaf.expression.this, exp.Identifier):
            found.add((leaf.expression.name, _last(leaf.name)))
        elif isinstance(leaf.expression, exp.Placeholder):
            missing.add(_last(leaf.name))
    # In a recursive CTE the reference to itself ends without a table; it adds no source.
    return sorted(found), [] if is_recursive and found else sorted(missing)


def _last(name: str) -> str:
    """The column of a rendered "alias.column", quotes taken off."""
    if '"' not in name:
        return name.rsplit(".", 1)[-1]
    return exp.to_column(name).name


def _made(node: Node, dialect: str) -> tuple[str, str]:
    """The expression that makes the value, looked up through plain renamings in CTEs and subqueries, and what it does."""
    while (
        isinstance(node.expression.unalias(), exp.Column) and len(node.downstream) == 1 and isinstance(node.downstream[0].expression, (exp.Alias, exp.Column))
    ):
        node = node.downstream[0]
    made = node.expression.unalias()
    if isinstance(made, exp.Column):
        # Most columns are copied: their name is their expression, and is written without the SQL generator.
        return _short(".".join(part.name for part in made.parts if part.name != "?")), "copied"
    if isinstance(made, exp.Star):
        how = "copied"
    elif isinstance(made, exp.Query) and not isinstance(made, exp.Subquery):
        return "", "combined"
    else:
        how = "aggregated" if made.find(exp.AggFunc) else "computed"
    return _short(made.sql(dialect=dialect or None, comments=False).replace('"?".', "").replace("`?`.", "")), how


def _short(text: str) -> str:
    return text if len(text) <= _MOST_EXPRESSION else text[: _MOST_EXPRESSION - 1] + "…"
