"""/admin/orders: any order, its payment, credits, refunds and disputes; sending money back; events that were given up."""

import reflex as rx

from credit_studio.ui.components.dead_events import dead_events, ruled
from credit_studio.ui.components.fields import lines_field, submit, text_field
from credit_studio.ui.components.money import Opens, Pay
from credit_studio.ui.components.parts import badge, card, empty, icon, note, page_head, waiting
from credit_studio.ui.pages import lost
from credit_studio.ui.states.orders import Back, Fact, Orders, Sold


def page() -> rx.Component:
    """The search, what it found, and the order that is looked at."""
    found = rx.cond(Orders.ready, _rows(), waiting("orders"))
    listed = card(rx.cond(Orders.wanted != "", "What was found", "Newest orders"), _search(), found, ident="orders")
    shown = rx.fragment(
        page_head("Orders", "Everything that anybody has ordered. A refund sends the money back and takes its credits with it."),
        rx.el.div(listed, rx.cond(Orders.chosen != "", _case(), rx.fragment()), dead_events(), class_name="stack xl"),
    )
    return rx.cond(Orders.denied, lost.not_found(), shown)


def _search() -> rx.Component:
    field = rx.el.input(
        type="search",
        id="wanted",
        name="wanted",
        class_name="in",
        max_length=320,
        default_value=Orders.wanted,
        key=Orders.wanted,
        auto_complete="off",
        spell_check=False,
        aria_describedby="wanted-help",
    )
    said = rx.el.p("An email address, a receipt\u2019s number, or an id of ours or of Stripe\u2019s. Empty: the newest.", class_name="help", id="wanted-help")
    line = rx.el.div(field, submit("Search", "search"), class_name="row")
    fault = rx.cond((Orders.chosen == "") & (Orders.fault != ""), note(Orders.fault, tone="b", symbol="circle-alert"), rx.fragment())
    form = rx.el.form(rx.el.label("Find an order", html_for="wanted"), line, said, rx.el.div(fault, role="alert"), on_submit=Orders.find, class_name="field")
    return rx.el.div(form, class_name="bd")


def _rows() -> rx.Component:
    table = ruled("Orders", ("Order", "Account", "State", "When", "Price"), rx.foreach(Orders.rows, _row), last="r")
    none = rx.cond(
        Orders.wanted != "",
        empty("search", "No order found", "Nobody has ordered anything under this address or number."),
        empty("receipt-text", "No orders yet", "Every order of everybody stands here, paid or not."),
    )
    return rx.cond(Orders.rows.length() > 0, table, none)


def _row(one: rx.Var[Sold]) -> rx.Component:
    row = one.row
    which = rx.cond(row.receipt != "", row.receipt, "no receipt")
    look = rx.el.button(row.what, type="button", class_name="linklike", on_click=Orders.open(row.id), aria_label="Look at " + row.what + ", " + which)
    state = rx.match(
        row.look,
        ("paid", badge(row.state, tone="g", symbol="circle-check")),
        ("back", badge(row.state, symbol="undo-2")),
        ("failed", badge(row.state, symbol="ban")),
        badge(row.state, tone="i", symbol="clock"),
    )
    return rx.el.tr(
        rx.el.th(rx.el.span(look, rx.el.span(which, class_name="muted small"), class_name="stack xs"), scope="row"),
        rx.el.td(one.email, class_name="do", custom_attrs={"data-l": "account"}),
        rx.el.td(state, class_name="nt"),
        rx.el.td(row.at, class_name="muted do", custom_attrs={"data-l": "when"}),
        rx.el.td(row.amount, class_name="r amt"),
        key=row.id,
    )


def _case() -> rx.Component:
    facts = rx.el.dl(rx.foreach(Orders.facts, _fact), class_name="kv")
    names = rx.el.dl(rx.foreach(Orders.names, _name), class_name="kv")
    ids = rx.el.div(rx.el.h3("At Stripe", class_name="strong"), names, class_name="stack sm")
    at_stripe = rx.cond(Orders.names.length() > 0, ids, rx.el.p("Nothing of it is at Stripe.", class_name="muted"))
    both = rx.el.div(facts, at_stripe, class_name="bd grid g2 wide-gap")
    table = ruled("Refunds and disputes of this order", ("What", "When", "Why", "Credits", "Amount"), rx.foreach(Orders.claims, _claim), last="r")
    none = rx.el.div(rx.el.p("Nothing was refunded or disputed.", class_name="muted"), class_name="bd")
    backs = rx.cond(Orders.claims.length() > 0, table, none)
    return card(Orders.title, both, rx.el.div(backs, class_name="ruled"), ident="case", aside=_refund())


def _fact(one: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(rx.el.dt(one.label), rx.el.dd(one.said), key=one.label)


def _name(one: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(rx.el.dt(one.label), rx.el.dd(one.said, class_name="mono small anywhere"), key=one.label)


def _claim(one: rx.Var[Back]) -> rx.Component:
    name = rx.el.span(rx.el.span(one.what, ": ", one.said), rx.el.span(one.ident, class_name="muted small mono"), class_name="stack xs")
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(one.at, class_name="muted do", custom_attrs={"data-l": "when"}),
        rx.el.td(one.reason, class_name="muted do", custom_attrs={"data-l": "why"}),
        rx.el.td(one.credits, class_name="do", custom_attrs={"data-l": "credits"}),
        rx.el.td(one.amount, class_name="r amt"),
        key=one.ident,
    )


def _refund() -> rx.Component:
    question = rx.cond(Orders.is_asked, "Send " + Orders.amount_said + " back?", "Refund this order")
    opens = Opens.create(
        rx.el.span(icon("undo-2"), "Refund \u2026", class_name="row tight"),
        rx.cond(Orders.is_asked, _asked(), _form()),
        label="Refund this order",
        look="btn",
        question=question,
        on_open=Orders.begin,
    )
    return rx.cond(Orders.refundable != "", opens, rx.el.span("Nothing left to refund", class_name="muted small"))


def _form() -> rx.Component:
    fault = rx.cond(Orders.fault != "", note(Orders.fault, tone="b", symbol="circle-alert"), rx.fragment())
    return rx.el.form(
        text_field("Amount", "amount", ident="refund-amount", most=20, default_value=Orders.amount, input_mode="decimal", auto_complete="off"),
        rx.el.p("At most ", Orders.refundable, ", what is left of it.", class_name="small muted"),
        lines_field(
            "Reason",
            "reason",
            ident="refund-reason",
            most=300,
            rows=2,
            about="Kept with the refund at Stripe and in the audit log.",
            default_value=Orders.reason,
        ),
        rx.el.div(fault, role="alert"),
        rx.el.div(submit("See what it takes back"), class_name="row flow answers"),
        on_submit=Orders.ask,
        class_name="stack",
    )


def _asked() -> rx.Component:
    facts = rx.el.dl(rx.foreach(Orders.effect, _fact), class_name="kv")
    send = Pay.create(
        path="/api/admin/refunds",
        body=Orders.body,
        label="Send " + Orders.amount_said + " back",
        look="btn danger full",
        done="The refund is made. It stands with the order.",
        on_done=Orders.refunded,
    )
    change = rx.el.button("Change it", type="button", class_name="btn full", on_click=Orders.begin)
    why = rx.el.p("Reason: ", Orders.reason, class_name="muted")
    return rx.el.div(facts, why, send, change, class_name="stack")
