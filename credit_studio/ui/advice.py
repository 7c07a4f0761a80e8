"""The one thing that the overview suggests, if any: by rules in order of weight, from facts alone. Pure.

What the header says already (nothing left, a cap that stops runs now, a declined card) is not said again here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from credit_studio.analytics.views import Forecast
from credit_studio.ui import limiting, outlook, words
from credit_studio.ui.widget import Look

LOOK_BACK_DAYS = 7
"""How far back a cap that was reached counts."""
_SOON = timedelta(days=7)
_OFTEN = 2
_MOST_RUNS = 50
"""More than so many are not run in a week for the sake of what is left."""
_SAID_ABOVE: frozenset[Look] = frozenset({"negative", "empty", "capped", "card_failed"})
_CREDITS = "/account/credits/"


@dataclass(frozen=True)
class Advice:
    """Cause, consequence, one action; all empty when there is nothing to suggest."""

    head: str = ""
    tail: str = ""
    label: str = ""
    href: str = ""


@dataclass(frozen=True)
class Favourite:
    """The tool that was run last, and what a run of its example typically costs."""

    title: str
    href: str
    typical: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules go by. Credits are whole; `today` and the forecast's days are those of the person's zone.

    `spent` is what runs cost lately, `reached` the daily caps that were reached on the last `LOOK_BACK_DAYS` days and still hold: "own" or "plan",
    once for each day. `is_topped_up`: auto-recharge buys by itself. `low` is the balance at which the person wants to be told, if any.
    """

    look: Look
    today: date
    forecast: Forecast
    available: int
    own_credits: int
    spent: int = 0
    reached: Sequence[str] = ()
    is_topped_up: bool = False
    has_card: bool = False
    low: int | None = None
    tool: Favourite | None = None


def advise(facts: Facts) -> Advice:
    """The weightiest suggestion that applies."""
    if facts.look in _SAID_ABOVE:
        return Advice()
    rules = (_runs_dry, _own_cap, _plan_cap, _ends_unused, _low_by_hand)
    return next((found for rule in rules if (found := rule(facts))), Advice())


def _runs_dry(facts: Facts) -> Advice | None:
    """Use as it is leaves a gap before the next credits come; nobody needs to be told whom auto-recharge tops up."""
    out, renews = facts.forecast.runs_out_at, outlook.renewal_of(facts.forecast)
    if out is None or not facts.spent or facts.is_topped_up or (renews is not None and renews <= out):
        return None
    gap = "the credits will be used up, and none are booked to come" if renews is None else f"{_days((renews - out).days)} without credits before the renewal"
    return Advice(f"At this pace {gap}.", "Server runs stop then; browser runs still cost 0.", "See packs and plans", _CREDITS)


def _own_cap(facts: Facts) -> Advice | None:
    times = facts.reached.count("own")
    if times < _OFTEN:
        return None
    head = f"Your own daily cap was reached on {times} of the last {LOOK_BACK_DAYS} days."
    return Advice(head, "Paid runs stopped until midnight each time.", "Change the cap", limiting.link_of("day"))


def _plan_cap(facts: Facts) -> Advice | None:
    """Who has credits of their own is not stopped by the plan's cap."""
    times = facts.reached.count("plan")
    if times < _OFTEN or facts.own_credits:
        return None
    head = f"The plan’s daily cap was reached on {times} of the last {LOOK_BACK_DAYS} days."  # noqa: RUF001 - a typographic apostrophe
    return Advice(head, "Paid runs stopped until midnight each time. Bought credits pass that cap.", "See packs and plans", _CREDITS)


def _ends_unused(facts: Facts) -> Advice | None:
    """The plan's credits that end with its period, when they would pay for a run of the tool that is used."""
    renews, tool = outlook.renewal_of(facts.forecast), facts.tool
    lost = sum(one.amount for one in facts.forecast.bookings if one.kind == "expiry" and one.date == renews)
    if renews is None or tool is None or not tool.typical or renews - facts.today > _SOON:
        return None
    runs = lost // tool.typical
    if not 1 <= runs <= _MOST_RUNS:
        return None
    head = f"The plan credits that end on {outlook.day(renews)} would pay for about {words.number(runs)} run{'' if runs == 1 else 's'} of {tool.title}."
    return Advice(head, "They are there already; what is not used by then goes.", f"Open {tool.title}", tool.href)


def _low_by_hand(facts: Facts) -> Advice | None:
    if not facts.has_card or facts.is_topped_up or facts.low is None or facts.available >= facts.low:
        return None
    head = f"The balance is below the {words.credits_of(facts.low)} at which you want to be told."
    return Advice(head, "A card is saved, and auto-recharge is off: nothing is bought by itself.", "See auto-recharge", f"{limiting.PATH}#buying")


def _days(count: int) -> str:
    return f"there {'is 1 day' if count == 1 else f'are {count} days'}"
