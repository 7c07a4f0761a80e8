"""/shared/{token}: a result that somebody shares, to read only."""

import reflex as rx

from credit_studio.ui.components.blocks import fetched_blocks
from credit_studio.ui.components.parts import badge, card, empty, link_button, skeleton
from credit_studio.ui.states.kept import Shared


def page() -> rx.Component:
    """The result, once it is read; an unknown, an ended and an expired link are alike."""
    bars = (skeleton("240px", "30px"), skeleton("320px", "20px"), skeleton("100%", "240px"))
    loading = rx.el.div(
        rx.el.h1("Shared result", class_name="vh"), rx.el.span("Loading the result", class_name="vh"), *bars, class_name="stack", aria_busy="true"
    )
    return rx.cond(Shared.ready, rx.cond(Shared.missing, _missing(), _result()), loading)


def _missing() -> rx.Component:
    why = "The link may have been ended, or the result is past its 30 days. Ask whoever gave it to you for a new one."
    nothing = empty("link-2-off", "No result is shared under this link", why, link_button("See the tools", "/tools/"))
    return rx.el.div(rx.el.h1("No shared result"), rx.el.div(nothing, class_name="card"), class_name="stack xl")


def _result() -> rx.Component:
    facts = rx.el.p("Ran ", Shared.ran_at, ". This link ends on ", Shared.until, " at the latest.", class_name="muted")
    title = rx.el.div(rx.el.div(rx.el.h1(Shared.title), badge("Shared result", symbol="link-2"), class_name="row flow"), facts, class_name="stack sm")
    head = rx.el.div(title, link_button("Try this tool", Shared.tool_href), class_name="page-hd")
    return rx.fragment(head, card("Result", fetched_blocks(Shared.src), ident="result"))
