"""The graphs of a script: tables, columns, what a change reaches, and the picture (networkx)."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import networkx as nx

from credit_studio.tools.base import InputError
from credit_studio.tools.blocks import Diagram, Edge, Node
from credit_studio.tools.data.lineage import Impact, TableEdge, TableNode
from credit_studio.tools.data.sql.tracing import Script

MOST_IN_PICTURE = 40
MOST_IMPACTS = 100
_NAMES_SHOWN = 6


@dataclass(frozen=True)
class Graphs:
    """`tables` and `columns` are networkx DiGraphs; a column is a pair (table, column)."""

    tables: Any
    columns: Any


def graphs_of(script: Script) -> Graphs:
    """The graphs of a script's tables and columns."""
    graph: Any = nx.DiGraph
    tables, columns = graph(), graph()
    tables.add_nodes_from(one.target for one in script.statements if one.status in {"lineage", "tables"})
    tables.add_edges_from(pair for pair in script.tables if pair[0] != pair[1])
    columns.add_edges_from(((edge.source, edge.source_column), (edge.target, edge.column)) for edge in script.columns if edge.source)
    for table, column in list(columns):
        # What is read as "all columns" is reached by each of them, and what is written so reaches each of them.
        if column != "*" and (table, "*") in columns:
            if columns.out_degree((table, "*")):
                columns.add_edge((table, column), (table, "*"))
            if columns.in_degree((table, "*")):
                columns.add_edge((table, "*"), (table, column))
    return Graphs(tables, columns)


def columns_of(script: Script) -> dict[str, list[str]]:
    """The columns of each table that feed or are fed, in the order in which they are met."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for edge in script.columns:
        found[edge.target][edge.column] = None
        if edge.source:
            found[edge.source][edge.source_column] = None
    return defaultdict(list, {table: list(columns) for table, columns in found.items()})


def role(name: str, graphs: Graphs, script: Script) -> str:
    """The part that a table plays: "source", "intermediate", "target" or "query"."""
    if name in script.queries:
        return "query"
    if not graphs.tables.in_degree(name) and graphs.tables.out_degree(name):
        return "source"
    return "intermediate" if graphs.tables.out_degree(name) else "target"


def impacts(wanted: str, nodes: list[TableNode], graphs: Graphs) -> tuple[Impact, ...]:
    """The impact of the wanted table or column, else of every source; raises `InputError` on "impactOf" for a name that is not there."""
    if not wanted:
        return tuple(_impact_of_table(one.name, graphs) for one in [one for one in nodes if one.role == "source"][:MOST_IMPACTS])
    tables = {one.name.lower(): one.name for one in nodes}
    if (table := tables.get(wanted.lower())) is not None:
        return (_impact_of_table(table, graphs),)
    columns = {f"{table}.{column}".lower(): (table, column) for table, column in graphs.columns}
    if (found := columns.get(wanted.lower())) is not None:
        return (_impact(f"{found[0]}.{found[1]}", {found}, None, graphs),)
    raise InputError("impactOf", f"The scripts have no table or column {wanted[:100]!r}. Tables: {', '.join(list(tables.values())[:10])[:400]}.")


def _impact_of_table(table: str, graphs: Graphs) -> Impact:
    return _impact(table, {one for one in graphs.columns if one[0] == table}, table, graphs)


def _impact(name: str, starts: set[tuple[str, str]], table: str | None, graphs: Graphs) -> Impact:
    reached = _reached(graphs.columns, starts) - starts
    tables: set[str] = _reached(graphs.tables, {table}) - {table} if table is not None else {one for one, _ in reached}
    columns = sorted(f"{one}.{column}" for one, column in reached)
    return Impact(name, tuple(sorted(tables))[:MOST_IMPACTS], len(columns), tuple(columns[: MOST_IMPACTS if table is None else 20]))


def _reached(graph: Any, starts: set[Any]) -> set[Any]:  # noqa: ANN401 - a networkx graph of either kind
    """Everything downstream of any of the starts, walked once."""
    found = set(starts)
    waiting = list(starts)
    while waiting:
        ahead = [one for one in graph.successors(waiting.pop()) if one not in found]
        found.update(ahead)
        waiting += ahead
    return found


def picture(nodes: list[TableNode], edges: list[TableEdge], graphs: Graphs) -> Diagram:
    """Tables from left to right by generation; of too many, those with the most links."""
    linked = sorted(nodes, key=lambda one: (-graphs.tables.degree(one.name), one.name))[:MOST_IN_PICTURE]
    shown = {one.name for one in linked}
    # Tables that feed one another stand in the same column.
    whole: Any = nx.condensation(graphs.tables.subgraph(shown))
    columns: list[list[str]] = [
        sorted(name for part in generation for name in whole.nodes[part]["members"]) for generation in nx.topological_generations(whole)
    ]
    tallest = max((len(column) for column in columns), default=0)
    by_name = {one.name: one for one in nodes}
    boxes = tuple(
        Node(name, name, _KINDS[by_name[name].role], index, row + (tallest - len(column)) / 2, _lines(by_name[name].columns))
        for index, column in enumerate(columns)
        for row, name in enumerate(column)
    )
    arrows = tuple(
        Edge(one.source, one.target, f"{one.columns} columns" if one.columns > 1 else "1 column" if one.columns else "joins or filters")
        for one in edges
        if one.source in shown and one.target in shown and one.source != one.target
    )
    cut = (
        f" The picture holds {len(shown)} of {len(nodes):,} tables, those with the most links; the tables under Data hold the rest."
        if len(nodes) > len(shown)
        else ""
    )
    summary = f"Tables: {len(boxes)}, links: {len(arrows)}. From left to right, data flows from sources to targets.{cut}"
    return Diagram("Which table feeds which?", boxes, arrows, summary)


_KINDS = {"source": "table", "intermediate": "process", "target": "output", "query": "output"}


def _lines(columns: tuple[str, ...]) -> tuple[str, ...]:
    more = len(columns) - _NAMES_SHOWN
    return columns[:_NAMES_SHOWN] + ((f"and {more} more",) if more > 0 else ())
