"""Diagrams of components in zones: the least trusted zone stands left, and each zone has columns of its own, so that no frame crosses another. No tool."""

from collections import defaultdict
from dataclasses import dataclass

from credit_studio.tools.blocks import Diagram, Edge, Node, Zone

_MOST_ROWS = 6  # in one column; the rest of a zone goes into the next
_MOST_LEVELS = 4


@dataclass(frozen=True)
class Box:
    """A component to draw: `kind` as of `blocks.Node`, `zone` by its name."""

    name: str
    kind: str
    zone: str
    lines: tuple[str, ...] = ()


def zoned(title: str, boxes: tuple[Box, ...], edges: tuple[Edge, ...], zones: tuple[str, ...], summary: str) -> Diagram:
    """The diagram; `zones` from the least to the most trusted, edges by the names of boxes. Zones without a box are left out."""
    columns: list[list[Box]] = []
    frames: list[Zone] = []
    for zone in zones:
        inside = [box for box in boxes if box.zone == zone]
        if inside:
            columns += _columns(inside, edges)
            frames.append(Zone(zone, tuple(box.name for box in inside)))
    tallest = max((len(column) for column in columns), default=0)
    nodes = tuple(
        Node(box.name, box.name, box.kind, index, row + (tallest - len(column)) / 2, box.lines)
        for index, column in enumerate(columns)
        for row, box in enumerate(column)
    )
    return Diagram(title, nodes, edges, summary, tuple(frames))


def _columns(boxes: list[Box], edges: tuple[Edge, ...]) -> list[list[Box]]:
    """The boxes of one zone in columns along the edges between them, each column at most six high."""
    levels = _levels([box.name for box in boxes], edges)
    by_level: dict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        by_level[min(levels[box.name], _MOST_LEVELS - 1)].append(box)
    return [column[start : start + _MOST_ROWS] for _, column in sorted(by_level.items()) for start in range(0, len(column), _MOST_ROWS)]


def _levels(names: list[str], edges: tuple[Edge, ...]) -> dict[str, int]:
    """The longest way to each name inside the zone; names on a circle stay where they are first reached."""
    inside = set(names)
    ahead: dict[str, list[str]] = {name: [] for name in names}
    waiting = dict.fromkeys(names, 0)
    for edge in {(one.source, one.target): one for one in edges}.values():
        if edge.source in inside and edge.target in inside and edge.source != edge.target:
            ahead[edge.source].append(edge.target)
            waiting[edge.target] += 1
    level = dict.fromkeys(names, 0)
    ready = [name for name in names if not waiting[name]]
    while ready:
        name = ready.pop()
        for other in ahead[name]:
            level[other] = max(level[other], level[name] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return level
