"""An outcome as blocks: what needs attention first, then indicators, incidents, vulnerabilities, problems in the data and the report."""

from collections.abc import Sequence

from credit_studio.tools.blocks import (
    Axis,
    Block,
    Chart,
    Column,
    Document,
    Figure,
    Finding,
    Findings,
    HeatItem,
    HeatMap,
    KeyFigures,
    Mark,
    Note,
    Series,
    Table,
)
from credit_studio.tools.cyber.operations.briefing import DEFINITIONS, briefing
from credit_studio.tools.cyber.operations.columns import SEVERITIES
from credit_studio.tools.cyber.operations.indicators import Reading
from credit_studio.tools.cyber.operations.measures import BANDS
from credit_studio.tools.cyber.operations.outcome import SEVERE, OpenItem, Outcome
from credit_studio.tools.cyber.operations.wording import NOUNS, beyond, counted, figure_text, first_month, hours_text, ids_text, percent_text, reading_text

_HEAT_MONTHS = 12
_LEVEL = {"green": 0, "amber": 1, "red": 3, "": 0}
_LEVEL_NAMES = ("Green: in order", "Amber", "", "Red")
_INCIDENTS, _VULNERABILITIES, _INDICATORS, _PROBLEMS = "Incidents", "Vulnerabilities", "Indicators", "Data problems"
TIME_NAMES = {"detect": "Detect (MTTD)", "acknowledge": "Acknowledge (MTTA)", "contain": "Contain (MTTC)", "resolve": "Resolve (MTTR)"}


def blocks_of(outcome: Outcome) -> tuple[Block, ...]:
    """All blocks; whatever a missing file would have told is left out."""
    summary: list[Block] = [KeyFigures(_figures(outcome)), _attention(outcome), *_heat(outcome), *_indicator_table(outcome)]
    incidents = [
        *_incident_chart(outcome),
        *_times(outcome),
        *_time_months(outcome),
        *_backlog(outcome, "incidents"),
        *_open(outcome.open_incidents, _INCIDENTS),
    ]
    weak = [*_sla(outcome), *_open_trend(outcome), *_vulnerability_months(outcome), *_backlog(outcome, "vulnerabilities")]
    weak += _open(outcome.open_vulnerabilities, _VULNERABILITIES)
    rest: list[Block] = [*_indicator_charts(outcome), *incidents, *weak, *_problems(outcome), *_reading(outcome)]
    report = Document("Security metrics report", briefing(outcome), "security-metrics", tab="Report")
    return (*summary, Note(_scope(outcome)), *rest, report)


def _figures(outcome: Outcome) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    for name, title in (("detect", "Mean time to detect"), ("resolve", "Mean time to resolve")):
        if found := outcome.time(name):
            figures.append(Figure(title, hours_text(found.mean), f"median {hours_text(found.median)}, of {counted(found.count, 'incident')}"))
    if (all_sla := outcome.sla_all) and all_sla.compliance is not None:
        figures.append(Figure("Patched on time", percent_text(all_sla.compliance), f"{all_sla.on_time:,} of {all_sla.decided:,} that were due"))
    for file in ("vulnerabilities", "incidents"):
        if outcome.rows_of(file):
            row = outcome.backlog(file)
            note = "" if row is None else f"{row.overdue:,} overdue, " * (file == "vulnerabilities") + f"oldest {counted(row.oldest, 'day')}"
            figures.append(Figure(f"Open {file}", f"{row.open if row else 0:,}", note))
    return tuple(figures[:4])


def _scope(outcome: Outcome) -> str:
    """What was looked at, in a sentence or three."""
    files = [
        f"{one.counted:,} of {one.rows:,} rows of {one.file} count"
        + (f" ({one.excluded:,} left out as false positive, accepted, informational or the like)" if one.excluded else "")
        for one in outcome.files
    ]
    given = "" if outcome.as_of_given else ", the latest day in the files"
    partial = "" if outcome.is_last_whole or len(outcome.months) == 1 else f" The last month is not over: indicators are judged by {outcome_month(outcome)}."
    return f"From {first_month(outcome)}, as of {outcome.as_of}{given}, days cut at {outcome.offset}. {'; '.join(files)}.{partial}"


def _attention(outcome: Outcome) -> Findings:
    found = [*_by_indicator(outcome), *_overdue(outcome), *_unresolved(outcome)]
    ranked = tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))
    counts = " and ".join(counted(one.counted, *NOUNS[one.file]) for one in outcome.files)
    return Findings("What needs attention", ranked, f"{counts}, {counted(len(outcome.indicators), 'indicator')}, as of {outcome.as_of}.")


def _by_indicator(outcome: Outcome) -> list[Finding]:
    found: list[Finding] = []
    for one in outcome.indicators:
        if one.status in {"red", "amber"}:
            way = f" and {one.direction}" if one.direction else ""
            detail = f"{reading_text(one)}; limits: green {figure_text(one.green, one.unit)}, red {beyond(one)}."
            found.append(Finding("high" if one.status == "red" else "medium", f"{one.title} is {one.status}{way}", outcome_month(outcome), detail))
    return found


def outcome_month(outcome: Outcome) -> str:
    """The month that indicators are judged by: the last whole one."""
    return outcome.months[-1] if outcome.is_last_whole or len(outcome.months) == 1 else outcome.months[-2]


def _overdue(outcome: Outcome) -> list[Finding]:
    """Critical and high vulnerabilities past their deadline."""
    found: list[Finding] = []
    for row in outcome.vulnerability_backlog:
        if row.severity in SEVERE and row.overdue:
            items = [one for one in outcome.open_vulnerabilities if one.severity == row.severity and (one.days_over or 0) > 0]
            noun = counted(row.overdue, f"{row.severity} vulnerability", f"{row.severity} vulnerabilities")
            title = f"{noun} {'is' if row.overdue == 1 else 'are'} past the deadline"
            found.append(Finding(row.severity, title, ids_text(items, row.overdue), f"Up to {counted(row.most_late, 'day')} late.", "Fix these first."))
    return found


def _unresolved(outcome: Outcome) -> list[Finding]:
    """Critical and high incidents that are open."""
    found: list[Finding] = []
    for row in outcome.incident_backlog:
        if row.severity in SEVERE:
            items = [one for one in outcome.open_incidents if one.severity == row.severity]
            title = f"{counted(row.open, f'{row.severity} incident')} {'is' if row.open == 1 else 'are'} open"
            found.append(Finding(row.severity, title, ids_text(items, row.open), f"The oldest for {counted(row.oldest, 'day')}."))
    return found


def _heat(outcome: Outcome) -> list[HeatMap]:
    months = outcome.months[-_HEAT_MONTHS:]
    if not outcome.indicators:
        return []
    levels = tuple(tuple(_LEVEL[status] for status in one.statuses[-_HEAT_MONTHS:]) for one in outcome.indicators)
    items = tuple(
        HeatItem(row, column, "–" if value is None else figure_text(value, "%" if one.unit == "%" else ""))  # noqa: RUF001 - a dash stands for none
        for row, one in enumerate(outcome.indicators)
        for column, value in enumerate(one.values[-_HEAT_MONTHS:])
    )
    labels = tuple(f"{one.title}, {one.unit}" if one.unit not in {"", "%"} else one.title for one in outcome.indicators)
    red = [one.title for one in outcome.indicators if one.status == "red"]
    said = f"Red in {outcome_month(outcome)}: {', '.join(red)}." if red else f"No indicator is red in {outcome_month(outcome)}."
    note = "A dash: nothing to measure in that month."
    return [HeatMap("Indicators by month", labels, months, levels, items, said, note, _LEVEL_NAMES, is_filled=True)]


def _indicator_table(outcome: Outcome) -> list[Block]:
    names = ("Indicator", "Status", "Direction", "Latest", "3 months before", "Green", "Red")
    rows = tuple(
        (
            *(one.title, one.status.title() or "No figure", one.direction.title()),
            *("" if value is None else figure_text(value, one.unit) for value in (one.latest, one.before, one.green)),
            beyond(one),
        )
        for one in outcome.indicators
    )
    note = f"Latest is {outcome_month(outcome)}. Before it: the mean of up to 3 months. Steady: within 10\u00a0% of them. Green: from or up to this figure."
    missing = [Note(" ".join(outcome.not_measured), title="Not measured")] if outcome.not_measured else []
    table = [Table("Indicators", tuple(map(Column, names)), rows, note=note, download="indicators.csv")] if rows else []
    return [*table, *missing]


def _indicator_charts(outcome: Outcome) -> list[Chart]:
    return [chart for one in outcome.indicators if (chart := _indicator_chart(one, outcome.months))]


def _indicator_chart(one: Reading, months: tuple[str, ...]) -> Chart | None:
    points = tuple((month, round(value, 3)) for month, value in zip(months, one.values, strict=True) if value is not None)
    if not points:
        return None
    word = "from" if one.is_more_better else "up to"
    marks = (Mark("y", one.green, f"Green {word} {figure_text(one.green, one.unit)}"), Mark("y", one.red, f"Red {beyond(one)}"))
    gaps = len(months) - len(points)
    missing = f" {counted(gaps, 'month')} without a figure {'is' if gaps == 1 else 'are'} left out." if gaps else ""
    axis = Axis(one.title, "decimal" if one.unit else "integer", one.unit)
    return Chart(
        one.title,
        "bar",
        Axis("Month", "text"),
        axis,
        (Series(one.title, points),),
        f"{reading_text(one)}.{missing}",
        marks[: 1 if one.green == one.red else 2],
        tab=_INDICATORS,
    )


def _incident_chart(outcome: Outcome) -> list[Chart]:
    rows = outcome.incident_months
    total = sum(sum(row.new) for row in rows)
    if not total:
        return []
    series = tuple(
        Series(level.title(), tuple((row.month, row.new[at]) for row in rows)) for at, level in enumerate(SEVERITIES) if any(row.new[at] for row in rows)
    )
    most = max(rows, key=lambda row: sum(row.new))
    summary = f"{counted(total, 'new incident')} in {counted(len(rows), 'month')}; most in {most.month}, {sum(most.new):,}."
    return [Chart("How many incidents were detected?", "bar", Axis("Month", "text"), Axis("New incidents", "integer"), series, summary, tab=_INCIDENTS)]


def _times(outcome: Outcome) -> list[Table]:
    spans = ("Mean", "Median", "90th percentile", "Longest")
    columns = (Column("Time to"), Column("Severity", "severity"), Column("Incidents", "integer"), *(Column(name, "decimal", "h") for name in spans))
    rows = tuple(
        (
            TIME_NAMES[row.measure],
            row.severity,
            row.spread.count,
            *(round(value, 2) for value in (row.spread.mean, row.spread.median, row.spread.p90, row.spread.most)),
        )
        for row in outcome.times
    )
    rows = tuple((*row[:1], "" if row[1] == "all" else row[1], *row[2:]) for row in rows)
    note = f"Rows without a severity are of all. {DEFINITIONS['times']}"
    return [Table("Times", columns, rows, note=note, download="incident-times.csv", tab=_INCIDENTS)] if rows else []


def _time_months(outcome: Outcome) -> list[Table]:
    if not outcome.incident_months:
        return []
    shorts = [name.rpartition("(")[2].rstrip(")") for name in TIME_NAMES.values()]
    spans = tuple(Column(f"{short} {word}", "decimal", "h") for short in shorts for word in ("mean", "median"))
    columns = (Column("Month"), Column("New", "integer"), Column("Open at its end", "integer"), *spans)
    rows = tuple(
        (row.month, sum(row.new), row.open, *(value for one in row.times for value in ((round(one.mean, 2), round(one.median, 2)) if one else (None, None))))
        for row in outcome.incident_months
    )
    return [
        Table("Incidents by month", columns, rows, note="A time belongs to the month in which it ended.", download="incidents-by-month.csv", tab=_INCIDENTS)
    ]


def _sla(outcome: Outcome) -> list[Block]:
    rows = [row for row in outcome.sla if row.severity != "all"]
    if not rows:
        return []
    counts = tuple(Column(name, "integer") for name in ("SLA days", "Decided", "On time", "Late", "Open past deadline"))
    columns = (
        Column("Severity", "severity"),
        *counts,
        Column("On time, share", "percent"),
        Column("Median days to fix", "decimal"),
        Column("Mean days to fix", "decimal"),
    )
    cells = [
        (
            *("" if one.severity == "all" else one.severity, one.days, one.decided, one.on_time, one.late, one.overdue, one.compliance),
            *((round(one.fixes.median, 1), round(one.fixes.mean, 1)) if one.fixes else (None, None)),
        )
        for one in (*rows, *([outcome.sla_all] if outcome.sla_all else []))
    ]
    table = Table("Patch SLA", columns, tuple(cells[:-1]), ("All", *cells[-1][1:]), note=DEFINITIONS["sla"], download="patch-sla.csv", tab=_VULNERABILITIES)
    parts = tuple(
        Series(name, tuple((one.severity.title(), float(getattr(one, field))) for one in rows if one.decided))
        for name, field in (("On time", "on_time"), ("Late", "late"), ("Open past deadline", "overdue"))
    )
    worst = min((one for one in rows if one.compliance is not None), key=lambda one: one.compliance or 0, default=None)
    if worst is None:
        return [table]
    summary = f"Least on time: {worst.severity}, {percent_text(worst.compliance or 0)} of {worst.decided:,}."
    chart = Chart("Are patches on time?", "bar", Axis("Severity", "text"), Axis("Vulnerabilities", "integer"), parts, summary, tab=_VULNERABILITIES)
    return [chart, table]


def _open_trend(outcome: Outcome) -> list[Chart]:
    rows = outcome.vulnerability_months
    if not any(row.open for row in rows):
        return []
    series = (
        Series("Within the deadline", tuple((row.month, row.open - row.overdue) for row in rows)),
        Series("Past the deadline", tuple((row.month, row.overdue) for row in rows)),
    )
    first, last = rows[0], rows[-1]
    summary = f"Open went from {first.open:,} at the end of {first.month} to {last.open:,}, {last.overdue:,} of them past the deadline."
    return [Chart("Does the backlog shrink?", "bar", Axis("Month", "text"), Axis("Open at its end", "integer"), series, summary, tab=_VULNERABILITIES)]


def _vulnerability_months(outcome: Outcome) -> list[Table]:
    counts = tuple(Column(name, "integer") for name in ("Found", "Fixed", "Open at its end", "Past the deadline"))
    rows = tuple(
        (row.month, row.found, row.fixed, row.open, row.overdue, None if row.compliance is None else row.compliance / 100)
        for row in outcome.vulnerability_months
    )
    columns = (Column("Month"), *counts, Column("On time, share", "percent"))
    return [Table("Vulnerabilities by month", columns, rows, download="vulnerabilities-by-month.csv", tab=_VULNERABILITIES)] if rows else []


def _backlog(outcome: Outcome, file: str) -> list[Block]:
    rows = outcome.incident_backlog if file == "incidents" else outcome.vulnerability_backlog
    tab = _INCIDENTS if file == "incidents" else _VULNERABILITIES
    if not rows:
        return [Note(f"No {file} are open as of {outcome.as_of}.", "good", tab=tab)] if outcome.rows_of(file) else []
    ages = (*(Column(label, "integer") for _, label in BANDS), Column("Median age, days", "decimal"), Column("Oldest, days", "integer"))
    late = (Column("Past the deadline", "integer"),) if file == "vulnerabilities" else ()
    cells = [(row.severity, row.open, *((row.overdue,) if late else ()), *row.bands, round(row.median_age, 1), row.oldest) for row in rows]
    columns = (Column("Severity", "severity"), Column("Open", "integer", bar=True), *late, *ages)
    return [Table(f"Open {file} by age", columns, tuple(cells[:-1]), ("All", *cells[-1][1:]), download=f"open-{file}-by-age.csv", tab=tab)]


def _open(items: Sequence[OpenItem], tab: str) -> list[Table]:
    is_weak = tab == _VULNERABILITIES
    columns = [Column("Severity", "severity"), Column("Id"), Column("Since"), Column("Age, days", "integer", bar=True)]
    columns += [Column("Asset"), Column("Due"), Column("Days past due", "integer")] if is_weak else []
    rows = tuple((one.severity, one.id, one.since, one.age_days, *((one.asset, one.due, one.days_over) if is_weak else ()), one.line) for one in items)
    note = "Worst first; the list ends at 50." if len(items) == 50 else "Worst first."  # noqa: PLR2004 - the list's end
    return (
        [Table(f"Open {tab.lower()}", (*columns, Column("Line of the file", "integer")), rows, note=note, download=f"open-{tab.lower()}.csv", tab=tab)]
        if rows
        else []
    )


def _problems(outcome: Outcome) -> list[Block]:
    if not outcome.problems:
        return [Note("Every row was read and used.", "good", tab=_PROBLEMS)]
    found = tuple(
        Finding(one.severity, f"{one.what}: {counted(one.count, 'row') if one.lines else 'the whole file'}", _lines(one.file, one.lines, one.count), one.done)
        for one in outcome.problem_groups
    )
    columns = (Column("File"), Column("Line", "integer"), Column("Id"), Column("Problem"), Column("What was made of it"))
    rows = tuple((one.file, one.line or None, one.id, one.what, one.done) for one in outcome.problems)
    cut = outcome.problems_total - len(rows)
    note = f"{cut:,} more are counted and not listed." if cut else ""
    checked = f"{outcome.problems_total:,} found in {' and '.join(one.file for one in outcome.files)}."
    return [
        Findings("Problems in the data", found, checked, tab=_PROBLEMS),
        Table("By row", columns, rows, note=note, download="data-problems.csv", tab=_PROBLEMS),
    ]


def _lines(file: str, lines: tuple[int, ...], count: int) -> str:
    if not lines:
        return file
    more = f" and {count - len(lines):,} more" if count > len(lines) else ""
    return f"{file}, line{'s' if len(lines) > 1 else ''} {', '.join(f'{line:,}' for line in lines)}{more}"


def _reading(outcome: Outcome) -> list[Table]:
    rows = tuple(
        (one.file, one.field, one.column or "not in the file", "as you said" if one.chosen else "by its name" if one.column else "") for one in outcome.columns
    )
    order = "; ".join(f"{one.file}: {'day' if one.day_first else 'month'} first" for one in outcome.files)
    return [
        Table(
            "How the columns were read",
            tuple(map(Column, ("File", "Means", "Column", "Found"))),
            rows,
            note=f"Dates such as 03/04/2026 in {order}.",
            tab=_PROBLEMS,
        )
    ]
