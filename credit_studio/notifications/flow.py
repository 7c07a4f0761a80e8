"""Sending what was written: each try in two transactions, with the sending between them.

A crash before the first leaves the job, or a delivery that `retry_due` finds; one between the two leaves a delivery whose lease runs out, and
it is tried again. So nothing is lost, and what can come twice is only what the other side had taken when we died before writing its answer
down: a mail then has the same Message-ID, a webhook the same webhook-id. An alert in the studio cannot come twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from credit_studio import settings
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.errors import NotFound
from credit_studio.db.session import transaction
from credit_studio.history import standing
from credit_studio.identity import service as identity
from credit_studio.identity.views import Person
from credit_studio.notifications import mail, noticing, rules, service, store, texting, webhook, words
from credit_studio.notifications.errors import Undelivered
from credit_studio.notifications.views import AlertPage, KeptMail, NotificationRule

_LATE = timedelta(seconds=15)
"""A delivery is left that long to the job that was written with it."""

_A_PAGE = 200
_UNREACHED = "It could not be reached for three days. Set it again to go on."
_log = structlog.get_logger()


@dataclass(frozen=True)
class Parcel:
    """A delivery that was taken, with all that is needed to hand it over."""

    row: store.Row
    person: Person
    rule: NotificationRule


async def listing(actor: Actor, *, kind: str | None = None, unread: bool = False, cursor: str | None = None, limit: int = 50) -> tuple[AlertPage, int]:
    """A page of the caller's alerts (see `service.list_alerts`), and how many of all they have not read. Raises `NotSignedIn`, `InvalidRequest`."""
    person_id = actor.require_user()
    async with transaction() as tx:
        page = await service.list_alerts(tx, person_id, kind=kind, unread=unread, cursor=cursor, limit=limit)
        return page, await service.unread_count(tx, person_id)


async def mark_read(actor: Actor, ids: list[UUID] | None) -> int:
    """Mark alerts of the caller as read, these or all of them; how many are left. Raises `NotSignedIn`."""
    person_id = actor.require_user()
    async with transaction() as tx:
        await service.mark_read(tx, person_id, ids)
        return await service.unread_count(tx, person_id)


async def kept_mails(actor: Actor) -> tuple[KeptMail, ...]:
    """The caller's mails that were kept here; none in production. Raises `NotSignedIn`."""
    person_id = actor.require_user()
    if settings.get().environment == "production":
        return ()
    async with transaction() as tx:
        return await service.kept_mails(tx, person_id)


async def deliver(delivery_id: str) -> None:
    """Try one delivery and write down what became of it; a job. Harmless at any time, and to run twice at once."""
    parcel = await _take(UUID(delivery_id))
    if parcel is None:
        return
    try:
        ended = await _hand_over(parcel)
    except Undelivered as problem:
        await _put_off(parcel, problem)
        return
    async with transaction() as tx:
        await store.end_delivery(tx, parcel.row["id"], {**ended, "ended_at": clock.now(), "error": ""})


async def retry_due() -> int:
    """Enqueue deliveries whose time has come: those that failed, and those whose job a crash took along; how many."""
    async with transaction() as tx:
        found = await store.due(tx, now=clock.now() - _LATE, limit=_A_PAGE)
        for delivery_id in found:
            await service.enqueue(tx, delivery_id)
    return len(found)


async def tell_of_endings() -> int:
    """Tell everybody whose credits end soon; how many alerts that were. Harmless to run twice."""
    now, told, above = clock.now(), 0, None
    while True:
        async with transaction() as tx:
            found = await standing.ending(tx, after=now, until=now + rules.EXPIRING_WITHIN, above=above, limit=_A_PAGE)
            for one in found:
                told += await noticing.expires_soon(tx, one)
        if len(found) < _A_PAGE:
            return told
        above = found[-1].grant_id


def origin() -> str:
    """Where the studio is, for links in what is sent."""
    here = settings.get()
    return (here.public_url or f"http://localhost:{here.port}").rstrip("/")


async def _take(delivery_id: UUID) -> Parcel | None:
    now = clock.now()
    async with transaction() as tx:
        row = await store.take(tx, delivery_id, now=now, until=now + rules.LEASE)
        if row is None:
            return None
        person = await identity.find_person(tx, person_id=row["person_id"])
        if person is None:
            raise NotFound("There is no such person.")
        return Parcel(row, person, await service.rule_of(tx, person.id))


async def _hand_over(parcel: Parcel) -> dict[str, Any]:
    """Send it: what is to be written down. Raises `Undelivered`."""
    said = words.said(parcel.row["kind"], parcel.row["data"])
    match parcel.row["channel"]:
        case "email":
            letter = mail.compose(said, person=parcel.person, delivery_id=parcel.row["id"], origin=origin())
            if not settings.get().sends_mail:
                return {"status": "kept", "message": mail.kept(letter)}
            return {"status": "sent", "answer": await mail.send(letter)}
        case "sms":
            if not parcel.rule.sms_to:
                raise Undelivered("There is no number any more.", is_final=True)
            return {"status": "sent", "answer": await texting.send(said, number=parcel.rule.sms_to, origin=origin())}
        case _:
            return {"status": "sent", "answer": await _call(parcel)}


async def _call(parcel: Parcel) -> str:
    row, rule = parcel.row, parcel.rule
    if not rule.webhook_url:
        raise Undelivered("There is no address any more.", is_final=True)
    said = words.said(row["kind"], row["data"])
    data = {"id": str(row["alert_id"]), "title": said.title, "text": said.text, "url": origin() + said.path, **row["data"]}
    payload = {"type": f"alert.{row['kind']}", "timestamp": row["at"].isoformat(), "data": data}
    return await webhook.send(payload, url=rule.webhook_url, secret=rule.webhook_secret, message_id=f"msg_{row['id'].hex}")


async def _put_off(parcel: Parcel, problem: Undelivered) -> None:
    """Write down why it failed and when it is tried again; after the last time, a webhook is left alone until its owner sets it again."""
    row, now = parcel.row, clock.now()
    again = None if problem.is_final else rules.next_try(now, row["attempts"])
    ended = {"error": problem.said} | ({"next_at": again} if again else {"status": "failed", "ended_at": now})
    _log.warning("delivery.failed", delivery=str(row["id"]), channel=row["channel"], attempts=row["attempts"], is_last=again is None, why=problem.said)
    async with transaction() as tx:
        await store.end_delivery(tx, row["id"], ended)
        if row["channel"] == "webhook" and again is None and parcel.rule.webhook_url:
            trouble = problem.said if problem.is_final else _UNREACHED
            await store.change_rule(tx, parcel.person.id, {"webhook_trouble": trouble})
