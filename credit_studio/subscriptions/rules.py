"""When a plan's period ends, what is to come, and where a paid plan stands; pure."""

import calendar
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_SHORTEST = timedelta(days=15)
"""A period that follows a change of time zone may be a day shorter or longer; it is never half a month, and never two."""

LIVING = frozenset({"active", "past_due", "trialing"})
"""A subscription at Stripe that carries a plan: while Stripe still tries to collect, the plan goes on."""

DEAD = frozenset({"canceled", "unpaid", "incomplete_expired"})
"""Stripe has given up, or was told to end it: the first plan follows."""


@dataclass(frozen=True)
class Paid:
    """What one paid invoice of a subscription brought: a plan for [start, end), from `since` on; `is_change` when it was changed to; credits of the plan."""

    plan_id: str
    start: datetime
    end: datetime
    since: datetime
    is_change: bool
    credits: int


@dataclass(frozen=True)
class Look:
    """A subscription at Stripe as it was last looked at; `plan_id` is what it charges for next, `was_held` when it has been the plan here."""

    stripe_id: str
    status: str
    plan_id: str
    since: datetime
    anchor: datetime
    cancel_at: datetime | None
    ended_at: datetime | None
    was_held: bool


def next_renewal(start: datetime, *, anchor_day: int, zone: str) -> datetime:
    """The anchor day in the person's zone about a month after `start`, at the same wall-clock time; the last day in shorter months."""
    local = start.astimezone(ZoneInfo(zone))
    days = (_on_anchor(local, months, anchor_day) for months in range(3))
    return next(day for day in days if day - local >= _SHORTEST).astimezone(start.tzinfo)


def present_period(end: datetime, *, anchor_day: int, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """The period [start, end) that holds `now`, when the last known one ended at `end`. Those between are past and bring nothing."""
    start, end = end, next_renewal(end, anchor_day=anchor_day, zone=zone)
    while end <= now:
        start, end = end, next_renewal(end, anchor_day=anchor_day, zone=zone)
    return start, end


def newest(paid: Iterable[Paid], price_of: Callable[[str], int]) -> Paid:
    """What was paid for last: the latest period, and in it the latest change. It does not matter in which order it became known.

    Stripe counts in seconds: of what was paid for in the same one, a change comes after what it changed, and a dearer plan after a cheaper one.
    """
    return max(paid, key=lambda one: (one.start, one.since, one.is_change, price_of(one.plan_id), one.plan_id))


def month_limit(paid: Iterable[Paid], period: tuple[datetime, datetime]) -> int:
    """The most of a plan's credits that a period may use: all that was paid for it."""
    return sum(one.credits for one in paid if (one.start, one.end) == period)


def leading(looks: Iterable[Look], paid: Collection[str]) -> Look | None:
    """The subscription that is the person's plan: of those that live and that something was `paid` for, the newest."""
    living = (one for one in looks if one.status in LIVING and one.stripe_id in paid)
    return max(living, key=lambda one: (one.since, one.stripe_id), default=None)


def ended(looks: Iterable[Look], paid: Collection[str], *, held: str | None, since: datetime) -> Look | None:
    """The subscription whose end is to be done now, for a person whose period began at `since`.

    It is the `held` one, when it is dead; else one that was paid for and had ended before anybody here heard of the payment.
    """
    dead = [one for one in looks if one.status in DEAD and one.stripe_id in paid]
    unheard = (one for one in dead if not one.was_held and one.ended_at is not None and one.ended_at > since)
    return next((one for one in dead if one.stripe_id == held), None) or max(unheard, key=lambda one: (one.ended_at, one.stripe_id), default=None)


@dataclass(frozen=True)
class Course:
    """A plan that renews on `anchor_day` in `zone`: its credits a month."""

    credits: int
    anchor_day: int
    zone: str


def coming(end: datetime, now: Course, then: Course | None, *, turns_at: datetime | None) -> Iterator[tuple[datetime, datetime, int]]:
    """The periods after the one that ends at `end`, without end: from, to, credits. From `turns_at` on they are those of `then`."""
    at = end
    while True:
        course = then if then is not None and turns_at is not None and at >= turns_at else now
        ends = next_renewal(at, anchor_day=course.anchor_day, zone=course.zone)
        yield at, ends, course.credits
        at = ends


def _on_anchor(local: datetime, months: int, anchor_day: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(anchor_day, calendar.monthrange(year, month + 1)[1]))
