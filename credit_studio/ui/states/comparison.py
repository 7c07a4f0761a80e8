"""The comparison of two tools, as it was last asked for in this tab."""

from typing import Any

import reflex as rx

from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.tools.registry import AnyTool, find_tool
from credit_studio.ui import comparing
from credit_studio.ui.comparing import MOST_UNITS, SIZES, Part
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for

_MOST_DIGITS = 10


class Comparison(rx.State):
    """Two titles and paths, the facts of both, and one sentence; empty until two tools are chosen. Nothing private."""

    ready: bool = False
    titles: list[str] = []  # noqa: RUF012 - Reflex copies defaults
    paths: list[str] = []  # noqa: RUF012 - as above
    parts: list[Part] = []  # noqa: RUF012 - as above
    said: str = ""
    problem: str = ""

    @rx.event
    async def choose(self, asked: dict[str, Any]) -> None:
        """The page asks: `a` and `b` are ids of tools, `size` is of `SIZES` or "units", and then `units` a whole number."""
        asked = asked if isinstance(asked, dict) else {}
        a, b = _tool(asked.get("a")), _tool(asked.get("b"))
        units = _whole(asked.get("units"))
        try:
            await rates.enforce(Rate.ESTIMATES, actor_for(self, None))
        except StudioError as error:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door
            return
        self.reset()
        if a is None or b is None:
            return
        if asked.get("size") == "units" and not 1 <= units <= MOST_UNITS:
            self.problem = f"Must be a whole number from 1 to {MOST_UNITS:,}."
            return
        size = _size(asked.get("size"), a, b)
        self.titles, self.paths = [a.title, b.title], [f"{a.path}/", f"{b.path}/"]
        self.parts = comparing.parts(a, b, size=size, units=units)
        self.said = comparing.verdict(a, b, size=size, units=units)
        self.ready = True


def _tool(tool_id: object) -> AnyTool | None:
    return find_tool(tool_id) if isinstance(tool_id, str) else None


def _size(size: object, a: AnyTool, b: AnyTool) -> str:
    """The size that both can be shown at: a number of units only where both count them."""
    if size == "units" and comparing.counts_units(a) and comparing.counts_units(b):
        return "units"
    return size if isinstance(size, str) and size in SIZES else "example"


def _whole(text: object) -> int:
    """The whole number in a text or a number, else 0."""
    digits = str(text).replace(",", "").strip() if isinstance(text, (str, int)) and not isinstance(text, bool) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else 0
