"""What others see of usage and of what it lets expect. All amounts are whole credits."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Outlook:
    """The balance at the end of a day: as use usually is, and if it were as in busy (`low`) and in calm weeks (`high`)."""

    date: date
    low: int
    typical: int
    high: int


@dataclass(frozen=True)
class Booking:
    """What will change the balance without any run: credits that end unused at the usual use, or a plan's credits that arrive."""

    date: date
    kind: Literal["expiry", "renewal"]
    amount: int


@dataclass(frozen=True)
class Forecast:
    """Where a balance is heading, by the days of the person's zone; `runs_out_at` is None when it lasts. `basis` says in words what it rests on."""

    days: tuple[Outlook, ...]
    bookings: tuple[Booking, ...]
    runs_out_at: date | None
    basis: str
    time_zone: str
