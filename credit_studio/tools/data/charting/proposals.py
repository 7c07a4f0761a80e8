"""Charts for a table nobody has asked anything of yet: from the types of its columns, each with the reason."""

import re

from credit_studio.tools.data.charting.frame import ColumnType, Frame
from credit_studio.tools.data.charting.spec import ChartSpec

_KEY = re.compile(r"(^|[^a-z])(id|key|nr|code|zip|postcode|phone|uuid|index|year|month|day)($|[^a-z])|^(no|number|#)$")
_AVERAGED = re.compile(
    r"price|rate|ratio|score|rating|percent|pct|share|temp|age|height|width|length|weight|latency|duration|speed|margin|mean|average|avg|grade|bmi"
)
_MOST_BARS, _MOST_LINES = 50, 6
_CALLED_ID = re.compile(r"(?<=[a-z])(?=[A-Z])")
Proposal = tuple[ChartSpec, str]


def propose(frame: Frame) -> list[Proposal]:
    """At most nine charts, the most telling first; a table without numbers, dates and categories gives a count and its first rows."""
    types = [frame.type(at) for at in range(min(len(frame.names), 60))]
    measures = [one for one in types if one.type == "number" and not _is_key(one)]
    dates = [one for at, one in enumerate(types) if one.type == "date" and len(set(frame.days(at)) - {None}) > 1]
    groups = sorted((one for one in types if one.type == "category" and 1 < one.distinct <= _MOST_BARS), key=_telling)
    found = [*_figures(measures, groups), *_over_time(measures, dates, groups), *_by_group(measures, groups), *_spreads(measures, groups)]
    return found if len(found) > 1 else [*found, (ChartSpec(kind="table", top=20), "No column suits a chart, so the first rows stand for themselves.")]


def _is_key(column: ColumnType) -> bool:
    """A number that names something and measures nothing, by what it is called: an id, a code, a year."""
    return bool(_KEY.search(_CALLED_ID.sub(" ", column.name).lower().strip()))


def _telling(column: ColumnType) -> tuple[bool, int]:
    """Three to twelve groups tell most."""
    return not 3 <= column.distinct <= 12, column.distinct  # noqa: PLR2004 - what a person takes in


def _aggregate(name: str) -> str:
    return "mean" if _AVERAGED.search(name.lower()) else "sum"


def _spec(kind: str, measure: ColumnType | None, **given: object) -> ChartSpec:
    aggregate = "count" if measure is None else _aggregate(measure.name)
    return ChartSpec(kind=kind, y=measure.name if measure else "", aggregate=aggregate, **given)  # type: ignore[arg-type]


def _figures(measures: list[ColumnType], groups: list[ColumnType]) -> list[Proposal]:
    found: list[Proposal] = [(_spec("key figure", None), "How many rows there are.")]
    for one in measures[:2]:
        how = "averaged, as its name says that it does not add up" if _aggregate(one.name) == "mean" else "added up"
        found.append((_spec("key figure", one), f"{one.name!r} is a number, {how}."))
    if groups:
        found.append((ChartSpec(kind="key figure", y=groups[0].name, aggregate="distinct"), f"{groups[0].name!r} names groups."))
    return found


def _over_time(measures: list[ColumnType], dates: list[ColumnType], groups: list[ColumnType]) -> list[Proposal]:
    if not dates:
        return []
    measure = measures[0] if measures else None
    found = [(_spec("line", measure, x=dates[0].name), f"{dates[0].name!r} holds dates.")]
    few = next((one for one in groups if one.distinct <= _MOST_LINES), None)
    if few:
        found.append((_spec("bar", measure, x=dates[0].name, series=few.name), f"{few.name!r} has {few.distinct} groups, few enough to stand side by side."))
    return found


def _by_group(measures: list[ColumnType], groups: list[ColumnType]) -> list[Proposal]:
    measure = measures[0] if measures else None
    return [(_spec("bar", measure, x=one.name), f"{one.name!r} names {one.distinct} groups.") for one in groups[:2]]


def _spreads(measures: list[ColumnType], groups: list[ColumnType]) -> list[Proposal]:
    found: list[Proposal] = []
    if measures:
        found.append((ChartSpec(kind="histogram", y=measures[0].name), f"How {measures[0].name!r} is spread."))
    if len(measures) > 1:
        few = next((one.name for one in groups if one.distinct <= _MOST_LINES), "")
        found.append((ChartSpec(kind="scatter", x=measures[0].name, y=measures[1].name, series=few), "Two columns of numbers may be connected."))
    return found
