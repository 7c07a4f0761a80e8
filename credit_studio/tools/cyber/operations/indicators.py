"""Key risk indicators: a figure for each month, held against two limits, and the way it goes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from credit_studio.tools.cyber.operations.measures import TIMES, Window, compliance, counted, lasting, monthly, open_spans, overdue_spans, remediation, standing
from credit_studio.tools.cyber.operations.records import Incident, Vulnerability

STEADY = 0.1
_BEFORE = 3  # months that the last one is compared with
_HASTY = frozenset({"critical", "high"})
_ALL = frozenset({"critical", "high", "medium", "low", "info", "unknown"})


@dataclass(frozen=True)
class Kind:
    """What an indicator measures: its name in words, its unit, the file and the columns it needs, and whether more is better."""

    title: str
    unit: str
    file: str
    needs: tuple[str, ...] = ()
    is_more_better: bool = False


KINDS: dict[str, Kind] = {
    "time to detect": Kind("Median time to detect", "h", "incidents", ("occurred",)),
    "time to acknowledge": Kind("Median time to acknowledge", "h", "incidents", ("acknowledged",)),
    "time to contain": Kind("Median time to contain", "h", "incidents", ("contained",)),
    "time to resolve": Kind("Median time to resolve", "h", "incidents", ("resolved",)),
    "new incidents": Kind("New incidents", "", "incidents"),
    "severe incidents": Kind("New critical and high incidents", "", "incidents"),
    "open incidents": Kind("Open incidents at month end", "", "incidents", ("resolved",)),
    "patch compliance": Kind("Patched on time", "%", "vulnerabilities", ("fixed",), is_more_better=True),
    "severe patch compliance": Kind("Critical and high patched on time", "%", "vulnerabilities", ("fixed",), is_more_better=True),
    "time to remediate": Kind("Median time to remediate", "days", "vulnerabilities", ("fixed",)),
    "open vulnerabilities": Kind("Open vulnerabilities at month end", "", "vulnerabilities", ("fixed",)),
    "overdue vulnerabilities": Kind("Overdue vulnerabilities at month end", "", "vulnerabilities", ("fixed",)),
}


@dataclass(frozen=True)
class Reading:
    """An indicator over the months of the window; `status` is of `latest`, the last whole month ("green", "amber", "red", or "" without a figure).

    `direction` compares `latest` with `before`, the mean of up to three months before it: "improving", "worsening", "steady", or "" without both.
    """

    kind: str
    title: str
    unit: str
    green: float
    red: float
    is_more_better: bool
    values: tuple[float | None, ...]
    statuses: tuple[str, ...]
    latest: float | None
    before: float | None
    status: str
    direction: str


def figures(kind: str, incidents: Sequence[Incident], vulnerabilities: Sequence[Vulnerability], window: Window) -> list[float | None]:
    """The indicator's figure for each month; None where there is nothing to measure."""
    return _FIGURES[kind](incidents, vulnerabilities, window)


Figures = Callable[[Sequence[Incident], Sequence[Vulnerability], Window], list[float | None]]


def _time(name: str) -> Figures:
    start, end = next((start, end) for key, start, end in TIMES if f"time to {key}" == name)
    return lambda incidents, _, window: monthly(lasting(incidents, start, end), window, lambda values: float(median(values)))


def _floats(counts: list[int]) -> list[float | None]:
    return [float(count) for count in counts]


_FIGURES: dict[str, Figures] = {
    **{f"time to {key}": _time(f"time to {key}") for key, _, _ in TIMES},
    "new incidents": lambda incidents, _, window: _floats(counted((one.detected for one in incidents), window)),
    "severe incidents": lambda incidents, _, window: _floats(counted((one.detected for one in incidents if one.severity in _HASTY), window)),
    "open incidents": lambda incidents, _, window: _floats(standing(open_spans(incidents), window)),
    "patch compliance": lambda _, vulnerabilities, window: compliance(vulnerabilities, window, _ALL),
    "severe patch compliance": lambda _, vulnerabilities, window: compliance(vulnerabilities, window, _HASTY),
    "time to remediate": lambda _, vulnerabilities, window: monthly(remediation(vulnerabilities), window, lambda values: float(median(values))),
    "open vulnerabilities": lambda _, vulnerabilities, window: _floats(standing(open_spans(vulnerabilities), window)),
    "overdue vulnerabilities": lambda _, vulnerabilities, window: _floats(standing(overdue_spans(vulnerabilities), window)),
}


def reading(kind: str, limits: tuple[float, float], values: Sequence[float | None], *, is_last_whole: bool) -> Reading:
    """Hold an indicator's months against its (green, red) limits."""
    about, (green, red) = KINDS[kind], limits
    whole = values if is_last_whole or len(values) == 1 else values[:-1]
    latest = whole[-1]
    earlier = [value for value in whole[-1 - _BEFORE : -1] if value is not None]
    before = math.fsum(earlier) / len(earlier) if earlier else None
    sign = 1 if about.is_more_better else -1
    statuses = tuple(status_of(value, green, red, sign) for value in values)
    status = status_of(latest, green, red, sign)
    direction = direction_of(latest, before, sign)
    return Reading(kind, about.title, about.unit, green, red, about.is_more_better, tuple(values), statuses, latest, before, status, direction)


def status_of(value: float | None, green: float, red: float, sign: int) -> str:
    """Green at the green limit or better, red beyond the red limit, amber between; `sign` is 1 where more is better, else -1."""
    if value is None:
        return ""
    return "green" if sign * value >= sign * green else "red" if sign * value < sign * red else "amber"


def direction_of(latest: float | None, before: float | None, sign: int) -> str:
    """Steady within a tenth of the months before."""
    if latest is None or before is None:
        return ""
    change = sign * (latest - before)
    return "steady" if abs(change) <= STEADY * abs(before) else "improving" if change > 0 else "worsening"
