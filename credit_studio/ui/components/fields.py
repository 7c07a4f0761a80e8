"""A field of a plain form: label above, help and error below, tied together for screen readers."""

from typing import Any

import reflex as rx

from credit_studio.ui.components.parts import Child, icon


def text_field(label: str, name: str, *, ident: str, most: int, about: str = "", fault: rx.Var[str] | None = None, **more: Any) -> rx.Component:  # noqa: ANN401 - attributes of the input
    """One line of text. `fault` says what is wrong with it, empty when nothing is."""
    described = _described(ident, about, fault)
    field = rx.el.input(type=more.pop("kind", "text"), id=ident, name=name, class_name=more.pop("look", "in"), max_length=most, **described, **more)
    return _field(label, field, ident=ident, about=about, fault=fault)


def lines_field(label: str, name: str, *, ident: str, most: int, rows: int, about: str = "", **more: Any) -> rx.Component:  # noqa: ANN401 - as above
    """Several lines of text."""
    field = rx.el.textarea(id=ident, name=name, class_name="in lines", max_length=most, rows=str(rows), **_described(ident, about, None), **more)
    return _field(label, field, ident=ident, about=about, fault=None)


def submit(label: str, symbol: str = "", *, busy: rx.Var[bool] | None = None, look: str = "pri") -> rx.Component:
    """The button that sends a form."""
    face: Child = rx.cond(busy, "One moment", label) if busy is not None else label
    return rx.el.button(*([icon(symbol)] if symbol else []), face, type="submit", class_name=f"btn {look}".strip())


def _described(ident: str, about: str, fault: rx.Var[str] | None) -> dict[str, Any]:
    """What the input says of itself."""
    helped, wrong = f"{ident}-help" if about else "", f"{ident}-fault"
    if fault is None:
        return {"aria_describedby": helped} if helped else {}
    return {"aria_invalid": rx.cond(fault != "", "true", "false"), "aria_describedby": rx.cond(fault != "", f"{helped} {wrong}".strip(), helped)}


def _field(label: str, field: rx.Component, *, ident: str, about: str, fault: rx.Var[str] | None) -> rx.Component:
    parts: list[rx.Component] = [rx.el.label(label, html_for=ident), field]
    if about:
        parts.append(rx.el.p(about, class_name="help", id=f"{ident}-help"))
    if fault is not None:
        said = rx.cond(fault != "", rx.el.p(icon("circle-alert", size="s"), fault, class_name="err", id=f"{ident}-fault"), rx.fragment())
        parts.append(rx.el.div(said, role="alert"))
    return rx.el.div(*parts, class_name="field")
