"""The landing page's two sliders: the price of a risk register of that size, by the same engine."""

import dataclasses
import math
from typing import Any

import reflex as rx

from credit_studio.core.errors import InvalidInputs
from credit_studio.engine import service as engine
from credit_studio.tools.registry import get_tool
from credit_studio.ui.states.price import Price

TOOL_ID = "cyber-studio-risk-register"
RISKS = 30
MOST_RISKS = 50
LEAST_ITERATIONS = 1_000
MOST_ITERATIONS = 500_000


def inputs_of(risks: int, iterations: int) -> Any:  # noqa: ANN401 - the tool's inputs
    """The tool's example, its risks repeated to that number; None while the tool is not built."""
    tool = get_tool(TOOL_ID)
    if tool.example is None:
        return None
    some = tool.example.risks
    return dataclasses.replace(tool.example, risks=tuple(some[index % len(some)] for index in range(risks)), iterations=iterations)


class Demo(rx.State):
    """Two numbers and nothing private."""

    risks: int = RISKS
    iterations: int = MOST_ITERATIONS

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        await self._price()

    @rx.event
    async def set_risks(self, value: float) -> None:
        """The slider "risks" moved."""
        self.risks = _bounded(value, self.risks, 1, MOST_RISKS)
        await self._price()

    @rx.event
    async def set_iterations(self, value: float) -> None:
        """The slider "iterations" moved."""
        self.iterations = _bounded(value, self.iterations, LEAST_ITERATIONS, MOST_ITERATIONS)
        await self._price()

    async def _price(self) -> None:
        tool = get_tool(TOOL_ID)
        inputs = inputs_of(self.risks, self.iterations)
        if inputs is None:
            return
        price = await self.get_state(Price)
        try:
            price._show(tool, engine.estimate(tool, inputs))  # noqa: SLF001 - `_` keeps it from the door
        except InvalidInputs as error:
            price.why_not = error.errors[0].message


def _bounded(value: object, before: int, least: int, most: int) -> int:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return max(least, min(most, int(value))) if is_number else before
