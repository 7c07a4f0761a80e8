"""Invitations: a person's own, and the one that a link leads to."""

from dataclasses import dataclass

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.offers import referrals
from credit_studio.offers.rules import code_key
from credit_studio.offers.views import Invited
from credit_studio.ui import words
from credit_studio.ui.states.kept import last_part
from credit_studio.ui.states.privacy import actor_for, person_of, private

_STATES = {"waiting": "Signed up", "rewarded": "Bonus paid", "refused": "No bonus", "taken_back": "Taken back"}
_WAITS = "The bonus comes with their first purchase."


@dataclass(frozen=True)
class Guest:
    """Somebody who accepted an invitation, in words."""

    at: str
    state: str
    is_good: bool
    is_waiting: bool
    note: str
    credits: str


@private
class Referral(rx.State):
    """The page /account/referral."""

    ready: bool = False
    path: str = ""
    bonus: str = ""
    most: str = ""
    earned: str = ""
    guests: list[Guest] = []  # noqa: RUF012 - Reflex copies defaults
    own_says: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        person = await person_of(self)
        if person is None:
            return
        found = await referrals.of(actor_for(self, person))
        self.path, self.bonus, self.most = f"/invite/{found.code}/", words.credits_of(found.bonus), words.number(found.most)
        self.earned = words.credits_of(found.earned)
        self.guests = [_guest(one, person.time_zone) for one in found.invited]
        self.own_says = _own(found.own) if found.own else ""
        self.ready = True


@private
class Invitation(rx.State):
    """What /invite/{code} shows; nothing of whoever invites."""

    ready: bool = False
    missing: bool = False
    signed_in: bool = False
    bonus: str = ""
    register: str = ""
    sign_in: str = ""
    fault: str = ""
    accepted: bool = False

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        key, person = code_key(last_part(self)), await person_of(self)
        self.ready = True
        try:
            await rates.enforce(Rate.OTHER, actor_for(self, person))
            self.missing = not await referrals.is_invitation(key)
        except StudioError:
            self.missing = True
        if self.missing:
            return
        here = f"/invite/{key}/"
        self.signed_in, self.bonus = person is not None, words.credits_of(catalog().offers.referral_credits)
        self.register, self.sign_in = f"/register/?next={here}", f"/login/?next={here}"

    @rx.event
    async def accept(self) -> None:
        """Accept it."""
        self.fault = ""
        actor = actor_for(self, await person_of(self))
        try:
            await rates.enforce(Rate.OTHER, actor)
            await referrals.accept(actor, last_part(self))
        except StudioError as error:
            self.fault = f"{error.message} {error.action}".strip()
        else:
            self.accepted = True


def _guest(one: Invited, zone: str) -> Guest:
    return Guest(
        at=words.clock(one.at, zone, now=clock.now()),
        state=_STATES[one.state],
        is_good=one.state == "rewarded",
        is_waiting=one.state == "waiting",
        note=_WAITS if one.state == "waiting" else one.reason,
        credits=words.signed(one.credits) if one.state == "rewarded" else "0",
    )


def _own(own: Invited) -> str:
    if own.state == "waiting":
        return f"You have accepted an invitation: {words.credits_of(catalog().offers.referral_credits)} come with your first purchase."
    if own.state == "rewarded":
        return f"The invitation that you accepted brought you {words.credits_of(own.credits)}."
    return f"The invitation that you accepted brings no bonus. {own.reason}"
