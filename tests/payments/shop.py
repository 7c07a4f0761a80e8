"""What buyers, Stripe and the jobs do in tests of payments."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import stripe

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments import flow, inbox, service
from tests.sandbox_fixture import Sandbox

CARD = "4242424242424242"
ORIGIN = "http://studio.test"


@dataclass(frozen=True)
class Shop:
    """A sandbox that the studio sells through."""

    sandbox: Sandbox

    async def deliver(self) -> list[str]:
        """Bring all that waits through the webhook's door and work it through, as the job does; the ids of the events."""
        told = await self.take_in()
        for event_id in told:
            await inbox.process(event_id)
        return told

    def pay(self, session_id: str, number: str = CARD) -> str:
        """Do on the hosted page what a buyer does there; where that leads, or the page again."""
        typed = {"number": number, "expiry": "12/34", "cvc": "123", "name": "Ada", "email": "ada@example.com"}
        return self.sandbox.submit(f"/sandbox/checkout/{session_id}", **typed)[1]

    async def save_card(self, person_id: UUID, name: str = "pm_card_visa") -> str:
        """Save a card for the person, as the portal does; the card's id."""
        customer = await flow.customer_of(person_id)
        made = await self.sandbox.client().v1.payment_methods.attach_async(name, {"customer": customer})
        await self.deliver()
        return made.id

    async def expire(self, session_id: str) -> None:
        """End a checkout that nobody has paid."""
        await self.sandbox.client().v1.checkout.sessions.expire_async(session_id)

    async def give_back(self, order_id: UUID) -> None:
        """Refund the payment of an order whole, at Stripe's own side."""
        async with transaction() as tx:
            row = await service.get_order(tx, order_id)
        await self.sandbox.client().v1.refunds.create_async({"payment_intent": row["intent_id"]})

    async def take_in(self) -> list[str]:
        """Bring all that waits through the webhook's door, and no further."""
        arrived = self.sandbox.flush()
        for webhook in arrived:
            await inbox.receive(webhook.raw, webhook.signature)
        return [str(webhook.event["id"]) for webhook in arrived]


async def bought(person_id: UUID) -> int:
    """The credits in grants that the person has bought."""
    async with transaction() as tx:
        balance = await ledger.balance(tx, owner_id=person_id)
    return sum(grant.amount for grant in balance.grants if grant.source == "purchase")


def an_event(**changes: Any) -> dict[str, Any]:
    """An event that asks for nothing, but for what is changed."""
    about = {"id": "prod_1", "object": "product"}
    event = {"id": "evt_1", "object": "event", "type": "product.created", "created": int(clock.now().timestamp()), "data": {"object": about}}
    return event | changes


def signed(body: bytes | dict[str, Any], secret: str, *, at: int | None = None) -> tuple[bytes, str]:
    """The bytes of a body, and the header that signs them with `secret` at that second, now when left out."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = stripe.WebhookSignature.generate_signature_header(raw.decode("latin-1"), secret, int(clock.now().timestamp()) if at is None else at)
    return raw, header
