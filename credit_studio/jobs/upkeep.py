"""What is cleared up every few seconds, by whichever process comes first; all of it harmless to do twice."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from credit_studio.db.session import transaction
from credit_studio.identity import flow as identity
from credit_studio.ledger import service as ledger
from credit_studio.offers import gifts
from credit_studio.payments import inbox
from credit_studio.runs import working
from credit_studio.runs.past import calibrating
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.uploads import flow as uploads

EVERY_S = 5.0
_SWEEP_EVERY = 12
_log = structlog.get_logger()


async def keep_up() -> None:
    """Give back what dead workers left, tell of this one's runs and renew plans, every few seconds; end what has had its time, every minute.

    That is lapsed grants, old uploads, idle sessions and gifts that nobody claimed. Without end.
    """
    turn = 0
    while True:
        await _do(working.recover)
        await _do(calibrating.tell)
        await _do(inbox.retry_due)
        await _do(subscriptions.renew_due)
        if turn % _SWEEP_EVERY == 0:
            for step in (_expire, uploads.sweep, identity.end_expired_sessions, gifts.return_lapsed):
                await _do(step)
        turn += 1
        await asyncio.sleep(EVERY_S)


async def _do(step: Callable[[], Awaitable[object]]) -> None:
    """One step; a fault in it keeps nothing from the others."""
    try:
        await step()
    except Exception:  # noqa: BLE001 - the next turn tries again
        _log.exception("upkeep.failed", step=getattr(step, "__qualname__", repr(step)))


async def _expire() -> None:
    async with transaction() as tx:
        await ledger.expire_lapsed(tx)
