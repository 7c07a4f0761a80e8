"""Workflow Starter: from a brief to a plan with dates, risks and a definition of done, and a project that runs and passes its own tests to begin with.

The code is that of the Project Builder, made for the brief's own record; the plan is computed (see `workflow.planning`). Where the operator has set a
language model it is asked for the days, needs and steps of each story, for risks and for drafts; its answer is read here as data, and the plan is computed
from it. The price goes by tokens: those that the service reports, or else those of the brief and of all that is written.
"""

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import shorten

from credit_studio.tools.base import Answered, Cost, Meter, Mode, Studio, Tokens, TokenUse, Tool, jsonable, report
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Document, Edge, Figure, File, Files, Finding, Findings, KeyFigures, Node, Note, Table
from credit_studio.tools.code.workflow import asking, stated, writing
from credit_studio.tools.code.workflow.advice import Advice, Risk
from credit_studio.tools.code.workflow.brief import BriefInputs, Story, project_of
from credit_studio.tools.code.workflow.planning import Planned, Schedule, schedule
from credit_studio.tools.dev import projects
from credit_studio.tools.dev.projects import RecordField

_MOST_SHOWN, _A_ROW, _LABEL_CHARS = 14, 5, 60


@dataclass(frozen=True)
class MadeFile:
    """One file."""

    path: str
    text: str


@dataclass(frozen=True)
class WorkflowOutput:
    """`in_time` is the chance to meet the date, None without one; days are working days.

    `summary`, `drafts` and `reader` are a language model's, and empty where none was asked. `tokens` are counted or, of a model, as it reported them.
    """

    name: str
    schedule: Schedule
    people: int
    in_time: float | None
    risks: tuple[Risk, ...]
    done: tuple[str, ...]
    plan: str
    files: tuple[MadeFile, ...]
    summary: str
    drafts: tuple[MadeFile, ...]
    reader: str
    tokens: int


def run(inputs: BriefInputs) -> WorkflowOutput:
    """Plan the work and write the first code."""
    from credit_studio.tools.code.tokens.encoding import count  # noqa: PLC0415 - 40 MB that only a run needs, not a page

    made = _made(inputs, Advice(), reader="", tokens=0)
    report(0.8, "Counting tokens")
    said = count(json.dumps(jsonable(inputs), ensure_ascii=False))
    return replace(made, tokens=said + sum(count(file.path) + count(file.text) for file in made.files))


def read(answered: Answered[BriefInputs]) -> WorkflowOutput:
    """The plan with what a language model says of it; raises `AnswerError` for an answer that has not the form that was asked for."""
    advice = asking.of_answer(answered.text, len(answered.inputs.stories))
    return _made(answered.inputs, advice, reader=answered.model or "language model", tokens=answered.tokens)


def _made(inputs: BriefInputs, advice: Advice, *, reader: str, tokens: int) -> WorkflowOutput:
    planned = schedule(stated.works(inputs, advice.stories), inputs.people)
    report(0.3, "Writing the code")
    in_time = stated.chance(inputs, planned)
    risks, done = stated.worst_first(stated.risks(inputs, planned, in_time) + advice.risks), stated.done(inputs) + advice.done
    plan = writing.plan(inputs, planned, risks, done, in_time, advice)
    made = [MadeFile(file.path, file.text) for file in projects.run(project_of(inputs)).files]
    files = (*made, MadeFile("docs/plan.md", plan), MadeFile("docs/tasks.csv", writing.table(planned)))
    drafts = tuple(MadeFile(path, text) for path, text in advice.drafts)
    return WorkflowOutput(inputs.name, planned, inputs.people, in_time, risks, done, plan, files, advice.summary, drafts, reader, tokens)


def present(output: WorkflowOutput) -> tuple[Block, ...]:
    """Dates first, then the tasks, how they hang together, risks, the plan, and the files."""
    planned = output.schedule
    chance = () if output.in_time is None else (Figure("Chance to meet the date", stated.percent(output.in_time)),)
    figures = (
        Figure("Expected", f"{planned.days:g} days", f"{output.people} at work"),
        Figure("Nine chances in ten", f"{planned.days_90:g} days", "working days"),
        Figure("Work", f"{planned.effort:g} person days", f"{len(planned.tasks)} tasks"),
        *(chance or (Figure("Tokens", f"{output.tokens:,}", _of_what(output)),)),
    )
    columns = (Column("Task"), Column("Milestone"), Column("Person", "integer"), Column("Start", "decimal", "day"), Column("End", "decimal", "day"))
    columns += (Column("Expected", "decimal", "days", bar=True), Column("Best to worst"), Column("On the longest chain"))
    table = Table("Tasks", columns, tuple(map(_row, planned.tasks)), note="Days are working days, from 0.", download="tasks.csv", tab="Tasks")
    risks = tuple(Finding(one.severity, one.title, fix=one.action) for one in output.risks)
    files = tuple(File(file.path, file.text) for file in output.files)
    return (
        KeyFigures(figures),
        *_said(output),
        Findings("Risks", risks, "Looked for in the brief: date, team, sizes, needs, and what it must heed."),
        _chain_diagram(planned),
        table,
        Document("Plan", output.plan, "plan", tab="Plan"),
        Files("First code", files, f"{output.name}.zip", tab="Code"),
        Code("Begin", "shell", f"unzip {output.name}.zip -d {output.name}\ncd {output.name}\ncat README.md docs/plan.md", tab="Code"),
        Note(f"{output.tokens:,} tokens, {_of_what(output)}. The project passes its own tests as it is.", tab="Code"),
        *_drafts(output),
    )


def _said(output: WorkflowOutput) -> tuple[Block, ...]:
    """Whose plan it is, where a model was asked."""
    if not output.reader:
        return ()
    whose = f"Days, needs and steps of the stories are those that {output.reader} gave; the dates are computed from them."
    return (Note(" ".join(filter(None, (output.summary, whose)))),)


def _of_what(output: WorkflowOutput) -> str:
    return f"of the question to {output.reader} and of its answer" if output.reader else "of the brief and of all files"


def _drafts(output: WorkflowOutput) -> tuple[Block, ...]:
    if not output.drafts:
        return ()
    said = f"Written by {output.reader} and not run by anybody yet: read them before you take them over. They are not part of the project's archive."
    files = tuple(File(file.path, file.text) for file in output.drafts)
    return (Note(said, tab="Drafts"), Files("Drafts", files, f"{output.name}-drafts.zip", tab="Drafts"))


def _row(task: Planned) -> tuple[str | int | float, ...]:
    return (task.title, task.milestone, task.person, task.start, task.end, task.mean, f"{task.best:g} to {task.worst:g}", "yes" if task.is_critical else "no")


def _chain_diagram(planned: Schedule) -> Diagram:
    """The longest chain, folded after a few tasks a row."""
    by_key = {task.key: task for task in planned.tasks}
    shown = planned.chain[:_MOST_SHOWN]
    nodes = tuple(
        Node(
            key,
            shorten(by_key[key].title, _LABEL_CHARS, placeholder=" …"),
            "process",
            place % _A_ROW,
            float(place // _A_ROW),
            (f"{by_key[key].mean:g} days",),
        )
        for place, key in enumerate(shown)
    )
    edges = tuple(Edge(one, other) for one, other in pairwise(shown))
    said = f"{len(planned.chain)} tasks decide the end: from {by_key[planned.chain[0]].title} to {by_key[planned.chain[-1]].title}."
    return Diagram("What decides the end", nodes, edges, said)


_ASKED_WITH, _ANSWERED_AT_MOST = 560, 8_000


def expects(inputs: BriefInputs, asks: bool) -> Tokens:  # noqa: FBT001 - as `TokenUse` has it
    """Tokens of the project by kind and fields, and of the plan by its stories; of a model, those of the brief and of an answer that grows with it."""
    words = sum(len(story.what) for story in inputs.stories) // 4
    if asks:
        asked = _ASKED_WITH + 26 * len(inputs.stories) + 18 * len(inputs.fields) + words
        return Tokens(_ASKED_WITH, asked + 1_400 + 140 * len(inputs.stories), 2 * asked + _ANSWERED_AT_MOST)
    code = {"api": 6_600, "cli": 6_200, "library": 4_600}[inputs.kind] + 190 * len(inputs.fields)
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
    needs=frozenset({"llm"}),
    tokens=TokenUse(expects=expects, counted=lambda output: output.tokens, ask=asking.question, read=read),
)
