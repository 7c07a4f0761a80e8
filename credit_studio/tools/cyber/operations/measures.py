"""Times, service levels and backlogs over records, by these definitions.

- A time belongs to the month in which it ends, so that a month's figure does not change later. MTTD: occurred to detected. MTTA, MTTC and MTTR:
  detected to acknowledged, contained and resolved. Medians are of the middle pair; the 90th percentile is nearest rank.
- A vulnerability is decided when it is fixed on time, or when its deadline passes without a fix, whichever comes first. Compliance is the share
  of the decided that were fixed on time. A fix on the last day is on time.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TypeVar

from credit_studio.tools.cyber.operations.columns import SEVERITIES
from credit_studio.tools.cyber.operations.moments import DAY_S, HOUR_S, day_of, month_of, month_start
from credit_studio.tools.cyber.operations.records import Incident, Vulnerability

TIMES = (
    ("detect", "occurred", "detected"),
    ("acknowledge", "detected", "acknowledged"),
    ("contain", "detected", "contained"),
    ("resolve", "detected", "resolved"),
)
BANDS = ((30, "up to 30 days"), (60, "31 to 60"), (90, "61 to 90"), (180, "91 to 180"), (math.inf, "over 180 days"))
T = TypeVar("T")
Lasting = tuple[int, float, str]
"""When a time ended (seconds since 1970), how long it took (hours or days), and its severity."""


@dataclass(frozen=True)
class Window:
    """The months that are looked at, in order, the last one up to `as_of`; months are numbered as `moments.month_of` does."""

    as_of: int
    offset_s: int
    months: tuple[int, ...]

    @property
    def start(self) -> int:
        """Its first second."""
        return month_start(self.months[0], self.offset_s)

    def holds(self, at: int) -> bool:
        """Whether a moment lies in it."""
        return self.start <= at <= self.as_of

    def place(self, at: int) -> int:
        """The place in `months` of a moment that lies in it."""
        return month_of(at, self.offset_s) - self.months[0]

    @property
    def ends(self) -> list[int]:
        """The last second of each month, the as-of moment for the last."""
        return [min(self.as_of, month_start(month + 1, self.offset_s) - 1) for month in self.months]

    @property
    def is_last_whole(self) -> bool:
        """Whether the as-of moment is on the last day of its month."""
        return self.as_of + DAY_S >= month_start(self.months[-1] + 1, self.offset_s)


@dataclass(frozen=True)
class Spread:
    """How long something took, of so many: mean, median, 90th percentile and the most; hours for incidents, days for vulnerabilities."""

    count: int
    mean: float
    median: float
    p90: float
    most: float


@dataclass(frozen=True)
class TimeRow:
    """One time over the window, for one severity or for "all"."""

    measure: str
    severity: str
    spread: Spread


@dataclass(frozen=True)
class SlaRow:
    """Vulnerabilities of one severity, or of "all", decided in the window: on time, late, still open past the deadline; and how long fixes took."""

    severity: str
    days: int | None
    decided: int
    on_time: int
    late: int
    overdue: int
    compliance: float | None
    fixes: Spread | None


@dataclass(frozen=True)
class BacklogRow:
    """What is open of one severity, or of "all": its age in days, how many in each of `BANDS`, how many past their deadline, and by how many days at most."""

    severity: str
    open: int
    overdue: int
    most_late: int
    median_age: float
    oldest: int
    bands: tuple[int, ...]


def spread(values: Sequence[float]) -> Spread | None:
    """None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return Spread(len(ranked), math.fsum(ranked) / len(ranked), float(median(ranked)), ranked[-(-len(ranked) * 9 // 10) - 1], ranked[-1])


def lasting(incidents: Iterable[Incident], start: str, end: str) -> list[Lasting]:
    """The times in hours between two moments of each incident that has both."""
    pairs = ((getattr(one, start), getattr(one, end), one.severity) for one in incidents)
    return [(last, (last - first) / HOUR_S, severity) for first, last, severity in pairs if first is not None and last is not None]


def remediation(vulnerabilities: Iterable[Vulnerability]) -> list[Lasting]:
    """The days from found to fixed of each that is fixed."""
    return [(one.fixed, (one.fixed - one.found) / DAY_S, one.severity) for one in vulnerabilities if one.fixed is not None]


def time_rows(measure: str, times: Iterable[Lasting], window: Window) -> list[TimeRow]:
    """The spread of a time in the window, of all and by severity; nothing for nothing."""
    within = [one for one in times if window.holds(one[0])]
    rows = [("all", [hours for _, hours, _ in within]), *((level, [hours for _, hours, own in within if own == level]) for level in SEVERITIES)]
    return [TimeRow(measure, level, found) for level, values in rows if (found := spread(values))]


def monthly(times: Iterable[Lasting], window: Window, of: Callable[[list[float]], T]) -> list[T | None]:
    """A figure of the times that ended in each month; None for a month without."""
    held: list[list[float]] = [[] for _ in window.months]
    for end, value, _ in times:
        if window.holds(end):
            held[window.place(end)].append(value)
    return [of(values) if values else None for values in held]


def counted(moments: Iterable[int], window: Window) -> list[int]:
    """How many moments lie in each month."""
    counts = [0] * len(window.months)
    for at in moments:
        if window.holds(at):
            counts[window.place(at)] += 1
    return counts


def standing(spans: Iterable[tuple[int, int | None]], window: Window) -> list[int]:
    """How many spans (begin, end or None) stand at the end of each month: begun, and not ended by then."""
    pairs = list(spans)
    begins, ends = sorted(begin for begin, _ in pairs), sorted(end for _, end in pairs if end is not None)
    return [bisect_right(begins, at) - bisect_right(ends, at) for at in window.ends]


def open_spans(records: Iterable[Incident | Vulnerability]) -> list[tuple[int, int | None]]:
    """When each record was open; one that was closed at an unknown time is left out."""
    pairs = ((one.detected, one.resolved, one.is_open) if isinstance(one, Incident) else (one.found, one.fixed, one.is_open) for one in records)
    return [(begin, end) for begin, end, is_open in pairs if is_open or end is not None]


def overdue_spans(vulnerabilities: Iterable[Vulnerability]) -> list[tuple[int, int | None]]:
    """When each vulnerability was open past its deadline."""
    late = ((one.deadline + 1, one.fixed) for one in vulnerabilities if one.deadline is not None and (one.is_open or one.fixed is not None))
    return [(begin, end) for begin, end in late if end is None or end >= begin]


def decided(one: Vulnerability, as_of: int) -> tuple[int, str] | None:
    """When a vulnerability was decided, and how: "on time", "late" or "overdue"; None when it is not yet, or nothing is known."""
    if one.deadline is None or not (one.is_open or one.fixed is not None):
        return None
    if one.fixed is not None and one.fixed <= one.deadline:
        return one.fixed, "on time"
    passed = one.deadline + 1
    return (passed, "overdue" if one.fixed is None else "late") if passed <= as_of else None


def sla_rows(vulnerabilities: Sequence[Vulnerability], days: dict[str, int], window: Window) -> list[SlaRow]:
    """Compliance by severity, then of all; severities that have none are left out."""
    outcomes = [(one.severity, how[1]) for one in vulnerabilities if (how := decided(one, window.as_of)) and window.holds(how[0])]
    fixes = [one for one in remediation(vulnerabilities) if window.holds(one[0])]
    rows: list[SlaRow] = []
    for level in (*SEVERITIES, "all"):
        how = [result for own, result in outcomes if level in {own, "all"}]
        taken = spread([value for _, value, own in fixes if level in {own, "all"}])
        if how or taken:
            on_time, late, overdue = (how.count(word) for word in ("on time", "late", "overdue"))
            rows.append(SlaRow(level, days.get(level), len(how), on_time, late, overdue, on_time / len(how) if how else None, taken))
    return rows


def compliance(vulnerabilities: Iterable[Vulnerability], window: Window, severities: frozenset[str]) -> list[float | None]:
    """The share in per cent that was fixed on time of those decided in each month."""
    outcomes = [how for one in vulnerabilities if one.severity in severities and (how := decided(one, window.as_of))]
    return monthly(((at, 100.0 * (word == "on time"), "") for at, word in outcomes), window, lambda values: math.fsum(values) / len(values))


def backlog_rows(records: Iterable[Incident | Vulnerability], as_of: int, offset_s: int) -> list[BacklogRow]:
    """What is open by severity, then all; nothing when nothing is open."""
    today = day_of(as_of, offset_s)
    by_level: dict[str, list[tuple[int, int]]] = {}
    for one in records:
        if one.is_open:
            begun = one.detected if isinstance(one, Incident) else one.found
            late = max(0, today - day_of(one.deadline, offset_s)) if isinstance(one, Vulnerability) and one.deadline is not None else 0
            by_level.setdefault(one.severity, []).append((today - day_of(begun, offset_s), late))
    found = [(level, by_level[level]) for level in SEVERITIES if level in by_level]
    everything = [pair for _, pairs in found for pair in pairs]
    return [_backlog(level, pairs) for level, pairs in ([*found, ("all", everything)] if found else [])]


def _backlog(level: str, pairs: list[tuple[int, int]]) -> BacklogRow:
    ages = sorted(age for age, _ in pairs)
    edges = [0, *(bisect_right(ages, limit) for limit, _ in BANDS)]
    bands = tuple(after - before for before, after in pairwise(edges))
    return BacklogRow(level, len(pairs), sum(late > 0 for _, late in pairs), max(late for _, late in pairs), float(median(ages)), ages[-1], bands)
