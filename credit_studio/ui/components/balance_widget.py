"""The balance in the header: the number, then the limits or the cause, then one action."""

import reflex as rx

from credit_studio.ui.components.parts import credit_word, grouped, icon
from credit_studio.ui.components.top_up import top_up
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.widget import NEAR_PERCENT, Limit

BAD = ("negative", "empty", "capped")
WARN = ("card_failed", "plan_capped", "near")


def balance_widget() -> rx.Component:
    """The strip of a person who is signed in."""
    number = rx.el.span(
        rx.el.span(grouped(Balance.available), class_name="n", key=Balance.version),
        rx.el.span(credit_word(Balance.available), class_name="u"),
        aria_hidden="true",
        class_name="nowrap",
    )
    return rx.el.div(
        rx.el.a(
            rx.el.span(Balance.sentence, class_name="vh"),
            number,
            rx.cond(Balance.say_head != "", _cause(), _limits()),
            href="/account/",
            class_name="sum",
        ),
        rx.match(
            Balance.action,
            ("limits", rx.el.a(icon("sliders-horizontal", size="s"), rx.el.span("Limits"), href=Balance.block_href, class_name="add")),
            ("fix_card", rx.el.a(icon("credit-card", size="s"), rx.el.span("Fix card"), href="/account/billing/", class_name="add")),
            top_up(),
        ),
        class_name=rx.match(Balance.look, *[(look, "bal is-bad") for look in BAD], *[(look, "bal is-warn") for look in WARN], "bal"),
    )


def _cause() -> rx.Component:
    head = rx.match(
        Balance.look,
        ("holding", rx.el.span(rx.el.span(class_name="key hatch"), Balance.say_head, class_name="row tight")),
        ("plan_capped", rx.el.b(Balance.say_head, class_name="strong warn")),
        ("card_failed", rx.el.b(Balance.say_head, class_name="strong warn")),
        rx.el.b(Balance.say_head, class_name="strong bad"),
    )
    return rx.el.span(head, rx.el.span(Balance.say_tail, class_name="tail"), class_name="say", aria_hidden="true")


def _limits() -> rx.Component:
    return rx.el.span(rx.foreach(Balance.limits, _meter), class_name="limits", aria_hidden="true")


def _meter(limit: rx.Var[Limit]) -> rx.Component:
    bar = rx.el.span(
        rx.el.i(style={"width": limit.percent.to_string() + "%"}),
        class_name=rx.cond(limit.percent >= NEAR_PERCENT, "meter thin w", "meter thin"),
    )
    return rx.el.span(limit.title, bar, rx.el.b(limit.percent.to_string() + "\u00a0%"), key=limit.title)
