"""The estimate of every example holds when the real process runs it."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from credit_studio.engine import service as engine
from credit_studio.engine import speed
from credit_studio.engine.views import RunLimits, Usage
from credit_studio.runs.runner import Job, Runner
from credit_studio.tools import blocks, registry
from credit_studio.tools.base import Meter, Mode, jsonable
from tests.contracts.table import ROWS

PRICED = [tool for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT]
FREE = [tool for tool in registry.all_tools() if tool.is_built and tool.mode is Mode.CLIENT]
of_each = pytest.mark.parametrize("tool", PRICED, ids=lambda tool: tool.id)


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[Runner]:
    """One slot; estimates are for the machine that it measured."""
    one, before = Runner(slots=1), speed.factor()
    await one.start()
    speed.set_factor(one.speed)
    yield one
    await one.stop()
    speed.set_factor(before)


def test_something_is_priced() -> None:
    assert {tool.id for tool in PRICED + FREE} >= {row.id for row in ROWS}


@of_each
def test_the_estimate_of_the_example_is_in_order(tool: registry.AnyTool) -> None:
    asked = engine.estimate(tool, tool.example)
    assert 1 <= asked.min <= asked.typical <= asked.max <= tool.cap
    assert not asked.is_free
    assert asked.limits.cpu_ms <= tool.limits.cpu_ms
    assert asked.limits.mem_mb <= tool.limits.mem_mb
    assert asked.limits.duration_ms <= tool.limits.wall_ms
    assert asked.breakdown.sum == pytest.approx(asked.breakdown.base + asked.breakdown.cpu + asked.breakdown.memory + asked.breakdown.tokens)
    assert tool.cost is not None
    assert asked.explanation.startswith(tool.cost.describe(tool.example))


@of_each
async def test_the_examples_run_costs_what_was_estimated(tool: registry.AnyTool, runner: Runner) -> None:
    asked = engine.estimate(tool, tool.example)
    outcome = await runner.run(_job(tool, asked.limits), lambda *_: None, asyncio.Event())
    assert outcome.status == "succeeded", outcome
    measured = outcome.measured
    usage = Usage(measured.cpu_ms, measured.mem_mb, measured.duration_ms, measured.tokens)
    assert (measured.tokens is None) == (tool.meter is not Meter.TOKENS)
    assert asked.min <= engine.charge(tool, usage, quoted_max=tool.cap) <= asked.max, "without the quote's ceiling it would have cost more"
    assert tool.run is not None
    assert tool.present is not None
    here = tool.run(tool.example)
    assert json.loads(outcome.result_json or "") == json.loads(json.dumps(jsonable(here)))
    assert json.loads(outcome.blocks_json or "") == json.loads(json.dumps(blocks.to_json(tool.present(here))))


def _job(tool: registry.AnyTool, limits: RunLimits) -> Job:
    return Job(tool.id, tool.example, limits.cpu_ms, limits.mem_mb, limits.duration_ms, tool.limits.output_bytes)


@pytest.mark.parametrize("tool", FREE, ids=lambda tool: tool.id)
def test_a_client_tool_costs_nothing_whatever_is_asked(tool: registry.AnyTool) -> None:
    asked = engine.estimate(tool, tool.example, max_credits=1)
    assert (asked.min, asked.typical, asked.max, asked.is_free, asked.breakdown.sum) == (0, 0, 0, True, 0)
