"""What is done with a kept result: asking before it is deleted, its link, and the choice to run afresh."""

from typing import Any

import reflex as rx

from credit_studio.ui.components.parts import badge, icon, note
from credit_studio.ui.states.price import Price

_asset = rx.asset("./kept.jsx", shared=True)


class Confirm(rx.Component):
    """A button that asks in a dialog before it does; the safe answer has the focus."""

    library = f"$/public{_asset}"
    tag = "Confirm"

    label: rx.Var[str]
    look: rx.Var[str]
    question: rx.Var[str]
    detail: rx.Var[str]
    verb: rx.Var[str]
    keep: rx.Var[str]

    on_confirm: rx.EventHandler[rx.event.no_args_event_spec]


class CopyLink(rx.Component):
    """A path of this studio as a whole address, with a button that copies it."""

    library = f"$/public{_asset}"
    tag = "CopyLink"

    path: rx.Var[str]
    label: rx.Var[str]


def delete_run(*face: rx.Component | str, name: rx.Var[str] | str, on_confirm: Any, look: str = "btn") -> rx.Component:  # noqa: ANN401 - an event handler
    """The button that deletes a run, and its question."""
    return Confirm.create(
        *face,
        label=name,
        look=look,
        question="Delete this run and its result?",
        detail="A link to the result ends now. What the run cost stays in your history. You can undo this for 10 minutes.",
        verb="Delete the run",
        keep="Keep it",
        on_confirm=on_confirm,
    )


def is_stored() -> rx.Var[bool]:
    """True when the inputs in the form have a stored result and no new run is asked for."""
    return rx.cond(Price.fresh, rx.Var.create(""), Price.stored_at) != ""


def stored_badge() -> rx.Component:
    """In the head of the price panel."""
    return badge("Stored", tone="g", symbol="check")


def stored_figures() -> rx.Component:
    """The price of a result that is there already."""
    return rx.el.div(
        rx.el.p("0", rx.el.span("credits", class_name="u"), class_name="fig", custom_attrs={"data-cs": "stored"}),
        note(
            rx.el.b("You have this result already.", class_name="strong"),
            rx.el.br(),
            "Same inputs and version as the run of ",
            Price.stored_at,
            ". Nothing runs, nothing is charged.",
            tone="g",
            symbol="history",
        ),
        class_name="stack",
        role="status",
    )


def afresh_switch() -> rx.Component:
    """The choice to run anew although the result is there."""
    box = rx.el.input(
        type="checkbox", id="run-afresh", class_name="switch", checked=Price.fresh, on_change=Price.run_afresh, aria_describedby="run-afresh-help"
    )
    said = rx.el.span(
        rx.el.label("Run afresh", html_for="run-afresh", class_name="strong"),
        rx.el.span("A new run at its usual price, although the result is there.", id="run-afresh-help", class_name="small muted"),
        class_name="stack sm",
    )
    return rx.cond(Price.stored_at != "", rx.el.div(said, box, class_name="row between afresh"), rx.fragment())


def shared_words() -> rx.Component:
    """What whoever has the link sees, and does not."""
    return rx.el.p(icon("eye", size="s"), "Whoever has the link sees the result and nothing of your account: no name, no charge.", class_name="muted small row")
