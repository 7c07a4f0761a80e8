"""What is said of a brief beside the brief itself: risks, and what a language model was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SEVERITIES = ("high", "medium", "low")


@dataclass(frozen=True)
class Risk:
    """What may go wrong with this brief, and what to do about it."""

    severity: str
    title: str
    action: str


@dataclass(frozen=True)
class Judged:
    """What the answer says of a story: days (best, likely, worst), the numbers of stories before it that it needs, steps, when it is done."""

    days: tuple[float, float, float]
    after: tuple[int, ...]
    steps: tuple[str, ...]
    done_when: str


@dataclass(frozen=True)
class Advice:
    """An answer that was checked. `stories` by number from 1: all of the brief's, or none without an answer. `drafts` are (path, text)."""

    summary: str = ""
    stories: Mapping[int, Judged] = field(default_factory=dict[int, Judged])
    risks: tuple[Risk, ...] = ()
    done: tuple[str, ...] = ()
    drafts: tuple[tuple[str, str], ...] = ()
