import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.blocks import Document, Findings, HeatMap, KeyFigures, Table, to_json
from credit_studio.tools.cyber import metrics
from credit_studio.tools.cyber.metrics import TOOL, Indicator, MetricsInputs, NamedColumn
from credit_studio.tools.cyber.operations.columns import band_of, rating_of, severity_of, state_of
from credit_studio.tools.cyber.operations.indicators import direction_of, status_of
from credit_studio.tools.cyber.operations.measures import spread
from credit_studio.tools.cyber.operations.moments import Calendar, day_first, moment, offset_of
from credit_studio.tools.cyber.operations.outcome import Outcome
from credit_studio.tools.validation import parse
from tests.contracts import drawing

SAMPLES = Path(__file__).with_name("samples")
UTC_DAYS = Calendar(0, day_first=True)
assert TOOL.example is not None
EXAMPLE = TOOL.example


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def measure(incidents: str = "", vulnerabilities: str = "", as_of: str = "", **more: Any) -> Outcome:
    """Run, and hold what comes out to the blocks' own rules and to the tool's size."""
    outcome = metrics.run(replace(MetricsInputs(incidents, vulnerabilities, as_of), **more))
    blocks = metrics.present(outcome)
    assert [fault for block in blocks for fault in drawing.faults(block)] == []
    assert max(len(json.dumps(jsonable(outcome), allow_nan=False)), len(json.dumps(to_json(blocks), allow_nan=False))) < TOOL.limits.output_bytes
    return outcome


def refused(**given: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        measure(**given)
    return caught.value


def seconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc]


def times_of(outcome: Outcome, name: str, severity: str = "all") -> tuple[int, float, float]:
    found = next(row.spread for row in outcome.times if (row.measure, row.severity) == (name, severity))
    return found.count, round(found.mean, 4), round(found.median, 4)


# --- dates ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", (2026, 11, 20)),
        ("2026-11-20T14:02:05Z", (2026, 11, 20, 14, 2, 5)),
        ("2026-11-20 14:02", (2026, 11, 20, 14, 2)),
        ("2026-11-20T14:02:05.123+02:00", (2026, 11, 20, 12, 2, 5)),
        ("2026-11-20 14:02:05 UTC", (2026, 11, 20, 14, 2, 5)),
        ("2026/11/20 14:02 -0530", (2026, 11, 20, 19, 32)),
        ("20/11/2026", (2026, 11, 20)),
        ("3.4.26 7:05", (2026, 4, 3, 7, 5)),
        ("03/04/2026 12:10 AM", (2026, 4, 3, 0, 10)),
        ("03/04/2026 12:10 pm", (2026, 4, 3, 12, 10)),
        ("20 November 2026 14:02 GMT", (2026, 11, 20, 14, 2)),
        ("Nov 20, 2026, 2:02 PM", (2026, 11, 20, 14, 2)),
        ("02/Mar/26 2:15 PM", (2026, 3, 2, 14, 15)),
        ("20261120", (2026, 11, 20)),
        ("1795183325", (2026, 11, 20, 14, 2, 5)),
        ("1795183325000", (2026, 11, 20, 14, 2, 5)),
    ],
)
def test_dates_are_read_as_systems_write_them(text: str, expected: tuple[int, ...]) -> None:
    assert moment(text, UTC_DAYS) == seconds(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "31/02/2026",
        "13:00 PM",
        "1/1/2026 13:00 PM",
        "0001-01-01",
        "2026",
        "99999999",
        "20 Foo 2026",
        "n/a",
        "9" * 61,
        "\u0662\u0660\u0662\u0666-11-20",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text, UTC_DAYS) is None


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - Hypothesis wants them plain
def test_a_written_date_is_read_back(when: datetime, minutes: int) -> None:
    whole = when.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    here = Calendar(minutes * 60, day_first=True)
    for text in (whole.isoformat(), f"{whole:%d/%m/%Y %H:%M:%S %z}"[:25], f"{whole:%d %b %Y %I:%M:%S %p}", f"{whole:%B %d, %Y %H:%M:%S}"):
        assert moment(text, here) == int(whole.timestamp())
    assert moment(f"{whole:%m/%d/%Y %H:%M:%S}", Calendar(minutes * 60, day_first=False)) == int(whole.timestamp())


@given(st.text(max_size=70))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = moment(text, UTC_DAYS)
    assert found is None or 0 <= found < 5_000_000_000 or len(text) in {10, 13}
    assert rating_of(text) in {"critical", "high", "medium", "low", "info", "unknown"}
    assert state_of(text) in {"open", "closed", "excluded", ""}
    assert offset_of(text) is None or abs(offset_of(text) or 0) <= 14 * 3600


def test_the_order_of_dates_is_found_out() -> None:
    assert day_first(["03/04/2026", "13/04/2026"]) == (True, False)
    assert day_first(["03/04/2026", "04/13/2026"]) == (False, False)
    assert day_first(["03/04/2026", "2026-04-13"]) == (None, False)
    assert day_first(["13/04/2026", "04/13/2026"])[1]


def test_the_order_changes_the_result_and_doubt_is_told() -> None:
    text = "detected,resolved\n03/04/2026 10:00,04/04/2026 10:00\n"
    doubtful = measure(text, as_of="2026-06-30")
    assert (doubtful.months[0], times_of(doubtful, "resolve")) == ("Apr 2026", (1, 24.0, 24.0))
    assert [one.what for one in doubtful.problem_groups if one.file == "incidents" and not one.lines] == [
        "No date tells whether the day or the month comes first"
    ]
    american = measure(text, as_of="2026-06-30", date_order="mdy")
    assert (american.months[0], times_of(american, "resolve")) == ("Mar 2026", (1, 744.0, 744.0))
    assert not [one for one in american.problem_groups if not one.lines]


# --- words ------------------------------------------------------------------------------------------------------------------


def test_severities_are_read_from_words_priorities_and_scores() -> None:
    assert [severity_of(text) for text in ("CRITICAL", "SEV-1", "P2", "1 - Critical", "Moderate", "4", "Highest", "")] == [
        *("critical", "critical", "high", "critical", "medium", "low", "critical", "unknown")
    ]
    assert [band_of(text) for text in ("10.0", "9.0", "8.9", "7", "6.9", "4.0", "3.9", "0.1", "0", "11", "x")] == [
        *("critical", "critical", "high", "high", "medium", "medium", "low", "low", "info", "unknown", "unknown")
    ]
    assert (rating_of("9.8"), rating_of("5")) == ("critical", "unknown")


def test_spread_is_what_the_textbook_says() -> None:
    found = spread([4.0, 1.0, 2.0, 3.0, 10.0, 6.0, 7.0, 8.0, 9.0, 5.0])
    assert found is not None
    assert (found.count, found.mean, found.median, found.p90, found.most) == (10, 5.5, 5.5, 9.0, 10.0)
    assert spread([]) is None


def test_statuses_and_directions() -> None:
    assert [status_of(value, 24.0, 72.0, -1) for value in (24.0, 24.1, 72.0, 72.1, None)] == ["green", "amber", "amber", "red", ""]
    assert [status_of(value, 95.0, 85.0, 1) for value in (95.0, 94.9, 85.0, 84.9)] == ["green", "amber", "amber", "red"]
    assert [direction_of(now, 10.0, -1) for now in (8.9, 9.0, 11.0, 11.1, None)] == ["improving", "steady", "steady", "worsening", ""]
    assert direction_of(80.0, 100.0, 1) == "worsening"


# --- incidents --------------------------------------------------------------------------------------------------------------


def test_a_service_desk_export_gives_the_times_of_a_hand_calculation() -> None:
    outcome = measure(sample("servicedesk-incidents.csv"), as_of="2026-08-20")
    assert times_of(outcome, "acknowledge") == (6, round((0.25 + 1.5 + 4 + 24 + 0.25 + 1 / 12) / 6, 4), 0.875)
    assert times_of(outcome, "contain") == (4, (3 + 6 + 24 + 2) / 4, 4.5)
    assert times_of(outcome, "resolve") == (4, (24 + 48 + 72 + 12) / 4, 36.0)
    assert times_of(outcome, "resolve", "critical") == (2, 18.0, 18.0)
    assert not [row for row in outcome.times if row.measure == "detect"]
    assert [(one.id, one.age_days, one.line) for one in outcome.open_incidents] == [("INC0010028", 15, 7), ("INC0010027", 19, 6)]
    assert (outcome.files[0].rows, outcome.files[0].counted, outcome.files[0].excluded) == (7, 6, 1)
    assert [(one.what, one.lines) for one in outcome.problem_groups] == [("Contained before detected", (7,))]
    assert [month.open for month in outcome.incident_months] == [0, 2]


def test_an_issue_tracker_export_is_read_with_its_mistakes() -> None:
    outcome = measure(sample("tracker-incidents.csv"), as_of="2026-04-30")
    assert times_of(outcome, "detect") == (2, (18.25 + 6) / 2, (18.25 + 6) / 2)
    assert times_of(outcome, "resolve") == (3, 20.0, 24.0)
    assert {(one.what, one.lines) for one in outcome.problem_groups} == {
        ("Detected before occurred", (5,)),
        ("Repeats an earlier row", (7,)),
        ("Open, with an end date", (6,)),
    }
    assert [(one.severity, one.id) for one in outcome.open_incidents] == [("high", "SEC-5"), ("low", "SEC-3")]


def test_the_example_agrees_with_pandas() -> None:
    outcome = metrics.run(EXAMPLE)
    frame: Any = pd.read_csv(io.StringIO(EXAMPLE.incidents), parse_dates=["Occurred", "Detected", "Acknowledged", "Contained", "Resolved"])
    frame = frame[frame["Status"] != "False positive"]
    for name, start, end in (("detect", "Occurred", "Detected"), ("acknowledge", "Detected", "Acknowledged"), ("resolve", "Detected", "Resolved")):
        hours = (frame[end] - frame[start]).dt.total_seconds() / 3600
        hours = hours[(hours >= 0) & ~((name == "resolve") & (frame["Contained"] > frame["Resolved"]))]
        assert times_of(outcome, name) == (len(hours), pytest.approx(hours.mean(), abs=1e-3), pytest.approx(hours.median(), abs=1e-3))
    new = frame.groupby(frame["Detected"].dt.strftime("%b %Y")).size()
    assert {month.month: sum(month.new) for month in outcome.incident_months} == new.to_dict()


def test_the_as_of_date_cuts_what_came_later() -> None:
    text = "id,detected,resolved\nA,2026-01-10,2026-01-12\nB,2026-01-20,2026-02-10\nC,2026-02-05,\n"
    then = measure(text, as_of="2026-01-31")
    assert (times_of(then, "resolve"), [one.id for one in then.open_incidents]) == ((1, 48.0, 48.0), ["B"])
    assert [(one.what, one.lines) for one in then.problem_groups if "as-of" in one.what] == [("Detected after the as-of date", (4,))]
    now = measure(text)
    assert (now.as_of, now.as_of_given, [one.id for one in now.open_incidents]) == ("2026-02-10", False, ["C"])


def test_only_the_months_asked_for_count_and_a_time_belongs_to_the_month_of_its_end() -> None:
    text = "detected,resolved\n2026-01-01,2026-01-02\n2026-01-31,2026-03-02\n2026-03-05,2026-03-06\n"
    outcome = measure(text, as_of="2026-03-31", months=2)
    assert outcome.months == ("Feb 2026", "Mar 2026")
    assert times_of(outcome, "resolve") == (2, (30 * 24 + 24) / 2, (30 * 24 + 24) / 2)
    assert [month.times[3] is None for month in outcome.incident_months] == [True, False]
    assert [month.open for month in outcome.incident_months] == [1, 0]


def test_an_offset_moves_days_and_months() -> None:
    text = "detected,resolved\n2026-01-31T23:30Z,2026-02-01T03:00Z\n"
    assert measure(text, as_of="2026-02-28").months[0] == "Jan 2026"
    east = measure(text, as_of="2026-02-28", offset="+01:00")
    assert (east.months[0], times_of(east, "resolve")) == ("Feb 2026", (1, 3.5, 3.5))
    assert times_of(measure("detected,resolved\n2026-01-31 00:30,2026-01-31T00:30Z\n", as_of="2026-01-31", offset="+02:00"), "resolve") == (1, 2.0, 2.0)


def test_a_month_that_is_not_over_is_not_judged() -> None:
    text = "detected,severity\n2026-01-10,high\n2026-02-10,high\n2026-02-11,high\n2026-03-01,low\n"
    limits = (Indicator("severe incidents", 1.0, 1.0),)
    half = measure(text, as_of="2026-03-02", indicators=limits).indicators[0]
    assert (half.values, half.latest, half.before, half.status, half.direction) == ((1.0, 2.0, 0.0), 2.0, 1.0, "red", "worsening")  # noqa: PD011 - no frame
    whole = measure(text, as_of="2026-03-31", indicators=limits).indicators[0]
    assert (whole.latest, whole.before, whole.status, whole.direction) == (0.0, 1.5, "green", "improving")


# --- vulnerabilities --------------------------------------------------------------------------------------------------------


def test_a_scanner_export_is_held_to_its_deadlines() -> None:
    outcome = measure(vulnerabilities=sample("scanner-vulnerabilities.tsv"), as_of="2026-03-31")
    rows = {row.severity: (row.decided, row.on_time, row.late, row.overdue) for row in outcome.sla}
    # Critical: found 6 Jan UTC and fixed on the 20th; found on the 5th and fixed on the 21st, a day late. High: due 3 March and open; due 19 April.
    assert rows == {"critical": (2, 1, 1, 0), "high": (1, 0, 0, 1), "medium": (1, 1, 0, 0), "all": (4, 2, 1, 1)}
    assert [(one.id, one.asset, one.due, one.days_over) for one in outcome.open_vulnerabilities] == [
        ("42873", "10.0.0.9", "2026-03-03", 28),
        ("42873", "10.0.0.12", "2026-04-19", -19),
    ]
    assert outcome.files[0].excluded == 2
    assert [(one.what, one.lines) for one in outcome.problem_groups] == [("Fixed before found", (9,))]
    assert [(month.open, month.overdue) for month in outcome.vulnerability_months] == [(0, 0), (2, 0), (2, 1)]


def test_the_last_day_is_on_time_and_the_next_is_late() -> None:
    text = "cve,found,fixed,severity\nA,2026-01-01T23:00,2026-01-16T23:59,critical\nB,2026-01-01T23:00,2026-01-17T00:00,critical\nC,2026-01-02,,critical\n"
    (row, _) = measure(vulnerabilities=text, as_of="2026-01-17").sla
    assert (row.decided, row.on_time, row.late, row.overdue) == (2, 1, 1, 0)
    (row, _) = measure(vulnerabilities=text, as_of="2026-01-18").sla
    assert (row.decided, row.overdue, row.compliance) == (3, 1, pytest.approx(1 / 3))


def test_a_due_date_of_the_file_comes_first() -> None:
    text = "cve,found,fixed,severity,due date\nA,2026-01-01,2026-01-10,low,2026-01-09\nB,2026-01-01,2026-01-10,critical,2026-01-10\n"
    assert {row.severity: (row.on_time, row.late) for row in measure(vulnerabilities=text).sla} == {"low": (0, 1), "critical": (1, 0), "all": (1, 1)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.one_of(st.none(), st.integers(0, 200)), st.sampled_from(["critical", "high", "medium", "low"])),
        min_size=1,
        max_size=30,
    )
)
def test_months_and_severities_add_up_to_pandas(rows: list[tuple[int, int | None, str]]) -> None:
    start, limits = datetime(2026, 1, 1, tzinfo=UTC), {"critical": 15, "high": 30, "medium": 90, "low": 180}
    day = lambda number: (start + timedelta(days=number)).date().isoformat()  # noqa: E731 - as short as it is
    lines = [f"V{at},{day(found)},{'' if took is None else day(found + took)},{level}" for at, (found, took, level) in enumerate(rows)]
    outcome = measure(vulnerabilities="\n".join(["cve,found,fixed,severity", *lines]), as_of="2026-12-31", months=24)
    today = 364
    frame: Any = pd.DataFrame(rows, columns=["found", "took", "level"]).astype({"took": "float"})
    frame["limit"] = frame["level"].map(limits)
    frame["fixed"] = (frame["found"] + frame["took"]).where(lambda day: day <= today)
    on_time = (frame["fixed"] - frame["found"]) <= frame["limit"]
    passed = ~on_time & (frame["found"] + frame["limit"] < today)
    everything = {row.severity: row for row in outcome.sla}
    if (on_time | passed).any():
        assert (everything["all"].decided, everything["all"].on_time) == ((on_time | passed).sum(), on_time.sum())
        assert sum(row.decided for name, row in everything.items() if name != "all") == everything["all"].decided
    still = frame[frame["fixed"].isna() & (frame["found"] <= today)]
    assert outcome.vulnerability_months[-1].open == len(still) == sum(row.open for row in outcome.vulnerability_backlog if row.severity != "all")
    assert outcome.vulnerability_months[-1].overdue == (still["found"] + still["limit"] < today).sum()
    assert sum(month.found for month in outcome.vulnerability_months) == len(rows)


# --- the example and the page -----------------------------------------------------------------------------------------------


def test_the_example_shows_what_needs_attention_and_every_planted_mistake() -> None:
    outcome = metrics.run(EXAMPLE)
    blocks = metrics.present(outcome)
    attention = next(block for block in blocks if isinstance(block, Findings))
    assert attention.findings[0].severity == "critical"
    assert "Patched on time is red and worsening" in [one.title for one in attention.findings]
    assert {one.what for one in outcome.problem_groups} == {
        *("Resolved before contained", "Detected before occurred", "The fixed date cannot be read", "Repeats an earlier row", "Closed without a date")
    }
    heat = next(block for block in blocks if isinstance(block, HeatMap))
    assert (len(heat.row_labels), len(heat.column_labels), len(heat.items)) == (7, 10, 70)
    red = next(one for one in outcome.indicators if one.status == "red")
    assert heat.level_names[heat.levels[heat.row_labels.index(red.title)][-1]] == "Red"
    assert [figure.label for figure in next(block for block in blocks if isinstance(block, KeyFigures)).figures] == [
        *("Mean time to detect", "Mean time to resolve", "Patched on time", "Open vulnerabilities")
    ]


def test_the_report_escapes_what_the_files_say() -> None:
    outcome = measure(vulnerabilities='cve,found,severity,asset\n"<img src=x> [a](http://b) |x|",2026-01-01,critical,`host`\n', as_of="2026-06-30")
    (report,) = (block for block in metrics.present(outcome) if isinstance(block, Document))
    assert "\\<img src=x\\> \\[a\\]" in report.markdown
    assert "<img" not in report.markdown.replace("\\<img", "")
    assert "\\`host\\`" in report.markdown


def test_a_column_by_another_name_is_told_and_listed() -> None:
    text = "ref,alarm raised,over\n1,2026-01-01,2026-01-03\n"
    assert "No column says when each was detected" in refused(incidents=text).message
    chosen = (NamedColumn("incidents", "detected", "alarm raised"), NamedColumn("incidents", "resolved", "over"))
    outcome = measure(text, columns=chosen)
    assert times_of(outcome, "resolve") == (1, 48.0, 48.0)
    assert [(one.field, one.column) for one in outcome.columns if one.chosen] == [("detected", "alarm raised"), ("resolved", "over")]


def test_indicators_that_cannot_be_measured_are_named_with_the_reason() -> None:
    outcome = measure("detected\n2026-11-02\n")
    assert [one.kind for one in outcome.indicators] == ["severe incidents"]
    assert outcome.not_measured[-1] == "Patched on time, Overdue vulnerabilities at month end: no file of vulnerabilities was given."
    assert "Median time to detect: the file of incidents has no column “occurred”." in outcome.not_measured
    titles = [block.title for block in metrics.present(outcome) if isinstance(block, Table)]
    assert "Patch SLA" not in titles


@pytest.mark.parametrize("kind", [indicator for indicator, _ in metrics._NAMES])
def test_every_indicator_is_measured_on_the_example(kind: str) -> None:
    outcome = metrics.run(replace(EXAMPLE, indicators=(Indicator(kind, 50.0, 50.0),)))  # type: ignore[arg-type]
    (found,) = outcome.indicators
    assert len(found.values) == len(found.statuses) == len(outcome.months) == 10
    assert found.latest is not None


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({}, "incidents", "Give incidents"),
        ({"incidents": " \n"}, "incidents", "Give incidents"),
        ({"incidents": "detected\n"}, "incidents", "no rows below"),
        ({"incidents": "a,b\n1\n"}, "incidents", "No column says"),
        ({"incidents": "detected,b\n2026-01-01\n"}, "incidents", "Line 2: has 1 cells"),
        ({"vulnerabilities": 'found,b\n"x,2\n'}, "vulnerabilities", "quote is not closed"),
        ({"incidents": "detected\nyesterday\n"}, "incidents", "no date that can be read"),
        ({"incidents": "detected\n13/01/2026\n01/13/2026\n"}, "incidents", "day first and some month first"),
        ({"incidents": "detected\n2026-01-01\n", "as_of": "soon"}, "asOf", "Must be a date"),
        ({"incidents": "detected\n2026-01-01\n", "offset": "Paris"}, "offset", "hours and minutes"),
        ({"incidents": "detected\n" + "2026-01-01\n" * 20_001}, "incidents", "more than 20,000 rows"),
        ({"incidents": "detected\n2026-01-01\n", "columns": (NamedColumn("incidents", "fixed", "x"),)}, "columns.0.means", "no such field"),
        ({"incidents": "detected\n2026-01-01\n", "columns": (NamedColumn("incidents", "id", "x"),)}, "columns.0.column", "no column 'x'"),
        ({"incidents": "detected\n2026-01-01\n", "indicators": (Indicator("open incidents", 5.0, 4.0),)}, "indicators.0.red", "at least 5"),
        ({"incidents": "detected\n2026-01-01\n", "indicators": (Indicator("patch compliance", 80.0, 90.0),)}, "indicators.0.red", "at most 80"),
        ({"incidents": "detected\n2026-01-01\n", "indicators": (Indicator("new incidents", 1.0, 2.0),) * 2}, "indicators.1.measure", "twice"),
    ],
)
def test_what_makes_no_sense_names_its_field(given: dict[str, Any], field: str, words: str) -> None:
    error = refused(**given)
    assert (error.field, words in error.message) == (field, True), error.message


def test_bounds_are_held() -> None:
    with pytest.raises(InvalidInputs) as caught:
        parse(TOOL, {"incidents": "detected\n2026-01-01\n", "months": 0, "criticalDays": 0})
    assert {error.field for error in caught.value.errors} == {"months", "criticalDays"}


def test_the_largest_and_worst_file_stays_within_the_output() -> None:
    rows = (f"{at},not a date {'💩' * 60},2026-01-01,open and odd" for at in range(3_000))
    outcome = measure("id,resolved,detected,status\n" + "\n".join(rows) + "\n", as_of="2026-06-30", months=36)
    assert outcome.problems_total == 9_000
    assert len(outcome.problems) == 500
