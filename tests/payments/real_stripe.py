"""The stories against Stripe's own test mode: `STRIPE_TEST_KEY=sk_test_... make stripe`. Not among `make test`: it needs a key and the internet.

Stripe cannot reach this machine, so its events are asked for, and brought to the door with a signature of the test's own.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from credit_studio import settings
from credit_studio.db.session import transaction
from credit_studio.payments import flow, gateway, inbox, service
from tests.payments.shop import signed
from tests.payments.stories import STORIES, Till

KEY = os.environ.get("STRIPE_TEST_KEY", "")
SECRET = "whsec_of_this_test_only"
_SETTLES_S = 5.0


class RealStripe:
    """Stripe's test mode."""

    def __init__(self) -> None:
        self.since = int(time.time()) - 2
        self.seen: set[str] = set()

    async def save_card(self, person_id: UUID, name: str = "pm_card_visa") -> str:
        """Save one of Stripe's test cards for a person."""
        customer = await flow.customer_of(person_id)
        made = await gateway.client().v1.payment_methods.attach_async(name, {"customer": customer})
        await self.deliver()
        return made.id

    async def expire(self, session_id: str) -> None:
        """End a checkout that nobody has paid."""
        await gateway.client().v1.checkout.sessions.expire_async(session_id)

    async def give_back(self, order_id: UUID) -> None:
        """Refund the payment of an order whole."""
        async with transaction() as tx:
            row = await service.get_order(tx, order_id)
        await gateway.client().v1.refunds.create_async({"payment_intent": row["intent_id"]})

    async def deliver(self) -> list[str]:
        """Ask for the events since the last time, bring them to the door, and work them through."""
        await asyncio.sleep(_SETTLES_S)
        listed = await gateway.client().v1.events.list_async({"created": {"gte": self.since}, "limit": 100})
        fresh = [event for event in reversed(listed.data) if event.id not in self.seen]
        for event in fresh:
            self.seen.add(event.id)
            await inbox.receive(*signed(json.dumps(event.to_dict(), default=str).encode(), SECRET))
            await inbox.process(event.id)
        return [event.id for event in fresh]


@pytest.fixture
def till(book: None, monkeypatch: pytest.MonkeyPatch) -> Till:
    """The studio sells through Stripe's test mode."""
    assert KEY.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY must be a key of Stripe's test mode: sk_test_... or rk_test_..."
    chosen = settings.Settings(stripe_secret_key=KEY, stripe_webhook_secret=SECRET)  # type: ignore[arg-type] - read as secrets
    monkeypatch.setattr(settings, "get", lambda: chosen)
    return RealStripe()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_stripe_tells_the_story(till: Till, story: Callable[[Till], Awaitable[None]]) -> None:
    assert await story(till) is None
