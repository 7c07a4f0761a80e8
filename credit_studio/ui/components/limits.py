"""The caps of an account as meters: how far, whose, and when they open again."""

import reflex as rx

from credit_studio.ui.components.parts import grouped, skeleton
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.widget import NEAR_PERCENT, Limit


def limit_meters(look: str = "stack xl") -> rx.Component:
    """Every cap that limits the account, or that none does."""
    none = rx.el.p("No cap limits this account.", class_name="muted")
    known = rx.cond(Balance.limits.length() > 0, rx.el.div(rx.foreach(Balance.limits, _limit), class_name=look), none)
    bars = [rx.el.div(skeleton("60%", "20px"), skeleton("100%", "6px"), class_name="stack sm") for _ in range(2)]
    return rx.cond(Balance.ready, known, rx.el.div(rx.el.span("Loading your limits", class_name="vh"), *bars, class_name=look, aria_busy="true"))


def _limit(limit: rx.Var[Limit]) -> rx.Component:
    said = limit.used.to_string() + " of " + limit.limit.to_string() + " credits, " + limit.whose
    head = rx.el.div(
        rx.el.span(
            rx.el.b(limit.title, class_name="strong"), " ", rx.el.span(grouped(limit.used), " of ", grouped(limit.limit), ", ", limit.whose, class_name="muted")
        ),
        rx.el.span("resets ", limit.resets, class_name="muted small"),
        class_name="row between flow",
    )
    meter = rx.el.div(
        rx.el.i(style={"width": limit.percent.to_string() + "%"}),
        class_name=rx.cond(limit.percent >= NEAR_PERCENT, "meter w", "meter"),
        custom_attrs={"role": "meter"},
        aria_label=limit.title + ": " + said,
        aria_valuemin=0,
        aria_valuemax=limit.limit,
        aria_valuenow=limit.used,
    )
    return rx.el.div(head, meter, class_name="stack sm", key=limit.title)
