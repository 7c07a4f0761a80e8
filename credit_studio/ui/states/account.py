"""The overview of an account: where the credits come from, what moved last, what ran last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import reflex as rx

from credit_studio.analytics import service as analytics
from credit_studio.core import clock
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db import session as db
from credit_studio.db.rates import Rate
from credit_studio.db.session import Tx
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance as Book
from credit_studio.ledger.views import GrantView
from credit_studio.reconciliation import service as reconciliation
from credit_studio.reconciliation.views import BookCheck
from credit_studio.runs import flow, moving
from credit_studio.runs.views import RunLine
from credit_studio.subscriptions import service as subscriptions
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, find_tool
from credit_studio.ui import advising, outlook, words
from credit_studio.ui.advice import Advice, Favourite, advise
from credit_studio.ui.components.tool_list import price_of
from credit_studio.ui.outlook import Heading
from credit_studio.ui.states.moves import Line, line_of
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private
from credit_studio.ui.widget import PLAN_SOURCE

_LINES = 10
_AHEAD_DAYS = _BACK_DAYS = 30
_SPARK_DAYS = 14
_QUICK = 3
STATUS_WORDS = {
    "queued": "Queued",
    "running": "Running",
    "succeeded": "Done",
    "failed": "Failed",
    "timed_out": "Stopped",
    "limit": "Stopped",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True)
class Part:
    """Credits of one kind in the balance: how many, in words from where, until when; `look` is "plan" or "own"."""

    amount: str
    said: str
    percent: float
    look: str


@dataclass(frozen=True)
class Ran:
    """One run of the list."""

    at: str
    title: str
    href: str
    status: str
    is_done: bool
    lasted: str
    charged: str


@dataclass(frozen=True)
class Quick:
    """A tool used lately: where it runs, and what a run of its example costs, in figures and as it is read out."""

    title: str
    href: str
    mode: str
    price: str
    said: str


@dataclass(frozen=True)
class Spent:
    """Credits spent over some days: a line from day to day (see `outlook.spark`), and the same in words."""

    line: str
    amount: str
    said: str


@private
class Account(rx.State):
    """What /account shows, all in words."""

    ready: bool = False
    plan: str = ""
    zone: str = ""
    books: str = ""
    books_look: str = ""
    parts: list[Part] = []  # noqa: RUF012 - Reflex copies defaults
    split: str = ""
    heading: Heading = Heading()
    advice: Advice = Advice()
    spent: list[Spent] = []  # noqa: RUF012 - as above
    lines: list[Line] = []  # noqa: RUF012 - as above
    runs: list[Ran] = []  # noqa: RUF012 - as above
    quick: list[Quick] = []  # noqa: RUF012 - as above

    @rx.event
    async def load(self) -> None:
        """The page opens: read it all anew."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        try:
            await rates.enforce(Rate.OTHER, actor_for(self, person))
        except StudioError as error:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door
            return
        await self._read(person)
        self.ready = True

    async def _read(self, person: Person) -> None:
        now, zone = clock.now(), person.time_zone
        runs = (await flow.listing(actor_for(self, person), cursor=None, limit=_LINES)).items
        async with db.snapshot() as tx:
            book = await ledger.balance(tx, owner_id=person.id)
            page = await moving.movements(tx, person_id=person.id, limit=_LINES)
            plan = await subscriptions.plan_of(tx, person_id=person.id)
            checked = await reconciliation.last(tx)
            ahead = await analytics.forecast(tx, person=person, days=_AHEAD_DAYS)
            stood = await analytics.stood(tx, person=person, days=_BACK_DAYS)
            daily = await _daily(tx, person, now)
            facts = await advising.facts_of(tx, person, book=book, forecast=ahead, spent=sum(daily[-_SPARK_DAYS:]), tool=_favourite(runs))
        self.plan, self.zone = plan.name, words.short_zone(zone, now)
        self.books, self.books_look = _books(checked, zone, now=now)
        self._split(book, plan.name, person)
        self.heading = outlook.draw(ahead, stood, book.available, now=now)
        self.advice, self.spent = advise(facts), _spent(daily, now.astimezone(words.zone(zone)))
        self.lines = [line_of(move, zone, now=now) for move in page.items]
        self.runs = [_ran(run, zone, now=now) for run in runs]
        self.quick = _quick(runs)

    def _split(self, book: Book, plan_name: str, person: Person) -> None:
        """The balance by kind: the plan's credits with their end, and the person's own."""
        plan = [grant for grant in book.grants if grant.source == PLAN_SOURCE]
        own = [grant for grant in book.grants if grant.source != PLAN_SOURCE]
        parts = [_part(plan, f"from {plan_name}", "plan", book, person), _part(own, "bought or given", "own", book, person)]
        self.parts = [part for part in parts if part is not None]
        self.split = ", ".join(f"{part.amount} {part.said}" for part in self.parts) or "no credits"


def _books(checked: BookCheck | None, zone: str, *, now: datetime) -> tuple[str, str]:
    """What the last check of the whole book found, and how that looks: "agree", "broken" or "unknown"."""
    if checked is None:
        return "Not checked yet", "unknown"
    when = f"{words.clock(checked.at, zone, now=now)} {words.short_zone(zone, checked.at)}"
    return (f"Books agree, checked {when}", "agree") if checked.holds else (f"Books do not agree, checked {when}", "broken")


def _part(grants: list[GrantView], said: str, look: str, book: Book, person: Person) -> Part | None:
    amount = sum(grant.remaining for grant in grants)
    percent = amount * 100 / book.available if book.available > 0 else 0.0
    return Part(amount=words.number(amount), said=said + _until(grants, amount, person.time_zone), percent=percent, look=look) if grants else None


def _until(grants: list[GrantView], amount: int, zone: str) -> str:
    """When they end; where not all do together, what of them ends first."""
    ending = [grant for grant in grants if grant.expires_at and grant.remaining] or [grant for grant in grants if grant.expires_at]
    ends = min((grant.expires_at for grant in ending if grant.expires_at), default=None)
    if ends is None:
        return ", do not expire"
    first = sum(grant.remaining for grant in ending if grant.expires_at == ends)
    some = "" if first == amount else f" {words.number(first)} of them"
    return f",{some} end{'s' if some and first == 1 else ''} {words.moment(ends, zone)}"


async def _daily(tx: Tx, person: Person, now: datetime) -> list[int]:
    """Credits spent on each of the last days, so far back that the sparks' days and this month are in it."""
    today = now.astimezone(words.zone(person.time_zone)).date()
    return await analytics.spent_by_day(tx, person=person, since=min(today - timedelta(days=_SPARK_DAYS - 1), today.replace(day=1)))


def _spent(daily: list[int], now: datetime) -> list[Spent]:
    """The last days, and the month so far; `now` is in the person's zone."""
    lately, month = daily[-_SPARK_DAYS:], daily[-now.day :]
    of_it = f", {words.number(daily[-1])} of it today" if any(lately) else ""
    return [
        Spent(outlook.spark(lately), words.number(sum(lately)), f"in the last {_SPARK_DAYS} days{of_it}"),
        Spent(outlook.spark(month), words.number(sum(month)), f"in {now:%B} so far"),
    ]


def _ran(run: RunLine, zone: str, *, now: datetime) -> Ran:
    return Ran(
        at=words.clock(run.created_at, zone, now=now),
        title=run.title,
        href=f"/runs/{run.run_id}/",
        status=STATUS_WORDS[run.status],
        is_done=run.status == "succeeded",
        lasted=words.seconds(run.duration_ms) if run.duration_ms is not None else "",
        charged=words.number(run.charged),
    )


def _quick(runs: tuple[RunLine, ...]) -> list[Quick]:
    tools = [find_tool(tool_id) for tool_id in dict.fromkeys(run.tool_id for run in runs)]
    return [_entry(tool) for tool in tools if tool is not None][:_QUICK]


def _entry(tool: AnyTool) -> Quick:
    places = {Mode.CLIENT: "in browser", Mode.HYBRID: "browser or server", Mode.SERVER: "server"}
    price, here = price_of(tool)["price"], {Mode.CLIENT: ", in browser", Mode.HYBRID: ", or 0 in browser", Mode.SERVER: ""}[tool.mode]
    said = f"{price.replace('–', ' to ')} credit{'' if price == '1' else 's'}{here}"  # noqa: RUF001 - an en dash is how a range is written
    return Quick(title=tool.title, href=f"{tool.path}/", mode=places[tool.mode], price=f"{price}{here}", said=said)


def _favourite(runs: tuple[RunLine, ...]) -> Favourite | None:
    """The tool of the last run."""
    tool = find_tool(runs[0].tool_id) if runs else None
    return None if tool is None else Favourite(tool.title, f"{tool.path}/", price_of(tool)["typical"])
