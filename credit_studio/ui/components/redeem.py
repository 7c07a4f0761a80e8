"""Where a code is redeemed: on its own page, and wherever credits are bought."""

import reflex as rx

from credit_studio.ui.components.fields import submit, text_field
from credit_studio.ui.components.parts import card, note
from credit_studio.ui.states.redeeming import Redeeming


def redeem_card() -> rx.Component:
    """A panel with the code's field and what came of it."""
    field = text_field(
        "Code",
        "code",
        ident="redeem-code",
        most=100,
        about="As it was given to you: capitals, spaces and hyphens do not matter.",
        fault=Redeeming.fault,
        auto_complete="off",
        spell_check=False,
        required=True,
    )
    form = rx.el.form(field, rx.el.div(submit("Redeem", "ticket"), class_name="row"), on_submit=Redeeming.send, reset_on_submit=True, class_name="stack")
    done = note(rx.el.b(Redeeming.head, class_name="strong"), rx.el.br(), Redeeming.tail, tone="g", symbol="circle-check")
    said = rx.el.div(rx.cond(Redeeming.head != "", done, rx.fragment()), role="status")
    return card("Redeem a code", rx.el.div(said, form, class_name="bd stack"), ident="redeem")
