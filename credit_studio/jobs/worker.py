"""A worker: takes queued runs, says that it is alive, and clears up after those that are not. In the web process, or one of its own."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog
import uvloop

from credit_studio import settings
from credit_studio.core import ids
from credit_studio.db import listen
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.engine import speed
from credit_studio.jobs.nightly import keep_checking
from credit_studio.jobs.queue import make_app
from credit_studio.jobs.upkeep import keep_up
from credit_studio.ledger import flow as batched
from credit_studio.runs import service as runs
from credit_studio.runs import working
from credit_studio.runs.runner import Runner

_BEAT_S = 5.0
_POLL_S = 2.0
_log = structlog.get_logger()


@asynccontextmanager
async def working_here(slots: int) -> AsyncIterator[Runner]:
    """Take runs, `slots` at once, for the length of the block."""
    runner, worker_id = Runner(slots=slots), ids.new_id()
    await runner.start()
    speed.set_factor(runner.speed)

    async def execute(run_id: UUID) -> None:
        await working.execute(run_id, runner=runner, worker_id=worker_id)

    async with transaction() as tx:  # before it takes any run: what nobody has heard of counts as dead
        await runs.beat(tx, worker_id=worker_id, slots=slots, speed=runner.speed)
    app = make_app(execute)
    async with app.open_async():
        taking = app.run_worker_async(
            queues=[runs.QUEUE],
            concurrency=slots,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL_S,
            delete_jobs="always",
        )
        tasks = [asyncio.create_task(one) for one in (taking, _beat(worker_id, slots, runner.speed), keep_up(), keep_checking())]
        _log.info("worker.started", slots=slots, speed=round(runner.speed, 2), isolation=sorted(runner.isolation))
        try:
            yield runner
        finally:
            await _stop(tasks, runner, worker_id)


async def _stop(tasks: list["asyncio.Task[None]"], runner: Runner, worker_id: UUID) -> None:
    """End the runs that are under way (they are given back), then the tasks; the worker is forgotten last."""
    await runner.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    with contextlib.suppress(OSError):
        async with transaction() as tx:
            await runs.forget_worker(tx, worker_id=worker_id)


async def _beat(worker_id: UUID, slots: int, factor: float) -> None:
    """Say that this worker is alive, every few seconds; the other processes take its speed from there."""
    while True:
        try:
            async with transaction() as tx:
                await runs.beat(tx, worker_id=worker_id, slots=slots, speed=factor)
        except Exception:  # noqa: BLE001 - the next beat tries again
            _log.exception("worker.beat_failed")
        await asyncio.sleep(_BEAT_S)


async def serve(slots: int) -> None:
    """Work until SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await listen.hub().start()
    async with working_here(slots):
        await stop.wait()
    await batched.finish()
    await listen.hub().stop()
    await db.dispose()


def main() -> None:
    """A process of its own that takes runs: `python -m credit_studio worker`. WORKER_SLOTS says how many at once."""
    uvloop.run(serve(settings.get().worker_slots or 1))
