"""What a measurement is, what a gate asks of it, and how both are told. Pure."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_HEAD = ("what", "median", "lowest to highest", "beside", "ratio", "gate")


@dataclass(frozen=True)
class Measure:
    """A figure in `unit` ("/s", "ms", or "" for a count) beside its floor; without a gate it is told for comparison only.

    `at_least` is what the ratio to the floor must reach, `at_most` what the figure itself may be. `spread` is the lowest and the highest round.
    `paired` are the rounds' own ratios, where each round had its floor measured right before it: a slow minute of the machine strikes both.
    """

    name: str
    value: float
    unit: str = "/s"
    floor: "Measure | None" = None
    at_least: float | None = None
    at_most: float | None = None
    spread: tuple[float, float] | None = None
    paired: tuple[float, ...] = ()

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of its floor, the median of the rounds' own where there are such; None without a floor."""
        if self.paired:
            return statistics.median(self.paired)
        return self.value / self.floor.value if self.floor else None

    @property
    def holds(self) -> bool:
        """Whether every gate is met; a ratio is compared as it is, not as it is shown."""
        reached = self.at_least is None or (self.ratio is not None and self.ratio >= self.at_least)
        return reached and (self.at_most is None or self.value <= self.at_most)


def middle(name: str, values: Sequence[float], *, besides: Sequence[float] = (), **more: Any) -> Measure:  # noqa: ANN401 - the other fields of a measure
    """The median of several rounds, with their spread; `besides` is what the floor was in each of these rounds."""
    paired = tuple(value / beside for value, beside in zip(values, besides, strict=True)) if besides else ()
    return Measure(name, statistics.median(values), spread=(min(values), max(values)), paired=paired, **more)


def status(measures: Sequence[Measure]) -> int:
    """The exit status: 0 when every gate is met, else 1."""
    return 0 if all(one.holds for one in measures) else 1


def as_json(measures: Sequence[Measure], settings: dict[str, str]) -> str:
    """Everything for a machine: figures as they were measured, what they ran on, and whether the gates are met."""
    return json.dumps({"holds": not status(measures), "machine": settings, "measures": [_plain(one) for one in measures]}, indent=2)


def _plain(one: Measure) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "value": round(one.value, 4), "unit": one.unit, "spread": [round(end, 4) for end in one.spread or ()]}
    told |= {"floor": one.floor.name if one.floor else None, "floorValue": round(one.floor.value, 4) if one.floor else None}
    return told | {"ratio": None if one.ratio is None else round(one.ratio, 4), "atLeast": one.at_least, "atMost": one.at_most, "holds": one.holds}


def table(measures: Sequence[Measure]) -> str:
    """A Markdown table that is straight in a terminal, too."""
    rows = [_HEAD, *(_cells(one) for one in measures)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _cells(one: Measure) -> tuple[str, ...]:
    spread = " to ".join(_figure(end, one.unit) for end in one.spread or ())
    beside = f"{one.floor.name}: {_figure(one.floor.value, one.floor.unit)}" if one.floor else ""
    return (one.name, _figure(one.value, one.unit), spread, beside, "" if one.ratio is None else f"{one.ratio:.2f}", _gate(one))


def _figure(value: float, unit: str) -> str:
    return f"{value:.2f} ms" if unit == "ms" else f"{value:,.0f}{unit}"


def _gate(one: Measure) -> str:
    asked = [f"{one.at_least:.2f} or more"] if one.at_least is not None else []
    asked += [f"{_figure(one.at_most, one.unit)} or less"] if one.at_most is not None else []
    return f"{', '.join(asked)}: {'ok' if one.holds else 'MISSED'}" if asked else ""
