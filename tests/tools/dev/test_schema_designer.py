import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.dev import schema_designer as designer
from credit_studio.tools.dev.ddl.writing import RESERVED
from credit_studio.tools.dev.schema_designer import TOOL, ColumnRow, Inputs, Output, present, run
from tests.tools.dev.catalogs import Postgres, sqlite_catalog, sqlite_of

SAMPLES = Path(__file__).with_name("samples")
assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example
SHOP = (SAMPLES / "shop.postgres.sql").read_text()
ROWS = Inputs(
    columns=(
        ColumnRow("customer", "id", "id"),
        ColumnRow("customer", "email", "varchar", "120", required=True, key="unique"),
        ColumnRow("customer", "joined", "timestamptz", default="now", required=True),
        ColumnRow("invoice", "year", "integer", key="primary"),
        ColumnRow("invoice", "number", "integer", key="primary", default="-5"),
        ColumnRow("invoice", "customer_id", "bigint", references="customer", key="index", required=True),
        ColumnRow("invoice", "email", "varchar", "120", references="customer.email"),
        ColumnRow("invoice", "state", "enum", "draft, sent, it's paid", default="draft"),
        ColumnRow("invoice", "net", "decimal", "10,3", default="0.125"),
        ColumnRow("invoice", "is_late", "boolean", default="no", required=True),
        ColumnRow("invoice", "due", "date", default="now"),
        ColumnRow("invoice", "note", "text", default="it's due"),
    )
)
CASES = {
    "shop": Inputs(sql=SHOP),
    "blog": Inputs(sql=(SAMPLES / "blog.mysql.sql").read_text(), dialect="mysql"),
    "tracker": Inputs(sql=(SAMPLES / "tracker.sqlite.sql").read_text(), dialect="sqlite"),
    "dump": Inputs(sql=(SAMPLES / "dump.postgres.sql").read_text()),
    "rows": ROWS,
    "example": EXAMPLE,
}
of_each = pytest.mark.parametrize("inputs", CASES.values(), ids=CASES.keys())


def ddl(output: Output, dialect: str) -> str:
    return next(one.ddl for one in output.scripts if one.dialect == dialect)


def remarks(sql: str, dialect: Any = "postgres") -> Counter[str]:
    return Counter(one.title for one in run(Inputs(sql=sql, dialect=dialect)).remarks)


@of_each
def test_what_is_written_runs_on_sqlite(inputs: Inputs) -> None:
    output = run(inputs)
    made = sqlite_catalog(sqlite_of(ddl(output, "sqlite")))
    assert len(made) == output.tables
    assert sum(len(table["columns"]) for table in made.values()) == output.columns_total
    assert sqlite_of(ddl(output, "sqlite")).execute("PRAGMA foreign_key_check").fetchall() == []


@of_each
def test_what_is_written_runs_on_postgresql(inputs: Inputs, postgres: str) -> None:
    output = run(inputs)
    with Postgres(postgres, "made") as server:
        server.run(ddl(output, "postgres").replace("stock.", "made.").replace("CREATE SCHEMA IF NOT EXISTS stock;", ""))
        assert len(server.catalog()["columns"]) == output.columns_total


@of_each
def test_what_is_written_for_mysql_is_read_as_mysql(inputs: Inputs) -> None:
    statements = [one for one in sqlglot.parse(ddl(run(inputs), "mysql"), read="mysql") if one is not None]
    assert not any(isinstance(one, exp.Command) for one in statements)
    assert sum(isinstance(one, exp.Create) and one.args["kind"] == "TABLE" for one in statements) == run(inputs).tables


@of_each
@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_what_is_written_is_read_back_as_it_was(inputs: Inputs, dialect: Any) -> None:
    once = ddl(run(inputs), dialect)
    again = run(Inputs(sql=once, dialect=dialect))
    in_circle = any("circle" in one.title for one in again.remarks)  # where it is opened depends on the order of the tables
    assert ddl(again, dialect) == once or in_circle
    assert run(Inputs(sql=once, next_sql=ddl(again, dialect), dialect=dialect)).steps == ()


def test_postgresql_knows_the_same_from_what_was_given_and_what_was_written(postgres: str) -> None:
    sql = SHOP.partition("GRANT")[0]
    with Postgres(postgres, "given") as server:
        server.run(sql)
        wanted = server.catalog()
    with Postgres(postgres, "given") as server:
        server.run(ddl(run(Inputs(sql=sql)), "postgres"))
        assert server.catalog() == wanted


def test_sqlite_holds_rows_to_what_was_asked() -> None:
    made = sqlite_of(ddl(run(ROWS), "sqlite"))
    made.execute("INSERT INTO customer (email) VALUES ('a@b.example')")
    made.execute("INSERT INTO invoice (year, number, customer_id) VALUES (2025, 1, 1)")
    assert made.execute("SELECT state, net, is_late, note FROM invoice").fetchall() == [("draft", 0.125, 0, "it's due")]
    for wrong in ("(2025, 1, 1, 'draft')", "(2025, 2, 9, 'draft')", "(2025, 3, 1, 'lost')"):
        with pytest.raises(Exception, match=r"constraint failed"):
            made.execute(f"INSERT INTO invoice (year, number, customer_id, state) VALUES {wrong}")  # noqa: S608 - written above


def test_tables_come_after_those_that_they_refer_to_and_a_circle_is_closed_at_the_end() -> None:
    sql = ddl(run(Inputs(sql=SHOP)), "postgres")
    assert sql.index("CREATE TABLE customer") < sql.index("CREATE TABLE orders")
    assert sql.rindex("ALTER TABLE payment ADD CONSTRAINT payment_order_id_fkey") > sql.index("CREATE TABLE orders")


def test_types_are_mapped() -> None:
    sql = (
        "CREATE TABLE a (id uuid PRIMARY KEY, b bytea, c jsonb, d timestamptz, e numeric, f double precision, g varchar, h boolean, i text UNIQUE, j interval)"
    )
    columns = {dialect: _types(ddl(run(Inputs(sql=sql)), dialect)) for dialect in ("mysql", "sqlite")}
    assert columns["mysql"] == ["CHAR(36)", "LONGBLOB", "JSON", "DATETIME", "DECIMAL(38, 10)", "DOUBLE", "TEXT", "BOOLEAN", "VARCHAR(255)", "VARCHAR(64)"]
    assert columns["sqlite"] == ["CHAR(36)", "BLOB", "TEXT", "DATETIME", "NUMERIC", "REAL", "TEXT", "BOOLEAN", "TEXT", "TEXT"]


def _types(sql: str) -> list[str]:
    lines = [line.strip().rstrip(",").partition(" ")[2].replace(" NOT NULL", "") for line in sql.splitlines() if line.startswith("    ")]
    return [line for line in lines if not line.startswith(("KEY", "a_"))]


@pytest.mark.parametrize(
    ("sql", "title"),
    [
        ("CREATE TABLE a (x int)", "No primary key"),
        ("CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b (id))", "A foreign key that cannot be made"),
        ("CREATE TABLE b (id int PRIMARY KEY, n int); CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b (n))", "A foreign key that cannot be made"),
        ("CREATE TABLE b (id bigint PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b)", "A foreign key of another type than its target"),
        ("CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b)", "A foreign key without an index"),
        ("CREATE TABLE a (id int PRIMARY KEY, b int, c int); CREATE INDEX i ON a (b); CREATE INDEX j ON a (b, c)", "An index that another one covers"),
        ("CREATE TABLE a (id int PRIMARY KEY, b int UNIQUE); CREATE INDEX i ON a (b)", "An index that another one covers"),
        ("CREATE TABLE a (id int PRIMARY KEY, total_price real)", "Money in a binary float"),
        ("CREATE TABLE a (id int PRIMARY KEY, b varchar(9000))", "A very wide varchar"),
        ("CREATE TABLE a (id int PRIMARY KEY, b timestamp)", "A time stamp without a time zone"),
        ("CREATE TABLE a (id int PRIMARY KEY, b boolean)", "A yes or no that can be neither"),
        ('CREATE TABLE a (id int PRIMARY KEY, "group" int)', "A reserved word as a name"),
        ('CREATE TABLE a (id int PRIMARY KEY, "A b" int)', "A name that needs quotes"),
        (f"CREATE TABLE a (id int PRIMARY KEY, {'x' * 70} int)", "A name that is cut"),
        ("CREATE TABLE customers (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, customer_id int)", "Looks like a reference without a foreign key"),
        ("CREATE TABLE a (id int PRIMARY KEY, PRIMARY KEY (id), b int[])", "An array"),
        (f"CREATE TABLE a (id int PRIMARY KEY, {', '.join(f'c{number} int' for number in range(50))})", "A very wide table"),
    ],
)
def test_each_weakness_is_found(sql: str, title: str) -> None:
    assert remarks(sql)[title] == 1


def test_a_sound_schema_has_no_remark() -> None:
    sql = "CREATE TABLE b (id bigint PRIMARY KEY); CREATE TABLE a (b_id bigint REFERENCES b, n int, PRIMARY KEY (b_id, n));"
    assert remarks(sql) == Counter()
    assert run(Inputs(sql=sql)).picture.edges[0].label == "b_id"


def test_reserved_words_hold_all_that_postgresql_reserves(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        words = {word for (word,) in connection.execute("SELECT word FROM pg_get_keywords() WHERE catcode = 'R'")}
    assert words <= RESERVED


def test_what_makes_no_table_is_told_and_what_says_nothing_is_not() -> None:
    assert [words for _, words in run(CASES["shop"]).unread] == ["GRANT SELECT ON orders TO analyst"]
    assert run(CASES["dump"]).unread == ()
    assert [line for line, _ in run(CASES["blog"]).unread] == [3]


def test_what_another_database_cannot_have_is_said() -> None:
    lost = [(one.title, one.detail) for one in run(CASES["shop"]).remarks if one.title.startswith("Not the same")]
    assert ("Not the same in MySQL", "The index one_open is for some rows only, which it does not have.") in lost
    assert len(lost) == 2


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "Give CREATE TABLE"),
        ("SELECT 1", "Holds no CREATE TABLE"),
        ("CREATE TABLE a (", "Line 1"),
        ("CREATE TABLE a (x int);\nCREATE TABLE a (y int)", "Line 2: The table 'a' is declared twice"),
        ("CREATE TABLE a (x int, x int)", "declared twice"),
        ("CREATE TABLE a (x int);\n\nCREATE INDEX i ON b (x)", "Line 3: This index"),
        ("ALTER TABLE a ADD COLUMN x int", "altered and not declared"),
        ("CREATE TABLE a (x int PRIMARY KEY, y int, PRIMARY KEY (y))", "two primary keys"),
        ("CREATE TABLE " + "a (x int); CREATE TABLE ".join(f"t{number} (x int); CREATE TABLE " for number in range(200)) + "z (x int)", ""),
        ("CREATE TABLE a (" + ", ".join(f"c{number} int" for number in range(900)) + ")", "More than 800"),
        ("blah blah", "not an SQL statement"),
        ("'" * 1001, "Line 1"),
        ("(" * 5_000, "sql"),
    ],
)
def test_sql_that_cannot_be_read_is_refused_where_it_stands(sql: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        run(Inputs(sql=sql))
    assert refused.value.field == "sql"
    assert said == "sql" or said in refused.value.message


ROW = ColumnRow("a", "b")


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ((replace(ROW, table="a b"),), "columns.0.table"),
        ((replace(ROW, name="1"),), "columns.0.name"),
        ((ROW, ROW), "columns.1.name"),
        ((replace(ROW, type="enum"),), "columns.0.details"),
        ((replace(ROW, type="varchar", details="0"),), "columns.0.details"),
        ((replace(ROW, type="decimal", details="2,3"),), "columns.0.details"),
        ((replace(ROW, details="7"),), "columns.0.details"),
        ((replace(ROW, type="integer", default="one"),), "columns.0.default"),
        ((replace(ROW, type="boolean", default="1"),), "columns.0.default"),
        ((replace(ROW, type="date", default="today"),), "columns.0.default"),
        ((replace(ROW, type="time", default="now"),), "columns.0.default"),
        ((replace(ROW, type="uuid", default="x"),), "columns.0.default"),
        ((replace(ROW, type="enum", details="x, y", default="z"),), "columns.0.default"),
        ((replace(ROW, references="none"),), "columns.0.references"),
        ((replace(ROW, references="a"),), "columns.0.references"),
        ((replace(ROW, references="a.c"),), "columns.0.references"),
    ],
)
def test_a_row_that_does_not_fit_names_its_cell(rows: tuple[ColumnRow, ...], field: str) -> None:
    with pytest.raises(InputError) as refused:
        run(Inputs(columns=rows))
    assert refused.value.field == field


def test_rows_join_the_tables_of_the_sql_and_do_not_change_them() -> None:
    row = ColumnRow("note", "customer_id", "bigint", references="customer")
    output = run(Inputs(sql=SHOP, columns=(ColumnRow("note", "id", "id"), row)))
    assert ("note", "customer", "customer_id") in {(one.source, one.target, one.label) for one in output.picture.edges}
    with pytest.raises(InputError) as refused:
        run(Inputs(sql=SHOP, columns=(ColumnRow("customer", "x"),)))
    assert refused.value.field == "columns.0.table"


def test_the_diagram_flows_from_foreign_keys_to_what_they_refer_to_and_says_so() -> None:
    picture = run(EXAMPLE).picture
    assert {node.id: node.column for node in picture.nodes} == {"customer": 2, "product": 2, "orders": 1, "order_line": 0}
    assert {(edge.source, edge.target) for edge in picture.edges} == {("orders", "customer"), ("order_line", "orders"), ("order_line", "product")}
    assert "to the table that it refers to" in picture.note
    assert picture.nodes[0].lines[0] == "id PK"


@given(st.text(max_size=120) | st.lists(st.sampled_from(SHOP.split(" ")), max_size=40).map(" ".join), st.sampled_from(["postgres", "mysql", "sqlite"]))
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_or_refused(text: str, dialect: Any) -> None:
    try:
        output = run(Inputs(sql=text or " x", dialect=dialect, next_sql=text))
    except InputError as error:
        output, field = None, error.field
    else:
        field = ""
    assert field in {"", "sql", "nextSql"}
    assert output is None or json.dumps(blocks.to_json(present(output)))


def test_the_largest_schema_fits_the_output() -> None:
    tables = "".join(
        f"CREATE TABLE table_number_{at} (id bigint PRIMARY KEY, {', '.join(f'column_{number} varchar(40) NOT NULL' for number in range(6))});\n"
        for at in range(110)
    )
    output = run(Inputs(sql=tables, next_sql=tables.replace("varchar(40)", "text")))
    assert len(json.dumps(jsonable(output), ensure_ascii=False)) < TOOL.limits.output_bytes
    assert len(json.dumps(blocks.to_json(present(output)), ensure_ascii=False)) < TOOL.limits.output_bytes


def test_each_database_has_its_tab_and_its_file() -> None:
    codes = [block for block in present(run(Inputs(sql=SHOP))) if isinstance(block, blocks.Code)]
    assert [(one.tab, one.filename) for one in codes] == [
        ("PostgreSQL", "schema.postgresql.sql"),
        ("MySQL", "schema.mysql.sql"),
        ("SQLite", "schema.sqlite.sql"),
    ]
    assert designer.TOOL.cap == 0
