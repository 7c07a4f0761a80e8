import csv
import datetime as dt
import io
import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.data import pipelines
from credit_studio.tools.data.pipelines import PipelineInputs, PipelineOutput
from credit_studio.tools.data.transforms import pandas_code, sql_code
from credit_studio.tools.data.transforms.plan import Plan, make_plan
from credit_studio.tools.data.transforms.running import Rows
from credit_studio.tools.data.transforms.steps import PipelineStep as Step
from tests.contracts import drawing, shapes

SAMPLES = Path(__file__).with_name("samples")
EXAMPLE = pipelines.TOOL.example or PipelineInputs("a\n1\n")
Row = tuple[Any, ...]


def pipe(data: str, *steps: Step, **more: Any) -> PipelineOutput:
    return checked(replace(PipelineInputs(data, steps=steps), **more))


def checked(inputs: PipelineInputs) -> PipelineOutput:
    output = pipelines.run(inputs)
    json.dumps(jsonable(output), allow_nan=False)
    made = pipelines.present(output)
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    assert [fault for block in made for fault in drawing.faults(block)] == []
    return output


def value(expression: str, data: str = "n,t,d,b\n7,héLLo wörld,2024-02-29,true\n,,,\n") -> list[Any]:
    """What an expression gives for a filled and for an empty row."""
    return [row[-1] for row in pipe(data, Step("derive", "x", expression)).first_rows]


# --- the three agree ----------------------------------------------------------------------------------------------------------


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


# --- what it means ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "filled", "empty"),
    [
        ("n + 1", 8.0, None),
        ("n / 0", None, None),
        ("n / 2 - -1", 4.5, None),
        ("round(n / 3, 2)", 2.33, None),
        ("round(-2.5)", -2.0, -2.0),
        ("upper(t)", "HéLLO WöRLD", None),
        ("t + '!'", "héLLo wörld!", None),
        ("substr(t, 2, 3)", "éLL", None),
        ("length(t)", 11.0, None),
        ("year(d) * 100 + month(d)", 202402.0, None),
        ("days('2024-03-01', d)", 1.0, None),
        ("b and n > 100", False, None),
        ("b or n > 100", True, None),
        ("n is None", False, True),
        ("not (n is None)", True, False),
        ("n > 5 or True", True, True),
        ("n in (7, 8)", True, None),
        ("5 < n <= 7", True, None),
        ("'big' if n > 5 else 'small'", "big", "small"),
        ("coalesce(n, -1)", 7.0, -1.0),
        ("col('n') if b else None", 7.0, None),
        ("d >= '2024-02-29'", True, None),
    ],
)
def test_an_expression_gives_what_the_help_says(expression: str, filled: Any, empty: Any) -> None:
    assert value(expression) == [filled, empty]


def test_types_are_found_and_codes_stay_text() -> None:
    data = "a,b,c,d,e,f,g\n1,007,2024-01-01,yes,x,,+441\n2.5,008,2024-02-30,no,1,,+442\n"
    output = pipe(data, Step("select", "a,b,c,d,e,f,g"))
    assert output.types == ("number", "text", "text", "true or false", "text", "text", "text")


def test_a_join_never_matches_empty_keys_and_keeps_what_is_asked() -> None:
    second = "k,v\n1,x\n1,y\n,z\n"
    rows = {
        how: list(pipe("k,n\n1,10\n2,20\n,30\n", Step("join", "k", second="lookup", how=how), second=second).first_rows) for how in ("inner", "left", "anti")
    }
    assert rows["inner"] == [(1.0, 10.0, "x"), (1.0, 10.0, "y")]
    assert rows["left"] == [(1.0, 10.0, "x"), (1.0, 10.0, "y"), (2.0, 20.0, None), (None, 30.0, None)]
    assert rows["anti"] == [(2.0, 20.0), (None, 30.0)]


def test_sums_of_nothing_are_empty_and_counts_zero() -> None:
    output = pipe("a,b\n1,2\n", Step("filter", expression="a > 5"), Step("aggregate", expression="s = sum(b), c = count(b), r = count(), m = mean(b)"))
    assert output.first_rows == ((None, 0.0, 0.0, None),)


def test_sorting_puts_empty_values_last_both_ways() -> None:
    for order, expected in (("a", [1.0, 2.0, None]), ("a desc", [2.0, 1.0, None])):
        assert [row[0] for row in pipe("a,b\n2,x\n,y\n1,z\n", Step("sort", order)).first_rows] == expected


def test_deduplication_keeps_the_first_by_the_order_that_is_asked() -> None:
    output = pipe("id,day\n1,2024-01-01\n1,2024-03-01\n2,2024-02-01\n", Step("deduplicate", "id", "day desc"))
    assert output.first_rows == ((1.0, "2024-03-01"), (2.0, "2024-02-01"))


def test_a_step_may_read_a_later_one_and_unused_ones_are_told() -> None:
    output = pipe(
        "a\n1\n2\n",
        Step("filter", expression="a > 0", name="lost"),
        Step("derive", "b", "a * 2", source="late"),
        Step("filter", expression="a > 1", source="orders", name="late"),
        Step("select", "b", source="step 2"),
        second="x\n1\n",
    )
    assert output.first_rows == ((4.0,),)
    assert {(one.where) for one in output.warnings} == {"lost", "lookup"}
    assert [one.rows_out for one in output.steps] == [2, 1, 1, 1]


def test_the_output_as_csv_reads_back_as_it_was() -> None:
    output = pipe('a,b,c\n0.1,"x, ""y""",yes\n1e20,,no\n', Step("derive", "d", "a * 3"))
    rows = list(csv.reader(io.StringIO(output.csv)))
    assert rows == [["a", "b", "c", "d"], ["0.1", 'x, "y"', "true", repr(0.1 * 3)], ["1e+20", "", "false", "3e+20"]]
    assert output.csv_rows == output.rows


def test_a_long_output_is_cut_at_a_whole_row_and_says_so() -> None:
    output = pipe("a,b\n" + "".join(f"{number},{'x' * 40}\n" for number in range(10_000)), Step("filter", expression="a >= 0"))
    assert 0 < output.csv_rows < output.rows == 10_000
    assert output.csv.endswith("\n")
    assert len(output.csv.splitlines()) == output.csv_rows + 1


A = "a,b,t,d,f\n1,2,x,2024-01-01,yes\n"


@pytest.mark.parametrize(
    ("steps", "field", "words"),
    [
        ((Step("filter", expression="amount > 1"),), "steps.0.expression", "no column 'amount'"),
        ((Step("filter", expression="aa > 1"),), "steps.0.expression", "Is 'a' meant"),
        ((Step("filter", expression="a + 1"),), "steps.0.expression", "needs true or false"),
        ((Step("filter", expression="a = 1"),), "steps.0.expression", "Two equal signs"),
        ((Step("filter", expression="a > 'x'"),), "steps.0.expression", "do not go together"),
        ((Step("filter", expression="f > True"),), "steps.0.expression", "no order"),
        ((Step("filter", expression="a == None"),), "steps.0.expression", ""),
        ((Step("filter", expression="d > '2024-02-30'"),), "steps.0.expression", "no date"),
        ((Step("filter", expression=""),), "steps.0.expression", "Needs an expression"),
        ((Step("filter", "a", "a > 1"),), "steps.0.columns", "takes no columns"),
        ((Step("derive", "", "1"),), "steps.0.columns", "Needs the name"),
        ((Step("derive", "x" * 61, "1"),), "steps.0.columns", "1 to 60 bytes"),
        ((Step("derive", "x", "None"),), "steps.0.expression", "always empty"),
        ((Step("derive", "x", "a ** 2"),), "steps.0.expression", "only + - * /"),
        ((Step("derive", "x", "__import__('os')"),), "steps.0.expression", "no function"),
        ((Step("derive", "x", "a.__class__"),), "steps.0.expression", "no meaning"),
        ((Step("derive", "x", "[c for c in t]"),), "steps.0.expression", "no meaning"),
        ((Step("derive", "x", "lambda: 1"),), "steps.0.expression", "no meaning"),
        ((Step("derive", "x", "9" * 400),), "steps.0.expression", "too large"),
        ((Step("derive", "x", "(" * 250 + "1" + ")" * 250),), "steps.0.expression", ""),
        ((Step("derive", "x", "-" * 300 + "a"),), "steps.0.expression", "nested"),
        ((Step("derive", "x", "left(t, a)"),), "steps.0.expression", "whole number"),
        ((Step("derive", "x", "uper(t)"),), "steps.0.expression", "Is 'upper' meant"),
        ((Step("derive", "x", "a\x00"),), "steps.0.expression", "Cannot be read"),
        ((Step("derive", "x", "a * 1e300 * 1e300"),), "steps.0.expression", "beyond"),
        ((Step("select", "a, z"),), "steps.0.columns", "no column 'z'"),
        ((Step("select", "a, b as A"),), "steps.0.columns", "would be called"),
        ((Step("rename", "a"),), "steps.0.columns", "Renames nothing"),
        ((Step("join", "a = x", second="lookup"),), "steps.0.second", "no source or step"),
        ((Step("join", "a"),), "steps.0.second", "Needs the second"),
        ((Step("filter", expression="f", second="orders"),), "steps.0.second", "Only join"),
        ((Step("join", "a = t", second="orders"),), "steps.0.columns", "never match"),
        ((Step("select", "a"), Step("union", second="orders")), "steps.1.second", "same columns"),
        ((Step("aggregate", "a", "total = a"),), "steps.0.expression", "must be one of"),
        ((Step("aggregate", "a", "total = sum(t)"),), "steps.0.expression", "needs a number"),
        ((Step("aggregate", "a", "a = count()"),), "steps.0.expression", "would be called"),
        ((Step("aggregate", "a", "x = sum(a + b)"),), "steps.0.expression", "Takes a column"),
        ((Step("aggregate", "a", "count()"),), "steps.0.expression", "names and what they are"),
        ((Step("sort", "a down"),), "steps.0.columns", "no column"),
        ((Step("fill", "a, t", "0"),), "steps.0.columns", "one type"),
        ((Step("fill", "a", "'x'"),), "steps.0.expression", "do not go together"),
        ((Step("fill", "a", ""),), "steps.0.expression", "Needs a value"),
        ((Step("fill", "a", "0), (1"),), "steps.0.expression", ""),
        ((Step("filter", expression="f", name="p", source="q"), Step("filter", expression="f", name="q", source="p")), "steps.0.source", "circle"),
        ((Step("filter", expression="f", name="Orders"),), "steps.0.name", "already"),
        ((Step("sort", "a", "a"),), "steps.0.expression", "takes no expression"),
    ],
)
def test_what_makes_no_sense_names_its_field(steps: tuple[Step, ...], field: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        pipelines.run(PipelineInputs(A, steps=steps))
    assert caught.value.field == field
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"data": "a,b\n1\n"}, "data"),
        ({"data": "a,A\n1,2\n"}, "data"),
        ({"data": "x" * 80 + "\n1\n"}, "data"),
        ({"second": "a\n\x001\n"}, "second"),
        ({"second": "a\n1\n", "second_name": "orders"}, "secondName"),
        ({"third": "a,b\n1\n"}, "third"),
        ({"name": " \t"}, "name"),
        ({"steps": ()}, "steps"),
    ],
)
def test_sources_that_cannot_be_read_name_their_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        pipelines.run(replace(PipelineInputs(A, steps=(Step("select", "a"),)), **change))
    assert caught.value.field == field


def test_a_join_that_explodes_is_stopped() -> None:
    data = "k\n" + "1\n" * 2_000
    with pytest.raises(InputError, match="200,000 rows"):
        pipelines.run(PipelineInputs(data, second=data, steps=(Step("join", "k", second="lookup"),)))


def test_too_much_work_is_refused_before_it_is_done() -> None:
    data = "a,b,c\n" + "1,2,3\n" * 60_000
    with pytest.raises(InputError, match="12,000,000 cells"):
        pipelines.run(PipelineInputs(data, steps=(Step("derive", "x", " + ".join(["a"] * 35)),) * 20))


def test_very_wide_steps_are_refused_before_their_code_is_too_long() -> None:
    data = ",".join(f"c{number}" for number in range(100)) + "\n"
    with pytest.raises(InputError, match="1,500 columns"):
        pipelines.run(PipelineInputs(data, steps=(Step("deduplicate", "c1"),) * 16))


def test_a_table_without_rows_gives_one_without_rows() -> None:
    output = pipe("a,b\n", Step("filter", expression="a == 'x'"))
    assert (output.rows, output.columns, output.first_rows) == (0, ("a", "b"), ())


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


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["filter", "derive", "select", "rename", "aggregate", "sort", "deduplicate", "fill"]))
def test_any_words_run_or_are_refused(columns: str, expression: str, operation: Any) -> None:
    try:
        pipelines.present(pipelines.run(PipelineInputs(A, steps=(Step(operation, columns, expression),))))
    except InputError as error:
        refused = error.field
    else:
        refused = ""
    assert refused in {"", "steps.0.columns", "steps.0.expression"}
