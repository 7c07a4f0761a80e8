"""/{studio}/{slug}: one page a tool, made from its declaration."""

from collections.abc import Callable

import reflex as rx

from credit_studio.tools.base import Availability, Mode
from credit_studio.tools.registry import AnyTool, find_tool
from credit_studio.ui.components.parts import MODE_ICON, badge, card, crumbs, empty, icon, link_button, mode_words, note, page_head, state_badges
from credit_studio.ui.components.price_panel import price_panel, run_bar
from credit_studio.ui.components.tool_work import form, outcome


def make_page(tool: AnyTool) -> Callable[[], rx.Component]:
    """The page of one tool. Its module is named after the tool, so that each page gets a chunk of JavaScript of its own."""

    def page() -> rx.Component:
        return _built(tool) if tool.is_built else _coming(tool)

    page.__module__, page.__name__ = f"credit_studio.ui.pages.{tool.id.replace('-', '_')}", tool.id.replace("-", "_")
    return page


def _head(tool: AnyTool) -> tuple[rx.Component, ...]:
    mark = badge(mode_words(tool), tone="line", symbol=MODE_ICON[tool.mode])
    compare = link_button("Compare", f"/tools/compare/?a={tool.id}", look="ghost", symbol="scale")
    marks = (*state_badges(tool), mark, compare)
    return crumbs(("Tools", "/tools/"), (tool.studio.label, f"/tools/?studio={tool.studio.value}")), page_head(tool.title, tool.summary, aside=marks)


def _standing(tool: AnyTool) -> tuple[rx.Component, ...]:
    """What a beta or a deprecated tool asks to be known."""
    instead = find_tool(tool.instead)
    if tool.availability is Availability.BETA:
        return (note("This tool is in beta: it runs and is charged as any other, and its inputs and results may still change.", symbol="flask-conical"),)
    if tool.availability is not Availability.DEPRECATED:
        return ()
    if instead is None:
        return (note("This tool is deprecated: it still runs, and will be taken away.", tone="w", symbol="triangle-alert"),)
    said = ("This tool is deprecated: it still runs, and will be taken away. Use ", rx.el.a(instead.title, href=f"{instead.path}/"), " instead.")
    return (note(*said, tone="w", symbol="triangle-alert"),)


def _built(tool: AnyTool) -> rx.Component:
    left = rx.el.div(*_standing(tool), form(tool), outcome(tool), class_name="stack xl")
    rail = rx.el.aside(price_panel(tool), class_name="rail stack", aria_label="Price")
    return rx.fragment(*_head(tool), rx.el.div(left, rail, class_name="with-rail"), run_bar(tool))


def _coming(tool: AnyTool) -> rx.Component:
    where = {
        Mode.CLIENT: "It will run in the browser only, for 0 credits.",
        Mode.HYBRID: f"It will run in the browser for 0 credits, or on the server for at most {tool.cap} credits.",
        Mode.SERVER: f"It will run on the server, for at most {tool.cap} credits a run.",
    }
    rows = (("Takes", tool.takes), ("Gives", tool.gives))
    facts = rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(f"{text[0].upper()}{text[1:]}")) for name, text in rows], class_name="kv wide")
    said = rx.el.div(facts, rx.el.p(icon(MODE_ICON[tool.mode]), where[tool.mode], class_name="row muted"), class_name="bd stack")
    instead = find_tool(tool.instead)
    others = link_button("See the tools that are ready", f"/tools/?studio={tool.studio.value}&state={Availability.AVAILABLE.value}")
    way = link_button(f"Use {instead.title}", f"{instead.path}/", look="pri") if instead else others
    nothing = empty("hourglass", "This tool is coming soon", "It takes no runs and charges nothing until it is there.", way)
    return rx.fragment(
        *_head(tool),
        rx.el.div(card("What it will do", said, ident="will"), rx.el.div(nothing, class_name="card"), class_name="stack xl"),
    )
