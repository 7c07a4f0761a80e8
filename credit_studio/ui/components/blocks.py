"""What draws results: one component for the blocks of `tools/blocks.py`, whether they come from the server or from the page's own run."""

from typing import Any

import reflex as rx

from credit_studio.tools.base import Tool
from credit_studio.ui.components.browser import DRAWING, library


class ResultPanel(rx.Component):
    """See `browser/result_panel.jsx`: the strip of the run, what changed since, the blocks in tabs."""

    library = library("result_panel.jsx")
    tag = "ResultPanel"
    lib_dependencies: list[str] = DRAWING

    tool_id: rx.Var[str]
    src: rx.Var[str]
    active: rx.Var[bool]


class Blocks(rx.Component):
    """See `browser/blocks.jsx`: blocks that are at hand already."""

    library = library("blocks.jsx")
    tag = "Blocks"
    lib_dependencies: list[str] = DRAWING

    blocks: rx.Var[list[dict[str, Any]]]


class FetchedBlocks(rx.Component):
    """See `browser/result_panel.jsx`: blocks fetched from an address, with loading and error."""

    library = library("result_panel.jsx")
    tag = "Fetched"
    lib_dependencies: list[str] = DRAWING

    src: rx.Var[str]


def result_panel(
    tool: Tool[Any, Any],
    *,
    src: Any = "",  # noqa: ANN401 - a Var or a str
    active: Any = False,  # noqa: ANN401 - a Var or a bool
    strip: rx.Component | None = None,
) -> rx.Component:
    """The result of this page's tool. `src` is where the blocks of a server run are ("/api/runs/{id}/blocks"; empty: none yet).

    `strip` (see `run_strip.py`) is shown while `active` or while there is a `src`. A local run of the page's form takes the panel
    over until the next server run. Without any of them nothing is drawn.
    """
    return ResultPanel.create(*([strip] if strip is not None else []), tool_id=tool.id, src=src, active=active)


def blocks(drawn: Any) -> rx.Component:  # noqa: ANN401 - a Var or a list of blocks as JSON
    """Blocks that are at hand, as `tools.blocks.to_json` gives them."""
    return Blocks.create(blocks=drawn)


def fetched_blocks(src: Any) -> rx.Component:  # noqa: ANN401 - a Var or a str
    """The blocks of a stored run by their address, fetched with the session's cookie."""
    return FetchedBlocks.create(src=src)
