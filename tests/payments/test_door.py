"""The webhook's door, over HTTP: only what Stripe has signed a moment ago gets in, once, and everything else changes nothing."""

import gzip
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import transaction
from tests.api.conftest import Client, client, problem
from tests.payments.shop import an_event, signed

__all__ = ["client"]
SECRET = "whsec_of_these_tests"
NOWHERE = "http://127.0.0.1:9"


NOW = int(time.time())


@pytest.fixture(autouse=True)
def _open(selling: Callable[[str, str], None]) -> Iterator[None]:
    """The door is open at one instant; nobody is asked, because these events ask for nothing."""
    selling(NOWHERE, SECRET)
    with clock.frozen(datetime.fromtimestamp(NOW, UTC)):
        yield


async def post(client: Client, raw: bytes, signature: str | None, **headers: str) -> Any:
    """Bring these bytes to the door."""
    given = {"Content-Type": "application/json", **({"Stripe-Signature": signature} if signature is not None else {}), **headers}
    spelled = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    return await client.post("/api/billing/webhook", content=raw, headers=spelled)


async def inbox_rows() -> list[tuple[str, str]]:
    """The id and the status of every event that was taken in."""
    async with transaction() as tx:
        return [(row.event_id, row.status) for row in await tx.execute(text("SELECT event_id, status FROM inbox ORDER BY received_at"))]


async def test_a_signed_event_is_written_down_once(client: Client) -> None:
    raw, signature = signed(an_event(), SECRET)
    for _ in range(3):
        reply = await post(client, raw, signature)
        assert (reply.status_code, reply.json()) == (200, {"received": True})
    assert await inbox_rows() == [("evt_1", "ignored")]


async def test_an_event_that_asks_for_something_waits_for_its_job(client: Client) -> None:
    await post(client, *signed(an_event(id="evt_2", type="checkout.session.expired"), SECRET))
    async with transaction() as tx:
        job = (await tx.execute(text("SELECT queue_name, task_name, args FROM procrastinate_jobs"))).one()
    assert await inbox_rows() == [("evt_2", "new")]
    assert tuple(job) == ("payments", "credit_studio.payment_event", {"event_id": "evt_2"})


def _hand_signed(raw: bytes, at: int) -> str:
    return f"t={at},v1={hmac.new(SECRET.encode(), f'{at}.'.encode() + raw, hashlib.sha256).hexdigest()}"


GOOD = json.dumps(an_event()).encode()
REFUSED = {
    "forged": (*signed(GOOD, "whsec_of_somebody_else", at=NOW), "bad_signature"),
    "tampered": (GOOD.replace(b"prod_1", b"prod_2"), _hand_signed(GOOD, NOW), "bad_signature"),
    "truncated": (GOOD[:-20], _hand_signed(GOOD, NOW), "bad_signature"),
    "truncated and signed": (GOOD[:-20], _hand_signed(GOOD[:-20], NOW), "not_json"),
    "stale": (GOOD, _hand_signed(GOOD, NOW - 360), "bad_time"),
    "of the future": (GOOD, _hand_signed(GOOD, NOW + 360), "bad_time"),
    "without a signature": (GOOD, None, "bad_signature"),
    "with an empty signature": (GOOD, "", "bad_signature"),
    "with a signature of another kind": (GOOD, "Bearer abc", "bad_signature"),
    "with a time that is none": (GOOD, _hand_signed(GOOD, NOW).replace(f"t={NOW}", "t=soon"), "bad_signature"),
    "with an old scheme only": (GOOD, _hand_signed(GOOD, NOW).replace("v1=", "v0="), "bad_signature"),
    "with letters outside of ASCII in the signature": (GOOD, f"t={NOW},v1=\xe9", "bad_signature"),
    "with two times, the second one fresh": (GOOD, f"t={NOW - 4_000},{_hand_signed(GOOD, NOW)}", "bad_signature"),
    "in UTF-16": (GOOD.decode().encode("utf-16"), _hand_signed(GOOD.decode().encode("utf-16"), NOW), "not_utf8"),
    "in Latin-1": (b'{"id": "\xe9"}', _hand_signed(b'{"id": "\xe9"}', NOW), "not_utf8"),
    "compressed": (gzip.compress(GOOD), _hand_signed(gzip.compress(GOOD), NOW), "not_utf8"),
    "empty": (b"", _hand_signed(b"", NOW), "not_json"),
    "a list": (b"[]", _hand_signed(b"[]", NOW), "not_an_event"),
    "nested without end": (b"[" * 100_000, _hand_signed(b"[" * 100_000, NOW), "not_json"),
    "thin": (b'{"id": "evt_3", "object": "v2.core.event", "type": "x", "created": 1, "data": {"object": {}}}', "", "not_an_event"),
    "without an object": (b'{"id": "evt_4", "object": "event", "type": "x", "created": 1}', "", "not_an_event"),
    "with an id that is a number": (b'{"id": 5, "object": "event", "type": "x", "created": 1, "data": {"object": {}}}', "", "not_an_event"),
    "with a time beyond the calendar": (b'{"id": "evt_6", "object": "event", "type": "x", "created": 1e30, "data": {"object": {}}}', "", "not_an_event"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_signed_event_is_refused_and_logged_and_changes_nothing(client: Client, name: str) -> None:
    raw, signature, reason = REFUSED[name]
    with structlog.testing.capture_logs() as logs:
        reply = await post(client, raw, _hand_signed(raw, NOW) if reason == "not_an_event" else signature)
    assert problem(reply, 400, "invalid_request")["reason"] == reason
    assert [(line["event"], line["reason"]) for line in logs if line["event"].startswith("webhook.")] == [("webhook.refused", reason)]
    assert await inbox_rows() == []


async def test_a_signature_holds_for_five_minutes_either_way(client: Client) -> None:
    for at in (NOW - 290, NOW + 290):
        raw = json.dumps(an_event(id=f"evt_{at}")).encode()
        assert (await post(client, raw, _hand_signed(raw, at))).status_code == 200


async def test_a_secret_that_is_being_changed_signs_beside_the_old_one(client: Client) -> None:
    _, other = signed(GOOD, "whsec_new")
    assert (await post(client, GOOD, f"{_hand_signed(GOOD, NOW)},{other.partition(',')[2]}")).status_code == 200


async def test_the_body_is_read_as_it_came_before_anybody_looks_at_it(client: Client) -> None:
    spaced = json.dumps(an_event(), indent=3).encode() + b"\n "
    assert (await post(client, spaced, _hand_signed(spaced, NOW))).status_code == 200
    assert (await post(client, spaced.strip(), _hand_signed(spaced, NOW))).status_code == 400


async def test_text_that_the_database_cannot_keep_is_kept_without_it(client: Client) -> None:
    raw = json.dumps(an_event(api_version="a\0b")).encode()
    assert (await post(client, raw, _hand_signed(raw, NOW))).status_code == 200
    assert await inbox_rows() == [("evt_1", "ignored")]


async def test_a_body_beyond_a_megabyte_and_another_type_do_not_come_in(client: Client) -> None:
    problem(await post(client, b"x" * 1_100_000, "t=1,v1=a"), 413, "too_large")
    problem(await post(client, GOOD, _hand_signed(GOOD, NOW), **{"Content-Type": "text/plain"}), 415, "unsupported_media_type")
    assert await inbox_rows() == []


async def test_a_studio_that_sells_nothing_takes_no_events(client: Client, selling: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert problem(await post(client, GOOD, _hand_signed(GOOD, NOW)), 503, "unavailable")["reason"] == "payments_off"
