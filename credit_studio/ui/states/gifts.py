"""Gifts: those that a person gives, and the one that a link leads to."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.identity.views import Person
from credit_studio.offers import gifts
from credit_studio.offers.views import GiftOffer, GiftView
from credit_studio.ui import words
from credit_studio.ui.states.forms import said, whole
from credit_studio.ui.states.kept import last_part
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

_STATES = {"open": "Not claimed", "claimed": "Claimed", "revoked": "Taken back", "expired": "Came back"}


@dataclass(frozen=True)
class Given:
    """A gift in words."""

    gift_id: str
    credits: str
    worth: str
    about: str
    made: str
    state: str
    is_open: bool
    when: str


@private
class Gifts(rx.State):
    """The page /account/gifts. `link` is the path of a link that was just made: it is told once."""

    ready: bool = False
    rows: list[Given] = []  # noqa: RUF012 - Reflex copies defaults
    giveable: str = ""
    has_any: bool = False
    fault: str = ""
    link: str = ""
    link_says: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        await self._read()

    @rx.event
    async def give(self, form: dict[str, Any]) -> None:
        """Set credits aside under a new link."""
        self.fault = self.link = ""
        amount = whole(form, "credits")
        if not amount:
            self.fault = "Must be a whole number of credits, at least 1."
            return
        try:
            actor, _ = await self._who()
            made = await gifts.make(actor, credits=amount, sender=said(form, "from"), message=said(form, "message"))
        except StudioError as error:
            self.fault = f"{error.message} {error.action}".strip()
            return
        self._tell_link(made.token, f"{words.credits_of(made.gift.credits)} set aside. Send this link; it is told this once.")
        await self._read()

    @rx.event
    async def relink(self, gift_id: str) -> None:
        """Another link to a gift; the earlier one ends."""
        found = ids.parse_id(gift_id)
        if found is None:
            return
        try:
            actor, _ = await self._who()
            made = await gifts.relink(actor, found)
        except StudioError as error:
            await self._refuse(error)
        else:
            self._tell_link(made.token, f"A new link to {words.credits_of(made.gift.credits)}. The earlier one has ended.")
            await self._read()

    @rx.event
    async def revoke(self, gift_id: str) -> None:
        """Take a gift back."""
        found = ids.parse_id(gift_id)
        if found is None:
            return
        try:
            actor, _ = await self._who()
            await gifts.revoke(actor, found)
        except StudioError as error:
            await self._refuse(error)
        self.link = self.link_says = ""
        await self._read()

    async def _who(self) -> tuple[Actor, Person | None]:
        person = await person_of(self)
        actor = actor_for(self, person)
        await rates.enforce(Rate.OTHER, actor)
        return actor, person

    async def _read(self) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor = actor_for(self, person)
        available = await gifts.giveable(actor)
        self.giveable, self.has_any = words.credits_of(available), available > 0
        self.rows = [_given(one, person.time_zone) for one in await gifts.listing(actor)]
        self.ready = True

    async def _refuse(self, error: StudioError) -> None:
        (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door

    def _tell_link(self, token: str, text: str) -> None:
        self.link, self.link_says = f"/gifts/{token}/", text


def _given(one: GiftView, zone: str) -> Given:
    now = clock.now()
    ended = words.clock(one.ended_at, zone, now=now) if one.ended_at else ""
    return Given(
        gift_id=str(one.id),
        credits=words.number(one.credits),
        worth=words.credits_of(one.credits),
        about=one.message or (f"from {one.sender}" if one.sender else ""),
        made=words.clock(one.created_at, zone, now=now),
        state=_STATES[one.state],
        is_open=one.state == "open",
        when=f"until {words.day(one.until, zone)}" if one.state == "open" else ended,
    )


_OVER = {
    "claimed": ("This gift was claimed already.", "Each link works once. Ask whoever gave it to you."),
    "revoked": ("This gift was taken back.", "Whoever gave it has its credits again."),
    "expired": ("This gift is past its time.", "Its credits went back to whoever gave it."),
}


@private
class GiftClaim(rx.State):
    """What /gifts/{token} shows. The token stays in the address."""

    ready: bool = False
    missing: bool = False
    signed_in: bool = False
    state: str = ""
    amount: int = 0
    figure: str = ""
    sender: str = ""
    message: str = ""
    until: str = ""
    is_own: bool = False
    is_yours: bool = False
    over_head: str = ""
    over_tail: str = ""
    fault: str = ""
    sign_in: str = ""
    register: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        await self._read()

    @rx.event
    async def claim(self) -> None:
        """Take the gift."""
        self.fault = ""
        person = await person_of(self)
        actor = actor_for(self, person)
        try:
            await rates.enforce(Rate.OTHER, actor)
            await gifts.claim(actor, last_part(self))
        except StudioError as error:
            self.fault = f"{error.message} {error.action}".strip()
        await self._read()

    async def _read(self) -> None:
        token, person = last_part(self), await person_of(self)
        actor = actor_for(self, person)
        self.ready = True
        try:
            await rates.enforce(Rate.OTHER, actor)
            found = await gifts.look(actor, token)
        except StudioError:
            self.missing = True
            return
        here = f"/gifts/{token}/"
        self.signed_in, self.sign_in, self.register = person is not None, f"/login/?next={here}", f"/register/?next={here}"
        self._show(found, person.time_zone if person else "UTC")

    def _show(self, found: GiftOffer, zone: str) -> None:
        self.state, self.amount, self.figure = found.state, found.credits, words.number(found.credits)
        self.sender, self.message, self.until = found.sender, found.message, words.day(found.until, zone)
        self.is_own, self.is_yours = found.is_own, found.is_claimed_by_you
        self.over_head, self.over_tail = _OVER.get(found.state, ("", ""))
