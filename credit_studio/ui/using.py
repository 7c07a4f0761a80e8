"""Use as the page shows it: bars with their colours, a table with the same totals, and what comes next in sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from credit_studio.analytics import rules
from credit_studio.analytics.views import Bar, Share, Usage
from credit_studio.engine.views import CapState
from credit_studio.tools.base import Studio
from credit_studio.tools.registry import all_tools
from credit_studio.ui import words

MOST_SERIES = 5
COLOURS = tuple(f"var(--cs-c{at})" for at in range(1, 9))
OTHER = "var(--cs-other)"
_DAY = timedelta(days=1)
_STEP = {"hour": "an hour", "day": "a day", "week": "a week", "month": "a month"}
_STEPS = {"hour": "hours", "day": "days", "week": "weeks", "month": "months"}
_RUNS = "/account/runs/"


@dataclass(frozen=True)
class Row:
    """A group in the table: `href` leads to its runs, `width` is its bar in per cent of the longest."""

    title: str
    colour: str
    href: str
    runs: str
    each: str
    share: str
    credits: str
    width: float


@dataclass(frozen=True)
class Stretch:
    """A bar in words, with the way to its runs."""

    label: str
    href: str
    runs: str
    not_charged: str
    credits: str


@dataclass(frozen=True)
class Figure:
    """A key figure: its name, the figure, and what puts it into proportion."""

    name: str = ""
    value: str = ""
    about: str = ""


@dataclass(frozen=True)
class Told:
    """The page in words; `chart` is what `usage_bars.jsx` draws."""

    subtitle: str = ""
    title: str = ""
    figures: list[Figure] = field(default_factory=list)
    chart: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    total: Row = Row("", "", "", "", "", "", "", 0.0)
    stretches: list[Stretch] = field(default_factory=list)
    is_empty: bool = False


def tell(used: Usage, *, metric: str, now: datetime) -> Told:
    """The page for credits or for runs, whichever `metric` says: its groups in the order of that, its shares of that."""
    groups = sorted(used.breakdown, key=lambda one: -getattr(one, metric))
    colours = paint([one.key for one in groups if getattr(one, metric)][:MOST_SERIES])
    return Told(
        subtitle=_subtitle(used),
        title=f"{metric.capitalize()} {_STEP[used.bucket]}, by {used.group_by}",
        figures=_figures(used, now),
        chart=_chart(used, groups, colours, metric),
        rows=_rows(used, groups, colours, metric),
        total=Row(
            "Total", "", "", words.number(used.totals.runs), _each(used.totals.credits, used.totals.runs), "100.0", words.number(used.totals.credits), 0.0
        ),
        stretches=[_stretch(bar, used) for bar in used.series if bar.runs or bar.not_charged],
        is_empty=used.totals.runs + used.totals.not_charged == 0,
    )


def paint(keys: Sequence[str]) -> dict[str, str]:
    """A colour for each, the same in every period and grouping unless two of them would have the same: then the later one takes the next free."""
    known = {key: at for at, key in enumerate([*Studio, *(tool.id for tool in all_tools())])}
    free, painted = list(range(len(COLOURS))), dict[str, str]()
    for key in keys:
        wanted = known.get(key, 0) % len(COLOURS)
        taken = min(free, key=lambda one, wanted=wanted: (one - wanted) % len(COLOURS))
        free.remove(taken)
        painted[key] = COLOURS[taken]
    return painted


def _chart(used: Usage, groups: Sequence[Share], colours: dict[str, str], metric: str) -> dict[str, Any]:
    titles = {one.key: one.title for one in groups}
    series = [{"name": titles[key], "colour": colour} for key, colour in colours.items()]
    has_other = any(getattr(one, metric) and one.key not in colours for one in groups)
    series += [{"name": f"Other {used.group_by}s", "colour": OTHER}] if has_other else []
    bars = [_drawn(bar, used, colours, metric, has_other=has_other) for bar in used.series]
    summary = f"{metric.capitalize()} {_STEP[used.bucket]}, {_subtitle(used)}, stacked by {used.group_by}. The table below holds the same figures."
    return {"bars": bars, "series": series, "metric": metric, "steps": _STEPS[used.bucket], "summary": summary}


def _drawn(bar: Bar, used: Usage, colours: dict[str, str], metric: str, *, has_other: bool) -> dict[str, Any]:
    amounts = {one.key: getattr(one, metric) for one in bar.groups}
    parts = [amounts.get(key, 0) for key in colours]
    parts += [sum(amount for key, amount in amounts.items() if key not in colours)] if has_other else []
    return {"label": _label(bar.start, used), "title": _long_label(bar, used), "href": runs_of(bar.start, bar.end, used.time_zone), "parts": parts}


def runs_of(start: datetime, end: datetime, zone: str, tool_id: str = "") -> str:
    """The page of the runs of those days, and of that tool."""
    first, last = (at.astimezone(ZoneInfo(zone)).date().isoformat() for at in (start, end - timedelta(microseconds=1)))
    return f"{_RUNS}?{urlencode({'from': first, 'to': last} | ({'tool': tool_id} if tool_id else {}))}"


def _rows(used: Usage, groups: Sequence[Share], colours: dict[str, str], metric: str) -> list[Row]:
    amounts = [getattr(one, metric) for one in groups]
    most = max(amounts, default=0) or 1
    shares = rules.per_cent(amounts)
    paid = [(one, amount, share) for one, amount, share in zip(groups, amounts, shares, strict=True) if one.runs]
    return [_row(one, used, colours.get(one.key, OTHER), share, amount * 100 / most) for one, amount, share in paid]


def _row(one: Share, used: Usage, colour: str, share: float, width: float) -> Row:
    href = runs_of(used.since, used.until, used.time_zone, one.key if used.group_by == "tool" else "")
    return Row(one.title, colour, href, words.number(one.runs), _each(one.credits, one.runs), f"{share:.1f}", words.number(one.credits), width)


def _each(spent: int, runs: int) -> str:
    return f"{spent / runs:,.1f}" if runs else ""


def _figures(used: Usage, now: datetime) -> list[Figure]:
    totals, trend = used.totals, used.trend
    unit = timedelta(hours=1) if used.period == "24h" else _DAY
    gone = max(1.0, (min(max(now, used.since), used.until) - used.since) / unit)
    pace = f"{totals.credits / gone:,.1f} {'an hour' if used.period == '24h' else 'a day'}"
    return [
        Figure("Spent", words.credits_of(totals.credits), pace),
        Figure("Paid runs", words.number(totals.runs), f"{_each(totals.credits, totals.runs)} credits each" if totals.runs else "none yet"),
        Figure("Not charged", f"{words.number(totals.not_charged)} run{'' if totals.not_charged == 1 else 's'}", "without a result, all credits returned"),
        Figure("Against the time before", _change(trend.change), f"{words.credits_of(trend.credits)} then"),
    ]


def _change(change: float | None) -> str:
    if change is None:
        return "New"
    sign = "+" if change > 0 else words.MINUS if change < 0 else ""
    return f"{sign}{abs(change):,.0f}{words.NARROW}%"


def _stretch(bar: Bar, used: Usage) -> Stretch:
    not_charged = words.number(bar.not_charged) if bar.not_charged else ""
    href = runs_of(bar.start, bar.end, used.time_zone)
    return Stretch(_long_label(bar, used), href, words.number(bar.runs), not_charged, words.number(bar.credits))


def _label(at: datetime, used: Usage) -> str:
    local = at.astimezone(ZoneInfo(used.time_zone))
    if used.bucket == "hour":
        return f"{local:%H:%M}"
    return f"{local:%b %Y}" if used.bucket == "month" else f"{local.day} {local:%b}"


def _long_label(bar: Bar, used: Usage) -> str:
    zone = ZoneInfo(used.time_zone)
    first, last = bar.start.astimezone(zone), (bar.end - timedelta(microseconds=1)).astimezone(zone)
    if used.bucket == "hour":
        return f"{first.day} {first:%b}, {first:%H:%M}"
    if first.date() == last.date():
        return f"{first:%a} {first.day} {first:%b}"
    return f"{first.day} {first:%b} to {last.day} {last:%b}"


def _subtitle(used: Usage) -> str:
    zone = ZoneInfo(used.time_zone)
    first, last = used.since.astimezone(zone), (used.until - timedelta(microseconds=1)).astimezone(zone)
    days = "days" if used.bucket != "hour" else "hours"
    if used.period == "24h":
        end = used.until.astimezone(zone)
        return f"{first.day} {first:%B}, {first:%H:%M} to {end.day} {end:%B}, {end:%H:%M}, {days} in {used.time_zone}"
    year = f" {first.year}" if first.year != last.year else ""
    begun = f"{first.day} {first:%B}{year} to " if first.date() != last.date() else ""
    return f"{begun}{last.day} {last:%B} {last.year}, {days} in {used.time_zone}"


def coming(used: Usage, caps: Sequence[CapState], booked: Sequence[str], *, now: datetime) -> list[str]:
    """What comes next: the month's end with its uncertainty, the month's caps, then what is booked."""
    ahead, zone = used.projection, used.time_zone
    month = f"{ahead.month_start.astimezone(ZoneInfo(zone)):%B}"
    spread = f", between {words.number(ahead.low)} and {words.number(ahead.high)} in calm and busy weeks" if ahead.low != ahead.high else ""
    so_far = f"{words.number(ahead.so_far)} so far; reckoned from {ahead.basis}."
    ends = f"{month} ends near {words.credits_of(ahead.typical)} spent{spread}. {so_far}"
    if not ahead.a_day:
        ends = f"{month} stands at {words.credits_of(ahead.so_far)} spent. {ahead.basis}"
    return [ends, *[_cap(one, ahead.a_day, zone, now) for one in caps if one.window == "month" and one.resets_at is not None], *booked]


def _cap(cap: CapState, a_day: float, zone: str, now: datetime) -> str:
    whose = "Your own month cap" if cap.scope == "own" else "The plan’s month cap"  # noqa: RUF001 - a typographic apostrophe
    stands = f"{whose}: {words.number(cap.used)} of {words.number(cap.limit)} spent."
    assert cap.resets_at is not None  # noqa: S101 - asked for caps with a window only
    if cap.used >= cap.limit:
        return f"{stands} It is reached, and resets {words.reset_at(cap.resets_at, zone, now=now)}."
    reached = now + _DAY * ((cap.limit - cap.used) / a_day) if a_day else cap.resets_at
    if reached >= cap.resets_at:
        return f"{stands} It is not expected to stop you before it resets {words.reset_at(cap.resets_at, zone, now=now)}."
    local = reached.astimezone(ZoneInfo(zone))
    return f"{stands} At this pace it is reached near {local.day} {local:%b}; it resets {words.reset_at(cap.resets_at, zone, now=now)}."
