"""A plan run over rows: tables are columns of Python values, empty ones None. Rows keep their order; what a step gives is bounded."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from credit_studio.tools.base import InputError
from credit_studio.tools.data.transforms.evaluating import evaluate
from credit_studio.tools.data.transforms.expressions import NUMBER, Expr
from credit_studio.tools.data.transforms.plan import Aggregate, Order, Plan, Step

MOST_ROWS = 200_000
MOST_WORK = 12_000_000  # cells that all steps look at, as `_work` counts them
Cells = dict[str, list[Any]]


@dataclass
class Rows:
    """A table's cells by column."""

    cells: Cells
    count: int

    def taken(self, places: list[int]) -> "Rows":
        """Some rows, by place."""
        return Rows({name: [column[place] for place in places] for name, column in self.cells.items()}, len(places))


def run_plan(plan: Plan, sources: dict[str, Rows]) -> dict[str, Rows]:
    """The rows of every source and step by its name; raises `InputError` on "steps.N..." for more rows or larger numbers than are taken."""
    made = dict(sources)
    work = 0
    for step in plan.steps:
        inputs = [made[table.name] for table in step.inputs]
        work += _work(step, inputs)
        if work > MOST_WORK:
            said = f"The steps up to here look at more than {MOST_WORK:,} cells. Filter earlier, or select fewer columns."
            raise InputError(f"steps.{step.place}.operation", said)
        made[step.name] = _STEPS[step.op](step, inputs)
    return made


def _work(step: Step, inputs: list[Rows]) -> int:
    """Cells that a step looks at; those that it sorts by count six times, those that it groups or matches by three times."""
    weights = 2 * _size(step.expression) + 6 * len(step.order) + 3 * (len(step.aggregates) + len(step.targets) + len(step.keys))
    return sum(one.count for one in inputs) * (len(step.columns) + weights)


def _size(expr: Expr | None) -> int:
    return 0 if expr is None else 1 + sum(map(_size, expr.parts))


def _filter(step: Step, inputs: list[Rows]) -> Rows:
    kept = _value(step, inputs[0], "")
    return inputs[0].taken([place for place, one in enumerate(kept) if one is True])


def _value(step: Step, rows: Rows, kind: str) -> list[Any]:
    if step.expression is None:
        return [None] * rows.count
    values = list(evaluate(step.expression, rows.cells, rows.count))
    if kind == NUMBER:
        for place, one in enumerate(values):
            if one is not None and not math.isfinite(one):
                raise InputError(f"steps.{step.place}.expression", f"Gives a number beyond what computers hold in row {place + 1:,}.")
    return values


def _derive(step: Step, inputs: list[Rows]) -> Rows:
    new = step.targets[0]
    values = _value(step, inputs[0], step.columns[new])
    return Rows({name: values if name == new else inputs[0].cells[name] for name in step.columns}, inputs[0].count)


def _select(step: Step, inputs: list[Rows]) -> Rows:
    return Rows({new: inputs[0].cells[old] for old, new in step.renamed}, inputs[0].count)


def _fill(step: Step, inputs: list[Rows]) -> Rows:
    values = _value(step, inputs[0], step.columns[step.targets[0]])
    cells = {
        name: [one if old is None else old for old, one in zip(column, values, strict=True)] if name in step.targets else column
        for name, column in inputs[0].cells.items()
    }
    return Rows(cells, inputs[0].count)


def _union(_step: Step, inputs: list[Rows]) -> Rows:
    left, right = inputs
    _bounded(left.count + right.count, _step)
    return Rows({name: column + right.cells[name] for name, column in left.cells.items()}, left.count + right.count)


def _bounded(rows: int, step: Step) -> None:
    if rows > MOST_ROWS:
        raise InputError(f"steps.{step.place}.columns", f"Gives more than {MOST_ROWS:,} rows. Do the keys stand several times on both sides?")


def _join(step: Step, inputs: list[Rows]) -> Rows:
    left, right = inputs
    found: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(zip(*(right.cells[name] for _, name in step.keys), strict=True)):
        if None not in key:
            found.setdefault(key, []).append(place)
    keys = list(zip(*(left.cells[name] for name, _ in step.keys), strict=True))
    if step.how == "anti":
        return left.taken([place for place, key in enumerate(keys) if key not in found])
    pairs: list[tuple[int, int]] = []
    for place, key in enumerate(keys):
        there = found.get(key)
        pairs += [(place, one) for one in there] if there else [(place, -1)] if step.how == "left" else []
        _bounded(len(pairs), step)
    rows = left.taken([place for place, _ in pairs])
    for old, new in step.renamed:
        column = right.cells[old]
        rows.cells[new] = [None if place < 0 else column[place] for _, place in pairs]
    return rows


def _aggregate(step: Step, inputs: list[Rows]) -> Rows:
    rows = inputs[0]
    groups: dict[tuple[Any, ...], list[int]] = {} if step.targets else {(): []}
    for place, key in enumerate(zip(*(rows.cells[name] for name in step.targets), strict=True) if step.targets else [()] * rows.count):
        groups.setdefault(key, []).append(place)
    cells: Cells = {name: [key[at] for key in groups] for at, name in enumerate(step.targets)}
    for one in step.aggregates:
        cells[one.name] = [_figure(one, rows, places, step) for places in groups.values()]
    return Rows(cells, len(groups))


def _figure(one: Aggregate, rows: Rows, places: list[int], step: Step) -> Any:  # noqa: ANN401 - a value of a table
    if not one.column:
        return float(len(places))
    column = rows.cells[one.column]
    values = [value for place in places if (value := column[place]) is not None]
    if one.function == "count":
        return float(len(values))
    if one.function == "distinct":
        return float(len(set(values)))
    if not values:
        return None
    if one.function in {"min", "max"}:
        return min(values) if one.function == "min" else max(values)
    return _total(one, values, step)


def _total(one: Aggregate, values: list[float], step: Step) -> float:
    try:
        total = math.fsum(values)
    except OverflowError:
        raise InputError(f"steps.{step.place}.expression", f"{one.function}({one.column}) is beyond what computers hold.") from None
    return total / len(values) if one.function == "mean" else total


def _sort(step: Step, inputs: list[Rows]) -> Rows:
    return inputs[0].taken(_sorted(inputs[0], step.order))


def _sorted(rows: Rows, order: Order) -> list[int]:
    """Places in order, empty values last; sorted by the last column first, since sorting is stable."""
    places = list(range(rows.count))
    for name, falling in reversed(order):
        column = rows.cells[name]
        filled = [place for place in places if column[place] is not None]
        empty = [place for place in places if column[place] is None]
        places = sorted(filled, key=column.__getitem__, reverse=falling) + empty
    return places


def _deduplicate(step: Step, inputs: list[Rows]) -> Rows:
    rows = inputs[0]
    keys = list(zip(*(rows.cells[name] for name in step.targets), strict=True))
    first: dict[tuple[Any, ...], int] = {}
    for place in _sorted(rows, step.order):
        first.setdefault(keys[place], place)
    return rows.taken(sorted(first.values()))


_STEPS: dict[str, Callable[[Step, list[Rows]], Rows]] = {
    "filter": _filter,
    "derive": _derive,
    "select_step": _select,
    "join": _join,
    "union": _union,
    "aggregate": _aggregate,
    "sort": _sort,
    "deduplicate": _deduplicate,
    "fill": _fill,
}
