"""Writing to the audit log."""

from typing import Any
from uuid import UUID

from credit_studio.audit import store
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.db.session import Tx


async def record(tx: Tx, event: str, *, actor: Actor, subject: str = "", user_id: UUID | None = None, details: dict[str, Any] | None = None) -> None:
    """Append what was done, in the transaction that does it.

    `event` is dotted and in the past tense ("run.completed", "login.failed"); `user_id` is whose matter it is (the actor's own when
    left out); `details` holds plain JSON values and nothing secret or personal.
    """
    await store.append(
        tx,
        {
            "id": ids.new_id(),
            "at": clock.now(),
            "event": event,
            "user_id": user_id or actor.user_id,
            "actor": f"{actor.door}:{actor.user_id or 'anonymous'}",
            "address": actor.address,
            "request_id": actor.request_id,
            "subject": subject,
            "details": details or {},
        },
    )
