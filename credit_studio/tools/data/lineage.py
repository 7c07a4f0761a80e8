"""Data Lineage Tracker: which tables and columns feed which, read from SQL scripts, and what a change would reach.

Reading is in `sql/tracing.py` (sqlglot), the graphs are in `sql/graph.py` (networkx); this file declares the tool and shows them. A value is traced
through CTEs, subqueries, unions and expressions; filters and joins make a table a source of a table, not a column a source of a column.
"""

import gc
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Column, Diagram, Figure, KeyFigures, Note, Table

if TYPE_CHECKING:
    from credit_studio.tools.data.sql.tracing import Script

MOST_LISTED = 1_000  # column links; with the other lists this keeps the output under its 1 MB
MOST_TABLES = 500

_SELECT = re.compile(r"\bselect\b", re.IGNORECASE)

Dialect = Literal["ansi", "postgres", "mysql", "bigquery", "snowflake", "redshift", "tsql", "spark", "duckdb", "sqlite", "oracle"]
_DIALECTS = (
    ("ansi", "ANSI SQL"),
    ("postgres", "PostgreSQL"),
    ("mysql", "MySQL"),
    ("bigquery", "BigQuery"),
    ("snowflake", "Snowflake"),
    ("redshift", "Redshift"),
    ("tsql", "SQL Server (T-SQL)"),
    ("spark", "Spark SQL"),
    ("duckdb", "DuckDB"),
    ("sqlite", "SQLite"),
    ("oracle", "Oracle"),
)


@dataclass(frozen=True)
class LineageInputs:
    """The scripts, in the order in which they run, and what helps to read them."""

    sql: Annotated[str, Len(1, 1_000_000)] = ui(
        "SQL scripts",
        "Statements in the order in which they run, each ended by a semicolon. They are read, never run. Up to 1,000,000 characters.",
        widget="file",
        accept=".sql,.txt,.ddl",
        placeholder="CREATE TABLE revenue AS SELECT ...",
    )
    dialect: Dialect = ui("SQL dialect", "The database that the scripts are written for.", default="postgres", choices=_DIALECTS)
    definitions: Annotated[str, Len(0, 200_000)] = ui(
        "Table definitions",
        "CREATE TABLE statements of tables that the scripts only read: with them SELECT * and columns without a table name are resolved. May stay empty.",
        default="",
        widget="textarea",
        placeholder="CREATE TABLE orders (id int, amount numeric);",
    )
    impact_of: Annotated[str, Len(0, 300)] = ui(
        "Impact of a change to",
        "A table, or table.column. Empty: the impact of every source table.",
        default="",
        placeholder="orders.amount",
    )


@dataclass(frozen=True)
class ColumnEdge:
    """One target column and one column it is made of; `source` is "" for a value made of no column.

    `how`: copied, computed, aggregated, combined, constant or unresolved.
    """

    target: str
    column: str
    source: str
    source_column: str
    expression: str
    how: str
    statement: int


@dataclass(frozen=True)
class Statement:
    """status: "lineage", "tables" (columns cannot be followed), "columns" (defines a table), "none" (nothing flows), "unresolved"; `why` says the reason."""

    number: int
    line: int
    kind: str
    target: str
    status: str
    why: str = ""


@dataclass(frozen=True)
class TableNode:
    """A table, view or query result. role: "source" (only read), "intermediate", "target" (only written) or "query". `columns` are those that take part."""

    name: str
    role: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TableEdge:
    """`source` feeds `target`: through so many of its columns (0: only through a join or filter), in these statements."""

    source: str
    target: str
    columns: int
    statements: tuple[int, ...]


@dataclass(frozen=True)
class Impact:
    """What a change of `of` reaches, directly and further on."""

    of: str
    tables: tuple[str, ...]
    columns_total: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LineageOutput:
    """Lists are cut (1,000 column links, 500 of the others); the totals count everything."""

    dialect: str
    statements_total: int
    tables_total: int
    table_edges_total: int
    column_edges_total: int
    tables: tuple[TableNode, ...]
    table_edges: tuple[TableEdge, ...]
    column_edges: tuple[ColumnEdge, ...]
    without_lineage_total: int
    without_lineage: tuple[Statement, ...]
    unresolved: tuple[str, ...]
    impact_of: str
    impacts: tuple[Impact, ...]
    picture: Diagram


def warm() -> None:
    """Import every parser and dialect that a run may need; a worker calls this once, before its first run."""
    for dialect, _ in _DIALECTS:
        run(LineageInputs(sql="CREATE TABLE b AS SELECT count(a.x) AS n FROM a", dialect=dialect))  # type: ignore[arg-type]


def run(inputs: LineageInputs) -> LineageOutput:
    """The lineage of the scripts; raises `InputError` on "sql" or "definitions" with line and column, and on "impactOf" for an unknown name."""
    # The collector would walk a growing syntax tree again and again: reading takes a third of the time without it.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        script = _read(inputs)
    finally:
        gc.unfreeze()
        (gc.enable if was_collecting else gc.disable)()
    report(0.9, "Building the graph")
    return _output(inputs, script)


def _read(inputs: LineageInputs) -> "Script":
    from credit_studio.tools.data.sql import tracing as reading  # noqa: PLC0415 - sqlglot is loaded where it runs, not where pages are made
    from credit_studio.tools.data.sql.statements import parse as statements_of  # noqa: PLC0415 - the same

    dialect = "" if inputs.dialect == "ansi" else inputs.dialect
    report(0.02, "Parsing")
    given = statements_of(inputs.definitions, dialect, "definitions") if inputs.definitions.strip() else []
    script = reading.Script(known=reading.read_definitions(given, dialect))
    statements = statements_of(inputs.sql, dialect, "sql")
    if not statements:
        raise InputError("sql", "Holds no statement.")
    gc.freeze()
    gc.enable()
    for number, (line, statement) in enumerate(statements, start=1):
        if number % max(1, len(statements) // 20) == 0:
            report(0.3 + 0.6 * number / len(statements), f"Tracing statement {number:,} of {len(statements):,}")
        reading.read(statement, number, line, dialect, script)
    return script


def _output(inputs: LineageInputs, script: "Script") -> LineageOutput:
    from credit_studio.tools.data.sql import graph as lineage_graph  # noqa: PLC0415 - the same, for networkx

    graphs = lineage_graph.graphs_of(script)
    used = lineage_graph.columns_of(script)
    through = Counter((edge.source, edge.target) for edge in {(edge.source, edge.source_column, edge.target): edge for edge in script.columns}.values())
    edges = [TableEdge(source, target, through[source, target], tuple(dict.fromkeys(numbers))) for (source, target), numbers in script.tables.items()]
    nodes = [TableNode(name, lineage_graph.role(name, graphs, script), tuple(used[name])) for name in graphs.tables]
    without = [one for one in script.statements if one.status != "lineage"]
    return LineageOutput(
        dialect=inputs.dialect,
        statements_total=len(script.statements),
        tables_total=len(nodes),
        table_edges_total=len(edges),
        column_edges_total=sum(1 for edge in script.columns if edge.source),
        tables=tuple(TableNode(one.name, one.role, one.columns[:20]) for one in nodes[:MOST_TABLES]),
        table_edges=tuple(edges[:MOST_TABLES]),
        column_edges=tuple(script.columns[:MOST_LISTED]),
        without_lineage_total=len(without),
        without_lineage=tuple(without[:MOST_TABLES]),
        unresolved=tuple(dict.fromkeys(f"{column} in statement {number}" for number, column in script.unresolved))[:MOST_TABLES],
        impact_of=inputs.impact_of.strip(),
        impacts=lineage_graph.impacts(inputs.impact_of.strip(), nodes, graphs),
        picture=lineage_graph.picture(nodes, edges, graphs),
    )


def present(output: LineageOutput) -> tuple[Block, ...]:
    """Key figures, the table graph, impact, column lineage, what has no lineage, and the lists themselves."""
    roles = Counter(one.role for one in output.tables)
    figures = (
        Figure("Tables", f"{output.tables_total:,}", f"{roles['source']:,} sources, {roles['target'] + roles['query']:,} targets"),
        Figure("Table links", f"{output.table_edges_total:,}"),
        Figure("Column links", f"{output.column_edges_total:,}"),
        Figure("Without lineage", f"{output.without_lineage_total:,}", f"of {output.statements_total:,} statements"),
    )
    blocks: list[Block] = [KeyFigures(figures), output.picture, *_impact_table(output), *_unresolved(output), _method(output)]
    return (*blocks, *_columns_tab(output), *_statements_tab(output), *_data_tab(output))


def _impact_table(output: LineageOutput) -> tuple[Table, ...]:
    title = f"What a change to {output.impact_of} reaches" if output.impact_of else "What a change to a source reaches"
    columns = (Column("Change of"), Column("Tables", "integer", bar=True), Column("Columns", "integer"), Column("Which tables"), Column("Which columns"))
    rows = tuple((one.of, len(one.tables), one.columns_total, _words(one.tables), _words(one.columns)) for one in output.impacts)
    return (Table(title, columns, rows, sort=(1, True), download="impact.csv"),) if rows else ()


def _words(names: tuple[str, ...], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _unresolved(output: LineageOutput) -> tuple[Note, ...]:
    text = f"The text does not tell the table of {_words(output.unresolved)}. Give table definitions to have these resolved; nothing is guessed."
    return (Note(text, tone="warn", title="Columns without a known table"),) if output.unresolved else ()


def _method(output: LineageOutput) -> Note:
    dialect = dict(_DIALECTS)[output.dialect]
    return Note(
        f"Read as {dialect}. Values are followed through CTEs, subqueries and unions; a column used only in a join or filter links tables, not columns."
    )


def _columns_tab(output: LineageOutput) -> tuple[Table, ...]:
    columns = (
        Column("Target"),
        Column("Column"),
        Column("From table"),
        Column("From column"),
        Column("How"),
        Column("Expression", "code"),
        Column("Statement", "integer"),
    )
    rows = tuple((one.target, one.column, one.source, one.source_column, one.how, one.expression, one.statement) for one in output.column_edges)
    note = f"The first {MOST_LISTED:,} rows." if len(rows) == MOST_LISTED else ""
    return (Table("Column lineage", columns, rows, note=note, download="column-lineage.csv", tab="Columns"),) if rows else ()


def _statements_tab(output: LineageOutput) -> tuple[Table, ...]:
    columns = (Column("Statement", "integer"), Column("Line", "integer"), Column("Kind", "code"), Column("Target"), Column("Why"))
    rows = tuple((one.number, one.line, one.kind, one.target, one.why) for one in output.without_lineage)
    return (Table("Statements without column lineage", columns, rows, download="without-lineage.csv", tab="Statements"),) if rows else ()


def _data_tab(output: LineageOutput) -> tuple[Table, ...]:
    links = tuple((one.source, one.target, one.columns, " ".join(map(str, one.statements[:20]))) for one in output.table_edges)
    tables = tuple((one.name, one.role, ", ".join(one.columns)) for one in output.tables)
    link_columns = (Column("Source"), Column("Target"), Column("Columns", "integer"), Column("Statements"))
    return (
        Table("Table links", link_columns, links, download="table-lineage.csv", tab="Data"),
        Table("Tables", (Column("Table"), Column("Role"), Column("Columns that take part")), tables, download="tables.csv", tab="Data"),
    )


def _units(inputs: LineageInputs) -> int:
    """Characters of the statements that read something; parsing alone takes a quarter of the time that tracing takes."""
    reading = sum(len(one) for one in inputs.sql.split(";") if _SELECT.search(one))
    return reading + (len(inputs.sql) - reading + len(inputs.definitions)) // 4


def _describe(inputs: LineageInputs) -> str:
    statements = max(1, inputs.sql.count(";"))
    return f"{len(inputs.sql):,} characters in {statements:,} statement{'s' if statements > 1 else ''}"


_EXAMPLE_SQL = """\
CREATE VIEW clean_orders AS
SELECT o.id, o.customer_id, o.ordered_on, o.amount * r.rate AS amount_gbp
FROM raw.orders AS o
JOIN raw.rates AS r ON r.currency = o.currency
WHERE o.status <> 'cancelled';

CREATE TABLE customer_revenue AS
WITH spend AS (
    SELECT customer_id, sum(amount_gbp) AS revenue, count(*) AS orders
    FROM clean_orders
    GROUP BY customer_id
)
SELECT c.id AS customer_id, upper(c.country) AS country, s.revenue, s.orders
FROM raw.customers AS c
JOIN spend AS s ON s.customer_id = c.id;

INSERT INTO report.country_revenue (country, revenue, customers)
SELECT country, sum(revenue), count(*) FROM customer_revenue GROUP BY country;

INSERT INTO report.archive SELECT * FROM raw.rates;

GRANT SELECT ON report.country_revenue TO analyst;
"""

TOOL: Tool[LineageInputs, LineageOutput] = Tool(
    id="data-studio-lineage",
    title="Data Lineage Tracker",
    studio=Studio.DATA,
    mode=Mode.SERVER,
    cap=25,
    summary="Which tables and columns feed which, read from your SQL, and what a change would reach.",
    takes="SQL scripts",
    gives="table and column lineage, impact analysis",
    limits=Limits(cpu_ms=15_000, wall_ms=20_000),
    inputs=LineageInputs,
    example=LineageInputs(sql=_EXAMPLE_SQL, definitions="CREATE TABLE raw.rates (currency text, rate numeric, valid_on date);\n"),
    cost=Cost(units=_units, describe=_describe, lower="sql", cpu_us_per_unit=13.5, cpu_ms_base=15.0, mem_bytes_per_unit=240.0, mem_mb_base=8.0, spread=1.4),
    run=run,
    present=present,
    preload=("networkx", "sqlglot", "sqlglot.lineage", "sqlglot.optimizer.qualify"),
    keywords=("SQL", "lineage", "impact analysis", "CTE", "dbt", "view", "ETL", "column"),
)
