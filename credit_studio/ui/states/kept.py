"""A kept result: its link on the receipt, and what the link shows to anybody."""

import reflex as rx

from credit_studio.core import ids
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.runs import flow, keeping
from credit_studio.runs.views import TERMINAL, RunView
from credit_studio.tools.registry import find_tool
from credit_studio.ui import words
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, actor_of, person_of, private
from credit_studio.ui.states.runs import Runs


def last_part(state: rx.State) -> str:
    """The last part of the page's address."""
    return state.router.url.path.rstrip("/").rpartition("/")[2]


@private
class Kept(rx.State):
    """What is kept of the run of a receipt. `link` is the path of a link that was just made: it is told once."""

    run_id: str = ""
    is_done: bool = False
    is_ended: bool = False
    until: str = ""
    shared_at: str = ""
    link: str = ""

    @rx.event
    async def load(self) -> None:
        """A receipt opens."""
        self.reset()
        await self._read(last_part(self))

    @rx.event
    async def share(self) -> None:
        """Make a link to the result; an earlier one ends."""
        run_id = ids.parse_id(self.run_id)
        if run_id is None:
            return
        try:
            actor = await actor_of(self)
            await rates.enforce(Rate.OTHER, actor)
            made = await keeping.share(actor, run_id)
        except StudioError as error:
            await self._refuse(error)
        else:
            self.link = f"/shared/{made.token}/"
            await self._read(self.run_id)

    @rx.event
    async def unshare(self) -> None:
        """End the link."""
        run_id = ids.parse_id(self.run_id)
        if run_id is None:
            return
        try:
            actor = await actor_of(self)
            await rates.enforce(Rate.OTHER, actor)
            await keeping.unshare(actor, run_id)
        except StudioError as error:
            await self._refuse(error)
        else:
            self.link = ""
            await self._read(self.run_id)

    @rx.event
    async def delete(self) -> rx.event.EventSpec | None:
        """Delete the run, and go to the list, where it can be undone."""
        is_done = await (await self.get_state(Runs))._delete(self.run_id)  # noqa: SLF001 - `_` keeps it from the door
        return rx.redirect("/account/runs/") if is_done else None

    async def _read(self, spelled: str) -> None:
        person, run_id = await person_of(self), ids.parse_id(spelled)
        if person is None or run_id is None:
            self.reset()
            return
        try:
            self._show(await flow.get(actor_for(self, person), run_id), person.time_zone)
        except StudioError:
            self.reset()

    def _show(self, run: RunView, zone: str) -> None:
        self.run_id = str(run.run_id)
        self.is_done, self.is_ended = run.status == "succeeded", run.status in TERMINAL
        self.until = words.moment(run.kept_until, zone) if run.kept_until else ""
        self.shared_at = words.moment(run.shared_at, zone) if run.shared_at else ""

    async def _refuse(self, error: StudioError) -> None:
        (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door


class Shared(rx.State):
    """What /shared/{token} shows: to anybody, so there is nothing of an account in it."""

    ready: bool = False
    missing: bool = False
    title: str = ""
    about: str = ""
    tool_href: str = ""
    ran_at: str = ""
    until: str = ""
    src: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens; whatever is wrong with the link, it is the same "not found"."""
        self.reset()
        token, person = last_part(self), await person_of(self)
        zone = person.time_zone if person else "UTC"
        try:
            await rates.enforce(Rate.OTHER, actor_for(self, person))
            found = await keeping.shared(token)
        except StudioError:
            self.missing = True
        else:
            tool = find_tool(found.tool_id)
            self.title, self.src = found.title, f"/api/shared/{token}"
            self.about, self.tool_href = (tool.summary, f"{tool.path}/") if tool else ("", "/tools/")
            self.ran_at, self.until = words.moment(found.ran_at, zone), words.day(found.until, zone)
        self.ready = True
