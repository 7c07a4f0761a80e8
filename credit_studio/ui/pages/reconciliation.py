"""/admin/reconciliation: does what was paid agree with what was granted, and what waits for an operator."""

import reflex as rx

from credit_studio.ui.components.dead_events import dead_events, ruled
from credit_studio.ui.components.parts import badge, card, empty, page_head, waiting
from credit_studio.ui.pages import lost
from credit_studio.ui.states.reconciliation import Reconciliation, Waiting, Wrong


def page() -> rx.Component:
    """The last comparison and what is left to do."""
    found = rx.el.div(_verdict(), _wrong(), _unfinished(), dead_events(), class_name="stack xl")
    shown = rx.fragment(
        page_head("Reconciliation", "Every payment at Stripe has its one grant, and every grant its payment. Looked at every hour."),
        rx.cond(Reconciliation.ready, found, rx.el.div(waiting("the last comparison"), class_name="card")),
    )
    return rx.cond(Reconciliation.denied, lost.not_found(), shown)


def _verdict() -> rx.Component:
    good = badge("Everything agrees", tone="g", symbol="circle-check")
    bad = badge(Reconciliation.wrong.length(), " not in order", tone="b", symbol="circle-alert")
    state = rx.cond(Reconciliation.holds, good, bad)
    again = rx.el.button(
        rx.cond(Reconciliation.busy, "Comparing", "Compare now"), type="button", class_name="btn", on_click=Reconciliation.begin, disabled=Reconciliation.busy
    )
    mended = rx.el.div(
        rx.el.p("Nobody had told of these; they are written down now:", class_name="muted"),
        rx.el.ul(rx.foreach(Reconciliation.mended, lambda line: rx.el.li(line, class_name="mono small")), class_name="stack xs"),
        class_name="stack sm",
    )
    told = rx.el.div(
        rx.el.div(state, class_name="row"),
        rx.el.p(Reconciliation.looked, " of Stripe\u2019s objects were looked at on ", Reconciliation.at, "; our own book was compared whole."),
        rx.cond(Reconciliation.mended.length() > 0, mended, rx.el.p("Nothing had to be mended.", class_name="muted")),
        class_name="bd stack",
    )
    never = empty("scale", "Not compared yet", "The first comparison is made within an hour of the start.")
    return card("Last comparison", rx.cond(Reconciliation.at != "", told, never), ident="last", aside=again)


def _wrong() -> rx.Component:
    table = ruled("What does not agree", ("What", "About", "In detail"), rx.foreach(Reconciliation.wrong, _wrong_row))
    return rx.cond(Reconciliation.wrong.length() > 0, card("What does not agree", table, ident="wrong"), rx.fragment())


def _wrong_row(one: rx.Var[Wrong]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(one.title, scope="row"),
        rx.el.td(one.about, class_name="mono small do", custom_attrs={"data-l": "about"}),
        rx.el.td(one.said, class_name="muted do"),
        key=one.ident,
    )


def _unfinished() -> rx.Component:
    table = ruled("Unfinished orders", ("Order", "Stands as", "Since", "Price"), rx.foreach(Reconciliation.waiting, _waiting_row), last="r")
    none = empty("circle-check", "No order waits", "Orders that are unfinished for more than an hour are looked up at Stripe, and stand here until they end.")
    return card("Unfinished orders", rx.cond(Reconciliation.waiting.length() > 0, table, none), ident="unfinished")


def _waiting_row(one: rx.Var[Waiting]) -> rx.Component:
    which = rx.el.a(one.order_id, href="/admin/orders/?q=" + one.order_id, class_name="small mono")
    name = rx.el.span(one.what, which, class_name="stack xs")
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(badge(one.status), class_name="nt"),
        rx.el.td(one.since, class_name="muted do", custom_attrs={"data-l": "since"}),
        rx.el.td(one.price, class_name="r amt"),
        key=one.order_id,
    )
