"""The runs of an account: listed by pages, searched, deleted and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import reflex as rx

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.runs import flow, keeping, rules
from credit_studio.runs.views import TERMINAL, RunLine, Wanted
from credit_studio.tools.registry import find_tool
from credit_studio.ui import days, words
from credit_studio.ui.paging import Place
from credit_studio.ui.states.account import STATUS_WORDS
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

_LINES = 20
STATUSES = {
    "done": ("succeeded",),
    "stopped": ("failed", "timed_out", "limit"),
    "cancelled": ("cancelled",),
    "active": ("queued", "running"),
}
"""What one can ask for, and the statuses that it stands for."""


@dataclass(frozen=True)
class Choice:
    """A tool that one can ask for."""

    value: str
    label: str


@dataclass(frozen=True)
class Listed:
    """One run of the list, in words. `kept` says until when its result is there; empty without one."""

    run_id: str
    at: str
    title: str
    summary: str
    href: str
    status: str
    is_done: bool
    is_ended: bool
    lasted: str
    charged: str
    kept: str
    is_shared: bool


@private
class Runs(rx.State):
    """The page /account/runs. `since` and `until` are days as the page's fields give them, in the account's zone."""

    ready: bool = False
    zone: str = ""
    rows: list[Listed] = []  # noqa: RUF012 - Reflex copies defaults
    tools: list[Choice] = []  # noqa: RUF012 - as above
    tool: str = ""
    status: str = ""
    since: str = ""
    until: str = ""
    has_older: bool = False
    has_newer: bool = False
    undo_id: str = ""
    _until: str = ""
    _place: Place = Place()

    @rx.event
    async def load(self) -> None:
        """The page opens: the newest runs, none left out but by the link that led here."""
        undo = (self.undo_id, self._until)
        self.reset()
        if undo[1] > clock.now().isoformat():
            self.undo_id, self._until = undo
        self._narrow(self.router.url.query_parameters)
        await self._read()

    def _narrow(self, query: Mapping[str, str]) -> None:
        """What a link asks for: `tool`, and the days `from` and `to`."""
        tool, since, until = (str(query.get(name, "")) for name in ("tool", "from", "to"))
        self.tool = tool if find_tool(tool) else ""
        self.since, self.until = since if days.parse(since) else "", until if days.parse(until) else ""

    @rx.event
    async def by_tool(self, tool_id: str) -> None:
        """Only runs of one tool; "" for all."""
        self.tool = tool_id if isinstance(tool_id, str) and find_tool(tool_id) else ""
        await self._read_first()

    @rx.event
    async def by_status(self, status: str) -> None:
        """Only runs of one kind of end; "" for all."""
        self.status = status if isinstance(status, str) and status in STATUSES else ""
        await self._read_first()

    @rx.event
    async def by_first_day(self, day: str) -> None:
        """Only runs of that day and later; "" for no bound."""
        self.since = day if days.parse(day) else ""
        await self._read_first()

    @rx.event
    async def by_last_day(self, day: str) -> None:
        """Only runs of that day and before; "" for no bound."""
        self.until = day if days.parse(day) else ""
        await self._read_first()

    @rx.event
    async def clear(self) -> None:
        """All runs again."""
        self.tool = self.status = self.since = self.until = ""
        await self._read_first()

    @rx.event
    async def older(self) -> None:
        """The next page."""
        self._place = self._place.older()
        await self._read()

    @rx.event
    async def newer(self) -> None:
        """The page before."""
        self._place = self._place.newer()
        await self._read()

    @rx.event
    async def delete(self, run_id: str) -> None:
        """Delete a run of one's own that has ended."""
        if await self._delete(run_id):
            await self._read()

    @rx.event
    async def undo(self) -> None:
        """Bring back the run that was deleted last."""
        found = ids.parse_id(self.undo_id)
        self.undo_id = ""
        if found is not None and await self._do(found, keeping.restore):
            await self._read()

    @rx.event
    def dismiss(self) -> None:
        """Take the word of the deletion away."""
        self.undo_id = ""

    async def _delete(self, run_id: str) -> bool:
        found = ids.parse_id(run_id)
        is_done = found is not None and await self._do(found, keeping.delete)
        if is_done:
            self.undo_id, self._until = str(found), (clock.now() + rules.UNDO_LASTS).isoformat()
        return is_done

    async def _do(self, run_id: UUID, verb: keeping.Verb) -> bool:
        actor = await self._actor()
        try:
            await rates.enforce(Rate.OTHER, actor)
            await verb(actor, run_id)
        except StudioError as error:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door
            return False
        return True

    async def _actor(self) -> Actor:
        return actor_for(self, await person_of(self))

    async def _read_first(self) -> None:
        self._place = Place()
        await self._read()

    async def _read(self) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor, now = actor_for(self, person), clock.now()
        page = await flow.listing(actor, wanted=self._wanted(person.time_zone), cursor=self._place.cursor, limit=_LINES)
        self.zone = words.short_zone(person.time_zone, now)
        self.rows = [_listed(line, person.time_zone, now=now) for line in page.items]
        self.tools = [Choice(tool.id, tool.title) for tool in await keeping.tools_of(actor)]
        self._place = self._place.leading_to(page.next_cursor)
        self.has_older, self.has_newer = self._place.has_older, self._place.has_newer
        self.ready = True

    def _wanted(self, zone: str) -> Wanted:
        since, until = days.span(self.since, self.until, zone)
        return Wanted(tool_id=self.tool or None, statuses=STATUSES.get(self.status, ()), since=since, until=until)


def _listed(line: RunLine, zone: str, *, now: datetime) -> Listed:
    return Listed(
        run_id=str(line.run_id),
        at=words.clock(line.created_at, zone, now=now),
        title=line.title,
        summary=line.summary,
        href=f"/runs/{line.run_id}/",
        status=STATUS_WORDS[line.status],
        is_done=line.status == "succeeded",
        is_ended=line.status in TERMINAL,
        lasted=words.seconds(line.duration_ms) if line.duration_ms is not None else "",
        charged=words.number(line.charged),
        kept=words.day(line.kept_until, zone) if line.kept_until else "",
        is_shared=line.shared_at is not None,
    )
