"""/admin/reconciliation: does what was paid agree with what was granted, and what waits for an operator."""

import reflex as rx

from credit_studio.ui.components.parts import Child, badge, card, crumbs, empty, link_button, page_head, waiting
from credit_studio.ui.states.reconciliation import Dead, Reconciliation, Waiting, Wrong


def page() -> rx.Component:
    """The last comparison and what is left to do."""
    denied = rx.el.div(
        empty("lock", "For operators only", "Your account does not have the operator\u2019s role.", link_button("Go to your account", "/account/")),
        class_name="card",
    )
    found = rx.el.div(_verdict(), _wrong(), _unfinished(), _dead(), class_name="stack xl")
    return rx.fragment(
        crumbs(("Admin", None), ("Reconciliation", None)),
        page_head("Reconciliation", "Every payment at Stripe has its one grant, and every grant its payment. Looked at every hour."),
        rx.cond(Reconciliation.denied, denied, rx.cond(Reconciliation.ready, found, rx.el.div(waiting("the last comparison"), class_name="card"))),
    )


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
    table = _table("What does not agree", ("What", "About", "In detail"), rx.foreach(Reconciliation.wrong, _wrong_row))
    return rx.cond(Reconciliation.wrong.length() > 0, card("What does not agree", table, ident="wrong"), rx.fragment())


def _wrong_row(one: rx.Var[Wrong]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(one.title, scope="row"),
        rx.el.td(one.about, class_name="mono small do", custom_attrs={"data-l": "about"}),
        rx.el.td(one.said, class_name="muted do"),
        key=one.ident,
    )


def _unfinished() -> rx.Component:
    table = _table("Unfinished orders", ("Order", "Stands as", "Since", "Price"), rx.foreach(Reconciliation.waiting, _waiting_row), last="r")
    none = empty("circle-check", "No order waits", "Orders that are unfinished for more than an hour are looked up at Stripe, and stand here until they end.")
    return card("Unfinished orders", rx.cond(Reconciliation.waiting.length() > 0, table, none), ident="unfinished")


def _waiting_row(one: rx.Var[Waiting]) -> rx.Component:
    name = rx.el.span(one.what, rx.el.span(one.order_id, class_name="muted small mono"), class_name="stack xs")
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(badge(one.status), class_name="nt"),
        rx.el.td(one.since, class_name="muted do", custom_attrs={"data-l": "since"}),
        rx.el.td(one.price, class_name="r amt"),
        key=one.order_id,
    )


def _dead() -> rx.Component:
    table = _table("Events that were given up", ("Event", "Received", "Tries", "Why"), rx.foreach(Reconciliation.dead, _dead_row), more="Replay")
    none = empty("circle-check", "No event was given up", "An event that fails is tried again for half a day; after that it stands here.")
    return card("Events that were given up", rx.cond(Reconciliation.dead.length() > 0, table, none), ident="dead")


def _dead_row(one: rx.Var[Dead]) -> rx.Component:
    which = rx.el.span(one.event_id, " about ", one.about, class_name="muted small mono")
    name = rx.el.span(rx.el.span(one.kind, class_name="mono"), which, class_name="stack xs")
    words = {"aria_label": "Replay the event " + one.event_id}
    replay = rx.el.button("Replay", type="button", class_name="btn", on_click=Reconciliation.replay(one.event_id), **words)
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(one.received, class_name="muted do", custom_attrs={"data-l": "received"}),
        rx.el.td(one.attempts, class_name="do", custom_attrs={"data-l": "tries"}),
        rx.el.td(one.error, class_name="muted do"),
        rx.el.td(replay, class_name="r do"),
        key=one.event_id,
    )


def _table(caption: str, heads: tuple[str, ...], rows: Child, *, last: str = "", more: str = "") -> rx.Component:
    cells = [rx.el.th(text, scope="col", class_name=last if last and text == heads[-1] else "") for text in heads]
    hidden = [rx.el.th(rx.el.span(more, class_name="vh"), scope="col")] if more else []
    head = rx.el.thead(rx.el.tr(*cells, *hidden))
    table = rx.el.table(rx.el.caption(caption, class_name="vh"), head, rx.el.tbody(rows), class_name="tbl cards")
    return rx.el.div(table, class_name="scroll")
