"""/tools: every tool, with where it runs and what it usually costs."""

import reflex as rx

from credit_studio.tools.base import Mode
from credit_studio.tools.registry import all_tools
from credit_studio.ui.components.parts import page_head
from credit_studio.ui.components.tool_list import tool_list


def page() -> rx.Component:
    """The catalogue."""
    tools = all_tools()
    ready = sum(tool.is_built for tool in tools)
    free = sum(tool.mode is not Mode.SERVER for tool in tools)
    said = (
        f"{len(tools)} tools, {ready} of them ready now. {free} also run in your own browser for 0 credits, without an account. "
        "The price shown is that of a tool's example."
    )
    return rx.fragment(page_head("Tools", said), tool_list())
