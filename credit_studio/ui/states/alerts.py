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
from credit_studio.ui.paging import Place
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

FILTERS = (("all", "All"), ("unread", "Unread"), ("limits", "Limits"), ("credits", "Credits"), ("payments", "Payments"))
_GROUPS = frozenset({"limits", "credits", "payments"})
_LINES = 20


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
    _place: Place = Place()

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        await self._read()

    @rx.event
    async def follow(self) -> None:
        """An alert has come, or was read elsewhere: the page that is open shows it."""
        if self.ready:
            await self._read()

    @rx.event
    async def narrow(self, shown: str) -> None:
        """Show all, those that were not read, or those of one group."""
        self.shown = shown if shown in {value for value, _ in FILTERS} else "all"
        self._place = Place()
        await self._read()

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
        self._place = Place() if self.shown == "unread" else self._place
        await self._read()

    async def _read(self) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor, now = actor_for(self, person), clock.now()
        group = self.shown if self.shown in _GROUPS else None
        page, self.left = await flow.listing(actor, kind=group, unread=self.shown == "unread", cursor=self._place.cursor, limit=_LINES)
        self.zone = words.short_zone(person.time_zone, now)
        self.rows = [_line(one, words.clock(one.at, person.time_zone, now=now)) for one in page.items]
        self.mails = [Mail(str(one.id), words.clock(one.at, person.time_zone, now=now), one.subject, one.text) for one in await flow.kept_mails(actor)]
        self._place = self._place.leading_to(page.next_cursor)
        self.has_older, self.has_newer = self._place.has_older, self._place.has_newer
        self.ready = True


def _line(one: AlertView, at: str) -> Line:
    said = one.said
    return Line(str(one.id), at, said.title, said.text, said.label, f"{said.path}/", said.tone, one.is_read)
