"""The tool's own rows, its SQL on SQLite and on the real PostgreSQL, and its pandas script give the same."""

import csv
import datetime as dt
import io
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from credit_studio.tools.base import InputError
from credit_studio.tools.data import pipelines
from credit_studio.tools.data.pipelines import PipelineInputs, PipelineOutput
from credit_studio.tools.data.transforms import pandas_code, sql_code
from credit_studio.tools.data.transforms.plan import Plan, make_plan
from credit_studio.tools.data.transforms.running import Rows
from credit_studio.tools.data.transforms.steps import PipelineStep as Step

SAMPLES = Path(__file__).with_name("samples")
EXAMPLE = pipelines.TOOL.example or PipelineInputs("a\n1\n")
Row = tuple[Any, ...]


@pytest.fixture(scope="session")
def server(postgres: str) -> Iterator[psycopg.Connection[Row]]:
    """A connection to the real PostgreSQL; nothing is ever committed."""
    with psycopg.connect(postgres) as connection:
        yield connection
        connection.rollback()


def parts_of(inputs: PipelineInputs) -> tuple[Plan, dict[str, Rows], dict[str, str]]:
    tables, rows, separators = pipelines._sources(inputs)
    return make_plan(inputs.steps, tables), rows, separators


def plain(one: Any, kind: str) -> Any:
    """A value as all engines can say it: numbers to 9 significant digits, dates as ISO text, nothing as None."""
    if one is None or one is pd.NA or (isinstance(one, float) and math.isnan(one)):
        return None
    if kind == "number":
        return float(f"{float(one):.9g}") + 0.0
    if kind == "true or false":
        return bool(one)
    return one.isoformat() if isinstance(one, dt.date) else str(one)


def comparable(rows: list[Row], plan: Plan) -> list[Row]:
    """Rows in an order that says nothing, unless the last step sorts: then by what it sorts by."""
    kinds = list(plan.output.columns.values())
    return [tuple(plain(one, kind) for one, kind in zip(row, kinds, strict=True)) for row in rows]


def in_sqlite(plan: Plan, sources: dict[str, Rows]) -> list[Row]:
    with sqlite3.connect(":memory:") as base:
        base.executescript(sql_code.definitions(plan, "sqlite"))
        for name, rows in sources.items():
            marks = ", ".join("?" * len(rows.cells))
            base.executemany(f"INSERT INTO {sql_code.quoted(name)} VALUES ({marks})", zip(*rows.cells.values(), strict=True))  # noqa: S608 - quoted
        found = base.execute(sql_code.query(plan, "sqlite").rstrip(";\n")).fetchall()
    base.close()
    return found


def in_postgres(server: psycopg.Connection[Row], plan: Plan, sources: dict[str, Rows]) -> list[Row]:
    with server.cursor() as cursor:
        try:
            cursor.execute(sql_code.definitions(plan, "postgres").replace("CREATE TABLE", "CREATE TEMP TABLE").encode())
            for name, rows in sources.items():
                marks = ", ".join(["%s"] * len(rows.cells))
                cursor.executemany(f"INSERT INTO {sql_code.quoted(name)} VALUES ({marks})".encode(), list(zip(*rows.cells.values(), strict=True)))  # noqa: S608 - quoted
            cursor.execute(sql_code.query(plan, "postgres").encode())
            return cursor.fetchall()
        finally:
            server.rollback()


def in_pandas(plan: Plan, inputs: PipelineInputs, separators: dict[str, str]) -> list[Row]:
    """The script as a person runs it, from the CSV on."""
    texts = {"name": inputs.data, "second_name": inputs.second, "third_name": inputs.third}
    files = {getattr(inputs, at): text for at, text in texts.items()}
    space: dict[str, Any] = {"__name__": "pipeline"}
    exec(pandas_code.script(plan, "test", separators), space)  # noqa: S102 - the code under test
    dtypes = pandas_code._DTYPES
    frames = [
        space["load"](io.StringIO(files[source.name]), {name: dtypes[kind] for name, kind in source.columns.items()}, separators[source.name])
        for source in plan.sources
    ]
    frame = space["run"](*frames)
    assert list(frame.columns) == list(plan.output.columns)
    assert [str(one) for one in frame.dtypes] == [dtypes[kind] for kind in plan.output.columns.values()]
    return list(frame.itertuples(index=False, name=None))


def assert_agreement(inputs: PipelineInputs, server: psycopg.Connection[Row]) -> PipelineOutput:
    output = pipelines.run(inputs)
    assert output.rows <= pipelines.MOST_SHOWN
    plan, sources, separators = parts_of(inputs)
    own = comparable(list(output.first_rows), plan)
    others = {
        "SQLite": comparable(in_sqlite(plan, sources), plan),
        "PostgreSQL": comparable(in_postgres(server, plan, sources), plan),
        "pandas": comparable(in_pandas(plan, inputs, separators), plan),
    }
    for engine, rows in others.items():
        assert sorted(map(repr, rows)) == sorted(map(repr, own)), engine
        if plan.output.op == "sort":
            at = [list(plan.output.columns).index(name) for name, _ in plan.output.order]
            assert [[row[one] for one in at] for row in rows] == [[row[one] for one in at] for row in own], engine
    return output


def test_the_example_is_the_same_everywhere(server: psycopg.Connection[Row]) -> None:
    output = assert_agreement(EXAMPLE, server)
    assert output.first_rows[0] == ("UK", 3.0, 3.0, 282.49, 2.0)


IRIS = PipelineInputs(
    (SAMPLES / "iris.csv").read_text(),
    "iris",
    steps=(
        Step("derive", "area", "round(petal_length * petal_width, 1)"),
        Step("filter", expression="sepal_length >= 5 and not starts(species, 'vir')"),
        Step("aggregate", "species", "func = count(), n = count(), widest = max(sepal_width), mean_area = mean(area), areas = distinct(area)"),
        Step("sort", "mean_area desc"),
    ),
)
SENSORS = PipelineInputs(
    (SAMPLES / "sensors.tsv").read_text(),
    "sensor readings",
    'station,Site name\nnorth,"Pier, outer"\nsouth,Harbour\n',
    "stations",
    steps=(
        Step("rename", "taken_at as at, temperature as t"),
        Step("derive", "day", "left(at, 10)"),
        Step("derive", "warm", "ok and t > 4"),
        Step("fill", "warm", "False"),
        Step("join", "station", second="stations", how="left"),
        Step("select", "day, col, t, warm".replace("col", "Site name as site")),
        Step("deduplicate", "day, site", "t desc"),
    ),
)
LEFTOVERS = PipelineInputs(
    EXAMPLE.data,
    "orders",
    EXAMPLE.second,
    "customers",
    steps=(
        Step("select", "customer_id as id", name="ids"),
        Step("join", "id", source="customers", second="ids", how="anti", name="never ordered"),
        Step("filter", expression="country in ('UK', 'FR') or length(name) > 12", source="customers", name="some"),
        Step("union", source="never ordered", second="some", name="both"),
        Step("aggregate", expression="rows = count(), first = min(name), last = max(name), total = sum(id)", source="both"),
    ),
)


@pytest.mark.parametrize("inputs", [IRIS, SENSORS, LEFTOVERS], ids=["iris", "sensors", "leftovers"])
def test_realistic_pipelines_are_the_same_everywhere(inputs: PipelineInputs, server: psycopg.Connection[Row]) -> None:
    assert assert_agreement(inputs, server).rows > 0


_TEXTS = st.sampled_from(["Ärzte", "o'Neil", 'say "x"', "a,b", "Zoë", "abc", "ABC", "a b", "%_", "back\\slash", "50%", "日本", "x{0}y"])
_NUMBERS = st.one_of(st.integers(-50, 50), st.integers(-999, 999).map(lambda one: one / 100), st.sampled_from([0, 1e15, 0.1, 2.5, -2.5]))
_DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def _maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(""), some)


@st.composite
def _table(draw: st.DrawFn) -> str:
    rows = draw(
        st.lists(st.tuples(_maybe(st.integers(1, 4)), _maybe(_NUMBERS), _maybe(_TEXTS), _maybe(_DAYS), _maybe(st.sampled_from(["yes", "no"]))), max_size=6)
    )
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerows([("k", "n", "Some text", "d", "b"), (1, 2.5, "fixed", "2024-02-29", "yes"), *rows])
    return held.getvalue()


@st.composite
def _number(draw: st.DrawFn, depth: int = 2) -> str:
    leaf = st.sampled_from(["n", "k", "2", "0.5", "-3", "length(col('Some text'))", "year(d)", "month(d)", "day(d)", "days(d, '2024-01-31')"])
    if not depth or draw(st.booleans()):
        return draw(leaf)
    a, b = draw(_number(depth - 1)), draw(_number(depth - 1))
    forms = [
        "({a} + {b})",
        "({a} - {b})",
        "({a} * {b})",
        "({a} / {b})",
        "-({a})",
        "abs({a})",
        "floor({a})",
        "ceil({a})",
        "round({a}, 2)",
        "round({a})",
        "coalesce({a}, {b})",
    ]
    chosen = draw(st.sampled_from([*forms, "({a} if {c} else {b})"]))
    return chosen.format(a=a, b=b, c=draw(_condition(depth - 1)) if "{c}" in chosen else "")


@st.composite
def _text(draw: st.DrawFn, depth: int = 2) -> str:
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from(["col('Some text')", "'Zoë'", "'o\\'Neil'", "'50%'"]))
    a, b = draw(_text(depth - 1)), draw(_text(depth - 1))
    forms = ["({a} + {b})", "upper({a})", "lower({a})", "trim({a})", "left({a}, 2)", "substr({a}, 2, 3)", "replace({a}, 'b', '%')", "coalesce({a}, {b})"]
    return draw(st.sampled_from(forms)).format(a=a, b=b)


@st.composite
def _condition(draw: st.DrawFn, depth: int = 2) -> str:
    a, b, t, u = draw(_number(0)), draw(_number(1)), draw(_text(0)), draw(_text(1))
    sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    leaves = [
        f"{a} {sign} {b}",
        f"{t} {sign} {u}",
        f"d {sign} '2000-06-30'",
        "b",
        "b == False",
        "n is None",
        "d is not None",
        f"contains({t}, 'b')",
        f"starts({t}, 'Z')",
    ]
    leaves += ["k in (1, 3)", "col('Some text') not in ('abc', '%_')", "d in ('2024-02-29',)"]
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from(leaves))
    left, right = draw(_condition(depth - 1)), draw(_condition(depth - 1))
    return draw(st.sampled_from(["({x} and {y})", "({x} or {y})", "(not {x})"])).format(x=left, y=right)


_MIDDLE = st.one_of(
    st.builds(lambda one: Step("filter", expression=one), _condition()),
    st.builds(lambda one: Step("derive", "n", one), _number()),
    st.builds(lambda one: Step("derive", "Some text", one), _text()),
    st.builds(lambda one: Step("derive", "b", one), _condition()),
    st.builds(lambda one: Step("fill", "n, k", one), _number(1)),
    st.just(Step("fill", "d", "'1999-12-31'")),
    st.just(Step("fill", "b", "n > 0")),
    st.just(Step("deduplicate")),
    st.builds(
        lambda keys, order: Step("deduplicate", keys, order),
        st.sampled_from(["k", "k, d", "Some text", "b"]),
        st.sampled_from(["", "n desc", "Some text desc, d"]),
    ),
    st.just(Step("union", second="orders")),
    st.builds(lambda how: Step("join", "k = id", second="lookup", how=how), st.sampled_from(["inner", "left", "anti"])),
)
_LAST = st.one_of(
    st.builds(
        lambda keys, what: Step("aggregate", keys, what),
        st.sampled_from(["", "k", "k, b", "Some text", "d, b"]),
        st.sampled_from(
            ["r = count(), s = sum(n), m = mean(n)", "c = count(n), u = distinct(d), lo = min(col('Some text')), hi = max(d)", "x = max(n), y = min(k)"]
        ),
    ),
    st.sampled_from(["n desc, k", "Some text, d desc", "b desc, Some text desc", "d, n", "k"]).map(lambda order: Step("sort", order)),
    st.just(Step("select", "d, Some text as t, b")),
    st.just(Step("rename", "n as amount, Some text as select")),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=_table(), middle=st.lists(_MIDDLE, max_size=4), last=st.one_of(st.none(), _LAST))
def test_any_steps_give_the_same_rows_everywhere(data: str, middle: list[Step], last: Step | None, server: psycopg.Connection[Row]) -> None:
    steps = [*middle, *([last] if last else [])]
    assume(steps)
    lookup = "id,label,n2\n1,one,0.5\n2,two,\n2,zwei,7\n,none,1\n"
    inputs = PipelineInputs(data, "orders", lookup, "lookup", steps=tuple(steps))
    try:
        plan = parts_of(inputs)[0]
    except InputError as error:
        # Steps that do not go together, such as a second join or an append after one: any other reason is a fault of the test.
        assume(not error.field.endswith((".columns", ".second")))
        raise
    assert plan.steps
    assert_agreement(inputs, server)


def test_names_of_every_kind_stand_safely_in_both_codes(server: psycopg.Connection[Row]) -> None:
    inputs = PipelineInputs(
        'class,"say ""x""",a\'b,{0},%s\n1,x,2,3,4\n2,y,,5,6\n',
        "select from",
        steps=(
            Step("derive", "self", "col('class') + col('{0}')"),
            Step("derive", "lambda", "col('%s')"),
            Step("sort", "class desc", name='"; DROP TABLE x; --'),
        ),
    )
    assert assert_agreement(inputs, server).rows == 2
