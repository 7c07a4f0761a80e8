"""Buying again when credits are low: how it stands, and the sentence that is agreed to. Turning it on and off goes over HTTP."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.db import session as db
from credit_studio.payments import cards, recharging
from credit_studio.payments.views import Recharge
from credit_studio.ui import selling, words
from credit_studio.ui.states.privacy import actor_for, person_of, private

_TIMES = (1, 2, 3, 5, 10)
_DIGITS = 7


@dataclass(frozen=True)
class Choice:
    """A choice of a list."""

    value: str
    label: str


@private
class Recharging(rx.State):
    """`sentence` says how it is set, `consent` what the draft in the dialog would agree to; `wrong` is what is wrong with the draft.

    `on` and `off` are what the API is asked. Amounts are in minor units.
    """

    ready: bool = False
    enabled: bool = False
    has_card: bool = False
    sentence: str = ""
    tried: str = ""
    stopped: str = ""
    stopped_action: str = ""
    below: str = ""
    pack_id: str = ""
    ceiling: str = ""
    packs: list[Choice] = []  # noqa: RUF012 - Reflex copies defaults
    ceilings: list[Choice] = []  # noqa: RUF012 - as above
    consent: str = ""
    wrong: str = ""
    on: dict[str, Any] = {}  # noqa: RUF012 - as above
    off: dict[str, Any] = {}  # noqa: RUF012 - as above

    @rx.event
    async def load(self) -> None:
        """The credits page opens, the dialog opens, or something was told of the person's money."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        found = await recharging.rule(actor_for(self, person))
        async with db.snapshot() as tx:
            self.has_card = await cards.saved_card(tx, person_id=person.id) is not None
        self._show(found)

    @rx.event
    def set_below(self, text: str) -> None:
        """Another limit is typed."""
        if not self.ready:
            return
        self.below = text if isinstance(text, str) else ""
        self._draft()

    @rx.event
    def choose_pack(self, pack_id: str) -> None:
        """Another pack is chosen; the most a month is as many packs as before, at least one."""
        if not isinstance(pack_id, str) or catalog().find_pack(pack_id) is None or not self.ready:
            return
        self.pack_id = pack_id
        self._offer_ceilings(chosen=None)
        self._draft()

    @rx.event
    def choose_ceiling(self, amount: str) -> None:
        """Another most a month is chosen."""
        if not self.ready:
            return
        self.ceiling = next((one.value for one in self.ceilings if one.value == amount), self.ceiling)
        self._draft()

    def _show(self, found: Recharge) -> None:
        pack = catalog().find_pack(found.pack_id)
        price = selling.offer(catalog().money(pack.price)) if pack else "a price it no longer has"
        name = pack.name if pack else found.pack_id
        self.sentence = f"When below {words.number(found.below)}, buy {name} for {price}, at most {selling.offer(found.ceiling)} a month."
        self.enabled, self.stopped, self.stopped_action = found.enabled, found.said, found.action
        self.tried = f"{found.tried.said} of {found.ceiling.said} this month" if found.tried.amount else ""
        self.packs = [Choice(one.id, f"{one.name}, {selling.offer(catalog().money(one.price))}") for one in catalog().packs]
        self.below, self.pack_id = str(found.below), found.pack_id
        self.off = _asked(found.below, found.pack_id, found.ceiling.amount, enabled=False)
        self._offer_ceilings(chosen=found.ceiling.amount)
        self._draft()
        self.ready = True

    def _offer_ceilings(self, *, chosen: int | None) -> None:
        """Some packs' worth of money a month, and what is set now."""
        pack = catalog().find_pack(self.pack_id)
        amounts = {pack.price * times for times in _TIMES if pack.price * times <= recharging.MOST_CEILING} if pack else set[int]()
        amounts |= {chosen} if chosen else set()
        self.ceilings = [Choice(str(amount), selling.offer(catalog().money(amount))) for amount in sorted(amounts)]
        at_first = str(pack.price * 3) if pack else ""
        self.ceiling = (
            str(chosen) if chosen else at_first if any(one.value == at_first for one in self.ceilings) else self.ceilings[0].value if self.ceilings else ""
        )

    def _draft(self) -> None:
        """The sentence of what is in the dialog, or what is wrong with it."""
        typed, pack = self.below.replace(",", "").strip(), catalog().find_pack(self.pack_id)
        is_number = typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS
        below = int(typed) if is_number else 0
        self.wrong = "" if 0 < below <= recharging.MOST_BELOW else "Must be a whole number of credits, 1 to 1,000,000."
        if pack is None or self.wrong or not self.ceiling.isdecimal():
            self.consent = ""
            return
        self.consent = recharging.consent_to(pack, below=below, ceiling_amount=int(self.ceiling))
        self.on = _asked(below, pack.id, int(self.ceiling), enabled=True)


def _asked(below: int, pack_id: str, ceiling: int, *, enabled: bool) -> dict[str, Any]:
    money = {"amount": ceiling, "currency": catalog().currency}
    return {"enabled": enabled, "below": below, "packId": pack_id, "monthlyCeiling": money, "consent": enabled}
