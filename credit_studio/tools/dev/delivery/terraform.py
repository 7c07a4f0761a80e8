"""Terraform for one container service on each cloud: ECS on Fargate, Cloud Run, Container Apps. Secrets are made empty and never in the state."""

import re
from pathlib import Path

from credit_studio.tools.dev.delivery.application import DATABASES, REGIONS, Application, cloud_run_size, container_apps_size, fargate_size
from credit_studio.tools.dev.scaffold.templates import Value, quoted, render_file

CLOUDS = ("aws", "gcp", "azure")
_ASSIGNED = re.compile(r'( *)("[^"\n]{1,100}"|[a-z_][A-Za-z0-9_]{0,60}) *= (.*)')
_SOURCE = Path(__file__).with_name("terraform_files.txt")


def files(app: Application, clouds: tuple[str, ...]) -> dict[str, str]:
    """Every .tf file by its path."""
    flags = {*clouds, app.database} - {""}
    asked = {"secrets": app.secrets, "domain": app.domain, "cache": app.has_cache, "storage": app.storage_gb, "health": app.health, "scales": app.scales}
    flags |= {name for name, holds in asked.items() if holds} | ({"multiple"} if app.instances > 1 else set[str]())
    made: dict[str, str] = {}
    for cloud in clouds:
        made |= render_file(_SOURCE, (flags - set(CLOUDS)) | {cloud}, _values(app, cloud))
    return {path: _aligned(text) for path, text in made.items()}


def _values(app: Application, cloud: str) -> dict[str, Value]:
    image, port, version = DATABASES.get(app.database, ("", 0, ""))
    cpu, memory = fargate_size(app)
    run_cpu, run_memory = cloud_run_size(app)
    apps_cpu, apps_memory = container_apps_size(app)
    services = ["run", *(["secretmanager"] if app.secrets else []), *(["sqladmin"] if app.database else []), *(["redis"] if app.has_cache else [])]
    return {
        "user": str(app.of.user),
        "health_path": app.health or "/",
        "instances": str(app.instances),
        "most": str(app.most if app.scales else app.instances),
        "fargate_cpu": str(cpu),
        "fargate_memory": str(memory),
        "run_cpu": str(run_cpu),
        "run_memory": str(run_memory),
        "apps_cpu": f"{apps_cpu:g}",
        "apps_memory": f"{apps_memory:g}",
        "storage_gb": str(max(1, app.storage_gb)),
        "db_engine": "postgres" if image == "postgres" else "mysql",
        "db_port": str(port),
        "db_version": version,
        "multi": "true" if app.instances > 1 else "false",
        "insights": "true" if app.database == "postgresql" else "false",
        "sql_version": "POSTGRES_17" if app.database == "postgresql" else "MYSQL_8_4",
        "sql_availability": "REGIONAL" if app.instances > 1 else "ZONAL",
        "azure_sku": "GP_Standard_D2ds_v5" if app.instances > 1 else "B_Standard_B1ms",
        "gcp_services": [quoted(f"{name}.googleapis.com") for name in services],
        "account": app.name[:28].rstrip("-") + ("-run" if len(app.name) < 6 else ""),  # noqa: PLR2004 - an account's name has 6 to 30 signs
        "vault": app.name[:20].rstrip("-") + "-kv",
        "storage_account": app.name.replace("-", "")[:20] + "data",
        "common_variables": _variables(app, cloud),
    }


def _variables(app: Application, cloud: str) -> list[str]:
    secret_names = [f"[{', '.join(quoted(name) for name in app.secrets)}]"]
    lines = [
        *_variable("name", "Of the app and of all that belongs to it", "string", [quoted(app.name)]),
        *_variable("region", "Where it runs", "string", [quoted(app.region or REGIONS[cloud])]),
        *_variable("image", "The image with its tag, or better its digest", "string", [quoted(app.image)]),
        *_variable("port", "What the container listens on", "number", [str(app.port)]),
        *_variable("environment", "Plain settings", "map(string)", _map(app, cloud)),
    ]
    if app.secrets:
        lines += _variable("secret_names", "The secrets that the app reads as environment variables", "set(string)", secret_names)
    if app.domain and cloud != "azure":
        lines += _variable("domain", "The name that people type", "string", [quoted(app.domain)])
    return lines[:-1]


def _variable(name: str, description: str, kind: str, default: list[str]) -> list[str]:
    head = [f'variable "{name}" {{', f"  description = {quoted(description)}", f"  type        = {kind}", f"  default     = {default[0]}"]
    return [*head, *(f"  {line}" for line in default[1:]), "}", ""]


def _map(app: Application, cloud: str) -> list[str]:
    """An HCL map; Terraform reads ${ and %{ in text as its own, so that they are doubled. Cloud Run sets PORT itself and takes none."""
    port = () if cloud == "gcp" else (("PORT", str(app.port)),)
    rows = [f"  {quoted(name)} = {quoted(value).replace('${', '$${').replace('%{', '%%{')}" for name, value in (*app.env, *port)]
    return ["{", *rows, "}"] if rows else ["{}"]


def _aligned(text: str) -> str:
    """The equals signs of neighbouring lines under each other, as `terraform fmt` has them."""
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        stop = start
        while (
            stop < len(lines)
            and (found := _ASSIGNED.fullmatch(lines[stop]))
            and found[1] == lines[start][: len(found[1])]
            and lines[start][len(found[1])] != " "
        ):
            stop += 1
            if lines[stop - 1].endswith(("{", "[", "(")):
                break
        _align(lines, start, stop)
        start = max(stop, start + 1)
    return "\n".join(lines)


def _align(lines: list[str], start: int, stop: int) -> None:
    found = [_ASSIGNED.fullmatch(line) for line in lines[start:stop]]
    # What opens a block of its own is not aligned with the lines above it.
    several = [one for one in found if one is not None and not (one[3].endswith(("{", "[", "(")) and len(found) > 1)]
    width = max((len(one[2]) for one in several), default=0)
    for place, one in enumerate(found, start=start):
        if one is not None:
            lines[place] = f"{one[1]}{one[2].ljust(width) if one in several else one[2]} = {one[3]}"
