"""How the money stands, for operators: what was compared, what does not agree, what waits, what was given up."""

from dataclasses import dataclass

import reflex as rx

from credit_studio.core.actor import Role
from credit_studio.core.errors import StudioError
from credit_studio.identity.views import Person
from credit_studio.payments import inbox, reconciling
from credit_studio.payments.views import DeadLetter, MoneyVerdict, Order
from credit_studio.ui import words
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

FINDINGS = {
    "paid_not_granted": "Paid, not granted",
    "granted_twice": "Granted twice",
    "granted_not_paid": "Granted, not paid",
    "granted_other": "Granted another number of credits",
    "granted_to_another": "Granted to somebody else",
    "taken_other": "A refund took another number of credits",
    "paid_for_nothing": "Paid at Stripe for an order that does not take it",
    "paid_twice": "Paid twice",
    "paid_other_amount": "Paid another amount",
    "invoice_without_order": "An invoice without an order",
    "claim_for_nothing": "A refund or dispute of nothing that is paid here",
    "not_at_stripe": "Not at Stripe",
    "not_paid_at_stripe": "Not paid at Stripe",
}
_KINDS = {"pack": "Pack", "top_up": "Top-up", "recharge": "Auto-recharge", "plan": "Plan"}


@dataclass(frozen=True)
class Wrong:
    """Something that does not agree, in words."""

    ident: str
    title: str
    about: str
    said: str


@dataclass(frozen=True)
class Waiting:
    """An order that is unfinished for too long."""

    order_id: str
    what: str
    price: str
    status: str
    since: str


@dataclass(frozen=True)
class Dead:
    """An event that was given up."""

    event_id: str
    kind: str
    about: str
    received: str
    attempts: str
    error: str


@private
class Reconciliation(rx.State):
    """The page /admin/reconciliation: empty for everybody else."""

    ready: bool = False
    denied: bool = False
    busy: bool = False
    at: str = ""
    holds: bool = True
    looked: str = ""
    mended: list[str] = []  # noqa: RUF012 - Reflex copies defaults
    wrong: list[Wrong] = []  # noqa: RUF012 - the same
    waiting: list[Waiting] = []  # noqa: RUF012 - the same
    dead: list[Dead] = []  # noqa: RUF012 - the same

    @rx.event
    async def load(self) -> None:
        """The page opens."""
        self.reset()
        await self._read()

    @rx.event
    async def begin(self) -> "rx.event.EventCallback[()] | None":
        """The operator asks for a comparison: the button says at once that it is under way."""
        if self.busy or await self._operator() is None:
            return None
        self.busy = True
        return Reconciliation.compare

    @rx.event
    async def compare(self) -> None:
        """Compare now."""
        person = await self._operator()
        if person is None:
            return
        try:
            await reconciling.check_now(actor_for(self, person))
        except StudioError as error:
            await self._refuse(error)
        self.busy = False
        await self._read()

    @rx.event
    async def replay(self, event_id: str) -> None:
        """Work an event through that was given up."""
        person = await self._operator()
        if person is None or all(one.event_id != event_id for one in self.dead):
            return
        try:
            await inbox.replay(actor_for(self, person), event_id)
            await inbox.process(event_id)
        except StudioError as error:
            await self._refuse(error)
        await self._read()

    async def _refuse(self, error: StudioError) -> None:
        (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door

    async def _operator(self) -> Person | None:
        person = await person_of(self)
        return person if person is not None and person.role is Role.ADMIN else None

    async def _read(self) -> None:
        person = await self._operator()
        self.ready, self.denied = True, person is None
        if person is None:
            return
        report = await reconciling.report(actor_for(self, person))
        self.at = words.moment(report.last.at, person.time_zone) if report.last else ""
        if report.last is not None:
            self._tell(report.last)
        self.waiting = [_waiting(one, person.time_zone) for one in report.unfinished]
        self.dead = [_dead(one, person.time_zone) for one in report.dead]

    def _tell(self, last: MoneyVerdict) -> None:
        self.holds, self.looked, self.mended = last.holds, words.number(last.looked), list(last.mended)
        self.wrong = [Wrong(f"{index}", FINDINGS.get(code, code), about, said) for index, (code, about, said) in enumerate(last.found)]


def _waiting(order: Order, zone: str) -> Waiting:
    return Waiting(str(order.id), f"{_KINDS[order.kind]}: {order.name}", order.price.said, order.status.capitalize(), words.moment(order.created_at, zone))


def _dead(one: DeadLetter, zone: str) -> Dead:
    return Dead(one.event_id, one.type, one.object_id, words.moment(one.received_at, zone), words.number(one.attempts), one.error)
