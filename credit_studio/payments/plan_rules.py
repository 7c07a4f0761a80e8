"""What a subscription's invoice brings, and what a change of plan would: pure. Prices are in minor units, credits are whole, instants in UTC."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

CreditsOf = Callable[[str], int]
"""A plan's credits a month."""

Reason = Literal["create", "cycle", "update"]
REASONS: dict[str, Reason] = {"subscription_create": "create", "subscription_cycle": "cycle", "subscription_update": "update"}
"""Stripe's billing reasons that bring credits; invoices that were made by hand bring none."""


@dataclass(frozen=True)
class PlanLine:
    """A line of an invoice: a plan for [start, end). `amount` is below 0 for what is given back; `is_change` when the line comes of a change of plan."""

    plan_id: str
    amount: int
    is_change: bool
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Allotted:
    """What an invoice brings: credits of a plan for the period [start, end), from `since` on."""

    plan_id: str
    start: datetime
    end: datetime
    since: datetime
    credits: int


def allotted(reason: Reason, lines: Sequence[PlanLine], *, anchor: datetime, credits_of: CreditsOf) -> Allotted | None:
    """What the invoice brings; None when none of its lines is for a plan.

    A first invoice and a renewal bring the plan's credits for its period. A change brings `added_credits` from its instant to the period's end:
    the line that is charged names the plan that comes, the one given back the plan that goes. `credits_of` gives a plan's credits a month.
    """
    wanted = [line for line in lines if line.is_change == (reason == "update")]
    charged = max((line for line in wanted if line.amount >= 0), key=lambda line: (line.end, line.amount), default=None)
    if charged is None:
        return None
    if reason != "update":
        return Allotted(charged.plan_id, charged.start, charged.end, charged.start, credits_of(charged.plan_id))
    gone = next((line.plan_id for line in wanted if line.amount < 0 and line.end == charged.end), None)
    start = period_start(charged.end, anchor=anchor)
    before = credits_of(gone) if gone else 0
    added = added_credits(before, credits_of(charged.plan_id), start=start, end=charged.end, at=charged.start)
    return Allotted(charged.plan_id, start, charged.end, charged.start, added)


def added_credits(before: int, after: int, *, start: datetime, end: datetime, at: datetime) -> int:
    """The credits that a larger plan adds when it is taken at `at` in the period [start, end).

    floor((after - before) x (end - at) / (end - start)), in whole microseconds; `before` and `after` are the plans' credits a month. Nothing for a
    smaller plan: a change never takes credits away.
    """
    more, rest = max(0, after - before), min(max(end - at, timedelta()), end - start)
    return more * (rest // timedelta(microseconds=1)) // ((end - start) // timedelta(microseconds=1))


def period_start(end: datetime, *, anchor: datetime) -> datetime:
    """Where a month that ends at `end` began. Stripe counts its months from `anchor`, in UTC; the last day in shorter months."""
    months = (end.year - anchor.year) * 12 + end.month - anchor.month - 1
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, calendar.monthrange(year, month + 1)[1]))
