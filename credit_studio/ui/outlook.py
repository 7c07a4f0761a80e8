"""Where the balance was and where it is heading, as a drawing and in sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from credit_studio.analytics import spans
from credit_studio.analytics.views import Booking, Forecast, Stood
from credit_studio.ui import words

_STEPS = (1, 2, 5, 10)
_MOST_STEPS = 5
_LEAST_STEP = 2
_DAY = timedelta(days=1)
_AT_EDGE, _DATES_APART, _APART, _CLOSE = 20.0, 34.0, 40.0, 16.0
"""In per cent of the drawing: how near to an edge words go inwards; how near two dates would touch, and two marks across and up."""

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Mark:
    """Words at a point, in per cent from the left and from the top: they begin, end or have their middle there (`side`).

    `look` is "dot" or "ring", empty where nothing but the words stands; `is_under` puts them below it.
    """

    label: str
    left: float
    top: float
    side: str
    look: str = ""
    is_under: bool = False


@dataclass(frozen=True)
class Heading:
    """SVG paths in a square of 100, time from left to right; the lines behind them with their figures, from the top; marks; and the same in sentences."""

    past: str = ""
    line: str = ""
    band: str = ""
    scale: list[Mark] = field(default_factory=list)
    widest: str = ""
    dates: list[Mark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    basis: str = ""
    says: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Frame:
    """What a drawing spans: instants, and credits of which 0 is always one."""

    first: datetime
    last: datetime
    bottom: int
    top: int

    def across(self, at: datetime) -> float:
        return (at - self.first) / (self.last - self.first) * 100

    def down(self, value: int) -> float:
        return (self.top - value) / (self.top - self.bottom) * 100


def draw(forecast: Forecast, stood: Sequence[Stood], available: int, *, now: datetime) -> Heading:
    """Draw what the account had, what is `available` now, and its forecast from there on."""
    courses = [_course(forecast, name, available, now) for name in ("low", "typical", "high")]
    step, bottom, top = _scale([available, *(one.total for one in stood), *(value for course in courses for _, value in course)])
    frame = _Frame(stood[0].at if stood else now, courses[0][-1][0], bottom, top)
    low, typical, high = ([(frame.across(at), frame.down(value)) for at, value in course] for course in courses)
    been = [(frame.across(one.at), frame.down(one.total)) for one in stood]
    labels = [words.number(value) for value in range(top, bottom - 1, -step)]
    return Heading(
        past=_path([*been, typical[0]]) if been else "",
        line=_path(typical),
        band=_path([*high, *reversed(low)]) + "Z",
        scale=[Mark(label, 0, round(at * 100 * step / (top - bottom), 2), "end") for at, label in enumerate(labels)],
        widest=max(labels, key=len),
        dates=_dates(frame, forecast, now),
        marks=_marks(frame, forecast, available, now),
        basis=_basis(forecast),
        says=[*_was(stood, available, forecast.time_zone), *says(forecast)],
    )


def says(forecast: Forecast) -> list[str]:
    """The forecast in sentences."""
    last, booked = forecast.days[-1], [_booked(on, list(some)) for on, some in groupby(forecast.bookings, key=lambda one: one.date)]
    if forecast.runs_out_at is not None:
        return [f"At this pace nothing is left on {day(forecast.runs_out_at)}.", *booked]
    return [*booked, f"At this pace {words.credits_of(last.typical)} {'is' if last.typical == 1 else 'are'} left on {day(last.date)}."]


def renewal_of(forecast: Forecast) -> date | None:
    """The day on which the plan's next credits arrive; None when none do in the time that is told."""
    return next((one.date for one in forecast.bookings if one.kind == "renewal"), None)


def day(on: date) -> str:
    """A day as the drawing and its sentences say it: "1 Dec"."""
    return f"{on.day} {on:%b}"


def spark(daily: Sequence[int]) -> str:
    """A line of its own through some days, in a square of 100 from 0 to the most of them."""
    most, gaps = max(1, *daily), max(1, len(daily) - 1)
    points = [(at * 100 / gaps, 100 - one * 100 / most) for at, one in enumerate(daily)]
    return _path(points if len(points) > 1 else [*points, (100.0, points[0][1])])


def _course(forecast: Forecast, name: str, available: int, now: datetime) -> list[tuple[datetime, int]]:
    """A balance from now on, at the end of each day; on the day of a renewal it goes straight up there."""
    renews, zone = {one.date for one in forecast.bookings if one.kind == "renewal"}, words.zone(forecast.time_zone)
    course = [(now, available)]
    for one in forecast.days:
        ends = spans.start_of(one.date + _DAY, zone)
        course += [(ends, course[-1][1])] if one.date in renews else []
        course.append((ends, getattr(one, name)))
    return course


def _scale(values: Sequence[int]) -> tuple[int, int, int]:
    """The step of the figures at the side, a 1, 2 or 5 with zeros behind it; where they begin and end, with 0 among them and 10 or more between."""
    least, most = min(0, *values), max(0, *values)
    reach = max(most - least, _LEAST_STEP * _MOST_STEPS)
    size = 10 ** (len(str(reach)) - 1)
    step = next(step for tenth in (size // 10, size) for one in _STEPS if (step := one * tenth) >= _LEAST_STEP and step * _MOST_STEPS >= reach)
    top, bottom = -(-most // step) * step, least // step * step
    return step, bottom, top if top - bottom >= reach else bottom + _MOST_STEPS * step


def _dates(frame: _Frame, forecast: Forecast, now: datetime) -> list[Mark]:
    """The first day, today and the last; the first is left out where it would touch today."""
    zone, today = words.zone(forecast.time_zone), frame.across(now)
    first = [Mark(day(frame.first.astimezone(zone).date()), 0, 0, "start")] if today > _DATES_APART else []
    return [*first, Mark("Today", round(today, 2), 0, _side(today)), Mark(day(forecast.days[-1].date), 100, 0, "end")]


def _marks(frame: _Frame, forecast: Forecast, available: int, now: datetime) -> list[Mark]:
    """Today with its figure, and the first renewal with what is there after it."""
    left, top = round(frame.across(now), 2), round(frame.down(available), 2)
    renews = renewal_of(forecast)
    after = next((one.typical for one in forecast.days if one.date == renews), None)
    if renews is None or after is None:
        return [Mark(words.number(available), left, top, _side(left), "dot")]
    there = frame.across(spans.start_of(renews + _DAY, words.zone(forecast.time_zone)))
    ring = Mark(f"{words.number(after)} after renewal", round(there, 2), round(frame.down(after), 2), _side(there), "ring")
    touch = ring.left - left < _APART and abs(ring.top - top) < _CLOSE
    return [Mark(words.number(available), left, top, _side(left), "dot", is_under=touch), ring]


def _side(left: float) -> str:
    return "start" if left < _AT_EDGE else "end" if left > 100 - _AT_EDGE else "mid"


def _path(points: Points) -> str:
    return "M" + " L".join(f"{across:.1f} {down:.1f}" for across, down in points)


def _basis(forecast: Forecast) -> str:
    if forecast.basis.endswith("."):
        return forecast.basis
    return f"Dotted: use as in the last {forecast.basis}. Band: calm and busy weeks."


def _was(stood: Sequence[Stood], available: int, zone: str) -> list[str]:
    if not stood:
        return []
    first = stood[0].at.astimezone(words.zone(zone)).date()
    return [f"On {day(first)} there {'was' if stood[0].total == 1 else 'were'} {words.credits_of(stood[0].total)}, now {words.number(available)}."]


def _booked(on: date, bookings: list[Booking]) -> str:
    arrive, end = (sum(one.amount for one in bookings if one.kind == kind) for kind in ("renewal", "expiry"))
    told = [f"{words.number(arrive)} plan credits arrive"] if arrive else []
    told += [f"{words.credits_of(end)} {'ends' if end == 1 else 'end'} unused"] if end else []
    return f"On {day(on)} {' and '.join(told)}."
