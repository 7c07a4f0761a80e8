"""The history of an account: every movement, found by what stands in the page's address."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from credit_studio.core import clock, lines
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.db.session import transaction
from credit_studio.history.looking import KINDS
from credit_studio.history.views import Page
from credit_studio.identity.views import Person
from credit_studio.runs import keeping, moving
from credit_studio.tools.registry import find_tool
from credit_studio.ui import days, words
from credit_studio.ui.paging import Place
from credit_studio.ui.states.forms import said
from credit_studio.ui.states.moves import Line, line_of
from credit_studio.ui.states.privacy import actor_for, person_of, private
from credit_studio.ui.states.runs import Choice

PATH = "/account/credits/history/"
LONGEST_TEXT = 100
_LINES = 50
_MONTHS = 12


@private
class History(rx.State):
    """The page /account/credits/history. `since` and `until` are days as the page's fields give them, in the account's zone."""

    ready: bool = False
    zone: str = ""
    rows: list[Line] = []  # noqa: RUF012 - Reflex copies defaults
    tools: list[Choice] = []  # noqa: RUF012 - as above
    months: list[Choice] = []  # noqa: RUF012 - as above
    month: str = ""
    kind: str = ""
    tool: str = ""
    since: str = ""
    until: str = ""
    text: str = ""
    looked: str = ""
    fault: str = ""
    has_older: bool = False
    has_newer: bool = False
    _place: Place = Place()

    @rx.event
    async def load(self) -> None:
        """The page opens, or its address has changed: what that asks for, from the newest on."""
        month = self.month
        self.reset()
        self._take(self.router.url.query_parameters)
        self.month = month
        await self._read()

    @rx.event
    def by_kind(self, kind: str) -> EventSpec:
        """Only movements of one type; "" for all."""
        self.kind = kind if isinstance(kind, str) and kind in KINDS else ""
        return self._go()

    @rx.event
    def by_tool(self, tool_id: str) -> EventSpec:
        """Only what runs of one tool moved; "" for all."""
        self.tool = tool_id if isinstance(tool_id, str) and find_tool(tool_id) else ""
        return self._go()

    @rx.event
    def by_first_day(self, day: str) -> EventSpec:
        """Only that day and later; "" for no bound."""
        self.since = day if days.parse(day) else ""
        return self._go()

    @rx.event
    def by_last_day(self, day: str) -> EventSpec:
        """Only that day and before; "" for no bound."""
        self.until = day if days.parse(day) else ""
        return self._go()

    @rx.event
    def search(self, form: dict[str, Any]) -> EventSpec:
        """Only what has these words."""
        self.text = lines.one_line(said(form, "q"), LONGEST_TEXT)
        return self._go()

    @rx.event
    def clear(self) -> EventSpec:
        """Everything again."""
        self._take({})
        return self._go()

    @rx.event
    def pick_month(self, month: str) -> None:
        """The month that the statement is of."""
        self.month = month if any(month == one.value for one in self.months) else self.month

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
    async def again(self) -> None:
        """Read once more what could not be read."""
        await self._read()

    def _take(self, asked: Any) -> None:  # noqa: ANN401 - a mapping, as Reflex gives it
        """What an address asks for, as far as it makes sense."""
        told = {name: str(asked.get(name, "")) for name in ("type", "tool", "from", "to", "q")}
        self.kind = told["type"] if told["type"] in KINDS else ""
        self.tool = told["tool"] if find_tool(told["tool"]) else ""
        self.since = told["from"] if days.parse(told["from"]) else ""
        self.until = told["to"] if days.parse(told["to"]) else ""
        self.text = lines.one_line(told["q"], LONGEST_TEXT)

    def _go(self) -> EventSpec:
        """To the address of what is asked for: it can be kept, sent and gone back to."""
        asked = {"type": self.kind, "tool": self.tool, "from": self.since, "to": self.until, "q": self.text}
        query = urlencode({name: value for name, value in asked.items() if value})
        return rx.redirect(f"{PATH}?{query}" if query else PATH)

    async def _read(self) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        self.fault, now = "", clock.now()
        actor = actor_for(self, person)
        try:
            await rates.enforce(Rate.OTHER, actor)
            page = await self._page(person)
        except StudioError as error:
            self.fault, self.ready = f"{error.message} {error.action}".strip(), True
            return
        self._show(page, person, now)
        self.tools = [Choice(tool.id, tool.title) for tool in await keeping.tools_of(actor)]
        self.ready = True

    async def _page(self, person: Person) -> Page:
        since, until = days.span(self.since, self.until, person.time_zone)
        kinds = (self.kind,) if self.kind else ()
        wanted = {"kinds": kinds, "tool_id": self.tool, "since": since, "until": until, "text": self.text}
        async with transaction() as tx:
            return await moving.movements(tx, person_id=person.id, **wanted, cursor=self._place.cursor, limit=_LINES)

    def _show(self, page: Page, person: Person, now: datetime) -> None:
        self.zone = words.short_zone(person.time_zone, now)
        self.rows = [line_of(move, person.time_zone, now=now) for move in page.items]
        self.looked = words.moment(page.looked_to, person.time_zone) if page.looked_to else ""
        self._place = self._place.leading_to(page.next_cursor)
        self.has_older, self.has_newer = self._place.has_older, self._place.has_newer
        self.months = _months(person, now)
        self.month = self.month or self.months[0].value


def _months(person: Person, now: datetime) -> list[Choice]:
    """The months of the account's life, the newest first, a year of them at most."""
    zone = ZoneInfo(person.time_zone)
    today, first = now.astimezone(zone), person.created_at.astimezone(zone)
    count = min(_MONTHS, (today.year - first.year) * 12 + today.month - first.month + 1)
    found = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(max(1, count))]
    return [Choice(f"{year}-{month + 1:02}", f"{datetime(year, month + 1, 1, tzinfo=zone):%B %Y}") for year, month in found]
