"""CI/CD Pipeline Builder: one description, two pipelines, and a check of the one that is there already.

Stacks and the two writers are in `pipelines/`, and so are the rules that a pasted workflow or .gitlab-ci.yml is held to. What is written here is
held to the same rules before it is shown.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Figure, File, Files, Finding, Findings, KeyFigures, Note, Table
from credit_studio.tools.dev.pipelines import github, github_rules, gitlab, gitlab_rules
from credit_studio.tools.dev.pipelines.picture import picture
from credit_studio.tools.dev.pipelines.problems import MOST_JOBS, Checked
from credit_studio.tools.dev.pipelines.reading import Reading, read
from credit_studio.tools.dev.pipelines.stacks import NEEDS_STACK, STACKS, TARGETS, Pipeline

MOST_LISTED = 300

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,11}")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,79}")
_SECRET = re.compile(r"[A-Z_][A-Z0-9_]{0,59}")
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,38}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,38}){0,4}")
_SYSTEMS = {"linux": ("linux",), "linux and macos": ("linux", "macos"), "all": ("linux", "macos", "windows")}
_STEPS = "Steps"
_COMMANDS = "Commands of your own"
_DELIVERY = "Delivery"


@dataclass(frozen=True)
class CicdInputs:
    """The pipeline in a few choices, and one that is to be checked; raises `InputError` for what does not go together."""

    stack: Literal["python", "node", "go", "rust", "java", "docker"] = ui(
        "Stack", "What the repository is written in.", choices=tuple((name, stack.label) for name, stack in STACKS.items())
    )
    versions: Annotated[tuple[Annotated[str, Len(1, 12)], ...], Len(0, 6)] = ui(
        "Versions", "Of the language, oldest first; the tests run with each, all else with the last. Empty: those in support.", default=()
    )
    systems: Literal["linux", "linux and macos", "all"] = ui(
        "Systems",
        "Where GitHub runs the tests; GitLab runs them on Linux.",
        default="linux",
        choices=(("linux", "Linux"), ("linux and macos", "Linux and macOS"), ("all", "Linux, macOS and Windows")),
    )
    branches: Annotated[tuple[Annotated[str, Len(1, 80)], ...], Len(1, 5)] = ui("Branches", "Pushes and merges to these are checked.", default=("main",))
    cache: bool = ui("Cache packages", "Between runs, by lock file.", default=True)
    concurrency: bool = ui("Stop outdated runs", "A new push to a pull request ends the run of the last one.", default=True)
    secrets: Annotated[tuple[Annotated[str, Len(1, 60)], ...], Len(0, 10)] = ui(
        "Secrets that the tests need", "Names such as TEST_API_KEY; their values are set on the platform.", default=()
    )
    lint: bool = ui("Lint", "Style and common mistakes.", default=True, group=_STEPS)
    types: bool = ui("Type check", "Python and TypeScript; in Go, Rust and Java the compiler does it.", default=False, group=_STEPS)
    test: bool = ui("Test", "With every version and system.", default=True, group=_STEPS)
    scan: bool = ui("Scan", "Known vulnerabilities of what it depends on; on GitHub once a week, too.", default=True, group=_STEPS)
    build: bool = ui("Build", "The package, the site or the binary; kept for a week.", default=True, group=_STEPS)
    lint_command: Annotated[str, Len(0, 300)] = ui("Lint with", "One line of shell. Empty: what is usual for the stack.", default="", group=_COMMANDS)
    test_command: Annotated[str, Len(0, 300)] = ui("Test with", "One line of shell. Empty: what is usual for the stack.", default="", group=_COMMANDS)
    build_command: Annotated[str, Len(0, 300)] = ui(
        "Build with", "One line of shell that leaves its result in dist/. Empty: what is usual for the stack.", default="", group=_COMMANDS
    )
    target: Literal["none", "pypi", "npm", "registry", "pages", "ssh", "kubernetes"] = ui(
        "Deliver to", "PyPI is for Python, npm for Node.js. The container registry is that of the platform.", default="none", choices=TARGETS, group=_DELIVERY
    )
    release: Literal["tag", "branch"] = ui(
        "Deliver when",
        "A version tag is a decision; the first branch is every merge.",
        default="tag",
        choices=(("tag", "A tag such as v1.2.0 is pushed"), ("branch", "The first branch is pushed")),
        group=_DELIVERY,
    )
    app: Annotated[str, Len(1, 40)] = ui("Name of the app", "Of the deployment, the container or the folder on the server.", default="app", group=_DELIVERY)
    environment: Annotated[str, Len(1, 40)] = ui("Environment", "Where approvals and secrets of a deployment are set.", default="production", group=_DELIVERY)
    folder: Annotated[str, Len(1, 100)] = ui("Folder of the site", "What the build leaves, for Pages.", default="dist", group=_DELIVERY)
    check: Annotated[str, Len(0, 100_000)] = ui(
        "Pipeline to check",
        "A GitHub workflow or a .gitlab-ci.yml of up to 100,000 characters. May stay empty. It is read, never run.",
        default="",
        widget="file",
        accept=".yml,.yaml",
        placeholder="on: push\njobs:",
        group="Check",
    )

    def __post_init__(self) -> None:
        self._check_names()
        for field in ("lint_command", "test_command", "build_command"):
            if not getattr(self, field).isprintable():
                raise InputError(field.replace("_command", "Command"), "Must be one line.")
        needed = NEEDS_STACK.get(self.target)
        if needed is not None and self.stack != needed:
            raise InputError("target", f"{dict(TARGETS)[self.target]} takes packages of {STACKS[needed].label}: choose another target, or that stack.")
        if self.target in ("pypi", "pages") and not self.build:
            raise InputError("build", "What is delivered must be built: switch Build on.")
        if self.target == "pages" and self.stack in ("docker", "java"):
            raise InputError("target", "Pages serve a folder of files: choose the stack that builds the site.")
        if self.stack == "docker" and self.versions:
            raise InputError("versions", "A Docker image names its versions itself: leave this empty.")
        if not any((self.lint, self.types, self.test, self.scan, self.build)) and self.target in ("none", "npm", "ssh"):
            raise InputError("test", "Choose at least one step.")

    def _check_names(self) -> None:
        rows = (("versions", self.versions, _VERSION, "3.13"), ("branches", self.branches, _BRANCH, "main"), ("secrets", self.secrets, _SECRET, "TEST_API_KEY"))
        for field, values, pattern, such in rows:
            for place, value in enumerate(values):
                if not pattern.fullmatch(value) or value in values[:place]:
                    raise InputError(f"{field}.{place}", f"Must be written as {such} is, and stand once.")
        for field, value, pattern in (("app", self.app, _SLUG), ("environment", self.environment, _SLUG), ("folder", self.folder, _FOLDER)):
            if not pattern.fullmatch(value):
                such = "dist or site/public" if field == "folder" else "web or shop-api"
                raise InputError(field, f"Must be written as {such} is.")


@dataclass(frozen=True)
class JobRow:
    """One job of the workflow, as the table has it."""

    name: str
    needs: str
    when: str
    rights: str
    does: str


@dataclass(frozen=True)
class SecretRow:
    """One thing to set."""

    platform: str
    name: str
    purpose: str


@dataclass(frozen=True)
class CheckedFile:
    """What was found in the pasted file; `findings` holds the first 300 of `findings_total`, worst first."""

    dialect: str
    jobs: int
    findings_total: int
    findings: tuple[Finding, ...]
    picture: Diagram | None


@dataclass(frozen=True)
class CicdOutput:
    """Both files, what they need, and what was found in the file that was given."""

    stack: str
    target: str
    github: str
    gitlab: str
    dependabot: str
    legs: int
    jobs: tuple[JobRow, ...]
    secrets: tuple[SecretRow, ...]
    picture: Diagram | None
    own_findings: int
    has_macs: bool
    checked: CheckedFile | None


def plan_of(inputs: CicdInputs) -> Pipeline:
    """What is asked for, with the usual commands where none is given."""
    stack = STACKS[inputs.stack]
    return Pipeline(
        stack=inputs.stack,
        app=inputs.app,
        versions=inputs.versions or stack.versions,
        systems=_SYSTEMS[inputs.systems] if inputs.stack != "docker" else ("linux",),
        lint=_chosen(inputs.lint_command, stack.lint) if inputs.lint else (),
        types=stack.types if inputs.types else (),
        test=_chosen(inputs.test_command, stack.test) if inputs.test else (),
        build=_chosen(inputs.build_command, stack.build) if inputs.build else (),
        scan=stack.scan if inputs.scan else (),
        target=inputs.target,
        on_tag=inputs.release == "tag",
        branches=inputs.branches,
        has_cache=inputs.cache,
        has_concurrency=inputs.concurrency,
        test_secrets=inputs.secrets if inputs.test else (),
        environment=inputs.environment,
        folder=inputs.folder,
    )


def _chosen(command: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    return (command.strip(),) if command.strip() else usual


def run(inputs: CicdInputs) -> CicdOutput:
    """Both pipelines, and what is wrong with the one that was given; raises `InputError` on "check" for what is no YAML."""
    plan = plan_of(inputs)
    workflow, pipeline = github.workflow(plan), gitlab.pipeline(plan)
    report(0.2, "Checking what was written")
    own = [github_rules.check(read(workflow, "check")), gitlab_rules.check(read(pipeline, "check"))]
    report(0.4, "Reading the pipeline to check")
    checked = _checked(inputs.check) if inputs.check.strip() else None
    return CicdOutput(
        stack=inputs.stack,
        target=inputs.target,
        github=workflow,
        gitlab=pipeline,
        dependabot=github.dependabot(plan),
        legs=max(1, len(plan.versions)) * len(plan.systems) if plan.test else 0,
        jobs=_rows(read(workflow, "check"), plan),
        secrets=tuple(SecretRow(one.platform, one.name, one.purpose) for one in (*github.secrets(plan), *gitlab.secrets(plan))),
        picture=picture(own[0].steps, "Jobs", "Summary"),
        own_findings=sum(len([one for one in each.problems if one.severity != "info"]) for each in own),
        has_macs=len(plan.systems) > 1,
        checked=checked,
    )


def _rows(workflow: Reading, plan: Pipeline) -> tuple[JobRow, ...]:
    """The jobs of the workflow that was written, as it says them."""
    jobs = workflow.root.get("jobs")
    rows: list[JobRow] = []
    for name, job in (jobs.fields if jobs is not None else {}).items():
        needs = job.get("needs")
        rights = job.get("permissions")
        steps = job.get("steps")
        when = "Every push and pull request" if job.get("if") is None else ("A version tag" if plan.on_tag else f"A push to {plan.branches[0]}")
        written = "contents: read" if rights is None else ", ".join(f"{right}: {level.text}" for right, level in rights.fields.items()) or "none"
        does = [(step.get("run") or step.get("name") or step.get("uses")) for step in (steps.items if steps is not None else [])]
        said = [one.text.split("\n")[0].partition("@")[0] if "@" in one.text[:60] else one.text.split("\n")[0] for one in does if one is not None]
        rows.append(JobRow(name, ", ".join(one.text for one in needs.texts()) if needs is not None else "", when, written, "; ".join(said[1:])[:300]))
    return tuple(rows)


def _checked(text: str) -> CheckedFile:
    reading = read(text, "check")
    found = check(reading)
    if len(found.steps) > MOST_JOBS:
        raise InputError("check", f"Has {len(found.steps):,} jobs; {MOST_JOBS} are the most.")
    findings = tuple(
        Finding(one.severity, one.title, f"line {one.line}" + (f", job {one.job}" if one.job else ""), one.detail, one.fix)
        for one in found.problems[:MOST_LISTED]
    )
    return CheckedFile(found.dialect, len(found.steps), len(found.problems), findings, picture(found.steps, f"Jobs of the {found.dialect} file", "Check"))


def check(reading: Reading) -> Checked:
    """Held to the rules of the dialect that it is written in: a workflow has "jobs", and "on" or "permissions" beside it."""
    root = reading.root
    jobs = root.get("jobs")
    most = max(len(root.fields), len(jobs.fields) if jobs is not None else 0)
    if most > MOST_JOBS:
        raise InputError("check", f"Has {most:,} fields at the level of jobs; {MOST_JOBS} are the most.")
    is_workflow = jobs is not None and jobs.get("script") is None
    return (github_rules if is_workflow or root.get("on") is not None else gitlab_rules).check(reading)


def present(output: CicdOutput) -> tuple[Block, ...]:
    """The graph and the jobs, each file on a tab of its own, what to set, and what was found."""
    names = [one for one in output.secrets if one.name != "(none)"]
    third = (
        Figure("Found in your file", f"{output.checked.findings_total:,}", _counted(output.checked))
        if output.checked
        else Figure("Checked", "both files", "held to the rules a pasted file is held to" if not output.own_findings else f"{output.own_findings} findings")
    )
    made = (
        Figure("Jobs", f"{len(output.jobs)}"),
        Figure("Test runs", f"{output.legs}", "versions × systems" if output.legs else "no tests"),  # noqa: RUF001 - a product
        Figure("To set before", f"{len({one.name for one in names})}", "secrets" if names else "no secrets"),
    )
    figures = (third, *made) if output.checked else (*made, third)
    pictures = (output.picture,) if output.picture else ()
    return (KeyFigures(figures), *_check_blocks(output), *pictures, _jobs_table(output), *_secrets_table(output), *_notes(output), *_files(output))


def _counted(checked: CheckedFile) -> str:
    counts = Counter(one.severity for one in checked.findings)
    return ", ".join(f"{counts[severity]} {severity}" for severity in ("critical", "high", "medium", "low", "info") if counts[severity]) or "nothing to mend"


def _check_blocks(output: CicdOutput) -> tuple[Block, ...]:
    checked = output.checked
    if checked is None:
        return ()
    what = "fields, needs and rings, versions of actions and images, rights, secrets, text of strangers in scripts"
    looked = f"{checked.jobs} jobs of a {checked.dialect} file: {what}."
    more = f" The first {MOST_LISTED} of {checked.findings_total:,} are listed." if checked.findings_total > MOST_LISTED else ""
    found = Findings("What the check found", checked.findings, looked + more, tab="Check")
    return (found, *((checked.picture,) if checked.picture else ()))


def _jobs_table(output: CicdOutput) -> Table:
    columns = (Column("Job"), Column("Waits for"), Column("Runs at"), Column("Rights of the token"), Column("What it does", "code"))
    return Table("Jobs of the workflow", columns, tuple((one.name, one.needs, one.when, one.rights, one.does) for one in output.jobs))


def _secrets_table(output: CicdOutput) -> tuple[Table, ...]:
    rows = tuple((one.platform, one.name, one.purpose) for one in output.secrets)
    return (Table("To set before the first run", (Column("Platform"), Column("Name", "code"), Column("What for")), rows),) if rows else ()


def _notes(output: CicdOutput) -> tuple[Note, ...]:
    texts = ["Actions are pinned to the commits of releases; dependabot.yml keeps them new. The token may read the repository and gets more in one job only."]
    if output.has_macs:
        texts.append("GitLab's runners for macOS and Windows have tags of their own: its tests run on Linux.")
    if output.stack == "python":
        texts.append("The tools come with the extra “dev” of pyproject.toml: ruff, mypy and pytest.")
    if output.stack == "docker":
        texts.append("The test builds the stage “test” of the Dockerfile.")
    if output.target in ("registry", "kubernetes"):
        texts.append("The image is made of the Dockerfile at the root of the repository; its release is deployed by digest on GitHub and by commit on GitLab.")
    return (Note(" ".join(texts)),)


def _files(output: CicdOutput) -> tuple[Block, ...]:
    workflow, pipeline = ".github/workflows/ci.yml", ".gitlab-ci.yml"
    files = (File(workflow, output.github), File(".github/dependabot.yml", output.dependabot), File(pipeline, output.gitlab))
    return (
        Code(workflow, "yaml", output.github, filename="ci.yml", tab="GitHub Actions"),
        Code(".github/dependabot.yml", "yaml", output.dependabot, filename="dependabot.yml", tab="GitHub Actions"),
        Code(pipeline, "yaml", output.gitlab, filename=".gitlab-ci.yml", tab="GitLab CI"),
        Files("All files", files, "pipelines.zip", tab="Files"),
    )


def _units(inputs: CicdInputs) -> int:
    """Characters of the file to check, and those of the files that are written, which are read again."""
    return len(inputs.check) + 6_000


def _describe(inputs: CicdInputs) -> str:
    checked = f", {len(inputs.check):,} characters to check" if inputs.check.strip() else ""
    return f"A pipeline for {STACKS[inputs.stack].label}{checked}"


_EXAMPLE = """\
name: Release
on:
  pull_request_target:
  push:
    branches: [main]

jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: echo "Testing ${{ github.event.pull_request.title }}"
      - run: pip install -e . && pytest

  package:
    runs-on: ubuntu-20.04
    needs: [test, lint]
    steps:
      - uses: actions/checkout@v4
      - run: python -m build
      - uses: actions/upload-artifact@v3
        with:
          path: dist

  publish:
    runs-on: ubuntu-latest
    need: package
    permissions: write-all
    steps:
      - uses: actions/download-artifact@v4
      - uses: pypa/gh-action-pypi-publish@master
        with:
          password: ${{ secrets.PYPI_TOKEN }}
"""

TOOL: Tool[CicdInputs, CicdOutput] = Tool(
    id="dev-studio-cicd",
    title="CI/CD Pipeline Builder",
    studio=Studio.DEV,
    mode=Mode.HYBRID,
    cap=5,
    summary="Choose stack, steps and target. Get the pipeline for GitHub and GitLab, and have the one you have now checked.",
    takes="stack, steps, matrix, target",
    gives="GitHub Actions and GitLab CI files, checked for structure",
    inputs=CicdInputs,
    example=CicdInputs(stack="python", versions=("3.11", "3.12", "3.13"), types=True, target="pypi", secrets=("TEST_API_KEY",), check=_EXAMPLE),
    cost=Cost(units=_units, describe=_describe, lower="check", cpu_us_per_unit=6.0, cpu_ms_base=8.0, mem_bytes_per_unit=300.0, mem_mb_base=6.0, spread=1.6),
    run=run,
    present=present,
    preload=("ruamel.yaml",),
    keywords=("GitHub Actions", "GitLab CI", "workflow", "pipeline", "matrix", "deploy", "script injection", "pinning", "YAML"),
)
