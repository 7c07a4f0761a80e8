"""The report for those who do not open the dashboard: what is so, what needs a decision, the figures, and how each is defined."""

from collections.abc import Iterable

from credit_studio.tools.cyber import prose
from credit_studio.tools.cyber.operations.outcome import Outcome
from credit_studio.tools.cyber.operations.wording import NOUNS, counted, figure_text, first_month, hours_text, ids_text, number_text, percent_text

DEFINITIONS = {
    "times": "MTTD: occurred to detected. MTTA, MTTC and MTTR: detected to acknowledged, contained and resolved. "
    "A time belongs to the month in which it ended.",
    "sla": "Decided: fixed on time, or the deadline passed, whichever came first. The deadline is the end of the due day, else of the day found plus the "
    "SLA days. On time, share: on time of decided. Accepted risks, false positives and informational rows do not count.",
}
_TIMES = {"detect": "Detect (MTTD)", "acknowledge": "Acknowledge (MTTA)", "contain": "Contain (MTTC)", "resolve": "Resolve (MTTR)"}


def briefing(outcome: Outcome) -> str:
    """The report as Markdown; texts from the files are escaped."""
    period = f"From {first_month(outcome)}, as of {outcome.as_of}."
    parts = ["# Security metrics report", period, "## In short", prose.bullets(_in_short(outcome)), *_indicators(outcome), *_incidents(outcome)]
    parts += [*_vulnerabilities(outcome), *_doubts(outcome), "## Definitions", prose.bullets(map(prose.plain, DEFINITIONS.values()))]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _in_short(outcome: Outcome) -> Iterable[str]:
    red = [one for one in outcome.indicators if one.status == "red"]
    worse = [one for one in outcome.indicators if one.direction == "worsening"]
    if outcome.indicators:
        names = f" ({', '.join(one.title.lower() for one in red)})" if red else ""
        yield f"Indicators in red: **{len(red)} of {len(outcome.indicators)}**{names}; worsening: {len(worse)}."
    if resolve := outcome.time("resolve"):
        detect = outcome.time("detect")
        before = f"Median time to detect {hours_text(detect.median)}, mean {hours_text(detect.mean)}. " if detect else ""
        yield f"{before}Median time to resolve {hours_text(resolve.median)}, mean {hours_text(resolve.mean)}."
    if (sla := outcome.sla_all) and sla.compliance is not None:
        yield f"{percent_text(sla.compliance)} of the vulnerabilities that were due were fixed on time ({sla.on_time:,} of {sla.decided:,})."
    for file, nouns in NOUNS.items():
        if row := outcome.backlog(file):
            late = f", {row.overdue:,} past the deadline" if file == "vulnerabilities" else ""
            yield f"{counted(row.open, *nouns)} open{late}; the oldest for {counted(row.oldest, 'day')}."
        elif outcome.rows_of(file):
            yield f"No {file} are open."


def _table(titles: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table of figures and words of our own; no text from the files stands in one."""
    lines = [" | ".join(map(str, row)) for row in rows]
    return "\n".join(f"| {line} |" for line in (" | ".join(titles), " | ".join("---" for _ in titles), *lines)) if lines else ""


def _indicators(outcome: Outcome) -> list[str]:
    if not outcome.indicators:
        return []
    rows = (
        (
            one.title,
            one.status or "no figure",
            one.direction or "-",
            *("-" if value is None else figure_text(value, one.unit) for value in (one.latest, one.before)),
        )
        for one in outcome.indicators
    )
    missing = f"Not measured: {' '.join(outcome.not_measured)}" if outcome.not_measured else ""
    return ["## Key risk indicators", _table(("Indicator", "Status", "Direction", "Latest month", "Three months before"), rows), missing]


def _incidents(outcome: Outcome) -> list[str]:
    file = outcome.rows_of("incidents")
    if file is None:
        return []
    rows = (
        (_TIMES[row.measure], row.severity, f"{row.spread.count:,}", *(hours_text(value) for value in (row.spread.mean, row.spread.median, row.spread.p90)))
        for row in outcome.times
    )
    new = sum(sum(row.new) for row in outcome.incident_months)
    still = outcome.backlog("incidents")
    listed = prose.plain(ids_text(outcome.open_incidents, still.open if still else 0))
    worst = f"Open, worst first: {listed}." if listed else ""
    table = _table(("Time to", "Severity", "Incidents", "Mean", "Median", "90th percentile"), rows)
    return [
        "## Incidents",
        f"{counted(new, 'incident')} detected in the period; {counted(file.excluded, 'row')} left out as false positive, duplicate or the like.",
        table,
        worst,
    ]


def _vulnerabilities(outcome: Outcome) -> list[str]:
    file = outcome.rows_of("vulnerabilities")
    if file is None:
        return []
    rows = (
        (
            *(row.severity, "-" if row.days is None else row.days, row.decided, row.on_time, row.late, row.overdue),
            *("-" if row.compliance is None else percent_text(row.compliance), number_text(row.fixes.median) if row.fixes else "-"),
        )
        for row in outcome.sla
    )
    titles = ("Severity", "SLA days", "Decided", "On time", "Late", "Open past deadline", "On time, share", "Median days to fix")
    overdue = [one for one in outcome.open_vulnerabilities if (one.days_over or 0) > 0]
    still = outcome.backlog("vulnerabilities")
    worst = f"Past their deadline, worst first: {prose.plain(ids_text(overdue, still.overdue))}." if overdue and still else ""
    return ["## Vulnerabilities", _table(titles, rows), worst]


def _doubts(outcome: Outcome) -> list[str]:
    if not outcome.problem_groups:
        return ["## Quality of the data", "Every row was read and used."]
    items = (prose.plain(f"{one.file}: {one.what.lower()}, {counted(one.count, 'row') if one.lines else 'the whole file'}.") for one in outcome.problem_groups)
    return ["## Quality of the data", prose.bullets(items)]
