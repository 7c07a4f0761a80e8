"""Database Schema Designer: tables from a form or from SQL DDL; DDL for three databases, a diagram, findings, and the way to a next version.

What is read and written is in `ddl/`: reading (sqlglot), writing, comparing, migrating, rebuilding (SQLite), reviewing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Len

from credit_studio.tools.base import InputError, Mode, Studio, Tool, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Edge, Figure, Finding, Findings, KeyFigures, Node, Note, Table

MOST_SQL, MOST_ROWS, MOST_RENAMES = 60_000, 200, 40
MOST_IN_PICTURE, MOST_FOUND = 40, 300
Dialect = Literal["postgres", "mysql", "sqlite"]
_DIALECTS = (("postgres", "PostgreSQL"), ("mysql", "MySQL"), ("sqlite", "SQLite"))
_FILES = {"postgres": "postgresql", "mysql": "mysql", "sqlite": "sqlite"}
Kind = Literal[
    "id", "integer", "bigint", "decimal", "double", "boolean", "varchar", "text", "date", "timestamptz", "timestamp", "time", "uuid", "json", "bytes", "enum",
]  # fmt: skip
_KINDS = (
    ("id", "Id, counted up"), ("integer", "Whole number"), ("bigint", "Large whole number"), ("decimal", "Exact decimal"), ("double", "Floating point"),
    ("boolean", "Yes or no"), ("varchar", "Text of a length"), ("text", "Text"), ("date", "Date"), ("timestamptz", "Instant, with zone"),
    ("timestamp", "Date and time"), ("time", "Time of day"), ("uuid", "UUID"), ("json", "JSON"), ("bytes", "Bytes"), ("enum", "One of some values"),
)  # fmt: skip
_KEYS = (("none", "None"), ("primary", "Primary key"), ("unique", "Unique"), ("index", "Index"))
_NEXT = "Next version"


@dataclass(frozen=True)
class ColumnRow:
    """One column of a table in the form."""

    table: Annotated[str, Len(1, 60)] = ui("Table", "The table that it is a column of.", placeholder="orders")
    name: Annotated[str, Len(1, 60)] = ui("Column", "The name of the column.", placeholder="customer_id")
    type: Kind = ui("Type", "What it holds.", default="text", choices=_KINDS)
    details: Annotated[str, Len(0, 300)] = ui("Size or values", "Length of a text, 12,2 of a decimal, or the values to choose from.", default="")
    required: bool = ui("Required", "It must have a value.", default=False)
    key: Literal["none", "primary", "unique", "index"] = ui(
        "Key", "Columns of one table that are primary together make one key.", default="none", choices=_KEYS
    )
    references: Annotated[str, Len(0, 120)] = ui("Refers to", "The table, or table.column, whose row it names.", default="", placeholder="customer")
    default: Annotated[str, Len(0, 100)] = ui("Default", "A value; now for the time of writing.", default="")


@dataclass(frozen=True)
class Inputs:
    """The schema as SQL, as rows, or as both, and its next version; raises `InputError` when there is neither."""

    sql: Annotated[str, Len(0, MOST_SQL)] = ui(
        "SQL DDL",
        "CREATE TABLE and CREATE INDEX statements, as pg_dump --schema-only and mysqldump --no-data write them. They are read, never run.",
        default="",
        widget="file",
        accept=".sql,.ddl,.txt",
        placeholder="CREATE TABLE customer (...);",
    )
    dialect: Dialect = ui("Written for", "The database that the SQL is written for.", default="postgres", choices=_DIALECTS)
    columns: Annotated[tuple[ColumnRow, ...], Len(0, MOST_ROWS)] = ui(
        "Columns", "Tables without SQL: up to 200 columns. They are added to those of the SQL.", default=()
    )
    next_sql: Annotated[str, Len(0, MOST_SQL)] = ui(
        "SQL DDL of the next version",
        "The whole schema as it is to become, in the same SQL: gives the statements that lead there. May stay empty.",
        default="",
        widget="file",
        accept=".sql,.ddl,.txt",
        group=_NEXT,
    )
    renames: Annotated[tuple[Annotated[str, Len(0, 200)], ...], Len(0, MOST_RENAMES)] = ui(
        "What was renamed", "One a line: orders -> purchase, or orders.total -> amount. Otherwise the old one is dropped.", default=(), group=_NEXT
    )

    def __post_init__(self) -> None:
        if not self.sql.strip() and not self.columns:
            raise InputError("sql", "Give CREATE TABLE statements, or add columns below.")
        if self.renames and not self.next_sql.strip() and any(one.strip() for one in self.renames):
            raise InputError("nextSql", "Renames are for the next version: give its SQL.")


@dataclass(frozen=True)
class ColumnLine:
    """One column as a table tells it."""

    table: str
    name: str
    type: str
    nullable: bool
    key: str
    default: str
    refers: str


@dataclass(frozen=True)
class Script:
    """The DDL of one database, and the way to the next version: empty when there is none."""

    dialect: str
    ddl: str
    migration: str


@dataclass(frozen=True)
class StepLine:
    """One step of a migration."""

    dialect: str
    number: int
    table: str
    what: str
    risk: str


@dataclass(frozen=True)
class Output:
    """The schema in all three dialects. `remarks` are cut at 300; `remarks_total` counts all."""

    tables: int
    columns_total: int
    foreign_keys: int
    columns: tuple[ColumnLine, ...]
    scripts: tuple[Script, ...]
    picture: Diagram
    remarks_total: int
    remarks: tuple[Finding, ...]
    unread: tuple[tuple[int, str], ...]
    has_next: bool
    steps: tuple[StepLine, ...]
    suggestions: tuple[str, ...]


def run(inputs: Inputs) -> Output:
    """The schema read, written, reviewed and compared; raises `InputError` with the line for SQL that cannot be read."""
    try:
        return _output(inputs)
    except RecursionError:
        raise InputError("nextSql" if inputs.next_sql.strip() else "sql", "Holds an expression that is nested too deeply. Simplify it.") from None


def _output(inputs: Inputs) -> Output:
    from credit_studio.tools.dev.ddl import reviewing  # noqa: PLC0415 - sqlglot is loaded where it runs, not where pages are made
    from credit_studio.tools.dev.ddl.comparing import renames, suggestions  # noqa: PLC0415 - the same
    from credit_studio.tools.dev.ddl.reading import read  # noqa: PLC0415 - the same

    schema = _schema(inputs)
    has_next = bool(inputs.next_sql.strip())
    following = read(inputs.next_sql, inputs.dialect, "nextSql") if has_next else None
    if following is not None and not following.tables:
        raise InputError("nextSql", "Holds no CREATE TABLE statement.")
    changes = renames(inputs.renames, schema, following, "renames") if following is not None else []
    ways = {dialect: _way(schema, following, changes, dialect) for dialect, _ in _DIALECTS}
    remarks = reviewing.review(following or schema)
    shown = following or schema
    columns = tuple(_line(shown, table, column) for table in shown.tables.values() for column in table.columns)
    return Output(
        tables=len(shown.tables),
        columns_total=len(columns),
        foreign_keys=sum(len(table.foreign) for table in shown.tables.values()),
        columns=columns[:500],
        scripts=tuple(Script(dialect, _ddl(shown, dialect), _migration_text(steps, dialect, has_next=has_next)) for dialect, steps in ways.items()),
        picture=_picture(shown),
        remarks_total=len(remarks),
        remarks=tuple(Finding(one.severity, one.title, one.where, one.detail, one.fix) for one in remarks[:MOST_FOUND]),
        unread=tuple((schema.unread + (following.unread if following else []))[:50]),
        has_next=has_next,
        steps=tuple(
            StepLine(dialect, number, step.table, step.what, step.risk) for dialect, steps in ways.items() for number, step in enumerate(steps, start=1)
        ),
        suggestions=tuple(suggestions(_after(schema, changes), following)[:20]) if following is not None else (),
    )


def _schema(inputs: Inputs) -> Any:  # noqa: ANN401 - ddl.model.Database, which needs sqlglot
    from credit_studio.tools.dev.ddl import forming  # noqa: PLC0415 - the same
    from credit_studio.tools.dev.ddl.reading import finished, read_open  # noqa: PLC0415 - the same

    schema = read_open(inputs.sql, inputs.dialect, "sql")
    if inputs.sql.strip() and not schema.tables and not inputs.columns:
        raise InputError("sql", "Holds no CREATE TABLE statement.")
    forming.add(schema, inputs.columns)
    return finished(schema)


def _after(schema: Any, changes: Any) -> Any:  # noqa: ANN401 - the same
    from credit_studio.tools.dev.ddl.comparing import renamed  # noqa: PLC0415 - the same

    return renamed(schema, changes)


def _way(schema: Any, following: Any, changes: Any, dialect: str) -> Any:  # noqa: ANN401 - the same
    from credit_studio.tools.dev.ddl.migrating import migration  # noqa: PLC0415 - the same
    from credit_studio.tools.dev.ddl.rebuilding import rebuild  # noqa: PLC0415 - the same

    if following is None:
        return []
    return rebuild(schema, following, changes) if dialect == "sqlite" else migration(schema, following, changes, dialect)


def _ddl(schema: Any, dialect: str) -> str:  # noqa: ANN401 - the same
    from credit_studio.tools.dev.ddl.writing import Writer  # noqa: PLC0415 - the same

    head = "PRAGMA foreign_keys = ON;\n\n" if dialect == "sqlite" else ""
    return head + "".join(f"{statement};\n\n" for statement in Writer(schema, dialect).script()).rstrip() + "\n"


def _migration_text(steps: Any, dialect: str, *, has_next: bool) -> str:  # noqa: ANN401 - ddl.migrating.Step
    if not has_next:
        return ""
    if not steps:
        return "-- Nothing changes.\n"
    lines = [_marked(step) for step in steps]
    if dialect == "postgres":
        # What a transaction adds to a type, it cannot use.
        alone = sum(1 for step in steps if step.sql.startswith("ALTER TYPE") and " ADD VALUE " in step.sql)
        lines = [*lines[:alone], "BEGIN;\n", *lines[alone:], "COMMIT;\n"]
    head = "-- MySQL commits each statement by itself: make a backup first.\n" if dialect == "mysql" else ""
    return head + "".join(lines)


def _marked(step: Any) -> str:  # noqa: ANN401 - ddl.migrating.Step
    """A statement, under a line that says its risk."""
    marks = {"loses data": "LOSES DATA", "may fail": "Look at the rows first"}
    return f"-- {marks[step.risk]}: {' '.join(step.what.split())}\n{step.sql};\n" if step.risk else f"{step.sql};\n"


def _line(schema: Any, table: Any, column: Any) -> ColumnLine:  # noqa: ANN401 - the same
    from credit_studio.tools.dev.ddl.writing import Writer  # noqa: PLC0415 - the same

    writer = Writer(schema, "postgres")
    keys = [*(["PK"] if column.name in table.primary else []), *(["unique"] if any(one.columns == (column.name,) for one in table.uniques) else [])]
    refers = [f"{one.table} ({', '.join(one.targets)})" for one in table.foreign if column.name in one.columns]
    default = "counted up" if column.is_identity else "computed" if column.generated is not None else writer.default(table, column)[:80]
    kind = f"ENUM ({', '.join(column.type.values)})"[:120] if column.type.kind == "enum" else writer.type(table, column)
    return ColumnLine(table.key, column.name, kind, not column.not_null, ", ".join([*keys, *(["FK"] if refers else [])]), default, ", ".join(refers))


def _picture(schema: Any) -> Diagram:  # noqa: ANN401 - the same
    """Tables from left to right: each stands left of those that it refers to. Of too many, those with the most links."""
    from credit_studio.tools.dev.ddl.model import layers, sound  # noqa: PLC0415 - the same

    placed, _ = layers(schema)
    links = [(table.key, key.table, ", ".join(key.columns)) for table in schema.tables.values() for key in sound(schema, table)]
    degree = {key: sum(key in link[:2] for link in links) for key in schema.tables}
    kept = set(sorted(schema.tables, key=lambda key: -degree[key])[:MOST_IN_PICTURE])
    last = max((placed[key] for key in kept), default=0)
    nodes: list[Node] = []
    for key, table in schema.tables.items():
        if key in kept:
            column = last - placed[key]
            row = sum(1 for node in nodes if node.column == column)
            nodes.append(Node(key, key, "table", column, row, tuple(_column_words(table, one) for one in table.columns)))
    edges = tuple(Edge(source, target, label) for source, target, label in links if {source, target} <= kept)
    cut = f" The {len(nodes)} of {len(schema.tables)} tables with the most links are drawn." if len(nodes) < len(schema.tables) else ""
    note = "An arrow leads from a foreign key, whose columns it names, to the table that it refers to." if edges else ""
    return Diagram("Which table refers to which?", tuple(nodes), edges, f"Tables: {len(nodes)}, foreign keys: {len(edges)}. {note}{cut}", note=note)


def _column_words(table: Any, column: Any) -> str:  # noqa: ANN401 - the same
    mark = " PK" if column.name in table.primary else " FK" if any(column.name in one.columns for one in table.foreign) else ""
    return f"{column.name}{mark}"


def present(output: Output) -> tuple[Block, ...]:
    """Key figures, the diagram and findings; the DDL of each database in a tab; the migration; lists."""
    worst = sum(1 for one in output.remarks if one.severity in {"critical", "high"})
    figures = (
        Figure("Tables", f"{output.tables:,}"),
        Figure("Columns", f"{output.columns_total:,}"),
        Figure("Foreign keys", f"{output.foreign_keys:,}"),
        Figure("Findings", f"{output.remarks_total:,}", f"{worst:,} high or critical" if worst else ""),
    )
    size = f"{output.tables:,} table{'' if output.tables == 1 else 's'}{' of the next version' if output.has_next else ''}"
    checked = f"Looked at keys, foreign keys, indexes, types and names of {size}."
    findings = Findings("What should be mended?", output.remarks, checked)
    names = dict(_DIALECTS)
    codes = tuple(Code(f"Schema for {names[one.dialect]}", "sql", one.ddl, f"schema.{_FILES[one.dialect]}.sql", names[one.dialect]) for one in output.scripts)
    return (KeyFigures(figures), output.picture, findings, *_unread(output), *codes, *_migration_blocks(output), *_data(output))


def _unread(output: Output) -> tuple[Note, ...]:
    said = "; ".join(f"line {line}: {words}" for line, words in output.unread[:8])
    more = f" and {len(output.unread) - 8} more" if len(output.unread) > 8 else ""  # noqa: PLR2004 - those that are named
    return (Note(f"These statements make no table, key or index and were left out: {said}{more}.", title="Not read"),) if output.unread else ()


def _migration_blocks(output: Output) -> Iterator[Block]:
    if not output.has_next:
        return
    names = dict(_DIALECTS)
    losing = sum(1 for one in output.steps if one.risk == "loses data" and one.dialect == "postgres")
    if not output.steps:
        yield Note("The two versions are the same in all three databases.", "good", tab="Migration")
    elif losing:
        said = f"{losing} of the steps lose{'s' if losing == 1 else ''} data: they are marked. Make a backup, and try the script on a copy first."
        yield Note(said, "warn", "Destructive steps", "Migration")
    if output.suggestions:
        yield Note(f"If these were renamed, say so and their data stays: {'; '.join(output.suggestions)}.", "warn", "Renamed?", "Migration")
    for one in output.scripts:
        yield Code(f"Migration for {names[one.dialect]}", "sql", one.migration, f"migration.{_FILES[one.dialect]}.sql", "Migration")
    rows = tuple((names[one.dialect], one.number, one.table, one.what, one.risk) for one in output.steps[:1_000])
    columns = (Column("Database"), Column("Step", "integer"), Column("Table"), Column("What it does"), Column("Risk"))
    if rows:
        yield Table("Steps", columns, rows, download="migration-steps.csv", tab="Migration")


def _data(output: Output) -> Iterator[Table]:
    columns = (Column("Table"), Column("Column"), Column("Type", "code"), Column("May be empty"), Column("Key"), Column("Default", "code"), Column("Refers to"))
    rows = tuple((one.table, one.name, one.type, one.nullable, one.key, one.default, one.refers) for one in output.columns)
    yield Table("Columns", columns, rows, download="columns.csv", tab="Data")
    links = tuple((edge.target, edge.label, edge.source) for edge in output.picture.edges)
    if links:
        yield Table("Foreign keys", (Column("Table"), Column("Columns"), Column("Refers to")), links, download="foreign-keys.csv", tab="Data")


_EXAMPLE_SQL = """\
CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(255) NOT NULL UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent');

CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customer (id),
    status order_status NOT NULL DEFAULT 'open',
    placed timestamp NOT NULL DEFAULT now(),
    total double precision NOT NULL DEFAULT 0,
    note varchar(200)
);

CREATE TABLE order_line (
    order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line integer NOT NULL,
    sku varchar(40) NOT NULL,
    quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
    PRIMARY KEY (order_id, line)
);

CREATE INDEX orders_by_day ON orders (placed DESC);
"""
_EXAMPLE_NEXT = """\
CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(255) NOT NULL UNIQUE,
    full_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE product (
    sku varchar(40) PRIMARY KEY,
    title text NOT NULL,
    price numeric(12, 2) NOT NULL CHECK (price >= 0)
);

CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent', 'returned');

CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer (id),
    status order_status NOT NULL DEFAULT 'open',
    placed timestamptz NOT NULL DEFAULT now(),
    total numeric(12, 2) NOT NULL DEFAULT 0
);

CREATE TABLE order_line (
    order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line integer NOT NULL,
    sku varchar(40) NOT NULL REFERENCES product (sku),
    quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
    PRIMARY KEY (order_id, line)
);

CREATE INDEX orders_by_day ON orders (placed DESC);
CREATE INDEX orders_by_customer ON orders (customer_id);
"""

TOOL = Tool(
    id="dev-studio-schema-designer",
    title="Database Schema Designer",
    studio=Studio.DEV,
    mode=Mode.CLIENT,
    version="1.1.0",
    cap=0,
    summary="Give tables as SQL or as rows. Get them for PostgreSQL, MySQL and SQLite, a diagram, what should be mended, and the migration to a next version.",
    takes="tables or SQL DDL",
    gives="DDL for PostgreSQL, MySQL, SQLite; ER diagram; migration between two versions",
    inputs=Inputs,
    example=Inputs(sql=_EXAMPLE_SQL, next_sql=_EXAMPLE_NEXT, renames=("customer.name -> full_name",)),
    run=run,
    present=present,
    preload=("sqlglot",),
    keywords=("DDL", "ERD", "entity relationship", "migration", "PostgreSQL", "MySQL", "SQLite", "foreign key", "index", "ALTER TABLE"),
)
