"""What a worker does with a queued run: take it, do it under its limits, settle it. And what recovery does for a worker that died."""

import asyncio
import contextlib
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog

from credit_studio.core import clock
from credit_studio.db import listen, queue
from credit_studio.db.session import LOST, transaction
from credit_studio.engine import service as engine
from credit_studio.runs import asking, rules, service, settling, store
from credit_studio.runs.past import calibrating
from credit_studio.runs.runner import Job, Measured, Outcome, Runner, RunnerDown
from credit_studio.tools import registry, validation
from credit_studio.tools.registry import AnyTool

_TELL_EVERY_S = 0.2
_NOTHING = Measured(cpu_ms=0, mem_mb=0, duration_ms=0)
_log = structlog.get_logger()


async def execute(run_id: UUID, *, runner: Runner, worker_id: UUID) -> None:
    """Do one queued run and settle it. A run that is not queued any more is left alone: it had been started before."""
    async with listen.hub().subscribed(service.CHANNEL, key=str(run_id)) as bell:
        async with transaction() as tx:
            row = await store.claim(tx, run_id=run_id, worker_id=worker_id, speed=runner.speed, at=clock.now())
            text = None if row is None else await store.inputs(tx, run_id)
            if row is not None:
                await tx.notify(service.CHANNEL, {"key": str(run_id), "status": "running"})
        if row is None or text is None:
            return
        outcome = await _do(row, text, runner, bell)
    await _settle(run_id, outcome)
    if outcome.status == "succeeded":
        calibrating.note(row["tool_id"])


async def _settle(run_id: UUID, outcome: Outcome) -> None:
    """Settle, again after a lost connection; what cannot be settled is given back by `recover` when its time has passed."""
    for pause in (0.1, 1.0, 5.0, None):
        try:
            if not await settling.settle(run_id, outcome):
                _log.warning("run.settled_before", run_id=str(run_id), status=outcome.status)
        except LOST:
            if pause is None:
                raise
            await asyncio.sleep(pause)
        else:
            return


async def _do(row: store.Row, text: str, runner: Runner, bell: "asyncio.Queue[listen.Message]") -> Outcome:
    """The run's outcome; a fault of ours is an outcome too, so that its hold is given back."""
    try:
        tool = registry.get_tool(row["tool_id"])
        inputs = await asyncio.to_thread(validation.parse_stored, tool, text)
        cancel = asyncio.Event()
        with _listening_for_cancel(bell, cancel), _telling(row["id"], tool, row["limit_mem_mb"]) as tell:
            if not engine.asks_llm(tool):
                return await runner.run(_job(row, tool, inputs), tell, cancel)
            begun = time.monotonic()
            given = await asking.answered(tool, inputs, quoted=row["quoted_max"], tell=tell, cancel=cancel)
            if isinstance(given, Outcome):
                return given
            waited_ms = int((time.monotonic() - begun) * 1000)
            outcome = await runner.run(
                replace(_job(row, tool, given), wall_ms=tool.limits.wall_ms), asking.telling_on(tell, given, waited_ms=waited_ms), cancel
            )
            return asking.with_tokens(outcome, given, waited_ms=waited_ms)
    except RunnerDown as error:
        _log.error("runner.down", error=str(error))
        return Outcome("failed", None, None, _NOTHING, "crashed", "The run could not be started. The fault is ours.")
    except Exception:  # noqa: BLE001 - whatever broke, the hold is given back
        _log.exception("run.broke", run_id=str(row["id"]))
        return Outcome("failed", None, None, _NOTHING, "tool_error", "The run could not be done. The fault is ours.")


def _job(row: store.Row, tool: AnyTool, given: Any) -> Job:  # noqa: ANN401 - the tool's inputs, with an answer or without
    return Job(tool.id, given, row["limit_cpu_ms"], row["limit_mem_mb"], row["limit_wall_ms"], tool.limits.output_bytes)


@contextmanager
def _listening_for_cancel(bell: "asyncio.Queue[listen.Message]", cancel: asyncio.Event) -> Generator[None]:
    async def hear() -> None:
        while True:
            if (await bell.get()).get("cancel"):
                cancel.set()

    task = asyncio.create_task(hear())
    try:
        yield
    finally:
        task.cancel()


@contextmanager
def _telling(run_id: UUID, tool: AnyTool, mem_mb: int) -> Generator[Any]:
    """A progress reporter that rings at most every `_TELL_EVERY_S` seconds; what is told while one rings is dropped, but for the last."""
    ringing: set[asyncio.Task[None]] = set()
    last = 0.0

    def tell(share: float | None, doing: str, elapsed_ms: int, cpu_ms: int, tokens: int = 0) -> None:
        nonlocal last
        if ringing or time.monotonic() - last < _TELL_EVERY_S:
            return
        last = time.monotonic()
        so_far = engine.credits_so_far(tool, cpu_ms=cpu_ms, mem_mb=mem_mb, elapsed_ms=elapsed_ms, tokens=tokens)
        message = {"key": str(run_id), "status": "running", "share": share, "doing": doing[:200], "elapsed": elapsed_ms, "credits": round(so_far, 2)}
        task = asyncio.create_task(_ring(message))
        ringing.add(task)
        task.add_done_callback(ringing.discard)

    try:
        yield tell
    finally:
        for task in list(ringing):
            task.cancel()


async def _ring(message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        async with transaction() as tx:
            await tx.notify(service.CHANNEL, message)


async def recover(*, batch: int = 100) -> int:
    """Give back what dead workers left: started runs are released and shown as not charged, lost ones are queued again. How many.

    Harmless to run at any time, by any number of processes.
    """
    now = clock.now()
    async with transaction() as tx:
        busy = await store.busy_workers(tx)  # before the living are looked up: one that comes and takes a run in between is not dead
        living = {row["id"] for row in await service.living_workers(tx)}
        left = await store.abandoned(tx, dead=[one for one in busy if one not in living], late=now - rules.SETTLE_LASTS, limit=batch)
    async with transaction() as tx:
        late = await store.overdue(tx, before=now - rules.QUEUE_LASTS, limit=batch)
    for run_id in left:
        await _give_back(run_id, code="interrupted", message=rules.INTERRUPTED)
    for run_id in late:
        await _give_back(run_id, code="queue_timeout", message=rules.NOT_TAKEN)
    async with transaction() as tx:
        lost = await store.jobless(tx, before=now - service.DEAD_AFTER, limit=batch)
        for run_id in lost:
            await queue.enqueue(tx, service.TASK, queue=service.QUEUE, args={"run_id": str(run_id)})
    return len(left) + len(late) + len(lost)


async def _give_back(run_id: UUID, *, code: str, message: str) -> None:
    if await settling.give_back(run_id, status="failed", code=code, message=message):
        _log.warning("run.given_back", run_id=str(run_id), code=code)
