"""A worker for what is sent to people, in every web process; and the looks at what is due."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from credit_studio.jobs.queue import make_notifications_app
from credit_studio.notifications import flow
from credit_studio.notifications import service as notifications

_AT_ONCE = 4
_POLL_S = 2.0
_RETRY_EVERY_S = 10.0
_ENDINGS_EVERY = 360
"""Turns between two looks at credits that end soon: an hour."""

_log = structlog.get_logger()


@asynccontextmanager
async def sending() -> AsyncIterator[None]:
    """Send what is due for the length of the block. What a stop cuts off is taken again by `retry_due`, in this process or another."""
    app = make_notifications_app()
    async with app.open_async():
        taking = asyncio.create_task(
            app.run_worker_async(
                queues=[notifications.QUEUE], concurrency=_AT_ONCE, install_signal_handlers=False, fetch_job_polling_interval=_POLL_S, delete_jobs="always"
            )
        )
        looking = asyncio.create_task(keep_looking())
        try:
            yield
        finally:
            for task in (taking, looking):
                task.cancel()
            await asyncio.gather(taking, looking, return_exceptions=True)


async def keep_looking() -> None:
    """Find what failed or was cut off and is due again, every few seconds; credits that end soon, every hour. Without end."""
    turn = 0
    while True:
        await asyncio.sleep(_RETRY_EVERY_S)
        await look(endings=turn % _ENDINGS_EVERY == 0)
        turn += 1


async def look(*, endings: bool) -> None:
    """One turn of it; a fault waits for the next one."""
    try:
        await flow.retry_due()
        if endings and (told := await flow.tell_of_endings()):
            _log.info("endings.told", alerts=told)
    except Exception:  # noqa: BLE001 - the next turn tries again
        _log.exception("notifications.not_looked")
