"""Workflow Starter: from a brief to a plan with dates, risks and a definition of done, and a project that runs and passes its own tests to begin with.

The code is that of the Project Builder, made for the brief's own record; the plan is computed (see `planning`). The price goes by tokens: those of the
brief and those of all that is written.
"""

import csv
import functools
import io
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import erf, sqrt
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Meter, Mode, Studio, Tokens, TokenUse, Tool, jsonable, report, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Document, Edge, Figure, File, Files, Finding, Findings, KeyFigures, Node, Note, Table
from credit_studio.tools.code.planning import SIZES, Z_90, Planned, Schedule, Work, schedule
from credit_studio.tools.dev import projects
from credit_studio.tools.dev.projects import ProjectInputs, RecordField

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_DAYS_A_WEEK = 5
_SEVERITIES = ("high", "medium", "low")
_SMALLEST_TEAM, _LATE, _SURE, _MOST_SHOWN = 2, 0.5, 0.99, 14


@dataclass(frozen=True)
class Story:
    """One thing that somebody shall be able to do."""

    what: Annotated[str, Len(3, 160)] = ui("Story", "Who can do what, in one sentence.", placeholder="A guest can cancel until the day before")
    size: Literal["s", "m", "l", "xl"] = ui(
        "Size",
        "Days of one person: small about 1, medium 3, large 5, very large 10.",
        default="m",
        choices=(("s", "Small"), ("m", "Medium"), ("l", "Large"), ("xl", "Very large")),
    )
    after: Annotated[int, Interval(ge=0, le=30)] = ui("After", "The number of the story above that must be done first; 0 for none.", default=0)


@dataclass(frozen=True)
class BriefInputs:
    """The brief; raises `InputError` for names that code cannot have and stories that wait for what comes later."""

    name: Annotated[str, Len(2, 40)] = ui("Project name", "Small letters, digits and hyphens. The package is called so.", placeholder="room-booking")
    goal: Annotated[str, Len(5, 160)] = ui("Goal", "One sentence: for whom, and what is better afterwards.")
    stories: Annotated[tuple[Story, ...], Len(1, 30)] = ui("Stories", "What it shall do, in the order of their worth. Up to 30.")
    kind: Literal["api", "cli", "library"] = ui(
        "Kind of work", "What is built.", default="api", choices=(("api", "Web API"), ("cli", "Command line tool"), ("library", "Library"))
    )
    language: Literal["python", "typescript", "javascript"] = ui(
        "Language",
        "Python 3.11 or newer, or Node 24 or newer.",
        default="python",
        choices=(("python", "Python"), ("typescript", "TypeScript"), ("javascript", "JavaScript")),
    )
    entity: Annotated[str, Len(2, 30)] = ui("Record", "What it keeps, in the singular.", default="task", placeholder="booking", group="First code")
    fields: Annotated[tuple[RecordField, ...], Len(1, 12)] = ui("Fields", "What a record holds. Up to 12.", default=(RecordField("title"),), group="First code")
    people: Annotated[int, Interval(ge=1, le=12)] = ui("People", "Who work on it full time.", default=2, group="Team")
    weeks: Annotated[int, Interval(ge=0, le=104)] = ui("Weeks until it is due", "0 when there is no date.", default=0, group="Team")
    personal_data: bool = ui("Personal data", "It keeps data on people.", default=False, group="What it must heed")
    payments: bool = ui("Payments", "Money moves through it.", default=False, group="What it must heed")
    existing_data: bool = ui("Existing data", "Data has to be taken over from an older system.", default=False, group="What it must heed")
    outside_service: bool = ui("Outside service", "It depends on an interface of somebody else.", default=False, group="What it must heed")
    public: bool = ui("Open to the internet", "Anybody can reach it.", default=False, group="What it must heed")

    def __post_init__(self) -> None:
        for place, story in enumerate(self.stories):
            if not story.what.isprintable() or not story.what.strip():
                raise InputError(f"stories.{place}.what", "Must be one line of readable text.")
            if story.after > place:
                raise InputError(f"stories.{place}.after", f"Must be the number of a story above it: at most {place}.")
        try:
            _project(self)
        except InputError as error:
            raise InputError("goal" if error.field == "description" else error.field, error.message) from None


@dataclass(frozen=True)
class Risk:
    """What may go wrong with this brief, and what to do about it."""

    severity: str
    title: str
    action: str


@dataclass(frozen=True)
class MadeFile:
    """One file."""

    path: str
    text: str


@dataclass(frozen=True)
class WorkflowOutput:
    """`in_time` is the chance to meet the date, None without one; days are working days."""

    name: str
    schedule: Schedule
    people: int
    in_time: float | None
    risks: tuple[Risk, ...]
    done: tuple[str, ...]
    plan: str
    files: tuple[MadeFile, ...]
    tokens: int


def run(inputs: BriefInputs) -> WorkflowOutput:
    """Plan the work and write the first code."""
    from credit_studio.tools.code.tokens.encoding import count  # noqa: PLC0415 - 40 MB that only a run needs, not a page

    planned = schedule(_works(inputs), inputs.people)
    report(0.3, "Writing the code")
    in_time = _chance(inputs, planned)
    risks, done = _risks(inputs, planned, in_time), _done(inputs)
    plan = _plan(inputs, planned, risks, done, in_time)
    made = [MadeFile(file.path, file.text) for file in projects.run(_project(inputs)).files]
    files = (*made, MadeFile("docs/plan.md", plan), MadeFile("docs/tasks.csv", _csv(planned)))
    report(0.8, "Counting tokens")
    tokens = count(json.dumps(jsonable(inputs), ensure_ascii=False)) + sum(count(file.path) + count(file.text) for file in files)
    return WorkflowOutput(inputs.name, planned, inputs.people, in_time, risks, done, plan, files, tokens)


def _project(inputs: BriefInputs) -> ProjectInputs:
    """The Project Builder's inputs for this brief; raises its `InputError`."""
    return ProjectInputs(
        name=inputs.name,
        description=inputs.goal,
        author=f"The authors of {inputs.name}",
        language=inputs.language,
        kind=inputs.kind,
        entity=inputs.entity,
        fields=inputs.fields,
        ci="github",
        container=inputs.kind == "api",
        licence="Proprietary",
    )


@functools.cache
def _data(kind: str) -> tuple[dict[str, Any], ...]:
    """The rows of a kind, "task" or "risk", of the file beside this one."""
    return tuple(tomllib.loads(Path(__file__).with_name("start_workflow_data.toml").read_text(encoding="utf-8"))[kind])


def _works(inputs: BriefInputs) -> list[Work]:
    """Foundations, the stories, then what waits for all of them; releases wait for everything."""
    chosen = [row for row in _data("task") if not row["when"] or getattr(inputs, row["when"])]
    works: list[Work] = []
    for row in (row for row in chosen if row["before"]):
        works.append(_beside(row, ("skeleton",) if works else ()))
    first = tuple(work.key for work in works)
    for number, story in enumerate(inputs.stories, 1):
        after = (f"story-{story.after}",) if story.after else first
        works.append(Work(f"story-{number}", story.what, "Features", after, SIZES[story.size], "Its acceptance test passes, and a colleague has reviewed it."))
    stories = tuple(work.key for work in works if work.key.startswith("story-"))
    for row in (row for row in chosen if not row["before"]):
        last = {"acceptance": tuple(work.key for work in works), "release": ("acceptance",)}
        works.append(_beside(row, last.get(row["key"], stories)))
    return works


def _beside(row: dict[str, Any], after: tuple[str, ...]) -> Work:
    best, likely, worst = map(float, row["days"])
    return Work(row["key"], row["title"], row["milestone"], after, (best, likely, worst), row["done_when"])


def _chance(inputs: BriefInputs, planned: Schedule) -> float | None:
    """The chance that it is done by the date, by the normal approximation of PERT."""
    if not inputs.weeks:
        return None
    deviation = (planned.days_90 - planned.days) / Z_90
    return round((1 + erf((inputs.weeks * _DAYS_A_WEEK - planned.days) / (max(deviation, 0.01) * sqrt(2)))) / 2, 3)


def _percent(chance: float) -> str:
    """A chance in words; an estimate is never sure."""
    return "over 99 %" if chance > _SURE else "under 1 %" if chance < 1 - _SURE else f"{chance * 100:.0f} %"


def _risks(inputs: BriefInputs, planned: Schedule, in_time: float | None) -> tuple[Risk, ...]:
    """The risks that follow from this brief, worst first."""
    large = [number for number, story in enumerate(inputs.stories, 1) if story.size == "xl"]
    held = Counter(story.after for story in inputs.stories if story.after).most_common(1)
    given = (
        (
            in_time is not None and in_time < _LATE,
            "high",
            f"The date is missed more likely than not: {_percent(in_time or 0)} to make it.",
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
    stated = [Risk(row["severity"], row["title"], row["action"]) for row in _data("risk") if getattr(inputs, row["when"])]
    return tuple(sorted(computed + stated, key=lambda one: _SEVERITIES.index(one.severity)))


def _done(inputs: BriefInputs) -> tuple[str, ...]:
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


def _safe(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _plan(inputs: BriefInputs, planned: Schedule, risks: tuple[Risk, ...], done: tuple[str, ...], in_time: float | None) -> str:
    """The plan as Markdown."""
    met = "" if in_time is None else f" The date in {inputs.weeks} weeks is met with a chance of {_percent(in_time)}."
    parts = [f"# Plan of {_safe(inputs.name)}", "", _safe(inputs.goal), ""]
    parts += [f"Expected after {planned.days:g} working days, with nine chances in ten after {planned.days_90:g}, by {inputs.people} at work.{met}", ""]
    for milestone in dict.fromkeys(task.milestone for task in planned.tasks):
        tasks = [task for task in planned.tasks if task.milestone == milestone]
        parts += [f"## {milestone}: by day {max(task.end for task in tasks):g}", ""]
        parts += [f"- **{_safe(task.title)}** ({task.key}, {task.mean:g} days): {_safe(task.done_when)}" for task in tasks] + [""]
    parts += ["## Definition of done", "", *(f"- {text}" for text in done), ""]
    parts += ["## Risks", "", *(f"- **{one.severity}:** {one.title} {one.action}" for one in risks), ""] if risks else []
    return "\n".join(parts)


def _csv(planned: Schedule) -> str:
    """The tasks for import into a tracker; a cell that a spreadsheet would compute is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("key", "title", "milestone", "after", "best_days", "likely_days", "worst_days", "start_day", "end_day", "done_when"))
    for task in planned.tasks:
        title = f"'{task.title}" if task.title.startswith(("=", "+", "-", "@")) else task.title
        writer.writerow((task.key, title, task.milestone, " ".join(task.after), task.best, task.likely, task.worst, task.start, task.end, task.done_when))
    return out.getvalue()


def present(output: WorkflowOutput) -> tuple[Block, ...]:
    """Dates first, then the tasks, how they hang together, risks, the plan, and the files."""
    planned = output.schedule
    chance = () if output.in_time is None else (Figure("Chance to meet the date", _percent(output.in_time)),)
    figures = (
        Figure("Expected", f"{planned.days:g} days", f"{output.people} at work"),
        Figure("Nine chances in ten", f"{planned.days_90:g} days", "working days"),
        Figure("Work", f"{planned.effort:g} person days", f"{len(planned.tasks)} tasks"),
        *(chance or (Figure("Tokens", f"{output.tokens:,}", "of the brief and of all files"),)),
    )
    columns = (Column("Task"), Column("Milestone"), Column("Person", "integer"), Column("Start", "decimal", "day"), Column("End", "decimal", "day"))
    columns += (Column("Expected", "decimal", "days", bar=True), Column("Best to worst"), Column("On the longest chain"))
    table = Table("Tasks", columns, tuple(map(_row, planned.tasks)), note="Days are working days, from 0.", download="tasks.csv", tab="Tasks")
    risks = tuple(Finding(one.severity, one.title, fix=one.action) for one in output.risks)
    files = tuple(File(file.path, file.text) for file in output.files)
    return (
        KeyFigures(figures),
        Findings("Risks", risks, "Looked for in the brief: date, team, sizes, needs, and what it must heed."),
        _chain_diagram(planned),
        table,
        Document("Plan", output.plan, "plan", tab="Plan"),
        Files("First code", files, f"{output.name}.zip", tab="Code"),
        Code("Begin", "shell", f"unzip {output.name}.zip -d {output.name}\ncd {output.name}\ncat README.md docs/plan.md", tab="Code"),
        Note(f"{output.tokens:,} tokens: those of the brief and of all files. The project passes its own tests as it is.", tab="Code"),
    )


def _row(task: Planned) -> tuple[str | int | float, ...]:
    return (task.title, task.milestone, task.person, task.start, task.end, task.mean, f"{task.best:g} to {task.worst:g}", "yes" if task.is_critical else "no")


def _chain_diagram(planned: Schedule) -> Diagram:
    """The longest chain, folded after a few tasks a row."""
    by_key = {task.key: task for task in planned.tasks}
    shown = planned.chain[:_MOST_SHOWN]
    nodes = tuple(
        Node(key, by_key[key].title[:40], "process", place % 5, float(place // 5), (f"{by_key[key].mean:g} days",)) for place, key in enumerate(shown)
    )
    edges = tuple(Edge(one, other) for one, other in pairwise(shown))
    said = f"{len(planned.chain)} tasks decide the end: from {by_key[planned.chain[0]].title} to {by_key[planned.chain[-1]].title}."
    return Diagram("What decides the end", nodes, edges, said)


def expects(inputs: BriefInputs, asks: bool) -> Tokens:  # noqa: ARG001, FBT001 - as `TokenUse` has it; no language model is asked
    """Tokens of the project by kind and fields, and of the plan by its stories."""
    code = {"api": 6_600, "cli": 6_200, "library": 4_600}[inputs.kind] + 190 * len(inputs.fields)
    words = sum(len(story.what) for story in inputs.stories) // 4
    typical = code + 1_500 + 170 * len(inputs.stories) + 3 * words
    return Tokens(2_500, typical, typical * 3 // 2 + 1_000)


_EXAMPLE = BriefInputs(
    name="room-booking",
    goal="Small hotels take bookings themselves and never sell a room twice.",
    stories=(
        Story("A guest sees which rooms are free between two dates", "m"),
        Story("A guest books a free room and gets a confirmation", "l", after=1),
        Story("A guest cancels until the day before arrival", "s", after=2),
        Story("The hotel blocks a room for repairs", "s", after=1),
        Story("The hotel sees arrivals and departures of a day", "m", after=2),
        Story("The hotel takes a deposit by card", "l", after=2),
    ),
    entity="booking",
    fields=(RecordField("guest"), RecordField("room_number", "integer"), RecordField("arrival", "date"), RecordField("nights", "integer")),
    people=2,
    weeks=5,
    personal_data=True,
    payments=True,
    outside_service=True,
    public=True,
)

TOOL = Tool(
    id="code-studio-start-workflow",
    title="Workflow Starter",
    studio=Studio.CODE,
    mode=Mode.SERVER,
    cap=10,
    summary="From a brief to a plan with likely dates, risks and a definition of done, and a tested project to begin with.",
    takes="a brief",
    gives="plan and generated code",
    meter=Meter.TOKENS,
    inputs=BriefInputs,
    example=_EXAMPLE,
    cost=Cost(
        units=lambda inputs: len(inputs.stories) + len(inputs.fields),
        describe=lambda inputs: f"{len(inputs.stories)} {'story' if len(inputs.stories) == 1 else 'stories'}, {len(inputs.fields)} fields",
        lower="stories",
        cpu_us_per_unit=1_000.0,
        cpu_ms_base=20.0,
        mem_mb_base=15.0,
        spread=1.6,
    ),
    run=run,
    present=present,
    preload=("credit_studio.tools.code.tokens.encoding",),
    keywords=("plan", "kickoff", "estimate", "schedule", "scaffold"),
    tokens=TokenUse(expects=expects, counted=lambda output: output.tokens),
)
