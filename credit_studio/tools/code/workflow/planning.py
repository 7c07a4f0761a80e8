"""From stories with sizes to a schedule: tasks with three-point estimates, who can work on what at once, and when it is likely to be done.

Mean (o + 4m + p) / 6 and deviation (p - o) / 6 are those of PERT (Malcolm and others, 1959); the schedule gives each free person the ready task with the
longest way to the end (list scheduling by critical path); the date of 90 % takes the longest chain's deviations as independent and normal.
"""

from dataclasses import dataclass
from math import sqrt

Z_90 = 1.2816
"""The standard normal quantile of 90 %."""

SIZES = {"s": (0.5, 1.0, 2.0), "m": (1.5, 3.0, 5.0), "l": (3.0, 5.0, 10.0), "xl": (5.0, 10.0, 20.0)}
"""Best, likely and worst working days of one person."""


@dataclass(frozen=True)
class Work:
    """A task before it is planned: what it needs first, by key, and its days (best, likely, worst)."""

    key: str
    title: str
    milestone: str
    after: tuple[str, ...]
    days: tuple[float, float, float]
    done_when: str

    @property
    def mean(self) -> float:
        """Expected working days."""
        best, likely, worst = self.days
        return (best + 4 * likely + worst) / 6

    @property
    def deviation(self) -> float:
        """Standard deviation in working days."""
        return (self.days[2] - self.days[0]) / 6


@dataclass(frozen=True)
class Planned:
    """A task with its place: person from 1, start and end in working days from 0, days that it may slip without moving the end."""

    key: str
    title: str
    milestone: str
    after: tuple[str, ...]
    best: float
    likely: float
    worst: float
    mean: float
    person: int
    start: float
    end: float
    is_critical: bool
    done_when: str


@dataclass(frozen=True)
class Schedule:
    """The tasks in the order of their start; days in all, days of 90 %, person days, and the keys of the longest chain of needs."""

    tasks: tuple[Planned, ...]
    days: float
    days_90: float
    effort: float
    chain: tuple[str, ...]


def schedule(works: list[Work], people: int) -> Schedule:
    """Plan; `works` stand in an order in which each comes after what it needs."""
    tails = _tails(works)
    placed: dict[str, tuple[int, float, float]] = {}
    free = [0.0] * people
    waiting = list(works)
    while waiting:
        ready = [work for work in waiting if all(key in placed for key in work.after)]
        work = max(ready, key=lambda one: (tails[one.key], -works.index(one)))
        can_start = max((placed[key][2] for key in work.after), default=0.0)
        person = min(range(people), key=lambda one: (max(free[one], can_start), one))
        start = max(free[person], can_start)
        free[person] = start + work.mean
        placed[work.key] = (person + 1, start, free[person])
        waiting.remove(work)
    chain = _chain(works, tails)
    days = max(free)
    spread = Z_90 * sqrt(sum(work.deviation**2 for work in works if work.key in chain))
    tasks = sorted((_planned(work, placed[work.key], is_critical=work.key in chain) for work in works), key=lambda one: (one.start, one.person))
    return Schedule(tuple(tasks), round(days, 1), round(days + spread, 1), round(sum(work.mean for work in works), 1), chain)


def _tails(works: list[Work]) -> dict[str, float]:
    """For each task, the expected days of the longest chain that begins with it."""
    tails = {work.key: work.mean for work in works}
    for work in reversed(works):
        for key in work.after:
            before = next(one for one in works if one.key == key)
            tails[key] = max(tails[key], before.mean + tails[work.key])
    return tails


def _chain(works: list[Work], tails: dict[str, float]) -> tuple[str, ...]:
    """The longest chain of needs, first task first."""
    chain: list[str] = []
    choices = [work for work in works if not work.after]
    while choices:
        longest = max(choices, key=lambda one: tails[one.key])
        chain.append(longest.key)
        choices = [work for work in works if longest.key in work.after]
    return tuple(chain)


def _planned(work: Work, place: tuple[int, float, float], *, is_critical: bool) -> Planned:
    person, start, end = place
    best, likely, worst = work.days
    given = {"best": best, "likely": likely, "worst": worst, "mean": round(work.mean, 2), "start": round(start, 2), "end": round(end, 2)}
    return Planned(work.key, work.title, work.milestone, work.after, **given, person=person, is_critical=is_critical, done_when=work.done_when)
