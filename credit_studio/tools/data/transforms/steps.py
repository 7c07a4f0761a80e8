"""A step as a person fills it in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import ui

Operation = Literal["filter", "derive", "select", "rename", "join", "union", "aggregate", "sort", "deduplicate", "fill"]
_OPERATIONS = (
    ("filter", "Filter rows"),
    ("derive", "New column"),
    ("select", "Select columns"),
    ("rename", "Rename columns"),
    ("join", "Join"),
    ("union", "Append rows"),
    ("aggregate", "Aggregate"),
    ("sort", "Sort"),
    ("deduplicate", "Deduplicate"),
    ("fill", "Fill empty"),
)


@dataclass(frozen=True)
class PipelineStep:
    """One step. Which of its fields count follows from what it does."""

    operation: Operation = ui("Does", "What the step does to its rows.", choices=_OPERATIONS)
    columns: Annotated[str, Len(0, 600)] = ui(
        "Columns",
        "New column: its name. Select, group by, deduplicate, fill: names with commas. Rename: old as new. Join: left = right. Sort: amount desc, name.",
        default="",
    )
    expression: Annotated[str, Len(0, 600)] = ui(
        "Expression",
        "Filter: amount > 100. New column: price * quantity. Aggregate: total = sum(amount), rows = count(). Fill: 0. Deduplicate: keep first by amount desc.",
        default="",
    )
    name: Annotated[str, Len(0, 40)] = ui("Name", "For steps that others read; else step 1, step 2 and so on.", default="")
    source: Annotated[str, Len(0, 40)] = ui("Reads", "A source or a step. Empty: the step above, for the first one the main data.", default="")
    second: Annotated[str, Len(0, 40)] = ui("And", "The second source or step, for join and append.", default="")
    how: Literal["inner", "left", "anti"] = ui(
        "Rows kept",
        "Join only: those with a match, all of the left, or those of the left without a match.",
        default="inner",
        choices=(("inner", "With a match"), ("left", "All of the left"), ("anti", "Without a match")),
        quiet=True,
    )
