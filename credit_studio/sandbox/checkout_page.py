"""The hosted Checkout page: what is bought on the left, the card on the right, and the test cards one click away. Works without scripts."""

from dataclasses import dataclass
from dataclasses import field as filled_with
from typing import Any

from credit_studio.sandbox.markup import Child, Html, tag
from credit_studio.sandbox.page import field, money, notice, page

Stored = dict[str, Any]  # an object as the sandbox keeps it: Stripe's own JSON

TEST_CARDS = {
    "4242424242424242": "Is accepted",
    "4000002500003155": "Asks for authentication",
    "4000000000000002": "Declined",
    "4000000000009995": "Declined: insufficient funds",
    "4000000000000069": "Declined: expired card",
    "4000000000000341": "Can be saved, never charged",
}
DEBITS = {"comes": "Debit a bank account: the money comes", "fails": "Debit a bank account: the money does not come"}
EVERY = {"day": "a day", "week": "a week", "month": "a month", "year": "a year"}


@dataclass(frozen=True)
class Typed:
    """What the person typed or chose; `card` is a saved card's id, empty for a new card."""

    number: str = ""
    expiry: str = ""
    cvc: str = ""
    name: str = ""
    email: str = ""
    card: str = ""
    save: bool = False


@dataclass(frozen=True)
class Trouble:
    """What stands in the way: a sentence above the form, and what is wrong with single fields."""

    text: str = ""
    fields: dict[str, str] = filled_with(default_factory=dict)


def checkout_page(session: Stored, lines: list[Stored], saved: list[Stored], typed: Typed, trouble: Trouble) -> Html:
    """The page of an open session: `lines` are its line items, `saved` the cards that the customer may choose from."""
    left = tag("section", _bought(session, lines), aria_label="Your order")
    right = tag("section", _form(session, saved, typed, trouble), class_="panel", aria_label="Payment")
    return page(_title(session), tag("div", left, right, class_="sides"), wide=True)


def closed_page(session: Stored) -> Html:
    """What the address shows when nothing can be paid there any more."""
    done = session["status"] == "complete"
    text = "You're all done here: this was paid already." if done else "This checkout session has timed out. Nothing was paid."
    target = success_address(session) if done else session["cancel_url"]
    return page("Checkout", notice("good" if done else "warn", text), tag("a", "Back to the shop", href=target, class_="button") if target else None)


def success_address(session: Stored) -> str:
    """Where the browser goes after paying, with the session's id where the shop asked for it."""
    return (session["success_url"] or "").replace("{CHECKOUT_SESSION_ID}", session["id"])


def _title(session: Stored) -> str:
    return {"payment": "Pay", "subscription": "Subscribe", "setup": "Save a card"}[session["mode"]]


def _bought(session: Stored, lines: list[Stored]) -> Child:
    if session["mode"] == "setup":
        return tag("p", "Your card is saved for later. Nothing is taken now.", class_="muted")
    currency = session["currency"]
    rows = [
        [tag("dt", line["description"], tag("br"), tag("span", _terms(line), class_="muted")), tag("dd", money(line["amount_total"], currency))]
        for line in lines
    ]
    total = [tag("dt", "Total today", class_="total"), tag("dd", money(session["amount_total"], currency), class_="total")]
    return [tag("p", money(session["amount_total"], currency), class_="sum"), tag("dl", rows, total, class_="lines panel")]


def _terms(line: Stored) -> str:
    recurring = line["price"]["recurring"]
    return f"{money(line['price']['unit_amount'], line['currency'])} {EVERY[recurring['interval']]}" if recurring else f"Quantity {line['quantity']}"


def _form(session: Stored, saved: list[Stored], typed: Typed, trouble: Trouble) -> Html:
    return tag(
        "form",
        notice("bad", trouble.text) if trouble.text else None,
        _email(session, typed, trouble),
        _saved_cards(saved, typed) if saved else None,
        _new_card(typed, trouble),
        _save_choice(session, typed),
        tag("button", _pay_label(session), name="do", value="pay", class_="main"),
        test_cards(),
        _debits() if may_debit(session) else None,
        tag("a", "Cancel and go back", href=session["cancel_url"], class_="back") if session["cancel_url"] else None,
        method="post",
        action=f"/sandbox/checkout/{session['id']}",
    )


def _email(session: Stored, typed: Typed, trouble: Trouble) -> Child:
    known = session["customer_email"] or (session["customer_details"] or {}).get("email")
    if known:
        return tag("p", known, class_="muted")
    return field("Email", "email", typed.email, wrong=trouble.fields.get("email", ""), inputmode="email")


def _saved_cards(saved: list[Stored], typed: Typed) -> Html:
    chosen = typed.card if any(typed.card == card["id"] for card in saved) else ""
    return tag(
        "fieldset",
        tag("legend", "Pay with"),
        [_choice(card["id"], card_name(card), chosen=chosen == card["id"]) for card in saved],
        _choice("", "Another card", chosen=not chosen),
    )


def card_name(method: Stored) -> str:
    """A saved card in words: `Visa ending in 4242, expires 12/34`."""
    card = method["card"]
    return f"{card['brand'].title()} ending in {card['last4']}, expires {card['exp_month']:02d}/{card['exp_year'] % 100:02d}"


def _choice(value: str, label: str, *, chosen: bool) -> Html:
    return tag("label", tag("input", type="radio", name="card", value=value, checked=chosen), label, class_="choice")


def _new_card(typed: Typed, trouble: Trouble) -> Child:
    return card_fields(typed, trouble.fields)


def card_fields(typed: Typed, wrong: dict[str, str]) -> Child:
    """The fields of a card; the portal asks with the same."""
    return [
        field("Card number", "number", typed.number, wrong=wrong.get("number", ""), inputmode="numeric"),
        tag(
            "div",
            field("Expires", "expiry", typed.expiry, hint="MM/YY", wrong=wrong.get("expiry", ""), inputmode="numeric"),
            field("CVC", "cvc", typed.cvc, hint="3 digits", wrong=wrong.get("cvc", ""), inputmode="numeric"),
            class_="pair",
        ),
        field("Name on card", "name", typed.name, wrong=wrong.get("name", "")),
    ]


def _save_choice(session: Stored, typed: Typed) -> Child:
    if (session["saved_payment_method_options"] or {}).get("payment_method_save") != "enabled":
        return None
    box = tag("input", type="checkbox", name="save", value="1", checked=typed.save)
    return tag("label", box, "Save this card for my next purchase", class_="choice")


def _pay_label(session: Stored) -> str:
    if session["mode"] == "setup":
        return "Save card"
    amount = money(session["amount_total"], session["currency"])
    return f"Subscribe for {amount}" if session["mode"] == "subscription" else f"Pay {amount}"


def test_cards() -> Html:
    """The test cards, one button each: it fills the form in and pays nothing yet."""
    buttons = [
        tag("button", tag("span", _grouped(number), class_="mono"), tag("span", does), name="fill", value=number, class_="plain")
        for number, does in TEST_CARDS.items()
    ]
    return tag("section", tag("h2", "Test cards"), tag("p", "A click fills the form in.", class_="muted"), buttons, aria_label="Test cards")


def may_debit(session: Stored) -> bool:
    """Whether the session takes a debit of a bank account, which is decided days later."""
    return "bacs_debit" in session["payment_method_types"]


def _debits() -> Html:
    told = tag("p", "The order is placed at once. The money comes three days later by the sandbox's clock, or does not.", class_="muted")
    buttons = [tag("button", words, name="debit", value=value, class_="plain") for value, words in DEBITS.items()]
    return tag("section", tag("h2", "Bank debit"), told, buttons, aria_label="Bank debit")


def _grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
