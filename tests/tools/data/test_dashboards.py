import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools.base import InputError
from credit_studio.tools.blocks import Chart, KeyFigures, Table
from credit_studio.tools.data import dashboards
from credit_studio.tools.data.charting.spec import ChartSpec
from credit_studio.tools.data.charting.wording import number_text
from credit_studio.tools.data.dashboards import TOOL, DashboardInputs
from credit_studio.tools.validation import parse
from tests.tools.data.standalone_page import EXAMPLE, build, one, page_of, read_page, table_of

SAMPLES = Path(__file__).with_name("samples")


def refused(csv: str = "a,b\n1,x\n2,y\n", **wish: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        build(csv, ChartSpec(**wish))
    return caught.value


def built_or_refused(csv: str, *charts: ChartSpec) -> str:
    """The field that the tool refuses, or "built"; any other error is a failure of the test."""
    try:
        build(csv, *charts, delimiter="comma")
    except InputError as error:
        return error.field
    return "built"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=12), st.one_of(st.integers(-1000, 1000).map(str), st.text(max_size=6)), st.sampled_from(["", "p", "q"])),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from(["sum", "mean", "count", "distinct"]),
)
def test_any_table_is_drawn_or_refused_by_field(rows: list[tuple[str, str, str]], aggregate: str) -> None:
    text = io.StringIO()
    pd.DataFrame(rows, columns=["name", "value", "part"]).to_csv(text, index=False)
    for charts in ((), (ChartSpec(kind="bar", x="name", y="value", aggregate=aggregate, series="part"),)):  # type: ignore[arg-type]
        assert built_or_refused(text.getvalue(), *charts) in {"built", "csv", "charts.0.x", "charts.0.y"}


def test_a_proposed_chart_that_shows_nothing_is_left_out() -> None:
    output = build("name,value,part\n,0,\n0,,\n")
    assert "scatter" not in {spec.kind for spec in output.specs}
    assert len(output.reasons) == len(output.specs) == len(output.panels)


# --- columns of other kinds -------------------------------------------------------------------------------------------------


def test_a_bank_statement_has_decimal_commas_and_days_first() -> None:
    output = build((SAMPLES / "bank.csv").read_text(encoding="utf-8"))
    types = {column.name: (column.type, column.mark) for column in output.columns}
    assert types["Betrag"] == ("number", "comma")
    assert types["Buchungstag"][0] == "date"
    total = next(panel for panel in output.panels if panel.title == "Sum of Betrag")
    assert total.figure == pytest.approx(2133.75)
    assert total.note == "1 row left out: no number in Betrag."


def test_measurements_are_averaged_and_sensors_are_split() -> None:
    iris = build((SAMPLES / "iris.csv").read_text(encoding="utf-8"))
    assert {spec.aggregate for spec in iris.specs if spec.y == "sepal_length"} == {"mean", "sum"}  # the sum is a histogram's default
    assert [spec.kind for spec in iris.specs][-2:] == ["histogram", "scatter"]
    sensors = build((SAMPLES / "sensors.tsv").read_text(encoding="utf-8"))
    assert sensors.delimiter == "tab"
    assert "line" not in [spec.kind for spec in sensors.specs]  # all of one day


def test_a_year_is_no_measure_and_stands_without_commas() -> None:
    text = "year,country,exports\n2021,FR,10\n2021,DE,20\n2022,FR,30\n2022,DE,5\n"
    output = build(text)
    assert all(spec.y != "year" for spec in output.specs)
    assert one(text, kind="bar", x="year", y="exports").labels == ("2021", "2022")
    assert one(text, kind="line", x="year", y="exports", series="country").series[1].points == ((2021.0, 10.0), (2022.0, 30.0))


def test_a_table_without_anything_to_chart_shows_itself() -> None:
    output = build("note\n=1+1\n")
    assert [spec.kind for spec in output.specs] == ["key figure", "table"]
    assert output.panels[1].rows == (("=1+1",),)


def test_long_names_that_begin_alike_stay_apart() -> None:
    text = "name,n\n" + "".join(f"{'x' * 60}{at},{at}\n" for at in range(3)) * 2
    assert one(text, kind="bar", x="name", y="n").labels == ("x" * 39 + "… (3)", "x" * 39 + "… (2)", "x" * 39 + "…")


def test_empty_cells_are_a_group_and_no_number() -> None:
    panel = one("g,n\na,1\n,2\nb,\n", kind="bar", x="g", y="n")
    assert table_of(panel)["Sum of n"] == {"(empty)": 2.0, "a": 1.0}
    assert panel.note == "1 row left out: no number in n."


# --- the page ---------------------------------------------------------------------------------------------------------------


def test_the_example_is_drawn_and_every_figure_stands_behind_its_chart() -> None:
    output = dashboards.run(EXAMPLE)
    text = page_of(output)
    reader = read_page(text)
    kinds = [tag for tag, _ in reader.seen]
    assert (kinds.count("figure"), kinds.count("details"), kinds.count("section"), kinds.count("dt")) == (6, 6, 1, 4)
    line = next(panel for panel in output.panels if panel.kind == "line")
    for _, y in line.series[0].points:
        assert number_text(y) in reader.cells
    assert "prefers-color-scheme:dark" in text
    assert 'role="img"' in text


def test_what_the_data_say_is_never_markup() -> None:
    evil = "<script>alert(1)</script>\"'&]]><svg onload=x>"
    text = io.StringIO()
    pd.DataFrame({evil: [evil, "</title></svg>", evil], "n": [1, 2, 3], "=f()": ["=cmd|'/c'!A1", "@SUM(1)", "-1"]}).to_csv(text, index=False)
    charts = (
        ChartSpec(kind="bar", x=evil[:120], y="n", series="=f()", title=evil, unit="<b>"),
        ChartSpec(kind="key figure", y="n", title=evil, where="n > 0"),
        ChartSpec(kind="table"),
        ChartSpec(kind="bar", x="=f()", y="n", aggregate="mean", series=evil),
    )
    output = build(text.getvalue(), *charts, title=evil, about=evil, delimiter="comma")
    reader = read_page(page_of(output))
    assert "'=cmd|'/c'!A1" in reader.cells
    assert "'@SUM(1)" in reader.cells
    assert "-1" in reader.cells
    assert sum(evil[:30] in cell for cell in reader.cells) >= 2


def test_the_page_is_the_same_every_time() -> None:
    assert page_of(dashboards.run(EXAMPLE)) == page_of(dashboards.run(EXAMPLE))


def test_bars_that_do_not_add_up_stand_side_by_side() -> None:
    blocks = dashboards.present(build(EXAMPLE.csv, ChartSpec(kind="bar", x="region", y="revenue", aggregate="mean", series="channel")))
    (chart,) = (block for block in blocks if isinstance(block, Chart))
    assert chart.is_grouped
    assert {one.name for one in chart.series} == {"Partner", "Phone", "Web"}
    assert "North" in dict(chart.series[0].points)
    blocks = dashboards.present(build(EXAMPLE.csv, ChartSpec(kind="bar", x="region", y="revenue", series="channel")))
    assert not next(block for block in blocks if isinstance(block, Chart)).is_grouped


def test_a_line_over_dates_has_an_axis_of_dates() -> None:
    blocks = dashboards.present(build(EXAMPLE.csv, ChartSpec(kind="area", x="ordered_on", y="revenue", bucket="month")))
    (chart,) = (block for block in blocks if isinstance(block, Chart))
    assert (chart.x.label, chart.x.format, chart.x.unit) == ("Month", "date", "month")
    begins = [date(1970, 1, 1) + timedelta(days=float(x)) for x, _ in chart.series[0].points]
    assert begins[:3] == [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]


def test_without_key_figures_the_table_is_counted() -> None:
    blocks = dashboards.present(build("g,n\na,1\nb,2\n", ChartSpec(kind="bar", x="g", y="n")))
    assert isinstance(blocks[0], KeyFigures)
    assert [(figure.label, figure.value) for figure in blocks[0].figures] == [("Rows", "2"), ("Columns", "2")]
    assert not [block for block in blocks if isinstance(block, Table) and block.title == "Proposed charts"]


@pytest.mark.parametrize(
    ("wish", "field", "words"),
    [
        ({"kind": "bar"}, "charts.0.x", "Is needed"),
        ({"kind": "bar", "x": "c"}, "charts.0.x", "no column 'c'"),
        ({"kind": "bar", "x": "a", "y": "b"}, "charts.0.y", "holds no numbers"),
        ({"kind": "bar", "x": "a", "aggregate": "mean"}, "charts.0.y", "needs a column"),
        ({"kind": "line", "x": "b", "aggregate": "count"}, "charts.0.x", "neither. Take a bar"),
        ({"kind": "bar", "x": "a", "series": "z", "aggregate": "count"}, "charts.0.series", "no column 'z'"),
        ({"kind": "histogram"}, "charts.0.y", "Is needed"),
        ({"kind": "histogram", "y": "b"}, "charts.0.y", "holds no numbers"),
        ({"kind": "scatter", "x": "a"}, "charts.0.y", "Is needed"),
        ({"kind": "table", "where": "a = 9"}, "charts.0.where", "Keeps no row"),
        ({"kind": "table", "where": "a like 9"}, "charts.0.where", "no condition on a column"),
        ({"kind": "table", "where": "a > x"}, "charts.0.where", "is no number"),
        ({"kind": "table", "where": "a=1;" * 7}, "charts.0.where", "7 conditions"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_names_its_field(wish: dict[str, Any], field: str, words: str) -> None:
    error = refused(**wish)
    assert (error.field, words in error.message) == (field, True), error.message


def test_too_fine_and_too_much_is_refused() -> None:
    days = "d,n\n2020-01-01,1\n2026-01-01,2\n"
    assert refused(days, kind="line", x="d", y="n", bucket="day").field == "charts.0.bucket"
    assert "is no date" in refused(days, kind="table", where="d > soon").message
    numbers = "x,n\n" + "".join(f"{at},1\n" for at in range(500))
    assert "different numbers" in refused(numbers, kind="line", x="x", y="n").message
    wide = "d,s,n\n" + "".join(f"{day:%Y-%m-%d},{name},1\n" for day in pd.date_range("2025-01-01", periods=399) for name in "abcdef")
    assert refused(wide, kind="line", x="d", y="n", series="s", bucket="day").field == "charts.0.series"
    with pytest.raises(InputError, match="more than 100,000 rows") as caught:
        dashboards.run(DashboardInputs(csv="a\n" + "1\n" * 100_001))
    assert caught.value.field == "csv"


def test_the_largest_dashboard_stays_within_the_output() -> None:
    scatter = ChartSpec(kind="scatter", x="x", y="y")
    many = "x,y,name\n" + "".join(f"{at * 1.2345},{at * 5.4321},{chr(0x1F300 + at % 200) * 40}{at}\n" for at in range(600))
    assert build(many, *[scatter] * 5).panels
    with pytest.raises(InputError, match="points together") as caught:
        build(many, *[scatter] * 12)
    assert caught.value.field == "charts"
    names = ChartSpec(kind="bar", x="name", y="x", top=50)
    assert build(many, *[names] * 5).panels
    with pytest.raises(InputError, match="more text"):
        build(many, *[names] * 12)


def test_the_form_holds_its_bounds() -> None:
    with pytest.raises(InputError) as caught:
        DashboardInputs("a\n1\n", (ChartSpec(kind="key figure"),) * 5)
    assert caught.value.field == "charts.4.kind"
    with pytest.raises(InvalidInputs) as refusal:
        parse(TOOL, {"csv": "a\n1\n", "charts": [{"kind": "pie", "top": 0}]})
    assert {error.field for error in refusal.value.errors} == {"charts.0.kind", "charts.0.top"}
