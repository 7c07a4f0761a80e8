"""What a brief needs beside its stories: tasks, risks and when a story is done, as far as they follow from what the form says."""

import functools
import tomllib
from collections import Counter
from collections.abc import Mapping
from math import erf, sqrt
from pathlib import Path
from typing import Any

from credit_studio.tools.code.workflow.advice import SEVERITIES, Judged, Risk
from credit_studio.tools.code.workflow.brief import BriefInputs, Story
from credit_studio.tools.code.workflow.planning import SIZES, Z_90, Schedule, Work

_DAYS_A_WEEK = 5
_SMALLEST_TEAM, _LATE, _SURE = 2, 0.5, 0.99


@functools.cache
def _rows(kind: str) -> tuple[dict[str, Any], ...]:
    """The rows of a kind, "task" or "risk", of the file beside this one."""
    return tuple(tomllib.loads(Path(__file__).with_name("stated.toml").read_text(encoding="utf-8"))[kind])


def works(inputs: BriefInputs, judged: Mapping[int, Judged]) -> list[Work]:
    """Foundations, the stories, then what waits for all of them; releases wait for everything. A story that was judged has the days of that."""
    chosen = [row for row in _rows("task") if not row["when"] or getattr(inputs, row["when"])]
    made: list[Work] = []
    for row in (row for row in chosen if row["before"]):
        made.append(_beside(row, ("skeleton",) if made else ()))
    first = tuple(work.key for work in made)
    made += [_story(number, story, judged.get(number), first) for number, story in enumerate(inputs.stories, 1)]
    stories = tuple(work.key for work in made if work.key.startswith("story-"))
    for row in (row for row in chosen if not row["before"]):
        last = {"acceptance": tuple(work.key for work in made), "release": ("acceptance",)}
        made.append(_beside(row, last.get(row["key"], stories)))
    return made


def _story(number: int, story: Story, judged: Judged | None, first: tuple[str, ...]) -> Work:
    needs = sorted({story.after, *(judged.after if judged else ())} - {0})
    after = tuple(f"story-{need}" for need in needs) or first
    days, done_when = (judged.days, judged.done_when) if judged else (SIZES[story.size], "")
    return Work(f"story-{number}", story.what, "Features", after, days, done_when or "Its acceptance test passes, and a colleague has reviewed it.")


def _beside(row: dict[str, Any], after: tuple[str, ...]) -> Work:
    best, likely, worst = map(float, row["days"])
    return Work(row["key"], row["title"], row["milestone"], after, (best, likely, worst), row["done_when"])


def chance(inputs: BriefInputs, planned: Schedule) -> float | None:
    """The chance that it is done by the date, by the normal approximation of PERT."""
    if not inputs.weeks:
        return None
    deviation = (planned.days_90 - planned.days) / Z_90
    return round((1 + erf((inputs.weeks * _DAYS_A_WEEK - planned.days) / (max(deviation, 0.01) * sqrt(2)))) / 2, 3)


def percent(chance: float) -> str:
    """A chance in words; an estimate is never sure."""
    return "over 99 %" if chance > _SURE else "under 1 %" if chance < 1 - _SURE else f"{chance * 100:.0f} %"


def risks(inputs: BriefInputs, planned: Schedule, in_time: float | None) -> tuple[Risk, ...]:
    """The risks that follow from this brief."""
    large = [number for number, story in enumerate(inputs.stories, 1) if story.size == "xl"]
    held = Counter(story.after for story in inputs.stories if story.after).most_common(1)
    given = (
        (
            in_time is not None and in_time < _LATE,
            "high",
            f"The date is missed more likely than not: {percent(in_time or 0)} to make it.",
            "Cut stories from the end of the list, or move the date; a further person helps only where tasks wait for nobody.",
        ),
        (inputs.public, "medium", "It is attacked from its first day on.", "Rate limits, least rights and a scan before the release, not after."),
        (
            bool(large),
            "medium",
            f"Very large stories hide work: {', '.join(map(str, large[:6]))}.",
            "Split each until its pieces take at most a week; estimate again.",
        ),
        (
            inputs.people < _SMALLEST_TEAM,
            "medium",
            "One person knows everything, and reviews their own work.",
            "Find a reviewer outside of the team, and write decisions down.",
        ),
        (
            bool(held) and held[0][1] > 1,
            "low",
            f"{held[0][1] if held else 0} stories wait for story {held[0][0] if held else 0}.",
            "Do it first, and agree its interface before it is finished.",
        ),
        (
            len(planned.chain) > len(planned.tasks) * 2 // 3 and inputs.people > 1,
            "low",
            "Most tasks stand in one chain: more people do not make it faster.",
            "Look for stories whose need is only habit.",
        ),
    )
    computed = [Risk(severity, title, action) for is_so, severity, title, action in given if is_so]
    stated = [Risk(row["severity"], row["title"], row["action"]) for row in _rows("risk") if getattr(inputs, row["when"])]
    return tuple(computed + stated)


def worst_first(risks: tuple[Risk, ...]) -> tuple[Risk, ...]:
    """The risks by severity, else in their order."""
    return tuple(sorted(risks, key=lambda one: SEVERITIES.index(one.severity)))


def done(inputs: BriefInputs) -> tuple[str, ...]:
    """When a story is done, for this brief."""
    check = "make check" if inputs.language == "python" else "npm test"
    given = (
        (True, "Its acceptance criteria are automated tests, and they pass."),
        (True, f"{check} passes on a clean checkout, in CI as on a laptop."),
        (True, "Somebody else than the author has read and approved the change."),
        (inputs.kind == "api", "Errors have a status and a message that a caller can act on; the interface's description says so."),
        (inputs.kind == "cli", "--help tells it, and every failure has an exit status and a sentence."),
        (inputs.kind == "library", "The public names have types and documentation with an example that is run."),
        (inputs.personal_data, "New fields on people have a reason, a retention and a place in export and erasure."),
        (inputs.payments, "Every movement of money can be told twice and is booked once; a test says so."),
        (inputs.public, "Input from outside is bounded and checked; no secret stands in code, logs or errors."),
        (inputs.outside_service, "Each outside call has a time-out, and a test of what happens when it fails."),
        (inputs.existing_data, "A migration runs twice without harm, and its way back was tried on a copy."),
    )
    return tuple(text for is_so, text in given if is_so)
