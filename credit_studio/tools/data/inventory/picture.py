"""The data sets of a catalogue and their references as a picture: what is referred to stands left of what refers to it."""

from credit_studio.tools.blocks import Diagram, Edge, Node
from credit_studio.tools.data.inventory.entries import CatalogColumn, CatalogDataset, CatalogLink

_MOST_NODES, _MOST_LINES = 30, 6


def picture_of(datasets: tuple[CatalogDataset, ...], columns: tuple[CatalogColumn, ...], links: tuple[CatalogLink, ...]) -> Diagram:
    """Up to 30 data sets as tables with their keys and references, and the arrows from the key to what refers to it."""
    drawn = datasets[:_MOST_NODES]
    names = [one.name for one in drawn]
    arrows = {(link.to_dataset, link.dataset): link.column for link in links if link.dataset in names and link.to_dataset in names}
    arrows |= {(one.part_of, one.name): "part of" for one in drawn if one.part_of in names and (one.part_of, one.name) not in arrows}
    arrows = {pair: label for pair, label in arrows.items() if pair[0] != pair[1]}
    depth = _depths(names, list(arrows))
    seen: dict[int, int] = {}
    nodes: list[Node] = []
    for one in drawn:
        at = depth[one.name]
        row = seen[at] = seen.get(at, -1) + 1
        nodes.append(Node(one.name, one.name, "table", at, float(row), _lines([column for column in columns if column.dataset == one.name])))
    edges = tuple(Edge(source, target, label) for (source, target), label in arrows.items())
    cut = f" The first {_MOST_NODES} of {len(datasets)} data sets are drawn." if len(datasets) > _MOST_NODES else ""
    said = f"{len(edges)} references between {len(drawn)} data sets." if edges else f"No references between the {len(drawn)} data sets were found."
    return Diagram("How do the data sets refer to one another?", tuple(nodes), edges, said + cut)


def _depths(names: list[str], arrows: list[tuple[str, str]]) -> dict[str, int]:
    """How many references stand before each data set on the longest way; circles end after as many rounds as there are data sets."""
    depth = dict.fromkeys(names, 0)
    for _ in range(min(8, len(names))):
        for source, target in arrows:
            depth[target] = min(8, max(depth[target], depth[source] + 1))
    return depth


def _lines(columns: list[CatalogColumn]) -> tuple[str, ...]:
    telling = [one for one in columns if one.key == "primary" or one.refers_to or one.personal]
    rest = [one for one in columns if one not in telling]
    chosen = (telling + rest)[:_MOST_LINES]
    marks = [f"{one.name[:28]}{' · key' if one.key == 'primary' else ''}{' · personal' if one.personal else ''}" for one in chosen]
    return (*marks, *([f"{len(columns) - len(chosen)} more"] if len(columns) > len(chosen) else []))
