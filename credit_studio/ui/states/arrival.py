"""/account/credits/success: how a purchase stands that was just made. It waits for the credits, not for the way back from Stripe."""

import reflex as rx

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.payments import errors, flow
from credit_studio.payments.views import Order
from credit_studio.ui import selling
from credit_studio.ui.states.privacy import actor_for, person_of, private

_LOOKS = {"paid": "arrived", "processing": "processing", "open": "waiting", "expired": "unpaid", "failed": "unpaid"}
_LONGEST = 255


@private
class Arrival(rx.State):
    """`look`: "" while it is looked up, then "waiting", "processing", "arrived", "unpaid", or "unknown" with why in `failure` and `action`."""

    look: str = ""
    name: str = ""
    amount: str = ""
    credits: int = 0
    is_plan: bool = False
    failure: str = ""
    action: str = ""
    paper: str = ""
    _asked: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens, or something was told of the person's money: look again."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        actor, asked = actor_for(self, person), str(self.router.url.query)
        if asked != self._asked:  # another purchase: nothing of the last one is shown while this one is looked up
            self.reset()
            self._asked = asked
        try:
            await rates.enforce(Rate.OTHER, actor)
            self._show(await self._order(actor))
        except StudioError as error:
            self.look, self.failure, self.action = "unknown", error.message, error.action

    async def _order(self, actor: Actor) -> Order:
        """The order that the address names: by its checkout at Stripe, or by our own id. Raises `NotFound`, also for somebody else's."""
        asked = self.router.url.query_parameters
        session_id, order_id = str(asked.get("session_id", "")), ids.parse_id(str(asked.get("order", "")))
        if 0 < len(session_id) <= _LONGEST and session_id.isascii() and session_id.isprintable():
            return await flow.verify(actor, session_id)
        if order_id is None:
            raise errors.no_such_order()
        return await flow.order(actor, order_id)

    def _show(self, order: Order) -> None:
        self.look = _LOOKS[order.status]
        self.name, self.amount, self.credits = selling.what(order), order.price.said, order.credits
        self.is_plan = order.kind == "plan"
        self.failure, self.action = (order.failure, order.action) if self.look == "unpaid" else ("", "")
        self.paper = f"/api/billing/receipts/{order.id}.pdf" if order.receipt else ""
