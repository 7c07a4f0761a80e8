"""The knowledge areas of data management, and how mature each is, by a stated formula.

Areas are those of DAMA-DMBOK2 (2017). Each is rated on four sides: is it defined, is it followed, is it supported by tools and skills, is it
measured. none = 0, partly = 1, mostly = 2, fully = 3. Level = 5 x (0.25 defined + 0.35 followed + 0.2 supported + 0.2 measured) / 3, at
most 1 when it is not followed at all, 2 when it is not defined, 3 when it is not measured. The whole is the mean, weighted by importance.
"""

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Literal

Area = Literal["governance", "architecture", "modelling", "storage", "security", "integration", "content", "master", "warehouse", "metadata", "quality"]
Rating = Literal["none", "partly", "mostly", "fully"]
SIDES: tuple[str, ...] = ("defined", "followed", "supported", "measured")
FORMULA = (
    "Each area is rated on four sides: none 0, partly 1, mostly 2, fully 3. Level = 5 x (0.25 defined + 0.35 followed + 0.2 supported + 0.2 measured) / 3; "
    "at most 1 when it is not followed at all, 2 when it is not defined, 3 when it is not measured. The whole is the mean of the areas rated, weighted by "
    "importance 1 to 3. Areas are those of DAMA-DMBOK2."
)
POINTS: dict[str, int] = {"none": 0, "partly": 1, "mostly": 2, "fully": 3}
_WEIGHTS: dict[str, float] = {"defined": 0.25, "followed": 0.35, "supported": 0.2, "measured": 0.2}
_CAPS: dict[str, float] = {"followed": 1.0, "defined": 2.0, "measured": 3.0}


@dataclass(frozen=True)
class Knowledge:
    """An area: its name, what it is about, the areas that it needs first, who leads it, and the next step on each side."""

    key: str
    name: str
    about: str
    needs: tuple[str, ...]
    who: str
    steps: dict[str, str]


@dataclass(frozen=True)
class Score:
    """An area's level 0 to 5 from its ratings in the order of `SIDES`; None when it was not rated."""

    key: str
    name: str
    importance: int
    ratings: tuple[str, ...]
    level: float | None


@functools.cache
def areas() -> dict[str, Knowledge]:
    """All areas by key, in the order of the book."""
    read = tomllib.loads(Path(__file__).with_name("areas_dmbok.toml").read_text(encoding="utf-8"))
    return {key: Knowledge(key, one["name"], one["about"], tuple(one["needs"]), one["who"], {side: one[side] for side in SIDES}) for key, one in read.items()}


def level(ratings: tuple[str, ...]) -> float:
    """The level of an area, 0 to 5 with one decimal; `ratings` in the order of `SIDES`."""
    by_side: dict[str, str] = dict(zip(SIDES, ratings, strict=True))
    raw = 5 * fsum(_WEIGHTS[side] * POINTS[rating] for side, rating in by_side.items()) / POINTS["fully"]
    return round(min([raw, *(cap for side, cap in _CAPS.items() if by_side[side] == "none")]), 1)


def mean(scores: Iterable[Score]) -> float | None:
    """The mean level of the areas that were rated, weighted by importance; None when none was."""
    rated = [(one.importance, one.level) for one in scores if one.level is not None]
    return fsum(weight * value for weight, value in rated) / sum(weight for weight, _ in rated) if rated else None
