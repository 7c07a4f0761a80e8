"""/account/settings/credits: each setting with what it means, saved by itself, and taken back by one click."""

from dataclasses import asdict, dataclass
from typing import Any

import reflex as rx

from credit_studio.core import clock
from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.identity import rules as zones
from credit_studio.identity.views import Person
from credit_studio.limits import flow
from credit_studio.limits.views import CreditSettings, Part, Simulation, Standing, Window
from credit_studio.ui import limiting, live, words
from credit_studio.ui.limiting import Stopped, Taken
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.forms import said
from credit_studio.ui.states.privacy import actor_for, person_of, private
from credit_studio.ui.states.session import Session

CAPS: dict[str, Window] = {"daily_cap": "day", "monthly_cap": "month", "per_run_max": "run"}
TEXTS = {"sms": "Telephone number", "webhook_url": "Webhook", "time_zone": "Time zone"}
GROUPS = ("alert_thresholds", "channels")
PERCENTS = (25, 50, 75, 80, 90, 100)
_FAULT = "Must be a whole number of credits, or empty for no cap."
_UNCHANGED = "Nothing was changed."
_DIGITS = 9
"""As many as a cap may have."""

_NOBODY = dict.fromkeys((*CAPS, *TEXTS, *GROUPS), "")


@dataclass(frozen=True)
class CapLine:
    """A cap as a field: what is set, what may be typed, and what the figure in it means. `turn` counts how often it was filled anew."""

    name: str
    ident: str
    label: str
    value: str
    most: str
    says: str
    turn: int


@dataclass(frozen=True)
class Step:
    """A threshold of alerts."""

    percent: int
    is_on: bool


@private
class Limits(rx.State):
    """`done` and `wrong` say of each field how its last change went; `undoes` whether it can be taken back.

    `blocked` are runs that the caps in the fields would have stopped.
    """

    ready: bool = False
    caps: list[CapLine] = []  # noqa: RUF012 - Reflex copies defaults
    steps: list[Step] = []  # noqa: RUF012 - as above
    in_app: bool = False
    email: bool = False
    texts: dict[str, str] = {}  # noqa: RUF012 - as above
    turn: int = 0
    zone_says: str = ""
    done: dict[str, str] = dict(_NOBODY)  # noqa: RUF012 - as above
    wrong: dict[str, str] = dict(_NOBODY)  # noqa: RUF012 - as above
    undoes: dict[str, bool] = dict.fromkeys(_NOBODY, False)
    blocked_head: str = ""
    blocked: list[Stopped] = []  # noqa: RUF012 - as above
    _held: Standing | None = None
    _zone: str = "UTC"
    _drafts: dict[str, int | None] = {}  # noqa: RUF012 - as above
    _undo: dict[str, Part] = {}  # noqa: RUF012 - as above

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        person = await person_of(self)
        if person is None:
            return
        await self._read(person, fill=True)
        await self._look(person)
        self.ready = True

    @rx.event
    async def follow(self) -> None:
        """The balance or a cap has changed: the figures follow, what is being typed stays."""
        person = await person_of(self)
        if person is not None and self.ready:
            await self._read(person, fill=False)

    @rx.event(supersedes=True)
    async def typed(self, name: str, text: str) -> None:
        """A cap is typed: say what it would mean and what it would have stopped. Nothing is saved."""
        person = await person_of(self)
        if person is None or not self.ready or name not in CAPS or not isinstance(text, str):
            return
        self.done, self.undoes = self.done | {name: ""}, self.undoes | {name: False}
        try:
            self._drafts = self._drafts | {name: _whole(text)}
        except ValueError as error:
            self.wrong = self.wrong | {name: str(error)}
            return
        self.wrong = self.wrong | {name: ""}
        self._say()
        await self._look(person)

    @rx.event
    def zone_typed(self, text: str) -> None:
        """Another zone is typed: say what it would mean, once it is one."""
        if self._held is None or not isinstance(text, str):
            return
        known = zones.clean_zone(text) == text
        now = clock.now()
        self.zone_says = limiting.zone_meaning(text, words.reset_at(self._held.day[1], self._zone, now=now), now=now) if known and text != self._zone else ""

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        """Save one field of text or figures."""
        name, text = said(form, "name"), said(form, "value").strip()
        if name in CAPS:
            await self._save_cap(name, text)
        elif name in TEXTS:
            await self._change(name, _part(name, text if name == "time_zone" else text or None))

    @rx.event
    async def step(self, percent: int, on: bool) -> None:  # noqa: FBT001 - what a check box gives
        """Be told at this share of a cap, or no more."""
        if percent not in PERCENTS or type(percent) is not int:
            return
        kept = {one.percent for one in self.steps if one.is_on}
        wanted = kept | {percent} if on is True else kept - {percent}
        await self._change("alert_thresholds", {"alert_thresholds": tuple(sorted(wanted))})

    @rx.event
    async def channel(self, name: str, on: bool) -> None:  # noqa: FBT001 - as above
        """Be told in the app or by mail, or no more."""
        if name in ("in_app", "email"):
            await self._change("channels", {"notifications": {name: on is True}})  # type: ignore[misc] # pyright: ignore[reportArgumentType] - one of both

    @rx.event
    async def undo(self, name: str) -> None:
        """Set a field back to what it was before the last change of it."""
        before = self._undo.get(name) if isinstance(name, str) else None
        if before is not None:
            await self._change(name, before, is_undo=True)

    async def _save_cap(self, name: str, text: str) -> None:
        if not self.ready:
            return
        try:
            drawn = _whole(text)
        except ValueError as error:
            self.wrong = self.wrong | {name: f"{error} {_UNCHANGED}"}
            return
        self._drafts = self._drafts | {name: drawn}
        await self._change(name, _part(name, drawn))

    async def _change(self, name: str, part: Part, *, is_undo: bool = False) -> None:
        person = await person_of(self)
        if person is None or not self.ready:
            return
        self.done, self.wrong = self.done | {name: ""}, self.wrong | {name: ""}
        try:
            actor = actor_for(self, person)
            await rates.enforce(Rate.OTHER, actor)
            before = await flow.settings(actor)
            after = await flow.change(actor, **part)
        except InvalidInputs as error:
            self.wrong, self.undoes = self.wrong | {name: f"{error.errors[0].message} {_UNCHANGED}"}, self.undoes | {name: False}
            return
        except StudioError as error:
            self.wrong = self.wrong | {name: f"{error.message} {error.action}".strip()}
            return
        has_changed = after != before
        self._undo = self._undo | {name: _inverse(name, before)} if has_changed else self._undo
        self.undoes = self.undoes | {name: has_changed and not is_undo}
        self.done = self.done | {name: _confirmed(name, before, after, is_undo=is_undo)}
        await self._refresh(person, fill=name if is_undo else "")

    async def _refresh(self, person: Person, *, fill: str) -> None:
        """Show what is set now, here and in the header. The field of `fill` is filled anew: what was typed in it goes."""
        now_is = await person_of(self) or person
        self.turn += 1 if fill else 0
        await self._read(now_is, fill=False, anew=fill)
        await self._look(now_is)
        if now_is.time_zone != person.time_zone:
            self.zone_says = ""
            tab = self.router.session
            live.watch(now_is, token=tab.client_token, connection=tab.session_id)
            (await self.get_state(Session))._show(now_is)  # noqa: SLF001 - `_` keeps it from the door
        await (await self.get_state(Balance))._refresh(now_is)  # noqa: SLF001 - as above

    async def _read(self, person: Person, *, fill: bool, anew: str = "") -> None:
        before, self._held = self._held, await flow.standing(actor_for(self, person))
        settings, self._zone = self._held.settings, person.time_zone
        for name in CAPS:
            is_untouched = before is None or self._drafts.get(name) == getattr(before.settings, name)
            if fill or is_untouched or anew == name or self.done.get(name):
                self._drafts = self._drafts | {name: getattr(settings, name)}
        self.steps = [Step(one, one in settings.alert_thresholds) for one in PERCENTS]
        channels = settings.notifications
        self.in_app, self.email = channels.in_app, channels.email
        self.texts = {"sms": channels.sms or "", "webhook_url": channels.webhook_url or "", "time_zone": settings.time_zone}
        self._say(anew=anew)

    def _say(self, *, anew: str = "") -> None:
        """Say of each cap what the figure in its field means."""
        held, zone, now = self._held, self._zone, clock.now()
        if held is None:
            return
        turns = {one.name: one.turn for one in self.caps}
        lines: list[CapLine] = []
        for name, window in CAPS.items():
            spent, ends = held.month if window == "month" else held.day
            taken = Taken() if window == "run" else Taken(spent, words.reset_at(ends, zone, now=now))
            set_to = getattr(held.settings, name)
            says = limiting.meaning(window, set_to, self._drafts.get(name), taken, bounds=held.bounds)
            value = "" if set_to is None else str(set_to)
            turn = turns.get(name, 0) + (1 if anew == name else 0)
            lines.append(CapLine(name, limiting.FIELDS[window], limiting.LABELS[window][0], value, limiting.most(window, held.bounds), says, turn))
        self.caps = lines

    async def _look(self, person: Person) -> None:
        """Say what the figures in the fields would have stopped."""
        actor = actor_for(self, person)
        try:
            await rates.enforce(Rate.ESTIMATES, actor)
            asked = {"daily": self._drafts.get("daily_cap"), "monthly": self._drafts.get("monthly_cap"), "per_run": self._drafts.get("per_run_max")}
            seen: Simulation = await flow.simulate(actor, **asked)
        except StudioError as error:
            self.blocked_head, self.blocked = error.message, []
            return
        now = clock.now()
        self.blocked_head = limiting.blocked_head(seen, has_caps=any(one is not None for one in asked.values()))
        self.blocked = [limiting.stopped(one, person.time_zone, now=now) for one in seen.blocked]


def _whole(text: str) -> int | None:
    """The credits that were typed, None for nothing. Raises `ValueError` for what is no whole number."""
    plain = text.replace(",", "").strip()
    if plain and not (plain.isascii() and plain.isdecimal() and len(plain) <= _DIGITS):
        raise ValueError(_FAULT)
    return int(plain) if plain else None


def _part(name: str, value: object) -> Part:
    part: dict[str, Any] = {"notifications": {name: value}} if name in ("sms", "webhook_url") else {name: value}
    return Part(**part)


def _inverse(name: str, before: CreditSettings) -> Part:
    """What sets a field back to what it was."""
    held = asdict(before)
    if name == "channels":
        return {"notifications": {"in_app": before.notifications.in_app, "email": before.notifications.email}}
    return _part(name, held["notifications"][name] if name in held["notifications"] else held[name])


def _confirmed(name: str, before: CreditSettings, after: CreditSettings, *, is_undo: bool) -> str:
    if after == before:
        return "It is set so already."
    if is_undo:
        return "Set back to what it was."
    if name in CAPS:
        return limiting.told(limiting.LABELS[CAPS[name]][0], getattr(before, name), getattr(after, name))
    if name == "alert_thresholds":
        steps = ", ".join(f"{one}{words.NARROW}%" for one in after.alert_thresholds)
        return f"Saved. Alerts at {steps} of a cap." if steps else "Saved. No alert before a cap stops runs."
    if name == "channels":
        places = [label for label, is_on in (("in the app", after.notifications.in_app), ("by mail", after.notifications.email)) if is_on]
        return f"Saved. Alerts come {' and '.join(places)}." if places else "Saved. Alerts come neither in the app nor by mail."
    return f"Saved. {TEXTS[name]} changed."
