"""A server run of this tab: started, watched, ended. Every figure comes from the run itself."""

import contextlib
from datetime import datetime
from typing import Any

import reflex as rx

from credit_studio.core import clock, ids
from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.runs import flow
from credit_studio.runs.views import TERMINAL, Progress, RunView
from credit_studio.tools.registry import find_tool
from credit_studio.ui import limiting, words
from credit_studio.ui.errors import Place, place_of
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.price import Price, priced
from credit_studio.ui.states.privacy import TakenOver, actor_of, person_of, private, session_mark, still_of

_UNKNOWN = -1.0


@private
class Run(rx.State):
    """The run strip's figures. Credits are whole but for `so_far`, which is unrounded; `share` is -1 while unknown."""

    tool_id: str = ""
    run_id: str = ""
    status: str = ""
    busy: bool = False
    ahead: int = 0
    doing: str = ""
    share: float = _UNKNOWN
    elapsed: str = ""
    limit: str = ""
    held: int = 0
    so_far: str = ""
    charged: int = 0
    returned: int = 0
    expected: str = ""
    balance: int = 0
    cached: bool = False
    failure: str = ""
    action: str = ""
    ended: str = ""
    result_url: str = ""
    errors: list[dict[str, str]] = []  # noqa: RUF012 - Reflex copies defaults

    @rx.event(background=True)
    async def start(self, tool_id: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 - an async generator, as Reflex reads it
        """Run a tool on the server with these inputs, and follow it to its end."""
        tool = priced(tool_id)
        if tool is None or not isinstance(values, dict):
            return
        async with self:
            if self.busy:
                return
            actor = await actor_of(self)
            most, mark, price = await self._most(), await session_mark(self), await self.get_state(Price)
            fresh, only_stored = price.fresh, price._promises_stored(tool.id, values)  # noqa: SLF001 - `_` keeps it from the door
            self.busy, self.errors = True, []
        try:
            await rates.enforce(Rate.RUNS, actor)
            view = (await flow.start(actor, tool_id=tool.id, inputs=values, max_credits=most, fresh=fresh, only_stored=only_stored)).view
            async with still_of(self, mark):
                self._began(view)
            if view.status not in TERMINAL:
                async for progress in flow.watch(actor, view.run_id):
                    if progress.status in TERMINAL:
                        break
                    async with still_of(self, mark):
                        self._follow(progress)
                view = await flow.get(actor, view.run_id)
            async with still_of(self, mark):
                await self._end(view, values)
        except StudioError as error:
            with contextlib.suppress(TakenOver):
                async with still_of(self, mark):
                    await self._refuse(error)
        except TakenOver:
            return  # the run goes on; its person finds it under their runs
        finally:
            with contextlib.suppress(TakenOver):
                async with still_of(self, mark):
                    self.busy = False

    @rx.event
    async def cancel(self) -> None:
        """Stop the run that is under way; what it held returns."""
        run_id = ids.parse_id(self.run_id)
        if run_id is None or not self.busy:
            return
        try:
            actor = await actor_of(self)
            await rates.enforce(Rate.OTHER, actor)
            await flow.cancel(actor, run_id)
        except StudioError as error:
            await self._refuse(error)

    @rx.event
    def clear(self, tool_id: str) -> None:
        """A tool's page opens: another tool's run does not stand there."""
        if not self.busy and isinstance(tool_id, str) and find_tool(tool_id) and self.tool_id != tool_id:
            self.reset()

    async def _most(self) -> int | None:
        """What the button said: the person's own ceiling, or what balance and caps leave when that is less than the maximum."""
        price, balance = await self.get_state(Price), await self.get_state(Balance)
        most = price.cap or price.most
        if balance.ready and price.least <= balance.room < most:
            return balance.room
        return price.cap or None

    def _began(self, view: RunView) -> None:
        self.tool_id, self.run_id, self.status = view.tool_id, str(view.run_id), view.status
        self.ahead, self.share, self.doing, self.elapsed, self.so_far = 0, _UNKNOWN, "", "", ""
        self.limit, self.held = words.seconds(view.limits.duration_ms), view.credits.held
        self.expected = words.span(view.credits.estimate.min, view.credits.estimate.max)
        self.failure = self.action = ""

    def _follow(self, progress: Progress) -> None:
        self.status, self.ahead, self.doing = progress.status, progress.ahead, progress.doing
        self.share = _UNKNOWN if progress.share is None else progress.share
        self.elapsed = words.seconds(progress.elapsed_ms) if progress.elapsed_ms else ""
        self.so_far = words.raw(progress.credits_so_far) if progress.credits_so_far else ""

    async def _end(self, view: RunView, values: dict[str, Any]) -> None:
        self.status, self.cached = view.status, view.cached
        self.charged, self.returned, self.balance = view.credits.charged, view.credits.released, view.credits.balance
        self.elapsed = words.seconds(_lasted_ms(view.started_at, view.ended_at))
        person = await person_of(self)
        at = words.moment(view.ended_at or clock.now(), person.time_zone if person else "UTC")
        self.ended = at if view.cached else f"{at}, {self.elapsed}"
        if view.failure:
            self.failure, self.action = view.failure.message, view.failure.action
            self.errors = [{"field": view.failure.field, "message": view.failure.message}] if view.failure.field else []
        if view.status == "succeeded":
            self.result_url = f"/api/runs/{view.run_id}/blocks"
            (await self.get_state(Price))._ran(view.tool_id, values, at)  # noqa: SLF001 - `_` keeps it from the door

    async def _refuse(self, error: StudioError) -> None:
        place = place_of(error)
        if isinstance(error, InvalidInputs):
            self.errors = [{"field": one.field, "message": one.message} for one in error.errors]
        elif place is Place.PANEL:
            facts = error.facts
            badge = f"Short by {words.number(facts.shortfall)}" if facts.shortfall else "Blocked"
            person, price = await person_of(self), await self.get_state(Price)
            resets = words.reset_at(facts.resets_at, person.time_zone if person else "UTC", now=clock.now())
            tail = f"Resets {resets}. {error.action}" if resets else error.action
            price._refuse(badge=badge, head=error.message, tail=tail, way_out=limiting.way_out_of(error))  # noqa: SLF001 - `_` keeps it from the door
        else:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - as above


def _lasted_ms(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() * 1000 if start and end else 0.0
