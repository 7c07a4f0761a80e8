"""What the engine tells: prices, estimates, quotes and refusals, all frozen. Credits are whole, sums in a breakdown are not rounded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Usage:
    """What a run took: CPU and wall time in ms, memory above the idle worker in MB (1,024 to the GB), tokens of token tools."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int
    tokens: int | None = None


@dataclass(frozen=True)
class Breakdown:
    """The unrounded parts of a price, in credits; `sum` is their sum before rounding up once."""

    base: float
    cpu: float
    memory: float
    tokens: float
    sum: float


@dataclass(frozen=True)
class RunLimits:
    """What is enforced on the running process."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int


@dataclass(frozen=True)
class Range:
    """Least, typical and most credits."""

    min: int
    typical: int
    max: int


@dataclass(frozen=True)
class Estimate:
    """The price before the run. `breakdown` and `usage` are for the typical case; `max` follows from `limits` and is never exceeded.

    `units` is the work as its tool counts it, `past_runs` how many runs of the tool the figures stand on (0: on the declared model alone), of which
    `past_within` cost what lay in their range.
    """

    tool_id: str
    min: int
    typical: int
    max: int
    is_free: bool
    explanation: str
    basis: Literal["declared", "history"]
    breakdown: Breakdown
    usage: Usage
    limits: RunLimits
    units: int = 0
    past_runs: int = 0
    past_within: int = 0


@dataclass(frozen=True)
class CapState:
    """One cap as it stands. `scope` is whose it is: "plan" limits the plan's own credits, "own" limits everything."""

    window: Literal["run", "day", "month"]
    scope: Literal["plan", "own"]
    limit: int
    used: int
    resets_at: datetime | None
