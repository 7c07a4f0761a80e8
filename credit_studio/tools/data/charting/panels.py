"""A chart's figures, ready to draw, and what all kinds of charts share: the rows that count and what is measured in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from credit_studio.tools.base import InputError
from credit_studio.tools.data.charting.figures import ADDITIVE
from credit_studio.tools.data.charting.filters import kept
from credit_studio.tools.data.charting.frame import Frame
from credit_studio.tools.data.charting.spec import AGGREGATE_NAMES, ChartSpec
from credit_studio.tools.data.charting.wording import plural

T = TypeVar("T")


@dataclass(frozen=True)
class PanelSeries:
    """A named series of (x, y): x is the place of its label in the panel's `labels`, or a number where there are none."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Panel:
    """One chart of the dashboard. `figure` is the value of a key figure; `columns` and `rows` are those of a table, numbers as numbers.

    `days` has for labels that are dates the day that each begins with, counted from 1 January 1970.
    """

    kind: str
    title: str
    unit: str = ""
    summary: str = ""
    note: str = ""
    x: str = ""
    y: str = ""
    bucket: str = ""
    labels: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    series: tuple[PanelSeries, ...] = ()
    is_additive: bool = False
    is_ordered: bool = False
    figure: float | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | float | None, ...], ...] = ()
    used: int = 0


@dataclass(frozen=True)
class Task:
    """A chart's place in the form, its wish, the table, the rows that its filter keeps, and how many those are."""

    at: str
    spec: ChartSpec
    frame: Frame
    mask: list[bool] | None
    kept: int

    def column(self, name: str) -> int:
        """The place of one of the columns that the wish names; raises `InputError` on its field."""
        return self.frame.find(getattr(self.spec, name), f"{self.at}.{name}")


@dataclass(frozen=True)
class Values:
    """What is measured: None where a row has nothing; the title of the axis, and words on what was left out."""

    cells: Sequence[float | str | None]
    title: str
    left_out: str


def task_of(frame: Frame, spec: ChartSpec, number: int) -> Task:
    """The chart with that number, its filter read; raises `InputError` on "charts.N.where" for one that keeps nothing."""
    at = f"charts.{number}"
    mask = kept(frame, spec.where, f"{at}.where")
    count = frame.rows if mask is None else sum(mask)
    if not count:
        raise InputError(f"{at}.where", "Keeps no row. Loosen the conditions.")
    return Task(at, spec, frame, mask, count)


def values_of(task: Task) -> Values:
    """What the chart measures; raises `InputError` on its column when that holds no numbers and numbers are needed."""
    spec, frame = task.spec, task.frame
    if not spec.y.strip():
        if spec.aggregate not in ADDITIVE:
            raise InputError(f"{task.at}.y", f"“{AGGREGATE_NAMES[spec.aggregate]}” needs a column; without one, rows are counted.")
        return Values(masked([1.0] * frame.rows, task.mask), "Rows", "")
    at = task.column("y")
    name = frame.names[at]
    if spec.aggregate in {"count", "distinct"}:
        title = f"Filled {name}" if spec.aggregate == "count" else f"Different {name}"
        return Values(masked([text.strip() or None for text in frame.cells[at]], task.mask), title, "")
    numbers = numbers_of(task, at, "y")
    said = {"sum": "Sum of", "mean": "Mean", "median": "Median", "min": "Least", "max": "Greatest"}[spec.aggregate]
    return Values(numbers, f"{said} {name}", left_out(task.kept - sum(value is not None for value in numbers), f"no number in {name}"))


def numbers_of(task: Task, at: int, field: str) -> list[float | None]:
    """A column's numbers in the rows that are kept; raises `InputError` when it has none."""
    numbers = masked(task.frame.numbers(at), task.mask)
    if all(value is None for value in numbers):
        raise InputError(f"{task.at}.{field}", f"{task.frame.names[at]!r} holds no numbers in these rows. Count its values, or take another column.")
    return numbers


def masked(cells: Sequence[T | None], mask: list[bool] | None) -> list[T | None]:
    """The cells with None in the rows that a filter drops."""
    return list(cells) if mask is None else [cell if is_kept else None for cell, is_kept in zip(cells, mask, strict=True)]


def left_out(count: int, why: str) -> str:
    """How many rows were left out and why, as a sentence; nothing for none."""
    return f"{plural(count, 'row')} left out: {why}." if count else ""


def noted(*sentences: str) -> str:
    """The sentences that are there, as one text."""
    return " ".join(filter(None, sentences))
