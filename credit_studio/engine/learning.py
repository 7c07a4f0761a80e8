"""What past runs teach: the declared cost model, corrected by the medians and 95th percentiles of what runs of the tool took. Pure.

Use is taken to be a line, a base and so much for each unit of work, as the declared model has it. Robust throughout: a tenth of the runs
may be far off and the line stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, quantiles

from credit_studio.engine.rules import CostModel, wall_ms

LEAST_RUNS = 10
"""With fewer, the declared model stands."""
FULL_RUNS = 40
"""From here on the declared model has no say; between the two it counts for less with each run."""
MOST_RUNS = 200
"""How many of the newest runs are looked at."""


@dataclass(frozen=True)
class Sample:
    """What one run that succeeded took: units of work, CPU and wall ms, memory in MB, and the speed factor of the worker that took it."""

    units: int
    cpu_ms: int
    mem_mb: int
    duration_ms: int
    speed: float


@dataclass(frozen=True)
class _Line:
    base: float
    slope: float

    def at(self, units: float) -> float:
        return self.base + self.slope * units


_Points = list[tuple[int, float]]

# What a run's use varies by whatever its size, in ms and MB: less than this tells nothing.
_NOISE_CPU_MS = 20.0
_NOISE_MEM_MB = 4.0
_WIDEST = 10.0
_FARTHEST = 4
"""The largest run must be so many times the smallest before sizes are compared with each other."""
_SPREADS = (1.15, 3.0)
_WALLS = (0.8, 4.0)


def trust(runs: int) -> float:
    """How much past runs count against the declared model, from 0 to 1."""
    return 0.0 if runs < LEAST_RUNS else min(1.0, runs / FULL_RUNS)


def learned(declared: CostModel, samples: Sequence[Sample]) -> CostModel:
    """The declared model corrected by these runs, the newest `MOST_RUNS` of the tool; as it was while they are fewer than `LEAST_RUNS`."""
    if len(samples) < LEAST_RUNS:
        return declared
    cpu: _Points = [(one.units, one.cpu_ms / one.speed) for one in samples]
    memory: _Points = [(one.units, float(one.mem_mb)) for one in samples]
    cpu_line = _corrected(_Line(declared.cpu_ms_base, declared.cpu_us_per_unit / 1_000), cpu, _NOISE_CPU_MS)
    mem_line = _corrected(_Line(declared.mem_mb_base, declared.mem_bytes_per_unit / 2**20), memory, _NOISE_MEM_MB)
    spread = max(_p95(cpu, cpu_line, _NOISE_CPU_MS), _p95(memory, mem_line, _NOISE_MEM_MB))
    found = CostModel(
        cpu_us_per_unit=cpu_line.slope * 1_000,
        cpu_ms_base=cpu_line.base,
        mem_bytes_per_unit=mem_line.slope * 2**20,
        mem_mb_base=mem_line.base,
        spread=_within(spread, _SPREADS),
        wall=_within(median(one.duration_ms / wall_ms(one.cpu_ms) for one in samples), _WALLS),
    )
    return _blend(declared, found, trust(len(samples)))


def _corrected(declared: _Line, points: _Points, noise: float) -> _Line:
    """The line through the points, at most ten times and at least a tenth of what was declared.

    Where the runs are too alike for their sizes to tell anything, what is off is put down to the part that is most of the use: the base is
    moved, or the slope.
    """
    units = [x for x, _ in points]
    least, most = min(units), max(units)
    if most >= _FARTHEST * max(1, least) and declared.slope * (most - least) >= noise:
        slope = _slope(points)
    elif declared.slope * median(units) > max(declared.base, noise):
        slope = max(0.0, median((y - declared.base) / x for x, y in points if x))
    else:
        slope = declared.slope
    slope = min(max(slope, declared.slope / _WIDEST), declared.slope * _WIDEST)
    base = median(y - slope * x for x, y in points)
    return _Line(_within(base, (0.0, _WIDEST * max(declared.base, noise))), slope)


def _slope(points: _Points) -> float:
    """The median slope between each point and the one half of the way on in order of size: Theil's incomplete method (1950)."""
    ordered = sorted(points)
    half = len(ordered) // 2
    pairs = zip(ordered[:-half], ordered[half:], strict=True)
    slopes = [(y - other_y) / (x - other_x) for (other_x, other_y), (x, y) in pairs if x > other_x]
    slopes = slopes or [(y - other_y) / (x - other_x) for (other_x, other_y), (x, y) in pairwise(ordered) if x > other_x]
    return max(0.0, median(slopes))


def _p95(points: _Points, line: _Line, noise: float) -> float:
    """The 95th percentile of use over the line's value, small runs not counting for more than they are."""
    return quantiles([(y + noise) / (line.at(x) + noise) for x, y in points], n=20, method="inclusive")[-1]


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])


def _blend(declared: CostModel, found: CostModel, weight: float) -> CostModel:
    names = ("cpu_us_per_unit", "cpu_ms_base", "mem_bytes_per_unit", "mem_mb_base", "spread", "wall")
    return replace(declared, **{name: (1 - weight) * getattr(declared, name) + weight * getattr(found, name) for name in names})
