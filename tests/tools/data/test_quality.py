import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable, set_reporter
from credit_studio.tools.data import quality
from credit_studio.tools.data.quality import QualityInputs, QualityOutput, QualityRule
from credit_studio.tools.data.tabular.checks import kind_of
from credit_studio.tools.validation import parse

SAMPLES = Path(__file__).with_name("samples")


def check(text: str, *rules: QualityRule, **more: object) -> QualityOutput:
    output = quality.run(replace(QualityInputs(csv=text, rules=rules), **more))  # type: ignore[arg-type]
    json.dumps(jsonable(output), allow_nan=False).encode()
    json.dumps(blocks.to_json(quality.present(output)), allow_nan=False).encode()
    return output


def check_or_refuse(text: str) -> QualityOutput | None:
    """None when the tool refuses the text, naming its field; any other error is a failure of the test."""
    try:
        return check(text)
    except InputError as error:
        if error.field != "csv":
            raise
        return None


def failing(rule: QualityRule, *cells: str) -> list[int]:
    """The rows that fail a rule on one column of these cells."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("x", "row"), *((cell, number) for number, cell in enumerate(cells))])
    output = check(text.getvalue(), rule, delimiter="comma")
    assert output.rules[0].failed == len(output.failing_rows)
    return [one.row for one in output.failing_rows]


TABLE = """\
id,amount,joined,mail,flag,note
1,10.5,2026-01-31,a@b.org,yes,x
2,-4,2026-02-28,c@d.org,no,
3,,2024-02-29,e@f.org,yes,zz
3,1e2,2026-03-01,g@h.org,no,x
"""


def test_a_profile_counts_what_a_hand_count_gives() -> None:
    columns = {one.name: one for one in check(TABLE).columns}
    assert [one.type for one in columns.values()] == ["integer", "number", "date", "email", "true or false", "text"]
    amount, note = columns["amount"], columns["note"]
    assert (amount.filled, amount.empty, amount.distinct, amount.minimum, amount.maximum) == (3, 1, 3, -4, 100)
    assert amount.mean == pytest.approx((10.5 - 4 + 100) / 3)
    assert (note.most_common, note.most_common_count, note.shortest, note.longest, note.mean_length) == ("x", 2, 1, 2, pytest.approx(4 / 3))
    assert (columns["joined"].minimum, columns["joined"].maximum) == ("2024-02-29", "2026-03-01")
    assert (columns["id"].distinct, columns["id"].most_common, columns["id"].most_common_count) == (3, "3", 2)
    assert columns["amount"].most_common is None


def test_the_score_is_the_stated_mean() -> None:
    output = check("a,b\n1,x\n1,x\n,y\n2,z\n", QualityRule("b", "one of", "x|y", severity="high"), QualityRule("a", "not empty", severity="low"))
    assert (output.completeness, output.consistency, output.uniqueness) == (7 / 8, 1.0, 3 / 4)
    assert output.validity == pytest.approx((3 * 3 / 4 + 1 * 3 / 4) / 4)
    assert output.score == pytest.approx(100 * (7 / 8 + 1 + 3 / 4 + 3 / 4) / 4, abs=0.005)


def test_perfect_data_scores_100() -> None:
    assert check("a,b\n1,x\n2,y\n", QualityRule("a", "unique")).score == 100


def test_a_type_needs_95_of_100_and_counts_the_rest() -> None:
    rows = [str(number) for number in range(95)]
    (most,) = check("\n".join(["n", *rows, *["n/a"] * 5])).columns
    (less,) = check("\n".join(["n", *rows, *["n/a"] * 6])).columns
    assert (most.type, most.unlike, most.maximum) == ("integer", 5, 94)
    assert (less.type, less.unlike) == ("text", 0)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("0", "integer"),
        ("-007", "integer"),
        ("1.", "number"),
        (".5", "number"),
        ("1e3", "number"),
        ("1e999", "text"),
        ("9" * 400, "text"),
        ("1,000", "text"),
        ("1_000", "text"),
        ("0x10", "text"),
        ("nan", "text"),
        ("Infinity", "text"),
        ("٣", "text"),
        ("2026-02-28", "date"),
        ("2026-02-29", "text"),
        ("2026-1-1", "text"),
        ("2026-11-20T14:02:00Z", "datetime"),
        ("2026-11-20 25:00", "text"),
        ("TRUE", "boolean"),
        ("a.b+c@mail.example.co.uk", "email"),
        ("a@b", "text"),
        ("a..b@c.org", "text"),
        ("@", "text"),
        ("a" * 300 + "@b.org", "text"),
        ("-", "text"),
    ],
)
def test_a_cell_is_of_one_kind(cell: str, kind: str) -> None:
    assert kind_of(cell) == kind


def test_each_check_fails_exactly_what_breaks_it() -> None:
    assert failing(QualityRule("x", "not empty"), "a", "", "  ", "b") == [2, 3]
    assert failing(QualityRule("x", "unique"), "a", "b", "a", "", "", "a") == [3, 6]
    assert failing(QualityRule("x", "number"), "1", "x", "2.5", "") == [2]
    assert failing(QualityRule("x", "integer"), "1", "1.0", "-3") == [2]
    assert failing(QualityRule("x", "email"), "a@b.org", "a@b") == [2]
    assert failing(QualityRule("x", "date"), "2026-02-28", "28/02/2026", "2026-02-30") == [2, 3]
    assert failing(QualityRule("x", "date", "%d/%m/%Y"), "28/02/2026", "2026-02-28", "30/02/2026") == [2, 3]
    assert failing(QualityRule("x", "one of", "UK| FR"), "UK", "FR", "uk", "DE") == [3, 4]
    assert failing(QualityRule("x", "between", "0", "10"), "0", "10", "10.01", "-1", "x") == [3, 4, 5]
    assert failing(QualityRule("x", "between", "2026-01-01", "2026-12-31"), "2026-01-01", "2025-12-31", "2026-12-31T23:59:59Z") == [2]
    assert failing(QualityRule("x", "max length", "3"), "abc", "abcd") == [2]
    assert failing(QualityRule("x", "matches pattern", "[A-Z]{2}[0-9]+"), "AB1", "AB", "xAB1", "AB1x") == [2, 3, 4]


def test_rows_and_lines_are_told_apart() -> None:
    text = 'a,b\n\n1,"two\nlines"\n2,x\n\n3,x\n'
    output = check(text, QualityRule("b", "one of", "y"))
    assert [(one.row, one.line, one.value) for one in output.failing_rows] == [(1, 3, "two\ufffdlines"), (2, 5, "x"), (3, 7, "x")]


def test_repeated_rows_name_the_first() -> None:
    output = check("a,b\n1,2\n3,4\n1,2\n1,2\n")
    assert output.repeated_rows == 2
    assert [(one.row, one.line, one.same_as_row) for one in output.repeats] == [(3, 4, 1), (4, 5, 1)]


def test_listed_rows_are_shared_among_rules_and_all_are_counted() -> None:
    text = "a,b\n" + "x,1\n" * 500
    output = check(text, QualityRule("a", "integer"), QualityRule("b", "one of", "2"), QualityRule("b", "integer"), list_rows=100)
    assert [sum(1 for one in output.failing_rows if one.rule == rule) for rule in (1, 2, 3)] == [50, 50, 0]
    assert output.failing_cells == 1_000
    assert check(text, QualityRule("a", "integer"), list_rows=0).failing_rows == ()


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_the_delimiter_is_found_out(sign: str, name: str) -> None:
    output = check(f'a{sign}b{sign}c\n1{sign}"x, y; z"{sign}3\n'.replace("a", "\ufeffa", 1))
    assert (output.delimiter, [one.name for one in output.columns]) == (name, ["a", "b", "c"])


def test_a_chosen_delimiter_is_kept() -> None:
    assert [one.name for one in check("a;b,c\n1;2,3\n", delimiter="semicolon").columns] == ["a", "b,c"]


def test_without_a_header_columns_are_numbered_and_the_first_row_counts() -> None:
    output = check("1,x\n2,\n", QualityRule("column 2", "not empty"), has_header=False)
    assert output.rows == 2
    assert [(one.row, one.line) for one in output.failing_rows] == [(2, 2)]


def test_line_ends_of_every_system_are_read() -> None:
    assert check("a,b\r\n1,2\r\n").rows == check("a,b\r1,2\r").rows == check("a,b\n1,2").rows == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n3\n", "Line 3: has 1 cells"),
        ("a,b\n1,2\n3,4,5\n", "Line 3: has 3 cells"),
        ('a,b\n1,"x\ny\n', "Line 2: a quote is not closed"),
        ('a,b\n1,"x"y\n', "Line 2: text stands between"),
        ("a,b\n1,2\n3,\x004\n", "Line 3: is not text"),
        ("PK\x03\x04", "Line 1: is not text"),
        ("a\n\ud800\n", "Line 2: is not text"),
        ("a,b\n", "no rows below"),
        ("\n\n", "Holds no rows"),
        ("a,a\n1,2\n", "two columns are called 'a'"),
        ("x" * 200 + "\n1\n", "longer than 120"),
        (",".join(["x"] * 501) + "\n", "at most 500"),
        ("a,b\n1,x\ry\n", "lone carriage return"),
        ("a\n" + "x" * 200_000 + "\n", "longer than 131,072"),
        ('a\n"' + "x\n" * 200_000, "a quote is not closed"),
    ],
)
def test_malformed_csv_is_an_error_on_csv_that_names_the_line(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check(text)
    assert caught.value.field == "csv"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("rule", "field", "words"),
    [
        (QualityRule("nope", "unique"), "rules.0.column", "Columns: id, amount"),
        (QualityRule("id", "unique", "x"), "rules.0.argument", "takes no value"),
        (QualityRule("id", "number", "x"), "rules.0.argument", "takes no value"),
        (QualityRule("id", "number", "", "x"), "rules.0.upper", "Only the check"),
        (QualityRule("id", "one of", " | "), "rules.0.argument", "allowed values"),
        (QualityRule("id", "between", "", "3"), "rules.0.argument", "Is needed"),
        (QualityRule("id", "between", "1", ""), "rules.0.upper", "Is needed"),
        (QualityRule("id", "between", "5", "1"), "rules.0.upper", "below"),
        (QualityRule("id", "between", "1e999", "1"), "rules.0.argument", "number or a date"),
        (QualityRule("id", "between", "1", "2026-01-01"), "rules.0.upper", "same kind"),
        (QualityRule("id", "between", "2026-01-02", "2026-01-01"), "rules.0.upper", "before"),
        (QualityRule("id", "max length", "-1"), "rules.0.argument", "whole number"),
        (QualityRule("id", "date", "dd/mm"), "rules.0.argument", "date format"),
        (QualityRule("id", "date", "%c"), "rules.0.argument", "date format"),
        (QualityRule("id", "date", "%"), "rules.0.argument", "date format"),
        (QualityRule("id", "matches pattern", ""), "rules.0.argument", "Must be the pattern"),
        (QualityRule("id", "matches pattern", "("), "rules.0.argument", "can be read"),
        (QualityRule("id", "matches pattern", "(a+)+$"), "rules.0.argument", "repeat a part"),
        (QualityRule("id", "matches pattern", "(a|a)*$"), "rules.0.argument", "repeat a part"),
        (QualityRule("id", "matches pattern", r"(a)\1"), "rules.0.argument", "refer back"),
        (QualityRule("id", "matches pattern", "(?=a)a"), "rules.0.argument", "look ahead"),
        (QualityRule("id", "matches pattern", ".*.*.*.*x"), "rules.0.argument", "very long"),
        (QualityRule("id", "matches pattern", "a?" * 25 + "a" * 25), "rules.0.argument", "very long"),
        (QualityRule("id", "matches pattern", "[[a]"), "rules.0.argument", "can be read"),
    ],
)
def test_a_rule_that_makes_no_sense_is_an_error_on_its_field(rule: QualityRule, field: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check(TABLE, rule)
    assert caught.value.field == field
    assert words in caught.value.message


@pytest.mark.parametrize(
    "pattern",
    [r"\d{1,3}(,\d{3})*(\.\d{2})?", r"[^@\s]+@[^@\s]+\.[^@\s]+", r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", r"(GB|DE)\d{2}[A-Z0-9]{1,30}", "(?i)abc"],
)
def test_patterns_of_daily_use_are_taken(pattern: str) -> None:
    assert failing(QualityRule("x", "matches pattern", pattern), "?") == [1]


@pytest.mark.parametrize("depth", [100, 300, 499])
def test_a_deep_pattern_is_taken_or_refused_and_never_a_crash(depth: int) -> None:
    pattern = "(" * depth + "1" + ")" * depth
    try:
        output = check("a\n1\n2\n", QualityRule("a", "matches pattern", pattern))
    except InputError as error:
        assert "can be read" in error.message  # noqa: PT017 - either is right, depending on how deep the caller already is
    else:
        assert output.rules[0].failed == 1


def test_a_cell_too_long_for_a_pattern_fails_it() -> None:
    assert failing(QualityRule("x", "matches pattern", "a*"), "a" * 1_001, "a" * 1_000) == [1]


def test_formula_cells_and_control_characters_stay_text_and_are_cut() -> None:
    output = check('x,y\n"=HYPERLINK(""http://x"")",1\n@cmd,2\n' + "e" * 100 + ",3\n", QualityRule("x", "one of", "z"))
    assert [one.value for one in output.failing_rows][:2] == ['=HYPERLINK("http://x")', "@cmd"]
    assert all(len(one.value) <= 40 for one in output.failing_rows)


def test_sums_beyond_a_float_give_no_mean_and_no_infinity() -> None:
    (column,) = check("n\n" + "1e308\n" * 10 + "-1e308\n").columns
    assert column.mean is None
    assert column.maximum == 1e308


def test_a_column_of_blanks_is_empty() -> None:
    column = check("a,b\n1, \n2,\n").columns[1]
    assert (column.type, column.filled, column.distinct, column.minimum) == ("empty", 0, 0, None)


def test_many_chunks_give_the_same_as_one() -> None:
    rows = [(number % 7, number, "same" if number % 3 else "") for number in range(300_000)]
    output = check(
        "a,b,c\n" + "\n".join(f"{a},{b},{c}" for a, b, c in rows), QualityRule("b", "unique"), QualityRule("c", "not empty"), QualityRule("a", "unique")
    )
    assert [one.failed for one in output.rules] == [0, 100_000, 299_993]
    assert (output.rows, output.repeated_rows) == (300_000, 0)
    assert output.columns[1].mean == pytest.approx(149_999.5)
    assert output.columns[2].most_common_count == 200_000
    assert (output.failing_rows[-1].row, output.failing_rows[-1].value) == (57, "0")


@pytest.mark.parametrize(
    ("name", "rows", "types", "repeated"),
    [
        ("iris.csv", 12, ["number", "number", "number", "number", "text"], 0),
        ("bank.csv", 6, ["text", "text", "text", "text", "text"], 1),
        ("sensors.tsv", 8, ["date and time", "text", "number", "integer", "true or false"], 0),
    ],
)
def test_real_files_are_profiled(name: str, rows: int, types: list[str], repeated: int) -> None:
    output = check((SAMPLES / name).read_text(encoding="utf-8"))
    assert (output.rows, [one.type for one in output.columns], output.repeated_rows) == (rows, types, repeated)


def test_a_bank_statement_is_held_to_rules_of_its_own_country() -> None:
    rules = (QualityRule("Buchungstag", "date", "%d.%m.%Y"), QualityRule("Betrag", "matches pattern", r"-?\d{1,3}(\.\d{3})*,\d{2}"))
    output = check((SAMPLES / "bank.csv").read_text(encoding="utf-8"), *rules)
    assert [one.failed for one in output.rules] == [1, 1]
    assert [(one.rule, one.line) for one in output.failing_rows] == [(1, 6), (2, 5)]


def test_the_example_runs_shows_something_and_reports_progress() -> None:
    heard: list[float] = []
    set_reporter(lambda share, _: heard.append(share))
    try:
        output = quality.run(quality.TOOL.example)  # type: ignore[arg-type]
    finally:
        set_reporter(None)
    assert [one.failed for one in output.rules] == [2, 1, 1, 1, 2, 1]
    assert (output.repeated_rows, output.score) == (1, 93.47)
    assert heard == sorted(heard)
    assert len(heard) > 2


def test_work_grows_with_rows_columns_and_rules() -> None:
    units = quality.TOOL.cost.units  # type: ignore[union-attr]
    small, long, wide = ("\n".join([",".join("abcd"[:columns])] + [",".join("1234"[:columns])] * rows) for rows, columns in ((100, 2), (1_000, 2), (100, 4)))
    assert units(QualityInputs(long)) > 5 * units(QualityInputs(small))
    assert units(QualityInputs(wide)) > units(QualityInputs(small))
    assert units(QualityInputs(small, rules=(QualityRule("a", "unique"),))) > units(QualityInputs(small))
    assert quality.TOOL.cost.describe(QualityInputs(small)) == "100 rows \u00d7 2 columns"  # type: ignore[union-attr]


def test_the_output_of_the_widest_file_stays_under_its_limit() -> None:
    cell = '"' + "\U0001f600" * 60 + '"'
    text = ",".join(f"c{number}" for number in range(500)) + "\n" + (",".join([cell] * 500) + "\n") * 40
    output = check(text, *[QualityRule(f"c{number}", "max length", "1") for number in range(50)], list_rows=1_000)
    for shown in (jsonable(output), blocks.to_json(quality.present(output))):
        assert len(json.dumps(shown, ensure_ascii=False).encode()) < 1_000_000


def test_the_inputs_are_bounded_at_the_door() -> None:
    with pytest.raises(InvalidInputs) as caught:
        parse(quality.TOOL, {"csv": "a\n1", "rules": [{"column": "a", "check": "tasty"}], "listRows": 1_001})
    assert {one.field for one in caught.value.errors} == {"rules.0.check", "listRows"}
    assert parse(quality.TOOL, {"csv": "a\n1", "rules": [{"column": "a", "check": "not empty"}]}).rules[0].severity == "medium"


@given(st.text(min_size=1, max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_profile_or_an_error_on_csv(text: str) -> None:
    output = check_or_refuse(text)
    assert output is None or 0 <= output.score <= 100


_CELL = (
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f"), max_size=12)
    | st.integers().map(str)
    | st.floats(allow_nan=False).map(str)
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[_CELL] * width), min_size=1, max_size=30)))
@settings(max_examples=150, deadline=None)
def test_what_a_csv_writer_writes_is_profiled_as_a_plain_count_says(rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    output = check(text.getvalue(), has_header=False, delimiter="comma")
    assert output.rows == len(rows)
    assert output.repeated_rows == len(rows) - len(set(rows))
    for index, column in enumerate(output.columns):
        filled = [row[index] for row in rows if row[index].strip()]
        assert (column.filled, column.empty, column.distinct) == (len(filled), len(rows) - len(filled), len(set(filled)))
        assert column.mean is None or math.isfinite(column.mean)
        assert column.longest == max(map(len, filled), default=0)
