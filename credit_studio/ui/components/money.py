"""What buys, asks before it buys, and follows what money does."""

from typing import Any

import reflex as rx

_asset = rx.asset("./money.jsx", shared=True)


class Pay(rx.Component):
    """A button that asks the API for something that costs, once however often it is clicked; see `money.jsx`. The children stand in its question.

    `done` is what it says when it is done; without it, it says how many credits have arrived.
    """

    library = f"$/public{_asset}"
    tag = "Pay"

    path: rx.Var[str]
    body: rx.Var[dict[str, Any]]
    label: rx.Var[str]
    look: rx.Var[str]
    question: rx.Var[str]
    verb: rx.Var[str]
    keep: rx.Var[str]
    done: rx.Var[str]
    danger: rx.Var[bool]

    on_done: rx.EventHandler[rx.event.no_args_event_spec]


class Opens(rx.Component):
    """A button that opens a dialog: the first child is its face, the others are what stands in it."""

    library = f"$/public{_asset}"
    tag = "Opens"

    label: rx.Var[str]
    look: rx.Var[str]
    question: rx.Var[str]

    on_open: rx.EventHandler[rx.event.no_args_event_spec]


class Switched(rx.Component):
    """A switch that is turned on by agreeing to what its dialog says (the children), and off at once, by a PUT to the API."""

    library = f"$/public{_asset}"
    tag = "Switched"

    path: rx.Var[str]
    on: rx.Var[bool]
    body_on: rx.Var[dict[str, Any]]
    body_off: rx.Var[dict[str, Any]]
    label: rx.Var[str]
    said: rx.Var[str]
    question: rx.Var[str]
    verb: rx.Var[str]
    may: rx.Var[bool]

    on_open: rx.EventHandler[rx.event.no_args_event_spec]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]


class Follows(rx.Component):
    """Draws nothing; tells when a value has changed since the page was opened."""

    library = f"$/public{_asset}"
    tag = "Follows"

    value: rx.Var[str]

    on_change: rx.EventHandler[rx.event.no_args_event_spec]


class Side(rx.Component):
    """The account's navigation; its children are the entries."""

    library = f"$/public{_asset}"
    tag = "Side"
