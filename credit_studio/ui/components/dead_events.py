"""Events of Stripe's that were given up, each with its way back: for operators."""

import reflex as rx

from credit_studio.ui.components.parts import Child, card, empty
from credit_studio.ui.states.reconciliation import Dead, Reconciliation


def dead_events() -> rx.Component:
    """The panel; `Reconciliation.load` fills it."""
    table = ruled("Events that were given up", ("Event", "Received", "Tries", "Why"), rx.foreach(Reconciliation.dead, _row), more="Replay")
    none = empty("circle-check", "No event was given up", "An event that fails is tried again for half a day; after that it stands here.")
    return card("Events that were given up", rx.cond(Reconciliation.dead.length() > 0, table, none), ident="dead")


def _row(one: rx.Var[Dead]) -> rx.Component:
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


def ruled(caption: str, heads: tuple[str, ...], rows: Child, *, last: str = "", more: str = "") -> rx.Component:
    """A table whose rows are blocks on phones. `last` is the look of the last head, `more` the hidden head of a column of buttons."""
    cells = [rx.el.th(text, scope="col", class_name=last if last and text == heads[-1] else "") for text in heads]
    hidden = [rx.el.th(rx.el.span(more, class_name="vh"), scope="col")] if more else []
    head = rx.el.thead(rx.el.tr(*cells, *hidden))
    table = rx.el.table(rx.el.caption(caption, class_name="vh"), head, rx.el.tbody(rows), class_name="tbl cards")
    return rx.el.div(table, class_name="scroll")
