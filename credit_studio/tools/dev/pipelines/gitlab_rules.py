"""A .gitlab-ci.yml, looked at as GitLab reads it; the keywords are those of GitLab's CI/CD YAML reference."""

import re
from collections.abc import Iterator
from itertools import islice

from credit_studio.tools.dev.pipelines.problems import MOST_NEEDS, MOST_PLACES, Checked, Problem, Step, everywhere, in_order, names, rings, unknown_fields
from credit_studio.tools.dev.pipelines.reading import Reading, Spot

_GLOBAL = frozenset(
    {"default", "include", "stages", "types", "variables", "workflow", "image", "services", "cache", "before_script", "after_script", "spec", "component"}
)
_JOB = frozenset(
    {"script", "run", "stage", "image", "services", "before_script", "after_script", "hooks", "variables", "cache", "artifacts", "dependencies", "needs"}
    | {"rules", "only", "except", "when", "allow_failure", "manual_confirmation", "start_in", "timeout", "retry", "tags", "parallel", "environment", "release"}
    | {
        "resource_group",
        "interruptible",
        "coverage",
        "extends",
        "trigger",
        "inherit",
        "secrets",
        "id_tokens",
        "identity",
        "pages",
        "publish",
        "dast_configuration",
    }
)
_DEFAULT_STAGES = ("build", "test", "deploy")
_ALWAYS = frozenset({".pre", ".post"})
_NAMED_SECRET = re.compile(r"(?:PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_?KEY)$", re.IGNORECASE)
_STRANGER = re.compile(r"\$\{?CI_(?:COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|REF_NAME|BRANCH|TAG_MESSAGE)|MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME))\b")
_EVALUATED = re.compile(r"\beval\b|\b(?:ba|z|da)?sh\s{1,5}-c\b")
_NONE = Spot([], 1)


def check(reading: Reading) -> Checked:
    """The jobs of a pipeline and what is wrong with it. What it includes is not there to be looked at, and no name is called unknown for that."""
    root = reading.root
    every = {name: spot for name, spot in root.fields.items() if name not in _GLOBAL}
    jobs = {name: spot for name, spot in every.items() if not name.startswith(".") and isinstance(spot.value, dict)}
    is_whole = root.get("include") is None
    stages = _stages(root)
    problems = [*everywhere(reading), *_top(root, every, jobs), *_includes(root)]
    full = {name: _inherited(name, every) for name in jobs}
    needs = {name: tuple(_needed(job)) for name, job in full.items()}
    for name, job in full.items():
        problems += _job(name, job, every, is_whole=is_whole)
        problems += _order(name, job, full, stages, is_whole=is_whole)
    problems += rings(needs, root)
    waits = {name: _waits(job, full, stages) for name, job in full.items()}
    return Checked("GitLab CI", tuple(Step(name, waits[name], _lines(job)) for name, job in full.items()), in_order(problems))


def _stages(root: Spot) -> tuple[str, ...]:
    return tuple(one.text for one in (root.get("stages") or _NONE).items) or _DEFAULT_STAGES


def _stage(job: Spot) -> str:
    return (job.get("stage") or Spot("test", 1)).text


def _inherited(name: str, every: dict[str, Spot]) -> Spot:
    """A job with what it extends: its own fields first, then those of its templates, nearest last, at most ten deep."""
    job = every[name]
    merged = Spot(dict(job.fields), job.line, key_lines=dict(job.key_lines))
    ahead = [one.text for one in (job.get("extends") or _NONE).texts()[:20]][::-1]
    for _ in range(10):
        parents = [every[one] for one in ahead if one in every]
        for parent in parents:
            for field, value in parent.fields.items():
                merged.fields.setdefault(field, value)
        ahead = [one.text for parent in parents for one in (parent.get("extends") or _NONE).texts()][:20]
    return merged


def _needed(job: Spot) -> list[str]:
    """The jobs of this pipeline that it waits for."""
    return [wanted for item in (job.get("needs") or _NONE).items[:MOST_NEEDS] if (wanted := _wanted(item))]


def _wanted(item: Spot) -> str:
    """The job that an item of needs names, "" for one of another project or pipeline."""
    elsewhere = item.get("project") or item.get("pipeline")
    return item.text or ((item.get("job") or Spot("", 1)).text if elsewhere is None else "")


def _waits(job: Spot, jobs: dict[str, Spot], stages: tuple[str, ...]) -> tuple[str, ...]:
    """For the picture: its needs, or the jobs of the nearest stage before its own that has any."""
    if job.get("needs") is not None:
        return tuple(_needed(job))
    before = stages[: stages.index(_stage(job))] if _stage(job) in stages else ()
    for stage in reversed(before):
        found = tuple(name for name, other in jobs.items() if _stage(other) == stage)
        if found:
            return found
    return ()


def _lines(job: Spot) -> tuple[str, ...]:
    image = job.get("image")
    named = (image.text or (image.get("name") or Spot("", 1)).text) if image is not None else ""
    return (_stage(job)[:40], *([named[:40]] if named else []))


def _top(root: Spot, every: dict[str, Spot], jobs: dict[str, Spot]) -> Iterator[Problem]:
    for name, spot in every.items():
        if not isinstance(spot.value, dict) and not name.startswith("."):
            yield Problem(
                "high",
                f"“{name[:60]}” is neither a keyword nor a job",
                root.line_of(name),
                fix="A job is a mapping with a script; a template's name begins with a dot.",
            )
    if not jobs and root.get("include") is None:
        yield Problem("critical", "There are no jobs", 1, fix="A pipeline needs at least one job that is not hidden by a dot.")
    if root.get("types") is not None:
        yield Problem("high", "“types” is gone", root.line_of("types"), fix="It is called stages now.")
    yield from _variables(root, "")
    text = {spot.text for job in every.values() for spot in islice((job.get("rules") or _NONE).walk(), MOST_PLACES)}
    if root.get("workflow") is None and any("merge_request" in one.lower() for one in text):
        detail = "A push to a branch with an open merge request starts a pipeline for each of the two."
        yield Problem("medium", "Each change may run twice", 1, "", detail, "Add workflow: rules for merge requests and the default branch.")


def _includes(root: Spot) -> Iterator[Problem]:
    include = root.get("include")
    if include is None:
        return
    for item in [include, *include.items]:
        remote = item.get("remote")
        address = remote.text if remote is not None else item.text
        if address.startswith(("http://", "https://")) and item.get("integrity") is None:
            detail = "Whoever controls that address changes your pipeline, with its variables in reach."
            yield Problem(
                "medium",
                "A file from elsewhere is included unseen",
                item.line,
                "",
                detail,
                "Add integrity with its SHA-256, or include a project at a fixed ref.",
            )
        if item.get("project") is not None and item.get("ref") is None:
            yield Problem("low", "A project's file is included at its newest", item.line, "", fix="Add ref with a tag or a commit.")


def _variables(spot: Spot, job: str) -> Iterator[Problem]:
    for name, value in (spot.get("variables") or Spot("", 1)).fields.items():
        if _NAMED_SECRET.search(name[-60:]) and value.text and not value.text.startswith("$"):
            fix = "Make it a masked and protected variable in the settings, and change it: it is in the history of the repository."
            yield Problem("high", f"{name[:60]} has its value in the file", value.line, job, fix=fix)


def _job(name: str, job: Spot, every: dict[str, Spot], *, is_whole: bool) -> Iterator[Problem]:
    yield from unknown_fields(every[name], _JOB, "a job", name)
    for parent in (every[name].get("extends") or _NONE).texts()[:20]:
        if parent.text not in every and is_whole:
            yield Problem("critical", f"It extends “{parent.text[:60]}”, which is not there", parent.line, name)
    does = any(job.get(field) is not None for field in ("script", "run", "trigger"))
    if not does and (is_whole or job.get("extends") is None):
        yield Problem(
            "critical", "The job does nothing: it has no script", job.line, name, fix="Add script, or begin its name with a dot when it is a template."
        )
    if job.get("rules") is not None and (job.get("only") or job.get("except")) is not None:
        yield Problem("critical", "rules stand beside only or except", every[name].line, name, "GitLab refuses the file.", "Keep rules.")
    elif (job.get("only") or job.get("except")) is not None:
        yield Problem("info", "only and except are no longer developed", every[name].line, name, fix="Write rules instead.")
    yield from _variables(every[name], name)
    yield from _images(name, every[name])
    yield from _scripts(name, every[name])
    tls = (job.get("variables") or Spot("", 1)).get("DOCKER_TLS_CERTDIR")
    if tls is not None and tls.text == "" and not isinstance(tls.value, (list, dict)):
        yield Problem("medium", "The Docker service is reached without TLS", tls.line, name, fix="Set DOCKER_TLS_CERTDIR to /certs.")


def _images(name: str, job: Spot) -> Iterator[Problem]:
    for spot in [job.get("image"), *(job.get("services") or _NONE).items[:20]]:
        if spot is None:
            continue
        image = spot.text or (spot.get("name") or Spot("", 1)).text
        last = image.rpartition("/")[2]
        if image and "$" not in image and "@sha256:" not in image and (":" not in last or last.endswith(":latest")):
            yield Problem("low", f"{image[:80]} is whatever is newest", spot.line, name, "The same commit may pass today and fail tomorrow.", "Name a version.")


def _scripts(name: str, job: Spot) -> Iterator[Problem]:
    for field in ("before_script", "script", "after_script"):
        for line in islice((job.get(field) or _NONE).walk(), MOST_PLACES):
            if line.text and _EVALUATED.search(line.text) and _STRANGER.search(line.text):
                detail = "A branch, a title or a message is what its author wrote; eval and sh -c run what is in it."
                yield Problem(
                    "high", "A stranger's text is run as a script", line.line, name, detail, "Take the value as an argument, in quotes, without eval."
                )


def _order(name: str, job: Spot, jobs: dict[str, Spot], stages: tuple[str, ...], *, is_whole: bool) -> Iterator[Problem]:
    stage = _stage(job)
    if stage not in stages and stage not in _ALWAYS and "$" not in stage and is_whole:
        yield Problem("critical", f"Its stage “{stage[:60]}” is not there", job.line_of("stage"), name, fix=f"The stages are {names(stages)}.")
    for item in (job.get("needs") or _NONE).items[:MOST_NEEDS]:
        yield from _need(name, stage, item, jobs, stages, is_whole=is_whole)
    for one in (job.get("dependencies") or _NONE).items[:MOST_NEEDS]:
        if one.text and one.text not in jobs and is_whole:
            yield Problem("high", f"It takes files of “{one.text[:60]}”, which is not there", one.line, name)


def _need(name: str, stage: str, item: Spot, jobs: dict[str, Spot], stages: tuple[str, ...], *, is_whole: bool) -> Iterator[Problem]:
    wanted = _wanted(item)
    if wanted and wanted not in jobs:
        is_optional = (item.get("optional") or Spot("", 1)).text == "true"
        if is_whole and not is_optional:
            yield Problem("critical", f"It waits for “{wanted[:60]}”, which is not there", item.line, name, fix=f"The jobs are {names(jobs)}.")
    elif wanted and stage in stages and _stage(jobs[wanted]) in stages and stages.index(_stage(jobs[wanted])) > stages.index(stage):
        yield Problem("high", f"It waits for {wanted[:60]}, whose stage comes later", item.line, name, fix="Put it into the same stage or a later one.")
