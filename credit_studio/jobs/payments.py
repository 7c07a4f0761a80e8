"""A worker for what has to do with money: in every web process of a studio that sells, since that is where Stripe's events come in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from credit_studio.jobs.queue import PAYMENTS, make_payments_app
from credit_studio.payments import recharging, reconciling, refunding
from credit_studio.subscriptions import lapsing

_AT_ONCE = 4
_POLL_S = 2.0
_FIRST_S = 60.0
"""After a start: what a crash cut off has been worked through by then."""

_EVERY_S = 300.0
_log = structlog.get_logger()


@asynccontextmanager
async def taking_payments() -> AsyncIterator[None]:
    """Take the jobs of payments for the length of the block. What a stop cuts off is enqueued again by `inbox.retry_due`."""
    app = make_payments_app()
    async with app.open_async():
        taking = asyncio.create_task(
            app.run_worker_async(
                queues=[PAYMENTS], concurrency=_AT_ONCE, install_signal_handlers=False, fetch_job_polling_interval=_POLL_S, delete_jobs="always"
            )
        )
        comparing = asyncio.create_task(keep_comparing())
        try:
            yield
        finally:
            for task in (taking, comparing):
                task.cancel()
            await asyncio.gather(taking, comparing, return_exceptions=True)


async def keep_comparing() -> None:
    """Compare what was paid with what was granted, every hour, in whichever process comes first; look who is low on credits. Without end.

    And look every few minutes for paid plans that were not renewed, and for credits of refunded ones that runs had held.
    """
    await asyncio.sleep(_FIRST_S)
    while True:
        await settle_what_was_held()
        await compare_when_due()
        await end_late_plans()
        await asyncio.sleep(_EVERY_S)


async def compare_when_due() -> None:
    """One turn of it; a fault, such as a Stripe that does not answer, waits for the next hour."""
    try:
        found = await reconciling.check_when_due()
        if found is not None:
            (_log.info if found.holds else _log.critical)("money.compared", holds=found.holds, looked=found.looked, mended=len(found.mended))
            await recharging.consider_all()
    except Exception:  # noqa: BLE001 - the next turn tries again
        _log.exception("money.not_compared")


async def settle_what_was_held() -> None:
    """One turn of it; a fault waits for the next."""
    try:
        for order_id in await refunding.claimed_plans():
            await refunding.catch_up(order_id)
    except Exception:  # noqa: BLE001 - as above
        _log.exception("refunds.not_looked_at")


async def end_late_plans() -> None:
    """One turn of it; a fault waits for the next."""
    try:
        await lapsing.end_late()
    except Exception:  # noqa: BLE001 - as above
        _log.exception("plans.not_looked_at")
