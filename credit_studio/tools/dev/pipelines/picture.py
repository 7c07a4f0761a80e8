"""The jobs of a pipeline as a picture: what can run at the same time stands in one column."""

from credit_studio.tools.blocks import Diagram, Edge, Node
from credit_studio.tools.dev.pipelines.problems import Step, names

MOST_DRAWN = 60


def levels(steps: tuple[Step, ...]) -> dict[str, int]:
    """The column of each job: one further than the furthest that it waits for; jobs in a ring stay where they are reached first."""
    waits = {step.name: [name for name in step.needs if name != step.name] for step in steps}
    columns = dict.fromkeys(waits, 0)
    for _ in range(len(steps)):
        moved = {name: 1 + max((columns[one] for one in needs if one in columns), default=-1) for name, needs in waits.items()}
        if moved == columns:
            break
        columns = {name: min(column, len(steps) - 1) for name, column in moved.items()}
    return columns


def picture(steps: tuple[Step, ...], title: str, tab: str) -> Diagram | None:
    """The graph of the first 60 jobs; None when there are none."""
    drawn = steps[:MOST_DRAWN]
    if not drawn:
        return None
    columns = levels(drawn)
    rows: dict[int, int] = {}
    nodes: list[Node] = []
    for step in drawn:
        column = columns[step.name]
        row = rows[column] = rows.get(column, -1) + 1
        nodes.append(
            Node(
                f"job{len(nodes)}",
                step.name[:60] or "(no name)",
                "output" if column == max(columns.values()) and column else "process",
                column,
                float(row),
                step.lines,
            )
        )
    ids = {step.name: f"job{place}" for place, step in enumerate(drawn)}
    edges = tuple(Edge(ids[need], ids[step.name]) for step in drawn for need in dict.fromkeys(step.needs) if need in ids and need != step.name)
    first = [step.name for step in drawn if columns[step.name] == 0]
    last = [step.name for step in drawn if columns[step.name] == max(columns.values())]
    said = f"{len(steps)} jobs. At once: {names(first)}. Last: {names(last)}."
    return Diagram(title, tuple(nodes), edges, said + (f" The first {MOST_DRAWN} are drawn." if len(steps) > MOST_DRAWN else ""), tab=tab)
