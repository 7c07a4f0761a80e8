"""The pipeline as a `.gitlab-ci.yml`: one pipeline a change, stages by what they need, protected variables for what is secret."""

from typing import Any

from credit_studio.tools.dev.pipelines.github import SSH_COMMANDS
from credit_studio.tools.dev.pipelines.stacks import LEFT, Pipeline, Secret
from credit_studio.tools.dev.pipelines.writing import Flow, write

Fields = dict[str, Any]

_DIND = {"image": "docker:28", "services": ["docker:28-dind"], "variables": {"DOCKER_TLS_CERTDIR": "/certs"}}
_LATEST = {"rust": {"stable": "1", "beta": "1", "nightly": "1"}}


def pipeline(plan: Pipeline) -> str:
    """The text of `.gitlab-ci.yml`."""
    jobs = _jobs(plan)
    used = [stage for stage in ("check", "build", "deploy") if any(job["stage"] == stage for job in jobs.values())]
    document: Fields = {"stages": used, "workflow": {"rules": _when(plan)}, "default": _defaults(plan)}
    if plan.has_cache and plan.of.cache_path and plan.stack != "docker":
        document["variables"] = dict([plan.of.cache_variable])
        document["cache"] = {"key": "$CI_JOB_IMAGE", "paths": [plan.of.cache_path]}
    return write(document | jobs)


def _when(plan: Pipeline) -> list[object]:
    """A merge request gets one pipeline and not two."""
    branches = [{"if": f'$CI_COMMIT_BRANCH == "{branch}"'} for branch in plan.branches]
    tags = [{"if": "$CI_COMMIT_TAG =~ /^v/"}] if plan.on_tag and plan.target != "none" else []
    return [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}, *branches, *tags]


def _defaults(plan: Pipeline) -> Fields:
    image: Fields = {} if plan.stack == "docker" else {"image": image_of(plan, plan.newest)}
    return image | {"interruptible": plan.has_concurrency, "timeout": "20 minutes"}


def image_of(plan: Pipeline, version: str) -> str:
    """The stack's container image for a version."""
    return plan.of.image.replace("{v}", _LATEST.get(plan.stack, {}).get(version, version))


def _jobs(plan: Pipeline) -> Fields:
    jobs: Fields = {}
    around: Fields = dict(_DIND) if plan.stack == "docker" else {}
    install = list(plan.of.install)
    if plan.lint or plan.types:
        tools = ["rustup component add clippy rustfmt"] if plan.stack == "rust" else []
        jobs["lint"] = {"stage": "check", **around, "script": [*tools, *install, *plan.lint, *plan.types]}
    if plan.test:
        matrix: Fields = {"parallel": {"matrix": [{"VERSION": list(plan.versions)}]}, "image": image_of(plan, "${VERSION}")} if len(plan.versions) > 1 else {}
        jobs["test"] = {"stage": "check", **matrix, **around, "script": [*install, *plan.test]}
    if plan.scan:
        jobs["scan"] = {"stage": "check", **around, "script": [*install, *plan.scan]}
    checks = plan.checks()
    if plan.has_package:
        paths = [plan.folder] if plan.target == "pages" else [LEFT]
        left: Fields = {"artifacts": {"paths": paths, "expire_in": "1 week"}}
        jobs["build"] = {"stage": "build", "needs": Flow(tuple(checks)), **around, "script": [*install, *plan.build], **left}
    return jobs | _delivery(plan, ["build"] if plan.has_package else checks)


def _release(plan: Pipeline) -> list[object]:
    condition = "$CI_COMMIT_TAG =~ /^v/" if plan.on_tag else f'$CI_COMMIT_BRANCH == "{plan.branches[0]}"'
    return [{"if": condition}]


def _deliver(plan: Pipeline, needs: list[str], **job: object) -> Fields:
    """A job that delivers: never stopped half-way, one at a time."""
    return {"stage": "deploy", "needs": Flow(tuple(needs)), "rules": _release(plan), "interruptible": False, "resource_group": "deliver", **job}


def _delivery(plan: Pipeline, needs: list[str]) -> Fields:
    if plan.target == "pypi":
        script = ["python -m pip install twine", "python -m twine upload --non-interactive dist/*"]
        account = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": "$PYPI_TOKEN"}
        return {"publish": _deliver(plan, needs, variables=account, script=script)}
    if plan.target == "npm":
        login = "npm config set //registry.npmjs.org/:_authToken '${NPM_TOKEN}' --location=project"
        script = ["npm ci", *plan.build, login, "npm publish --provenance --access public"]
        tokens = {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}}
        return {"publish": _deliver(plan, needs, id_tokens=tokens, script=script)}
    if plan.target == "pages":
        script = ["test -d public || mv $FOLDER public"]
        job = _deliver(plan, needs, variables={"FOLDER": plan.folder}, script=script, artifacts={"paths": ["public"], "expire_in": "1 week"})
        return {"pages": job}
    if plan.target == "ssh":
        values = {"APP": plan.app, "SOURCE": f"./{LEFT}" if plan.has_package else "./"}
        script = ["apk add --no-cache openssh-client rsync", SSH_COMMANDS]
        return {"deploy": _deliver(plan, needs, image="alpine:3.22", environment=plan.environment, variables=values, script=script)}
    return _images(plan, needs) if plan.delivers_image else {}


def _images(plan: Pipeline, needs: list[str]) -> Fields:
    tag = "$CI_COMMIT_TAG" if plan.on_tag else "latest"
    script = [
        'echo "$CI_REGISTRY_PASSWORD" | docker login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"',
        f'docker build --pull --tag "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA" --tag "$CI_REGISTRY_IMAGE:{tag}" .',
        'docker push --all-tags "$CI_REGISTRY_IMAGE"',
    ]
    jobs: Fields = {"container": _deliver(plan, needs, **_DIND, script=script) | {"stage": "build"}}
    if plan.target == "kubernetes":
        rollout = [
            'kubectl set image "deployment/$APP" "$APP=$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"',
            'kubectl rollout status "deployment/$APP" --timeout=5m',
        ]
        more: Fields = {"image": "alpine/k8s:1.34.1", "environment": plan.environment, "variables": {"APP": plan.app}, "script": rollout}
        jobs["deploy"] = _deliver(plan, ["container"], **more)
    return jobs


def secrets(plan: Pipeline) -> list[Secret]:
    """What must be set on GitLab before the first run; all masked, and protected where only a release reads them."""
    named = {
        "pypi": [("PYPI_TOKEN", "A token of this one project: masked, protected")],
        "npm": [("NPM_TOKEN", "A granular access token that may publish this one package: masked, protected")],
        "ssh": [
            ("SSH_PRIVATE_KEY", "A key made for this alone: protected"),
            ("SSH_KNOWN_HOSTS", "What ssh-keyscan says of the server, checked by you"),
            ("SSH_USER", "The user that owns the files"),
            ("SSH_HOST", "The server's name"),
        ],
        "kubernetes": [("KUBECONFIG", "Type file: a kubeconfig of a service account that may change this one deployment; protected")],
    }
    tests = [(name, "The tests read it as an environment variable: masked") for name in plan.test_secrets]
    return [Secret(name, "GitLab", purpose) for name, purpose in named.get(plan.target, []) + tests]
