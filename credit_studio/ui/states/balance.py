"""The balance as every page's header shows it."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from credit_studio.core import clock
from credit_studio.db import session as db
from credit_studio.engine import gate
from credit_studio.engine.views import CapState
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance as Account
from credit_studio.notifications import service as alerts
from credit_studio.payments import cards
from credit_studio.ui import limiting, widget
from credit_studio.ui.states.privacy import private
from credit_studio.ui.widget import Limit


@dataclass(frozen=True)
class Read:
    """A person's balance and caps at one instant, whether their saved card cannot be charged, how many alerts they have not read."""

    account: Account
    caps: tuple[CapState, ...]
    has_card_trouble: bool = False
    unread: int = 0


async def read(person: Person) -> Read:
    """What the header shows of a person, read now."""
    async with db.snapshot() as tx:
        card, unread = await cards.saved_card(tx, person_id=person.id), await alerts.unread_count(tx, person.id)
        account, caps = await ledger.balance(tx, owner_id=person.id), await gate.cap_states(tx, person_id=person.id)
    return Read(account, caps, has_card_trouble=card is not None and bool(card.trouble), unread=unread)


@private
class Balance(rx.State):
    """What the widget and the price panel show. `version` is the account's: an older push is dropped.

    `told` counts what was told of the person's orders and card since the page was opened, `alerted` of their alerts, so that pages which show
    those can follow.
    """

    ready: bool = False
    available: int = 0
    held: int = 0
    room: int = 0
    look: str = "ok"
    say_head: str = ""
    say_tail: str = ""
    sentence: str = ""
    action: str = "top_up"
    limits: list[Limit] = []  # noqa: RUF012 - Reflex copies defaults
    block_head: str = ""
    block_tail: str = ""
    block_href: str = ""
    block_link: str = ""
    near_head: str = ""
    near_tail: str = ""
    near_href: str = ""
    near_link: str = ""
    version: int = -1
    told: int = 0
    alerted: int = 0
    unread: int = 0

    async def _refresh(self, person: Person) -> None:
        """Read the balance and show it."""
        self._show(await read(person), person.time_zone, now=clock.now())

    def _show(self, seen: Read, zone_name: str, *, now: datetime) -> None:
        """Show an account as it stands, unless something newer is shown already."""
        account, self.unread = seen.account, seen.unread
        if self.ready and account.version < self.version:
            return
        shown = widget.shape(account, seen.caps, zone_name, now=now, has_card_trouble=seen.has_card_trouble)
        self.ready = True
        self.available, self.held, self.version = account.available, account.held, account.version
        self.room, self.look, self.sentence, self.action = shown.room, shown.look, shown.sentence, shown.action
        self.say_head, self.say_tail = shown.say_head, shown.say_tail
        self.block_head, self.block_tail = shown.block_head, shown.block_tail
        self.near_head, self.near_tail = shown.near_head, shown.near_tail
        self.near_href, self.near_link = limiting.way_out(shown.near_window, is_own=shown.near_is_own)
        self.block_href, self.block_link = limiting.way_out(shown.block_window, is_own=shown.block_is_own)
        self.limits = list(shown.limits)
