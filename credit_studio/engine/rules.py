"""The burn model as pure functions. Formulas: the product's "Burn model of a server run"; all sums in integers until shown.

One credit is worth `rates.cpu_ms_per_credit` ms of CPU or `rates.gb_ms_per_credit` ms of one GB (1,024 MB) held.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, lcm

from credit_studio.core.credits import Rates

MB_PER_GB = 1_024


@dataclass(frozen=True)
class Weights:
    """The rates over one common denominator: raw credits = (base x one + cpu_ms x cpu + mem_mb x ms x memory) / one."""

    one: int
    cpu: int
    memory: int


def weights(rates: Rates) -> Weights:
    """The smallest whole weights: 4,096,000, 2,048 and 1 for the default rates."""
    memory_span = MB_PER_GB * rates.gb_ms_per_credit
    one = lcm(rates.cpu_ms_per_credit, memory_span)
    return Weights(one=one, cpu=one // rates.cpu_ms_per_credit, memory=one // memory_span)


def raw_credits(rates: Rates, *, cpu_ms: int, mem_mb: int, duration_ms: int) -> int:
    """Whole credits of a run's usage, rounded up once, before the least and the most are applied."""
    share = weights(rates)
    total = rates.base * share.one + cpu_ms * share.cpu + mem_mb * duration_ms * share.memory
    return -(-total // share.one)


def charge(rates: Rates, *, cpu_ms: int, mem_mb: int, duration_ms: int, quoted_max: int) -> int:
    """What a compute run costs: min(quoted max, max(minimum, raw))."""
    return min(quoted_max, max(rates.minimum, raw_credits(rates, cpu_ms=cpu_ms, mem_mb=mem_mb, duration_ms=duration_ms)))


def token_charge(rates: Rates, *, tokens: int, quoted_max: int) -> int:
    """What a token run costs: max(minimum, tokens / tokens_per_credit rounded up), at most the quoted max."""
    return min(quoted_max, max(rates.minimum_tokens, -(-tokens // rates.tokens_per_credit)))


def parts(rates: Rates, *, cpu_ms: float, mem_mb: float, duration_ms: float) -> tuple[float, float, float]:
    """The unrounded credits of base, CPU and memory."""
    return float(rates.base), cpu_ms / rates.cpu_ms_per_credit, mem_mb * duration_ms / (MB_PER_GB * rates.gb_ms_per_credit)


@dataclass(frozen=True)
class Take:
    """What a run takes, in ms and MB, not rounded."""

    cpu_ms: float
    mem_mb: float
    duration_ms: float


# A fork, the pipe and the switch of processes: wall time that a run has beyond its own CPU time, in ms and as a share.
_WALL_EXTRA_MS = 8.0
_WALL_SHARE = 1.04


@dataclass(frozen=True)
class CostModel:
    """A tool's cost on the reference machine, per unit of work (see `tools.base.Cost`); `wall` is how much longer than by CPU alone runs last."""

    cpu_us_per_unit: float
    cpu_ms_base: float
    mem_bytes_per_unit: float
    mem_mb_base: float
    spread: float
    wall: float = 1.0


def wall_ms(cpu_ms: float) -> float:
    """How long a run lasts that takes so much CPU, on a machine that has time for it."""
    return cpu_ms * _WALL_SHARE + _WALL_EXTRA_MS


def expected(model: CostModel, *, units: int, speed: float) -> Take:
    """What `units` of work take typically on a machine that is `speed` times as slow as the reference machine."""
    cpu_ms = (model.cpu_ms_base + units * model.cpu_us_per_unit / 1_000) * speed
    mem_mb = model.mem_mb_base + units * model.mem_bytes_per_unit / 2**20
    return Take(cpu_ms=cpu_ms, mem_mb=mem_mb, duration_ms=wall_ms(cpu_ms) * model.wall)


@dataclass(frozen=True)
class Bounds:
    """Limits in whole ms and MB."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int


# Slack on top of twice the 95th percentile, so that the smallest runs are not stopped by a busy machine's noise.
_SLACK_CPU_MS = 250
_SLACK_MEM_MB = 32
_SLACK_WALL_MS = 5_000
# A busy machine gives a run this much less than a whole core: its wall time varies more than its CPU time does.
_WALL_SPREAD = 1.6


def usual_limits(take: Take, *, spread: float, most: Bounds, room: Take) -> Bounds:
    """Twice the 95th percentile of what such inputs take, and never less than `room`, plus a small slack, within the tool's own limits."""
    p95 = 2 * spread
    return Bounds(
        cpu_ms=min(most.cpu_ms, ceil(max(take.cpu_ms * p95, room.cpu_ms)) + _SLACK_CPU_MS),
        mem_mb=min(most.mem_mb, ceil(max(take.mem_mb * p95, room.mem_mb)) + _SLACK_MEM_MB),
        duration_ms=min(most.duration_ms, ceil(max(take.duration_ms * p95 * _WALL_SPREAD, room.duration_ms)) + _SLACK_WALL_MS),
    )


def limits_for(rates: Rates, budget: int, *, usual: Bounds, most: Bounds) -> Bounds:
    """The widest limits in the usual proportion whose price stays within `budget` credits: CPU and wall time scale, memory stays."""
    share = weights(rates)
    room = (budget - rates.base) * share.one
    need = usual.cpu_ms * share.cpu + usual.mem_mb * usual.duration_ms * share.memory
    scale = room / need if need else 1.0
    cpu_ms = max(1, min(most.cpu_ms, floor(usual.cpu_ms * scale)))
    left_ms = (room - cpu_ms * share.cpu) // max(1, usual.mem_mb * share.memory)
    return Bounds(cpu_ms=cpu_ms, mem_mb=usual.mem_mb, duration_ms=max(1, min(most.duration_ms, floor(usual.duration_ms * scale), left_ms)))


def overrun(take: Take, most: Bounds) -> Mapping[str, tuple[float, float]]:
    """Which limits the typical work cannot fit: name -> (needed, allowed) in ms or MB."""
    pairs = {"cpu": (take.cpu_ms, most.cpu_ms), "memory": (take.mem_mb, most.mem_mb), "time": (take.duration_ms, most.duration_ms)}
    return {name: (needed, float(allowed)) for name, (needed, allowed) in pairs.items() if needed > allowed}
