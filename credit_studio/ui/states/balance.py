"""The balance as every page's header shows it."""

from datetime import datetime

import reflex as rx

from credit_studio.core import clock
from credit_studio.db import session as db
from credit_studio.engine import gate
from credit_studio.engine.views import CapState
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance as Account
from credit_studio.ui import widget
from credit_studio.ui.states.privacy import private
from credit_studio.ui.widget import Limit


async def read(person: Person) -> tuple[Account, tuple[CapState, ...]]:
    """A person's balance and caps at one instant."""
    async with db.snapshot() as tx:
        return await ledger.balance(tx, owner_id=person.id), await gate.cap_states(tx, person_id=person.id)


@private
class Balance(rx.State):
    """What the widget and the price panel show. `version` is the account's: an older push is dropped."""

    ready: bool = False
    available: int = 0
    held: int = 0
    room: int = 0
    look: str = "ok"
    say_head: str = ""
    say_tail: str = ""
    sentence: str = ""
    limits: list[Limit] = []  # noqa: RUF012 - Reflex copies defaults
    block_head: str = ""
    block_tail: str = ""
    version: int = -1

    async def _refresh(self, person: Person) -> None:
        """Read the balance and show it."""
        self._show(*await read(person), person.time_zone, now=clock.now())

    def _show(self, account: Account, caps: tuple[CapState, ...], zone_name: str, *, now: datetime) -> None:
        """Show an account as it stands, unless something newer is shown already."""
        if self.ready and account.version < self.version:
            return
        shown = widget.shape(account, caps, zone_name, now=now)
        self.ready = True
        self.available, self.held, self.version = account.available, account.held, account.version
        self.room, self.look, self.sentence = shown.room, shown.look, shown.sentence
        self.say_head, self.say_tail = shown.say_head, shown.say_tail
        self.block_head, self.block_tail = shown.block_head, shown.block_tail
        self.limits = list(shown.limits)
