"""The price of a run as it would be with the inputs that stand in the form. Pure: no database, nothing stored."""

import asyncio
from typing import Any

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.engine import service as engine
from credit_studio.engine.views import Estimate
from credit_studio.runs import flow, keeping
from credit_studio.runs import service as runs
from credit_studio.tools import validation
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, find_tool
from credit_studio.ui import words
from credit_studio.ui.states.privacy import actor_for, actor_of, person_of, private

_BIG_CHARS = 100_000


def priced(tool_id: object) -> AnyTool | None:
    """The built tool of that id that has a price, or None: the id comes from the page, so anything may stand there."""
    tool = find_tool(tool_id) if isinstance(tool_id, str) else None
    return tool if tool is not None and tool.is_built and tool.mode is not Mode.CLIENT else None


@private
class Price(rx.State):
    """The figures of the price panel for `tool_id`. Credits are whole; the parts of the sum are shown with two decimals."""

    tool_id: str = ""
    busy: bool = False
    why_not: str = ""
    least: int = 0
    typical: int = 0
    most: int = 0
    explanation: str = ""
    past_runs: int = 0
    past_said: str = ""
    base: str = ""
    cpu_measured: str = ""
    cpu: str = ""
    memory_measured: str = ""
    memory: str = ""
    tokens_measured: str = ""
    tokens: str = ""
    rounding: str = ""
    rounded: str = ""
    cap: int = 0
    cap_error: str = ""
    stored_at: str = ""
    fresh: bool = False
    _asked: bytes = b""
    refused_badge: str = ""
    refused_head: str = ""
    refused_tail: str = ""
    refused_href: str = ""
    refused_link: str = ""

    @rx.event
    def load(self, tool_id: str) -> None:
        """A tool's page opens: show the price of its example until the form tells what stands in it."""
        tool = priced(tool_id)
        if tool is None or self.tool_id == tool.id:
            return
        self.reset()
        self._show(tool, engine.estimate(tool, tool.example))

    @rx.event(supersedes=True)
    async def change(self, tool_id: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 - an async generator, as Reflex reads it
        """The form changed: a newer change cancels this one."""
        tool = priced(tool_id)
        if tool is None or not isinstance(values, dict):
            return
        if _is_slow(values):
            self.busy = True
            yield
        try:
            await rates.enforce(Rate.ESTIMATES, actor_for(self, None))
            inputs = await self._parsed(tool, values)
            self._show(tool, engine.estimate(tool, inputs))
            await self._look(tool, inputs, values)
        except InvalidInputs as error:
            self._not_yet(tool, error)
        except StudioError as error:
            self.why_not = error.message
        self.busy = False

    @rx.event
    def run_afresh(self, wanted: bool) -> None:  # noqa: FBT001 - what a check box gives
        """Whether a new run is wanted although its result is there."""
        self.fresh = wanted is True and self.stored_at != ""

    @rx.event
    def limit(self, text: str) -> None:
        """The ceiling "never charge more than": whole credits, from the least a run can cost to the tool's cap; empty for none."""
        tool = find_tool(self.tool_id)
        text = text.replace(",", "").strip() if isinstance(text, str) else ""
        self.cap, self.cap_error = 0, ""
        if not text or tool is None:
            return
        if text.isascii() and text.isdigit() and len(text) < 10 and self.least <= int(text) <= tool.cap:  # noqa: PLR2004 - more digits than any cap
            self.cap = int(text)
        else:
            self.cap_error = f"Must be a whole number from {self.least} to {tool.cap}, the most this tool may cost."

    async def _parsed(self, tool: AnyTool, values: dict[str, Any]) -> Any:  # noqa: ANN401 - the tool's inputs
        if _uploads(values):
            _, inputs = await flow.parse_for_estimate(await actor_of(self), tool.id, values)
        elif _is_slow(values):
            inputs = await asyncio.to_thread(validation.parse, tool, values)
        else:
            inputs = validation.parse(tool, values)
        return inputs

    async def _look(self, tool: AnyTool, inputs: Any, values: dict[str, Any]) -> None:  # noqa: ANN401 - the tool's inputs
        """Say whether the person has the result of just these inputs already."""
        person = await person_of(self)
        found = await keeping.stored(actor_for(self, person), tool, inputs)
        self._asked = runs.body_hash(tool.id, values, None)
        self._stored(words.moment(found.at, person.time_zone) if found and person else "")

    def _stored(self, at: str) -> None:
        if self.stored_at != at:
            self.stored_at, self.fresh = at, False

    def _ran(self, tool_id: str, values: dict[str, Any], at: str) -> None:
        """A run of these inputs has given its result: it is stored now, if the form still holds them."""
        if self.tool_id == tool_id and self._asked == runs.body_hash(tool_id, values, None):
            self.stored_at, self.fresh = at, False

    def _promises_stored(self, tool_id: str, values: dict[str, Any]) -> bool:
        """True when the panel says that these inputs have their result for 0 credits."""
        return self.stored_at != "" and not self.fresh and self.tool_id == tool_id and self._asked == runs.body_hash(tool_id, values, None)

    def _not_yet(self, tool: AnyTool, error: InvalidInputs) -> None:
        """Keep the last figures: they are of the last inputs that made sense."""
        if self.tool_id != tool.id:
            self.load.fn(self, tool.id)
        self._stored("")
        self.why_not = (
            error.errors[0].message if len(error.errors) == 1 and error.errors[0].message.startswith("Too much") else "Shown for the last complete inputs."
        )

    def _show(self, tool: AnyTool, estimate: Estimate) -> None:
        self.tool_id, self.why_not = tool.id, ""
        self.refused_badge = self.refused_head = self.refused_tail = self.refused_href = self.refused_link = ""
        self.least, self.typical, self.most = estimate.min, estimate.typical, estimate.max
        self.explanation = estimate.explanation
        self.past_runs, share = estimate.past_runs, words.share(estimate.past_within, estimate.past_runs)
        self.past_said = f"{share}{words.NARROW}% of them were charged within their estimate." if estimate.past_runs else ""
        parts, usage, burn = estimate.breakdown, estimate.usage, catalog().rates
        self.base, self.cpu, self.memory = words.raw(parts.base), words.raw(parts.cpu), words.raw(parts.memory)
        if engine.is_by_tokens(tool):
            self.tokens, self.tokens_measured = words.raw(parts.tokens), f"{words.number(usage.tokens or 0)}, 1 per {words.number(burn.tokens_per_credit)}"
        self.cpu_measured = f"{words.seconds(usage.cpu_ms)}, {_rate(burn.cpu_ms_per_credit)}{words.NARROW}s"
        self.memory_measured = f"{words.gigabyte_seconds(usage.mem_mb, usage.duration_ms)}, {_rate(burn.gb_ms_per_credit)}"
        rounded = "once, at the end" if parts.sum > estimate.min - 1 else f"to the least, {estimate.min}"
        self.rounding = rounded if parts.sum <= estimate.typical else f"down to the most, {estimate.typical}"
        self.rounded = words.raw(estimate.typical - parts.sum)

    def _refuse(self, *, badge: str, head: str, tail: str, way_out: tuple[str, str]) -> None:
        """The server did not take the run: say why in the panel until the inputs change, and where to go (an address and its words)."""
        self.refused_badge, self.refused_head, self.refused_tail = badge, head, tail
        self.refused_href, self.refused_link = way_out


def _rate(ms_per_credit: int) -> str:
    return f"1 per {ms_per_credit / 1000:g}"


def _uploads(values: dict[str, Any]) -> bool:
    return any(isinstance(value, dict) and "uploadId" in value for value in values.values())


def _is_slow(values: dict[str, Any]) -> bool:
    """True for inputs that take longer than a blink to check: much text, or a stored file."""
    return _uploads(values) or sum(len(value) for value in values.values() if isinstance(value, str)) > _BIG_CHARS
