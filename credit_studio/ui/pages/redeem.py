"""/account/redeem: a code for credits."""

import reflex as rx

from credit_studio.ui.components.parts import page_head
from credit_studio.ui.components.redeem import redeem_card


def page() -> rx.Component:
    """The form."""
    more = rx.el.p(
        "Buying instead: ", rx.el.a("credit packs", href="/account/credits/"), ". Giving: ", rx.el.a("gifts", href="/account/gifts/"), ".", class_name="muted"
    )
    return rx.fragment(
        page_head("Redeem a code", "Each code brings its credits once a person."),
        rx.el.div(redeem_card(), more, class_name="stack narrow-page wide"),
    )
