"""What lives as long as a process of the studio: the bell, the speed and the past runs that estimates go by, and workers when it takes runs or sells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from credit_studio import settings
from credit_studio.db import listen
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.engine import speed
from credit_studio.jobs.notifying import sending
from credit_studio.jobs.payments import taking_payments
from credit_studio.jobs.worker import working_here
from credit_studio.ledger import flow as batched
from credit_studio.payments import gateway
from credit_studio.runs import service as runs
from credit_studio.runs.past import calibrating

_SPEED_EVERY_S = 30.0
_log = structlog.get_logger()


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Listen, follow the workers' speed and their runs, and take runs here unless WORKER_SLOTS is 0."""
    slots = settings.get().worker_slots
    await listen.hub().start()
    following = [asyncio.create_task(one) for one in (_follow_speed(), calibrating.follow())]
    try:
        async with AsyncExitStack() as work:
            if slots:
                await work.enter_async_context(working_here(slots))
            if settings.get().sells:
                await work.enter_async_context(taking_payments())
            await work.enter_async_context(sending())
            yield
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        await batched.finish()
        await listen.hub().stop()
        await gateway.close()
        await db.dispose()


async def _follow_speed() -> None:
    """Estimate for the slowest living worker: any of them may take the run."""
    while True:
        try:
            async with transaction() as tx:
                factors = [row["speed"] for row in await runs.living_workers(tx)]
            if factors:
                speed.set_factor(max(factors))
        except Exception:  # noqa: BLE001 - estimates go on with the last factor
            _log.exception("speed.unknown")
        await asyncio.sleep(_SPEED_EVERY_S)
