"""Deployment Wizard: an application described once, and the files that run it: image, compose, Kubernetes, Terraform, Vercel.

The writers are in `delivery/`. What they write is read again by readers of its language before it is shown (`delivery/proving.py`), and the
description is held to the twelve factors (`delivery/readiness.py`).
"""

import re
import shlex
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Edge, Figure, File, Files, Finding, Findings, KeyFigures, Node, Note, Table, Zone
from credit_studio.tools.dev.delivery import containers, kubernetes, readiness, terraform
from credit_studio.tools.dev.delivery.application import STACKS, Application
from credit_studio.tools.dev.delivery.proving import Proof, prove

_SLUG = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")
_CLASS = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_HEALTH = re.compile(r"/[A-Za-z0-9._~/-]{0,99}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}(:[0-9]{2,5})?(/[a-z0-9][a-z0-9._-]{0,60}){0,5}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,60}")
_REGION = re.compile(r"[a-z]{2,20}[a-z0-9-]{0,20}")
_NETWORK = (
    "Terraform takes the default network of the account and keeps its state on this machine: give it a network and a backend of your own for more than one."
)
_ADDRESS = re.compile(r"://[^\s/?#]{1,200}:([0-9]{2,5})(?![0-9])")
_CLOUDS = (("aws", "AWS: ECS on Fargate"), ("gcp", "Google Cloud: Cloud Run"), ("azure", "Azure: Container Apps"), ("all", "All three"), ("none", "None"))
_SECRETS_FIRST = {"aws": "aws_secretsmanager_secret.app", "gcp": "google_secret_manager_secret.app", "azure": "azurerm_key_vault.app"}
_SIZE, _SERVICES, _IMAGE, _HABITS = "Size", "What it uses", "Image and place", "How it behaves"


@dataclass(frozen=True)
class Setting:
    """One plain environment variable."""

    name: Annotated[str, Len(1, 80)] = ui("Name", "Such as LOG_LEVEL.", placeholder="LOG_LEVEL")
    value: Annotated[str, Len(0, 1_000)] = ui("Value", "Read by everybody who reads the files: no secrets here.", default="")


@dataclass(frozen=True)
class DeploymentInputs:
    """The application; raises `InputError` for names that no platform takes and numbers that cannot be together."""

    name: Annotated[str, Len(2, 32)] = ui("Name", "Small letters, digits and hyphens; everything is called so.", placeholder="booking-api")
    stack: Literal["python", "node", "nextjs", "go", "rust", "java", "static"] = ui(
        "Stack", "What the image is built for.", choices=tuple((name, stack.label) for name, stack in STACKS.items())
    )
    start_command: Annotated[str, Len(0, 300)] = ui("Start command", "Empty: what is usual for the stack.", default="", placeholder="gunicorn shop.wsgi")
    port: Annotated[int, Interval(ge=1, le=65535)] = ui("Port", "What the server listens on; it is told so by PORT.", default=8000)
    health: Annotated[str, Len(0, 100)] = ui("Health address", "Answers 200 while all is well. Empty: there is none.", default="/health")
    least_instances: Annotated[int, Interval(ge=1, le=100)] = ui("Instances, least", "How many always run.", default=2, group=_SIZE)
    most_instances: Annotated[int, Interval(ge=1, le=200)] = ui("Instances, most", "How far it may grow with the load.", default=6, group=_SIZE)
    memory_mb: Annotated[int, Interval(ge=32, le=122_880)] = ui("Memory", "Of one instance.", default=512, unit="MiB", group=_SIZE)
    cpu_milli: Annotated[int, Interval(ge=50, le=16_000)] = ui("CPU", "Of one instance: 1,000 is a whole one.", default=500, unit="m", group=_SIZE)
    env: Annotated[tuple[Setting, ...], Len(0, 40)] = ui("Settings", "Environment variables that anybody may read.", default=())
    secrets: Annotated[tuple[Annotated[str, Len(1, 80)], ...], Len(0, 40)] = ui(
        "Secrets", "Names of environment variables; their values never stand in a file. DATABASE_URL and REDIS_URL come by themselves.", default=()
    )
    database: Literal["none", "postgresql", "mysql"] = ui(
        "Database",
        "Made beside the app, managed by the cloud.",
        default="none",
        choices=(("none", "None"), ("postgresql", "PostgreSQL"), ("mysql", "MySQL")),
        group=_SERVICES,
    )
    migrate_command: Annotated[str, Len(0, 300)] = ui(
        "Migration", "Brings the schema up to date, once before each release.", default="", placeholder="alembic upgrade head", group=_SERVICES
    )
    cache: bool = ui("Redis cache", "For what may be forgotten.", default=False, group=_SERVICES)
    storage_gb: Annotated[int, Interval(ge=0, le=1_000)] = ui(
        "Disk of its own", "Mounted at /data. 0: it keeps no files.", default=0, unit="GB", group=_SERVICES
    )
    calls_out: bool = ui("Calls the internet", "Off: the network policy lets nothing out but to its own services.", default=True, group=_SERVICES)
    domain: Annotated[str, Len(0, 200)] = ui(
        "Domain", "The name that people type. Empty: that of the cloud.", default="", placeholder="booking.example.com", group=_IMAGE
    )
    registry: Annotated[str, Len(1, 200)] = ui("Registry", "Where the image is kept, without its name.", default="ghcr.io/example", group=_IMAGE)
    tag: Annotated[str, Len(1, 60)] = ui("Tag", "The version that is deployed.", default="1.0.0", group=_IMAGE)
    cloud: Literal["aws", "gcp", "azure", "all", "none"] = ui("Cloud", "Terraform is written for it.", default="aws", choices=_CLOUDS, group=_IMAGE)
    region: Annotated[str, Len(0, 40)] = ui("Region", "By the cloud's own name. Empty: London, for Google Cloud Belgium.", default="", group=_IMAGE)
    ingress_class: Annotated[str, Len(1, 40)] = ui(
        "Ingress class", "Of the cluster; the namespace of its controller is taken to be called so, too.", default="traefik", group=_IMAGE
    )
    logs: Literal["stdout", "files"] = ui(
        "Logs", "Where they go.", default="stdout", choices=(("stdout", "Standard output"), ("files", "Files")), group=_HABITS
    )
    sessions: Literal["none", "shared", "memory"] = ui(
        "Sessions",
        "Where it remembers who is signed in.",
        default="none",
        choices=(("none", "None, or signed cookies"), ("shared", "Database or cache"), ("memory", "Memory of the process")),
        group=_HABITS,
    )
    stops_in_time: bool = ui("Stops when asked", "On SIGTERM it finishes its requests within 30 seconds.", default=True, group=_HABITS)

    def __post_init__(self) -> None:
        rows = (
            ("name", self.name, _SLUG, "booking-api"),
            ("health", self.health or "/", _HEALTH, "/health"),
            ("domain", self.domain or "a.io", _DOMAIN, "booking.example.com"),
            ("registry", self.registry, _REPOSITORY, "ghcr.io/example"),
            ("ingressClass", self.ingress_class, _CLASS, "traefik"),
            ("tag", self.tag, _TAG, "1.0.0"),
            ("region", self.region or "eu", _REGION, "eu-west-2"),
        )
        for field, value, pattern, such in rows:
            if not pattern.fullmatch(value):
                raise InputError(field, f"Must be written as {such} is.")
        if "--" in self.name:
            raise InputError("name", "Must not have two hyphens together: some clouds refuse it.")
        if self.least_instances > self.most_instances:
            raise InputError("mostInstances", f"Must be at least {self.least_instances}, the least.")
        if self.region and self.cloud == "all":
            raise InputError("region", "Each cloud names its regions differently: leave this empty, or choose one cloud.")
        self._check_variables()
        for field, value in (("startCommand", self.start_command), ("migrateCommand", self.migrate_command)):
            _words(field, value)

    def _check_variables(self) -> None:
        seen = {"PORT"}
        named = [
            *((f"env.{place}.name", one.name) for place, one in enumerate(self.env)),
            *((f"secrets.{place}", one) for place, one in enumerate(self.secrets)),
        ]
        for field, name in named:
            if not _VARIABLE.fullmatch(name):
                raise InputError(field, "Must be the name of an environment variable, such as LOG_LEVEL.")
            if name in seen:
                raise InputError(field, f"{name} is there already." if name != "PORT" else "PORT is set by itself.")
            seen.add(name)
        for place, one in enumerate(self.env):
            if not one.value.isprintable():
                raise InputError(f"env.{place}.value", "Must be one line of readable text.")


def _words(field: str, command: str) -> tuple[str, ...]:
    """A command as a shell would split it; raises `InputError` for quotes without an end."""
    if not command.isprintable():
        raise InputError(field, "Must be one line.")
    try:
        return tuple(shlex.split(command))
    except ValueError:
        raise InputError(field, "Has a quote without an end.") from None


@dataclass(frozen=True)
class MadeFile:
    """One file."""

    path: str
    text: str


@dataclass(frozen=True)
class DeploymentOutput:
    """The files with a proof for each that a machine reads, and what is not ready. `score` is 0 to 100."""

    name: str
    files: tuple[MadeFile, ...]
    proofs: tuple[Proof, ...]
    gaps: tuple[readiness.Gap, ...]
    score: int
    clouds: tuple[str, ...]
    parts: tuple[str, ...]
    vercel: str
    steps: str
    reads: str
    to_set: tuple[str, ...]


def application_of(inputs: DeploymentInputs) -> Application:
    """The application with its defaults filled in; settings that hold a secret are made secrets."""
    stack = STACKS[inputs.stack]
    plain = tuple((one.name, one.value) for one in inputs.env)
    hidden = readiness.moved(plain)
    own = ["DATABASE_URL"] * (inputs.database != "none") + ["REDIS_URL"] * inputs.cache
    usual = tuple(word.format(package=inputs.name.replace("-", "_"), name=inputs.name) for word in stack.start)
    return Application(
        name=inputs.name,
        stack=inputs.stack,
        start=_words("startCommand", inputs.start_command) or usual,
        port=inputs.port,
        health=inputs.health,
        least=inputs.least_instances,
        most=inputs.most_instances,
        memory=inputs.memory_mb,
        cpu=inputs.cpu_milli,
        env=tuple((name, value) for name, value in plain if name not in (*hidden, *own)),
        secrets=tuple(dict.fromkeys((*own, *inputs.secrets, *hidden))),
        database="" if inputs.database == "none" else inputs.database,
        has_cache=inputs.cache,
        migrate=_words("migrateCommand", inputs.migrate_command),
        storage_gb=inputs.storage_gb,
        domain=inputs.domain,
        ports_out=tuple(dict.fromkeys([*([443] if inputs.calls_out else []), *_ports(plain)])),
        ingress_class=inputs.ingress_class,
        repository=inputs.registry,
        tag=inputs.tag,
        region=inputs.region,
    )


def _ports(plain: tuple[tuple[str, str], ...]) -> list[int]:
    """The ports of addresses in the settings, which the network policy must let through: 587 of smtp://mail.example.com:587."""
    found = [int(port) for _, value in plain for port in _ADDRESS.findall(value)]
    return [port for port in found if 0 < port < 65536]  # noqa: PLR2004 - the ports there are


def run(inputs: DeploymentInputs) -> DeploymentOutput:
    """Every file, proved, and the readiness of what was described."""
    app = application_of(inputs)
    clouds = terraform.CLOUDS if inputs.cloud == "all" else tuple(cloud for cloud in terraform.CLOUDS if cloud == inputs.cloud)
    vercel, why = containers.vercel(app)
    files = {"Dockerfile": containers.dockerfile(app), ".dockerignore": containers.DOCKERIGNORE, "compose.yaml": containers.compose(app)}
    files |= {".env.example": containers.env_example(app)} if app.secrets else {}
    files |= {"nginx.conf": containers.nginx(app)} if app.stack == "static" else {}
    files |= kubernetes.manifests(app) | terraform.files(app, clouds) | ({"vercel.json": vercel} if vercel else {})
    report(0.3, "Reading every file again")
    proofs = prove(files)
    habits = readiness.Habits(inputs.logs, inputs.sessions, inputs.stops_in_time)
    hidden = readiness.moved(tuple((one.name, one.value) for one in inputs.env))
    gaps = readiness.gaps(app, habits, hidden, clouds, said_start=bool(inputs.start_command.strip()))
    return DeploymentOutput(
        name=app.name,
        files=tuple(MadeFile(path, text) for path, text in files.items()),
        proofs=proofs,
        gaps=gaps,
        score=readiness.score(gaps),
        clouds=clouds,
        parts=tuple(part for part, there in ((app.database, app.database), ("redis", app.has_cache), ("disk", app.storage_gb)) if there),
        vercel=why,
        steps=_steps(app, clouds),
        reads=app.of.reads,
        to_set=app.secrets,
    )


def _steps(app: Application, clouds: tuple[str, ...]) -> str:
    lines = ["# On this machine", *(["cp .env.example .env   # and fill it in"] if app.secrets else []), "docker compose up --build", ""]
    lines += ["# The image", f"docker build --tag {app.image} .", f"docker push {app.image}", ""]
    lines += ["# Kubernetes", "kubectl apply -f kubernetes/namespace.yaml"]
    lines += ["# make the secret from a vault; its shape is in secret.example.yaml"] if app.secrets else []
    if app.migrate:
        lines += [f"kubectl replace --force -f kubernetes/migrate.yaml && kubectl -n {app.name} wait --for=condition=complete job/{app.name}-migrate"]
    lines += ["kubectl apply -k kubernetes", f"kubectl -n {app.name} rollout status deployment/{app.name}"]
    for cloud in clouds:
        terraform_in = f"terraform -chdir=terraform/{cloud}"
        lines += ["", f"# {dict(_CLOUDS)[cloud]}", f"{terraform_in} init"]
        lines += [f"{terraform_in} apply -target={_SECRETS_FIRST[cloud]}   # then give the secrets their values"] if app.secrets else []
        lines += [f"{terraform_in} plan -out=plan", f"{terraform_in} apply plan"]
    return "\n".join(lines) + "\n"


def present(output: DeploymentOutput) -> tuple[Block, ...]:
    """How ready it is, the picture and the steps; the proofs; each kind of file on a tab of its own; all files as one archive."""
    counts = Counter(gap.severity for gap in output.gaps)
    worst = ", ".join(f"{counts[severity]} {severity}" for severity in readiness.WEIGHTS if counts[severity]) or "nothing is missing"
    faulty = sum(1 for proof in output.proofs if proof.fault)
    figures = (
        Figure("Readiness", f"{output.score} of 100", worst),
        Figure("Files", f"{len(output.files)}"),
        Figure("Read again", f"{len(output.proofs)}", "all sound" if not faulty else f"{faulty} with a fault"),
        Figure("Secrets to set", f"{len(output.to_set)}", ", ".join(output.to_set[:3]) + ("…" if len(output.to_set) > 3 else "")),  # noqa: PLR2004 - what fits under a figure
    )
    findings = tuple(Finding(gap.severity, gap.title, gap.factor, gap.detail, gap.fix) for gap in output.gaps)
    looked = "The description was held to the twelve factors and to what containers and clouds ask for."
    return (
        KeyFigures(figures),
        Findings("What is not ready", findings, looked),
        _diagram(output),
        Code("Step by step", "shell", output.steps),
        Note(f"{readiness.FORMULA} The image is built from {output.reads}. {output.vercel} {_NETWORK if output.clouds else ''}".rstrip()),
        _factors(output),
        _proofs(output),
        *_texts(output),
        Files("All files", tuple(File(file.path, file.text) for file in output.files), f"{output.name}-deployment.zip", tab="Files"),
    )


def _factors(output: DeploymentOutput) -> Table:
    missing = {factor: "; ".join(gap.title for gap in output.gaps if gap.factor == factor) for factor in readiness.FACTORS}
    rows = tuple((factor, _state(output, factor), missing[factor] or readiness.DONE[factor]) for factor in readiness.FACTORS)
    return Table("The twelve factors", (Column("Factor"), Column("State"), Column("Why")), rows, tab="Readiness")


def _state(output: DeploymentOutput, factor: str) -> str:
    weights = [readiness.WEIGHTS[gap.severity] for gap in output.gaps if gap.factor == factor]
    return "ready" if not weights else "not ready" if max(weights) >= readiness.WEIGHTS["high"] else "nearly"


def _proofs(output: DeploymentOutput) -> Table:
    rows = tuple((proof.path, proof.read_as, proof.held_to, proof.fault or "sound") for proof in output.proofs)
    columns = (Column("File", "code"), Column("Read as"), Column("Held to"), Column("Result"))
    return Table("Every file, read again", columns, rows, tab="Readiness", download="proofs.csv")


def _texts(output: DeploymentOutput) -> tuple[Code, ...]:
    """Image and compose on one tab, the manifests as one stream on the next, a tab for the Terraform of each cloud."""
    files = {file.path: file.text for file in output.files}
    stream = "---\n".join(text for path, text in files.items() if path.startswith("kubernetes/") and not path.endswith(("kustomization.yaml", "example.yaml")))
    shown = [
        Code("Dockerfile", "dockerfile", files["Dockerfile"], filename="Dockerfile", tab="Container"),
        Code("compose.yaml", "yaml", files["compose.yaml"], filename="compose.yaml", tab="Container"),
        Code("All manifests", "yaml", stream, filename=f"{output.name}.yaml", tab="Kubernetes"),
    ]
    for cloud in output.clouds:
        for part in ("main", "variables", "outputs"):
            text = files[f"terraform/{cloud}/{part}.tf"]
            shown.append(Code(f"{cloud} {part}.tf", "hcl", text, filename=f"{part}.tf", tab={"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}[cloud]))
    return tuple(shown)


def _diagram(output: DeploymentOutput) -> Diagram:
    """From the visitor to what the application uses."""
    paths = {file.path for file in output.files}
    door = "kubernetes/ingress.yaml" in paths
    scales = "kubernetes/hpa.yaml" in paths
    nodes = [
        Node("visitor", "Visitor", "actor", 0, 0.0),
        Node("door", "Ingress" if door else "Load balancer", "process", 1, 0.0, ("HTTPS",) if door else ()),
        Node("app", output.name, "process", 2, 0.0, ("grows with the load",) if scales else ("fixed number",)),
    ]
    labels = {"postgresql": "PostgreSQL", "mysql": "MySQL", "redis": "Redis", "disk": "Disk at /data"}
    nodes += [Node(part, labels[part], "store", 3, float(place)) for place, part in enumerate(output.parts)]
    edges = (Edge("visitor", "door"), Edge("door", "app"), *(Edge("app", part) for part in output.parts))
    used = ", ".join(labels[part] for part in output.parts) or "nothing else"
    said = f"Visitors reach {output.name} through the {'ingress' if door else 'load balancer'}; it uses {used}."
    return Diagram("What runs", tuple(nodes), edges, said, (Zone("Private network", ("app", *output.parts)),))


def _units(inputs: DeploymentInputs) -> int:
    """Files that are written and read again: those of each cloud weigh most, and what HCL has to escape is slow to read."""
    clouds = {"all": 3, "none": 0}.get(inputs.cloud, 1)
    escaped = sum(one.value.count("${") + one.value.count("%{") for one in inputs.env)
    return 10 + 14 * clouds + (len(inputs.env) + len(inputs.secrets)) // 4 + escaped * clouds // 150


def _describe(inputs: DeploymentInputs) -> str:
    where = {"all": "three clouds", "none": "Kubernetes"}.get(inputs.cloud, dict(_CLOUDS)[inputs.cloud].partition(":")[0])
    return f"{STACKS[inputs.stack].label} for {where}"


TOOL: Tool[DeploymentInputs, DeploymentOutput] = Tool(
    id="dev-studio-deployment",
    title="Deployment Wizard",
    studio=Studio.DEV,
    mode=Mode.SERVER,
    cap=100,
    summary="Describe your application once. Get its image, compose, Kubernetes and Terraform files, read again and held to the twelve factors.",
    takes="app description",
    gives="Dockerfile, compose, Kubernetes, Terraform for AWS/GCP/Azure, Vercel: validated, with a readiness report",
    limits=Limits(cpu_ms=30_000, wall_ms=60_000),
    inputs=DeploymentInputs,
    example=DeploymentInputs(
        name="booking-api",
        stack="python",
        start_command="gunicorn --bind 0.0.0.0:8000 --workers 2 booking.wsgi",
        env=(
            Setting("LOG_LEVEL", "info"),
            Setting("SMTP_URL", "smtp://mailer:s3cret-pass@mail.example.com:587"),
            Setting("SEARCH_URL", "http://localhost:9200"),
        ),
        secrets=("SESSION_KEY", "STRIPE_KEY"),
        database="postgresql",
        cache=True,
        domain="booking.example.com",
        cloud="aws",
        sessions="shared",
    ),
    cost=Cost(
        units=_units, describe=_describe, lower="cloud", cpu_us_per_unit=4_000.0, cpu_ms_base=20.0, mem_bytes_per_unit=400_000.0, mem_mb_base=8.0, spread=1.6
    ),
    run=run,
    present=present,
    preload=("hcl2", "ruamel.yaml"),
    keywords=("Docker", "Kubernetes", "Terraform", "AWS", "Google Cloud", "Azure", "Vercel", "twelve-factor", "Helm", "compose"),
)
