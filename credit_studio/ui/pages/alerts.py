"""/account/alerts: what the person was told, and in development the mails that were kept here."""

import reflex as rx

from credit_studio.ui.components.money import Follows
from credit_studio.ui.components.parts import card, empty, icon, link_button, page_head, pager, waiting
from credit_studio.ui.states.alerts import FILTERS, Alerts, Line, Mail
from credit_studio.ui.states.balance import Balance


def page() -> rx.Component:
    """The list, and the mails."""
    return rx.fragment(
        page_head(
            "Alerts",
            "Each crossing of a limit, each change of your money, told once.",
            aside=[link_button("What you are told", "/account/settings/credits/", symbol="sliders-horizontal")],
        ),
        Follows.create(value=Balance.alerted.to_string(), on_change=Alerts.follow),
        rx.el.div(_filters(), _list(), rx.cond(Alerts.mails.length() > 0, _mails(), rx.fragment()), class_name="stack lg"),
    )


def _filters() -> rx.Component:
    choices = [
        rx.el.button(label, type="button", aria_pressed=rx.cond(Alerts.shown == value, "true", "false"), on_click=Alerts.narrow(value))
        for value, label in FILTERS
    ]
    return rx.el.div(rx.el.div(*choices, class_name="seg", role="group", aria_label="Which alerts"))


def _list() -> rx.Component:
    all_read = rx.cond(Alerts.left > 0, rx.el.button("Mark all read", type="button", class_name="btn ghost", on_click=Alerts.read_all), rx.fragment())
    rows = rx.el.ul(rx.foreach(Alerts.rows, _row), class_name="alerts")
    pages = pager(newer=(Alerts.has_newer, Alerts.newer), older=(Alerts.has_older, Alerts.older))
    body = rx.cond(Alerts.ready, rx.cond(Alerts.rows.length() > 0, rx.fragment(rows, pages), _none()), waiting("your alerts"))
    unread = rx.cond(Alerts.left > 0, rx.fragment(", ", Alerts.left, " unread"), rx.fragment())
    head = rx.fragment("Your alerts", rx.el.span(unread, class_name="muted", aria_live="polite"))
    return card(head, body, ident="alerts", aside=all_read)


def _row(one: rx.Var[Line]) -> rx.Component:
    symbol = rx.match(
        one.tone,
        ("bad", icon("octagon-x", tone="bad")),
        ("warn", icon("triangle-alert", tone="warn")),
        ("good", icon("circle-check", tone="good")),
        icon("info"),
    )
    fresh = rx.cond(one.is_read, rx.fragment(), rx.el.span("New", class_name="badge i"))
    said = rx.el.div(
        rx.el.p(rx.el.b(one.title, class_name="strong"), fresh, class_name="row flow tight"),
        rx.el.p(one.text, class_name="muted"),
        rx.el.p(rx.el.a(one.label, href=one.href), rx.cond(one.is_read, rx.fragment(), _read_one(one)), class_name="row flow"),
    )
    return rx.el.li(symbol, said, rx.el.span(one.at, " ", Alerts.zone, class_name="muted small nowrap at"), key=one.alert_id)


def _read_one(one: rx.Var[Line]) -> rx.Component:
    return rx.el.button("Mark read", type="button", class_name="link", aria_label="Mark read: " + one.title, on_click=Alerts.read_one(one.alert_id))


def _none() -> rx.Component:
    settings = link_button("Choose what you are told", "/account/settings/credits/")
    nothing = empty("bell", "No alerts yet", "When a cap is near, credits run low or end soon, or a payment needs you, it stands here.", settings)
    other = rx.el.button("Show all", type="button", class_name="btn", on_click=Alerts.narrow("all"))
    return rx.cond(Alerts.shown == "all", nothing, empty("bell", "None of these", "There are no alerts of this kind.", other))


def _mails() -> rx.Component:
    foot = rx.el.div("No mail server is set up, so mails are kept here. In production they are not.", class_name="ft")
    return card("Mails kept here", rx.el.ul(rx.foreach(Alerts.mails, _mail), class_name="alerts"), foot, ident="mails")


def _mail(one: rx.Var[Mail]) -> rx.Component:
    said = rx.el.details(rx.el.summary(one.subject), rx.el.pre(one.text, class_name="letter", tab_index=0, aria_label="Text of " + one.subject))
    return rx.el.li(icon("mail"), said, rx.el.span(one.at, " ", Alerts.zone, class_name="muted small nowrap at"), key=one.mail_id)
