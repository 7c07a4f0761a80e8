"""/tools: every tool, with where it runs and what it usually costs."""

import reflex as rx

from credit_studio.tools.base import Mode
from credit_studio.tools.registry import all_tools
from credit_studio.ui.components.parts import link_button, page_head
from credit_studio.ui.components.tool_list import tool_list
from credit_studio.ui.states.catalogue import Catalogue


def page() -> rx.Component:
    """The catalogue."""
    tools = all_tools()
    free = sum(tool.is_built and tool.mode is not Mode.SERVER for tool in tools)
    said = (
        f"{len(tools)} tools. {free} of them also run in your own browser for 0 credits, without an account. "
        "Prices are those of a server run of each tool’s example."  # noqa: RUF001 - a typographic apostrophe
    )
    compare = link_button("Compare two", "/tools/compare/", symbol="scale")
    return rx.fragment(page_head("Tools", said, aside=(compare,)), tool_list(tools, live=Catalogue.live))
