"""/tools/compare: two tools side by side, at the same size of input."""

import reflex as rx

from credit_studio.tools.registry import all_tools
from credit_studio.ui.comparing import Part, Row, counts_units, units_of_example
from credit_studio.ui.components.compare import Compare
from credit_studio.ui.components.parts import crumbs, empty, page_head
from credit_studio.ui.states.comparison import Comparison


def page() -> rx.Component:
    """The choice, then the facts of both."""
    tools = [
        {"id": tool.id, "title": tool.title, "studio": tool.studio.label, "counted": counts_units(tool), "units": units_of_example(tool)}
        for tool in all_tools()
    ]
    said = "What they cost for the same size of input, where they run and what limits them. Nothing is run or charged."
    nothing = empty("scale", "Choose two tools", "Their prices, limits, inputs and results will stand side by side here.")
    return rx.fragment(
        crumbs(("Tools", "/tools/"), ("Compare", None)),
        page_head("Compare two tools", said),
        rx.el.div(
            Compare.create(tools=tools, problem=Comparison.problem, on_choose=Comparison.choose),
            rx.cond(Comparison.ready, _both(), rx.el.div(nothing, class_name="card")),
            class_name="stack xl",
        ),
    )


def _both() -> rx.Component:
    heads = [rx.el.th(rx.el.a(Comparison.titles[at], href=Comparison.paths[at]), scope="col") for at in range(2)]
    table = rx.el.table(
        rx.el.caption("Facts of both tools", class_name="vh"),
        rx.el.thead(rx.el.tr(rx.el.td(), *heads)),
        rx.foreach(Comparison.parts, _part),
        class_name="tbl versus",
    )
    return rx.el.section(rx.el.div(rx.el.h2(Comparison.said, id="said", role="status"), class_name="hd"), table, class_name="card", aria_labelledby="said")


def _part(part: rx.Var[Part]) -> rx.Component:
    head = rx.el.tr(rx.el.th(part.title, scope="rowgroup", col_span=3, class_name="of"))
    return rx.el.tbody(head, rx.foreach(part.rows, _row))


def _row(row: rx.Var[Row]) -> rx.Component:
    return rx.el.tr(rx.el.th(row.label, scope="row"), _cell(row.a, row.note_a, row.is_money), _cell(row.b, row.note_b, row.is_money))


def _cell(said: rx.Var[str], note: rx.Var[str], is_money: rx.Var[bool]) -> rx.Component:
    figure = rx.el.span(said, class_name=rx.cond(is_money, "strong", ""))
    return rx.el.td(figure, rx.cond(note != "", rx.el.span(note, class_name="muted small why"), None))
