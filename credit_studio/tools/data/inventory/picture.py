"""The data sets of a catalogue and their references as a picture: what refers to others stands left of them."""

from credit_studio.tools.blocks import Diagram, Edge, Node
from credit_studio.tools.data.inventory.entries import CatalogColumn, CatalogDataset, CatalogLink

_MOST_NODES, _MOST_LINES = 30, 6


def picture_of(datasets: tuple[CatalogDataset, ...], columns: tuple[CatalogColumn, ...], links: tuple[CatalogLink, ...]) -> Diagram:
    """Up to 30 data sets as tables with their keys and references, and the arrows from what refers to what it refers to."""
    drawn = datasets[:_MOST_NODES]
    names = [one.name for one in drawn]
    arrows = {(link.dataset, link.to_dataset): link.column for link in links if link.dataset in names and link.to_dataset in names}
    arrows |= {(one.name, one.part_of): "part of" for one in drawn if one.part_of in names and (one.name, one.part_of) not in arrows}
    arrows = {pair: label for pair, label in arrows.items() if pair[0] != pair[1]}
    depth = _depths(names, list(arrows))
    seen: dict[int, int] = {}
    nodes: list[Node] = []
    for one in drawn:
        at = max(depth.values()) - depth[one.name]
        row = seen[at] = seen.get(at, -1) + 1
        nodes.append(Node(one.name, one.name, "table", at, float(row), _lines([column for column in columns if column.dataset == one.name])))
    edges = tuple(Edge(source, target, label) for (source, target), label in arrows.items())
    cut = f" The first {_MOST_NODES} of {len(datasets)} data sets are drawn." if len(datasets) > _MOST_NODES else ""
    said = f"{len(edges)} references between {len(drawn)} data sets." if edges else f"No references between the {len(drawn)} data sets were found."
    note = "An arrow leads from a column, which it names, to the data set that this refers to." if edges else ""
    return Diagram("How do the data sets refer to one another?", tuple(nodes), edges, said + cut, note=note)


def _depths(names: list[str], arrows: list[tuple[str, str]]) -> dict[str, int]:
    """How many references each data set is away from one that refers to none, on the longest way; circles end after as many rounds as there are data sets."""
    depth = dict.fromkeys(names, 0)
    for _ in range(min(8, len(names))):
        for source, target in arrows:
            depth[source] = min(8, max(depth[source], depth[target] + 1))
    return depth


def _lines(columns: list[CatalogColumn]) -> tuple[str, ...]:
    telling = [one for one in columns if one.key == "primary" or one.refers_to or one.personal]
    rest = [one for one in columns if one not in telling]
    chosen = (telling + rest)[:_MOST_LINES]
    marks = [f"{one.name[:28]}{' · key' if one.key == 'primary' else ''}{' · personal' if one.personal else ''}" for one in chosen]
    return (*marks, *([f"{len(columns) - len(chosen)} more"] if len(columns) > len(chosen) else []))
