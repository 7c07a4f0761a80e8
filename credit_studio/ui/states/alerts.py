"""What the person was told, and the mails that were kept here."""

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from credit_studio.core import clock, ids
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.notifications import flow
from credit_studio.notifications.views import AlertView
from credit_studio.ui import words
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

FILTERS = (("all", "All"), ("unread", "Unread"), ("limits", "Limits"), ("credits", "Credits"), ("payments", "Payments"))
_GROUPS = frozenset({"limits", "credits", "payments"})
_LINES = 20
_MOST_PAGES = 200


@dataclass(frozen=True)
class Line:
    """An alert in words. `tone` is "warn", "bad", "good" or "plain"."""

    alert_id: str
    at: str
    title: str
    text: str
    label: str
    href: str
    tone: str
    is_read: bool


@dataclass(frozen=True)
class Mail:
    """A mail that was kept instead of sent, as its text."""

    mail_id: str
    at: str
    subject: str
    text: str


@private
class Alerts(rx.State):
    """The page /account/alerts."""

    ready: bool = False
    shown: str = "all"
    zone: str = ""
    rows: list[Line] = []  # noqa: RUF012 - Reflex copies defaults
    mails: list[Mail] = []  # noqa: RUF012 - as above
    left: int = 0
    has_older: bool = False
    has_newer: bool = False
    _next: str = ""
    _passed: list[str] = []  # noqa: RUF012 - as above

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        await self._read()

    @rx.event
    async def narrow(self, shown: str) -> None:
        """Show all, those that were not read, or those of one group."""
        self.shown = shown if shown in {value for value, _ in FILTERS} else "all"
        self._passed = []
        await self._read()

    @rx.event
    async def older(self) -> None:
        """The next page."""
        if self._next and len(self._passed) < _MOST_PAGES:
            self._passed = [*self._passed, self._next]
            await self._read()

    @rx.event
    async def newer(self) -> None:
        """The page before."""
        if self._passed:
            self._passed = self._passed[:-1]
            await self._read()

    @rx.event
    async def read_one(self, alert_id: str) -> None:
        """Mark one of one's own alerts as read."""
        found = ids.parse_id(alert_id)
        if found is not None:
            await self._mark([found])

    @rx.event
    async def read_all(self) -> None:
        """Mark all of one's alerts as read."""
        await self._mark(None)

    async def _mark(self, which: list[UUID] | None) -> None:
        actor = actor_for(self, await person_of(self))
        try:
            await rates.enforce(Rate.OTHER, actor)
            await flow.mark_read(actor, which)
        except StudioError as error:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door
            return
        self._passed = [] if self.shown == "unread" else self._passed
        await self._read()

    async def _read(self) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor, now = actor_for(self, person), clock.now()
        group = self.shown if self.shown in _GROUPS else None
        cursor = self._passed[-1] if self._passed else None
        page, self.left = await flow.listing(actor, kind=group, unread=self.shown == "unread", cursor=cursor, limit=_LINES)
        self.zone = words.short_zone(person.time_zone, now)
        self.rows = [_line(one, words.clock(one.at, person.time_zone, now=now)) for one in page.items]
        self.mails = [Mail(str(one.id), words.clock(one.at, person.time_zone, now=now), one.subject, one.text) for one in await flow.kept_mails(actor)]
        self._next = page.next_cursor or ""
        self.has_older, self.has_newer = bool(self._next), bool(self._passed)
        self.ready = True


def _line(one: AlertView, at: str) -> Line:
    said = one.said
    return Line(str(one.id), at, said.title, said.text, said.label, f"{said.path}/", said.tone, one.is_read)
