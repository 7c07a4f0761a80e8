from collections.abc import Callable
from typing import Any

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from credit_studio.tools.base import InputError
from credit_studio.tools.dev import schema_designer as designer
from credit_studio.tools.dev.schema_designer import TOOL, Inputs, Output, run
from tests.tools.dev.catalogs import Postgres, sqlite_catalog, sqlite_of

assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example


def script(output: Output, dialect: str, what: str = "ddl") -> str:
    return next(getattr(one, what) for one in output.scripts if one.dialect == dialect)


def migrated(old: str, new: str, *renames: str, dialect: Any = "postgres") -> Output:
    return run(Inputs(sql=old, next_sql=new, renames=renames, dialect=dialect))


def assert_sqlite_arrives(old: str, new: str, *renames: str) -> None:
    """The migrated database is what the new version alone makes."""
    output = migrated(old, new, *renames)
    before = sqlite_of(script(run(Inputs(sql=old)), "sqlite"))
    before.executescript(script(output, "sqlite", "migration"))
    assert sqlite_catalog(before) == sqlite_catalog(sqlite_of(script(output, "sqlite")))


def assert_postgres_arrives(url: str, old: str, new: str, *renames: str, given_old: str = "") -> None:
    output = migrated(old, new, *renames)
    with Postgres(url, "way") as server:
        server.run(script(output, "postgres"))
        wanted = server.catalog()
    with Postgres(url, "way") as server:
        server.run(given_old or script(run(Inputs(sql=old)), "postgres"))
        server.run(script(output, "postgres", "migration"))
        assert server.catalog() == wanted


def assert_mysql_is_read(output: Output) -> None:
    for one in (script(output, "mysql"), script(output, "mysql", "migration")):
        for statement in sqlglot.parse(one, read="mysql"):
            assert statement is None or not isinstance(statement, exp.Command) or " DROP CHECK " in str(statement) or "DROP FOREIGN" in str(statement)


A = "CREATE TABLE a (id bigint PRIMARY KEY, n integer NOT NULL DEFAULT 1, t text, u varchar(20) UNIQUE, CHECK (n > 0));"
CASES = {
    "nothing": (A, A),
    "a table comes": (A, A + "CREATE TABLE b (id int PRIMARY KEY, a_id bigint REFERENCES a);"),
    "a table goes": (A + "CREATE TABLE b (id int PRIMARY KEY, a_id bigint REFERENCES a);", A),
    "two that refer to each other go": (
        (
            f"{A} CREATE TABLE b (id int PRIMARY KEY, c int); CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b);"
            "ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c;"
        ),
        A,
    ),
    "columns come and go": (A, "CREATE TABLE a (id bigint PRIMARY KEY, n integer NOT NULL DEFAULT 1, x date, y text NOT NULL DEFAULT 'it''s', CHECK (n > 0));"),
    "a type changes under a check and a default": (A, A.replace("n integer NOT NULL DEFAULT 1", "n numeric(10,2) NOT NULL DEFAULT 1.5")),
    "a default and a null go": (A, A.replace("n integer NOT NULL DEFAULT 1", "n integer")),
    "a null is refused": (A, A.replace("t text", "t text NOT NULL DEFAULT 'none'")),
    "a check changes": (A, A.replace("n > 0", "n > 10 OR t IS NULL")),
    "unique goes and an index comes": (A, A.replace(" UNIQUE", "") + "CREATE INDEX i ON a (u DESC, n); CREATE UNIQUE INDEX j ON a (t) WHERE n > 5;"),
    "an index changes": (A + "CREATE INDEX i ON a (u);", A + "CREATE INDEX i ON a (u, n);"),
    "the primary key changes": (
        A + "CREATE TABLE b (a bigint REFERENCES a);",
        A.replace("id bigint PRIMARY KEY", "id bigint UNIQUE").replace("CHECK", "PRIMARY KEY (id, n), CHECK"),
    ),
    "ids begin to count": (A, A.replace("id bigint PRIMARY", "id bigserial PRIMARY")),
    "ids count no longer": (A.replace("id bigint PRIMARY", "id bigserial PRIMARY"), A),
    "both ends of a reference change": (
        A + "CREATE TABLE b (id int PRIMARY KEY, a_id bigint REFERENCES a ON DELETE CASCADE);",
        A.replace("id bigint", "id uuid") + "CREATE TABLE b (id int PRIMARY KEY, a_id uuid REFERENCES a ON DELETE SET NULL);",
    ),
    "a computed column changes": (
        "CREATE TABLE a (id int PRIMARY KEY, n int, d int GENERATED ALWAYS AS (n * 2) STORED); CREATE INDEX i ON a (d);",
        "CREATE TABLE a (id int PRIMARY KEY, n bigint, d bigint GENERATED ALWAYS AS (n * 3) STORED); CREATE INDEX i ON a (d);",
    ),
    "comments change": (
        "CREATE TABLE a (id int PRIMARY KEY, n int); COMMENT ON COLUMN a.n IS 'x';",
        "CREATE TABLE a (id int PRIMARY KEY, n int); COMMENT ON TABLE a IS 'it''s';",
    ),
    "an enum grows": (
        "CREATE TYPE e AS ENUM ('b', 'd'); CREATE TABLE a (id int PRIMARY KEY, s e NOT NULL DEFAULT 'b');",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c', 'd', 'e'); CREATE TABLE a (id int PRIMARY KEY, s e NOT NULL DEFAULT 'a');",
    ),
    "an enum shrinks": (
        (
            "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE a (id int PRIMARY KEY, s e NOT NULL DEFAULT 'b', CHECK (s <> 'b' OR id > 0)); "
            "CREATE INDEX i ON a (id) WHERE s = 'b';"
        ),
        (
            "CREATE TYPE e AS ENUM ('b', 'c'); CREATE TABLE a (id int PRIMARY KEY, s e NOT NULL DEFAULT 'b', CHECK (s <> 'b' OR id > 0)); "
            "CREATE INDEX i ON a (id) WHERE s = 'b';"
        ),
    ),
    "an enum goes and one comes": (
        "CREATE TYPE e AS ENUM ('1', '2'); CREATE TABLE a (id int PRIMARY KEY, s e, n int, t text);",
        "CREATE TYPE f AS ENUM ('1', '2'); CREATE TABLE a (id int PRIMARY KEY, s text, n f, t f);",
    ),
}
of_each = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@of_each
def test_sqlite_arrives_at_the_new_version(case: tuple[str, str]) -> None:
    assert_sqlite_arrives(*case)


@of_each
def test_postgresql_arrives_at_the_new_version_from_what_the_user_wrote(case: tuple[str, str], postgres: str) -> None:
    assert_postgres_arrives(postgres, *case, given_old=case[0])


@of_each
def test_mysql_statements_are_read_as_mysql(case: tuple[str, str]) -> None:
    assert_mysql_is_read(migrated(*case))


def test_the_example_arrives_in_both(postgres: str) -> None:
    assert_sqlite_arrives(EXAMPLE.sql, EXAMPLE.next_sql, *EXAMPLE.renames)
    assert_postgres_arrives(postgres, EXAMPLE.sql, EXAMPLE.next_sql, *EXAMPLE.renames, given_old=EXAMPLE.sql)


RENAMED = (
    A + "CREATE TABLE b (id int PRIMARY KEY, a_id bigint REFERENCES a (id), CHECK (a_id > 0)); CREATE INDEX i ON b (a_id);",
    A.replace("TABLE a", "TABLE z").replace("n > 0", "m > 0").replace("n integer", "m integer").replace("id bigint", "key_no bigint")
    + "CREATE TABLE b (id int PRIMARY KEY, z_id bigint REFERENCES z (key_no), CHECK (z_id > 0)); CREATE INDEX i ON b (z_id);",
    "a -> z", "a.n -> m", "a.id -> key_no", "b.a_id -> z_id",
)  # fmt: skip


def test_what_is_renamed_keeps_its_rows(postgres: str) -> None:
    old, new, *renames = RENAMED
    output = migrated(old, new, *renames)
    assert [step.risk for step in output.steps if step.risk] == []
    assert len([step for step in output.steps if step.dialect == "postgres"]) == 4
    assert_sqlite_arrives(old, new, *renames)
    assert_postgres_arrives(postgres, old, new, *renames, given_old=old)


def test_rows_are_kept_in_both(postgres: str) -> None:
    old, new = (
        A,
        "CREATE TABLE a (id bigint PRIMARY KEY, n numeric(8,2) NOT NULL DEFAULT 7, t text NOT NULL DEFAULT 'none', u varchar(30) UNIQUE, CHECK (n >= 0));",
    )
    output = migrated(old, new)
    rows = "INSERT INTO a (id, n, t, u) VALUES (1, 2, NULL, 'x'), (2, 3, 'y', NULL);"
    lite = sqlite_of(script(run(Inputs(sql=old)), "sqlite") + rows)
    lite.executescript(script(output, "sqlite", "migration"))
    assert lite.execute("SELECT * FROM a ORDER BY id").fetchall() == [(1, 2, "none", "x"), (2, 3, "y", None)]
    with Postgres(postgres, "way") as server:
        server.run(old + rows)
        server.run(script(output, "postgres", "migration"))
        assert server.rows("SELECT id, n::int, t, u FROM a ORDER BY id") == [(1, 2, "none", "x"), (2, 3, "y", None)]


def test_what_loses_data_is_marked_and_a_rename_suggested() -> None:
    output = migrated(
        "CREATE TABLE a (id int PRIMARY KEY, old_name text); CREATE TABLE b (x int, y int, z int);",
        "CREATE TABLE a (id int PRIMARY KEY, name text); CREATE TABLE c (x int, y int);",
    )
    lost = [(step.dialect, step.what) for step in output.steps if step.risk == "loses data"]
    assert ("postgres", "Drop old_name") in lost
    assert ("mysql", "Drop the table with its rows") in lost
    assert output.suggestions == ("a.old_name -> name", "b -> c")
    assert "-- LOSES DATA: Drop old_name\nALTER TABLE a DROP COLUMN old_name;" in script(output, "postgres", "migration")


def test_wider_types_are_no_risk_and_narrower_ones_are() -> None:
    base = "CREATE TABLE a (id int PRIMARY KEY, x {}, y {});"
    wider = migrated(base.format("smallint", "varchar(10)"), base.format("bigint", "text"))
    assert {step.risk for step in wider.steps if step.dialect == "postgres"} == {""}
    narrower = migrated(base.format("bigint", "text"), base.format("smallint", "varchar(10)"))
    assert {step.risk for step in narrower.steps if step.dialect == "postgres"} == {"may fail"}


def test_two_equal_versions_give_no_step() -> None:
    output = migrated(EXAMPLE.sql, EXAMPLE.sql)
    assert output.steps == ()
    assert script(output, "postgres", "migration") == "-- Nothing changes.\n"


@pytest.mark.parametrize(
    ("line", "place"),
    [("a", 0), ("a -> ", 0), ("no.such -> x", 0), ("a -> nothing", 0), ("a.n -> t", 0), ("a.none -> x", 0), ("a -> a", 0)],
)
def test_a_rename_that_fits_nothing_is_refused_by_its_line(line: str, place: int) -> None:
    with pytest.raises(InputError) as refused:
        migrated(A, A, line)
    assert refused.value.field == f"renames.{place}"


def test_two_renames_to_one_name_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        migrated(A, A, "a.n -> x", "a.t -> x")
    assert refused.value.field == "renames.1"


def test_renames_without_a_next_version_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        Inputs(sql=A, renames=("a.n -> m",))
    assert refused.value.field == "nextSql"


TYPES = ("integer", "bigint", "text", "varchar(30)", "numeric(10,2)", "boolean", "date", "timestamptz", "double precision")
DEFAULTS = {"integer": "7", "bigint": "-1", "text": "'x'", "varchar(30)": "'it''s'", "numeric(10,2)": "1.25", "boolean": "true", "timestamptz": "now()"}


@st.composite
def schemas(draw: Callable[..., Any]) -> str:
    """A few tables of a few columns each, with keys, checks, references and indexes."""
    tables = draw(st.lists(st.sampled_from(["alpha", "beta", "order", "Delta"]), min_size=1, max_size=3, unique=True))
    made = [_table(draw, name, tables) for name in tables]
    late = [words for _, words in made]
    return "".join(create for create, _ in made) + "".join(late)


def _table(draw: Callable[..., Any], name: str, tables: list[str]) -> tuple[str, str]:
    lines, late = ["id bigint PRIMARY KEY"], []
    for column in draw(st.lists(st.sampled_from(["a", "b", "user", "C"]), max_size=3, unique=True)):
        kind = draw(st.sampled_from(TYPES))
        default = f" DEFAULT {DEFAULTS[kind]}" if kind in DEFAULTS and draw(st.booleans()) else ""
        lines.append(f'"{column}" {kind}{" NOT NULL" if draw(st.booleans()) else ""}{default}{" UNIQUE" if draw(st.integers(0, 3)) == 0 else ""}')
        if kind == "integer" and draw(st.booleans()):
            lines.append(f'CHECK ("{column}" > {draw(st.integers(0, 2))})')
        if draw(st.integers(0, 2)) == 0:
            late.append(f'CREATE INDEX "{name}_{column}_i" ON "{name}" ("{column}"{" DESC" if draw(st.booleans()) else ""});')
    if draw(st.booleans()):
        lines.append("other bigint")
        action = draw(st.sampled_from(["", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE"]))
        late.append(f'ALTER TABLE "{name}" ADD CONSTRAINT "{name}_other" FOREIGN KEY (other) REFERENCES "{draw(st.sampled_from(tables))}" (id){action};')
    return f'CREATE TABLE "{name}" ({", ".join(lines)});', "".join(late)


@given(schemas(), schemas())
@settings(max_examples=40, deadline=None)
def test_sqlite_arrives_from_any_schema_at_any_other(old: str, new: str) -> None:
    assert_sqlite_arrives(old, new)
    assert_mysql_is_read(migrated(old, new))


@given(schemas(), schemas())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_arrives_from_any_schema_at_any_other(postgres: str, old: str, new: str) -> None:
    assert_postgres_arrives(postgres, old, new, given_old=old)


def test_blocks_tell_of_the_migration_in_its_tab() -> None:
    tabs = [(type(block).__name__, getattr(block, "title", "")) for block in designer.present(run(EXAMPLE)) if block.tab == "Migration"]
    codes = [("Code", f"Migration for {name}") for name in ("PostgreSQL", "MySQL", "SQLite")]
    assert tabs == [("Note", "Destructive steps"), *codes, ("Table", "Steps")]
