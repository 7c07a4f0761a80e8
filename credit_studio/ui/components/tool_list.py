"""The catalogue of tools: searched, filtered and sorted in the page, without the server."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from credit_studio.core.errors import StudioError
from credit_studio.engine import service as engine
from credit_studio.engine.views import Estimate
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, find_tool
from credit_studio.ui import words
from credit_studio.ui.components.parts import MODE_WORDS, STATE_WORDS, mode_words

_asset = rx.asset("./tool_list.jsx", shared=True)


class ToolList(rx.Component):
    """The list with its search field."""

    library = f"$/public{_asset}"
    tag = "ToolList"

    tools: rx.Var[list[dict[str, Any]]]
    live: rx.Var[dict[str, dict[str, Any]]]


def example_estimate(tool: AnyTool) -> Estimate | None:
    """What a server run of the tool's example costs; None for a tool that is not built or is free."""
    if not tool.is_built or tool.mode is Mode.CLIENT:
        return None
    try:
        return engine.estimate(tool, tool.example)
    except StudioError:
        return None


def price_words(tool: AnyTool) -> str:
    """Credits a run of the tool's example, in figures: "0", a range, or "0 or" a range for hybrid tools; "" while it is not built."""
    if not tool.is_built:
        return ""
    estimate = example_estimate(tool)
    if estimate is None:
        return "0"
    span = words.span(estimate.min, estimate.max)
    return f"0 or {span}" if tool.mode is Mode.HYBRID else span


def tool_list(tools: Sequence[AnyTool], *, live: Any) -> rx.Component:  # noqa: ANN401 - a Var or a dict
    """These tools. `live` has, by id, what `price_of` gives and the `runs` of now; until it is there, prices are those of the build."""
    return ToolList.create(tools=[tool_row(tool) for tool in tools], live=live)


def price_of(tool: AnyTool) -> dict[str, Any]:
    """The price of a server run of the tool's example: a range in words, and the typical credits."""
    estimate = example_estimate(tool)
    return {"price": words.span(estimate.min, estimate.max) if estimate else "0", "typical": estimate.typical if estimate else 0}


def tool_row(tool: AnyTool) -> dict[str, Any]:
    """What the list knows of a tool."""
    instead = find_tool(tool.instead)
    return {
        "id": tool.id,
        "title": tool.title,
        "studioId": tool.studio.value,
        "studio": tool.studio.label,
        "path": f"{tool.path}/",
        "summary": tool.summary,
        "mode": tool.mode.value,
        "modeWords": MODE_WORDS[tool.mode],
        "where": mode_words(tool),
        "built": tool.is_built,
        "state": tool.availability.value,
        "stateWords": STATE_WORDS[tool.availability],
        "instead": instead.title if instead else "",
        **price_of(tool),
        "cap": tool.cap,
        "find": " ".join((tool.id, tool.title, tool.summary, tool.takes, tool.gives, *tool.keywords)).lower(),
    }
