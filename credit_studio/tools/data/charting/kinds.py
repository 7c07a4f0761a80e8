"""Each kind of chart, from its wish and the frame to a panel."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from credit_studio.tools.base import InputError
from credit_studio.tools.data.charting import buckets
from credit_studio.tools.data.charting.figures import ADDITIVE, OTHERS, bin_width, correlation, figure, gathered, greatest
from credit_studio.tools.data.charting.frame import Frame, shown
from credit_studio.tools.data.charting.panels import Panel, PanelSeries, Task, Values, left_out, masked, noted, numbers_of, task_of, values_of
from credit_studio.tools.data.charting.spec import ChartSpec
from credit_studio.tools.data.charting.wording import figure_text, name_text, number_text, plural

MOST_ACROSS = 400
MOST_POINTS = 1_200
MOST_DOTS = 600
MOST_SERIES = 5
_MOST_COLUMNS = 12
_FEW = 50
Groups = dict[str, dict[float, list[float | str]]]


def panel(frame: Frame, spec: ChartSpec, number: int) -> Panel:
    """The figures of the chart with that number; raises `InputError` on "charts.N.<field>" for a wish that the table cannot fulfil."""
    return _KINDS[spec.kind](task_of(frame, spec, number))


@dataclass(frozen=True)
class _Across:
    """The groups along the bottom: each row's place among the labels, or its number where there are no labels."""

    places: Sequence[float | None]
    labels: tuple[str, ...]
    title: str
    bucket: str
    is_ordered: bool
    is_named: bool
    left_out: str
    days: tuple[int, ...] = ()


def _over(task: Task) -> Panel:
    """Lines, areas and bars."""
    values = values_of(task)
    across = _across(task, values)
    series = _split(task, values)
    groups: Groups = {}
    for place, name, value in zip(across.places, series, values.cells, strict=True):
        if place is not None and name is not None and value is not None:
            groups.setdefault(name, {}).setdefault(place, []).append(value)
    if not groups:
        raise InputError(f"{task.at}.x", "No row has both something across and a value.")
    lines = tuple(PanelSeries(name, _points(groups[name], across, task.spec.aggregate)) for name in _in_order(groups))
    if sum(len(line.points) for line in lines) > MOST_POINTS:
        raise InputError(f"{task.at}.series", f"Gives more than {MOST_POINTS:,} points. Split by a column with fewer values, or take wider buckets.")
    split = f" and {task.spec.series.strip()}" if task.spec.series.strip() else ""
    title = task.spec.title.strip() or f"{values.title} by {across.bucket or across.title}{split}"
    used = sum(len(found) for by_place in groups.values() for found in by_place.values())
    return Panel(
        kind=task.spec.kind,
        unit=task.spec.unit.strip(),
        title=title,
        summary=_said(lines, across, task.spec),
        note=noted(across.left_out, values.left_out),
        x=across.bucket.title() if across.bucket else across.title,
        y=values.title,
        bucket=across.bucket,
        labels=across.labels,
        days=across.days,
        series=lines,
        is_additive=task.spec.aggregate in ADDITIVE,
        is_ordered=across.is_ordered,
        used=used,
    )


def _across(task: Task, values: Values) -> _Across:
    if not task.spec.x.strip():
        raise InputError(f"{task.at}.x", "Is needed: the column along the bottom.")
    at = task.column("x")
    kind = task.frame.type(at).type
    if kind == "date":
        return _by_date(task, at)
    distinct = task.frame.type(at).distinct
    if kind == "number" and (task.spec.kind in {"line", "area"} or distinct <= _FEW):
        return _by_number(task, at)
    if task.spec.kind in {"line", "area"}:
        raise InputError(f"{task.at}.x", f"A {task.spec.kind} goes over dates or numbers, and {task.frame.names[at]!r} holds neither. Take a bar.")
    return _by_name(task, at, values)


def _by_date(task: Task, at: int) -> _Across:
    name = task.frame.names[at]
    days = masked(task.frame.days(at), task.mask)
    known = [day for day in days if day is not None]
    if not known:
        raise InputError(f"{task.at}.x", f"{name!r} holds no dates in these rows.")
    first, last = min(known), max(known)
    bucket = buckets.fitting(first, last) if task.spec.bucket == "auto" else task.spec.bucket
    if buckets.count(first, last, bucket) > MOST_ACROSS:
        raise InputError(f"{task.at}.bucket", f"Gives more than {MOST_ACROSS} {bucket}s. Take a wider bucket, or fewer rows.")
    start_by_day = buckets.starts(known, bucket)
    order = [buckets.start_of(first, bucket)]
    while order[-1] < start_by_day[last]:
        order.append(buckets.following(order[-1], bucket))
    places = {start: float(place) for place, start in enumerate(order)}
    own = [None if day is None else places[start_by_day[day]] for day in days]
    words = left_out(task.kept - len(known), f"no date in {name}")
    labels = tuple(buckets.label(start, bucket) for start in order)
    return _Across(own, labels, name, bucket, is_ordered=True, is_named=False, left_out=words, days=tuple(order))


def _by_number(task: Task, at: int) -> _Across:
    """Along an axis of numbers for lines and areas; a bar for each different number."""
    name = task.frame.names[at]
    numbers = numbers_of(task, at, "x")
    known = sorted({value for value in numbers if value is not None})
    words = left_out(task.kept - sum(value is not None for value in numbers), f"no number in {name}")
    if len(known) > MOST_ACROSS:
        raise InputError(f"{task.at}.x", f"{name!r} has {len(known):,} different numbers; at most {MOST_ACROSS} are drawn. Take a scatter or a histogram.")
    if task.spec.kind in {"line", "area"}:
        return _Across(numbers, (), name, "", is_ordered=True, is_named=False, left_out=words)
    places = {value: float(place) for place, value in enumerate(known)}
    own = [None if value is None else places[value] for value in numbers]
    return _Across(own, tuple(map(name_text, known)), name, "", is_ordered=True, is_named=False, left_out=words)


def _by_name(task: Task, at: int, values: Values) -> _Across:
    """The greatest groups by name, and all others as one."""
    names = masked(task.frame.texts(at), task.mask)
    order, rest = greatest(gathered(names, values.cells), task.spec.aggregate, task.spec.top)
    places = {name: float(place) for place, name in enumerate(order)} | dict.fromkeys(rest, float(len(order)))
    labels = (*order, *([_others(len(rest), order)] if rest else []))
    own = [None if name is None else places.get(name) for name in names]
    return _Across(own, labels, task.frame.names[at], "", is_ordered=False, is_named=True, left_out="")


def _others(count: int, taken: Sequence[str]) -> str:
    """A name for the rest that no group bears already."""
    name = f"{OTHERS} ({count:,})"
    return name if name not in taken else f"{name} "


def _split(task: Task, values: Values) -> Sequence[str | None]:
    """The series of each row: the five greatest and the others."""
    if not task.spec.series.strip():
        return masked([values.title] * task.frame.rows, task.mask)
    names = masked(task.frame.texts(task.column("series")), task.mask)
    order, rest = greatest(gathered(names, values.cells), task.spec.aggregate, MOST_SERIES)
    if len(rest) == 1:
        return names
    known = {name: name for name in order} | dict.fromkeys(rest, _others(len(rest), order))
    return [None if name is None else known.get(name) for name in names]


def _in_order(names: Iterable[str]) -> list[str]:
    """Series by name and not by figure, so that one keeps its colour from chart to chart; the others last."""
    return sorted(names, key=lambda name: (_is_rest(name), name))


def _is_rest(name: str) -> bool:
    return name.startswith(f"{OTHERS} (")


def _points(by_place: dict[float, list[float | str]], across: _Across, aggregate: str) -> tuple[tuple[float, float], ...]:
    """A figure for each place; where nothing was, a sum or a count of dates is 0, and any other figure is not there."""
    if across.bucket and aggregate in ADDITIVE:
        return tuple((float(place), figure(by_place.get(place, []), aggregate)) for place in range(len(across.labels)))
    return tuple((place, figure(by_place[place], aggregate)) for place in sorted(by_place))


def _said(lines: Sequence[PanelSeries], across: _Across, spec: ChartSpec) -> str:
    """What the chart says, in a sentence or two: of all series together where figures add up, else of the highest and lowest point."""
    if len(lines) > 1 and spec.aggregate not in ADDITIVE:
        points = [(y, f"{line.name}, {_word(across, x)}") for line in lines for x, y in line.points if not _is_rest(_word(across, x))]
        points = points or [(y, line.name) for line in lines for _, y in line.points]
        (high, most), (low, least) = max(points), min(points)
        return f"Highest: {most}, {figure_text(high, spec.unit)}; lowest: {least}, {figure_text(low, spec.unit)}."
    totals: dict[float, float] = {}
    for x, y in (point for line in lines for point in line.points):
        totals[x] = totals.get(x, 0.0) + y
    of = "All together. " if len(lines) > 1 else ""
    return of + (_by_rank(totals, across, spec) if across.is_named else _by_course(totals, across, spec))


def _word(across: _Across, x: float) -> str:
    return across.labels[int(x)] if across.labels else name_text(x)


def _by_rank(totals: dict[float, float], across: _Across, spec: ChartSpec) -> str:
    """The highest and the lowest name, and the share of the highest where shares make sense."""
    named = [x for x in totals if not _is_rest(_word(across, x))] or list(totals)
    most, least = max(named, key=lambda x: totals[x]), min(named, key=lambda x: totals[x])
    whole = math.fsum(totals.values())
    is_shared = spec.aggregate in ADDITIVE and whole > 0 and min(totals.values()) >= 0
    share = f", {100 * totals[most] / whole:.0f}\u00a0% of all" if is_shared else ""
    lowest = f"; lowest: {_word(across, least)}, {figure_text(totals[least], spec.unit)}" if len(named) > 1 else ""
    return f"Highest: {_word(across, most)}, {figure_text(totals[most], spec.unit)}{share}{lowest}."


def _by_course(totals: dict[float, float], across: _Across, spec: ChartSpec) -> str:
    """From where to where it goes, and its highest point."""
    most = max(sorted(totals), key=lambda x: totals[x])
    begin, end = (f"{figure_text(totals[x], spec.unit)} ({_word(across, x)})" for x in (min(totals), max(totals)))
    return f"From {begin} to {end}; highest: {_word(across, most)}, {figure_text(totals[most], spec.unit)}."


def _histogram(task: Task) -> Panel:
    field = "y" if task.spec.y.strip() else "x"
    if not getattr(task.spec, field).strip():
        raise InputError(f"{task.at}.y", "Is needed: the column of numbers that is cut into bins.")
    at = task.column(field)
    name = task.frame.names[at]
    numbers = [value for value in numbers_of(task, at, field) if value is not None]
    width = bin_width(numbers)
    first = math.floor(min(numbers) / width)
    counts = [0] * (math.floor(max(numbers) / width) - first + 1)
    for value in numbers:
        counts[math.floor(value / width) - first] += 1
    unit = task.spec.unit
    labels = tuple(f"{number_text((first + place) * width)} to {number_text((first + place + 1) * width)}" for place in range(len(counts)))
    ranked = sorted(numbers)
    low, middle, high = (ranked[min(len(ranked) - 1, len(ranked) * part // 4)] for part in (1, 2, 3))
    between = f"between {figure_text(low, unit)} and {figure_text(high, unit)}"
    said = f"Half of {plural(len(numbers), 'value')} lie {between}; the middle is {figure_text(middle, unit)}."
    return Panel(
        kind=task.spec.kind,
        title=task.spec.title.strip() or f"Distribution of {name}",
        summary=said,
        note=noted(
            left_out(task.kept - len(numbers), f"no number in {name}"), f"A bin holds its lower end and not its upper one; each is {number_text(width)} wide."
        ),
        x=f"{name}, {unit}" if unit else name,
        y="Rows",
        labels=labels,
        series=(PanelSeries("Rows", tuple((float(place), float(count)) for place, count in enumerate(counts))),),
        is_ordered=True,
        is_additive=True,
        used=len(numbers),
    )


def _scatter(task: Task) -> Panel:
    if not task.spec.x.strip() or not task.spec.y.strip():
        raise InputError(f"{task.at}.{'x' if not task.spec.x.strip() else 'y'}", "Is needed: a scatter compares two columns of numbers.")
    x, y = task.column("x"), task.column("y")
    xs, ys = numbers_of(task, x, "x"), numbers_of(task, y, "y")
    names = _split(task, Values(ys, task.frame.names[y], ""))
    rows = [(a, b, name) for a, b, name in zip(xs, ys, names, strict=True) if a is not None and b is not None and name is not None]
    if not rows:
        raise InputError(f"{task.at}.y", "No row has a number in both columns.")
    step = -(-len(rows) // MOST_DOTS)
    groups: dict[str, list[tuple[float, float]]] = {}
    for a, b, name in rows[::step]:
        groups.setdefault(name, []).append((a, b))
    r = correlation([a for a, _, _ in rows], [b for _, b, _ in rows])
    left, down = task.frame.names[x], task.frame.names[y]
    return Panel(
        kind=task.spec.kind,
        unit=task.spec.unit.strip(),
        title=task.spec.title.strip() or f"{down} against {left}",
        summary=_related(r, len(rows)),
        note=noted(left_out(task.kept - len(rows), "no number in both"), f"One row in {step} is drawn; the correlation is of all." if step > 1 else ""),
        x=left,
        y=down,
        series=tuple(PanelSeries(name, tuple(groups[name])) for name in _in_order(groups)),
        used=len(rows),
    )


def _related(r: float | None, count: int) -> str:
    if r is None:
        return f"{plural(count, 'row')}; one of the columns does not vary, or there are too few rows to tell a correlation."
    how = "strong" if abs(r) >= 0.7 else "moderate" if abs(r) >= 0.4 else "weak" if abs(r) >= 0.1 else "no"  # noqa: PLR2004 - the usual bands
    way = "" if how == "no" else " positive" if r > 0 else " negative"
    return f"{plural(count, 'row')}: {how}{way} linear correlation, r = {number_text(round(r, 2))}."


def _key_figure(task: Task) -> Panel:
    values = values_of(task)
    known = [value for value in values.cells if value is not None]
    of = "" if values.title == "Rows" else f"of {plural(len(known), 'row')}"
    where = f"{', ' if of else ''}where {task.spec.where.strip()}" if task.spec.where.strip() else ""
    title = task.spec.title.strip() or values.title
    return Panel(
        kind=task.spec.kind,
        unit=task.spec.unit.strip(),
        title=title,
        summary=f"{of}{where}".strip(),
        note=values.left_out,
        y=values.title,
        figure=figure(known, task.spec.aggregate),
        used=len(known),
    )


def _table(task: Task) -> Panel:
    if not task.spec.x.strip():
        return _rows(task)
    values = values_of(task)
    across = _across(task, values)
    groups: dict[float, list[float | str]] = gathered(across.places, values.cells)
    figures = {place: figure(found, task.spec.aggregate) for place, found in groups.items()}
    everything = math.fsum(figures.values())
    is_shared = task.spec.aggregate in ADDITIVE and everything > 0 and min(figures.values()) >= 0
    columns = [across.title, *([] if values.title == "Rows" else ["Rows"]), values.title, *(["Share"] if is_shared else [])]
    rows: list[tuple[str | float | None, ...]] = []
    for place in sorted(figures):
        label = _word(across, place)
        counts = [] if values.title == "Rows" else [float(len(groups[place]))]
        rows.append((label, *counts, figures[place], *([figures[place] / everything] if is_shared else [])))
    title = task.spec.title.strip() or f"{values.title} by {across.bucket or across.title}"
    used = sum(map(len, groups.values()))
    return Panel(
        kind=task.spec.kind,
        unit=task.spec.unit.strip(),
        title=title,
        y=values.title,
        summary=f"{plural(len(rows), 'row')}.",
        note=noted(across.left_out, values.left_out),
        columns=tuple(columns),
        rows=tuple(rows),
        used=used,
    )


def _rows(task: Task) -> Panel:
    """The first rows as they stand in the file."""
    frame = task.frame
    places = [at for at in range(frame.rows) if task.mask is None or task.mask[at]][: task.spec.top]
    rows = tuple(tuple(shown(cells[at].strip()) for cells in frame.cells[:_MOST_COLUMNS]) for at in places)
    more = len(frame.names) - _MOST_COLUMNS
    note = f"The first {plural(len(rows), 'row')} of {task.kept:,}." + (f" {plural(more, 'more column')} are not shown." if more > 0 else "")
    title = task.spec.title.strip() or "First rows"
    return Panel(
        kind=task.spec.kind,
        unit=task.spec.unit.strip(),
        title=title,
        summary=f"{plural(len(rows), 'row')}.",
        note=note,
        columns=frame.names[:_MOST_COLUMNS],
        rows=rows,
        used=len(rows),
    )


_KINDS: dict[str, Callable[[Task], Panel]] = {
    "line": _over,
    "area": _over,
    "bar": _over,
    "scatter": _scatter,
    "histogram": _histogram,
    "key figure": _key_figure,
    "table": _table,
}
