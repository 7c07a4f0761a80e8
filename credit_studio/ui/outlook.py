"""Where the balance is heading, as a drawing and in sentences. Pure."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from credit_studio.analytics.views import Booking, Forecast
from credit_studio.ui import words

_STEPS = (1, 2, 5, 10)
_SIDE = 100


@dataclass(frozen=True)
class Heading:
    """SVG paths in a square of 100, today at the left and 0 credits at the bottom; what stands at its edges; and the same in sentences."""

    line: str = ""
    band: str = ""
    top: str = ""
    last: str = ""
    basis: str = ""
    says: list[str] = field(default_factory=list)


def shape(forecast: Forecast, available: int) -> Heading:
    """Draw a forecast that goes on from the credits that are `available` now."""
    courses = [[available, *(getattr(day, name) for day in forecast.days)] for name in ("low", "typical", "high")]
    top = _round_up(max(max(one) for one in courses))
    low, typical, high = ([_point(at / len(forecast.days), value / top) for at, value in enumerate(one)] for one in courses)
    return Heading(
        line="M" + " L".join(typical),
        band="M" + " L".join([*high, *reversed(low)]) + "Z",
        top=words.number(top),
        last=_day(forecast.days[-1].date),
        basis=forecast.basis,
        says=_says(forecast),
    )


def _point(across: float, up: float) -> str:
    return f"{across * _SIDE:.1f} {_SIDE - max(0.0, up) * _SIDE:.1f}"


def _round_up(value: int) -> int:
    """The next 1, 2 or 5 with zeros behind it; at least 10."""
    scale = 10 ** max(1, len(str(value)) - 1)
    return next(step * scale for step in _STEPS if step * scale >= value)


def _says(forecast: Forecast) -> list[str]:
    last, booked = forecast.days[-1], [_booked(on, list(some)) for on, some in groupby(forecast.bookings, key=lambda one: one.date)]
    if forecast.runs_out_at is not None:
        return [f"At this pace nothing is left on {_day(forecast.runs_out_at)}.", *booked]
    return [*booked, f"At this pace {words.credits_of(last.typical)} {'is' if last.typical == 1 else 'are'} left on {_day(last.date)}."]


def _booked(on: date, bookings: list[Booking]) -> str:
    arrive, end = (sum(one.amount for one in bookings if one.kind == kind) for kind in ("renewal", "expiry"))
    told = [f"{words.number(arrive)} plan credits arrive"] if arrive else []
    told += [f"{words.credits_of(end)} {'ends' if end == 1 else 'end'} unused"] if end else []
    return f"On {_day(on)} {' and '.join(told)}."


def _day(on: date) -> str:
    return f"{on.day} {on:%b}"
