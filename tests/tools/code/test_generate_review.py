"""Reviews: known faults on their lines, changes that can be applied, the price by tokens, a language model's answer as data."""

import ast
import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools import blocks
from credit_studio.tools.base import Answered, AnswerError, InputError
from credit_studio.tools.code import generate_review
from credit_studio.tools.code.generate_review import TOOL, ReviewInputs, ReviewOutput, ask, expects, present, read, run
from credit_studio.tools.code.review import lines
from credit_studio.tools.code.review.remark import Chunk
from credit_studio.tools.code.tokens.encoding import count

SAMPLES = Path(__file__).with_name("samples")
DIFF = (SAMPLES / "cart.diff").read_text()
EXAMPLE = TOOL.example or ReviewInputs(code="x")


def found(code: str, **more: Any) -> set[tuple[str, int]]:
    return {(remark.rule, remark.line) for remark in run(ReviewInputs(code=code, **more)).remarks}


def test_the_example_is_full_of_known_faults() -> None:
    output = run(EXAMPLE)
    rules = {remark.rule: remark.severity for remark in output.remarks}
    assert rules["mutable-default"] == rules["swallowed-error"] == rules["changed-while-iterating"] == "high"
    assert {"open-without-with", "float-equality", "none-comparison", "UnusedImport", "FStringMissingPlaceholders", "B608"} <= set(rules)
    assert output.verdict == "Request changes"
    assert all(0 < remark.line <= output.lines for remark in output.remarks)


PYTHON = [
    ("def f(a):\n    return a\n    print(a)\n", ("unreachable", 3)),
    ("def f():\n    try:\n        return 1\n    finally:\n        return 2\n", ("return-in-finally", 5)),
    ("import time\nasync def f():\n    time.sleep(1)\n", ("blocking-call", 3)),
    ("fs = []\nfor i in range(3):\n    fs.append(lambda: i)\n", ("late-binding", 3)),
    ("try:\n    x = 1\nexcept ValueError as e:\n    raise KeyError('x')\n", ("raise-without-from", 4)),
    ("def f(a):\n    if a:\n        return 1\n    return\n", ("mixed-returns", 4)),
    ("text = ''\nfor i in range(3):\n    text += f'{i}'\n", ("text-in-loop", 3)),
    ("import datetime\nnow = datetime.datetime.utcnow()\n", ("naive-utc", 2)),
    ("x = 1\nif x is 'a':\n    pass\n", ("IsLiteral", 2)),
    ("def f():\n    return undefined_name\n", ("UndefinedName", 2)),
    ("x = {'a': 1, 'a': 2}\n", ("MultiValueRepeatedKeyLiteral", 1)),
    ("'%s %s' % (1,)\n", ("PercentFormatPositionalCountMismatch", 1)),
    ("def camelCase():\n    pass\n", ("function-name", 1)),
    ("def f(:\n", ("syntax", 1)),
    ("def f(a):\n" + "".join(f"    if a == {n}:\n        a = 0\n" for n in range(11)), ("complexity", 1)),
]


@pytest.mark.parametrize(("code", "remark"), PYTHON, ids=[remark for _, (remark, _) in PYTHON])
def test_a_fault_of_python_is_found_on_its_line(code: str, remark: tuple[str, int]) -> None:
    assert remark in found(code)


def test_good_python_is_left_in_peace() -> None:
    own = Path(generate_review.__file__).read_text()
    output = run(ReviewInputs(code=own, filename="generate_review.py"))
    assert [remark for remark in output.remarks if remark.severity in {"critical", "high", "medium"}] == []
    assert run(ReviewInputs(code='"""Nothing."""\n')).verdict == "Approve"


def test_complexity_is_mccabes() -> None:
    code = "def f(a, b):\n    if a and b or a:\n        for x in a:\n            while x:\n                x -= 1\n    return [y for y in b if y] if a else 0\n"
    (one,) = run(ReviewInputs(code=code)).functions
    assert (one.complexity, one.depth, one.lines, one.arguments) == (8, 3, 6, 2)


RULES = tomllib.loads(Path(lines.__file__).with_suffix(".toml").read_text())["rule"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_every_line_rule_finds_what_is_bad_and_passes_what_is_good(rule: dict[str, Any]) -> None:
    for which, language in [(which, language) for which in ("bad", "good") for language in rule["languages"]]:
        seen = {one.rule for one in lines.look(Chunk("x", 1, (rule[which],), frozenset({1}), whole=True), language)}
        assert (rule["id"] in seen) == (which == "bad"), (which, language)


def test_a_diff_is_reviewed_on_its_added_lines_with_the_new_files_numbers() -> None:
    output = run(ReviewInputs(code=DIFF))
    told = {(remark.rule, remark.path, remark.line) for remark in output.remarks}
    assert {
        ("mutable-default", "shop/cart.py", 13),
        ("none-comparison", "shop/cart.py", 16),
        ("changed-while-iterating", "shop/cart.py", 17),
        ("none-comparison", "shop/cart.py", 50),
        ("js-foreach-async", "web/cart.ts", 3),
        ("js-loose-equality", "web/cart.ts", 2),
        ("fewer-checks", "shop/cart.py", 10),
        ("no-test", "shop/cart.py", 10),
    } <= told
    assert (output.is_diff, output.files, output.lines) == (True, 2, 12)


def _applied(code: str, path: str, suggestion: str, folder: Path) -> str:
    """The file after `git apply` has put the suggestion in."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(code)
    git = shutil.which("git") or "git"
    subprocess.run([git, "init", "-q"], cwd=folder, check=True)
    subprocess.run([git, "apply", "--unidiff-zero", "-"], input=suggestion, text=True, cwd=folder, check=True)
    return (folder / path).read_text()


def test_suggested_changes_apply_and_mend_what_was_said(tmp_path: Path) -> None:
    output = run(EXAMPLE)
    changed = _applied(EXAMPLE.code, "shop/orders.py", output.suggestion, tmp_path)
    ast.parse(changed)
    assert "import json" not in changed
    assert "if strict is None:" in changed
    assert not {"none-comparison", "UnusedImport"} & {rule for rule, _ in found(changed)}


def test_suggested_changes_of_a_diff_apply_to_the_file_that_it_leaves(tmp_path: Path) -> None:
    suggestion = run(ReviewInputs(code=DIFF)).suggestion
    after = ["#"] * 9
    for text in DIFF.split("diff --git")[1].split("@@ class Cart:\n")[1:]:
        after += ["#"] * (47 - len(after)) if len(after) > 9 else []
        after += [line[1:] for line in text.split("\n@@")[0].split("\n") if line[:1] in (" ", "+")]
    only = suggestion.split("--- a/web")[0]
    changed = _applied("\n".join(after) + "\n", "shop/cart.py", only, tmp_path).split("\n")
    assert changed[15] == "            if line.price is None:"
    assert changed[49] == "            if line.note is not None:"


def test_a_change_that_would_break_the_file_is_not_suggested() -> None:
    output = run(ReviewInputs(code="def f():\n    import os\n"))
    assert output.suggestion == ""
    assert all(remark.replacement is None for remark in output.remarks)


def test_focus_leaves_out_what_is_small_and_of_another_kind() -> None:
    assert {remark.category for remark in run(ReviewInputs(code=EXAMPLE.code, focus="security")).remarks if remark.severity not in {"high", "critical"}} == {
        "security"
    }


def test_a_secret_is_found_and_not_shown() -> None:
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    output = run(ReviewInputs(code=f"key = '{secret}'\n"))
    assert output.remarks[0].category == "security"
    assert secret not in json.dumps(blocks.to_json(present(output)))


@pytest.mark.parametrize(
    "code", ["   \n ", "x\n" * 4_001, "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,1 @@\n a\n-b\n", "--- a/x.py\n+++ b/x.py\n@@ -1,9 +1,9 @@\n a\n+b\n?"]
)
def test_what_cannot_be_reviewed_is_refused_by_name(code: str) -> None:
    with pytest.raises(InputError) as refused:
        run(ReviewInputs(code=code))
    assert refused.value.field == "code"


@pytest.mark.parametrize("inputs", [EXAMPLE, ReviewInputs(code=DIFF), ReviewInputs(code="x"), ReviewInputs(code=Path(lines.__file__).read_text())])
def test_tokens_are_those_of_code_and_review_and_within_the_estimate(inputs: ReviewInputs) -> None:
    output = run(inputs)
    assert output.tokens == count(inputs.code) + count(output.document) + count(output.suggestion)
    expected = expects(inputs, False)  # noqa: FBT003 - as `TokenUse` has it
    assert expected.least <= output.tokens <= expected.most
    assert expected.least <= expected.typical <= expected.most


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=300), st.sampled_from(["python", "typescript", "sql", "other"]))
def test_any_text_is_reviewed_or_refused(text: str, language: Any) -> None:
    try:
        output = run(ReviewInputs(code=text, language=language))
    except InputError:
        return
    assert present(output)
    assert all(remark.line >= 1 for remark in output.remarks)


# --- a language model's answer ------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {"path": "shop/orders.py", "line": 9, "severity": "high", "category": "errors", "title": "<b>Left open</b>", "detail": "d", "fix": "f"}
GOOD |= {"replacement": None}


def answered(value: object) -> Answered[ReviewInputs]:
    return Answered(EXAMPLE, value if isinstance(value, str) else json.dumps(value), tokens=1_234, model="some-model")


def answer_of(*remarks: object) -> ReviewOutput:
    return read(answered({"summary": "Mend the file handle.", "remarks": list(remarks)}))


def test_the_question_holds_the_numbered_code_and_a_strict_schema() -> None:
    question = ask(EXAMPLE)
    assert "== shop/orders.py" in question.material
    assert "9+|    file = open(path)" in question.material
    assert question.schema["additionalProperties"] is False


def test_an_answer_becomes_a_review_like_any_other() -> None:
    output = answer_of(GOOD, GOOD | {"line": 15, "severity": "low", "replacement": "        if strict is None:"}, GOOD | {"line": 900})
    assert [remark.line for remark in output.remarks] == [9, 15]
    assert "+        if strict is None:" in output.suggestion
    assert (output.tokens, output.reader, output.verdict) == (1_234, "some-model", "Request changes")
    assert "\\<b\\>" in output.document
    assert present(output)


BAD = ["", "no JSON", "[]", {}, {"summary": "s"}, {"summary": 1, "remarks": []}, {"summary": "s", "remarks": {}}, {"summary": "s", "remarks": [1]}]
BAD += [{"summary": "s", "remarks": [GOOD | change]} for change in ({"line": "9"}, {"line": True}, {"severity": "awful"}, {"more": 1}, {"replacement": 7})]


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_an_answer_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(AnswerError):
        read(answered(value))
