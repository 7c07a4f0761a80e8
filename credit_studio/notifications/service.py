"""What can be done with alerts inside a given transaction: what a person wants to be told, what they were told, and telling them."""

import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from credit_studio import settings
from credit_studio.catalog.service import catalog
from credit_studio.core import clock, ids
from credit_studio.core.errors import FieldError, InvalidInputs, InvalidRequest
from credit_studio.db import queue
from credit_studio.db.session import Tx
from credit_studio.notifications import rules, store, words
from credit_studio.notifications.views import AlertPage, AlertView, KeptMail, NotificationRule

CHANNEL = "alert"
"""Rings for a person whose alerts have changed."""

TASK, QUEUE = "credit_studio.notify", "notifications"
MOST = 200
_MAILS = 20
_SECRET_BYTES = 32
_LOW_PART = 10


class RuleChanges(TypedDict, total=False):
    """What of a rule changes; the rest stays as it is."""

    thresholds: Sequence[int]
    low_balance: int | None
    in_app: bool
    email: bool
    sms_to: str
    webhook_url: str


async def rule_of(tx: Tx, person_id: UUID) -> NotificationRule:
    """What the person wants to be told, and where; the defaults when they never said."""
    return _rule_view(await store.rule(tx, person_id) or _untouched(person_id))


async def set_rule(tx: Tx, person_id: UUID, **changes: Unpack[RuleChanges]) -> NotificationRule:
    """Change some of it. Another webhook address gets a new secret, and a clean slate.

    Raises `InvalidInputs` naming every field that does not fit, in the words of the settings' route (alertThresholds, notifications.sms, ...).
    """
    _check(changes)
    values: dict[str, Any] = dict(changes)
    if "thresholds" in changes:
        values["thresholds"] = sorted(changes["thresholds"])
    await store.open_rule(tx, _untouched(person_id))
    row = await store.rule(tx, person_id, lock=True) or _untouched(person_id)
    if values.get("low_balance", row["low_balance"]) != row["low_balance"]:
        values["low_since"] = None
    if (url := values.get("webhook_url", row["webhook_url"])) != row["webhook_url"]:
        values |= {"webhook_secret": _new_secret() if url else "", "webhook_trouble": ""}
    await store.change_rule(tx, person_id, values | {"changed_at": clock.now()})
    return await rule_of(tx, person_id)


async def list_alerts(tx: Tx, person_id: UUID, *, kind: str | None = None, unread: bool = False, cursor: str | None = None, limit: int = 50) -> AlertPage:
    """A page of the person's alerts, newest first: all, those of a kind or of a group of kinds (limits, credits, payments), those not read.

    Raises `InvalidRequest` for an unknown kind or cursor.
    """
    if kind is not None and kind not in words.KINDS and kind not in words.GROUPS:
        raise InvalidRequest(f"kind: must be one of {', '.join((*words.GROUPS, *words.KINDS))}.")
    before = None if cursor is None else ids.parse_id(cursor)
    if cursor is not None and before is None:
        raise InvalidRequest("cursor: is not one that this list gave.")
    kinds = () if kind is None else words.GROUPS.get(kind, (kind,))
    most = max(1, min(limit, MOST))
    rows = await store.alerts(tx, person_id, kinds=kinds, unread=unread, before=before, limit=most + 1)
    shown = tuple(_alert_view(row) for row in rows[:most])
    return AlertPage(shown, str(shown[-1].id) if len(rows) > most else None)


async def mark_read(tx: Tx, person_id: UUID, ids: Sequence[UUID] | None = None) -> int:
    """Mark these alerts of the person as read, or all of them; how many were not. Other people's are left alone."""
    count = await store.mark_read(tx, person_id, ids, at=clock.now())
    if count:
        await tx.notify(CHANNEL, {"key": str(person_id)})
    return count


async def unread_count(tx: Tx, person_id: UUID) -> int:
    """How many alerts the person has not read."""
    return await store.unread(tx, person_id)


async def kept_mails(tx: Tx, person_id: UUID) -> tuple[KeptMail, ...]:
    """The newest mails to the person that were kept here, since no mail server is configured."""
    rows = await store.kept_mails(tx, person_id, limit=_MAILS)
    return tuple(KeptMail(row["id"], row["ended_at"], *(row["message"][name] for name in ("subject", "text", "html"))) for row in rows)


async def tell(tx: Tx, person_id: UUID, kind: str, *, dedupe: str, data: Mapping[str, Any]) -> bool:
    """Write an alert, once for what it is about (`dedupe`), with its deliveries and their jobs; False when it had been written before.

    `data` is JSON: the figures that its words are made of. Raises KeyError for figures that do not make words.
    """
    words.said(kind, data)
    chosen, now = await rule_of(tx, person_id), clock.now()
    alert_id = ids.new_id()
    row = {"id": alert_id, "person_id": person_id, "kind": kind, "dedupe": dedupe, "at": now, "data": dict(data)}
    if not await store.add_alert(tx, row | {"read_at": None if chosen.in_app else now}):
        return False
    for channel in _channels(chosen):
        delivery_id = ids.new_id()
        await store.add_delivery(tx, {"id": delivery_id, "alert_id": alert_id, "channel": channel, "next_at": now})
        await enqueue(tx, delivery_id)
    if chosen.in_app:
        await tx.notify(CHANNEL, {"key": str(person_id)})
    return True


async def told(tx: Tx, person_id: UUID, keys: Sequence[str]) -> set[str]:
    """Which of these things (`dedupe`) the person was told of."""
    return await store.known(tx, person_id, keys)


async def note_balance(tx: Tx, person_id: UUID, *, total: int, now: datetime) -> bool:
    """Compare a balance with what the person calls low; True when it is low now and was not when it was last compared."""
    row = await store.rule(tx, person_id)
    chosen: Mapping[str, Any] = _untouched(person_id) if row is None else {**row}
    below = chosen["low_balance"]
    is_low = below is not None and total < below
    if is_low == (chosen["low_since"] is not None):
        return False
    if row is None:
        await store.open_rule(tx, chosen)
    return await store.mark_low(tx, person_id, at=now if is_low else None) and is_low


async def enqueue(tx: Tx, delivery_id: UUID) -> None:
    """Let a job try a delivery once this transaction has committed."""
    await queue.enqueue(tx, TASK, queue=QUEUE, args={"delivery_id": str(delivery_id)})


def _channels(chosen: NotificationRule) -> list[str]:
    """Where the person wants it, as far as the operator has set it up. Without a mail server, mails are kept, but not in production."""
    here = settings.get()
    wanted = {
        "email": chosen.email and (here.sends_mail or here.environment != "production"),
        "sms": bool(chosen.sms_to) and here.sends_texts,
        "webhook": bool(chosen.webhook_url) and not chosen.webhook_trouble,
    }
    return [channel for channel, is_wanted in wanted.items() if is_wanted]


def _check(changes: RuleChanges) -> None:
    here = settings.get()
    number = changes.get("sms_to", "")
    faults = {
        "alertThresholds": rules.thresholds_fault(changes.get("thresholds", ())),
        "lowBalance": rules.low_fault(changes.get("low_balance")),
        "notifications.sms": rules.number_fault(number) or ("Text messages are not set up here." if number and not here.sends_texts else ""),
        "notifications.webhookUrl": rules.url_fault(changes.get("webhook_url", ""), may_be_private=here.webhooks_to_private),
    }
    wrong = tuple(FieldError(field, fault) for field, fault in faults.items() if fault)
    if wrong:
        raise InvalidInputs(wrong, message="Nothing was changed.")


def _untouched(person_id: UUID) -> dict[str, Any]:
    """The rule of somebody who never changed it: a tenth of the first plan's credits counts as low."""
    low = max(1, catalog().first_plan.monthly_credits // _LOW_PART)
    switches = {"in_app": True, "email": True, "sms_to": "", "webhook_url": "", "webhook_secret": "", "webhook_trouble": ""}
    named = {"person_id": person_id, "thresholds": list(rules.DEFAULT_THRESHOLDS), "low_balance": low, "low_since": None}
    return {**named, **switches, "changed_at": clock.now()}


def _rule_view(row: Any) -> NotificationRule:  # noqa: ANN401 - a row of the table, or one that is not written yet
    names = ("low_balance", "in_app", "email", "sms_to", "webhook_url", "webhook_secret", "webhook_trouble")
    return NotificationRule(thresholds=tuple(row["thresholds"]), **{name: row[name] for name in names})


def _alert_view(row: store.Row) -> AlertView:
    return AlertView(row["id"], row["kind"], row["at"], row["read_at"] is not None, words.said(row["kind"], row["data"]), row["data"])


def _new_secret() -> str:
    """As Standard Webhooks spells one."""
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
