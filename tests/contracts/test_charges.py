"""Random inputs of every priced tool, run by the real process: the price lies in the quoted range every time, and typically near what was said."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from credit_studio.core.errors import InvalidInputs
from credit_studio.engine import calibration, speed
from credit_studio.engine import service as engine
from credit_studio.engine.learning import Sample
from credit_studio.engine.views import Estimate, Usage
from credit_studio.runs.runner import Job, Outcome, Runner
from credit_studio.tools import registry
from credit_studio.tools.base import Meter, Mode
from credit_studio.tools.registry import AnyTool
from tests.contracts.varying import varied

PRICED = [tool for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT and tool.meter is Meter.COMPUTE]
STOPPED = {"limit", "timed_out"}
UNCAPPED = 10**9


@dataclass(frozen=True)
class Ran:
    """One run: what was said, and what it came to without the ceiling of its quote (None without a result)."""

    tool: AnyTool
    asked: Estimate
    outcome: Outcome
    price: int | None

    @property
    def is_close(self) -> bool:
        """Off by at most 1 credit, or a fifth of the price."""
        assert self.price is not None
        return 5 * abs(self.price - self.asked.typical) <= max(5, self.price)


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[Runner]:
    """One slot; estimates are for the machine that it measured, and begin with what is declared."""
    one, before = Runner(slots=1), speed.factor()
    await one.start()
    speed.set_factor(one.speed)
    calibration.forget()
    yield one
    await one.stop()
    calibration.forget()
    speed.set_factor(before)


async def _run(tool: AnyTool, inputs: Any, runner: Runner) -> Ran | None:
    try:
        asked = engine.estimate(tool, inputs)
    except InvalidInputs:
        return None
    limits = asked.limits
    job = Job(tool.id, inputs, limits.cpu_ms, limits.mem_mb, limits.duration_ms, tool.limits.output_bytes)
    outcome = await runner.run(job, lambda *_: None, asyncio.Event())
    taken = Usage(outcome.measured.cpu_ms, outcome.measured.mem_mb, outcome.measured.duration_ms)
    return Ran(tool, asked, outcome, engine.charge(tool, taken, quoted_max=UNCAPPED) if outcome.status == "succeeded" else None)


async def _runs(count: int, runner: Runner, *, seed: int, largest: int) -> list[Ran]:
    """So many runs, the tools by turns; inputs that are too much for one run are told so before it, and others are drawn."""
    rng, ran = random.Random(seed), list[Ran]()  # noqa: S311 - inputs, no secret
    while len(ran) < count:
        tool = PRICED[len(ran) % len(PRICED)]
        made = await _run(tool, varied(tool, rng, largest=largest), runner)
        ran += [made] if made is not None else []
    return ran


def _hold(ran: list[Ran]) -> list[Ran]:
    """The runs that were charged; every one of them in its range, and no other end but a refusal of the inputs or a limit."""
    faults = [one.outcome for one in ran if one.price is None and one.outcome.failure_code != "invalid_inputs" and one.outcome.status not in STOPPED]
    assert faults == []
    charged = [one for one in ran if one.price is not None]
    outside = [(one.tool.id, one.asked.min, one.price, one.asked.max) for one in charged if not one.asked.min <= (one.price or 0) <= one.asked.max]
    assert outside == []
    assert sum(one.outcome.status in STOPPED for one in ran) <= len(ran) / 20
    assert len(charged) >= len(ran) / 2
    return charged


async def test_sixty_random_runs_cost_what_they_were_quoted(runner: Runner) -> None:
    charged = _hold(await _runs(60, runner, seed=1, largest=4))
    assert sum(one.is_close for one in charged) >= 0.85 * len(charged)


@pytest.mark.soak
async def test_a_thousand_random_runs_cost_what_they_were_quoted_and_estimates_learn_from_them(runner: Runner) -> None:
    past: dict[str, list[Sample]] = defaultdict(list)
    for one in _hold(await _runs(500, runner, seed=2, largest=30)):
        used = one.outcome.measured
        past[one.tool.id].append(Sample(one.asked.units, used.cpu_ms, used.mem_mb, used.duration_ms, runner.speed))
    for tool in PRICED:
        calibration.learn(tool, past[tool.id])
    charged = _hold(await _runs(500, runner, seed=3, largest=30))
    assert {one.asked.basis for one in charged} >= {"history"}
    assert sum(one.is_close for one in charged) >= 0.85 * len(charged)
