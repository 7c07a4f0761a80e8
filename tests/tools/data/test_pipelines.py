import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.data import pipelines
from credit_studio.tools.data.pipelines import PipelineInputs, PipelineOutput
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
