"""Webhooks: signed with the SDK's own helper, sent in order, tried again with growing pauses until somebody answers 2xx."""

import asyncio
import http.client
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from stripe import WebhookSignature

from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.store import Delivery
from credit_studio.sandbox.world import World

_TRIES = 100
_LONGEST_PAUSE_S = 60.0
_PATIENCE_S = 10.0
_LOOK_S = 1.0
_TOLD = 200
_OK = range(200, 300)


class Courier:
    """Sends what waits. One at a time, so that without chaos the order is the order of the changes."""

    def __init__(self, world: World, url: str, secret: str) -> None:
        self._world, self._url, self._secret = world, url, secret
        self._wake = asyncio.Event()
        self._sending = asyncio.Lock()
        world.written = self._wake.set

    @property
    def paused(self) -> bool:
        """True while deliveries are held."""
        return bool(self._world.store.value("paused", otherwise=False))

    def pause(self, *, held: bool) -> None:
        """Hold all deliveries, or let them go again."""
        self._world.store.set_value("paused", held)
        self._wake.set()

    async def run(self) -> None:
        """Send whatever is due, forever."""
        while True:
            self._wake.clear()
            if not self.paused:
                await self.send_due(time.time())
            pause = _LOOK_S if self.paused else min(_LOOK_S, max(0.0, (self._world.store.next_due() or time.time() + _LOOK_S) - time.time()))
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    async def send_due(self, until: float) -> list[Body]:
        """Try everything once that waits and is due by then; says what was sent and what the receiver answered."""
        async with self._sending:
            waiting = self._world.store.waiting(until)
            return [await self._send(delivery) for delivery in waiting if self._world.store.waits(delivery.seq)]

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Nothing is on its way during the block."""
        async with self._sending:
            yield

    async def _send(self, delivery: Delivery) -> Body:
        delivered, answer = await asyncio.to_thread(_post, self._url, delivery.body, self._secret)
        attempts = delivery.attempts + 1
        state = "delivered" if delivered else "dead" if attempts >= _TRIES else "waiting"
        again = time.time() + min(_LONGEST_PAUSE_S, 0.5 * 2**attempts)
        self._world.store.tried(delivery.seq, state, answer, again)
        return told(delivery) | {"state": state, "answer": answer, "attempts": attempts}


def told(delivery: Delivery) -> Body:
    """One delivery, for people and tests."""
    return {
        "event": delivery.event,
        "sentId": delivery.sent_id,
        "type": delivery.type,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "due": delivery.due,
    }


def _post(url: str, body: str, secret: str) -> tuple[bool, str]:
    parts = urlsplit(url)
    asked = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=_PATIENCE_S)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (the studio's sandbox)",
        "Stripe-Signature": WebhookSignature.generate_signature_header(body, secret),
    }
    try:
        asked.request("POST", parts.path or "/", body.encode(), headers)
        answer = asked.getresponse()
        return answer.status in _OK, f"{answer.status} {answer.read(_TOLD).decode(errors='replace')}".strip()
    except (OSError, http.client.HTTPException) as problem:
        return False, str(problem) or type(problem).__name__
    finally:
        asked.close()
