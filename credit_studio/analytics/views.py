"""What others see of usage and of what it lets expect. All amounts are whole credits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple


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


class Stood(NamedTuple):
    """What an account had at an instant: what was held is in it, what was owed is taken off."""

    at: datetime
    total: int


class Counted(NamedTuple):
    """What was run of one tool in one stretch of time, the `slot`: all runs, those without a result, and what was charged."""

    slot: int
    tool_id: str
    runs: int
    failed: int
    credits: int


@dataclass(frozen=True)
class Totals:
    """Credits spent and the runs that they were spent on; runs without a result cost nothing and are counted apart."""

    credits: int
    runs: int
    not_charged: int


@dataclass(frozen=True)
class GroupUse:
    """What one group used within a bar."""

    key: str
    credits: int
    runs: int


@dataclass(frozen=True)
class Bar:
    """Use in [start, end); `groups` has those with any use, the largest of the whole time first."""

    start: datetime
    end: datetime
    credits: int
    runs: int
    not_charged: int
    groups: tuple[GroupUse, ...]


@dataclass(frozen=True)
class Share:
    """What a group used in all, and its share of the credits in per cent with one decimal: all shares add up to 100.0, or are 0.0."""

    key: str
    title: str
    credits: int
    runs: int
    not_charged: int
    share: float


@dataclass(frozen=True)
class Trend:
    """The stretch right before, as long as what has gone by of this one. `change` is the change of credits since, in per cent; None from nothing."""

    since: datetime
    until: datetime
    credits: int
    runs: int
    change: float | None


@dataclass(frozen=True)
class Projection:
    """Credits that will have been spent by the end of the calendar month: as use usually is, and if it were as in calm (`low`) or busy weeks (`high`).

    `basis` says in words what it rests on, `a_day` is the usual use.
    """

    month_start: datetime
    month_end: datetime
    so_far: int
    low: int
    typical: int
    high: int
    a_day: float
    basis: str


@dataclass(frozen=True)
class Usage:
    """What a person used in [since, until), by the bars of `bucket` and by groups; times in UTC, days in `time_zone`."""

    period: str
    since: datetime
    until: datetime
    group_by: str
    bucket: str
    time_zone: str
    totals: Totals
    series: tuple[Bar, ...]
    breakdown: tuple[Share, ...]
    trend: Trend
    projection: Projection
