"""The graph questions: the most likely ways, the cheapest cut, and the places that no way avoids (networkx).

A way's likelihood is the product of the chances of its places, so that the most likely way is the shortest by the sum of -ln(chance). The cheapest cut
is a minimum cut (Ford and Fulkerson) of the graph in which each place is split into an entrance and an exit whose capacity is what a block there costs.
"""

import math
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

import networkx as nx

from credit_studio.tools.cyber.paths.network import ATTACKER, Network, SecurityControl

_nx: Any = nx  # its types are partly unknown
_GOAL = "\n"  # no name has a line break
_MOST_TOGETHER = 3  # controls of one place that together make a block
_FEWER_FIRST = 1_000  # one more control costs a thousandth of a penny: of two cuts that cost the same, the one with fewer controls


@dataclass(frozen=True)
class Way:
    """A way to a crown jewel: all places that it passes, and its likelihood with the controls in place."""

    places: tuple[str, ...]
    chance: float

    @property
    def jewel(self) -> str:
        """Where it ends."""
        return self.places[-1]


def ways(network: Network, most: int) -> list[Way]:
    """The most likely ways to any crown jewel, the best one to each jewel among them, most likely first."""
    graph = _likely(network)
    graph.add_node(_GOAL)
    graph.add_weighted_edges_from((one.name, _GOAL, 0.0) for one in network.jewels)
    found: dict[tuple[str, ...], Way] = {}
    if _nx.has_path(graph, ATTACKER, _GOAL):
        for path in islice(_nx.shortest_simple_paths(graph, ATTACKER, _GOAL, weight="weight"), most):
            found[tuple(path[1:-1])] = _way(network, path[1:-1])
    graph.remove_node(_GOAL)
    best: dict[str, list[str]] = _nx.single_source_dijkstra_path(graph, ATTACKER, weight="weight")
    for one in network.jewels:
        if one.name in best:
            found.setdefault(tuple(best[one.name][1:]), _way(network, best[one.name][1:]))
    return sorted(found.values(), key=lambda way: (-way.chance, len(way.places), way.places))


def _way(network: Network, places: list[str]) -> Way:
    return Way(tuple(places), math.prod(network.passing(place) for place in places))


def _likely(network: Network) -> Any:  # noqa: ANN401 - a networkx graph
    """Edges to every place that can be passed at all, weighted by -ln(chance); a thousandth more a place, so that ways without need are not taken."""
    graph = _nx.DiGraph()
    graph.add_node(ATTACKER)
    for source, ahead in network.ahead.items():
        for target in ahead:
            # Nobody comes to an entry point from inside who could begin there: such ways are never the likely ones.
            is_entry = target in network.components and network.components[target].exposed and source != ATTACKER
            if (chance := network.passing(target)) > 0 and not is_entry:
                graph.add_edge(source, target, weight=-math.log(chance) + 1e-6)
    return graph


def reachable(network: Network, start: str) -> dict[str, int]:
    """Every component within reach of a place over anything that lets a share through, and the fewest components on the way there."""
    steps, waiting, found = 0, [start], {start: 0}
    while waiting:
        after: list[str] = []
        steps += 1
        for place in _components_ahead(network, waiting):
            if place not in found:
                found[place] = steps
                after.append(place)
        waiting = after
    return {name: step for name, step in found.items() if name in network.components and name != start}


def _components_ahead(network: Network, places: list[str]) -> list[str]:
    """The components one move further: over a connection or through the inside of a zone."""
    found: dict[str, None] = {}
    for place in places:
        for ahead in network.ahead[place]:
            onward = [ahead] if ahead in network.components else network.ahead[ahead] if network.passing(ahead) > 0 else []
            found |= {name: None for name in onward if network.passing(name) > 0}
    return list(found)


def chokes(network: Network) -> dict[str, list[str]]:
    """For each crown jewel that can be reached the components that every way to it passes, from outside inwards, itself left out."""
    graph = _likely(network)
    above: dict[str, str] = _nx.immediate_dominators(graph, ATTACKER)
    found: dict[str, list[str]] = {}
    for one in network.jewels:
        if one.name in above:
            chain = [one.name]
            while chain[-1] != ATTACKER:
                chain.append(above[chain[-1]])
            found[one.name] = [place for place in reversed(chain[1:-1]) if place in network.components]
    return found


@dataclass(frozen=True)
class Cut:
    """The controls to buy so that every way meets a block, and what they cost; `open_way` is a way that nothing on offer could block, when there is one."""

    controls: tuple[SecurityControl, ...] = ()
    cost: float = 0.0
    open_way: tuple[str, ...] = ()
    is_cut_already: bool = False


def cheapest_cut(network: Network, blocking: float) -> Cut:
    """The cheapest set of controls after which every way to a crown jewel passes a place where at least this share (0 to 1) of attempts is stopped."""
    offers = {place: _offer(network, place, blocking) for place in network.ahead if place != ATTACKER}
    graph = _nx.DiGraph()
    for place, offer in offers.items():
        if offer is None:
            graph.add_edge((place, "in"), (place, "out"))
        else:
            graph.add_edge((place, "in"), (place, "out"), capacity=_capacity(offer))
    for source, ahead in network.ahead.items():
        graph.add_edges_from(((source, "out"), (target, "in")) for target in ahead)
    graph.add_edges_from(((one.name, "out"), _GOAL) for one in network.jewels)
    if not _nx.has_path(graph, (ATTACKER, "out"), _GOAL):
        return Cut(is_cut_already=True)
    if open_way := _unblocked(network, offers):
        return Cut(open_way=open_way)
    _, (outside, _inside) = _nx.minimum_cut(graph, (ATTACKER, "out"), _GOAL)
    met = [place for place in offers if (place, "in") in outside and (place, "out") not in outside]
    bought = tuple(control for place in met for control in offers[place] or ())
    return Cut(bought, math.fsum(one.cost for one in bought), is_cut_already=not bought)


Offer = tuple[SecurityControl, ...] | None
"""The cheapest controls that make a block of a place: none needed when there is one already, None when nothing on offer does it."""


def _offer(network: Network, place: str, blocking: float) -> Offer:
    passing = math.prod(one.passing for one in network.controls_on(place, in_place=True))
    most = 1 - blocking + 1e-9
    if passing <= most:
        return ()
    waiting = network.controls_on(place, in_place=False)
    sets = (bought for size in range(1, _MOST_TOGETHER + 1) for bought in combinations(waiting, size))
    enough = [bought for bought in sets if passing * math.prod(one.passing for one in bought) <= most]
    return min(enough, key=_capacity, default=None)


def _capacity(controls: tuple[SecurityControl, ...]) -> int:
    return sum(round(one.cost * 100) * _FEWER_FIRST + 1 for one in controls)


def _unblocked(network: Network, offers: dict[str, Offer]) -> tuple[str, ...]:
    """A shortest way on which no place has a block or could get one."""
    open_places = {place for place, offer in offers.items() if offer is None}
    graph = _nx.DiGraph()
    graph.add_node(ATTACKER)
    graph.add_edges_from((source, target) for source, ahead in network.ahead.items() for target in ahead if {source, target} <= open_places | {ATTACKER})
    found: dict[str, list[str]] = _nx.single_source_shortest_path(graph, ATTACKER)
    ends = [found[one.name] for one in network.jewels if one.name in found]
    return tuple(min(ends, key=len)[1:]) if ends else ()
