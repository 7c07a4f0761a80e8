"""The way from today's levels to the target, in steps that fit a quarter, what others need first.

In each area the weakest side is raised, one rating at a time, until the area's level reaches the target; each side that changes is one step.
Steps are placed quarter by quarter: at most so many at once, one of an area at a time, an area only after the areas that it needs have their
definitions, and the largest importance times missing levels first. Holes in ownership come before everything.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from credit_studio.tools.data.stewardship.areas import POINTS, SIDES, Score, areas, level, mean
from credit_studio.tools.data.stewardship.inventory import Inputs, person, plain

_RATINGS = tuple(POINTS)
_NAMED = 6


@dataclass(frozen=True)
class Step:
    """One step: the quarter (1 is the first) with its last day, what to do, who leads, and the level of the area before and after."""

    quarter: int
    due: str
    area: str
    what: str
    who: str
    side: str = ""
    change: str = ""
    before: float | None = None
    after: float | None = None
    key: str = ""
    priority: float = 0.0


def roadmap(inputs: Inputs, scores: tuple[Score, ...], start: date) -> tuple[Step, ...]:
    """All steps in the order to take them."""
    first = _first(inputs, scores)
    waiting = {score.key: steps for score in scores if score.level is not None and (steps := _steps(score, inputs.target))}
    placed = [replace(step, quarter=1 + place // inputs.a_quarter) for place, step in enumerate(first)]
    quarter, room = (placed[-1].quarter, inputs.a_quarter - (len(placed) - 1) % inputs.a_quarter - 1) if placed else (1, inputs.a_quarter)
    undefined = {key for key, steps in waiting.items() if steps[0].side == "defined"}
    while waiting:
        ready = [steps[0] for key, steps in waiting.items() if not undefined & set(areas()[key].needs)]
        for step in sorted(ready, key=lambda one: -one.priority)[:room]:
            placed.append(replace(step, quarter=quarter))
            waiting[step.key] = waiting[step.key][1:]
        undefined = {key for key, steps in waiting.items() if steps and steps[0].side == "defined"}
        waiting = {key: steps for key, steps in waiting.items() if steps}
        quarter, room = quarter + 1, inputs.a_quarter
    return tuple(replace(step, due=_end(start, step.quarter).isoformat()) for step in placed)


def path(scores: tuple[Score, ...], steps: tuple[Step, ...]) -> tuple[tuple[float, float], ...]:
    """The whole's level at the start and after each quarter."""
    now = {score.key: score for score in scores}
    points = [(0.0, round(mean(now.values()) or 0.0, 2))]
    for quarter in range(1, max((step.quarter for step in steps), default=0) + 1):
        for step in steps:
            if step.quarter == quarter and step.key:
                now[step.key] = replace(now[step.key], level=step.after)
        points.append((float(quarter), round(mean(now.values()) or 0.0, 2)))
    return tuple(points)


def _first(inputs: Inputs, scores: tuple[Score, ...]) -> list[Step]:
    """What no area can do without: people, periods and ratings."""
    top = [label for label, name in (("a sponsor", inputs.sponsor), ("a governance lead", inputs.lead)) if not person(name)]
    owners = [plain(domain.name) for domain in inputs.domains if not person(domain.owner)]
    stewards = [plain(domain.name) for domain in inputs.domains if not person(domain.steward)]
    endless = [plain(one.name) for one in inputs.classes if not one.retention_months]
    unrated = [score.name for score in scores if score.level is None]
    told = (
        (top, "Ownership", f"Name {' and '.join(top)}.", "Management"),
        (owners, "Ownership", f"Name owners for {_some(owners)}.", "Sponsor"),
        (stewards, "Ownership", f"Name stewards for {_some(stewards)}.", "Data owners"),
        (endless, "Retention", f"Set retention periods for {_some(endless)}.", "Data owners"),
        (unrated if len(unrated) < len(scores) else [], "Maturity", f"Rate {_some(unrated)}, or decide that they do not matter.", "Governance lead"),
        (unrated if len(unrated) == len(scores) else [], "Maturity", "Rate the eleven areas with the people who work in them.", "Governance lead"),
    )
    return [Step(0, "", area, what, who) for missing, area, what, who in told if missing]


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _steps(score: Score, target: int) -> list[Step]:
    """The steps of one area, each side once, definitions first."""
    aim = _aim(score.ratings, target)
    known, ratings, steps = areas()[score.key], list(score.ratings), list[Step]()
    priority = score.importance * (target - (score.level or 0.0))
    for place, side in enumerate(SIDES):
        if aim[place] != ratings[place]:
            before, change = level(tuple(ratings)), f"{ratings[place]} to {aim[place]}"
            ratings[place] = aim[place]
            after = level(tuple(ratings))
            steps.append(Step(0, "", score.name, known.steps[side], known.who, side, change, before, after, score.key, priority))
    return steps


def _aim(ratings: tuple[str, ...], target: int) -> list[str]:
    """The ratings that reach the target, from raising the weakest side again and again."""
    aim = list(ratings)
    while level(tuple(aim)) < target:
        place = min(range(len(aim)), key=lambda at: POINTS[aim[at]])
        aim[place] = _RATINGS[POINTS[aim[place]] + 1]
    return aim


def _end(start: date, quarter: int) -> date:
    """The last day of a quarter of a year that begins with the start."""
    months = start.month - 1 + 3 * quarter
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1])) - timedelta(days=1)
