"""What a process does for as long as it lives."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from credit_studio.core import ids
from credit_studio.db.session import transaction
from credit_studio.engine import speed
from credit_studio.jobs import lifespan
from credit_studio.runs import service as runs
from credit_studio.settings import Settings

PATIENCE_S = 20


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The workers are asked many times a second; the factor is as before afterwards."""
    before = speed.factor()
    monkeypatch.setattr(lifespan, "_SPEED_EVERY_S", 0.01)
    yield
    speed.set_factor(before)


async def _works(factor: float) -> ids.UUID:
    worker_id = ids.new_id()
    async with transaction() as tx:
        await runs.beat(tx, worker_id=worker_id, slots=1, speed=factor)
    return worker_id


@asynccontextmanager
async def _followed() -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(lifespan._follow_speed())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until_speed(wanted: float) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while speed.factor() != wanted:  # noqa: ASYNC110 - another task sets it
            await asyncio.sleep(0.01)


async def test_estimates_follow_the_slowest_living_worker(database: None, quick: None) -> None:
    speed.set_factor(1.0)
    await _works(1.5)
    slow = await _works(3.0)
    async with _followed():
        await _until_speed(3.0)
        async with transaction() as tx:
            await runs.forget_worker(tx, worker_id=slow)
        await _until_speed(1.5)
        assert speed.factor() == 1.5


async def test_without_workers_and_through_a_fault_the_last_factor_stays(database: None, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    speed.set_factor(2.5)
    asked: list[int] = []
    real = runs.living_workers

    async def sometimes(tx: object) -> object:
        asked.append(1)
        if len(asked) < 3:
            raise OSError("the database went away")
        return await real(tx)  # type: ignore[arg-type]

    monkeypatch.setattr(lifespan.runs, "living_workers", sometimes)
    async with _followed() as task:
        async with asyncio.timeout(PATIENCE_S):
            while len(asked) < 6:  # noqa: ASYNC110 - another task asks
                await asyncio.sleep(0.01)
        assert speed.factor() == 2.5
        await _works(4.0)
        await _until_speed(4.0)
        assert not task.done()


@pytest.mark.parametrize(("measured", "kept"), [(0.0, 0.05), (1e9, 50.0), (-1.0, 0.05), (2.0, 2.0)])
def test_a_factor_stays_within_sane_bounds(quick: None, measured: float, kept: float) -> None:
    speed.set_factor(measured)
    assert speed.factor() == kept


@pytest.mark.parametrize("slots", [0, 1])
async def test_a_process_takes_runs_only_when_it_has_slots(database: None, quick: None, monkeypatch: pytest.MonkeyPatch, slots: int) -> None:
    chosen = Settings(worker_slots=slots)
    monkeypatch.setattr(lifespan.settings, "get", lambda: chosen)

    async def alive() -> int:
        async with transaction() as tx:
            return await runs.workers_alive(tx)

    async with lifespan.lifespan():
        async with asyncio.timeout(PATIENCE_S):
            while await alive() != slots:  # noqa: ASYNC110 - the worker says so itself, in the database
                await asyncio.sleep(0.05)
        assert await alive() == slots
    assert await alive() == 0
