"""Tables from SQL definitions: CREATE TABLE, ALTER TABLE ... ADD CONSTRAINT and COMMENT ON, in any of sqlglot's dialects.

All else in the text is passed over unread, so that whole dumps can be given: settings, functions, rows of COPY.
"""

import re
from collections.abc import Iterator

from sqlglot import exp

from credit_studio.tools.data.inventory.datasets import Dataset, Field, clean
from credit_studio.tools.data.sql.statements import CANNOT, parse

_BEGINS = re.compile(r"^[ \t]*(?:CREATE[ \t]+(?:[A-Z]{2,12}[ \t]+){0,4}TABLE|ALTER[ \t]+TABLE|COMMENT[ \t]+ON)\b", re.IGNORECASE | re.MULTILINE)
_PIECE = re.compile(r"'(?:[^']|'')*(?:'|\Z)|\"[^\"]*(?:\"|\Z)|`[^`]*(?:`|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|;", re.DOTALL)
_ESCAPING_PIECE = re.compile(r"'(?:[^'\\]|''|\\(?:.|\Z))*(?:'|\Z)|\"(?:[^\"\\]|\\(?:.|\Z))*(?:\"|\Z)|`[^`]*(?:`|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|;", re.DOTALL)
"""Quoted text, comments and semicolons; what is left open goes on to the end, so that no text is looked through twice."""
_ESCAPING = frozenset({"mysql", "bigquery", "spark", "snowflake"})


def tables_of(text: str, dialect: str, where: str) -> list[Dataset]:
    """Every table with columns, in the order of the text; raises `InputError` on `where` with line and column."""
    tables: dict[str, Dataset] = {}
    for line, statement in parse(_definitions_only(text, dialect), dialect, where):
        if isinstance(statement, exp.Create) and statement.kind == "TABLE" and isinstance(statement.this, exp.Schema):
            table = _table(statement, line, dialect)
            tables[table.name.lower()] = table
        elif isinstance(statement, exp.Alter):
            _alter(statement, tables)
        elif isinstance(statement, exp.Comment):
            _comment(statement, tables)
    return [table for table in tables.values() if table.fields]


def _definitions_only(text: str, dialect: str) -> str:
    """The text with all but the statements that define something blank; every line stays where it is."""
    piece = _ESCAPING_PIECE if dialect in _ESCAPING else _PIECE
    parts: list[str] = []
    at = 0
    while found := _BEGINS.search(text, at):
        parts.append("\n" * text.count("\n", at, found.start()))
        end = next((one.end() for one in piece.finditer(text, found.end()) if one.group() == ";"), len(text))
        parts.append(text[found.start() : end])
        at = end
    return "".join(parts)


def _table(create: exp.Create, line: int, dialect: str) -> Dataset:
    schema = create.this
    table = Dataset(_name(schema.this), "DDL", None, [], line=line)
    for item in schema.expressions:
        if isinstance(item, exp.ColumnDef):
            table.fields.append(_column(item, dialect))
        else:
            _constrain(item, table)
    for one in table.fields:
        if one.is_primary and one.name not in table.primary:
            table.primary = (*table.primary, one.name)
    properties = create.args.get("properties")
    remark = properties.find(exp.SchemaCommentProperty) if properties else None
    table.comment = remark.this.name[:300] if remark else ""
    return table


def _name(table: exp.Expr) -> str:
    parts = [part.name for part in table.find_all(exp.Identifier)]
    return clean(parts[0] if parts else table.name)


def _column(item: exp.ColumnDef, dialect: str) -> Field:
    try:
        declared = item.kind.sql(dialect=dialect or None) if item.kind else ""
    except CANNOT:
        declared = ""
    one = Field(clean(item.name), declared=declared[:60])
    for constraint in item.constraints:
        kind = constraint.kind
        if isinstance(kind, exp.PrimaryKeyColumnConstraint):
            one.is_primary = one.is_required = one.is_unique = True
        elif isinstance(kind, exp.NotNullColumnConstraint):
            one.is_required = one.is_required or not kind.args.get("allow_null")
        elif isinstance(kind, exp.UniqueColumnConstraint):
            one.is_unique = True
        elif isinstance(kind, exp.Reference):
            one.reference = _referenced(kind)
        elif isinstance(kind, exp.CommentColumnConstraint):
            one.comment = kind.name[:300]
    return one


def _referenced(reference: exp.Reference) -> tuple[str, str]:
    target = reference.this
    columns = [column.name for column in target.expressions] if isinstance(target, exp.Schema) else []
    return _name(target.this if isinstance(target, exp.Schema) else target), clean(columns[0]) if len(columns) == 1 else ""


def _constrain(item: exp.Expr, table: Dataset) -> None:
    by_name = {one.name.lower(): one for one in table.fields}
    for constraint in _flat(item):
        names = [clean(column.name).lower() for column in _columns(constraint)]
        fields = [by_name[name] for name in names if name in by_name]
        if isinstance(constraint, exp.PrimaryKey):
            table.primary = tuple(one.name for one in fields)
            for one in fields:
                one.is_required = True
                one.is_unique = one.is_unique or len(fields) == 1
        elif isinstance(constraint, exp.UniqueColumnConstraint) and len(fields) == 1:
            fields[0].is_unique = True
        elif isinstance(constraint, exp.ForeignKey) and len(fields) == 1 and (reference := constraint.args.get("reference")):
            fields[0].reference = _referenced(reference)


def _flat(item: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(item, exp.Constraint | exp.AddConstraint):
        for inner in item.expressions:
            yield from _flat(inner)
    else:
        yield item


def _columns(constraint: exp.Expr) -> list[exp.Expr]:
    if isinstance(constraint, exp.UniqueColumnConstraint):
        return list(constraint.this.expressions) if isinstance(constraint.this, exp.Schema) else []
    return [one.this if isinstance(one, exp.Ordered) else one for one in constraint.expressions]


def _alter(alter: exp.Alter, tables: dict[str, Dataset]) -> None:
    table = tables.get(_name(alter.this).lower())
    actions: list[exp.Expr] = alter.args.get("actions") or []
    for action in actions:
        if table is not None and isinstance(action, exp.AddConstraint):
            _constrain(action, table)


def _comment(comment: exp.Comment, tables: dict[str, Dataset]) -> None:
    said = comment.expression.name[:300] if comment.expression else ""
    if comment.args.get("kind") == "TABLE" and (table := tables.get(_name(comment.this).lower())):
        table.comment = said
    elif comment.args.get("kind") == "COLUMN" and isinstance(comment.this, exp.Column):
        table = tables.get(comment.this.table.lower())
        for one in table.fields if table else ():
            if one.name.lower() == comment.this.name.lower():
                one.comment = said
