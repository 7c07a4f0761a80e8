"""A worker for what has to do with money: in every web process of a studio that sells, since that is where Stripe's events come in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from credit_studio.jobs.queue import PAYMENTS, make_payments_app

_AT_ONCE = 4
_POLL_S = 2.0


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
        try:
            yield
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
