"""What /account/billing shows: the saved card, and every purchase with its receipt."""

from uuid import UUID

import reflex as rx

from credit_studio import settings
from credit_studio.core import clock, ids
from credit_studio.core.errors import StudioError
from credit_studio.payments import flow
from credit_studio.ui import selling, words
from credit_studio.ui.selling import Bought
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.privacy import actor_for, person_of, private

_ROWS = 20


@private
class Billing(rx.State):
    """All in words. `older` is the last row shown when there are more after it."""

    ready: bool = False
    sells: bool = False
    zone: str = ""
    card: str = ""
    card_expires: str = ""
    trouble: str = ""
    trouble_action: str = ""
    rows: list[Bought] = []  # noqa: RUF012 - Reflex copies defaults
    older: str = ""
    is_first: bool = True

    @rx.event
    async def load(self) -> None:
        """The page opens, or something was told of orders or the card: the newest purchases."""
        await self._read(None)

    @rx.event
    async def more(self) -> None:
        """The purchases before those that are shown."""
        await self._read(ids.parse_id(self.older))

    async def _read(self, before: UUID | None) -> None:
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor, now, zone = actor_for(self, person), clock.now(), person.time_zone
        try:
            card, orders = await flow.card(actor), await flow.orders(actor, before=before, limit=_ROWS + 1)
        except StudioError as error:
            (await self.get_state(Notice))._say(error.message, error.action)  # noqa: SLF001 - `_` keeps it from the door
            return
        self.sells, self.zone = settings.get().sells, words.short_zone(zone, now)
        self.card, self.card_expires = (selling.card_words(card), selling.card_ends(card)) if card else ("", "")
        self.trouble, self.trouble_action = (card.trouble, card.action) if card else ("", "")
        self.rows = [selling.bought(order, zone, now=now) for order in orders[:_ROWS]]
        self.older = self.rows[-1].id if len(orders) > _ROWS else ""
        self.is_first = before is None
        self.ready = True
