"""Plans and changes of them, in words. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from credit_studio.subscriptions.changes import ChangePreview
from credit_studio.subscriptions.changing import PlanOffer
from credit_studio.subscriptions.views import PlanView
from credit_studio.ui import offering, selling, words

_VERBS = {"subscribe": "Choose", "upgrade": "Upgrade", "downgrade": "Downgrade", "cancel": "Downgrade", "resume": "Keep it"}


@dataclass(frozen=True)
class PlanRow:
    """A plan as a row; `verb` is empty where there is nothing to choose, `said` stands there instead."""

    id: str
    name: str
    credits: str
    cap: str
    price: str
    is_held: bool
    verb: str
    said: str


@dataclass(frozen=True)
class Fact:
    """A line of a change: what, and how much or when."""

    label: str
    value: str


@dataclass(frozen=True)
class Change:
    """A change of plan as it is asked for: `question`, the facts of money, what stays, ends and carries over; `priced_at` goes back with the yes."""

    plan_id: str = ""
    question: str = ""
    verb: str = ""
    facts: list[Fact] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    carries: list[str] = field(default_factory=list)
    priced_at: str = ""
    done: str = ""


@dataclass(frozen=True)
class Standing:
    """How the plan stands when something is to be said of it: `look` is "due", "ending", "changing", or "" when it goes on as it is."""

    look: str = ""
    head: str = ""
    tail: str = ""


def row(offer: PlanOffer, view: PlanView, zone: str) -> PlanRow:
    """A plan for somebody who holds `view`."""
    price = offering.price(offer.price, by_agreement=offer.by_agreement)
    figures = (offering.figure(offer.monthly_credits, offer.credits_once), offering.cap(offer.daily_cap), price)
    return PlanRow(offer.id, offer.name, *figures, offer.is_held, _VERBS.get(offer.change, ""), _said(offer, view, zone))


def _said(offer: PlanOffer, view: PlanView, zone: str) -> str:
    if offer.change != "none":
        return ""
    if offer.is_held and not offer.monthly_credits:
        return ""
    if offer.is_held:
        return "payment failed" if view.status == "past_due" else f"renews {_day(view.period_end, zone)}"
    if offer.by_agreement:
        return "ask the operator"
    return f"follows {_day(view.cancel_at or view.period_end, zone)}" if view.cancel_at or view.next_plan_id else ""


def standing(view: PlanView, follows: str, zone: str) -> Standing:
    """What is to be said of a plan that `follows` comes after."""
    if view.status == "past_due":
        tail = "Stripe tries again over the next days. Change the card to keep the plan; its credits and your own stay until then."
        return Standing("due", f"The payment for {view.name} failed.", tail)
    if view.cancel_at is not None:
        return Standing(
            "ending", f"{view.name} ends on {selling.date(view.cancel_at, zone)}.", f"Until then nothing changes; {follows} follows. Nothing more is charged."
        )
    if view.next_plan_id is not None:
        return Standing("changing", f"{follows} follows on {selling.date(view.period_end, zone)}.", f"Until then {view.name} stays as it is.")
    return Standing()


def change(seen: ChangePreview, before: PlanOffer, after: PlanOffer, zone: str) -> Change:
    """A preview as a question with its facts."""
    question, verb, done = _asked(seen, before, after, zone)
    return Change(
        plan_id=after.id,
        question=question,
        verb=verb,
        facts=_facts(seen, zone),
        stays=list(seen.stays),
        ends=list(seen.ends),
        carries=list(seen.carries_over),
        priced_at=seen.priced_at.isoformat() if seen.priced_at else "",
        done=done,
    )


def _asked(seen: ChangePreview, before: PlanOffer, after: PlanOffer, zone: str) -> tuple[str, str, str]:
    price = f"{seen.due_now.said}"
    on = selling.date(seen.starts_at, zone) if seen.starts_at else ""
    asked = {
        "subscribe": (f"Subscribe to {after.name} for {price} a month?", f"Subscribe for {price}, at Stripe", ""),
        "upgrade": (f"Upgrade to {after.name} for {price} now?", f"Upgrade for {price}", f"{after.name} is your plan now."),
        "downgrade": (f"Change to {after.name} on {on}?", f"Change to {after.name}", f"{after.name} follows on {on}."),
        "cancel": (f"End {before.name} on {on}?", f"End {before.name}", f"{before.name} ends on {on}."),
        "resume": (f"Keep {before.name}?", f"Keep {before.name}", f"{before.name} goes on."),
    }
    return asked.get(seen.kind, (f"{after.name} is your plan.", "", ""))


def _facts(seen: ChangePreview, zone: str) -> list[Fact]:
    facts = [Fact("Charged now", seen.due_now.said)]
    if seen.credits_now:
        facts.append(Fact("Credits now", f"+{words.number(seen.credits_now)}"))
    if seen.then.amount and seen.kind != "resume":
        when = f", from {selling.date(seen.then_at, zone)} on" if seen.then_at else ", after the first"
        facts.append(Fact("Every month" + when, seen.then.said))
    return facts


def _day(at: datetime, zone: str) -> str:
    local = at.astimezone(words.zone(zone))
    return f"{local.day} {local:%b}"
