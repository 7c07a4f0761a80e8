"""The sandbox's own page: its clock, the chaos switch, payments with what can befall them, and the webhooks that it sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from credit_studio.sandbox.chaos import Chaos
from credit_studio.sandbox.markup import Child, Html, tag
from credit_studio.sandbox.page import field, money, notice, page, table

Stored = dict[str, Any]  # an object as the sandbox keeps it: Stripe's own JSON
STEPS = {"1 hour": 3_600, "1 day": 86_400, "7 days": 7 * 86_400, "31 days": 31 * 86_400}
TROUBLES = {
    "duplicate": ("Sent twice", "An event arrives a second time."),
    "otherId": ("Told twice", "The same change arrives as another event, under another id."),
    "delay": ("Late", "A webhook waits before it is sent."),
    "reorder": ("Out of order", "A webhook changes places with others."),
    "dropReply": ("Answer lost", "The work is done, and the connection breaks before the answer."),
}
_WORDS = {
    "requires_payment_method": "Needs a card",
    "requires_confirmation": "Not tried yet",
    "requires_action": "Waits for the bank's page",
    "canceled": "Cancelled",
}


@dataclass(frozen=True)
class Payment:
    """One payment as the page shows it: its intent, the charge that went through, the dispute over it, and who paid."""

    intent: Stored
    charge: Stored | None
    dispute: Stored | None
    payer: str


@dataclass(frozen=True)
class Sent:
    """One webhook as the page shows it. `attempts` counts tries, `answer` is what the receiver said."""

    type: str
    state: str
    attempts: int
    answer: str


@dataclass(frozen=True)
class Overview:
    """All that the page shows."""

    now: int
    ahead_s: int
    chaos: Chaos
    paused: bool
    payments: Sequence[Payment]
    sent: Sequence[Sent]


def index_page(shown: Overview, said: str = "", trouble: str = "") -> Html:
    """The page; `said` is what was just done, `trouble` why it was not."""
    return page(
        "The sandbox",
        tag("p", "What Stripe's dashboard is for real payments. Everything here is made up and stays on this machine.", class_="muted"),
        notice("bad", trouble) if trouble else None,
        notice("good", said) if said else None,
        tag("section", tag("h2", "Payments"), _payments(shown.payments), class_="panel"),
        tag("section", tag("h2", "Clock"), _clock(shown), class_="panel"),
        tag("section", tag("h2", "Chaos"), _chaos(shown.chaos), class_="panel"),
        tag("section", tag("h2", "Webhooks"), _webhooks(shown), class_="panel"),
        wide=True,
    )


def moment(second: int) -> str:
    """`21 Nov 2026, 18:40`, in UTC."""
    at = datetime.fromtimestamp(second, UTC)
    return f"{at.day} {at:%b %Y, %H:%M}"


def _form(*inside: Child, of: str = "row") -> Html:
    return tag("form", *inside, method="post", action="/sandbox/", class_=of)


def _do(label: str, what: str, *, danger: bool = False) -> Html:
    return tag("button", label, name="do", value=what, class_="danger" if danger else None)


def _hidden(**values: str) -> list[Html]:
    return [tag("input", type="hidden", name=name, value=value) for name, value in values.items()]


def _clock(shown: Overview) -> Child:
    ahead = f", {shown.ahead_s / 86_400:,.1f} days ahead of real time" if shown.ahead_s else ""
    steps = [tag("button", label, name="by", value=str(seconds)) for label, seconds in STEPS.items()]
    return [
        tag("p", tag("strong", f"{moment(shown.now)} UTC"), ahead),
        tag("p", "Moving the clock renews plans, tries failed invoices again and ends Checkout pages that nobody paid.", class_="muted"),
        _form(_hidden(do="clock"), tag("span", "Move forward by"), steps),
    ]


def _chaos(chaos: Chaos) -> Child:
    said = chaos.model_dump()
    fields = [
        field(label, name, f"{said[name]:g}", hint=hint, type="number", min="0", max="1", step="0.05", inputmode="decimal")
        for name, (label, hint) in TROUBLES.items()
    ]
    return [
        tag("p", "How likely each trouble is: 0 is never, 1 is always.", class_="muted"),
        _form(
            fields,
            field("Seed", "seed", str(chaos.seed), hint="The same seed gives the same troubles.", type="number", step="1"),
            _do("Set chaos", "chaos"),
            of="grid",
        ),
    ]


def _payments(payments: Sequence[Payment]) -> Child:
    if not payments:
        return tag("p", "No payments yet. Buy a credit pack, then refund or dispute it here.", class_="muted")
    return tag("ul", [tag("li", _told(one), _actions(one)) for one in payments], class_="payments")


def _told(one: Payment) -> Html:
    about = one.intent["description"] or "Payment"
    return tag(
        "div",
        tag("strong", money(one.intent["amount"], one.intent["currency"])),
        f" {one.payer}",
        tag("br"),
        tag("span", f"{moment(one.intent['created'])} UTC, {about}", class_="muted"),
        tag("br"),
        _state(one),
    )


def _state(one: Payment) -> Child:
    if one.charge is None:
        wrong = one.intent["last_payment_error"]
        return wrong["message"] if wrong else _WORDS.get(one.intent["status"], one.intent["status"])
    back, whole = one.charge["amount_refunded"], one.charge["amount"]
    words = ["Paid" if not back else "Refunded" if back == whole else f"Paid, {money(back, one.intent['currency'])} refunded"]
    if one.dispute is not None:
        words.append(f"Dispute over {money(one.dispute['amount'], one.intent['currency'])}: {one.dispute['status'].replace('_', ' ')}")
    return ". ".join(words)


def _actions(one: Payment) -> Child:
    if one.charge is None:
        return None
    if one.dispute is not None and one.dispute["status"] in {"needs_response", "under_review"}:
        return _form(_hidden(dispute=one.dispute["id"]), _do("Won", "won"), _do("Lost", "lost", danger=True))
    left = one.charge["amount"] - one.charge["amount_refunded"]
    if left == 0 or (one.dispute is not None and one.dispute["status"] == "lost"):
        return None
    when = moment(one.intent["created"])
    amount = tag(
        "input", name="amount", value=f"{left / 100:.2f}", inputmode="decimal", aria_label=f"Amount to refund of the payment of {when}", class_="short"
    )
    dispute = None if one.charge["disputed"] else _do("Dispute", "dispute", danger=True)
    return _form(_hidden(charge=one.charge["id"]), amount, _do("Refund", "refund"), dispute)


def _webhooks(shown: Overview) -> Child:
    held = notice("warn", "Webhooks are held.") if shown.paused else None
    hold = _do("Let them go", "resume") if shown.paused else _do("Hold them", "pause")
    rows: list[list[Child]] = [[tag("span", one.type, class_="mono"), one.state, str(one.attempts), one.answer] for one in shown.sent]
    sent = table("Webhooks, newest first", ["Event", "State", "Tries", "Answer"], rows) if rows else tag("p", "None yet.", class_="muted")
    return [held, _form(_do("Send all that wait", "flush"), hold), sent]
