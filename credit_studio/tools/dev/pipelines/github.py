"""The pipeline as a GitHub Actions workflow: pinned actions, a token that may read and nothing more, values into scripts by environment only."""

from typing import Any

from credit_studio.tools.dev.pipelines.stacks import LEFT, Pipeline, Secret
from credit_studio.tools.dev.pipelines.writing import Flow, Noted, write

Fields = dict[str, Any]

RUNNERS = {"linux": "ubuntu-24.04", "macos": "macos-15", "windows": "windows-2025"}
_MINUTES = {"lint": 10, "test": 20, "scan": 15, "build": 15, "image": 30, "publish": 10, "deploy": 15}

# Commits of releases, as the tag of each action names them.
CHECKOUT = Noted("actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5.0.0")
SETUP = {
    "python": Noted("actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c", "v6.0.0"),
    "node": Noted("actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444", "v5.0.0"),
    "go": Noted("actions/setup-go@44694675825211faa026b3c33043df3e48a5fa00", "v6.0.0"),
    "java": Noted("actions/setup-java@dded0888837ed1f317902acf8a20df0ad188d165", "v5.0.0"),
}
_RUST_CACHE = Noted("Swatinem/rust-cache@98c8021b550208e191a6a3145459bfc9fb29c4c0", "v2.8.0")
_UPLOAD = Noted("actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2")
_DOWNLOAD = Noted("actions/download-artifact@634f93cb2916e3fdff6788551b99b062d0335ce0", "v5.0.0")
_PYPI = Noted("pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc", "v1.12.4")
_BUILDX = Noted("docker/setup-buildx-action@e468171a9de216ec08956ac3ada2f0791b6bd435", "v3.11.1")
_LOGIN = Noted("docker/login-action@74a5d142397b4f367a81961eba4e8cd7edddf772", "v3.4.0")
_BUILD_PUSH = Noted("docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83", "v6.18.0")
_UPLOAD_PAGES = Noted("actions/upload-pages-artifact@56afc609e74202658d3ffba0e8f6dda462b719fa", "v3.0.1")
_DEPLOY_PAGES = Noted("actions/deploy-pages@d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e", "v4.0.5")

SSH_COMMANDS = """\
install -m 700 -d ~/.ssh
printf '%s\\n' "$SSH_PRIVATE_KEY" > ~/.ssh/id_deploy
chmod 600 ~/.ssh/id_deploy
printf '%s\\n' "$SSH_KNOWN_HOSTS" > ~/.ssh/known_hosts
rsync --archive --delete --compress -e "ssh -i ~/.ssh/id_deploy" "$SOURCE" "$SSH_USER@$SSH_HOST:/srv/$APP/"
ssh -i ~/.ssh/id_deploy "$SSH_USER@$SSH_HOST" "systemctl --user restart '$APP'"
"""


def workflow(plan: Pipeline) -> str:
    """The text of `.github/workflows/ci.yml`."""
    jobs = _jobs(plan)
    push: Fields = {"branches": Flow(plan.branches)} | ({"tags": Flow(("v*",))} if plan.on_tag and plan.target != "none" else {})
    events: Fields = {"push": push, "pull_request": {"branches": Flow(plan.branches)}}
    if plan.scan:
        events["schedule"] = [{"cron": "17 5 * * 1"}]
    document: Fields = {"name": "CI", "on": events, "permissions": {"contents": "read"}}
    if plan.has_concurrency:
        document["concurrency"] = {"group": "${{ github.workflow }}-${{ github.ref }}", "cancel-in-progress": "${{ github.event_name == 'pull_request' }}"}
    if "windows" in plan.systems:
        document["defaults"] = {"run": {"shell": "bash"}}
    document["jobs"] = jobs
    return write(document, apart=("jobs",))


def _jobs(plan: Pipeline) -> Fields:
    jobs: Fields = {}
    if plan.lint or plan.types:
        jobs["lint"] = _job(plan, "lint", [*_ready(plan, plan.newest), *_runs(plan.lint + plan.types)])
    if plan.test:
        jobs["test"] = _test(plan)
    if plan.scan:
        jobs["scan"] = _job(plan, "scan", [*_ready(plan, plan.newest), *_runs(plan.scan)])
    checks = plan.checks()
    if plan.has_package:
        jobs["build"] = _job(plan, "build", [*_ready(plan, plan.newest), *_runs(plan.build), *_leave(plan)], needs=checks)
    return jobs | _delivery(plan, ["build"] if plan.has_package else checks)


def _job(plan: Pipeline, name: str, steps: list[object], *, needs: list[str] | None = None, **more: object) -> Fields:
    wanted: Fields = {"needs": Flow(tuple(needs))} if needs else {}
    condition: Fields = {"if": release_condition(plan)} if name in ("image", "publish", "deploy") else {}
    return wanted | condition | {"runs-on": RUNNERS["linux"], "timeout-minutes": _MINUTES[name]} | more | {"steps": steps}


def release_condition(plan: Pipeline) -> str:
    """When something is delivered: at a version tag, or at a push to the first branch."""
    return "startsWith(github.ref, 'refs/tags/v')" if plan.on_tag else f"github.event_name == 'push' && github.ref == 'refs/heads/{plan.branches[0]}'"


def _test(plan: Pipeline) -> Fields:
    matrix: Fields = {}
    if len(plan.systems) > 1:
        matrix["os"] = Flow(tuple(RUNNERS[system] for system in plan.systems))
    if len(plan.versions) > 1:
        matrix["version"] = Flow(plan.versions)
    version = "${{ matrix.version }}" if "version" in matrix else plan.newest
    runner = "${{ matrix.os }}" if "os" in matrix else RUNNERS["linux"]
    tests: list[object] = _runs(plan.test)
    if plan.test_secrets:
        tests[-1] = {"run": list(plan.test)[-1], "env": {name: f"${{{{ secrets.{name} }}}}" for name in plan.test_secrets}}
    strategy: Fields = {"strategy": {"fail-fast": False, "matrix": matrix}} if matrix else {}
    return strategy | {"runs-on": runner, "timeout-minutes": _MINUTES["test"], "steps": [*_ready(plan, version), *tests]}


def _ready(plan: Pipeline, version: str) -> list[object]:
    """The checkout, the language, its packages."""
    return [_checkout(), *_language(plan, version), *_runs(plan.of.install)]


def _checkout() -> Fields:
    return {"uses": CHECKOUT, "with": {"persist-credentials": False}}


def _language(plan: Pipeline, version: str) -> list[object]:
    if plan.stack == "rust":
        chosen = {"run": 'rustup toolchain install "$TOOLCHAIN" --profile minimal --component clippy,rustfmt && rustup default "$TOOLCHAIN"'}
        return [chosen | {"env": {"TOOLCHAIN": version}}, *([{"uses": _RUST_CACHE}] if plan.has_cache else [])]
    if plan.stack not in SETUP:
        return []
    cache: Fields = {"python": {"cache": "pip"}, "node": {"cache": "npm"}, "java": {"cache": "maven"}}.get(plan.stack, {}) if plan.has_cache else {}
    if plan.stack == "go" and not plan.has_cache:
        cache = {"cache": False}
    distribution: Fields = {"distribution": "temurin"} if plan.stack == "java" else {}
    return [{"uses": SETUP[plan.stack], "with": {**distribution, f"{plan.stack}-version": version, **cache}}]


def _runs(commands: tuple[str, ...]) -> list[object]:
    return [{"run": command} for command in commands]


def _leave(plan: Pipeline) -> list[object]:
    if plan.target == "pages":
        return [{"uses": _UPLOAD_PAGES, "with": {"path": plan.folder}}]
    return [{"uses": _UPLOAD, "with": {"name": "package", "path": LEFT, "if-no-files-found": "error", "retention-days": 7}}]


def _take() -> Fields:
    return {"uses": _DOWNLOAD, "with": {"name": "package", "path": LEFT}}


def _delivery(plan: Pipeline, needs: list[str]) -> Fields:
    """The jobs that deliver; each asks for the rights that it needs and for no other."""
    if plan.target == "pypi":
        rights: Fields = {"environment": {"name": "pypi", "url": "https://pypi.org/"}, "permissions": {"id-token": "write"}}
        return {"publish": _job(plan, "publish", [_take(), {"uses": _PYPI}], needs=needs, **rights)}
    if plan.target == "npm":
        return {"publish": _npm(plan, needs)}
    if plan.target == "pages":
        page = {"environment": {"name": "github-pages", "url": "${{ steps.deployment.outputs.page_url }}"}}
        rights = page | {"permissions": {"pages": "write", "id-token": "write"}}
        return {"deploy": _job(plan, "deploy", [{"id": "deployment", "uses": _DEPLOY_PAGES}], needs=needs, **rights)}
    if plan.target == "ssh":
        return {"deploy": _ssh(plan, needs)}
    if plan.delivers_image:
        image: Fields = {"image": _image(plan, needs)}
        return image | ({"deploy": _kubernetes(plan)} if plan.target == "kubernetes" else {})
    return {}


def _npm(plan: Pipeline, needs: list[str]) -> Fields:
    setup = {"uses": SETUP["node"], "with": {"node-version": plan.newest, "registry-url": "https://registry.npmjs.org"}}
    publish = {"run": "npm publish --provenance --access public", "env": {"NODE_AUTH_TOKEN": "${{ secrets.NPM_TOKEN }}"}}
    rights: Fields = {"environment": {"name": "npm"}, "permissions": {"contents": "read", "id-token": "write"}}
    return _job(plan, "publish", [_checkout(), setup, {"run": "npm ci"}, *_runs(plan.build), publish], needs=needs, **rights)


def _ssh(plan: Pipeline, needs: list[str]) -> Fields:
    names = ("SSH_PRIVATE_KEY", "SSH_KNOWN_HOSTS", "SSH_USER", "SSH_HOST")
    values: Fields = {"APP": plan.app, "SOURCE": f"./{LEFT}" if plan.has_package else "./"} | {name: f"${{{{ secrets.{name} }}}}" for name in names}
    copy = {"name": "Copy and restart", "env": values, "run": SSH_COMMANDS}
    steps: list[object] = [_take() if plan.has_package else _checkout(), copy]
    return _job(plan, "deploy", steps, needs=needs, environment={"name": plan.environment}, concurrency=f"deploy-{plan.environment}")


def _image(plan: Pipeline, needs: list[str]) -> Fields:
    name = {"id": "name", "run": 'echo "image=ghcr.io/${GITHUB_REPOSITORY,,}" >> "$GITHUB_OUTPUT"'}
    login = {"registry": "ghcr.io", "username": "${{ github.actor }}", "password": "${{ secrets.GITHUB_TOKEN }}"}
    tags = "${{ steps.name.outputs.image }}:${{ github.sha }}\n${{ steps.name.outputs.image }}:" + ("${{ github.ref_name }}" if plan.on_tag else "latest")
    cached: Fields = {"cache-from": "type=gha", "cache-to": "type=gha,mode=max"} if plan.has_cache else {}
    push = {"id": "push", "uses": _BUILD_PUSH, "with": {"context": ".", "push": True, "tags": tags, "provenance": "mode=max", "sbom": True, **cached}}
    outputs = {"reference": "${{ steps.name.outputs.image }}@${{ steps.push.outputs.digest }}"}
    steps: list[object] = [_checkout(), name, {"uses": _BUILDX}, {"uses": _LOGIN, "with": login}, push]
    return _job(plan, "image", steps, needs=needs, permissions={"contents": "read", "packages": "write"}, outputs=outputs)


def _kubernetes(plan: Pipeline) -> Fields:
    commands = """\
umask 077
printf '%s' "$KUBE_CONFIG" > "$RUNNER_TEMP/kubeconfig"
export KUBECONFIG="$RUNNER_TEMP/kubeconfig"
kubectl set image "deployment/$APP" "$APP=$IMAGE"
kubectl rollout status "deployment/$APP" --timeout=5m
"""
    values = {"APP": plan.app, "IMAGE": "${{ needs.image.outputs.reference }}", "KUBE_CONFIG": "${{ secrets.KUBE_CONFIG }}"}
    rights: Fields = {"environment": {"name": plan.environment}, "permissions": {}, "concurrency": f"deploy-{plan.environment}"}
    return _job(plan, "deploy", [{"name": "Roll out", "env": values, "run": commands}], needs=["image"], **rights)


def dependabot(plan: Pipeline) -> str:
    """The text of `.github/dependabot.yml`: pinned actions stay pinned and become newer."""
    ecosystems = {"python": "pip", "node": "npm", "go": "gomod", "rust": "cargo", "java": "maven", "docker": "docker"}
    names = ["github-actions", ecosystems[plan.stack], *(["docker"] if plan.delivers_image and plan.stack != "docker" else [])]
    updates = [{"package-ecosystem": name, "directory": "/", "schedule": {"interval": "weekly"}} for name in names]
    return write({"version": 2, "updates": updates})


def secrets(plan: Pipeline) -> list[Secret]:
    """What must be set on GitHub before the first run."""
    named = {
        "pypi": [("(none)", "Name this repository, ci.yml and the environment pypi as a trusted publisher on pypi.org")],
        "npm": [("NPM_TOKEN", "A granular access token that may publish this one package")],
        "pages": [("(none)", "Choose GitHub Actions as the source under Settings, Pages")],
        "registry": [("(none)", "GITHUB_TOKEN is there in every run and may write packages in the image job only")],
        "ssh": [
            ("SSH_PRIVATE_KEY", "A key made for this alone"),
            ("SSH_KNOWN_HOSTS", "What ssh-keyscan says of the server, checked by you"),
            ("SSH_USER", "The user that owns the files"),
            ("SSH_HOST", "The server's name"),
        ],
        "kubernetes": [("KUBE_CONFIG", "A kubeconfig of a service account that may change this one deployment")],
    }
    tests = [(name, "Given to the last test command as an environment variable") for name in plan.test_secrets]
    return [Secret(name, "GitHub", purpose) for name, purpose in named.get(plan.target, []) + tests]
