"""How likely each component is taken: a simulation of many attempts at once.

In every attempt each component is one that can be taken or not, and each control one that stops or not, independently; what is reached follows. An
attempt is one bit, so that the attempts of a place are one long integer and all are followed together. The same draws serve every question (with a
control, without it), so that differences are those of the controls and not of chance. Only `random()` of generators seeded by name is used.
"""

import math
from collections.abc import Callable, Iterable
from random import Random

from credit_studio.tools.cyber.paths.network import ATTACKER, Network, SecurityControl

Taken = dict[str, float]
"""The share of attempts in which each component is taken."""


def drawn(chance: float, attempts: int, seed: str) -> int:
    """So many bits, each set with the chance."""
    if chance >= 1:
        return (1 << attempts) - 1
    if chance <= 0:
        return 0
    draw = Random(seed).random  # noqa: S311 - a simulation, to be repeated
    return int("".join(["1" if draw() < chance else "0" for _ in range(attempts)]), 2)


class Attempts:
    """The draws of all places and controls, and what is taken under any set of controls."""

    def __init__(self, network: Network, attempts: int, seed: int, tell: Callable[[float], None] = lambda _: None) -> None:
        self.network = network
        self.attempts = attempts
        every = (1 << attempts) - 1
        places = dict.fromkeys((*network.components, *network.connections, *network.zones), every)
        things = len(network.components) + len(network.controls)
        for number, name in enumerate(network.components, start=1):
            places[name] = drawn(network.bare(name), attempts, f"{seed} component {name}")
            tell(number / things)
        self._bare: dict[str, int] = {ATTACKER: every} | places
        self._passing: dict[str, int] = {}
        for number, control in enumerate(network.controls, start=1 + len(network.components)):
            self._passing[control.label] = drawn(control.passing, attempts, f"{seed} control {control.label}")
            tell(number / things)

    def taken(self, controls: Iterable[SecurityControl]) -> dict[str, int]:
        """The attempts (as bits) that pass each place under these controls."""
        open_to = dict(self._bare)
        for control in controls:
            open_to[control.on] &= self._passing[control.label]
        reached = dict.fromkeys(self._bare, 0)
        reached[ATTACKER] = self._bare[ATTACKER]
        waiting = [ATTACKER]
        while waiting:
            after: dict[str, None] = {}
            for place in waiting:
                here = reached[place]
                for ahead in self.network.ahead[place]:
                    come = reached[ahead] | (here & open_to[ahead])
                    if come != reached[ahead]:
                        reached[ahead] = come
                        after[ahead] = None
            waiting = list(after)
        return reached

    def chances(self, controls: Iterable[SecurityControl]) -> Taken:
        """The share of attempts in which each component is taken, and under "" that of attempts that take any crown jewel."""
        reached = self.taken(controls)
        shares = {name: reached[name].bit_count() / self.attempts for name in self.network.components}
        any_jewel = 0
        for one in self.network.jewels:
            any_jewel |= reached[one.name]
        return shares | {ATTACKER: any_jewel.bit_count() / self.attempts}

    def loss(self, taken: Taken) -> float:
        """The value of the crown jewels, each by its chance to be taken."""
        return math.fsum(one.value * taken[one.name] for one in self.network.jewels)

    def error(self, chance: float) -> float:
        """One standard error of a simulated chance."""
        return math.sqrt(chance * (1 - chance) / self.attempts)


def frontier(attempts: Attempts, most: int) -> list[tuple[SecurityControl, float, Taken]]:
    """Controls to buy one after the other, each time the one that takes away most value at risk for its cost: (control, cost so far, chances then).

    Greedy, so each step is the best next one and not always part of the best set; ends when nothing helps or after `most` controls.
    """
    chosen = [one for one in attempts.network.controls if one.in_place]
    waiting = [one for one in attempts.network.controls if not one.in_place]
    loss = attempts.loss(attempts.chances(chosen))
    found: list[tuple[SecurityControl, float, Taken]] = []
    spent = 0.0
    while waiting and len(found) < most:
        tried = [(one, attempts.chances([*chosen, one])) for one in waiting]
        best, taken = max(tried, key=lambda pair: _worth(loss - attempts.loss(pair[1]), pair[0].cost))
        if attempts.loss(taken) >= loss:
            break
        chosen.append(best)
        waiting.remove(best)
        spent += best.cost
        loss = attempts.loss(taken)
        found.append((best, spent, taken))
    return found


def _worth(less: float, cost: float) -> tuple[float, float]:
    """What helps for nothing first, then by what it takes away for its cost; what does not help at all last."""
    return (math.inf if less > 0 and not cost else less / cost if cost else 0.0), less
