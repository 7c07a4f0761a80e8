"""Security Metrics Dashboard: how quickly incidents are detected and resolved, whether patches are on time, what is open, and where it goes.

Reading and measuring is in `operations/` (definitions in `operations/measures.py`); this file declares the tool and puts the figures together.
"""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block
from credit_studio.tools.cyber.operations import dashboard
from credit_studio.tools.cyber.operations.columns import FIELDS, SEVERITIES
from credit_studio.tools.cyber.operations.indicators import KINDS, Reading, figures, reading
from credit_studio.tools.cyber.operations.measures import (
    TIMES,
    Spread,
    TimeRow,
    Window,
    backlog_rows,
    compliance,
    counted,
    lasting,
    monthly,
    open_spans,
    overdue_spans,
    sla_rows,
    spread,
    standing,
    time_rows,
)
from credit_studio.tools.cyber.operations.moments import DAY_S, Calendar, day_of, iso_date, moment, month_label, month_of, offset_of
from credit_studio.tools.cyber.operations.outcome import SO_FAR, FileCount, IncidentMonth, OpenItem, Outcome, ProblemGroup, ReadColumn, VulnerabilityMonth
from credit_studio.tools.cyber.operations.records import (
    Incident,
    Problems,
    Row,
    Sheet,
    Vulnerability,
    incidents_of,
    latest,
    order_of,
    rows_of,
    sheet_of,
    unrepeated,
    vulnerabilities_of,
    worst_first,
)

_MOST_OPEN = 50
_LINES_NAMED = 12

IndicatorName = Literal[
    "time to detect",
    "time to acknowledge",
    "time to contain",
    "time to resolve",
    "new incidents",
    "severe incidents",
    "open incidents",
    "patch compliance",
    "severe patch compliance",
    "time to remediate",
    "open vulnerabilities",
    "overdue vulnerabilities",
]
FieldName = Literal["id", "severity", "status", "occurred", "detected", "acknowledged", "contained", "resolved", "asset", "cvss", "found", "fixed", "due"]
Days = Annotated[int, Interval(ge=1, le=3_650)]
Limit = Annotated[float, Interval(ge=0, le=1_000_000)]
_NAMES = tuple((name, f"{kind.title}{f' ({kind.unit})' if kind.unit else ''}") for name, kind in KINDS.items())


@dataclass(frozen=True)
class Indicator:
    """A key risk indicator and the two limits that make it green, amber or red."""

    measure: IndicatorName = ui("Indicator", "What is measured each month.", choices=_NAMES)
    green: Limit = ui("Green", "Green at this figure or better, in the indicator's unit. Better is lower, but for “patched on time”.")
    red: Limit = ui("Red", "Red when worse than this figure; between the two it is amber.")


@dataclass(frozen=True)
class NamedColumn:
    """A column whose name does not tell what it holds."""

    file: Literal["incidents", "vulnerabilities"] = ui("File", "The file that has the column.")
    means: FieldName = ui("Means", "What the column holds.")
    column: Annotated[str, Len(1, 120)] = ui("Column", "Its name as in the first row.", placeholder="Alarm raised")


DEFAULT_INDICATORS = (
    Indicator("time to detect", 24.0, 72.0),
    Indicator("time to acknowledge", 1.0, 4.0),
    Indicator("time to contain", 8.0, 24.0),
    Indicator("time to resolve", 48.0, 120.0),
    Indicator("severe incidents", 2.0, 5.0),
    Indicator("patch compliance", 95.0, 85.0),
    Indicator("overdue vulnerabilities", 3.0, 10.0),
)


@dataclass(frozen=True)
class MetricsInputs:
    """The two files, the as-of date and the targets; raises `InputError` for no file, a date that is none, and limits the wrong way round."""

    incidents: Annotated[str, Len(0, 3_000_000)] = ui(
        "Incidents (CSV)",
        "One row each: detected, and as far as known occurred, acknowledged, contained, resolved, severity, status. Up to 20,000 rows. May stay empty.",
        default="",
        widget="file",
        accept=".csv,.tsv,.txt",
        placeholder="id,severity,occurred,detected,acknowledged,contained,resolved",
    )
    vulnerabilities: Annotated[str, Len(0, 3_000_000)] = ui(
        "Vulnerabilities (CSV)",
        "One row for each weakness on each asset: found, fixed, severity or CVSS score, asset, status, due. Up to 20,000 rows. May stay empty.",
        default="",
        widget="file",
        accept=".csv,.tsv,.txt",
        placeholder="cve,asset,severity,found,fixed,status",
    )
    as_of: Annotated[str, Len(0, 30)] = ui(
        "As of", "The day up to which is measured, as 2026-11-20. Empty: the latest day in the files.", default="", placeholder="2026-11-20"
    )
    months: Annotated[int, Interval(ge=1, le=36)] = ui("Months", "How many months are looked at, up to the as-of date.", default=12)
    critical_days: Days = ui("Critical", "Days to fix a critical vulnerability. 15 is the limit of CISA BOD 19-02.", default=15, unit="days", group="Patch SLA")
    high_days: Days = ui("High", "Days to fix a high one. 30 is the limit of CISA BOD 19-02.", default=30, unit="days", group="Patch SLA")
    medium_days: Days = ui("Medium", "Days to fix a medium one.", default=90, unit="days", group="Patch SLA")
    low_days: Days = ui("Low", "Days to fix a low one.", default=180, unit="days", group="Patch SLA")
    indicators: Annotated[tuple[Indicator, ...], Len(0, 12)] = ui(
        "Key risk indicators", "Each with its limits. Those that the files do not tell are named in the result.", default=DEFAULT_INDICATORS
    )
    offset: Annotated[str, Len(1, 6)] = ui(
        "Offset of times", "From UTC, as +01:00, for dates that carry none; months and days are cut at it.", default="+00:00", group="Reading"
    )
    date_order: Literal["auto", "dmy", "mdy"] = ui(
        "Order of dates",
        "For dates such as 03/04/2026. Found out from the others, unless you say it.",
        default="auto",
        choices=(("auto", "Find out"), ("dmy", "Day first"), ("mdy", "Month first")),
        group="Reading",
    )
    columns: Annotated[tuple[NamedColumn, ...], Len(0, 20)] = ui(
        "Columns by other names", "Only where the usual names do not find them; the result lists which column was read as what.", default=(), row="column"
    )

    def __post_init__(self) -> None:
        if not self.incidents.strip() and not self.vulnerabilities.strip():
            raise InputError("incidents", "Give incidents, vulnerabilities or both.")
        offset = offset_of(self.offset)
        if offset is None:
            raise InputError("offset", "Must be hours and minutes from UTC, such as +01:00, -05:30 or Z.")
        if self.as_of.strip() and moment(self.as_of.strip(), Calendar(offset, day_first=True)) is None:
            raise InputError("asOf", "Must be a date such as 2026-11-20, or empty for the latest day in the files.")
        self._check_indicators()

    def _check_indicators(self) -> None:
        for place, one in enumerate(self.indicators):
            if one.measure in {other.measure for other in self.indicators[:place]}:
                raise InputError(f"indicators.{place}.measure", "Stands twice. Keep one row of it.")
            is_more_better = KINDS[one.measure].is_more_better
            if (one.red > one.green) if is_more_better else (one.red < one.green):
                side = "at most" if is_more_better else "at least"
                raise InputError(
                    f"indicators.{place}.red", f"Must be {side} {one.green:,g}, the green limit: {'more' if is_more_better else 'less'} is better here."
                )


@dataclass(frozen=True)
class _Given:
    """A file that was given, read."""

    sheet: Sheet
    rows: list[Row]
    day_first: bool


def run(inputs: MetricsInputs) -> Outcome:
    """Read, judge, measure; raises `InputError` on a file naming the line, or on a column that is not there."""
    problems = Problems()
    offset = offset_of(inputs.offset) or 0
    given = {file: _read(file, inputs, offset, problems) for file in FIELDS if getattr(inputs, file).strip()}
    _check_columns(inputs, given)
    report(0.6, "Measuring")
    as_of = _as_of(inputs, given, offset)
    days = dict(zip(SEVERITIES, (inputs.critical_days, inputs.high_days, inputs.medium_days, inputs.low_days), strict=False))
    own = {file: list(unrepeated(one.rows, problems)) for file, one in given.items()}
    incidents, no_incidents = incidents_of(own.get("incidents", ()), as_of, problems)
    vulnerabilities, no_vulnerabilities = vulnerabilities_of(own.get("vulnerabilities", ()), as_of, days, offset, problems)
    window = _window(inputs.months, as_of, offset, [*(one.detected for one in incidents), *(one.found for one in vulnerabilities)])
    counts = {"incidents": (len(incidents), no_incidents), "vulnerabilities": (len(vulnerabilities), no_vulnerabilities)}
    readings, missing = _indicators(inputs, given, incidents, vulnerabilities, window)
    return Outcome(
        as_of=iso_date(as_of, offset),
        as_of_given=bool(inputs.as_of.strip()),
        offset=inputs.offset,
        months=_labels(window),
        is_last_whole=window.is_last_whole,
        sla_days=(inputs.critical_days, inputs.high_days, inputs.medium_days, inputs.low_days),
        files=tuple(FileCount(file, len(one.rows), *counts[file], one.day_first) for file, one in given.items()),
        columns=tuple(_columns(given)),
        times=_times(incidents, window),
        incident_months=_incident_months(incidents, window) if "incidents" in given else (),
        incident_backlog=tuple(backlog_rows(incidents, as_of, offset)),
        sla=tuple(sla_rows(vulnerabilities, days, window)),
        vulnerability_months=_vulnerability_months(vulnerabilities, window) if "vulnerabilities" in given else (),
        vulnerability_backlog=tuple(backlog_rows(vulnerabilities, as_of, offset)),
        indicators=readings,
        not_measured=missing,
        open_incidents=_open(incidents, as_of, offset),
        open_vulnerabilities=_open(vulnerabilities, as_of, offset),
        problem_groups=_groups(problems),
        problems=tuple(problems.kept),
        problems_total=sum(problems.counts.values()),
    )


def _read(file: str, inputs: MetricsInputs, offset: int, problems: Problems) -> _Given:
    report(0.1 if file == "incidents" else 0.35, f"Reading {file}")
    chosen: dict[str, str] = {}
    for place, one in enumerate(inputs.columns):
        if one.file == file:
            if one.means not in FIELDS[file]:
                raise InputError(f"columns.{place}.means", f"The file of {file} has no such field. It has: {', '.join(FIELDS[file])}.")
            if one.means in chosen or one.column.strip() in chosen.values():
                raise InputError(f"columns.{place}.column", "A field has one column, and a column one field.")
            chosen[one.means] = one.column.strip()
    sheet = sheet_of(file, getattr(inputs, file), chosen)
    is_day_first = order_of(sheet, inputs.date_order, problems)
    return _Given(sheet, rows_of(sheet, Calendar(offset, is_day_first), problems), is_day_first)


def _check_columns(inputs: MetricsInputs, given: dict[str, _Given]) -> None:
    for place, one in enumerate(inputs.columns):
        if one.file in given:
            found = given[one.file].sheet.mapping.get(one.means)
            if found is None or found.column != one.column.strip():
                raise InputError(f"columns.{place}.column", f"The file of {one.file} has no column {one.column.strip()[:60]!r}.")


def _as_of(inputs: MetricsInputs, given: dict[str, _Given], offset: int) -> int:
    """The last second of the as-of day, or the very second when a time was given."""
    text = inputs.as_of.strip()
    at = moment(text, Calendar(offset, day_first=True)) if text else latest(chain.from_iterable(one.rows for one in given.values()))
    if at is None:
        raise InputError(next(iter(given)), "Holds no date that can be read. Write dates as 2026-11-20 or 2026-11-20T14:02Z.")
    return at if ":" in text else (day_of(at, offset) + 1) * DAY_S - offset - 1


def _window(months: int, as_of: int, offset: int, begins: list[int]) -> Window:
    """The last months, without those before anything happened."""
    last = month_of(as_of, offset)
    first = month_of(min(begins), offset) if begins else last
    return Window(as_of, offset, tuple(range(max(first, last - months + 1), last + 1)))


def _labels(window: Window) -> tuple[str, ...]:
    """The names of the months; the last says when it is not over."""
    *whole, last = map(month_label, window.months)
    return (*whole, last if window.is_last_whole else f"{last}{SO_FAR}")


def _indicators(
    inputs: MetricsInputs, given: dict[str, _Given], incidents: list[Incident], vulnerabilities: list[Vulnerability], window: Window
) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    readings: list[Reading] = []
    missing: dict[str, list[str]] = {}
    for one in inputs.indicators:
        kind = KINDS[one.measure]
        absent = [need for need in kind.needs if kind.file not in given or need not in given[kind.file].sheet.mapping]
        if kind.file not in given:
            missing.setdefault(f"no file of {kind.file} was given", []).append(kind.title)
        elif absent:
            missing.setdefault(f"the file of {kind.file} has no column “{absent[0]}”", []).append(kind.title)
        else:
            values = figures(one.measure, incidents, vulnerabilities, window)
            readings.append(reading(one.measure, (one.green, one.red), values, is_last_whole=window.is_last_whole))
    return tuple(readings), tuple(f"{', '.join(titles)}: {why}." for why, titles in missing.items())


def _columns(given: dict[str, _Given]) -> list[ReadColumn]:
    found: list[ReadColumn] = []
    for file, one in given.items():
        for field in FIELDS[file]:
            mapping = one.sheet.mapping.get(field)
            found.append(ReadColumn(file, field, mapping.column if mapping else "", mapping.chosen if mapping else False))
    return found


def _times(incidents: list[Incident], window: Window) -> tuple[TimeRow, ...]:
    return tuple(row for name, start, end in TIMES for row in time_rows(name, lasting(incidents, start, end), window))


def _incident_months(incidents: list[Incident], window: Window) -> tuple[IncidentMonth, ...]:
    new = [counted((one.detected for one in incidents if one.severity == level), window) for level in SEVERITIES]
    times: list[list[Spread | None]] = []
    for _, start, end in TIMES:
        held = monthly(lasting(incidents, start, end), window, spread)
        times.append(held)
    still = standing(open_spans(incidents), window)
    return tuple(
        IncidentMonth(month, tuple(counts), tuple(spans), left)
        for month, counts, spans, left in zip(_labels(window), zip(*new, strict=True), zip(*times, strict=True), still, strict=True)
    )


def _vulnerability_months(vulnerabilities: list[Vulnerability], window: Window) -> tuple[VulnerabilityMonth, ...]:
    found = counted((one.found for one in vulnerabilities), window)
    fixed = counted((one.fixed for one in vulnerabilities if one.fixed is not None), window)
    on_time = compliance(vulnerabilities, window, frozenset(SEVERITIES))
    still, late = standing(open_spans(vulnerabilities), window), standing(overdue_spans(vulnerabilities), window)
    return tuple(VulnerabilityMonth(month, *rest) for month, *rest in zip(_labels(window), found, fixed, on_time, still, late, strict=True))


def _open(records: list[Incident] | list[Vulnerability], as_of: int, offset: int) -> tuple[OpenItem, ...]:
    """The worst of what is open: by severity, then by age."""
    items = [_item(one, as_of, offset) for one in records if one.is_open]
    return tuple(sorted(items, key=lambda item: (worst_first(item.severity), -item.age_days, item.line))[:_MOST_OPEN])


def _item(one: Incident | Vulnerability, as_of: int, offset: int) -> OpenItem:
    today = day_of(as_of, offset)
    if isinstance(one, Incident):
        since = iso_date(one.detected, offset)
        return OpenItem("incidents", one.line, one.id, "", one.severity, since, today - day_of(one.detected, offset), "", None)
    due, over = ("", None) if one.deadline is None else (iso_date(one.deadline, offset), today - day_of(one.deadline, offset))
    age = today - day_of(one.found, offset)
    return OpenItem("vulnerabilities", one.line, one.id, one.asset, one.severity, iso_date(one.found, offset), age, due, over)


def _groups(problems: Problems) -> tuple[ProblemGroup, ...]:
    """By kind, worst first, each with the lines of the first rows that are kept."""
    found: list[ProblemGroup] = []
    for (file, severity, what), count in problems.counts.items():
        own = [one for one in problems.kept if (one.file, one.what) == (file, what)]
        done = own[0].done if own and len({one.done for one in own}) == 1 else ""
        found.append(ProblemGroup(severity, file, what, done, count, tuple(one.line for one in own[:_LINES_NAMED] if one.line)))
    return tuple(sorted(found, key=lambda group: (worst_first(group.severity), -group.count)))


def present(output: Outcome) -> tuple[Block, ...]:
    """What needs attention, indicators, times, service levels, backlogs, data problems, the report, and how the columns were read."""
    return dashboard.blocks_of(output)


def _units(inputs: MetricsInputs) -> int:
    """Rows, and a fiftieth of the characters."""
    return sum(text.count("\n") + len(text) // 50 for text in (inputs.incidents, inputs.vulnerabilities))


def _describe(inputs: MetricsInputs) -> str:
    rows = [(max(0, text.strip().count("\n")), name) for text, name in ((inputs.incidents, "incidents"), (inputs.vulnerabilities, "vulnerabilities"))]
    return " and ".join(f"{count:,} {name}" for count, name in rows if count) or "no rows"


def _sample(name: str) -> str:
    return Path(__file__).with_name(f"metrics_{name}.csv").read_text(encoding="utf-8")


TOOL: Tool[MetricsInputs, Outcome] = Tool(
    id="cyber-studio-metrics",
    title="Security Metrics Dashboard",
    studio=Studio.CYBER,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="Times to detect and resolve, patches on time, what is open, and indicators with limits, from your incident and vulnerability lists.",
    takes="incident and vulnerability CSV",
    gives="MTTD, MTTR, patch SLA, KRI trends",
    inputs=MetricsInputs,
    example=MetricsInputs(_sample("incidents"), _sample("vulnerabilities"), "2026-10-31"),
    cost=Cost(
        units=_units, describe=_describe, lower="incidents", cpu_us_per_unit=14.0, cpu_ms_base=15.0, mem_bytes_per_unit=600.0, mem_mb_base=8.0, spread=1.6
    ),
    run=run,
    present=present,
    keywords=("MTTD", "MTTR", "MTTA", "MTTC", "SLA", "KRI", "KPI", "incident", "backlog", "SOC"),
)
