"""Promo codes, for operators."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from credit_studio.core import clock, ids
from credit_studio.core.actor import Role
from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.identity.views import Person
from credit_studio.offers import promos
from credit_studio.offers.rules import why_over
from credit_studio.offers.views import Promo
from credit_studio.ui import words
from credit_studio.ui.states.forms import end_of_day, said, whole
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

_NAMES = {"code": "Code", "credits": "Credits", "creditDays": "Credits last", "mostUses": "Uses", "expiresAt": "Redeem until"}


@dataclass(frozen=True)
class Listed:
    """A code in words; `over` says why it brings nothing any more."""

    promo_id: str
    code: str
    note: str
    credits: str
    lasts: str
    used: str
    until: str
    over: str


@private
class Promos(rx.State):
    """The page /admin/promos: empty for everybody else."""

    ready: bool = False
    denied: bool = False
    rows: list[Listed] = []  # noqa: RUF012 - Reflex copies defaults
    fault: str = ""
    made: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        await self._read()

    @rx.event
    async def make(self, form: dict[str, Any]) -> None:
        """Make a code."""
        self.fault = self.made = ""
        person = await self._operator()
        if person is None:
            return
        wanted: dict[str, Any] = {"code": said(form, "code").strip() or None, "credits": whole(form, "credits") or 0, "note": said(form, "note")}
        wanted |= {"most_uses": whole(form, "uses"), "credit_days": whole(form, "days"), "expires_at": end_of_day(form, "until")}
        try:
            done = await promos.make(**wanted, actor=actor_for(self, person))
        except InvalidInputs as error:
            self.fault = " ".join(f"{_NAMES.get(one.field, one.field)}: {one.message}" for one in error.errors)
        except StudioError as error:
            self.fault = f"{error.message} {error.action}"
        else:
            self.made = done.code
            await self._read()

    @rx.event
    async def end(self, promo_id: str) -> None:
        """End a code."""
        person, found = await self._operator(), ids.parse_id(promo_id)
        if person is None or found is None:
            return
        try:
            await promos.end(actor_for(self, person), found)
        except StudioError as error:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door
        await self._read()

    async def _operator(self) -> Person | None:
        person = await person_of(self)
        return person if person is not None and person.role is Role.ADMIN else None

    async def _read(self) -> None:
        person = await self._operator()
        self.ready, self.denied = True, person is None
        if person is not None:
            self.rows = [_listed(one, person.time_zone) for one in await promos.listing(actor_for(self, person))]


def _listed(one: Promo, zone: str) -> Listed:
    over = why_over(now=clock.now(), used=one.used, most_uses=one.most_uses, expires_at=one.expires_at, ended_at=one.ended_at)
    return Listed(
        promo_id=str(one.id),
        code=one.code,
        note=one.note,
        credits=words.number(one.credits),
        lasts=f"{one.credit_days} days" if one.credit_days else "",
        used=f"{words.number(one.used)} of {words.number(one.most_uses)}" if one.most_uses else words.number(one.used),
        until=words.moment(one.expires_at, zone) if one.expires_at else "",
        over=over.removeprefix("This code ").removesuffix(".").capitalize(),
    )
