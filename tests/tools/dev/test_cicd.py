import functools
import json
import subprocess
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.dev.cicd import TOOL, CheckedFile, CicdInputs, CicdOutput, plan_of, present, run
from credit_studio.tools.dev.pipelines import github
from credit_studio.tools.dev.pipelines.picture import levels
from credit_studio.tools.dev.pipelines.problems import Step, cycles
from credit_studio.tools.dev.pipelines.writing import scalar, write
from credit_studio.tools.validation import example_json, parse
from tests.contracts import drawing

SAMPLES = Path(__file__).with_name("samples")
EXAMPLE = cast("CicdInputs", TOOL.example)
BARE = CicdInputs(stack="python")
STACKS = ("python", "node", "go", "rust", "java", "docker")
TARGETS = ("none", "pypi", "npm", "registry", "pages", "ssh", "kubernetes")
GITHUB = Draft7Validator(get_builtin_schema("vendor.github-workflows"))
GITLAB = Draft7Validator(get_builtin_schema("vendor.gitlab-ci"))
DEPENDABOT = Draft7Validator(get_builtin_schema("vendor.dependabot"))


def load(text: str) -> Any:
    """By YAML 1.2, as GitHub reads it: "on" is a word."""
    return YAML(typ="safe", pure=True).load(text)


FEW: dict[str, Any] = {"scan": False, "cache": False, "concurrency": False, "release": "branch", "branches": ("main", "release/1.x")}
MANY: dict[str, Any] = {"types": True, "systems": "all", "secrets": ("TEST_KEY", "OTHER"), "app": "shop", "environment": "staging", "folder": "site/public"}
LEAST: dict[str, Any] = {"lint": False, "test": False, "scan": False}


@functools.cache
def combinations() -> list[tuple[CicdInputs, CicdOutput]]:
    """Every stack with every target that goes with it, with many, few or the least of the other choices, and what is written."""
    found = list[tuple[CicdInputs, CicdOutput]]()
    for place, (stack, target) in enumerate(product(STACKS, TARGETS)):
        try:
            inputs = replace(BARE, stack=stack, target=target, **(MANY, FEW, LEAST)[(place + place // 3) % 3])
        except InputError:
            continue
        found.append((inputs, run(inputs)))
    return found


def check(text: str) -> CheckedFile:
    output = run(replace(BARE, check=text))
    assert output.checked is not None
    assert blocks.to_json(present(output))
    return output.checked


def found(checked: CheckedFile) -> set[tuple[str, str]]:
    return {(one.severity, one.title) for one in checked.findings}


# --- what is written ----------------------------------------------------------------------------------------------------------


def test_every_combination_fits_the_schema_of_its_platform_and_the_rules() -> None:
    every = combinations()
    assert len(every) == 30
    for inputs, output in every:
        said = f"{inputs.stack} to {inputs.target}"
        assert not [error.message for error in GITHUB.iter_errors(load(output.github))], said
        assert not [error.message for error in GITLAB.iter_errors(load(output.gitlab))], said
        assert not [error.message for error in DEPENDABOT.iter_errors(load(output.dependabot))], said
        assert output.own_findings == 0, said
        assert yaml.safe_load(output.gitlab) == load(output.gitlab), "the older YAML reads the same"
        assert [fault for block in present(output) for fault in drawing.faults(block)] == []


def test_every_action_is_pinned_and_says_its_version() -> None:
    for _, output in combinations():
        for line in output.github.splitlines():
            if "uses: " in line:
                reference = line.partition("uses: ")[2]
                assert len(reference.partition("@")[2].partition(" # ")[0]) == 40, reference
                assert reference.partition(" # ")[2].startswith("v"), reference


def test_only_what_delivers_may_write_and_only_when_it_is_time() -> None:
    for _, output in combinations():
        workflow = yaml.safe_load(output.github)
        assert workflow["permissions"] == {"contents": "read"}
        for name, job in workflow["jobs"].items():
            is_delivery = name in ("image", "publish", "deploy")
            assert ("if" in job) == is_delivery
            assert is_delivery or "permissions" not in job
            assert job["timeout-minutes"] <= 30


def test_the_workflow_of_a_package_for_pypi() -> None:
    jobs = load(run(EXAMPLE).github)["jobs"]
    assert list(jobs) == ["lint", "test", "scan", "build", "publish"]
    assert jobs["test"]["strategy"]["matrix"] == {"version": ["3.11", "3.12", "3.13"]}
    assert jobs["build"]["needs"] == ["lint", "test", "scan"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert [step["run"] for step in jobs["lint"]["steps"] if "run" in step][1:] == ["ruff check .", "ruff format --check .", "mypy ."]
    assert jobs["test"]["steps"][-1]["env"] == {"TEST_API_KEY": "${{ secrets.TEST_API_KEY }}"}


def test_the_pipeline_of_a_service_on_kubernetes() -> None:
    output = run(replace(BARE, stack="go", target="kubernetes", release="branch", app="shop-api", environment="live"))
    pipeline, jobs = load(output.gitlab), load(output.github)["jobs"]
    assert pipeline["stages"] == ["check", "build", "deploy"]
    assert pipeline["deploy"]["needs"] == ["container"]
    assert pipeline["deploy"]["rules"] == [{"if": '$CI_COMMIT_BRANCH == "main"'}]
    assert jobs["deploy"]["steps"][0]["env"]["IMAGE"] == "${{ needs.image.outputs.reference }}"
    assert jobs["deploy"]["environment"] == {"name": "live"}
    assert {one.name for one in output.secrets} == {"KUBE_CONFIG", "KUBECONFIG"}


def test_what_one_job_leaves_the_next_one_takes() -> None:
    for stack in STACKS:
        output = run(replace(BARE, stack=stack, target="ssh"))
        jobs, pipeline = load(output.github)["jobs"], load(output.gitlab)
        assert jobs["build"]["steps"][-1]["with"]["path"] == jobs["deploy"]["steps"][0]["with"]["path"] == "dist/"
        assert pipeline["build"]["artifacts"]["paths"] == ["dist/"]
        assert pipeline["deploy"]["variables"]["SOURCE"] == jobs["deploy"]["steps"][1]["env"]["SOURCE"] == "./dist/"


def test_own_commands_take_the_place_of_the_usual_ones() -> None:
    inputs = replace(BARE, test_command="tox -e py -- --color='yes' # all", lint_command="pre-commit run --all-files", build_command="hatch build")
    output = run(inputs)
    assert load(output.github)["jobs"]["test"]["steps"][-1]["run"] == inputs.test_command
    assert load(output.gitlab)["test"]["script"][-1] == inputs.test_command
    assert load(output.gitlab)["lint"]["script"][-1] == inputs.lint_command
    assert plan_of(inputs).build == ("hatch build",)


def test_scripts_are_scripts() -> None:
    for _, output in combinations():
        for job in yaml.safe_load(output.github)["jobs"].values():
            script = "\n".join(step["run"] for step in job["steps"] if "run" in step)
            assert "${{" not in script, "a value goes into a script by its environment"
    for text in (
        github.SSH_COMMANDS,
        *(step["run"] for job in load(run(replace(BARE, target="kubernetes")).github)["jobs"].values() for step in job["steps"] if "run" in step),
    ):
        assert subprocess.run(["/bin/bash", "-n"], input=text, text=True, check=False).returncode == 0


# --- what is checked ----------------------------------------------------------------------------------------------------------


def test_everything_wrong_with_a_hostile_workflow_is_found() -> None:
    checked = check((SAMPLES / "hostile-workflow.yml").read_text())
    assert (checked.dialect, checked.jobs) == ("GitHub Actions", 5)
    assert found(checked) >= {
        ("critical", "A stranger's text becomes part of a script"),
        ("critical", "AWS access key in the file"),
        ("critical", "Jobs wait for each other in a ring"),
        ("critical", "A step has neither uses nor run"),
        ("critical", "The job is empty"),
        ("critical", "someone/thing names no version"),
        ("high", "“pushed” is no event of GitHub"),
        ("high", "“run-with” is no field of a step"),
        ("high", "needs.b is empty here"),
        ("high", "matrix.python is empty here"),
        ("high", "Pull requests run on a machine of your own"),
        ("high", "someone/else/.github/workflows/ci.yml@main is not pinned"),
        ("medium", "docker/login-action@v3 is not pinned"),
        ("medium", "docker://alpine:3 is not pinned"),
        ("medium", "The command ::set-output:: no longer works"),
        ("medium", "A script from the network is run unseen"),
        ("medium", "Rights to write are given to all jobs"),
        ("low", "actions/github-script@v7 is not pinned"),
        ("low", "An input becomes part of a script"),
        ("low", "A secret becomes part of a script"),
        ("low", "All secrets are handed on"),
    }
    lines = {one.where for one in checked.findings if one.title == "A stranger's text becomes part of a script"}
    assert lines == {"line 13, job triage", "line 18, job triage"}


def test_nothing_is_found_in_a_tidy_workflow() -> None:
    assert check((SAMPLES / "tidy-workflow.yml").read_text()).findings == ()


def test_everything_wrong_with_a_gitlab_pipeline_is_found() -> None:
    text = (SAMPLES / "broken.gitlab-ci.yml").read_text()
    checked = check(text)
    assert (checked.dialect, checked.jobs) == ("GitLab CI", 3)
    assert found(checked) >= {
        ("critical", "rules stand beside only or except"),
        ("critical", "Jobs wait for each other in a ring"),
        ("high", "“loose” is neither a keyword nor a job"),
        ("high", "“scripts” is no field of a job"),
        ("high", "DEPLOY_TOKEN has its value in the file"),
        ("high", "It waits for unit, whose stage comes later"),
        ("high", "A stranger's text is run as a script"),
        ("medium", "A file from elsewhere is included unseen"),
        ("medium", "Each change may run twice"),
        ("low", "node is whatever is newest"),
        ("info", "only and except are no longer developed"),
    }
    whole = check(text.replace("include:\n  - remote: https://ci.example.org/base.yml\n", "").replace("needs: [unit]", "needs: [none]"))
    assert ("critical", "It waits for “none”, which is not there") in found(whole)


def test_nothing_is_found_in_a_tidy_gitlab_pipeline() -> None:
    assert check((SAMPLES / "tidy.gitlab-ci.yml").read_text()).findings == ()


@pytest.mark.parametrize(
    ("change", "severity", "title"),
    [
        (("pull_request:", "pull_request_target:"), "none", ""),
        (("runs-on: ${{ matrix.os }}\n", ""), "critical", "The job does not say where it runs"),
        (("needs: versions", "needs: version"), "critical", "It waits for “version”, which is not there"),
        (("needs: versions", "needs: test"), "critical", "Jobs wait for each other in a ring"),
        (("permissions: {}", "permissions: write-all"), "high", "The token may write everything"),
        (("timeout-minutes: 20", "timeout-minuts: 20"), "high", "“timeout-minuts” is no field of a job"),
        (("ubuntu-24.04]", "ubuntu-24.04]\n        os: [macos-15]"), "high", "“os” stands twice"),
        (("${{ matrix.extra }}", "${{ github.head_ref }}"), "high", "A stranger's text becomes part of a script"),
        (("on:\n", "an:\n"), "critical", "It never runs: there is no “on”"),
    ],
)
def test_one_slip_is_found(change: tuple[str, str], severity: str, title: str) -> None:
    text = (SAMPLES / "tidy-workflow.yml").read_text()
    assert change[0] in text
    assert (severity, title) in found(check(text.replace(*change, 1))) | {("none", "")}


def test_a_slip_of_the_pen_is_told_what_was_meant() -> None:
    checked = check("on: push\npermissions: {}\njobs:\n  a:\n    runs_on: ubuntu-24.04\n    step: [{run: make, shel: bash}]\n")
    assert {one.fix for one in checked.findings if "is no field" in one.title} == {"Did you mean runs-on?", "Did you mean steps?"}


def test_rings_and_levels() -> None:
    needs = {"a": ("b",), "b": ("c",), "c": ("a",), "d": ("d",), "e": ("a",), "f": ()}
    assert [sorted(ring) for ring in cycles(needs)] == [["a", "b", "c"], ["d"]]
    steps = tuple(Step(name, waits, ()) for name, waits in {"lint": (), "test": (), "build": ("lint", "test"), "ship": ("build", "gone")}.items())
    assert levels(steps) == {"lint": 0, "test": 0, "build": 1, "ship": 2}
    assert set(levels(tuple(Step(name, waits, ()) for name, waits in needs.items()))) == set(needs)


# --- inputs -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "in line 1"),
        ("on: push\njobs:\n\ta: 1", "in line 3"),
        ("- a", "is a mapping"),
        ("just words", "is a mapping"),
        ("[" * 5_000, "is nested too deeply"),
        ("a: \x00", "a character"),
        ("a: &a {b: *a}", "holds itself"),
        ("{" * 300, ""),
        ("".join(f"j{n}:\n  script: x\n" for n in range(600)), "500 are the most"),
    ],
)
def test_what_is_no_pipeline_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        run(replace(BARE, check=text))
    assert refused.value.field == "check"
    assert says in refused.value.message.replace("Is ", "is ")
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stack": "go", "target": "pypi"}, "target"),
        ({"stack": "python", "target": "npm"}, "target"),
        ({"target": "pypi", "build": False}, "build"),
        ({"stack": "java", "target": "pages", "versions": []}, "target"),
        ({"stack": "docker", "target": "registry"}, "versions"),
        ({"versions": ["3.13", "3.13"]}, "versions.1"),
        ({"versions": ["$(id)"]}, "versions.0"),
        ({"branches": ["main", "a b"]}, "branches.1"),
        ({"branches": ["it's"]}, "branches.0"),
        ({"secrets": ["lower"]}, "secrets.0"),
        ({"app": "Shop"}, "app"),
        ({"folder": "../etc"}, "folder"),
        ({"testCommand": "a\nb"}, "testCommand"),
        ({"lint": False, "types": False, "test": False, "scan": False, "build": False, "target": "none"}, "test"),
    ],
)
def test_what_does_not_go_together_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        parse(TOOL, example_json(TOOL) | change)
    assert [error.field for error in refused.value.errors] == [field]


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 50))
WIDE = [
    LAUGHS + "on: push\njobs: {a: {runs-on: x, steps: *a49, needs: *a49}}",
    "on: push\nx: &s\n"
    + "".join("  - {run: 'echo ${{ inputs.a }}'}\n" for _ in range(1_500))
    + "jobs:\n"
    + "".join(f"  j{n}: {{runs-on: x, steps: *s}}\n" for n in range(480)),
    "n: &n [" + ", ".join(f"j{n}" for n in range(450)) + "]\n" + "".join(f"j{n}:\n  script: x\n  needs: *n\n" for n in range(450)),
    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: '" + "curl " * 19_000 + "'\n",
    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: '" + "${{ github.event.commits" * 4_000 + "'\n",
    "on: push\njobs: {a: {runs-on: x, " + ", ".join(f"k{n}: 1" for n in range(9_000)) + "}}",
    "a: " + "[" * 59 + "b," * 15_000,
    "- " * 49_000,
    "? " * 49_000,
    "a: " + "'" * 90_000,
]


@pytest.mark.soak
@pytest.mark.parametrize("place", range(len(WIDE)))
def test_no_text_takes_more_than_its_limits(place: int) -> None:
    began = time.process_time()
    try:
        output = run(replace(BARE, check=WIDE[place][:100_000]))
    except InputError as error:
        assert error.field == "check"  # noqa: PT017 - either refused or checked, in time
    else:
        assert len(json.dumps([jsonable(output), blocks.to_json(present(output))])) < TOOL.limits.output_bytes
    assert time.process_time() - began < TOOL.limits.cpu_ms / 1_000


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_written_so_that_it_reads_back(text: str) -> None:
    printable = "".join(one for one in text if one.isprintable())
    for reader in (load, yaml.safe_load):
        assert reader(f"key: {scalar(printable)}\n") == {"key": printable}
        assert reader(write({"steps": [{"run": printable}]})) == {"steps": [{"run": printable}]}


_WORD = st.sampled_from(
    ["on", "jobs", "a", "b", "needs", "runs-on", "steps", "uses", "run", "script", "stage", "rules", "extends", "${{ github.head_ref }}", "", "7"]
)
_TREE = st.recursive(st.none() | _WORD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORD, inner, max_size=5), max_leaves=25)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(_WORD, _TREE, max_size=6))
def test_any_tree_is_checked_or_refused(tree: dict[str, Any]) -> None:
    try:
        checked = check(yaml.safe_dump(tree))
    except InputError as error:
        assert error.field == "check"  # noqa: PT017 - the one field there is
    else:
        assert checked.findings_total >= len(checked.findings)
