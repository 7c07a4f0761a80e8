"""Every tool there is, found by its file: a new file under `tools/<studio>/` with a `TOOL` is in the studio."""

import functools
import importlib
import pkgutil
from typing import Any

from credit_studio.core.errors import NotFound
from credit_studio.tools import code, coming, cyber, data, dev
from credit_studio.tools.base import Tool

AnyTool = Tool[Any, Any]
_ROOMS = (dev, cyber, data, code)


@functools.cache
def all_tools() -> tuple[AnyTool, ...]:
    """All tools in the order of the catalogue (`coming.ORDER`); raises ValueError when an id stands twice or has no place there."""
    tools: list[AnyTool] = [module.TOOL for room in _ROOMS for module in _modules(room)]
    if len({tool.id for tool in tools}) != len(tools):
        msg = "two tool files declare the same id"
        raise ValueError(msg)
    return tuple(sorted(tools, key=lambda tool: coming.ORDER.index(tool.id)))


def find_tool(tool_id: str) -> AnyTool | None:
    """The tool of that id, or None."""
    return _by_id().get(tool_id)


def get_tool(tool_id: str) -> AnyTool:
    """The tool of that id; raises `NotFound` (unknown_tool)."""
    tool = find_tool(tool_id)
    if tool is None:
        raise NotFound(f"There is no tool {tool_id[:80]!r}.", code="unknown_tool", action="See the list of tools at /tools.")
    return tool


@functools.cache
def _by_id() -> dict[str, AnyTool]:
    return {tool.id: tool for tool in all_tools()}


def _modules(room: Any) -> list[Any]:  # noqa: ANN401 - a package
    names = sorted(info.name for info in pkgutil.iter_modules(room.__path__, f"{room.__name__}."))
    return [module for module in map(importlib.import_module, names) if hasattr(module, "TOOL")]
