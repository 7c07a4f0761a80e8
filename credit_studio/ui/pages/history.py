"""/account/credits/history: every movement with its balance after, to be searched, taken along and added up."""

from typing import Any

import reflex as rx

from credit_studio.ui.components.movements import movement_table
from credit_studio.ui.components.parts import card, crumbs, empty, icon, link_button, native_link, note, page_head, pager, waiting
from credit_studio.ui.states.history import LONGEST_TEXT, History

_KINDS = (
    ("", "All types"),
    ("consumption", "Charged runs"),
    ("not_charged", "Not charged"),
    ("purchase", "Bought"),
    ("allocation", "From the plan"),
    ("promo", "Codes and bonuses"),
    ("gift", "Gifts"),
    ("refund", "Refunds"),
    ("expiry", "Expired"),
    ("adjustment", "By hand"),
)
_EXPORT = "/api/credits/transactions/export?format="


def page() -> rx.Component:
    """The filters, the list, and the papers."""
    return rx.fragment(
        crumbs(("Account", "/account/"), ("History", None)),
        page_head("History", "Everything that moved your credits, with the balance after it. Runs that were not charged are here with 0 and the reason."),
        _filters(),
        rx.el.div(_list(), _papers(), class_name="stack xl"),
    )


def _filters() -> rx.Component:
    kinds = [rx.el.option(label, value=value) for value, label in _KINDS]
    kind = rx.el.select(*kinds, value=History.kind, on_change=History.by_kind, id="by-type", class_name="in")
    tools = rx.el.select(
        rx.el.option("All tools", value=""),
        rx.foreach(History.tools, lambda tool: rx.el.option(tool.label, value=tool.value, key=tool.value)),
        value=History.tool,
        on_change=History.by_tool,
        id="by-tool",
        class_name="in",
    )
    clear = rx.el.button(icon("x"), "Clear", type="button", class_name="btn ghost", on_click=History.clear)
    return rx.el.div(
        _by("Type", kind, "by-type"),
        _by("Tool", tools, "by-tool"),
        _by("From", _day(History.since, History.by_first_day, "by-first-day"), "by-first-day"),
        _by("To", _day(History.until, History.by_last_day, "by-last-day"), "by-last-day"),
        _search(),
        rx.cond(_is_narrowed(), clear, rx.fragment()),
        class_name="filters low",
        role="search",
        aria_label="Find movements",
    )


def _is_narrowed() -> rx.Var[bool]:
    return (History.kind + History.tool + History.since + History.until + History.text).length() > 0


def _search() -> rx.Component:
    field = rx.el.input(
        type="search", name="q", id="by-words", class_name="in", default_value=History.text, key=History.text, max_length=LONGEST_TEXT, auto_complete="off"
    )
    go = rx.el.button(icon("search"), type="submit", class_name="btn icon", aria_label="Search", title="Search")
    return rx.el.form(_by("Words", rx.el.div(field, go, class_name="row"), "by-words"), on_submit=History.search, class_name="by")


def _by(label: str, field: rx.Component, ident: str) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=ident, class_name="small"), field, class_name="by stack sm")


def _day(value: rx.Var[str], on_change: Any, ident: str) -> rx.Component:  # noqa: ANN401 - an event handler
    return rx.el.input(type="date", id=ident, class_name="in", value=value, on_change=on_change, min="2000-01-01", max="2099-12-31")


def _list() -> rx.Component:
    table = movement_table(History.rows, History.zone, caption="Your movements")
    found = rx.cond(History.rows.length() > 0, table, rx.cond(History.looked != "", rx.fragment(), _none()))
    pages = pager(newer=(History.has_newer, History.newer), older=(History.has_older, History.older))
    body = rx.cond(History.fault != "", _trouble(), rx.fragment(found, _looked(), pages))
    export = rx.el.div(
        native_link(icon("download"), "CSV", href=f"{_EXPORT}csv", class_name="btn", aria_label="Whole history as CSV", download=True),
        native_link(icon("download"), "JSON", href=f"{_EXPORT}json", class_name="btn", aria_label="Whole history as JSON", download=True),
        class_name="row",
    )
    return card("Movements", rx.cond(History.ready, body, waiting("the movements", rows=8)), ident="movements", aside=export)


def _looked() -> rx.Component:
    """A search goes through so many movements at once: the rest on demand."""
    said = note("Looked back to ", History.looked, ". Older shows what is before.", symbol="search")
    return rx.el.div(rx.cond(History.looked != "", rx.el.div(said, class_name="bd"), rx.fragment()), role="status")


def _trouble() -> rx.Component:
    again = rx.el.button("Try again", type="button", class_name="btn", on_click=History.again)
    said = note(rx.el.b("The history could not be read.", class_name="strong"), " ", History.fault, tone="b", symbol="circle-alert")
    return rx.el.div(said, again, class_name="bd stack", role="alert")


def _none() -> rx.Component:
    clear = rx.el.button("Show everything", type="button", class_name="btn", on_click=History.clear)
    nothing = empty("search-x", "No movement fits", "Nothing that moved your credits is of this type, tool, time and words.", clear)
    first = empty("history", "Nothing has moved yet", "Credits that come in and every server run will stand here.", link_button("Choose a tool", "/tools/"))
    return rx.cond(_is_narrowed(), nothing, first)


def _papers() -> rx.Component:
    options = rx.foreach(History.months, lambda month: rx.el.option(month.label, value=month.value, key=month.value))
    pick = rx.el.select(options, value=History.month, on_change=History.pick_month, id="month", class_name="in")
    pdf = native_link(
        icon("download"), "PDF", href="/api/credits/statement.pdf?month=" + History.month, class_name="btn", aria_label="Statement as PDF", download=True
    )
    row = rx.el.div(
        rx.el.div(rx.el.label("Month", html_for="month", class_name="small muted"), pick, class_name="stack sm"),
        pdf,
        class_name="row flow",
        style={"align_items": "flex-end"},
    )
    about = rx.el.p("What there was, what came, what went and what is left: it adds up to the credit, in your time zone.", class_name="muted prose")
    return card("Monthly statement", rx.cond(History.ready, rx.el.div(about, row, class_name="bd stack"), waiting("the months", rows=1)), ident="statement")
