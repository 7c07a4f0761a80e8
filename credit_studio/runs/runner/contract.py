"""What goes into a run and what comes out of it. All that other concepts see of the runner, with `Runner` itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["succeeded", "failed", "timed_out", "limit", "cancelled"]

OnProgress = Callable[[float | None, str, int, int], None]
"""Hears of a run: share (0 to 1, None when unknown), what it does, wall ms so far, CPU ms so far."""

MESSAGES: dict[str, str] = {
    "tool_error": "The tool failed on these inputs. The fault is ours.",
    "crashed": "The run's process ended without an answer. The fault is ours.",
    "cpu_limit": "The run needed more than its {cpu_s:g} s of CPU and was stopped.",
    "memory_limit": "The run needed more than its {mem_mb} MB of memory and was stopped.",
    "wall_limit": "The run took longer than its {wall_s:g} s and was stopped.",
    "output_limit": "The result is larger than {output_kb} kB, the most that a run may give.",
    "cancelled": "The run was cancelled.",
    "stopped": "The studio was stopped during the run.",
    "answer_unusable": "The language model's answer could not be used.",
}
"""What a person reads, by failure code; `invalid_inputs` has the tool's own words."""

STATUSES: dict[str, Status] = {
    "invalid_inputs": "failed",
    "tool_error": "failed",
    "crashed": "failed",
    "cpu_limit": "limit",
    "memory_limit": "limit",
    "output_limit": "limit",
    "wall_limit": "timed_out",
    "cancelled": "cancelled",
    "stopped": "cancelled",
    "answer_unusable": "failed",
}
"""How a run ended, by failure code."""


@dataclass(frozen=True)
class Job:
    """One run to be done: the tool, its inputs (its already validated dataclass, in an `Answered` with an answer) and what the run may take.

    CPU and wall time in ms, memory above the idle level in MB (2^20), `output_bytes` for the result and for the blocks each.
    """

    tool_id: str
    inputs: Any
    cpu_ms: int
    mem_mb: int
    wall_ms: int
    output_bytes: int


@dataclass(frozen=True)
class Measured:
    """What a run took, rounded up: CPU and wall time in ms, memory above the idle level in MB (2^20), tokens of tools that are priced by them."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int
    tokens: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `result_json` and `blocks_json` are there when it succeeded, the failure fields when it did not.

    `inside_ms` is the wall time within the tool's own `run`; the rest of `measured.duration_ms` is the runner's.
    """

    status: Status
    result_json: str | None
    blocks_json: str | None
    measured: Measured
    failure_code: str = ""
    failure_message: str = ""
    failure_field: str = ""
    inside_ms: float = 0.0


def failed(code: str, job: Job, measured: Measured, *, message: str = "", field: str = "", inside_ms: float = 0.0) -> Outcome:
    """The outcome of a run without a result; `message` stands in for the words of `MESSAGES`."""
    words = message or MESSAGES[code].format(cpu_s=job.cpu_ms / 1000, mem_mb=job.mem_mb, wall_s=job.wall_ms / 1000, output_kb=job.output_bytes // 1000)
    return Outcome(STATUSES[code], None, None, measured, code, words, field, inside_ms)
