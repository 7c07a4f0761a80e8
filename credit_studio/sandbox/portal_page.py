"""The hosted customer portal: the plan, the card, the invoices, and the way back to the shop."""

from typing import Any

from credit_studio.sandbox.checkout_page import EVERY, Trouble, Typed, card_fields, card_name, test_cards
from credit_studio.sandbox.markup import Child, Html, tag
from credit_studio.sandbox.page import day, money, notice, page, table

Stored = dict[str, Any]  # an object as the sandbox keeps it: Stripe's own JSON


def portal_page(session: Stored, subscriptions: list[Stored], cards: list[Stored], default: str | None, invoices: list[Stored], said: str = "") -> Html:
    """All three parts on one page; `default` is the id of the card that renewals are taken from, `said` what was just done."""
    return page(
        "Your plan and payments",
        notice("good", said) if said else None,
        tag("section", tag("h2", "Plan"), [_plan(session, one) for one in subscriptions] or tag("p", "No plan.", class_="muted"), class_="panel"),
        tag("section", tag("h2", "Cards"), _cards(session, cards, default), class_="panel"),
        tag("section", tag("h2", "Invoices"), _invoices(invoices), class_="panel"),
        tag("a", "Back to the shop", href=session["return_url"], class_="back") if session["return_url"] else None,
        wide=True,
    )


def card_page(session: Stored, typed: Typed, trouble: Trouble) -> Html:
    """Asks for a card that renewals are taken from."""
    form = tag(
        "form",
        notice("bad", trouble.text) if trouble.text else None,
        card_fields(typed, trouble.fields),
        tag("button", "Save card", name="do", value="save", class_="main"),
        test_cards(),
        method="post",
        action=f"{_address(session)}/card",
        class_="panel",
    )
    return page("Add a card", form, tag("a", "Cancel", href=_address(session), class_="back"))


def cancel_page(session: Stored, subscription: Stored) -> Html:
    """Asks once more before the plan is ended, and says until when it goes on."""
    item = subscription["items"]["data"][0]
    form = tag("form", tag("button", "Cancel plan", class_="main"), method="post", action=f"{_address(session)}/cancel/{subscription['id']}")
    until = f"Your plan goes on until {day(item['current_period_end'])} and is not renewed."
    return page("Cancel plan?", tag("p", until), form, tag("a", "Keep my plan", href=_address(session), class_="back"))


def _address(session: Stored) -> str:
    return f"/sandbox/portal/{session['id']}"


def _plan(session: Stored, subscription: Stored) -> Child:
    items = [
        tag("p", tag("strong", one["price"]["nickname"] or "Plan"), f" {money(one['price']['unit_amount'], one['price']['currency'])} {_every(one)}")
        for one in subscription["items"]["data"]
    ]
    return [items, tag("p", _ahead(subscription), class_="muted"), _plan_action(session, subscription)]


def _every(item: Stored) -> str:
    return EVERY[item["price"]["recurring"]["interval"]]


def _ahead(subscription: Stored) -> str:
    end = day(subscription["items"]["data"][0]["current_period_end"])
    if subscription["status"] == "past_due":
        return "The last payment failed. Change your card to keep the plan."
    return f"Ends on {end}." if subscription["cancel_at_period_end"] else f"Renews on {end}."


def _plan_action(session: Stored, subscription: Stored) -> Html:
    address = _address(session)
    if subscription["cancel_at_period_end"]:
        return tag("form", tag("button", "Keep my plan"), method="post", action=f"{address}/resume/{subscription['id']}")
    return tag("a", "Cancel plan", href=f"{address}/cancel/{subscription['id']}", class_="button")


def _cards(session: Stored, cards: list[Stored], default: str | None) -> Child:
    rows = [_card(session, one, default=one["id"] == default) for one in cards]
    return [rows or tag("p", "No card.", class_="muted"), tag("a", "Add a card", href=f"{_address(session)}/card", class_="button")]


def _card(session: Stored, method: Stored, *, default: bool) -> Html:
    if default:
        return tag("p", card_name(method), " ", tag("span", "Default", class_="chip"))
    button = tag("button", "Make default", aria_label=f"Make {card_name(method)} the default")
    return tag("form", tag("span", card_name(method)), button, method="post", action=f"{_address(session)}/default/{method['id']}", class_="row")


def _invoices(invoices: list[Stored]) -> Child:
    if not invoices:
        return tag("p", "No invoices yet.", class_="muted")
    rows: list[list[Child]] = [
        [
            tag("a", one["number"] or one["id"], href=f"/sandbox/invoices/{one['id']}"),
            day(one["created"]),
            money(one["total"], one["currency"]),
            one["status"].title(),
        ]
        for one in invoices
    ]
    return table("Invoices", ["Number", "Date", "Amount", "Status"], rows)
