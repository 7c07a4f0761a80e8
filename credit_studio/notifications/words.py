"""Alerts in words: what happened first, then what follows, then one page that helps. Pure.

Each kind of alert is one function of its figures, which are kept as JSON: instants in ISO 8601, money as it is read.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from credit_studio.core.moments import moment
from credit_studio.notifications.views import Said

Data = Mapping[str, Any]
LIMITS, CREDITS, BILLING, RECEIPTS = "/account/settings/credits", "/account/credits", "/account/billing", "/account/receipts"
_SPANS = {"day": "daily", "month": "monthly"}


def _credits(count: int) -> str:
    return f"{count:,} credit{'' if count == 1 else 's'}"


def _when(data: Data, name: str) -> str:
    return moment(datetime.fromisoformat(data[name]), data["zone"])


def _cap(data: Data) -> str:
    whose = "Your own" if data["subject"] == "own" else "The plan's"
    return f"{whose} {_SPANS[data['label']]} cap"


def _cap_near(data: Data) -> Said:
    title = f"{_cap(data)}: {data['spent']:,} of {data['limit']:,} spent"
    text = f"{data['percent']}\u00a0% is reached. It resets on {_when(data, 'resets_at')}."
    return Said(title, text, "Change limits", LIMITS, "warn")


def _cap_reached(data: Data) -> Said:
    title = f"{_cap(data)} is reached: {data['spent']:,} of {data['limit']:,} spent"
    reset = _when(data, "resets_at")
    if data["subject"] == "own":
        return Said(title, f"Paid runs stop until {reset}. Browser runs still work.", "Change limits", LIMITS, "bad")
    return Said(title, f"Bought credits pay now. Without any, paid runs stop until {reset}.", "Top up", CREDITS, "bad")


def _low_balance(data: Data) -> Said:
    title = f"{_credits(data['left'])} left"
    return Said(title, f"That is below {data['below']:,}. Nothing stops while there are enough for a run.", "Top up", CREDITS, "warn")


def _expiring_soon(data: Data) -> Said:
    title = f"{_credits(data['credits'])} end on {_when(data, 'ends_at')}"
    return Said(title, "They are used before credits that end later. What is not used by then goes.", "See credits", CREDITS, "warn")


def _recharge_changed(data: Data) -> Said:
    if not data["enabled"]:
        return Said("Auto-recharge is off", "Nothing is bought by itself from now on.", "See it", CREDITS, "plain")
    text = f"Below {_credits(data['below'])} the {data['pack']} pack is bought with your saved card, for at most {data['ceiling']} a month."
    return Said("Auto-recharge is on", text, "See it", CREDITS, "plain")


def _recharge_stopped(data: Data) -> Said:
    return Said("Auto-recharge has stopped", f"{data['said']} Nothing is bought by itself any more. {data['action']}".strip(), "Fix it", CREDITS, "bad")


def _recharge_ceiling(data: Data) -> Said:
    text = f"Another pack would pass your ceiling of {data['ceiling']} a month. Nothing was charged; attempts that failed count."
    return Said("Auto-recharge waits: the month's ceiling", text, "Change it", CREDITS, "warn")


def _recharge_paid(data: Data) -> Said:
    return Said(f"{_credits(data['credits'])} bought by auto-recharge", f"{data['amount']} was charged to your saved card.", "Receipt", RECEIPTS, "good")


def _recharge_failed(data: Data) -> Said:
    return Said("Auto-recharge failed", f"Nothing was charged. {data['said']}", "Fix it", CREDITS, "bad")


def _purchase_paid(data: Data) -> Said:
    return Said(f"{_credits(data['credits'])} bought", f"{data['amount']} was charged. They do not expire.", "Receipt", RECEIPTS, "good")


def _purchase_failed(data: Data) -> Said:
    return Said(f"A purchase failed: {data['name']}", f"Nothing was charged. {data['said']}", "Try again", CREDITS, "bad")


def _purchase_refunded(data: Data) -> Said:
    if data["credits"] < 0:
        text = f"{_credits(-data['credits'])} came back to you."
        return Said("A refund did not go through", f"{data['amount']} stays with the seller. {text}", "History", RECEIPTS, "warn")
    return Said(f"{data['amount']} refunded", f"{_credits(data['credits'])} were taken back for it.", "Receipt", RECEIPTS, "plain")


def _purchase_disputed(data: Data) -> Said:
    moved = data["credits"]
    text = "No credits moved."
    if moved:
        text = f"{_credits(-moved)} were taken back until it is settled." if moved < 0 else f"{_credits(moved)} came back to you."
    title = {"needs_response": "A payment is disputed", "won": "A dispute ended: the payment stands", "lost": "A dispute ended: the payment went back"}
    return Said(title.get(data["status"], "A dispute has changed"), text, "See purchases", RECEIPTS, "warn")


def _card_trouble(data: Data) -> Said:
    card = f"The card ending in {data['last4']}" if data["last4"] else "The saved card"
    return Said(f"{card} cannot be charged", f"{data['said']} One-click top-up and auto-recharge are paused.", "Fix card", BILLING, "bad")


def _plan_changed(data: Data) -> Said:
    if data["ends_at"]:
        title = f"{data['plan']} ends on {_when(data, 'ends_at')}"
        return Said(title, "Bought credits stay. The first plan follows by itself.", "See plan", BILLING, "plain")
    return Said(f"Your plan is {data['plan']}", "Its credits and caps count from now on.", "See plan", BILLING, "plain")


def _plan_paid(data: Data) -> Said:
    return Said(f"{data['plan']}: {_credits(data['credits'])} added", f"{data['amount']} was charged for the period.", "Receipt", RECEIPTS, "good")


def _dunning(data: Data) -> Said:
    return Said(
        f"The payment for {data['plan']} failed", "It is tried again. Without a payment the plan ends; bought credits stay.", "Fix card", BILLING, "bad"
    )


KINDS: dict[str, Callable[[Data], Said]] = {
    "cap_near": _cap_near,
    "cap_reached": _cap_reached,
    "low_balance": _low_balance,
    "expiring_soon": _expiring_soon,
    "recharge_changed": _recharge_changed,
    "recharge_stopped": _recharge_stopped,
    "recharge_ceiling": _recharge_ceiling,
    "recharge_paid": _recharge_paid,
    "recharge_failed": _recharge_failed,
    "purchase_paid": _purchase_paid,
    "purchase_failed": _purchase_failed,
    "purchase_refunded": _purchase_refunded,
    "purchase_disputed": _purchase_disputed,
    "card_trouble": _card_trouble,
    "plan_changed": _plan_changed,
    "plan_paid": _plan_paid,
    "dunning": _dunning,
}
"""Every kind of alert, and how it is said."""

GROUPS: dict[str, tuple[str, ...]] = {
    "limits": ("cap_near", "cap_reached"),
    "credits": ("low_balance", "expiring_soon"),
    "payments": tuple(kind for kind in KINDS if kind.startswith(("recharge", "purchase", "card", "plan", "dunning"))),
}
"""What a list of alerts is filtered by, besides one kind."""


def said(kind: str, data: Data) -> Said:
    """The alert in words; raises KeyError for an unknown kind."""
    return KINDS[kind](data)
