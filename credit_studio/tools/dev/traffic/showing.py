"""A profile as blocks: what the page shows of it on each tab."""

import http
from collections.abc import Callable, Sequence

from credit_studio.tools.blocks import Axis, Block, Cell, Chart, Column, Mark, Note, Series, Table
from credit_studio.tools.dev.traffic.result import NAMES, Capacity, Endpoint, Profile, Scaling, Times, Trend

_CHARTED = 12
_DAY_S = 86_400
_WATERFALL = 40
_PHASE_NAMES = ("Blocked", "DNS", "Connect", "TLS", "Send", "Wait", "Receive")
_EACH = {"s": "second", "min": "minute", "h": "hour", "days": "day"}
_UNITS = ((180.0, "s", 1.0), (3 * 3_600.0, "min", 60.0), (4 * 86_400.0, "h", 3_600.0), (float("inf"), "days", 86_400.0))


def ms_in_words(ms: float | None) -> str:
    """3.2 ms, 320 ms, 1.24 s; "not measured" for None."""
    if ms is None:
        return "not measured"
    if ms >= 1_000:  # noqa: PLR2004 - a second
        return f"{ms / 1_000:,.2f}\u00a0s"
    return f"{ms:.{1 if ms < 10 else 0}f}\u00a0ms"  # noqa: PLR2004 - two digits are enough


def span_in_words(seconds: float) -> str:
    """45 s, 12 min, 3.5 h, 12 days."""
    unit, size = _unit(seconds)
    value = round(seconds / size, 1)
    return f"{value:.{1 if value < 10 and value != int(value) else 0}f}\u00a0{unit}"  # noqa: PLR2004 - the same


def rate_in_words(rate: float) -> str:
    """Requests a second: 412, 4.1, 0.012."""
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"  # noqa: PLR2004 - the same


def percent(share: float) -> str:
    """24 %, 3.4 %, under 0.1 %."""
    if 0 < share < 0.0005:  # noqa: PLR2004 - would round to none
        return "under 0.1\u00a0%"
    return f"{share * 100:.{0 if share in (0.0, 1.0) else 1}f}\u00a0%"


def _when(start: float) -> str:
    return f"{span_in_words(start)} after the first request" if start else "at the start"


def _unit(span: float) -> tuple[str, float]:
    return next((unit, size) for below, unit, size in _UNITS if span < below)


def _across(profile: Profile) -> tuple[Axis, Callable[[float], float]]:
    """The axis of time, and where on it a start in s after the first request stands: on its date in a log of days."""
    unit, size = _unit(profile.span or 0.0)
    begun = profile.begun
    if unit == "days" and begun is not None:
        return Axis("Day (UTC)", "date", "day"), lambda start: (begun + start) / _DAY_S
    return Axis("Time since the first request", "decimal", unit), lambda start: start / size


# --- summary ----------------------------------------------------------------------------------------------------------------


def charts(profile: Profile) -> tuple[Block, ...]:
    """Throughput and errors, response times over time, and their distribution; of a browser's archive what its requests wait for."""
    if profile.entries:
        return (_phases(profile), *_shares(profile))
    return (*_throughput(profile), *_latency(profile), *_shares(profile))


def _throughput(profile: Profile) -> tuple[Chart, ...]:
    if len(profile.buckets) < 2:  # noqa: PLR2004 - one point is no line
        return ()
    axis, at = _across(profile)
    rates = tuple((at(one.start), one.requests / one.covered) for one in profile.buckets)
    errors = tuple((at(one.start), one.failed / one.covered) for one in profile.buckets)
    series = (Series("Requests", rates), *([Series("Errors", errors)] if profile.failed else []))
    top = max(profile.buckets, key=lambda one: one.requests / one.covered)
    worst = max(profile.buckets, key=lambda one: one.failed / max(1, one.requests))
    said = f"Busiest {_when(top.start)}: {rate_in_words(top.requests / top.covered)} a second."
    if profile.failed:
        said += f" Most errors {_when(worst.start)}: {percent(worst.failed / max(1, worst.requests))} of the requests then."
    return (Chart("How many requests came, and how many failed?", "line", axis, Axis("Requests a second"), series, said),)


def _latency(profile: Profile) -> tuple[Chart, ...]:
    known = [one for one in profile.buckets if one.p50 is not None and one.p95 is not None]
    if len(known) < 2:  # noqa: PLR2004 - one point is no line
        return ()
    axis, at = _across(profile)
    series = (
        Series("p95", tuple((at(one.start), one.p95 or 0.0) for one in known)),
        Series("Median", tuple((at(one.start), one.p50 or 0.0) for one in known)),
    )
    worst = max(known, key=lambda one: one.p95 or 0.0)
    said = f"p95 was worst {_when(worst.start)}: {ms_in_words(worst.p95)}."
    marks = (Mark("y", profile.threshold_ms, f"Apdex threshold, {ms_in_words(profile.threshold_ms)}"),)
    return (Chart("How did response times move?", "line", axis, Axis("Response time", "ms"), series, said, marks),)


def _shares(profile: Profile) -> tuple[Chart, ...]:
    if not profile.shares:
        return ()
    points = tuple((_range(low, high), count) for low, high, count in profile.shares)
    most = max(profile.shares, key=lambda row: row[2])
    said = f"Most requests, {percent(most[2] / profile.times.measured)}, take {_range(most[0], most[1])}."
    return (Chart("How long do requests take?", "bar", Axis("Response time", "text"), Axis("Requests", "integer"), (Series("Requests", points),), said),)


def _range(low: float, high: float | None) -> str:
    def short(ms: float) -> str:
        return f"{ms / 1_000:,.0f} s" if ms >= 1_000 else f"{ms:.0f} ms"  # noqa: PLR2004 - a second

    return f"{short(low)} and more" if high is None else f"under {short(high)}" if not low else f"{short(low)} to {short(high)}"


def times_table(profile: Profile) -> tuple[Table, ...]:
    """Percentiles of all, of those that succeeded and of those that failed."""
    if not profile.times.measured:
        return ()
    groups: list[tuple[str, Times]] = [("All", profile.times)]
    if profile.times_failed.measured and profile.times_ok.measured:
        groups += [("Succeeded", profile.times_ok), ("Failed", profile.times_failed)]
    columns = (Column("Requests that"), Column("Measured", "integer"), *(Column(name, "ms") for name in ("Mean", "Least", "p50", "p90", "p95", "p99", "Most")))
    rows = tuple((name, one.measured, *_cells(one)) for name, one in groups)
    note = "Percentiles are nearest rank: the smallest measured time that so many per cent of the requests do not exceed."
    return (Table("Response times", columns, rows, note=note, download="response-times.csv"),)


def _cells(times: Times) -> tuple[Cell, ...]:
    return (times.mean, times.minimum, times.p50, times.p90, times.p95, times.p99, times.maximum)


def notes(profile: Profile) -> tuple[Note, ...]:
    """How the file was read, and what could not be."""
    read = f"Read as {NAMES[profile.format]}"
    unit = f", its times as {profile.unit}" if profile.times.measured else ""
    told = " Say the unit if that is wrong." if profile.format in {"access", "jsonl"} and profile.times.measured else ""
    missing = "" if profile.times.measured else " It holds no response times: add $request_time (nginx) or %D (Apache) to the log's format to have them."
    since = f" The first request: {profile.first}." if profile.first else " Its requests have no times of their own: nothing is said over time."
    found = [Note(f"{read}{unit}.{told}{missing}{since} Errors: {profile.errors}.", title="How it was read")]
    if profile.unread_total:
        count = profile.unread_total
        words = "1 line could" if count == 1 else f"{count:,} lines could"
        found.append(Note(f"{words} not be read and {'is' if count == 1 else 'are'} left out; the first are on the tab Data.", tone="warn"))
    return tuple(found)


# --- endpoints, errors, slowest -----------------------------------------------------------------------------------------------


def endpoints_tab(profile: Profile) -> tuple[Block, ...]:
    """Where the time goes, and every endpoint's own figures."""
    has_times = profile.times.measured > 0
    columns = [Column("Endpoint", "code"), Column("Requests", "integer"), Column("Errors", "percent")]
    if has_times:
        columns += [
            Column("Share of all time", "percent", bar=True),
            *(Column(name, "ms") for name in ("p50", "p95", "p99", "Most")),
            Column("Apdex", "decimal"),
        ]
    total = sum(one.total_ms for one in profile.endpoints) or 1.0
    rows = tuple(_endpoint_row(one, total, has_times=has_times) for one in profile.endpoints)
    left = profile.endpoints_total - len(rows)
    note = f"{left:,} more take less time and are not listed." if left else "Share of all time: requests times their mean." if has_times else ""
    table = Table("Endpoints", tuple(columns), rows, sort=(3 if has_times else 1, True), note=note, download="endpoints.csv", tab="Endpoints")
    return (*_endpoint_chart(profile, total, has_times=has_times), table)


def _endpoint_row(one: Endpoint, total: float, *, has_times: bool) -> tuple[Cell, ...]:
    row: tuple[Cell, ...] = (one.name, one.requests, one.failed / one.requests)
    if not has_times:
        return row
    apdex = None if one.apdex is None else round(one.apdex, 2)
    return (*row, one.total_ms / total, one.times.p50, one.times.p95, one.times.p99, one.times.maximum, apdex)


def _endpoint_chart(profile: Profile, total: float, *, has_times: bool) -> tuple[Chart, ...]:
    if not has_times or len(profile.endpoints) < 2:  # noqa: PLR2004 - one is all
        return ()
    points = tuple((one.name, one.total_ms / total) for one in profile.endpoints[:_CHARTED])
    first = profile.endpoints[0]
    asked = f"{first.requests:,} request{'' if first.requests == 1 else 's'}"
    said = f"{first.name} takes {percent(first.total_ms / total)} of all time, with {asked} and a p95 of {ms_in_words(first.times.p95)}."
    axes = Axis("Endpoint", "text"), Axis("Share of all time", "percent")
    return (Chart("Where does the time go?", "bar", *axes, (Series("Share of all time", points),), said, tab="Endpoints"),)


def errors_tab(profile: Profile) -> tuple[Block, ...]:
    """Status codes, and the endpoints that fail most."""
    columns = (Column("Status", "code"), Column("Meaning"), Column("Requests", "integer", bar=True), Column("Share", "percent"))
    rows = tuple((str(one.status or "none"), _meaning(one.status), one.requests, one.requests / profile.requests) for one in profile.statuses)
    failing = sorted((one for one in profile.endpoints if one.failed), key=lambda one: (-one.failed, one.name))
    fails = tuple((one.name, one.failed, one.failed / one.requests, one.failed / profile.failed) for one in failing[:50])
    named = (Column("Endpoint", "code"), Column("Errors", "integer", bar=True), Column("Of its requests", "percent"), Column("Of all errors", "percent"))
    tables = (
        Table("Status codes", columns, rows, download="status-codes.csv", tab="Errors"),
        Table("Endpoints that fail", named, fails, sort=(1, True), note=f"Errors: {profile.errors}.", download="failing-endpoints.csv", tab="Errors"),
    )
    return tuple(table for table in tables if table.rows)


def _meaning(status: int) -> str:
    if not status:
        return "No HTTP status"
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Client closed the request" if status == 499 else "Not a standard status"  # noqa: PLR2004 - nginx's own


def slowest_tab(profile: Profile) -> tuple[Block, ...]:
    """The 50 slowest requests by themselves."""
    unit, size = _unit(profile.span or 0.0)
    columns = (Column("Request", "code"), Column("Response time", "ms", bar=True), Column("Status", "code"), Column(f"After the first, {unit}", "decimal"))
    rows = tuple((one.target, one.ms, str(one.status or "none"), None if one.start is None else round(one.start / size, 3)) for one in profile.slowest)
    return (Table("Slowest requests", columns, rows, sort=(1, True), download="slowest.csv", tab="Slowest"),) if rows else ()


# --- a browser's archive --------------------------------------------------------------------------------------------------------


def waterfall_tab(profile: Profile) -> tuple[Block, ...]:
    """What the browser's requests waited for."""
    if not profile.entries:
        return ()
    return (_waterfall(profile), *_pages(profile), *_groups(profile))


def _phases(profile: Profile) -> Chart:
    total = sum(profile.phase_totals) or 1.0
    points = tuple((name, ms) for name, ms in zip(_PHASE_NAMES, profile.phase_totals, strict=True))
    name, most = max(points, key=lambda point: point[1])
    said = (
        f"{name} takes the most: {percent(most / total)} of the time of all requests, {ms_in_words(most)}. Requests run side by side: this is no page's time."
    )
    axes = Axis("Phase", "text"), Axis("All requests together", "ms")
    return Chart("What do requests wait for?", "bar", *axes, (Series("Time", points),), said)


def _waterfall(profile: Profile) -> Chart:
    shown = profile.entries[:_WATERFALL]
    begun = shown[0].start
    names = [f"{number}. {one.name}" for number, one in enumerate(shown, start=1)]
    waits = Series("Not begun", tuple((name, round((one.start - begun) * 1_000, 1)) for name, one in zip(names, shown, strict=True)))
    phases = tuple(
        Series(title, tuple((name, one.phases[place]) for name, one in zip(names, shown, strict=True)))
        for place, title in enumerate(_PHASE_NAMES)
        if any(one.phases[place] for one in shown)
    )
    last = max(shown, key=lambda one: one.start + one.ms / 1_000)
    cut = f" The first {_WATERFALL} of {profile.entries_total:,} requests." if profile.entries_total > _WATERFALL else ""
    said = f"{last.name} ends last, {ms_in_words((last.start - begun) * 1_000 + last.ms)} after the first request began.{cut}"
    return Chart("When does each request begin and end?", "bar", Axis("Request", "text"), Axis("Time", "ms"), (waits, *phases), said, tab="Waterfall")


def _groups(profile: Profile) -> tuple[Table, ...]:
    def table(title: str, first: str, rows: tuple[tuple[str, int, float, float], ...], name: str) -> Table:
        columns = (Column(first), Column("Requests", "integer"), Column("Size", "bytes"), Column("Time in all", "ms", bar=True))
        return Table(title, columns, rows, sort=(3, True), download=name, tab="Waterfall")

    titles = Column("Request", "code"), Column("Host"), Column("Kind"), Column("Size", "bytes"), Column("Begins", "ms"), Column("Takes", "ms")
    begun = profile.entries[0].start
    rows = tuple((one.name, one.host, one.kind, one.size, round((one.start - begun) * 1_000, 1), one.ms, *one.phases) for one in profile.entries)
    left = profile.entries_total - len(rows)
    note = f"{left:,} later requests are not listed." if left else ""
    phases = Table("Phases of each request", (*titles, *(Column(name, "ms") for name in _PHASE_NAMES)), rows, note=note, download="phases.csv", tab="Waterfall")
    return (table("By kind", "Kind", profile.kinds, "kinds.csv"), table("By host", "Host", profile.hosts, "hosts.csv"), phases)


def _pages(profile: Profile) -> tuple[Table, ...]:
    rows = tuple((one.title, one.content_ms, one.load_ms) for one in profile.pages)
    columns = (Column("Page"), Column("Content loaded", "ms"), Column("Page loaded", "ms"))
    return (Table("Pages", columns, rows, tab="Waterfall"),) if rows else ()


# --- capacity ---------------------------------------------------------------------------------------------------------------------


def capacity_tab(profile: Profile) -> tuple[Block, ...]:
    """Little's law, throughput against response time, the law of scaling, and demand."""
    found = profile.capacity
    if found is None:
        return ()
    has_times = bool(found.points)
    rows: list[tuple[Cell, ...]] = [("Requests a second, mean", rate_in_words(found.mean_rate), "requests over the whole log")]
    rows.append(("Requests a second, busiest stretch", rate_in_words(found.peak_rate), f"stretches of {span_in_words(profile.buckets[0].covered)}"))
    if has_times:
        rows.append(("At work at once, mean", rate_in_words(found.mean_concurrency), "Little's law: requests a second × mean response time"))  # noqa: RUF001 - a product
        rows.append(("At work at once, busiest stretch", rate_in_words(found.peak_concurrency), "the same, stretch by stretch"))
        held = "never" if found.held is None else f"{rate_in_words(found.held)} a second"
        rows.append((f"Held with p95 within {ms_in_words(found.goal_ms)}", held, "the busiest stretch that kept the goal, with at most 1\u00a0% of errors"))
    table = Table("Load", (Column("What"), Column("Value"), Column("How")), tuple(rows), tab="Capacity")
    return (table, *_against(found), *_scaling(found), *_demand(found))


def _against(found: Capacity) -> tuple[Chart, ...]:
    if len(found.points) < 2:  # noqa: PLR2004 - one point says nothing
        return ()
    points = tuple(sorted((one.rate, one.p95_ms) for one in found.points))
    over = sum(one.p95_ms > found.goal_ms for one in found.points)
    held = "No stretch kept the goal" if found.held is None else f"The goal was kept up to {rate_in_words(found.held)} a second"
    said = f"{held}; {over:,} of {len(points):,} stretches were slower than it."
    axes = Axis("Requests a second"), Axis("p95", "ms")
    marks = (Mark("y", found.goal_ms, f"Goal, {ms_in_words(found.goal_ms)}"),)
    return (Chart("Do response times rise with the load?", "scatter", *axes, (Series("Stretch of time", points),), said, marks, tab="Capacity"),)


def _scaling(found: Capacity) -> tuple[Block, ...]:
    law = found.scaling
    if law is None:
        text = (
            "The load varies too little, or explains too little of the response times, to say how the service scales. A load test in rising steps would tell."
        )
        return (Note(text, title="No law of scaling fitted", tab="Capacity"),) if found.points else ()
    seen = tuple(sorted((one.concurrency, one.rate) for one in found.points))
    reach = min(2 * law.seen_concurrency, law.best_concurrency * 1.3 if law.best_concurrency else 2 * law.seen_concurrency)
    steps: Sequence[float] = [reach * step / 80 for step in range(81)]
    curve = tuple((many, law.rate(many)) for many in steps)
    axes = Axis("At work at once"), Axis("Requests a second")
    series = (Series("Law of scaling", curve, is_line=True), Series("Measured", seen))
    chart = Chart("How far would it scale?", "scatter", *axes, series, _scaling_said(law), tab="Capacity")
    limits = (
        f"Universal Scalability Law: one at a time {rate_in_words(law.rate_one)} a second, contention {law.sigma:.3g}, coherency {law.kappa:.3g}, "
        f"R squared {law.fit:.2f}, fitted to levels of up to {rate_in_words(law.seen_concurrency)} at once. It supposes the same mix "
        "of requests and the same machines; what lies beyond the measured load is a guess that a load test has to prove."
    )
    return (chart, Note(limits, title="What the law rests on", tab="Capacity"))


def _scaling_said(law: Scaling) -> str:
    if law.best_rate is None or law.best_concurrency is None:
        return f"No maximum within three times the load that was seen ({rate_in_words(law.seen_concurrency)} at once)."
    return f"By this law the most is {rate_in_words(law.best_rate)} requests a second, with {rate_in_words(law.best_concurrency)} at work at once."


def _demand(found: Capacity) -> tuple[Block, ...]:
    trend = found.trend
    if trend is None:
        return ()
    return (Note(f"{_growth(trend)}{_full(found, trend)}{_DEMAND_LIMITS}", title="Where demand is going", tab="Capacity"),)


_DEMAND_LIMITS = " A straight line through this log; it knows nothing of days, weeks and seasons, and looks no further ahead than the log looks back."


def _growth(trend: Trend) -> str:
    if not trend.is_sure:
        return f"No clear trend: {rate_in_words(trend.now)} requests a second at the end of the log, and the change is within its error."
    word = "grows" if trend.an_hour > 0 else "falls"
    unit, size = _unit(trend.ahead_s)
    by, error = abs(trend.an_hour) * size / 3_600, trend.error * size / 3_600
    change = f"{word} by {rate_in_words(by)} (plus or minus {rate_in_words(2 * error)}) requests a second each {_EACH[unit]}"
    ahead = (
        f"in {span_in_words(trend.ahead_s)} about {rate_in_words(trend.then)} a second ({rate_in_words(trend.then_low)} to {rate_in_words(trend.then_high)})"
    )
    return f"Demand {change}: now {rate_in_words(trend.now)}, {ahead}."


def _full(found: Capacity, trend: Trend) -> str:
    if trend.full_in_s is None:
        return ""
    what = "capacity that you gave" if found.known_rate else "maximum of the law of scaling"
    if trend.full_in_s == 0:
        return f" It is at the {what} already."
    return f" It reaches the {what} in about {span_in_words(trend.full_in_s)}."


# --- data ---------------------------------------------------------------------------------------------------------------------------


def data_tab(profile: Profile) -> tuple[Block, ...]:
    """The timeline as a table, and lines that could not be read."""
    unit, size = _unit(profile.span or 0.0)
    columns = (Column(f"From, {unit}", "decimal"), Column("Requests", "integer"), Column("A second", "decimal"), Column("Errors", "integer"))
    columns = (*columns, Column("p50", "ms"), Column("p95", "ms"), Column("At work at once", "decimal"))
    rows = tuple(
        (
            round(one.start / size, 4),
            one.requests,
            one.requests / one.covered,
            one.failed,
            one.p50,
            one.p95,
            one.busy_ms / 1_000 / one.covered if one.p50 is not None else None,
        )
        for one in profile.buckets
    )
    unread = tuple((one.line, one.text) for one in profile.unread)
    left = profile.unread_total - len(unread)
    note = f"{left:,} more are counted and not listed." if left else ""
    tables = (
        Table("Timeline", columns, rows, note="The last stretch may be shorter or longer than the others.", download="timeline.csv", tab="Data"),
        Table("Lines that could not be read", (Column("Line", "integer"), Column("Text", "code")), unread, note=note, download="unread.csv", tab="Data"),
    )
    return tuple(table for table in tables if table.rows)
