"""How fast this machine is, so that costs measured on the reference machine hold here too."""

import math
import time

REFERENCE_MS = 17.4
"""CPU ms that `_work` takes on the reference machine: the best of many on an idle core."""

_ROUNDS = 40_000


def factor(tries: int = 7) -> float:
    """This machine's CPU time for a fixed piece of work over the reference machine's: 2.0 takes twice as long. The best of `tries`."""
    return min(_cpu_ms() for _ in range(tries)) / REFERENCE_MS


def _cpu_ms() -> float:
    begun = time.process_time_ns()
    _work()
    return (time.process_time_ns() - begun) / 1e6


def _work() -> float:
    """What tools do most: integers, floats, strings, a dict and a list."""
    seen: dict[str, int] = {}
    values: list[float] = []
    state = 12_345
    for i in range(_ROUNDS):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        key = f"k{state % 997}"
        seen[key] = seen.get(key, 0) + i
        values.append(math.sqrt(state) * 1.000_1 + len(key))
    values.sort()
    return math.fsum(values[:: max(1, len(seen) // 100)])
