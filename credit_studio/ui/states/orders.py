"""Orders, for operators: found, looked at, and refunded after what that takes back was shown. The refund itself goes over HTTP."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import reflex as rx

from credit_studio.core import clock, ids
from credit_studio.core.actor import Role
from credit_studio.core.errors import InvalidInputs, StudioError
from credit_studio.core.money import Money
from credit_studio.identity.views import Person
from credit_studio.payments import cases, refunding
from credit_studio.payments.views import Case, Claimed, Effect, Sale
from credit_studio.ui import selling, words
from credit_studio.ui.selling import Bought
from credit_studio.ui.states.forms import said
from credit_studio.ui.states.privacy import actor_for, person_of, private

_ROWS = 50
_SHORTEST = 3
_KINDS = {"refund": "Refund", "dispute": "Dispute"}


@dataclass(frozen=True)
class Sold:
    """An order as a row: whose it is, and what its owner's row of it says."""

    email: str
    row: Bought


@dataclass(frozen=True)
class Fact:
    """Something about an order, and what it is."""

    label: str
    said: str


@dataclass(frozen=True)
class Back:
    """A refund or a dispute as a row."""

    ident: str
    at: str
    what: str
    said: str
    reason: str
    credits: str
    amount: str


@private
class Orders(rx.State):
    """The page /admin/orders: empty for everybody else. `chosen` is the order that is looked at, `effect` what its refund would do, once asked for."""

    ready: bool = False
    denied: bool = False
    wanted: str = ""
    rows: list[Sold] = []  # noqa: RUF012 - Reflex copies defaults
    chosen: str = ""
    title: str = ""
    facts: list[Fact] = []  # noqa: RUF012 - as above
    names: list[Fact] = []  # noqa: RUF012 - as above
    claims: list[Back] = []  # noqa: RUF012 - as above
    refundable: str = ""
    amount: str = ""
    amount_said: str = ""
    reason: str = ""
    fault: str = ""
    is_asked: bool = False
    effect: list[Fact] = []  # noqa: RUF012 - as above
    body: dict[str, Any] = {}  # noqa: RUF012 - as above

    @rx.event
    async def load(self) -> None:
        """The page opens: what its address asks for, else the newest orders."""
        self.reset()
        self.wanted = said(dict(self.router.url.query_parameters), "q")
        await self._find()

    @rx.event
    async def find(self, form: dict[str, Any]) -> None:
        """Look for orders."""
        self.wanted = said(form, "wanted")
        self._close()
        await self._find()

    @rx.event
    async def open(self, order_id: str) -> None:
        """Look at an order."""
        person = await self._operator()
        if person is not None:
            await self._open(person, order_id)

    @rx.event
    async def begin(self) -> None:
        """The dialog of a refund opens, or its figures are to be changed."""
        self.is_asked, self.fault = False, ""

    @rx.event
    async def ask(self, form: dict[str, Any]) -> None:
        """What would this refund do? Nothing is sent back yet."""
        person, order_id = await self._operator(), ids.parse_id(self.chosen)
        if person is None or order_id is None:
            return
        self.amount, self.reason, self.fault = said(form, "amount")[:20], said(form, "reason").strip()[:300], ""
        try:
            case = await cases.case(actor_for(self, person), order_id)
            minor = _minor(self.amount, case.refundable.currency)
            if minor is None or len(self.reason) < _SHORTEST:
                self.fault = "Say an amount, like 4.00." if minor is None else "Say why, in three letters at least: it is kept with the refund."
                return
            self._tell(await refunding.preview(actor_for(self, person), order_id, amount=minor))
        except InvalidInputs as error:
            self.fault = f"The amount {error.errors[0].message[0].lower()}{error.errors[0].message[1:]}"
        except StudioError as error:
            self.fault = f"{error.message} {error.action}".strip()

    @rx.event
    async def refunded(self) -> None:
        """A refund was made: show how the order stands now."""
        person, order_id = await self._operator(), ids.parse_id(self.chosen)
        if person is None or order_id is None:
            return
        asked = self.amount, self.reason
        self._show(await cases.case(actor_for(self, person), order_id), person)
        (self.amount, self.reason), self.is_asked = asked, True
        await self._list(person)

    async def _operator(self) -> Person | None:
        person = await person_of(self)
        return person if person is not None and person.role is Role.ADMIN else None

    async def _find(self) -> None:
        person = await self._operator()
        self.ready, self.denied = True, person is None
        if person is None:
            self.wanted = ""
            return
        await self._list(person)
        if self.wanted and len(self.rows) == 1:
            await self._open(person, self.rows[0].row.id)

    async def _open(self, person: Person, order_id: object) -> None:
        found = ids.parse_id(order_id) if isinstance(order_id, str) else None
        if found is None:
            return
        try:
            self._show(await cases.case(actor_for(self, person), found), person)
        except StudioError as error:
            self._close()
            self.fault = error.message

    async def _list(self, person: Person) -> None:
        found = await cases.search(actor_for(self, person), self.wanted, limit=_ROWS)
        self.rows = [_sold(one, person.time_zone) for one in found]

    def _close(self) -> None:
        self.chosen = self.title = self.fault = self.refundable = ""
        self.facts, self.names, self.claims = [], [], []

    def _show(self, case: Case, person: Person) -> None:
        order = case.order
        self.chosen, self.fault, self.is_asked = str(order.id), "", False
        self.title = f"Receipt {order.receipt}" if order.receipt else f"{selling.what(order)}, not paid"
        self.facts = _facts(case, person.time_zone)
        self.names = [Fact(said, name) for said, name in case.names]
        self.claims = [_back(one, person.time_zone) for one in case.claims]
        self.refundable = case.refundable.said if case.refundable.amount else ""
        self.amount, self.reason = _typed(case.refundable), ""

    def _tell(self, done: Effect) -> None:
        self.effect = [
            Fact("Goes back to the card", done.amount.said),
            Fact("Credits taken back", words.number(done.credits)),
            Fact("Of those, there still", words.number(done.left)),
            Fact("Of those, spent: become a debt", words.number(done.owed)),
        ]
        self.body = {"orderId": self.chosen, "amount": {"amount": done.amount.amount, "currency": done.amount.currency}, "reason": self.reason}
        self.amount, self.amount_said, self.is_asked = _typed(done.amount), done.amount.said, True


def _typed(money: Money) -> str:
    """An amount as it stands in a field: "10.00", "1000" in a currency without a smaller unit."""
    return "".join(one for one in money.said if one.isdigit() or one == ".")


def _minor(text: str, currency: str) -> int | None:
    """The amount that was typed, in minor units; None for what is none."""
    figure = "".join(one for one in text if one not in "£€$, \u00a0").removesuffix(currency)
    try:
        value = Decimal(figure) if figure.isascii() and len(figure) <= 14 else None  # noqa: PLR2004 - far above any order
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or value < 0:
        return None
    scaled = value * (100 if "." in Money(0, currency).said else 1)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def _sold(one: Sale, zone: str) -> Sold:
    return Sold(one.email or "An account that is gone", selling.bought(one.order, zone, now=clock.now()))


def _facts(case: Case, zone: str) -> list[Fact]:
    order = case.order
    row = selling.bought(order, zone, now=clock.now())
    facts = [
        Fact("Account", case.email or "gone"),
        Fact("What", row.what),
        Fact("State", f"{row.state}. {row.said}." if row.said else row.state),
        Fact("Ordered", words.moment(order.created_at, zone)),
        Fact("Paid", words.moment(order.paid_at, zone) if order.paid_at else "not paid"),
        Fact("Price", order.price.said),
        Fact("Gone back", order.refunded.said),
    ]
    if case.granted is not None:
        facts += [Fact("Credits granted", words.number(case.granted)), Fact("Taken back or owed", words.number(case.taken))]
        facts += [Fact("There still", words.number(case.left))] + ([Fact("Ended unused", words.number(case.lapsed))] if case.lapsed else [])
    return facts


def _back(one: Claimed, zone: str) -> Back:
    stands = one.status.replace("_", " ").capitalize()
    taken = words.signed(-one.credits) if one.credits else "0"
    return Back(one.id, words.moment(one.created_at, zone), _KINDS[one.kind], stands, one.reason.replace("_", " "), taken, one.amount.said)
