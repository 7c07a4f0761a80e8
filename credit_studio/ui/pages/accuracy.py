"""/accuracy: how often prices were what had been said."""

import reflex as rx

from credit_studio.runs.past.accuracy import DAYS, LEAST_RUNS
from credit_studio.ui.components.parts import badge, card, empty, link_button, native_link, page_head, waiting
from credit_studio.ui.states.accuracy import Accuracy, Figure, ToolLine

_HEADS = ("In the range", "Near the typical price", "Median error, credits", "Stopped by a limit", "Runs")
_COUNTED = (
    "In the range: what the run came to lies between the least and the most of its quote. A run that the maximum made cheaper is a miss here.",
    "Near the typical price: off by at most 1 credit, or by at most 20 % of what the run came to.",
    "Median error: half of the tool’s runs were off their typical price by no more.",  # noqa: RUF001 - a typographic apostrophe
    "Stopped by a limit: runs that needed more than their quote allowed. They gave no result and were not charged, and stand in no other column.",
    f"Shares are told from {LEAST_RUNS} runs on. Browser runs cost nothing and are not counted. The board is counted anew each minute.",
)


def page() -> rx.Component:
    """The board."""
    intro = f"What server runs were quoted, beside what they came to: the runs of everybody over the last {DAYS} days. Estimates learn from them."
    return rx.fragment(
        page_head("Accuracy board", intro, aside=(rx.cond(Accuracy.ready, badge(Accuracy.span, symbol="history"), rx.fragment()),)),
        rx.el.div(_total(), _tools(), _counted(), class_name="stack xl"),
    )


def _total() -> rx.Component:
    figures = rx.el.dl(rx.foreach(Accuracy.figures, _figure), class_name="kpis")
    shown = rx.el.section(rx.el.h2("All tools", class_name="vh", id="all-tools"), figures, class_name="card", aria_labelledby="all-tools")
    return rx.cond(Accuracy.ready & (Accuracy.lines.length() > 0), shown, rx.fragment())


def _figure(figure: rx.Var[Figure]) -> rx.Component:
    return rx.el.div(rx.el.dt(figure.name), rx.el.dd(figure.value), rx.el.dd(figure.said), class_name="kpi", key=figure.name)


def _tools() -> rx.Component:
    heads = [rx.el.th(text, scope="col", class_name="r") for text in _HEADS]
    head = rx.el.tr(rx.el.th("Tool", scope="col"), *heads)
    table = rx.el.table(rx.el.thead(head), rx.el.tbody(rx.foreach(Accuracy.lines, _line)), class_name="tbl cards hi")
    none = empty(
        "history",
        f"No runs in {DAYS} days",
        f"Each tool that has run on the server stands here; its shares are told from {LEAST_RUNS} runs on.",
        link_button("Choose a tool", "/tools/"),
    )
    body = rx.cond(Accuracy.ready, rx.cond(Accuracy.lines.length() > 0, rx.el.div(table, class_name="scroll"), none), waiting("the board"))
    return card("By tool", body, ident="by-tool")


def _line(line: rx.Var[ToolLine]) -> rx.Component:
    cells = (
        ("in the range", line.within, "r amt"),
        ("near the typical price", line.close, "r"),
        ("median error, credits", line.error, "r"),
        ("stopped", line.stopped, "r"),
        ("runs", line.runs, "r"),
    )
    return rx.el.tr(
        rx.el.th(rx.el.a(line.title, href=line.href, class_name="rowlink"), scope="row"),
        *[rx.el.td(value, class_name=look, custom_attrs={"data-l": label}) for label, value, look in cells],
        key=line.href,
    )


def _counted() -> rx.Component:
    points = rx.el.ul(*[rx.el.li(line) for line in _COUNTED], class_name="points")
    source = rx.el.p("The same for programs: ", native_link("/api/accuracy", href="/api/accuracy"), ".", class_name="muted")
    return card("How it is counted", rx.el.div(points, source, class_name="bd stack sm"), ident="counted")
