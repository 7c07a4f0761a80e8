"""A runner over the tools of `tools.py`, started once, and a short way to run one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from credit_studio.runs.runner import Job, Outcome, Runner
from tests.runs.runner.tools import Inputs

MODULE = "tests.runs.runner.tools"


@dataclass(frozen=True)
class Go:
    """Runs a tool of `tools.py` by its name."""

    runner: Runner

    async def __call__(
        self,
        tool_id: str,
        size: int = 0,
        text: str = "",
        *,
        cancel: asyncio.Event | None = None,
        on_progress: Callable[..., None] = lambda *_: None,
        **limits: int,
    ) -> Outcome:
        """The outcome; limits are generous where none is given."""
        taken: dict[str, Any] = {"cpu_ms": 20_000, "mem_mb": 256, "wall_ms": 60_000, "output_bytes": 1_000_000}
        job = Job(tool_id, Inputs(size, text), **(taken | limits))
        return await self.runner.run(job, on_progress, cancel or asyncio.Event())


@pytest.fixture(scope="session")
async def runner() -> AsyncIterator[Runner]:
    """A started runner with two slots."""
    one = Runner(slots=2, modules=(MODULE,))
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def go(runner: Runner) -> Go:
    """Run a tool, get its outcome."""
    return Go(runner)


def found(outcome: Outcome) -> Any:
    """What the tool found; the run must have succeeded."""
    assert outcome.status == "succeeded", outcome
    return json.loads(outcome.result_json or "")["foundIt"]
