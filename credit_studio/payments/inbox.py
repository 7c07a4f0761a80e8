"""What Stripe tells: taken in at the door, once each; worked through by a job; tried again; given up where an operator sees it; replayed.

The door answers as soon as the event is written down. An event is marked done in the transaction that does what it asks, so a crash
leaves it to be done again, and doing it twice changes nothing.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any, cast

import structlog

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.errors import InvariantBroken
from credit_studio.db import queue
from credit_studio.db.session import Tx, transaction
from credit_studio.payments import errors, gateway, rules, store
from credit_studio.payments.handling import HANDLERS
from credit_studio.payments.views import DeadLetter, Notice

TASK, QUEUE = "credit_studio.payment_event", "payments"
_AT_ONCE = 100
_MOST_ERROR = 500
_log = structlog.get_logger()


class _NoEvent(Exception):
    """What came is no event for this studio; the text is a code that says why."""


async def receive(raw: bytes, signature: str) -> bool:
    """Take in what came through the webhook's door; False when it had come before.

    Raises `InvalidRequest` for what Stripe has not signed, or not within five minutes of now, or what is no event: then nothing is
    changed. Raises `Unavailable` when the studio sells nothing.
    """
    if not settings.get().sells:
        raise errors.nothing_for_sale()
    try:
        row = _row(_event(raw, signature))
    except _NoEvent as fault:
        _log.warning("webhook.refused", reason=str(fault), size=len(raw))
        raise errors.not_an_event(str(fault)) from None
    async with transaction() as tx:
        is_new = await store.add_event(tx, row)
        if is_new and row["status"] == "new":
            await _enqueue(tx, row["event_id"])
    _log.info("webhook.received", event_id=row["event_id"], type=row["type"], again=not is_new)
    return is_new


async def process(event_id: str) -> None:
    """Work one event through, once: read from Stripe, then one transaction. A fault is written down, and the event tried again later."""
    async with transaction() as tx:
        row = await store.event(tx, event_id)
    if row is None or row["status"] != "new":
        return
    try:
        await _work(Notice(event_id, row["type"], row["object_id"], row["created_at"], row["payload"]))
    except InvariantBroken as broken:
        _log.critical("payments.invariant_broken", event_id=event_id, said=str(broken))
        await _give_up(event_id, str(broken))
    except Exception as fault:  # noqa: BLE001 - whatever it was, the event waits for its next try
        _log.warning("payments.event_failed", event_id=event_id, type=row["type"], fault=type(fault).__name__)
        await _try_later(event_id, f"{type(fault).__name__}: {fault}")


async def retry_due() -> int:
    """Enqueue the events whose time has come, and those whose job a crash has taken along; how many. Harmless at any time."""
    now = clock.now()
    async with transaction() as tx:
        due = await store.take_due(tx, now, until=now + rules.GRACE, limit=_AT_ONCE)
        for event_id in due:
            await _enqueue(tx, event_id)
    return len(due)


async def replay(actor: Actor, event_id: str) -> None:
    """Work an event through that was given up. For operators; raises `Forbidden`, and `NotFound` for one that was not given up."""
    actor.require_operator()
    async with transaction() as tx:
        row = await store.event(tx, event_id, lock=True)
        if row is None or row["status"] != "dead":
            raise errors.no_such_event()
        await store.change_event(tx, event_id, {"status": "new", "attempts": 0, "next_at": clock.now() + rules.GRACE, "error": ""})
        await _enqueue(tx, event_id)
        await audit.record(tx, "event.replayed", actor=actor, subject=f"event:{event_id}", details={"type": row["type"], "error": row["error"]})


async def dead_letters(actor: Actor, *, limit: int = 100) -> tuple[DeadLetter, ...]:
    """The events that were given up, newest first. For operators; raises `Forbidden`."""
    actor.require_operator()
    async with transaction() as tx:
        rows = await store.dead_events(tx, limit=limit)
    names = ("event_id", "type", "object_id", "created_at", "received_at", "attempts", "error")
    return tuple(DeadLetter(*(row[name] for name in names)) for row in rows)


async def forget_old() -> int:
    """Empty the payloads of events that were worked through a month ago; how many."""
    async with transaction() as tx:
        return await store.empty_payloads(tx, before=clock.now() - rules.PAYLOAD_LASTS)


async def _work(notice: Notice) -> None:
    """Read all there is to read, then write it all with the mark; an event that another process has done meanwhile is left alone."""
    handlers = HANDLERS.get(notice.type, ())
    read = [(handler, await handler.read(notice)) for handler in handlers]
    ours = [(handler, facts) for handler, facts in read if facts is not None]
    async with transaction() as tx:
        row = await store.event(tx, notice.event_id, lock=True)
        if row is None or row["status"] != "new":
            return
        for handler, facts in ours:
            await handler.write(tx, facts)
        ended: dict[str, Any] = {"status": "done", "done_at": clock.now(), "error": ""} if ours else {"status": "ignored"}
        await store.change_event(tx, notice.event_id, ended | {"attempts": row["attempts"] + 1})


async def _try_later(event_id: str, error: str) -> None:
    async with transaction() as tx:
        row = await store.event(tx, event_id, lock=True)
        if row is None or row["status"] != "new":
            return
        attempts = row["attempts"] + 1
        again = rules.next_try(clock.now(), attempts=attempts)
        later: dict[str, Any] = {"status": "dead"} if again is None else {"next_at": again}
        await store.change_event(tx, event_id, later | {"attempts": attempts, "error": error[:_MOST_ERROR]})
    if again is None:
        _log.error("payments.event_dead", event_id=event_id, error=error[:_MOST_ERROR])


async def _give_up(event_id: str, error: str) -> None:
    async with transaction() as tx:
        await store.change_event(tx, event_id, {"status": "dead", "error": error[:_MOST_ERROR]})


async def _enqueue(tx: Tx, event_id: str) -> None:
    await queue.enqueue(tx, TASK, queue=QUEUE, args={"event_id": event_id})


def _event(raw: bytes, signature: str) -> dict[str, Any]:
    """What the body spells, when it was signed for us a moment ago; raises `_NoEvent` with the reason."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _NoEvent("not_utf8") from None
    if not gateway.is_signed(text, signature):
        raise _NoEvent("bad_signature")
    if abs(clock.now().timestamp() - _signed_at(signature)) > rules.SIGNED_WITHIN_S:
        raise _NoEvent("bad_time")
    try:
        event = json.loads(text.replace("\\u0000", "\\ufffd"))
    except (json.JSONDecodeError, RecursionError):
        raise _NoEvent("not_json") from None
    if not isinstance(event, dict):
        raise _NoEvent("not_an_event")
    return cast("dict[str, Any]", event)


def _signed_at(signature: str) -> float:
    """The instant in a signature that has been found right."""
    return next((float(part[2:]) for part in signature.split(",") if part.startswith("t=")), math.inf)


def _row(event: dict[str, Any]) -> dict[str, Any]:
    """The inbox row of an event; raises `_NoEvent` for one that is no snapshot event."""
    try:
        event_id, kind, created, about = event["id"], event["type"], event["created"], event["data"]["object"]
        fits = event["object"] == "event" and isinstance(event_id, str) and isinstance(kind, str) and isinstance(about, dict)
        at = datetime.fromtimestamp(int(created), UTC)
    except (KeyError, TypeError, OverflowError, OSError):
        raise _NoEvent("not_an_event") from None
    if not fits:
        raise _NoEvent("not_an_event")
    now = clock.now()
    row: dict[str, Any] = {
        "event_id": event_id,
        "type": kind,
        "object_id": str(cast("dict[str, Any]", about).get("id") or ""),
        "created_at": at,
        "received_at": now,
    }
    row |= {"payload": event, "status": "new" if kind in HANDLERS else "ignored", "attempts": 0, "error": ""}
    return row | {"next_at": now + rules.GRACE}
