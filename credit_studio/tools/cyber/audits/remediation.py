"""The plan that brings every control to the target: what to do, how much work it is, in which order and by when."""

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter

from credit_studio.tools.cyber.audits.maturity import Result
from credit_studio.tools.cyber.controls.catalogue import Control, Topic, by_id

RULE = (
    "Severity: critical when a control is said to be missing and much risk hangs on it; else by weight times missing levels, high from 4, medium from 2. "
    "Days: 2, 8 or 25 to build a small, middle or large control up to the target, in proportion to the missing levels; 1 to 3 days to collect evidence of "
    "what is there, half a day to renew it or to name an owner; a quarter when an earlier step builds the same. "
    "Within a severity, what gains most weighted levels for a day comes first. "
    "Dates follow from the days of work a month, one thing after the other, from the day of the audit."
)
SEVERITIES = ("critical", "high", "medium", "low")
_BUILD_DAYS, _COLLECT_DAYS, _RENEW_DAYS = {1: 2.0, 2: 8.0, 3: 25.0}, {1: 1.0, 2: 2.0, 3: 3.0}, 0.5
_HIGH, _MEDIUM, _HEAVY, _MONTH, _OWNERLESS = 4, 2, 3, 30.44, 3
_BUILDING = frozenset(("no evidence", "not implemented", "planned", "partly"))
_MISSING = frozenset(("not implemented", "planned"))
UNKNOWN = "No evidence"
_LABELS = {
    "no evidence": UNKNOWN,
    "no reason": "Not applicable, without a reason",
    "not implemented": "Not implemented",
    "planned": "Planned only",
    "partly": "Partly implemented",
    "no proof": "By word only",
    "design only": "Design shown, operation not",
    "stale": "Evidence too old",
    "undated": "Evidence without a date",
    "no owner": "No owner",
}


@dataclass(frozen=True)
class Task:
    """One step of the plan. `gain` is the missing levels; `days` of work; `due` in ISO 8601."""

    order: int
    id: str
    title: str
    domain: str
    severity: str
    cause: str
    action: str
    proof: str
    owner: str
    weight: int
    gain: int
    days: float
    due: str
    is_building: bool


def plan(framework: str, results: tuple[Result, ...], target: int, days_a_month: int, as_of: date) -> tuple[Task, ...]:
    """The tasks for all controls below the target, in the order to take them."""
    drafts = [_draft(by_id(framework)[result.id], result, target) for result in results if result.is_applicable and result.level < target]
    ordered = sorted(drafts, key=lambda task: (SEVERITIES.index(task.severity), -task.weight * task.gain / task.days, task.id))
    done, tasks = 0.0, list[Task]()
    built: dict[str, Task] = {}
    for order, draft in enumerate(ordered, start=1):
        task = replace(draft, order=order)
        if task.is_building:
            task = _joined(task, [built.get(key) for key in _main_keys(framework, task.id)])
            built |= {key: built.get(key, task) for key in _main_keys(framework, task.id)}
        done += task.days
        due = as_of + timedelta(days=math.ceil(done / days_a_month * _MONTH))
        tasks.append(replace(task, due=due.isoformat()))
    return tuple(tasks)


def _joined(task: Task, earlier: list[Task | None]) -> Task:
    """The task as it is when earlier ones build all that it is about: a check of what it asks beyond them."""
    before = [one for one in earlier if one is not None]
    if len(before) < len(earlier):
        return task
    steps = " and ".join(dict.fromkeys(f"step {one.order} ({one.id})" for one in before))
    days = max(_RENEW_DAYS, round(2 * task.days / 4) / 2)
    return replace(task, days=days, action=f"Comes with {steps}: check what this control asks beyond it.")


def _main_keys(framework: str, control_id: str) -> list[str]:
    return [topic.key for topic in _main(by_id(framework)[control_id])]


def _draft(control: Control, result: Result, target: int) -> Task:
    gain = target - result.level
    cause = result.causes[0] if result.causes else "higher target"
    return Task(
        order=0,
        id=result.id,
        title=result.title,
        domain=result.domain,
        severity=severity(result.weight, result.status, gain),
        cause=label(result.causes, target),
        action=_action(control, cause, target),
        proof=_proof(control),
        owner=result.owner,
        weight=result.weight,
        gain=gain,
        days=_days(control, cause, gain, target),
        due="",
        is_building=cause in _BUILDING,
    )


def severity(weight: int, status: str, gain: int) -> str:
    """How grave a gap is, by the stated rule."""
    if weight == _HEAVY and status in _MISSING:
        return "critical"
    score = weight * gain
    return "high" if score >= _HIGH else "medium" if score >= _MEDIUM else "low"


def label(causes: tuple[str, ...], target: int) -> str:
    """What keeps a level down, in words."""
    return ", ".join([_LABELS[causes[0]], *(_LABELS[cause].lower() for cause in causes[1:])]) if causes else f"Evidence too weak for level {target}"


def _main(control: Control) -> list[Topic]:
    """The two weightiest topics."""
    return sorted(control.topics, key=attrgetter("weight"), reverse=True)[:2]


def _proof(control: Control) -> str:
    return "; ".join(dict.fromkeys(topic.proof for topic in _main(control)))


def _action(control: Control, cause: str, target: int) -> str:
    build = ". ".join(topic.action for topic in _main(control))
    stronger = "Have it audited independently." if target == 5 else "Test or measure it, and keep the result."  # noqa: PLR2004 - the highest level
    told = {
        "no evidence": f"Find out how it stands; if it is missing: {build[:1].lower()}{build[1:]}.",
        "no reason": "Write down why it does not apply, or treat it as missing.",
        "partly": f"Finish it: {build[:1].lower()}{build[1:]}.",
        "no proof": "Collect evidence that shows it at work.",
        "design only": "Show that it is kept, by records or settings.",
        "stale": "Renew the evidence.",
        "undated": "Date the evidence, or collect it anew.",
        "no owner": f"Name an owner. {stronger if target > _OWNERLESS else ''}".strip(),
        "higher target": stronger,
    }
    return told.get(cause, f"{build}.")


def _days(control: Control, cause: str, gain: int, target: int) -> float:
    if cause in {"stale", "undated", "no owner", "no reason"}:
        return _RENEW_DAYS
    if cause in {"no proof", "design only", "higher target"}:
        return _COLLECT_DAYS[control.effort]
    return max(_RENEW_DAYS, round(2 * _BUILD_DAYS[control.effort] * gain / target) / 2)
