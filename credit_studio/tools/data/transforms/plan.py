"""Steps as a checked plan: what each reads, which columns of which types it gives, in an order in which they can run.

Every mistake is an `InputError` on its field ("steps.2.columns"): unknown steps and columns, types that do not go together, circles.
"""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from credit_studio.tools.base import InputError
from credit_studio.tools.data.transforms.expressions import BOOLEAN, NOTHING, NUMBER, Columns, Expr, column_of, parse, parse_named, unknown
from credit_studio.tools.data.transforms.steps import PipelineStep

MOST_NAME, MOST_COLUMNS, MOST_TOGETHER = 60, 100, 1_500
FUNCTIONS = ("count", "sum", "mean", "min", "max", "distinct")
Order = tuple[tuple[str, bool], ...]


@dataclass
class Table:
    """A named table: its columns with their types, in order."""

    name: str
    columns: dict[str, str]


@dataclass(frozen=True)
class Aggregate:
    """One figure of a group: `function` of `column`; "" counts rows."""

    name: str
    function: str
    column: str


@dataclass
class Step(Table):
    """One checked step. `place` counts from 0 in the form; `renamed` is (old, new), `keys` (left, right), `order` (column, falling)."""

    place: int = 0
    op: str = ""
    inputs: tuple[Table, ...] = ()
    expression: Expr | None = None
    targets: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    order: Order = ()
    aggregates: tuple[Aggregate, ...] = ()
    how: str = "inner"
    is_used: bool = False


@dataclass
class Plan:
    """Sources, steps in the order in which they run, and the step whose rows are the output."""

    sources: list[Table]
    steps: list[Step]
    output: Step
    warnings: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def make_plan(rows: Sequence[PipelineStep], sources: list[Table]) -> Plan:
    """The checked plan; the last step of the form gives the output."""
    names = _names(rows, sources)
    reads = [_reads(place, rows, names, sources) for place in range(len(rows))]
    made: dict[str, Table] = {source.name.lower(): source for source in sources}
    steps: list[Step] = []
    for place in _in_order(reads, names):
        step = _step(place, names[place], rows[place], tuple(made[name] for name in reads[place]))
        made[names[place].lower()] = step
        steps.append(step)
        if sum(len(one.columns) for one in steps) > MOST_TOGETHER:
            raise InputError(f"steps.{place}.columns", f"All steps together give more than {MOST_TOGETHER:,} columns. Select those that are needed, first.")
    output = next(step for step in steps if step.place == len(rows) - 1)
    _mark(output)
    return Plan(sources, steps, output, _warnings(steps, sources, output))


def _names(rows: Sequence[PipelineStep], sources: list[Table]) -> list[str]:
    taken = {source.name.lower() for source in sources}
    names: list[str] = []
    for place, row in enumerate(rows):
        name = " ".join(row.name.split()) or f"step {place + 1}"
        if name.lower() in taken:
            raise InputError(f"steps.{place}.name", f"There is a source or a step called {name[:40]!r} already.")
        if len(name.encode()) > MOST_NAME or not name.isprintable():
            raise InputError(f"steps.{place}.name", f"Must be printable and at most {MOST_NAME} bytes long.")
        taken.add(name.lower())
        names.append(name)
    return names


def _reads(place: int, rows: Sequence[PipelineStep], names: list[str], sources: list[Table]) -> list[str]:
    """What a step reads, in small letters."""
    row = rows[place]
    known = {name.lower() for name in (*names, *(source.name for source in sources))}
    first = " ".join(row.source.split()).lower() or (names[place - 1].lower() if place else sources[0].name.lower())
    found = [("source", first)]
    if row.operation in {"join", "union"}:
        if not row.second.strip():
            raise InputError(f"steps.{place}.second", "Needs the second source or step.")
        found.append(("second", " ".join(row.second.split()).lower()))
    elif row.second.strip():
        raise InputError(f"steps.{place}.second", "Only join and append read a second one.")
    for where, name in found:
        if name not in known:
            there = ", ".join([*(source.name for source in sources), *names])[:300]
            raise InputError(f"steps.{place}.{where}", f"There is no source or step {name[:40]!r}. There are: {there}.")
    return [name for _, name in found]


def _in_order(reads: list[list[str]], names: list[str]) -> list[int]:
    """The places of the steps, each after what it reads; raises for a circle, naming its steps."""
    place_of = {name.lower(): place for place, name in enumerate(names)}
    done: list[int] = []
    for start in range(len(names)):
        way: list[int] = []
        ahead = [(start, False)]
        while ahead:
            place, is_left = ahead.pop()
            if is_left:
                way.pop()
                done.append(place)
            elif place in way:
                circle = [names[one] for one in [*way[way.index(place) :], place]]
                raise InputError(f"steps.{place}.source", f"Goes round in a circle: {' reads '.join(circle)}.")
            elif place not in done:
                way.append(place)
                ahead.append((place, True))
                ahead += [(place_of[name], False) for name in reversed(reads[place]) if name in place_of]
    return done


def _mark(output: Step) -> None:
    ahead: list[Table] = [output]
    while ahead:
        one = ahead.pop()
        if isinstance(one, Step) and not one.is_used:
            one.is_used = True
            ahead += one.inputs


def _warnings(steps: list[Step], sources: list[Table], output: Step) -> list[tuple[str, str]]:
    used = {table.name for step in steps if step.is_used for table in step.inputs}
    said = [(step.name, "Its rows go nowhere: no step on the way to the output reads it.") for step in steps if not step.is_used]
    said += [(source.name, "This source is not read.") for source in sources if source.name not in used]
    lost = [step for step in steps if step.op == "sort" and step is not output and step.is_used]
    return [*said, *((step.name, "SQL keeps an order only when the sort is the last step.") for step in lost)]


# --- each operation -----------------------------------------------------------------------------------------------------------


def _step(place: int, name: str, row: PipelineStep, inputs: tuple[Table, ...]) -> Step:
    step = Step(name, dict(inputs[0].columns), place, row.operation, inputs, how=row.how)
    at = f"steps.{place}"
    if row.operation in {"select", "rename", "sort", "union", "join"} and row.expression.strip():
        raise InputError(f"{at}.expression", "This step takes no expression.")
    if row.operation in {"filter", "union"} and row.columns.strip():
        raise InputError(f"{at}.columns", "This step takes no columns.")
    _MAKERS[row.operation](step, row, at)
    if len(step.columns) > MOST_COLUMNS:
        raise InputError(f"{at}.columns", f"Gives more than {MOST_COLUMNS} columns.")
    return step


def _filter(step: Step, row: PipelineStep, at: str) -> None:
    step.expression = parse(row.expression, step.inputs[0].columns, f"{at}.expression")
    if step.expression.type != BOOLEAN:
        raise InputError(f"{at}.expression", f"Gives {step.expression.type}; a filter needs true or false, such as amount > 100.")


def _derive(step: Step, row: PipelineStep, at: str) -> None:
    name = check_name(row.columns, f"{at}.columns")
    step.expression = parse(row.expression, step.inputs[0].columns, f"{at}.expression")
    if step.expression.type == NOTHING:
        raise InputError(f"{at}.expression", "Is always empty and has no type.")
    same = next((one for one in step.columns if one.lower() == name.lower()), name)
    step.targets = (same,)
    step.columns[same] = step.expression.type


def _select(step: Step, row: PipelineStep, at: str) -> None:
    pairs = [_as(item, step.inputs[0].columns, f"{at}.columns") for item in _items(row.columns, f"{at}.columns")]
    _once([new for _, new in pairs], f"{at}.columns")
    step.op, step.renamed = "select_step", tuple(pairs)
    step.columns = {new: step.inputs[0].columns[old] for old, new in pairs}


def _rename(step: Step, row: PipelineStep, at: str) -> None:
    pairs = dict(_as(item, step.inputs[0].columns, f"{at}.columns") for item in _items(row.columns, f"{at}.columns"))
    if all(old == new for old, new in pairs.items()):
        raise InputError(f"{at}.columns", "Renames nothing: write old as new.")
    step.op, step.renamed = "select_step", tuple((old, pairs.get(old, old)) for old in step.inputs[0].columns)
    _once([new for _, new in step.renamed], f"{at}.columns")
    step.columns = {new: step.inputs[0].columns[old] for old, new in step.renamed}


def _as(item: str, columns: Columns, where: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.{1,200}?)\s+as\s+(.{1,200})", item, re.IGNORECASE) if item not in columns else None
    old, new = (found[1].strip(), check_name(found[2], where)) if found else (item, item)
    return _known(old, columns, where), new


def _join(step: Step, row: PipelineStep, at: str) -> None:
    left, right = step.inputs
    pairs: list[tuple[str, str]] = []
    for item in _items(row.columns, f"{at}.columns"):
        first, _, second = item.partition("=")
        a = _known(first.strip(), left.columns, f"{at}.columns")
        b = _known(second.strip() or a, right.columns, f"{at}.columns")
        if left.columns[a] != right.columns[b]:
            raise InputError(f"{at}.columns", f"{a!r} is {left.columns[a]} and {b!r} is {right.columns[b]}: they never match.")
        pairs.append((a, b))
    step.keys = tuple(dict.fromkeys(pairs))
    if step.how != "anti":
        step.renamed = _added(left, right, {b for _, b in pairs}, at)
        step.columns |= {new: right.columns[old] for old, new in step.renamed}


def _added(left: Table, right: Table, keys: set[str], at: str) -> tuple[tuple[str, str], ...]:
    """The columns of the right side, under another name where the left one has theirs."""
    taken = {name.lower() for name in left.columns}
    made: list[tuple[str, str]] = []
    for old in right.columns:
        if old not in keys:
            new = f"{old}_right" if old.lower() in taken else old
            taken.add(new.lower())
            made.append((old, check_name(new, f"{at}.columns")))
    _once([*left.columns, *(new for _, new in made)], f"{at}.columns")
    return tuple(made)


def _union(step: Step, _row: PipelineStep, at: str) -> None:
    left, right = step.inputs
    if left.columns != right.columns:  # as dicts: their order may differ
        differing = sorted(set(left.columns.items()) ^ set(right.columns.items()))[:3]
        raise InputError(f"{at}.second", f"Both must have the same columns of the same types: look at {', '.join(name for name, _ in differing)[:200]}.")


def _aggregate(step: Step, row: PipelineStep, at: str) -> None:
    columns = step.inputs[0].columns
    keys = [_known(item, columns, f"{at}.columns") for item in _split(row.columns)]
    _once(keys, f"{at}.columns")
    made = [_one_aggregate(name, node, columns, f"{at}.expression") for name, node in parse_named(row.expression, f"{at}.expression")]
    if not made:
        raise InputError(f"{at}.expression", "Needs at least one figure: rows = count().")
    _once([*keys, *(one.name for one in made)], f"{at}.expression")
    step.targets, step.aggregates = tuple(keys), tuple(made)
    step.columns = {key: columns[key] for key in keys} | {one.name: columns[one.column] if one.function in {"min", "max"} else NUMBER for one in made}


def _one_aggregate(name: str, node: ast.expr, columns: Columns, where: str) -> Aggregate:
    check_name(name, where)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords or len(node.args) > 1:
        raise InputError(where, f"{name[:40]} must be one of {', '.join(FUNCTIONS)} of a column: total = sum(amount).")
    function = node.func.id
    if not node.args:
        if function != "count":
            raise InputError(where, f"{function}() needs a column.")
        return Aggregate(name, function, "")
    one = column_of(node.args[0], columns, where)
    if function in {"sum", "mean"} and one.type != NUMBER:
        raise InputError(where, f"{function}() needs a number; {one.value} is {one.type}.")
    if function in {"min", "max"} and one.type == BOOLEAN:
        raise InputError(where, f"{function}() of true or false has no meaning.")
    return Aggregate(name, function, str(one.value))


def _sort(step: Step, row: PipelineStep, at: str) -> None:
    step.order = _ordering(_items(row.columns, f"{at}.columns"), step.columns, f"{at}.columns")


def _deduplicate(step: Step, row: PipelineStep, at: str) -> None:
    """All columns stand behind the asked order, so that every engine keeps the same row."""
    columns = step.inputs[0].columns
    keys = [_known(item, columns, f"{at}.columns") for item in _split(row.columns)] or list(columns)
    _once(keys, f"{at}.columns")
    asked = _ordering(_split(row.expression), columns, f"{at}.expression")
    step.targets = tuple(keys)
    step.order = (*asked, *((name, False) for name in columns if name not in {one for one, _ in asked}))


def _fill(step: Step, row: PipelineStep, at: str) -> None:
    names = [_known(item, step.columns, f"{at}.columns") for item in _items(row.columns, f"{at}.columns")]
    kinds = {step.columns[name] for name in names}
    if len(kinds) > 1:
        raise InputError(f"{at}.columns", f"Columns of one type only, please: these are {', '.join(sorted(kinds))}.")
    whole = parse(f"coalesce({_spelt(names[0])}, {row.expression.strip() or 'None'})", step.columns, f"{at}.expression")
    step.expression, step.targets = whole.parts[1], tuple(names)
    if step.expression.op == "none":
        raise InputError(f"{at}.expression", "Needs a value to fill with, such as 0 or 'unknown'.")


def _spelt(name: str) -> str:
    return f"col({name!r})"


# --- names --------------------------------------------------------------------------------------------------------------------


def check_name(name: str, where: str) -> str:
    """A usable name of a column; raises `InputError` on `where`. Databases cut names after 63 bytes."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy.encode(errors="replace")) > MOST_NAME or not tidy.isprintable():
        raise InputError(where, f"Must be a name of 1 to {MOST_NAME} bytes that can be printed." if tidy else "Needs the name of a column.")
    if tidy.lower() == "row number":
        raise InputError(where, "“row number” is a name that the SQL needs for itself.")
    return tidy


def _once(names: list[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise InputError(where, f"Two columns would be called {name[:60]!r}; capitals do not tell names apart.")
        seen.add(name.lower())


def _split(text: str) -> list[str]:
    return [item for part in text.split(",") if (item := " ".join(part.split()))]


def _items(text: str, where: str) -> list[str]:
    found = _split(text)
    if not found:
        raise InputError(where, "Needs at least one column.")
    return found


def _known(name: str, columns: Columns, where: str) -> str:
    if name not in columns:
        raise InputError(where, unknown(name, columns))
    return name


def _ordering(items: list[str], columns: Columns, where: str) -> Order:
    made: dict[str, bool] = {}
    for item in items:
        found = re.fullmatch(r"(.{1,200}?)\s+(asc|desc)", item, re.IGNORECASE) if item not in columns else None
        name, falling = (found[1], found[2].lower() == "desc") if found else (item, False)
        made.setdefault(_known(name, columns, where), falling)
    return tuple(made.items())


_MAKERS: dict[str, Callable[[Step, PipelineStep, str], None]] = {
    "filter": _filter,
    "derive": _derive,
    "select": _select,
    "rename": _rename,
    "join": _join,
    "union": _union,
    "aggregate": _aggregate,
    "sort": _sort,
    "deduplicate": _deduplicate,
    "fill": _fill,
}
