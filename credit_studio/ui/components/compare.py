"""Choosing what to compare: two tools and a size of input, kept in the page's address."""

from typing import Any

import reflex as rx


class Compare(rx.Component):
    """`on_choose` gets `a`, `b`, `size` and `units` as the page opens and at each settled change; `problem` is said at the units."""

    library = f"$/public{rx.asset('./compare.jsx', shared=True)}"
    tag = "Compare"

    tools: rx.Var[list[dict[str, Any]]]
    problem: rx.Var[str]

    on_choose: rx.EventHandler[rx.event.passthrough_event_spec(dict)]
