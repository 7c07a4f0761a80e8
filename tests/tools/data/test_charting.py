from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.tools.data.charting import buckets
from credit_studio.tools.data.charting.figures import bin_width, correlation, nice_step
from credit_studio.tools.data.charting.frame import number
from credit_studio.tools.data.charting.svg import ticks
from credit_studio.tools.data.charting.wording import figure_text, number_text
from tests.tools.data.standalone_page import EXAMPLE, frame_of, one, table_of

# --- cells, buckets, figures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1,234.50", "point", 1234.5),
        ("1.234,50", "comma", 1234.5),
        ("£1,200", "point", 1200.0),
        ("-£3.50", "point", -3.5),
        ("$ -3.50", "point", -3.5),
        ("12 %", "point", 12.0),
        (".5", "point", 0.5),
        ("1e3", "point", 1000.0),
        ("-84,00", "comma", -84.0),
        ("1,23,4", "point", None),
        ("1e999", "point", None),
        ("9" * 20, "point", None),
        ("nan", "point", None),
        ("0x1f", "point", None),
        ("", "point", None),
        (".", "point", None),
        ("\u0663", "point", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, mark: str, expected: float | None) -> None:
    assert number(text, mark) == expected


@given(st.integers(-60_000, 80_000), st.sampled_from(buckets.NAMES))
def test_a_bucket_is_the_period_of_pandas(day: int, bucket: str) -> None:
    stamp: Any = pd.Timestamp(day, unit="D")
    period = stamp.to_period({"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}[bucket])
    start = buckets.start_of(day, bucket)
    assert pd.Timestamp(start, unit="D") == period.start_time
    assert pd.Timestamp(buckets.following(start, bucket), unit="D") == (period + 1).start_time
    assert buckets.label(start, "quarter") == f"Q{period.start_time.quarter} {period.start_time.year}"


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12))
def test_ticks_are_few_round_and_cover(least: float, span: float) -> None:
    most = least + span
    found = ticks(least, most)
    assert 2 <= len(found) <= 7
    assert found == sorted(found)
    near = (abs(least) + span) * 1e-9  # less than a pixel
    assert found[0] <= least + near
    assert found[-1] >= most - near
    assert nice_step(span, 4) >= span / 4 * (1 - 1e-6)


def test_correlation_and_bins_are_those_of_pandas() -> None:
    frame = frame_of(EXAMPLE.csv)
    xs, ys = frame["quantity"].tolist(), frame["revenue"].tolist()
    assert correlation(xs, ys) == pytest.approx(frame["quantity"].corr(frame["revenue"]))
    assert (correlation([1.0, 2.0], [1.0, 2.0]), correlation([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])) == (None, None)
    assert 5 <= (max(ys) - min(ys)) / bin_width(ys) + 1 <= 31
    assert bin_width([5.0, 5.0]) == 1.0


def test_figures_in_words() -> None:
    assert [number_text(value) for value in (338_222.4, 12.345, 0.0525, -1_000.0, 0.0, 100.26, -0.00001)] == [
        "338,222",
        "12.35",
        "0.0525",
        "\u22121,000",
        "0",
        "100.3",
        "0",
    ]
    assert [figure_text(*one) for one in ((1_240.0, "£"), (-3.5, "£"), (249.8, "£"), (12.0, "kg"))] == ["£1,240", "\u2212£3.50", "£249.80", "12\u00a0kg"]


# --- groups against pandas --------------------------------------------------------------------------------------------------

PANDAS = {"sum": "sum", "mean": "mean", "median": "median", "count": "count", "min": "min", "max": "max", "distinct": "nunique"}


@pytest.mark.parametrize("aggregate", list(PANDAS))
@pytest.mark.parametrize("series", ["", "channel"])
def test_every_figure_by_name_and_series_is_that_of_pandas(aggregate: str, series: str) -> None:
    panel = one(EXAMPLE.csv, kind="bar", x="product", y="revenue", aggregate=aggregate, series=series)
    frame = frame_of(EXAMPLE.csv)
    keys = ["product", series] if series else ["product"]
    expected = frame.groupby(keys)["revenue"].agg(PANDAS[aggregate])
    found = table_of(panel)
    for key, value in expected.items():
        product, name = key if series else (key, next(iter(found)))
        assert found[name][product] == pytest.approx(value), key
    assert sum(map(len, found.values())) == len(expected)
    if not series:
        assert list(panel.labels) == sorted(panel.labels, key=lambda name: (-expected[name], name))


@pytest.mark.parametrize(("bucket", "rule"), [("day", "D"), ("week", "W-SUN"), ("month", "M"), ("quarter", "Q"), ("year", "Y")])
def test_every_bucket_of_dates_is_that_of_pandas(bucket: str, rule: str) -> None:
    text = EXAMPLE.csv if bucket != "day" else "\n".join(EXAMPLE.csv.splitlines()[:60])
    panel = one(text, kind="line", x="ordered_on", y="revenue", bucket=bucket)
    frame = frame_of(text)
    sums = frame.groupby(pd.to_datetime(frame["ordered_on"]).dt.to_period(rule))["revenue"].sum()
    sums = sums.reindex(pd.period_range(sums.index.min(), sums.index.max(), freq=rule), fill_value=0.0)
    assert [y for _, y in panel.series[0].points] == pytest.approx(sums.tolist())
    assert len(panel.labels) == len(sums)


def test_the_rest_is_figured_anew_from_its_rows() -> None:
    frame = frame_of(EXAMPLE.csv)
    means = frame.groupby("customer")["revenue"].mean().sort_values(ascending=False)
    panel = one(EXAMPLE.csv, kind="bar", x="customer", y="revenue", aggregate="mean", top=5)
    assert list(panel.labels) == [*means.index[:5], "Others (11)"]
    rest = frame[~frame["customer"].isin(means.index[:5])]["revenue"].mean()
    assert panel.series[0].points[-1] == (5.0, pytest.approx(rest))


def test_more_than_six_series_are_five_and_the_others() -> None:
    panel = one(EXAMPLE.csv, kind="line", x="ordered_on", y="revenue", series="product", bucket="year")
    sums = frame_of(EXAMPLE.csv).groupby("product")["revenue"].sum().sort_values(ascending=False)
    assert [series.name for series in panel.series] == [*sorted(sums.index[:5]), "Others (4)"]
    assert sum(y for series in panel.series for _, y in series.points) == pytest.approx(sums.sum())


@pytest.mark.parametrize(
    ("where", "query"),
    [
        ("region = North", "region == 'North'"),
        ("region != North; channel = Web", "region != 'North' and channel == 'Web'"),
        ("revenue > 100; revenue <= 500", "revenue > 100 and revenue <= 500"),
        ("product in Trellis|Hose reel", "product in ['Trellis', 'Hose reel']"),
        ("customer contains LANE", "customer.str.lower().str.contains('lane')"),
        ("ordered_on >= 2026-01-01", "ordered_on >= '2026-01-01'"),
        ("quantity = 3.0", "quantity == 3"),
        ("ordered_on < 2025-07-01; quantity in 1|2", "ordered_on < '2025-07-01' and quantity in [1, 2]"),
    ],
)
def test_filters_keep_what_a_query_keeps(where: str, query: str) -> None:
    panel = one(EXAMPLE.csv, kind="key figure", y="revenue", where=where)
    expected = frame_of(EXAMPLE.csv).query(query)["revenue"]
    assert (panel.figure, panel.used) == (pytest.approx(expected.sum()), len(expected))


def test_a_histogram_counts_each_row_once() -> None:
    panel = one(EXAMPLE.csv, kind="histogram", y="revenue")
    frame = frame_of(EXAMPLE.csv)
    counts = [int(y) for _, y in panel.series[0].points]
    edges = [float(label.partition(" to ")[0].replace(",", "")) for label in panel.labels]
    width = edges[1] - edges[0]
    bins: Any = pd.cut(frame["revenue"], [*edges, edges[-1] + width], right=False)
    expected = bins.value_counts(sort=False)
    assert counts == expected.tolist()
    assert sum(counts) == panel.used == len(frame)


def test_a_scatter_draws_single_rows_and_tells_the_correlation() -> None:
    panel = one(EXAMPLE.csv, kind="scatter", x="quantity", y="revenue", series="channel")
    frame = frame_of(EXAMPLE.csv)
    assert {series.name: len(series.points) for series in panel.series} == frame.groupby("channel").size().to_dict()
    assert f"r = {frame['quantity'].corr(frame['revenue']):.2f}" in panel.summary
    many = "x,y\n" + "".join(f"{at},{at * 2}\n" for at in range(1_500))
    thin = one(many, kind="scatter", x="x", y="y")
    assert (len(thin.series[0].points), thin.note) == (500, "One row in 3 is drawn; the correlation is of all.")


def test_a_table_adds_up() -> None:
    panel = one(EXAMPLE.csv, kind="table", x="region", y="revenue")
    sums = frame_of(EXAMPLE.csv).groupby("region")["revenue"].agg(["size", "sum"]).sort_values("sum", ascending=False)
    assert panel.columns == ("region", "Rows", "Sum of revenue", "Share")
    assert [row[:2] for row in panel.rows] == [(name, float(size)) for name, size in sums["size"].items()]
    assert sum(float(row[3] or 0) for row in panel.rows) == pytest.approx(1.0)
