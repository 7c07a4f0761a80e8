"""A tool's form and what comes of it, joined to the States of the page."""

from typing import Any

import reflex as rx

from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool
from credit_studio.ui.components.blocks import fetched_blocks, result_panel
from credit_studio.ui.components.parts import card
from credit_studio.ui.components.run_strip import run_strip
from credit_studio.ui.components.tool_form import tool_form
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.run import Run
from credit_studio.ui.states.session import Session


def form(tool: AnyTool) -> rx.Component:
    """The form. A tool that runs in the browser only tells the server nothing."""
    sign_in_url = f"/login/?next={tool.path}/"
    if tool.mode is Mode.CLIENT:
        return tool_form(tool, on_change=rx.noop(), on_run=rx.noop(), errors=[], signed_in=Session.signed_in, sign_in_url=sign_in_url)
    return tool_form(
        tool,
        on_change=lambda values: Price.change(tool.id, values),
        on_run=lambda values: Run.start(tool.id, values),
        errors=Run.errors,
        signed_in=Session.signed_in,
        sign_in_url=sign_in_url,
        shown=rx.cond(_is_here(tool) & (Run.result_url != ""), Run.run_id, ""),
    )


def outcome(tool: AnyTool) -> rx.Component:
    """The strip of a run and its result."""
    if tool.mode is Mode.CLIENT:
        return result_panel(tool)
    here = _is_here(tool)
    return result_panel(tool, src=rx.cond(here, Run.result_url, ""), active=here & (Run.status != ""), strip=_strip())


def stored_result(src: rx.Var[str]) -> rx.Component:
    """The result of a stored run, on its receipt."""
    return card("Result", fetched_blocks(src), ident="result")


def _is_here(tool: AnyTool) -> Any:  # noqa: ANN401 - a Var, which `==` makes
    return Run.tool_id == tool.id


def _strip() -> rx.Component:
    return run_strip(
        status=Run.status,
        ahead=Run.ahead,
        doing=Run.doing,
        share=Run.share,
        elapsed=Run.elapsed,
        limit=Run.limit,
        held=Run.held,
        so_far=Run.so_far,
        charged=Run.charged,
        estimate=Run.expected,
        returned=Run.returned,
        failure=Run.failure,
        action=Run.action,
        run_id=Run.run_id,
        balance=Balance.available,
        cached=Run.cached,
        ended=Run.ended,
        on_cancel=Run.cancel,
    )
