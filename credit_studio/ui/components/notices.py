"""What floats: the tab's notice, and the word that the connection is lost."""

import reflex as rx

from credit_studio.ui.components.parts import icon
from credit_studio.ui.states.notice import Notice

_asset = rx.asset("./connection.jsx", shared=True)


class Connection(rx.Component):
    """Says "Connection lost" after the second failed attempt, and marks the page so that the balance turns muted."""

    library = f"$/public{_asset}"
    tag = "Connection"


def notices() -> rx.Component:
    """The corner where notices stand."""
    shown = rx.el.div(
        icon("octagon-x", tone="bad"),
        rx.el.div(rx.el.b(Notice.head, class_name="strong"), rx.el.p(Notice.tail, class_name="muted")),
        rx.el.button(icon("x"), type="button", class_name="btn icon ghost", aria_label="Close", title="Close", on_click=Notice.close),
        class_name="toast",
    )
    return rx.el.div(
        Connection.create(),
        rx.el.div(rx.cond(Notice.head != "", shown, rx.fragment()), role="alert"),
        class_name="toasts",
    )
