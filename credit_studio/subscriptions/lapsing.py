"""Paid plans whose period has ended and was not renewed: looked at again, in case its news was lost, and ended when their grace is over."""

from datetime import timedelta
from uuid import UUID

import structlog

from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import transaction
from credit_studio.payments import plan_looking, plans
from credit_studio.subscriptions import service, store

_RENEWING = timedelta(hours=2)
"""A renewal may be on its way so long after the end of a period: Stripe leaves its invoice a draft for an hour."""

_AGAIN = timedelta(hours=1)
"""How long a look at Stripe holds."""

_AT_ONCE = 50
_DUE = "past_due"
_log = structlog.get_logger()


async def end_late() -> int:
    """Look at every plan that Stripe should have renewed and that nothing was heard of; end those whose grace is over. How many were looked at.

    Harmless to do twice: what has ended, was renewed, or was looked at a moment ago is not looked at. A fault with one keeps nothing from the others.
    """
    now = clock.now()
    async with transaction() as tx:
        late = await store.late(tx, ended=now - _RENEWING, seen=now - _AGAIN, limit=_AT_ONCE)
    for person_id, stripe_id in late:
        try:
            await _look(person_id, stripe_id)
        except Exception:  # noqa: BLE001 - the next turn tries again
            _log.exception("plan.not_looked_at", person=str(person_id))
    return len(late)


async def _look(person_id: UUID, stripe_id: str) -> None:
    found = await plans.look(stripe_id)
    await plan_looking.learn(SYSTEM, stripe_id, found.invoice_id)
    if found.status == _DUE and await _is_over(person_id, stripe_id):
        await plans.end(stripe_id)
        await plan_looking.learn(SYSTEM, stripe_id)


async def _is_over(person_id: UUID, stripe_id: str) -> bool:
    """True when the person still holds just this plan, not renewed, and the catalogue gives it no more time."""
    grace = catalog().dunning.grace_days
    if grace is None:
        return False
    async with transaction() as tx:
        held = await service.plan_of(tx, person_id=person_id)
        return await service.stripe_id_of(tx, person_id=person_id) == stripe_id and held.period_end + timedelta(days=grace) <= clock.now() - _RENEWING
