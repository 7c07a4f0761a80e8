"""Past runs reach the estimates of every process: at its start, when a run has ended, and after a lost connection."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.engine import calibration, speed
from credit_studio.engine import service as engine
from credit_studio.engine.views import Estimate
from credit_studio.runs import flow
from credit_studio.runs.past import calibrating, store
from credit_studio.runs.runner import Runner
from credit_studio.tools import registry, validation
from tests.makers.past_runs import add_past, past_run
from tests.makers.people import someone

RISKS = registry.get_tool("cyber-studio-risk-register")
UNITS = engine.estimate(RISKS, RISKS.example).units
PATIENCE_S = 20


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what is declared is known, and nothing waits to be told; the same afterwards."""
    monkeypatch.setattr(calibrating, "_AGAIN_S", 0.01)
    calibration.forget()
    calibrating._fresh.clear()
    yield
    calibration.forget()
    calibrating._fresh.clear()


@pytest.fixture
async def bell(database: None) -> AsyncIterator[None]:
    """A hub that listens."""
    await listen.hub().start()
    yield
    await listen.hub().stop()


@asynccontextmanager
async def _following() -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(calibrating.follow())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _asked() -> Estimate:
    return engine.estimate(RISKS, RISKS.example)


async def _until_runs(count: int) -> Estimate:
    async with asyncio.timeout(PATIENCE_S):
        while _asked().past_runs != count:  # noqa: ASYNC110 - another task learns
            await asyncio.sleep(0.01)
    return _asked()


async def test_a_process_knows_at_its_start_what_ran_before(bell: None) -> None:
    await add_past(*(past_run(RISKS.id, units=UNITS, cpu_ms=300, duration_ms=320) for _ in range(49)))
    await add_past(past_run(RISKS.id, units=UNITS, cpu_ms=300, duration_ms=320, uncapped=9, charged=8))
    async with _following():
        asked = await _until_runs(50)
    assert (asked.basis, asked.past_within) == ("history", 49)
    assert asked.usage.cpu_ms == pytest.approx(300 * speed.factor(), rel=0.02)


async def test_a_run_that_is_told_of_is_learned_from(bell: None) -> None:
    await add_past(*(past_run(RISKS.id, units=UNITS) for _ in range(9)))
    async with _following():
        await asyncio.sleep(0.2)
        assert _asked().basis == "declared"
        await add_past(past_run(RISKS.id, units=UNITS))
        calibrating.note(RISKS.id)
        await calibrating.tell()
        assert (await _until_runs(10)).basis == "history"


async def test_a_ring_is_for_runs_that_were_noted_and_comes_once(bell: None) -> None:
    async with listen.hub().subscribed(calibrating.CHANNEL) as rings:
        calibrating.note(RISKS.id)
        calibrating.note(RISKS.id)
        await calibrating.tell()
        await calibrating.tell()
        assert await asyncio.wait_for(rings.get(), PATIENCE_S) == {"key": RISKS.id}
        await asyncio.sleep(0.1)
        assert rings.empty()


async def test_after_a_lost_connection_and_through_a_fault_it_goes_on(bell: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real, faults = store.newest, [OSError("gone"), OSError("gone again")]

    async def sometimes(*args: object, **more: object) -> object:
        if faults:
            raise faults.pop()
        return await real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "newest", sometimes)
    async with _following() as task:
        await add_past(*(past_run(RISKS.id, units=UNITS) for _ in range(12)))
        await _until_runs(12)
        await add_past(*(past_run(RISKS.id, units=UNITS) for _ in range(12)))
        listen.hub()._give((calibrating.CHANNEL, ""), listen.RESYNC)
        await _until_runs(24)
        assert not task.done()
        listen.hub()._give((calibrating.CHANNEL, ""), {"key": "no-such-tool"})
        listen.hub()._give((calibrating.CHANNEL, ""), {})
        calibration.forget()
        listen.hub()._give((calibrating.CHANNEL, ""), {"key": RISKS.id})
        await _until_runs(24)


async def test_only_measured_runs_of_this_version_that_succeeded_count_the_newest_first(bell: None) -> None:
    lasting = [past_run(RISKS.id, ago=timedelta(minutes=number), cpu_ms=number) for number in range(1, 6)]
    others = [
        past_run(RISKS.id, tool_version="0.0.1"),
        past_run(RISKS.id, status="limit", charged=0, uncapped=None),
        past_run(RISKS.id, units=None),
        past_run(RISKS.id, speed=None),
        past_run("data-studio-lineage"),
    ]
    await add_past(*others, *lasting)
    async with transaction() as tx:
        rows = await store.newest(tx, tool_id=RISKS.id, version=RISKS.version, limit=4)
    assert [row["cpu_ms"] for row in rows] == [1, 2, 3, 4]


@pytest.mark.parametrize("tool_id", ["dev-studio-cost", "code-studio-start-workflow"])
async def test_free_tools_and_those_by_tokens_learn_nothing(bell: None, tool_id: str) -> None:
    await add_past(*(past_run(tool_id) for _ in range(20)))
    await calibrating.refresh(registry.get_tool(tool_id))
    assert calibration._known == {}


async def test_a_run_keeps_what_estimates_learn_from(worker: Runner) -> None:
    person = await someone()
    ran = await flow.run_tool(person.actor, tool_id=RISKS.id, inputs=validation.example_json(RISKS))
    assert ran.view.status == "succeeded"
    assert calibrating._fresh == {RISKS.id}
    async with transaction() as tx:
        rows = await store.newest(tx, tool_id=RISKS.id, version=RISKS.version, limit=10)
    usage = ran.view.usage
    assert usage is not None
    assert [dict(row) for row in rows] == [
        {"units": UNITS, "cpu_ms": usage.cpu_ms, "mem_mb": usage.mem_mb, "duration_ms": usage.duration_ms, "speed": pytest.approx(worker.speed), "within": True}
    ]
