"""A worker that is killed leaves nothing held for long and charges nothing twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db import listen
from credit_studio.db.session import snapshot, transaction
from credit_studio.history import service as history
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow, working
from credit_studio.runs import service as runs
from credit_studio.runs.rules import QUEUE_LASTS
from credit_studio.runs.views import TERMINAL, RunView
from credit_studio.settings import PROJECT_ROOT
from credit_studio.tools import registry, validation
from tests.makers.people import Someone, someone

RISKS = "cyber-studio-risk-register"
BIG = validation.example_json(registry.get_tool(RISKS)) | {"iterations": 500_000}
PATIENCE_S = 60
pytestmark = pytest.mark.usefixtures("database")


@asynccontextmanager
async def a_worker_process() -> AsyncIterator[subprocess.Popen[bytes]]:
    """`python -m credit_studio worker`, once it says that it takes runs; killed in the end."""
    process = subprocess.Popen([sys.executable, "-m", "credit_studio", "worker"], cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - it is not waited for
    try:
        await _until(lambda: _alive(process.pid))
        yield process
    finally:
        process.kill()
        process.wait()


async def _alive(pid: int) -> bool:
    async with transaction() as tx:
        return any(row["pid"] == pid for row in await runs.living_workers(tx))


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.05)


async def _views(started: list[tuple[Someone, flow.Ran]]) -> list[RunView]:
    return [await flow.get(person.actor, ran.view.run_id) for person, ran in started]


async def _running(started: list[tuple[Someone, flow.Ran]]) -> bool:
    return any(view.status == "running" for view in await _views(started))


async def _all_ended(started: list[tuple[Someone, flow.Ran]]) -> bool:
    return all(view.status in TERMINAL for view in await _views(started))


async def test_ten_runs_of_a_killed_worker_are_settled_or_given_back_and_charged_once() -> None:
    await listen.hub().start()
    people = [await someone(plan="pro") for _ in range(10)]
    async with a_worker_process() as worker:
        started = [(person, await flow.start(person.actor, tool_id=RISKS, inputs=BIG)) for person in people]
        await _until(lambda: _running(started))
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    killed_at = clock.now()
    async with a_worker_process():
        await _until(lambda: _all_ended(started))
    views = await _views(started)
    interrupted = [view for view in views if view.status == "failed"]
    assert interrupted
    assert all(view.failure is not None and view.failure.code == "interrupted" for view in interrupted)
    assert all(view.credits.charged == 0 for view in interrupted)
    assert {view.status for view in views} <= {"succeeded", "failed"}
    assert (clock.now() - killed_at).total_seconds() < PATIENCE_S
    for person, view in zip(people, views, strict=True):
        async with transaction() as tx:
            now = await ledger.balance(tx, owner_id=person.id)
        assert (now.held, now.available) == (0, 12_000 - view.credits.charged)
    await _book_holds()
    await listen.hub().stop()


async def test_a_run_whose_job_was_lost_is_queued_again() -> None:
    await listen.hub().start()
    person = await someone(plan="pro")
    ran = await flow.start(person.actor, tool_id=RISKS, inputs=BIG | {"iterations": 1_000})
    async with transaction() as tx:
        await tx.execute(text("DELETE FROM procrastinate_jobs"))
    with clock.frozen(clock.now() + runs.DEAD_AFTER * 2):
        assert await working.recover() == 1
    async with a_worker_process():
        view = await flow.wait(person.actor, ran.view.run_id, wait_s=PATIENCE_S)
    assert view.status == "succeeded", view
    await _book_holds()
    await listen.hub().stop()


async def test_a_run_that_no_worker_takes_is_given_back_and_says_so() -> None:
    await listen.hub().start()
    person = await someone(plan="pro")
    ran = await flow.start(person.actor, tool_id=RISKS, inputs=BIG)
    with clock.frozen(clock.now() + QUEUE_LASTS * 2):
        await working.recover()
        view = await flow.get(person.actor, ran.view.run_id)
        async with transaction() as tx:
            told = await history.movements(tx, owner_id=person.id)
    assert (view.status, view.credits.charged, view.credits.released) == ("failed", 0, view.credits.held)
    assert view.failure is not None
    assert view.failure.code == "queue_timeout"
    assert (told.items[0].kind, told.items[0].amount, told.items[0].reason) == ("not_charged", 0, view.failure.message)
    await listen.hub().stop()


async def _book_holds() -> None:
    async with snapshot() as tx:
        assert [check for check in await history.doctor(tx) if not check.holds] == []
