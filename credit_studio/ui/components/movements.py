"""Movements of credits as rows of a table: for the overview and the history."""

import reflex as rx

from credit_studio.ui.components.parts import Child, badge
from credit_studio.ui.states.moves import Line


def movement_table(lines: rx.Var[list[Line]], zone: Child, *, caption: str) -> rx.Component:
    """Time, what, note, credits and the balance after; `zone` stands in the head."""
    heads = [rx.el.th(text, scope="col") for text in ("Time, " + zone, "What", "Note")]
    numbers = [rx.el.th(text, scope="col", class_name="r") for text in ("Credits", "Balance")]
    said = rx.el.caption(caption, class_name="vh")
    return rx.el.table(said, rx.el.thead(rx.el.tr(*heads, *numbers)), rx.el.tbody(rx.foreach(lines, _line)), class_name="tbl cards hi")


def _line(line: rx.Var[Line]) -> rx.Component:
    what = rx.cond(line.href != "", rx.el.a(line.what, href=line.href, class_name="rowlink"), rx.el.span(line.what))
    mark = rx.match(
        line.kind,
        ("not_charged", badge("Not charged", symbol="ban")),
        ("consumption", rx.fragment()),
        ("allocation", badge("Plan", tone="g", symbol="plus")),
        ("purchase", badge("Bought", tone="g", symbol="plus")),
        ("expiry", badge("Expired", symbol="clock")),
        ("refund", badge("Refund", symbol="undo-2")),
        ("adjustment", rx.cond(line.tone == "good", badge("Grant", tone="g", symbol="gift"), badge("By hand", symbol="pencil"))),
        ("gift", rx.cond(line.tone == "good", badge("Gift", tone="g", symbol="gift"), badge("Sent", symbol="gift"))),
        badge("Grant", tone="g", symbol="gift"),
    )
    return rx.el.tr(
        rx.el.td(line.at, class_name="muted nowrap tm"),
        rx.el.th(what, scope="row"),
        rx.el.td(rx.el.span(mark, rx.el.span(line.note, class_name="muted"), class_name="row flow"), class_name="nt"),
        rx.el.td(line.amount, class_name=rx.cond(line.tone == "good", "r amt good", "r amt")),
        rx.el.td(line.after, class_name="r muted bl", custom_attrs={"data-l": "balance"}),
        key=line.ident,
    )
