"""The page of use: what is asked for stands in its address, so that a link keeps it and the way back works."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx

from credit_studio.analytics import flow, spans
from credit_studio.analytics import service as analytics
from credit_studio.analytics.views import Usage as Used
from credit_studio.core import clock
from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.db import rates
from credit_studio.db import session as db
from credit_studio.db.rates import Rate
from credit_studio.engine import gate
from credit_studio.history import service as history
from credit_studio.history.views import Statement
from credit_studio.identity.views import Person
from credit_studio.ui import outlook, using, words
from credit_studio.ui.states.privacy import actor_for, person_of, private
from credit_studio.ui.using import Told

PATH = "/account/usage/"
_AHEAD_DAYS = 30
_FRESH = {"period": "30d", "metric": "credits", "group": "tool", "bucket": "", "from": "", "to": ""}
_PERIODS = {"24h": "24 h", "7d": "7 d", "30d": "30 d", "90d": "90 d", "custom": "Custom"}
_METRICS = {"credits": "Credits", "runs": "Runs"}
_GROUPS = {"tool": "Tool", "studio": "Studio"}
_BUCKETS = {"hour": "Hour", "day": "Day", "week": "Week", "month": "Month"}


@dataclass(frozen=True)
class Choice:
    """A button of a row of them: where it leads, and whether one is there."""

    label: str
    href: str
    is_here: bool


@dataclass(frozen=True)
class Sum:
    """A line of the statement."""

    label: str
    amount: str


@private
class Usage(rx.State):
    """What /account/usage shows, all in words."""

    ready: bool = False
    trouble: str = ""
    hint: str = ""
    periods: list[Choice] = []  # noqa: RUF012 - Reflex copies defaults
    metrics: list[Choice] = []  # noqa: RUF012 - as above
    groups: list[Choice] = []  # noqa: RUF012 - as above
    buckets: list[Choice] = []  # noqa: RUF012 - as above
    metric: str = ""
    group: str = ""
    since: str = ""
    until: str = ""
    is_custom: bool = False
    told: Told = Told()
    coming: list[str] = []  # noqa: RUF012 - as above
    month: str = ""
    sums: list[Sum] = []  # noqa: RUF012 - as above
    closing: str = ""
    as_csv: str = ""
    as_json: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens, or its address has changed."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        asked = _asked(self.router.url.query_parameters)
        try:
            await self._read(person, asked)
            self.trouble = self.hint = ""
        except StudioError as error:
            self.trouble, self.hint = _said(error)
        self.ready = True

    async def _read(self, person: Person, asked: dict[str, str]) -> None:
        actor, now = actor_for(self, person), clock.now()
        await rates.enforce(Rate.OTHER, actor)
        self._offer(asked)
        custom = {"since": asked["from"], "until": asked["to"]} if asked["period"] == "custom" else {}
        used = await flow.usage(actor, period=asked["period"], group_by=asked["group"], bucket=asked["bucket"] or None, **custom)
        async with db.snapshot() as tx:
            caps = await gate.cap_states(tx, person_id=person.id)
            ahead = await analytics.forecast(tx, person=person, days=_AHEAD_DAYS)
            today = now.astimezone(words.zone(person.time_zone))
            month = await history.statement(tx, owner_id=person.id, year=today.year, month=today.month, zone=person.time_zone)
        self.month, self.sums, self.closing = f"{today:%B}", _sums(month), words.number(month.closing)
        self.told = using.tell(used, metric=asked["metric"], now=now)
        self.coming = using.coming(used, caps, outlook.says(ahead), now=now)
        self._offer(_settled(asked, used))

    def _offer(self, asked: dict[str, str]) -> None:
        """The buttons, and the ways to the files of the same."""
        self.periods = _choices("period", _PERIODS, asked)
        self.metrics = _choices("metric", _METRICS, asked)
        self.groups = _choices("group", _GROUPS, asked)
        self.buckets = _choices("bucket", _BUCKETS, asked)
        self.metric, self.group, self.is_custom = asked["metric"], asked["group"], asked["period"] == "custom"
        self.since, self.until = asked["from"], asked["to"]
        span = {name: asked[name] for name in ("period", "bucket", *(("from", "to") if self.is_custom else ())) if asked[name]}
        files = f"/api/account/usage/export?{urlencode(span | {'groupBy': self.group})}"
        self.as_csv, self.as_json = f"{files}&format=csv", f"{files}&format=json"


def _asked(query: Mapping[str, str]) -> dict[str, str]:
    """What the address asks for; what it does not say, and what no button says, is as it is at first."""
    given = {name: str(value)[:40] for name, value in query.items() if name in _FRESH}
    asked = _FRESH | {name: value for name, value in given.items() if value}
    for name, known in (("period", _PERIODS), ("metric", _METRICS), ("group", _GROUPS), ("bucket", _BUCKETS)):
        asked[name] = asked[name] if asked[name] in known else _FRESH[name]
    if asked["period"] != "custom":
        asked |= {"from": "", "to": ""}
    return asked


def _settled(asked: dict[str, str], used: Used) -> dict[str, str]:
    """With what was chosen by itself: the bars, and the days that "Custom" begins with."""
    zone = words.zone(used.time_zone)
    first, last = used.since.astimezone(zone).date(), used.series[-1].start.astimezone(zone).date()
    return asked | {"bucket": used.bucket, "from": asked["from"] or first.isoformat(), "to": asked["to"] or last.isoformat()}


def _choices(name: str, known: dict[str, str], asked: dict[str, str]) -> list[Choice]:
    return [Choice(label, _address(asked | {name: value}, changed=name), asked[name] == value) for value, label in known.items()]


def _address(asked: dict[str, str], *, changed: str) -> str:
    """The page's address for that; another period chooses its bars by itself."""
    kept = {name: value for name, value in asked.items() if value and value != _FRESH[name]}
    if changed == "period" or asked["bucket"] == spans.PERIODS[asked["period"]]:
        kept.pop("bucket", None)
    if asked["period"] != "custom":
        kept = {name: value for name, value in kept.items() if name not in ("from", "to")}
    return f"{PATH}?{urlencode(kept)}" if kept else PATH


def _sums(month: Statement) -> list[Sum]:
    """The statement line by line, as its closing is reached; corrections only where there are any."""
    came = [("Granted", month.granted), ("Bought", month.bought), ("Used", -month.used), ("Expired", -month.expired), ("Refunded", month.refunded)]
    came += [("Adjusted", month.adjusted)] if month.adjusted else []
    return [Sum("Opening", words.number(month.opening)), *(Sum(label, words.signed(amount)) for label, amount in came)]


def _said(error: StudioError) -> tuple[str, str]:
    if isinstance(error, InvalidInputs):
        return "This time cannot be shown.", " ".join(f"{one.field.capitalize()}: {one.message}" for one in error.errors)
    return error.message, error.action
