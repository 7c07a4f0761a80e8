"""What /account/credits shows of a balance: where the credits are from, in which order they are spent, what comes next."""

import reflex as rx

from credit_studio.core import clock
from credit_studio.db import session as db
from credit_studio.history import service as history
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.subscriptions import service as subscriptions
from credit_studio.subscriptions.views import PlanView
from credit_studio.ui import selling, words
from credit_studio.ui.selling import Held
from credit_studio.ui.states.privacy import person_of, private
from credit_studio.ui.widget import PLAN_SOURCE


@private
class Credits(rx.State):
    """All in words, but for whole credits of the balance."""

    ready: bool = False
    plan: str = ""
    plan_left: str = ""
    plan_ends: str = ""
    own_left: str = ""
    next_amount: str = ""
    next_said: str = ""
    held: list[Held] = []  # noqa: RUF012 - Reflex copies defaults
    on_hold: int = 0
    owed: int = 0
    available: int = 0

    @rx.event
    async def load(self) -> None:
        """The page opens, or the balance has changed: read it anew."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        async with db.snapshot() as tx:
            book = await ledger.balance(tx, owner_id=person.id)
            lots = await history.lots(tx, owner_id=person.id)
            plan = await subscriptions.plan_of(tx, person_id=person.id)
        self.available, self.on_hold, self.owed = book.available, book.held, book.debt
        self.held = selling.held(lots, person.time_zone)
        self.plan = plan.name
        self.plan_left = words.number(sum(lot.left for lot in lots if lot.source == PLAN_SOURCE))
        self.own_left = words.number(sum(lot.left for lot in lots if lot.source != PLAN_SOURCE))
        self._say_what_comes(plan, person)
        self.ready = True

    def _say_what_comes(self, plan: PlanView, person: Person) -> None:
        zone, now = person.time_zone, clock.now()
        ends = plan.period_end
        at = f"{ends.astimezone(words.zone(zone)):%H:%M} {words.short_zone(zone, ends)}"
        self.plan_ends = f"end on {selling.date(ends, zone)}, {at}"
        if not plan.monthly_credits:
            self.plan_ends, self.next_amount, self.next_said = (
                "none come by the month",
                "none",
                f"{plan.name} brought {words.credits_of(plan.credits_once)} once",
            )
            return
        self.next_amount = f"+{words.number(plan.monthly_credits)}"
        self.next_said = f"{selling.in_days(ends, now=now)}, on {selling.date(ends, zone)}"
