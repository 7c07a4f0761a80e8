"""From Stripe's event at the door to the bell that moves the header, in a sandbox of the benchmark's own."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Generator

import httpx
import structlog

from credit_studio import settings
from credit_studio.core.actor import Actor
from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.jobs.payments import taking_payments
from credit_studio.ledger import service as ledger
from credit_studio.operate import frontend, preflight, process
from credit_studio.operate.bench.measure import Measure, middle
from credit_studio.operate.bench.size import Size
from credit_studio.operate.errors import CannotStart
from credit_studio.payments import flow, gateway, inbox
from credit_studio.subscriptions import service as subscriptions

_GATE_MS = 50.0
_SECRET = "whsec_of_the_benchmark"  # noqa: S105 - it signs for a sandbox that ends with the benchmark
_ORIGIN = "http://127.0.0.1"
_CARD = {"number": "4242424242424242", "expiry": "12/34", "cvc": "123", "name": "Bench", "email": "buyer@example.com"}
_PATIENCE_S = 30.0
_MOST = 50
"""Fewer than one person may buy in an hour."""


async def bought(size: Size) -> list[Measure]:
    """A paid checkout's event: taken in, queued, read anew from Stripe, granted, rung, and the balance read that the header shows."""
    await listen.hub().start()
    async with _sandbox() as url, taking_payments():
        buyer, answers, times = await _buyer(), [], []
        async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
            await http.post("/sandbox/control/pause", json={})
            with _quiet():
                for _ in range(min(size.runs, _MOST)):
                    session_id = await _paid(http, buyer)
                    answers.append(await _answer_ms(session_id))
                    times.append(await _event_ms(buyer, session_id))
    await listen.hub().stop()
    answer = middle("Stripe's own answer: a Checkout Session, read from the sandbox", answers, unit="ms")
    return [answer, middle("from an event at the door to the balance in the header, that answer included", times, unit="ms", floor=answer, at_most=_GATE_MS)]


@contextlib.contextmanager
def _quiet() -> Generator[None]:
    """Nobody reads on the terminal of each event that it came; faults are still told."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)


async def _paid(http: httpx.AsyncClient, buyer: Actor) -> str:
    """A checkout that is paid at the sandbox, and of which the studio has not heard."""
    opened = await flow.start_checkout(buyer, "starter", origin=_ORIGIN)
    reply = await http.post(f"/sandbox/checkout/{opened.session_id}", data=_CARD)
    if reply.status_code != httpx.codes.SEE_OTHER:
        raise RuntimeError(f"a checkout of the benchmark was not paid: {reply.status_code}")
    return opened.session_id


async def _answer_ms(session_id: str) -> float:
    begun = time.perf_counter()
    await gateway.session(session_id)
    return (time.perf_counter() - begun) * 1_000


async def _event_ms(buyer: Actor, session_id: str) -> float:
    """Bring the event to the door, wait for the bell, and read what the header shows."""
    event = {"id": f"evt_{session_id}", "object": "event", "type": "checkout.session.completed", "created": int(time.time())}
    raw = json.dumps(event | {"data": {"object": {"id": session_id, "object": "checkout.session"}}}).encode()
    at = int(time.time())
    signature = f"t={at},v1={hmac.new(_SECRET.encode(), f'{at}.'.encode() + raw, hashlib.sha256).hexdigest()}"
    async with listen.hub().subscribed("balance") as bell, asyncio.timeout(_PATIENCE_S):
        begun = time.perf_counter()
        await inbox.receive(raw, signature)
        while str((await bell.get()).get("userId")) != str(buyer.user_id):
            pass
        async with transaction() as tx:
            await ledger.balance(tx, owner_id=buyer.require_user())
        return (time.perf_counter() - begun) * 1_000


async def _buyer() -> Actor:
    async with transaction() as tx:
        person = await identity.create_person(tx, email="buyer@example.com", password_hash="none", display_name="Buyer", time_zone="UTC")  # noqa: S106 - nobody signs in
        await subscriptions.start_plan(tx, person_id=person.id, plan=subscriptions.get_plan("pro"), zone="UTC")
    return Actor(user_id=person.id, door="bench")


@contextlib.asynccontextmanager
async def _sandbox() -> AsyncIterator[str]:
    """A sandbox of its own, that this process's settings sell through; its events go nowhere."""
    port = preflight.free_port()
    url = f"http://127.0.0.1:{port}"
    words = ["--port", str(port), "--data", str(settings.get().data_dir), "--webhook", "http://127.0.0.1:9/", "--secret", _SECRET]
    os.environ |= {"STRIPE_SANDBOX_URL": url, "STRIPE_SANDBOX_SECRET": _SECRET}
    settings.get.cache_clear()
    with process.session([sys.executable, "-m", "credit_studio.operate.till", *words], env=frontend.environment(), patience_s=2.0):
        await _answers(port)
        yield url
    for name in ("STRIPE_SANDBOX_URL", "STRIPE_SANDBOX_SECRET"):
        del os.environ[name]
    settings.get.cache_clear()


async def _answers(port: int) -> None:
    """Wait until the sandbox listens; raises `CannotStart` when it does not."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        if time.monotonic() > until:
            raise CannotStart("The sandbox of the benchmark does not answer; its messages stand above.")
        await asyncio.sleep(0.05)
