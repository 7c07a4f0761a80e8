"""Data Pipeline Designer: steps over CSV checked, run, and written as SQL and pandas code that give the same rows.

The expression language is in `transforms/expressions.py`, the checked plan in `transforms/plan.py`; it is run by `transforms/running.py`, and written by
`sql_code.py` and `pandas_code.py` beside it. This file declares the tool and shows.
"""

import csv
import io
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Axis, Block, Chart, Code, Column, Diagram, Edge, Figure, Finding, Findings, KeyFigures, Node, Note, Series, Table
from credit_studio.tools.data.tabular.reading import size_of
from credit_studio.tools.data.transforms import pandas_code, sql_code
from credit_studio.tools.data.transforms.expressions import HELP, NUMBER
from credit_studio.tools.data.transforms.plan import Plan, Step, make_plan
from credit_studio.tools.data.transforms.plan import Table as Typed
from credit_studio.tools.data.transforms.reading import read_table
from credit_studio.tools.data.transforms.running import Rows, run_plan
from credit_studio.tools.data.transforms.steps import PipelineStep

MOST_SHOWN, MOST_OUTPUT, MOST_CELL, MOST_NAMED = 200, 200_000, 200, 40
Cell = str | float | bool | None
_DIALECTS = (("postgres", "PostgreSQL"), ("sqlite", "SQLite"))
_WORDS = {
    "filter": "keeps rows",
    "derive": "makes a column",
    "select_step": "chooses columns",
    "join": "joins",
    "union": "appends",
    "aggregate": "sums up groups",
    "sort": "sorts",
    "deduplicate": "keeps one of each",
    "fill": "fills empty cells",
}
_HELP = "CSV with a header. A column is a number, a date (2026-11-20) or true and false when all its cells are; else text. Up to 2,000,000 characters."
Data = Annotated[str, Len(0, 2_000_000)]
Name = Annotated[str, Len(1, 40)]


@dataclass(frozen=True)
class PipelineInputs:
    """Up to three sources, the steps over them, and the SQL to write."""

    data: Annotated[str, Len(1, 2_000_000)] = ui("Main data", _HELP, widget="file", accept=".csv,.tsv,.txt", group="Sources", placeholder="id,amount")
    name: Name = ui("Its name", "By which steps, SQL and code call it.", default="orders", group="Sources")
    second: Data = ui("Second data", _HELP, default="", widget="file", accept=".csv,.tsv,.txt", group="Sources")
    second_name: Name = ui("Its name", "By which joins read it.", default="lookup", group="Sources")
    third: Data = ui("Third data", _HELP, default="", widget="file", accept=".csv,.tsv,.txt", group="Sources")
    third_name: Name = ui("Its name", "By which joins read it.", default="third", group="Sources")
    steps: Annotated[tuple[PipelineStep, ...], Len(0, 30)] = ui("Steps", f"Up to 30; the last one gives the output. Expressions: {HELP}", default=())
    dialect: Literal["postgres", "sqlite"] = ui("SQL for", "The database that the SQL is written for.", default="postgres", choices=_DIALECTS)


@dataclass(frozen=True)
class StepResult:
    """One step as it ran; `columns` are the first 40 of `width`. `reads` are names of sources and steps; rows in are those of the first of these."""

    name: str
    operation: str
    reads: tuple[str, ...]
    says: str
    rows_in: int
    rows_out: int
    width: int
    columns: tuple[str, ...]
    types: tuple[str, ...]
    is_used: bool


@dataclass(frozen=True)
class SourceResult:
    """One source as it was read."""

    name: str
    rows: int
    columns: tuple[str, ...]
    types: tuple[str, ...]
    is_used: bool


@dataclass(frozen=True)
class Warning:  # noqa: A001 - what it is
    """Something that is not wrong and not wanted either."""

    where: str
    text: str


@dataclass(frozen=True)
class PipelineOutput:
    """The steps with their rows, the first rows of the output, all of it as CSV (`csv_rows` of them when it is too long), and the code."""

    sources: tuple[SourceResult, ...]
    steps: tuple[StepResult, ...]
    warnings: tuple[Warning, ...]
    rows: int
    columns: tuple[str, ...]
    types: tuple[str, ...]
    first_rows: tuple[tuple[Cell, ...], ...]
    csv: str
    csv_rows: int
    dialect: str
    sql: str
    definitions: str
    pandas: str


def run(inputs: PipelineInputs) -> PipelineOutput:
    """Check, run and write; raises `InputError` on "data" and the like with the line, and on "steps.N" with the field."""
    if not inputs.steps:
        raise InputError("steps", "Needs at least one step: filter, join, aggregate ...")
    report(0.05, "Reading")
    tables, rows, separators = _sources(inputs)
    plan = make_plan(inputs.steps, tables)
    report(0.4, "Running the steps")
    made = run_plan(plan, rows)
    report(0.9, "Writing code")
    output = made[plan.output.name]
    text, written = _csv(output, plan.output)
    return PipelineOutput(
        sources=tuple(_source(table, made, plan) for table in plan.sources),
        steps=tuple(_result(step, made, inputs.steps[step.place]) for step in sorted(plan.steps, key=lambda one: one.place)),
        warnings=tuple(Warning(*one) for one in plan.warnings),
        rows=output.count,
        columns=tuple(plan.output.columns),
        types=tuple(plan.output.columns.values()),
        first_rows=_first(output, plan.output),
        csv=text,
        csv_rows=written,
        dialect=inputs.dialect,
        sql=sql_code.query(plan, inputs.dialect),
        definitions=sql_code.definitions(plan, inputs.dialect),
        pandas=pandas_code.script(plan, f"{plan.sources[0].name} pipeline", separators),
    )


def _sources(inputs: PipelineInputs) -> tuple[list[Typed], dict[str, Rows], dict[str, str]]:
    """The sources as tables, their rows and their delimiters by name."""
    given = (
        ("data", inputs.data, "name", inputs.name),
        ("second", inputs.second, "secondName", inputs.second_name),
        ("third", inputs.third, "thirdName", inputs.third_name),
    )
    tables: list[Typed] = []
    rows: dict[str, Rows] = {}
    separators: dict[str, str] = {}
    for where, text, at, name in given:
        if not text.strip() and where != "data":
            continue
        said = " ".join(name.split())
        if not said or not said.isprintable() or len(said.encode()) > 60 or said.lower() in {one.name.lower() for one in tables}:  # noqa: PLR2004 - as for columns
            raise InputError(at, "Must be a name of its own, of 1 to 60 bytes that can be printed.")
        table, rows[said], separators[said] = read_table(text, said, where)
        tables.append(table)
    return tables, rows, separators


def _source(table: Typed, made: dict[str, Rows], plan: Plan) -> SourceResult:
    is_used = any(table in step.inputs for step in plan.steps if step.is_used)
    return SourceResult(table.name, made[table.name].count, tuple(table.columns), tuple(table.columns.values()), is_used)


def _result(step: Step, made: dict[str, Rows], row: PipelineStep) -> StepResult:
    reads = tuple(table.name for table in step.inputs)
    said = "; ".join(part for part in (" ".join(row.columns.split()), " ".join(row.expression.split())) if part)
    names, types = tuple(step.columns)[:MOST_NAMED], tuple(step.columns.values())[:MOST_NAMED]
    counts = made[reads[0]].count, made[step.name].count
    return StepResult(step.name, row.operation, reads, said, *counts, len(step.columns), names, types, step.is_used)


def _first(rows: Rows, step: Step) -> tuple[tuple[Cell, ...], ...]:
    """Up to 200 rows, fewer when they are very long; long cells are cut."""
    made: list[tuple[Cell, ...]] = []
    size = 0
    for row in zip(*(rows.cells[name][:MOST_SHOWN] for name in step.columns), strict=True):
        made.append(tuple(f"{one[: MOST_CELL - 1]}…" if isinstance(one, str) and len(one) > MOST_CELL else one for one in row))
        size += sum(len(str(one).encode()) + 4 for one in made[-1])
        if size > MOST_OUTPUT:
            break
    return tuple(made)


def _csv(rows: Rows, step: Step) -> tuple[str, int]:
    """The rows as CSV and how many of them: all that fit 200,000 bytes. Numbers are written as short as they can be read back."""
    lines: list[str] = []
    size = 0
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    for row in chain((tuple(step.columns),), zip(*(rows.cells[name] for name in step.columns), strict=True)):
        held.seek(0)
        held.truncate()
        writer.writerow([_written(one) for one in row])
        size += len(held.getvalue().encode())
        if size > MOST_OUTPUT and lines:
            break
        lines.append(held.getvalue())
    return "".join(lines), len(lines) - 1


def _written(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - whole numbers are exact below
    return str(value)


# --- result -------------------------------------------------------------------------------------------------------------------


def present(output: PipelineOutput) -> tuple[Block, ...]:
    """Key figures, the picture, the rows; the steps, the SQL and the pandas code on their tabs."""
    main = output.sources[0]
    figures = (
        Figure("Rows out", f"{output.rows:,}", f"from {main.rows:,} of {main.name}"),
        Figure("Columns out", f"{len(output.columns):,}"),
        Figure("Steps", f"{len(output.steps):,}", f"{sum(1 for one in output.steps if not one.is_used):,} not used" if output.warnings else "all used"),
    )
    return (
        KeyFigures(figures),
        _picture(output),
        *_output_blocks(output),
        _steps_table(output),
        _rows_chart(output),
        *_warned(output),
        Note(
            "Which rows remain, and what is computed, is the same in all three: this run, the SQL and the pandas script. Only a last sort gives an order.",
            tab="SQL",
        ),
        Code("Query", "sql", output.sql, "pipeline.sql", tab="SQL"),
        Code("Tables that it reads", "sql", output.definitions, "tables.sql", tab="SQL"),
        Code("pandas script", "python", output.pandas, "pipeline.py", tab="pandas"),
    )


def _output_blocks(output: PipelineOutput) -> tuple[Block, ...]:
    columns = tuple(Column(name, "decimal" if kind == NUMBER else "text") for name, kind in zip(output.columns, output.types, strict=True))
    rows = tuple(tuple(_shown(one) for one in row) for row in output.first_rows)
    cut = f"The first {len(rows):,} of {output.rows:,} rows." if output.rows > len(rows) else ""
    part = f" The first {output.csv_rows:,} rows: all of them are too long for one result." if output.csv_rows < output.rows else ""
    return Table("Output", columns, rows, note=cut), Code(f"Output as CSV.{part}" if part else "Output as CSV", "text", output.csv, "output.csv", tab="Output")


def _shown(value: Cell) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - whole numbers are exact below
        return int(value)
    return value


def _steps_table(output: PipelineOutput) -> Table:
    columns = (Column("Step"), Column("Does"), Column("Reads"), Column("With", "code"), Column("Rows in", "integer"), Column("Rows out", "integer", bar=True))
    columns = (*columns, Column("Columns", "integer"), Column("Types"))
    rows = tuple(
        (one.name, one.operation, ", ".join(one.reads), one.says, one.rows_in, one.rows_out, one.width, _types(one.columns, one.types)) for one in output.steps
    )
    return Table("Steps", columns, rows, download="steps.csv", tab="Steps")


def _types(columns: tuple[str, ...], types: tuple[str, ...]) -> str:
    named = [f"{name} {kind}" for name, kind in zip(columns, types, strict=True)]
    return ", ".join(named[:12]) + (f" and {len(named) - 12} more" if len(named) > 12 else "")  # noqa: PLR2004 - a cell is to be read at a glance


def _rows_chart(output: PipelineOutput) -> Chart:
    tables = [(one.name, one.rows) for one in output.sources if one.is_used] + [(one.name, one.rows_out) for one in output.steps if one.is_used]
    points = tuple((name, float(rows)) for name, rows in tables)
    most = max(output.steps, key=lambda one: one.rows_in - one.rows_out)
    lost = most.rows_in - most.rows_out
    summary = f"{most.name} takes away the most rows: {lost:,} of {most.rows_in:,}." if lost > 0 else "No step takes rows away."
    return Chart(
        "How many rows are there after each step?", "bar", Axis("Step", "text"), Axis("Rows", "integer"), (Series("Rows", points),), summary, tab="Steps"
    )


def _warned(output: PipelineOutput) -> tuple[Findings, ...]:
    if not output.warnings:
        return ()
    found = tuple(Finding("low", one.text, one.where) for one in output.warnings)
    return (Findings("To look at", found, "Unused sources and steps, and sorts that are not last.", tab="Steps"),)


def _picture(output: PipelineOutput) -> Diagram:
    depth: dict[str, int] = {one.name: 0 for one in output.sources}
    for _ in output.steps:
        for one in output.steps:
            depth[one.name] = 1 + max((depth.get(name, 0) for name in one.reads), default=0)
    seen: dict[int, int] = {}
    nodes: list[Node] = []
    for name, kind, lines in _boxes(output):
        at = depth[name]
        row = seen[at] = seen.get(at, -1) + 1
        nodes.append(Node(name, name, kind, at, float(row), lines))
    edges = tuple(Edge(name, one.name) for one in output.steps for name in dict.fromkeys(one.reads))
    last = output.steps[-1]
    summary = f"{len(output.steps)} steps over {len(output.sources)} sources; {last.name} gives the output of {output.rows:,} rows."
    return Diagram("How do rows flow?", tuple(nodes), edges, summary)


def _boxes(output: PipelineOutput) -> list[tuple[str, str, tuple[str, ...]]]:
    """(name, kind, lines) of every source and step."""
    sources = [(one.name, "table", (f"{one.rows:,} rows", f"{len(one.columns)} columns", *([] if one.is_used else ["not read"]))) for one in output.sources]
    last = output.steps[-1].name
    words = {name.removesuffix("_step"): said for name, said in _WORDS.items()} | {"rename": "renames columns"}
    steps = [
        (one.name, "output" if one.name == last else "process", (words[one.operation], f"{one.rows_out:,} rows", *([] if one.is_used else ["not used"])))
        for one in output.steps
    ]
    return [*sources, *steps]


# --- the tool -----------------------------------------------------------------------------------------------------------------


def _units(inputs: PipelineInputs) -> int:
    """Characters to read, and for each row the cells and the words of every step."""
    rows, columns = size_of(inputs.data, "auto", has_header=True)
    words = sum(2 + columns + len(step.expression) // 3 for step in inputs.steps)
    return len(inputs.data) + len(inputs.second) + len(inputs.third) + rows * words


def _describe(inputs: PipelineInputs) -> str:
    rows, columns = size_of(inputs.data, "auto", has_header=True)
    steps = len(inputs.steps)
    return f"{steps} step{'' if steps == 1 else 's'} over {rows:,} rows × {columns:,} columns"  # noqa: RUF001 - a product


_ORDERS = """\
order_id,customer_id,ordered_on,status,quantity,unit_price
1001,7,2026-03-02,paid,2,60.25
1002,8,2026-03-02,paid,1,89.99
1003,7,2026-03-09,paid,3,24.00
1004,9,2026-03-12,cancelled,1,310.75
1005,10,2026-04-01,paid,5,12.50
1006,8,2026-04-03,paid,2,89.99
1006,8,2026-04-03,paid,2,89.99
1007,11,2026-04-18,paid,1,
1008,12,2026-04-20,paid,10,4.20
1009,10,2026-04-28,returned,1,12.50
1010,9,2026-04-30,paid,4,55.00
"""
_CUSTOMERS = """\
id,name,country
7,Ada Byron,UK
8,Charles Dodgson,UK
9,Emmy Noether,DE
10,Sofia Kovalevskaya,SE
11,Blaise Pascal,FR
"""

TOOL: Tool[PipelineInputs, PipelineOutput] = Tool(
    id="data-studio-pipelines",
    title="Data Pipeline Designer",
    studio=Studio.DATA,
    mode=Mode.HYBRID,
    cap=5,
    summary="Chain steps over CSV and see the rows at once, with SQL and pandas code that give the same.",
    takes="steps (filter, map, join, aggregate, deduplicate) over CSV",
    gives="checked DAG, pandas and SQL code, the output itself",
    inputs=PipelineInputs,
    example=PipelineInputs(
        data=_ORDERS,
        second=_CUSTOMERS,
        second_name="customers",
        steps=(
            PipelineStep("deduplicate", name="once each"),
            PipelineStep("filter", expression="status == 'paid'", name="paid"),
            PipelineStep("fill", "unit_price", "0", name="priced"),
            PipelineStep("derive", "revenue", "round(quantity * unit_price, 2)"),
            PipelineStep("derive", "month", "month(ordered_on)"),
            PipelineStep("join", "customer_id = id", second="customers", how="left", name="with country"),
            PipelineStep("fill", "country", "'unknown'"),
            PipelineStep("aggregate", "country, month", "orders = count(), revenue = sum(revenue), customers = distinct(customer_id)", name="by country"),
            PipelineStep("sort", "revenue desc, country, month", name="report"),
        ),
    ),
    cost=Cost(units=_units, describe=_describe, lower="data", cpu_us_per_unit=0.2, cpu_ms_base=6.0, mem_bytes_per_unit=20.0, mem_mb_base=8.0, spread=2.0),
    run=run,
    present=present,
    keywords=("ETL", "CSV", "filter", "join", "aggregate", "pandas", "SQL", "PostgreSQL", "SQLite", "transform", "DAG"),
)
