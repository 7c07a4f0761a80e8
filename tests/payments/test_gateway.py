"""What the SDK raises, as the studio's own; and what happens while Stripe does not answer."""

import asyncio
import http.server
import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.errors import Unavailable
from credit_studio.core.money import Money
from credit_studio.db.session import transaction
from credit_studio.payments import cards, errors, flow, gateway, rules
from credit_studio.payments.facts import Card
from credit_studio.payments.views import Order
from tests.makers.people import someone
from tests.payments.shop import ORIGIN, Shop, bought

NOWHERE = "http://127.0.0.1:9"
INTENT = {"id": "pi_1", "object": "payment_intent", "status": "requires_payment_method"}


@contextmanager
def answering(*answers: tuple[int, dict[str, Any]]) -> Generator[tuple[str, list[str]]]:
    """A server that gives these answers one after the other, the last one for ever: its address, and the idempotency keys that it got."""
    left, keys = list(answers), []

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            keys.append(self.headers["Idempotency-Key"])
            status, said = left.pop(0) if len(left) > 1 else left[0]
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", keys
        server.shutdown()


def refusal(kind: str, **more: Any) -> dict[str, Any]:
    """An error as Stripe spells it."""
    return {"error": {"type": kind, "message": "No.", **more}}


async def charge() -> Any:
    """Ask for money."""
    return await gateway.charge(order_id=ids.new_id(), customer_id="cus_1", card_pm="pm_1", price=Money(1000, "GBP"), name="x", return_url=None)


DECLINED = refusal("card_error", code="card_declined", decline_code="insufficient_funds", payment_intent=INTENT)
CASES = {
    "a decline": ((402, DECLINED), errors.Declined, 1),
    "a parameter that is wrong": ((400, refusal("invalid_request_error", param="amount")), errors.Refused, 1),
    "a key that is wrong": ((401, refusal("invalid_request_error")), errors.Refused, 1),
    "a key that may not": ((403, refusal("invalid_request_error")), errors.Refused, 1),
    "the same key with another request": ((400, refusal("idempotency_error")), errors.Unclear, 1),
    "asked too often": ((429, refusal("invalid_request_error", code="rate_limit")), errors.Refused, 4),
    "a fault at Stripe": ((500, refusal("api_error")), errors.Unclear, 3),
    "still working on it": ((409, refusal("invalid_request_error", code="idempotency_key_in_use")), errors.Unclear, 3),
}


@pytest.mark.parametrize("name", CASES)
async def test_what_stripe_refuses_is_told_as_what_it_is(selling: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answer, kind, tries = CASES[name]
    monkeypatch.setattr(gateway, "_BUSY_WAITS_S", (0.0, 0.0, 0.0))
    with answering(answer) as (url, keys):
        selling(url, "whsec_x")
        with pytest.raises(kind) as told:
            await charge()
    assert len(keys) == tries
    assert len(set(keys)) == 1
    if isinstance(told.value, errors.Declined):
        assert (told.value.code, told.value.intent_id) == ("insufficient_funds", "pi_1")


async def test_a_server_that_hangs_is_left_in_time(selling: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "_TIMEOUT_S", 0.2)
    await gateway.close()

    async def hang(_reader: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    selling(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "whsec_x")
    with pytest.raises(errors.Unclear):
        async with asyncio.timeout(10):
            await charge()
    await gateway.close()
    server.close()


async def test_a_charge_that_nobody_answered_keeps_its_key_and_is_taken_up_again(shop: Shop, selling: Callable[[str, str], None]) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    selling(NOWHERE, shop.sandbox.secret)
    with pytest.raises(Unavailable) as lost:
        await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    assert "did not answer" in lost.value.message
    order = (await flow.orders(ada.actor))[0]
    assert (await flow.order(ada.actor, order.id)).status == "open"
    selling(shop.sandbox.url, shop.sandbox.secret)
    with clock.frozen(clock.now() + rules.ANSWER_WITHIN + timedelta(seconds=1)):
        done = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    assert isinstance(done, Order)
    assert (done.id, done.status) == (order.id, "paid")
    await shop.deliver()
    assert await bought(ada.id) == 500


async def test_a_checkout_that_stripe_refuses_ends_the_order_and_frees_the_key(shop: Shop, selling: Callable[[str, str], None]) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    with answering((400, refusal("invalid_request_error"))) as (url, _):
        selling(url, shop.sandbox.secret)
        with pytest.raises(errors.Refused):
            await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="one")
        with pytest.raises(errors.Refused):
            await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="two")
    assert [(order.status, order.failure_code) for order in await flow.orders(ada.actor)] == [("failed", "refused")] * 2
    selling(shop.sandbox.url, shop.sandbox.secret)
    assert (await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="one")).replayed is False


async def test_what_is_done_is_told_again_without_asking_stripe(shop: Shop, selling: Callable[[str, str], None]) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="one")
    shop.pay(opened.session_id)
    await shop.deliver()
    done = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="two")
    selling(NOWHERE, shop.sandbox.secret)
    again = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN, key="one")
    assert (again.session_id, again.url) == (opened.session_id, f"{ORIGIN}{flow.SUCCESS}?session_id={opened.session_id}")
    same = await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="two")
    assert isinstance(done, Order)
    assert isinstance(same, Order)
    assert (same.id, same.status, same.replayed) == (done.id, "paid", True)


async def test_a_card_that_was_changed_after_a_kill_is_not_told_that_nothing_was_charged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await someone()
    await shop.save_card(ada.id)
    real = gateway.charge

    async def killed(**named: Any) -> None:
        await real(**named)
        raise KeyboardInterrupt

    monkeypatch.setattr(gateway, "charge", killed)
    with pytest.raises(KeyboardInterrupt):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    monkeypatch.setattr(gateway, "charge", real)
    async with transaction() as tx:
        await cards.keep(tx, customer_id=await flow.customer_of(ada.id), card=Card("pm_another", "visa", "1881", "2034-12", "f", None))
    with clock.frozen(clock.now() + rules.ANSWER_WITHIN + timedelta(seconds=1)), pytest.raises(errors.Unclear, match="its credits arrive by themselves"):
        await flow.top_up(ada.actor, "starter", origin=ORIGIN, key="one")
    await shop.deliver()
    assert [order.status for order in await flow.orders(ada.actor)] == ["paid"]
    assert await bought(ada.id) == 500


@pytest.mark.parametrize(
    ("code", "decline_code", "known_as"),
    [
        ("card_declined", "insufficient_funds", "insufficient_funds"),
        ("card_declined", "generic_decline", "generic_decline"),
        ("card_declined", "", "generic_decline"),
        ("expired_card", "", "expired_card"),
        ("expired_card", "generic_decline", "expired_card"),
        ("authentication_required", "authentication_required", "authentication_required"),
        ("payment_intent_authentication_failure", "", "authentication_failed"),
        ("", "", "generic_decline"),
    ],
)
def test_the_code_that_says_most_is_kept(code: str, decline_code: str, known_as: str) -> None:
    assert rules.decline_code(code=code, decline_code=decline_code) == known_as


def test_every_decline_says_what_happened_and_what_to_do() -> None:
    for code in (*rules.DECLINES, "a_code_of_tomorrow"):
        advice = rules.advice(code)
        assert advice.said.endswith(".")
        assert advice.action.endswith(".")
    assert [code for code in ("expired_card", "generic_decline", "insufficient_funds", "processing_error") if rules.is_hard(code)] == [
        "expired_card",
        "generic_decline",
    ]
