"""What stands between the description and production, by the twelve factors (Adam Wiggins, 12factor.net) and what clouds ask for.

Score = 100 less 25 for each critical finding, 12 for each high, 5 for each medium and 2 for each low one, and never below 0.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from credit_studio.tools.dev.delivery.application import Application, container_apps_size

WEIGHTS = {"critical": 25, "high": 12, "medium": 5, "low": 2, "info": 0}
FORMULA = "Score = 100 less 25 for each critical finding, 12 for each high, 5 for each medium, 2 for each low one; never below 0."
FACTORS = (
    "I. Codebase",
    "II. Dependencies",
    "III. Config",
    "IV. Backing services",
    "V. Build, release, run",
    "VI. Processes",
    "VII. Port binding",
    "VIII. Concurrency",
    "IX. Disposability",
    "X. Dev/prod parity",
    "XI. Logs",
    "XII. Admin processes",
)
DONE = dict(
    zip(
        FACTORS,
        (
            "One image for every deployment, named by its tag",
            "Installed from the lock file, in a stage of its own",
            "From the environment; secrets by name only",
            "By addresses in the environment",
            "The image is built once; settings join it at the start",
            "Nothing is kept in the process or on its disk",
            "It listens on PORT and needs no server around it",
            "More instances, not larger ones",
            "Health is asked for, and it stops when it is asked to",
            "The same image and the same kinds of services everywhere",
            "Written to standard output and gathered by the platform",
            "Run once from the same image, or there are none",
        ),
        strict=True,
    )
)
"""What a factor that nothing is missing from is met by."""
_CONFIG, _BACKING, _RELEASE, _PROCESSES, _PORT, _CONCURRENCY, _DISPOSABLE, _PARITY, _LOGS, _ADMIN = FACTORS[2:]

SECRET_NAME = re.compile(r"(?:PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_?KEY|CREDENTIALS?|DSN)$", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,100}:[^\s:/@]{1,200}@|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}\b|\bsk_live_[0-9A-Za-z]{10,}|-----BEGIN"
)
_DEVELOPMENT = re.compile(
    r"\b(?:flask run|manage\.py runserver|npm run dev|next dev|nodemon|vite(?! preview)|ng serve|go run|cargo run|spring-boot:run)\b"
    r"|(?:^|\s)--(?:reload|debug)\b"
)
_WRAPPED = re.compile(r"^(?:(?:ba)?sh -c |npm (?:run |start)|yarn |pnpm )")
_MAPPED = frozenset(
    {"asia-east1", "asia-northeast1", "asia-southeast1", "europe-north1", "europe-west1", "europe-west4"} | {"us-central1", "us-east1", "us-east4", "us-west1"}
)
"""The regions where Cloud Run maps a domain (Google Cloud, "Mapping custom domains")."""
_TRUE = {"1", "true", "yes", "on"}
_LOCAL = re.compile(r"\b(?:localhost|127\.0\.0\.1)\b")


@dataclass(frozen=True)
class Gap:
    """Something that is missing or wrong, the factor that it touches, where it stands in the form."""

    severity: str
    factor: str
    title: str
    where: str
    detail: str
    fix: str


@dataclass(frozen=True)
class Habits:
    """How the application behaves, as its owner says. `sessions`: "none", "shared" or "memory"; `logs`: "stdout" or "files"."""

    logs: str
    sessions: str
    stops_in_time: bool


def moved(env: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The names of plain settings that hold a secret, by their name or by their value: they are made secrets and their values left out."""
    return tuple(name for name, value in env if value and (SECRET_NAME.search(name) or SECRET_VALUE.search(value)))


def gaps(app: Application, habits: Habits, hidden: tuple[str, ...], clouds: tuple[str, ...], *, said_start: bool) -> tuple[Gap, ...]:
    """Everything that is not ready, worst first. `hidden` are the settings that were made secrets."""
    found = [
        *(_hidden(name) for name in hidden),
        *_settings(app),
        *_health(app),
        *_scale(app, habits),
        *_command(app, said_start=said_start),
        *_services(app),
        *_habits(habits),
        *_size(app, clouds),
    ]
    return tuple(sorted(found, key=lambda gap: list(WEIGHTS).index(gap.severity)))


def score(found: tuple[Gap, ...]) -> int:
    """By the formula above."""
    return max(0, 100 - sum(WEIGHTS[gap.severity] for gap in found))


def _hidden(name: str) -> Gap:
    detail = "Plain settings are read by everybody who reads the repository, the manifest or the Terraform state."
    return Gap(
        "critical",
        _CONFIG,
        f"{name} holds a secret in plain text",
        "env",
        f"{detail} Its value was left out of every file here.",
        "Keep it as a secret, and change it.",
    )


def _settings(app: Application) -> Iterator[Gap]:
    for name, value in app.env:
        if name.upper().endswith("DEBUG") and value.lower() in _TRUE:
            yield Gap("high", _CONFIG, f"{name} is on", "env", "Debug pages show code, settings and secrets to strangers.", "Switch it off in production.")
        if name.upper() in ("NODE_ENV", "APP_ENV", "RAILS_ENV", "FLASK_ENV", "ENVIRONMENT") and value.lower() in ("development", "dev", "debug"):
            yield Gap("high", _PARITY, f"{name} says {value[:40]}", "env", "Libraries then favour comfort over speed and safety.", "Say production.")
        if _LOCAL.search(value) and name.upper() not in ("HOST", "BIND", "LISTEN"):
            fix = "Take the name of the service, from the environment of each deployment."
            yield Gap(
                "high", _BACKING, f"{name} points at the container itself", "env", "In a container localhost is the container: nothing else answers there.", fix
            )


def _health(app: Application) -> Iterator[Gap]:
    if not app.health:
        detail = "An open port is all that can be asked for: a process that hangs keeps getting requests and is never started anew."
        yield Gap(
            "high", _DISPOSABLE, "There is no health address", "health", detail, "Answer 200 at an address such as /health, without calling other services."
        )
    elif app.health == "/":
        detail = "The front page is work, may redirect, and fails with whatever it shows."
        yield Gap("low", _DISPOSABLE, "The front page serves as the health address", "health", detail, "Give health an address of its own.")


def _scale(app: Application, habits: Habits) -> Iterator[Gap]:
    if app.storage_gb:
        detail = "One instance alone can hold its disk: each release is a short outage, and it cannot grow with the load."
        yield Gap("high", _PROCESSES, "The process keeps files of its own", "storageGb", detail, "Keep files in object storage and records in the database.")
    elif app.least == 1:
        detail = "When its machine goes, or moves it, nobody answers until another one has started."
        yield Gap("medium", _CONCURRENCY, "One instance is all there is", "leastInstances", detail, "Run at least two.")
    if habits.sessions == "memory" and app.most > 1:
        detail = "The next request may reach another instance, which does not know the person; each release signs everybody out."
        yield Gap(
            "high",
            _PROCESSES,
            "Sessions live in the memory of one instance",
            "sessions",
            detail,
            "Keep them in the database, in the cache or in signed cookies.",
        )
    if habits.sessions == "shared" and not (app.database or app.has_cache):
        detail = "Neither a database nor a cache is described that could keep them."
        yield Gap("medium", _BACKING, "Sessions are shared, and nothing is there to keep them", "sessions", detail, "Add the service that keeps them.")


def _command(app: Application, *, said_start: bool) -> Iterator[Gap]:
    words = " ".join(app.start)
    if not said_start and app.stack in ("python", "node"):
        yield Gap("low", _RELEASE, "How it starts is assumed", "startCommand", f"Taken: {words}.", "Say the command that starts the server.")
    if _DEVELOPMENT.search(words):
        detail = "It is made for one developer: slow, without limits, often with a debugger that runs what it is sent."
        yield Gap(
            "high", _PARITY, "It starts a development server", "startCommand", detail, "Start a production server: gunicorn, uvicorn, node, the built binary."
        )
    if _WRAPPED.search(words):
        detail = "The wrapper gets the signal to stop and does not pass it on: requests in flight are cut off when the time is up."
        yield Gap("low", _DISPOSABLE, "A wrapper stands before the process", "startCommand", detail, "Start the process itself.")
    if app.port < 1024:  # noqa: PLR2004 - ports that only root may open
        detail = "Ports below 1024 are for root on many systems, and nothing here runs as root."
        yield Gap("medium", _PORT, f"Port {app.port} is for root", "port", detail, "Listen on 8000 or 8080; the balancer answers on 443.")
    if app.tag in ("latest", "main", "master"):
        detail = "Nobody can tell what runs, and going back means guessing."
        yield Gap("medium", _RELEASE, f"The tag {app.tag} moves", "tag", detail, "Tag by version or commit.")


def _services(app: Application) -> Iterator[Gap]:
    if app.database and not app.migrate:
        detail = "The schema must change before the code that needs it, once, and not in each instance as it starts."
        yield Gap("medium", _ADMIN, "Nothing migrates the database", "migrateCommand", detail, "Say the command, such as alembic upgrade head.")
    if not app.domain:
        detail = "No Ingress and no certificate are written; the clouds give an address of their own."
        yield Gap("low", _PORT, "There is no domain", "domain", detail, "Say the name that people type.")


def _habits(habits: Habits) -> Iterator[Gap]:
    if habits.logs == "files":
        detail = "The file system is read-only here, and files go with the instance."
        yield Gap("medium", _LOGS, "Logs go to files", "logs", detail, "Write them to standard output, one line an event.")
    if not habits.stops_in_time:
        detail = "Every release and every scaling sends SIGTERM; what is not done 30 seconds later is cut off."
        yield Gap(
            "medium",
            _DISPOSABLE,
            "It does not stop when it is asked to",
            "stopsInTime",
            detail,
            "On SIGTERM take no more requests, finish those that run, exit.",
        )


def _size(app: Application, clouds: tuple[str, ...]) -> Iterator[Gap]:
    least = app.of.least_memory
    if app.memory < least:
        detail = f"{app.of.label} is at ease from about {least} MiB; below it the kernel ends it under load."
        yield Gap("medium", _CONCURRENCY, "There is little memory", "memoryMb", detail, f"Give it {least} MiB and measure.")
    if "gcp" in clouds and app.domain and app.region and app.region not in _MAPPED:
        detail = f"Cloud Run maps no domains in {app.region}."
        yield Gap("medium", _PORT, "The domain cannot be mapped there", "region", detail, "Take europe-west1, or put a load balancer before it.")
    if "azure" in clouds and (app.cpu > 4000 or app.memory > 8192 or container_apps_size(app)[1] * 1024 < app.memory):  # noqa: PLR2004 - the plan's most
        detail = "Container Apps' consumption plan ends at 4 CPUs and 8 GiB: that is what the file asks for."
        yield Gap(
            "medium",
            _CONCURRENCY,
            "It is too large for Azure's consumption plan",
            "memoryMb",
            detail,
            "Take a dedicated workload profile, or more and smaller instances.",
        )
    if "gcp" in clouds and (app.cpu > 8000 or app.memory > 32768):  # noqa: PLR2004 - the same
        yield Gap(
            "medium",
            _CONCURRENCY,
            "It is too large for Cloud Run",
            "memoryMb",
            "Cloud Run ends at 8 CPUs and 32 GiB: that is what the file asks for.",
            "Take GKE, or more and smaller instances.",
        )
