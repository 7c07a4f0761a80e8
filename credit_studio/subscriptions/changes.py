"""What a change of plan would do, in numbers and in words: told before anybody says yes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from credit_studio.catalog.views import Plan
from credit_studio.core.money import Money
from credit_studio.subscriptions.views import PlanView

Kind = Literal["subscribe", "upgrade", "downgrade", "cancel", "resume", "none"]
"""What choosing a plan does: begin to pay at the checkout, a larger plan at once, a smaller one or the first one at the end of the period, take
such a choice back, or nothing."""


@dataclass(frozen=True)
class Holdings:
    """What the person has now, in whole credits: of the plan, and their own (bought, won, given), which no change of plan touches."""

    plan: int
    own: int


@dataclass(frozen=True)
class Priced:
    """What a change at once costs and brings: money in minor units, whole credits, priced at an instant."""

    due: Money
    credits: int
    at: datetime | None


@dataclass(frozen=True)
class ChangePreview:
    """What choosing a plan would do. `due_now` is charged at once; `credits_now` arrive at once; `priced_at` holds that price for a while.

    `starts_at` is when the plan begins (None: at once), `then` what is charged at `then_at` and every month after. `stays`, `ends` and `carries_over`
    are sentences.
    """

    kind: Kind
    before: str
    after: str
    due_now: Money
    credits_now: int
    priced_at: datetime | None
    starts_at: datetime | None
    then: Money
    then_at: datetime | None
    stays: tuple[str, ...]
    ends: tuple[str, ...]
    carries_over: tuple[str, ...]


def kind_of(view: PlanView, held: Plan, wanted: Plan, *, first: Plan) -> Kind:
    """What choosing `wanted` does for somebody who holds `held`."""
    is_changing = view.cancel_at is not None or view.next_plan_id is not None
    if wanted.id == held.id:
        return "resume" if is_changing else "none"
    if wanted.by_agreement:
        return "none"
    if not view.is_paid:
        return "subscribe" if wanted.price else "none"
    if wanted.id == first.id or not wanted.price:
        return "none" if view.cancel_at is not None else "cancel"
    if wanted.price < held.price:
        return "none" if view.next_plan_id == wanted.id else "downgrade"
    return "upgrade"


def preview(kind: Kind, view: PlanView, held: Plan, wanted: Plan, *, has: Holdings, zone: str, currency: str, priced: Priced | None = None) -> ChangePreview:
    """The whole preview; `priced` is there for what is charged at once."""
    later = kind in ("downgrade", "cancel")
    then_at = None if kind == "subscribe" or not wanted.price else view.period_end
    return ChangePreview(
        kind=kind,
        before=held.id,
        after=wanted.id,
        due_now=priced.due if priced else Money(0, currency),
        credits_now=priced.credits if priced else 0,
        priced_at=priced.at if priced else None,
        starts_at=view.period_end if later else None,
        then=Money(wanted.price, currency),
        then_at=then_at,
        stays=tuple(_stays(kind, view, held, has, zone)),
        ends=tuple(_ends(kind, view, held, wanted, zone)),
        carries_over=tuple(_carries(kind, has)),
    )


def _stays(kind: Kind, view: PlanView, held: Plan, has: Holdings, zone: str) -> Sequence[str]:
    until = _day(view.period_end, zone)
    if kind in ("downgrade", "cancel"):
        return (
            f"{held.name} stays until {until}" + (f", with its daily cap of {held.daily_cap:,}." if held.daily_cap is not None else "."),
            f"The {_credits(has.plan)} left of this month stay until {until}.",
        )
    if kind == "resume":
        return (f"{held.name} goes on after {until}, as it is.",)
    return (f"The {_credits(has.plan)} left of {held.name} stay until {until}.",) if has.plan and kind != "none" else ()


def _ends(kind: Kind, view: PlanView, held: Plan, wanted: Plan, zone: str) -> Sequence[str]:
    if kind not in ("downgrade", "cancel"):
        return ()
    until = _day(view.period_end, zone)
    lines = [
        f"What is not used of {held.name} by {until} ends then.",
        f"From then on there are {_credits(wanted.monthly_credits)} a month instead of {held.monthly_credits:,}."
        if wanted.monthly_credits
        else f"From then on no credits come by themselves, instead of {held.monthly_credits:,} a month.",
    ]
    if held.daily_cap != wanted.daily_cap and wanted.daily_cap is not None:
        before = "none" if held.daily_cap is None else f"{held.daily_cap:,}"
        lines.append(f"The plan's daily cap falls from {before} to {wanted.daily_cap:,}.")
    return [*lines, "Nothing is charged any more."] if kind == "cancel" else lines


def _carries(kind: Kind, has: Holdings) -> Sequence[str]:
    if kind == "none":
        return ()
    own = (
        f"Your own {_credits(has.own)} (bought, won or given) stay yours and do not expire with a plan."
        if has.own
        else "Credits that you buy stay yours on every plan."
    )
    return (own, "History, kept results and your own caps stay as they are.") if kind in ("downgrade", "cancel") else (own,)


def _credits(count: int) -> str:
    return f"{count:,} credit{'' if count == 1 else 's'}"


def _day(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y}"
