"""Receipts, and what they are made out to."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.payments import receipts
from credit_studio.payments.views import BillTo
from credit_studio.payments.views import Receipt as Paid
from credit_studio.ui import words
from credit_studio.ui.paging import Place
from credit_studio.ui.states.forms import said
from credit_studio.ui.states.privacy import actor_for, person_of, private

_LINES = 20


@dataclass(frozen=True)
class Line:
    """A receipt in words."""

    number: str
    at: str
    what: str
    credits: str
    amount: str
    refunded: str
    pdf: str
    stripe: str


@private
class Receipts(rx.State):
    """The page /account/receipts."""

    ready: bool = False
    zone: str = ""
    rows: list[Line] = []  # noqa: RUF012 - Reflex copies defaults
    has_older: bool = False
    has_newer: bool = False
    name: str = ""
    address: str = ""
    country: str = ""
    tax_id: str = ""
    fault: str = ""
    saved: bool = False
    _place: Place = Place()

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
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
    async def save(self, form: dict[str, Any]) -> None:
        """Make receipts out so."""
        self.fault, self.saved = "", False
        actor = actor_for(self, await person_of(self))
        wanted = BillTo(said(form, "name"), said(form, "address"), said(form, "country"), said(form, "tax_id"))
        try:
            await rates.enforce(Rate.OTHER, actor)
            self._show(await receipts.set_bill_to(actor, wanted))
        except InvalidInputs as error:
            self.fault = error.errors[0].message
        except StudioError as error:
            self.fault = f"{error.message} {error.action}".strip()
        else:
            self.saved = True

    async def _read(self) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor = actor_for(self, person)
        page = await receipts.listing(actor, cursor=self._place.cursor, limit=_LINES)
        self.rows = [_line(one, person.time_zone) for one in page.items]
        self._place = self._place.leading_to(page.next_cursor)
        self.has_older, self.has_newer = self._place.has_older, self._place.has_newer
        if not self.ready:
            self._show(await receipts.bill_to(actor))
        self.ready = True

    def _show(self, to: BillTo) -> None:
        self.name, self.address, self.country, self.tax_id = to.name, to.address, to.country, to.tax_id


def _line(one: Paid, zone: str) -> Line:
    place = f"/api/billing/receipts/{one.id}"
    return Line(
        number=one.number,
        at=words.day(one.paid_at, zone),
        what=one.what,
        credits=words.signed(one.credits) if one.credits else "",
        amount=one.price.said,
        refunded=f"{one.refunded.said} paid back" if one.refunded.amount else "",
        pdf=f"{place}.pdf",
        stripe=f"{place}/stripe",
    )
