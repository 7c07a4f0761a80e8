import functools
import json
import re
import time
from dataclasses import replace
from itertools import product
from typing import Any, cast

import hcl2
import kubernetes_validate
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError
from credit_studio.tools.dev.delivery import proving, readiness
from credit_studio.tools.dev.delivery.application import STACKS, cloud_run_size, container_apps_size, fargate_size
from credit_studio.tools.dev.deployment import TOOL, DeploymentInputs, DeploymentOutput, Setting, application_of, present, run
from credit_studio.tools.validation import example_json, parse
from tests.contracts import drawing

EXAMPLE = cast("DeploymentInputs", TOOL.example)
SITE = DeploymentInputs(
    name="atlas", stack="static", port=8080, health="/up", least_instances=2, most_instances=2, memory_mb=64, cloud="all", domain="atlas.example.org"
)
WORKER = DeploymentInputs(
    name="ledger-sync",
    stack="go",
    health="",
    least_instances=1,
    most_instances=1,
    storage_gb=20,
    database="mysql",
    migrate_command="/usr/local/bin/app migrate --to 'the last'",
    calls_out=False,
    cloud="gcp",
    region="europe-north1",
)
SHOP = replace(EXAMPLE, name="shop", stack="nextjs", start_command="", cloud="azure", env=(Setting("GREETING", 'a "b" ${c} %{d} $e # f: g'),), secrets=())
COMPOSE = Draft7Validator(get_builtin_schema("vendor.compose-spec"))


def files_of(inputs: DeploymentInputs) -> dict[str, str]:
    return {file.path: file.text for file in run(inputs).files}


@functools.cache
def varied() -> list[tuple[DeploymentInputs, DeploymentOutput]]:
    """Every stack, with each of these choices beside others."""
    choices: tuple[dict[str, Any], ...] = (
        {"database": "postgresql", "cache": True, "domain": "a.example.com", "cloud": "aws", "secrets": ("KEY",)},
        {"database": "mysql", "storage_gb": 5, "cloud": "gcp", "migrate_command": "migrate up", "health": "/"},
        {"storage_gb": 1, "cloud": "azure", "cache": True, "health": "", "least_instances": 1, "most_instances": 1, "domain": "a.example.com"},
        {"database": "postgresql", "cloud": "azure", "migrate_command": "migrate up", "memory_mb": 8192, "cpu_milli": 4000},
    )
    every = [DeploymentInputs(name="my-app", stack=stack, **choices[place % 4]) for place, stack in enumerate(STACKS)]  # type: ignore[arg-type]
    return [(inputs, run(inputs)) for inputs in [*every, EXAMPLE, SITE, WORKER, SHOP]]


def test_everything_that_is_written_is_proved_sound() -> None:
    for inputs, output in varied():
        assert [proof for proof in output.proofs if proof.fault] == [], inputs
        unread = {file.path for file in output.files} - {proof.path for proof in output.proofs}
        assert unread <= {".dockerignore", ".env.example", "nginx.conf"}
        assert not any("@@" in file.text or "None" in file.text for file in output.files)
        assert [fault for block in present(output) for fault in drawing.faults(block)] == []


def test_manifests_are_valid_to_kubernetes() -> None:
    seen: set[str] = set()
    for inputs in (EXAMPLE, WORKER):
        for file in run(inputs).files:
            if file.path.startswith("kubernetes/") and not file.path.endswith("kustomization.yaml"):
                manifest = yaml.safe_load(file.text)
                seen.add(manifest["kind"])
                kubernetes_validate.validate(manifest, "1.33", strict=True)
    workloads = {"Namespace", "ServiceAccount", "ConfigMap", "Secret", "Deployment", "Service", "NetworkPolicy", "Job"}
    assert seen == workloads | {"Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim"}


def test_compose_files_fit_their_schema() -> None:
    for _, output in varied():
        compose = yaml.safe_load(next(file.text for file in output.files if file.path == "compose.yaml"))
        assert [error.message for error in COMPOSE.iter_errors(compose)] == []


def test_terraform_is_read_by_its_own_reader_and_says_what_was_asked() -> None:
    main = hcl2.loads(files_of(EXAMPLE)["terraform/aws/main.tf"])
    kinds = {kind.strip('"') for one in main["resource"] for kind in one}
    assert {
        "aws_ecs_service",
        "aws_ecs_task_definition",
        "aws_lb",
        "aws_db_instance",
        "aws_elasticache_replication_group",
        "aws_secretsmanager_secret",
    } <= kinds
    assert {"aws_appautoscaling_target", "aws_acm_certificate"} <= kinds
    small = hcl2.loads(files_of(replace(EXAMPLE, database="none", cache=False, secrets=(), env=(), domain="", most_instances=2))["terraform/aws/main.tf"])
    left = {kind.strip('"') for one in small["resource"] for kind in one}
    assert not left & {"aws_db_instance", "aws_elasticache_replication_group", "aws_secretsmanager_secret", "aws_appautoscaling_target", "aws_acm_certificate"}


def test_values_come_back_out_of_every_language_as_they_went_in() -> None:
    files = files_of(replace(SHOP, cloud="all"))
    value = SHOP.env[0].value
    assert yaml.safe_load(files["kubernetes/configmap.yaml"])["data"]["GREETING"] == value
    assert yaml.safe_load(files["compose.yaml"])["services"]["app"]["environment"]["GREETING"].replace("$$", "$") == value
    for cloud in ("aws", "gcp", "azure"):
        line = re.search(r'"GREETING" *= (.*)', files[f"terraform/{cloud}/variables.tf"])
        assert line is not None
        assert json.loads(line[1].replace("$${", "${").replace("%%{", "%{")) == value
    assert "PORT" not in files["terraform/gcp/variables.tf"], "Cloud Run sets it itself"


def test_a_secret_in_plain_text_is_told_and_stands_in_no_file() -> None:
    output = run(EXAMPLE)
    assert not any("s3cret-pass" in file.text for file in output.files)
    assert "s3cret-pass" not in json.dumps(blocks.to_json(present(output)))
    assert ("critical", "SMTP_URL holds a secret in plain text") in {(gap.severity, gap.title) for gap in output.gaps}
    assert "SMTP_URL" in output.to_set


def test_the_network_policy_lets_through_what_the_settings_name() -> None:
    egress = yaml.safe_load(files_of(EXAMPLE)["kubernetes/networkpolicy.yaml"])["spec"]["egress"]
    assert [port["port"] for port in egress[1]["ports"]] == [5432, 6379, 443, 587, 9200]
    closed = yaml.safe_load(files_of(WORKER)["kubernetes/networkpolicy.yaml"])["spec"]["egress"]
    assert [port["port"] for rule in closed for port in rule["ports"]] == [53, 53, 3306]


def test_one_instance_holds_a_disk() -> None:
    files = files_of(WORKER)
    deployment = yaml.safe_load(files["kubernetes/deployment.yaml"])["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    assert not {"kubernetes/hpa.yaml", "kubernetes/pdb.yaml", "kubernetes/ingress.yaml"} & set(files)
    container = deployment["template"]["spec"]["containers"][0]
    assert container["livenessProbe"]["tcpSocket"] == {"port": "http"}
    assert "HEALTHCHECK" not in files["Dockerfile"]
    job = yaml.safe_load(files["kubernetes/migrate.yaml"])["spec"]["template"]["spec"]["containers"][0]
    assert job["command"] == ["/usr/local/bin/app", "migrate", "--to", "the last"]


def test_vercel_is_for_what_fits_it() -> None:
    assert json.loads(files_of(SITE)["vercel.json"])["outputDirectory"] == "dist"
    assert json.loads(files_of(SHOP)["vercel.json"])["framework"] == "nextjs"
    assert "vercel.json" not in files_of(EXAMPLE)
    assert "vercel.json" not in files_of(replace(SHOP, storage_gb=1))


# --- sizes: the pairs that the clouds sell ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpu", "memory", "fargate", "run_size", "apps"),
    [
        (250, 512, (256, 512), (1, 512), (0.25, 0.5)),
        (500, 512, (512, 1024), (1, 512), (0.5, 1.0)),
        (500, 3000, (512, 3072), (1, 3000), (1.5, 3.0)),
        (250, 5000, (1024, 5120), (2, 5000), (2.5, 5.0)),
        (4000, 8192, (4096, 8192), (4, 8192), (4.0, 8.0)),
        (1500, 20000, (4096, 20480), (6, 20000), (4.0, 8.0)),
        (16000, 122880, (16384, 122880), (8, 32768), (4.0, 8.0)),
    ],
)
def test_sizes_are_the_smallest_that_are_sold(cpu: int, memory: int, fargate: tuple[int, int], run_size: tuple[int, int], apps: tuple[float, float]) -> None:
    app = application_of(replace(EXAMPLE, cpu_milli=cpu, memory_mb=memory))
    assert (fargate_size(app), cloud_run_size(app), container_apps_size(app)) == (fargate, run_size, apps)


# --- readiness ----------------------------------------------------------------------------------------------------------------

READY = replace(EXAMPLE, env=(Setting("LOG_LEVEL", "info"),), migrate_command="python manage.py migrate")


def gaps(inputs: DeploymentInputs) -> set[tuple[str, str]]:
    return {(gap.severity, gap.where) for gap in run(inputs).gaps}


def test_nothing_is_missing_from_what_is_ready() -> None:
    output = run(READY)
    assert (output.gaps, output.score) == ((), 100)


def test_the_score_is_what_its_formula_says() -> None:
    output = run(EXAMPLE)
    assert sorted(gap.severity for gap in output.gaps) == ["critical", "high", "medium"]
    assert output.score == 100 - 25 - 12 - 5
    worst = replace(EXAMPLE, env=tuple(Setting(f"KEY{n}_TOKEN", "abc") for n in range(9)))
    assert run(worst).score == 0
    assert readiness.WEIGHTS == {"critical": 25, "high": 12, "medium": 5, "low": 2, "info": 0}


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"health": ""}, ("high", "health")),
        ({"health": "/"}, ("low", "health")),
        ({"least_instances": 1}, ("medium", "leastInstances")),
        ({"storage_gb": 10}, ("high", "storageGb")),
        ({"sessions": "memory"}, ("high", "sessions")),
        ({"sessions": "shared", "database": "none", "cache": False}, ("medium", "sessions")),
        ({"start_command": ""}, ("low", "startCommand")),
        ({"start_command": "python manage.py runserver 0.0.0.0:8000"}, ("high", "startCommand")),
        ({"start_command": "uvicorn shop:app --reload"}, ("high", "startCommand")),
        ({"start_command": "sh -c 'gunicorn shop'"}, ("low", "startCommand")),
        ({"port": 80}, ("medium", "port")),
        ({"tag": "latest"}, ("medium", "tag")),
        ({"migrate_command": ""}, ("medium", "migrateCommand")),
        ({"domain": ""}, ("low", "domain")),
        ({"logs": "files"}, ("medium", "logs")),
        ({"stops_in_time": False}, ("medium", "stopsInTime")),
        ({"memory_mb": 64}, ("medium", "memoryMb")),
        ({"cloud": "azure", "memory_mb": 16_384}, ("medium", "memoryMb")),
        ({"cloud": "gcp", "memory_mb": 65_536}, ("medium", "memoryMb")),
        ({"cloud": "gcp", "region": "europe-west2"}, ("medium", "region")),
        ({"env": (Setting("DEBUG", "True"),)}, ("high", "env")),
        ({"env": (Setting("NODE_ENV", "development"),)}, ("high", "env")),
        ({"env": (Setting("API", "http://127.0.0.1:3000"),)}, ("high", "env")),
        ({"env": (Setting("DB_PASSWORD", "x"),)}, ("critical", "env")),
        ({"env": (Setting("BACKEND", "postgres://u:p@db/x"),)}, ("critical", "env")),
    ],
)
def test_each_gap_is_found(change: dict[str, Any], gap: tuple[str, str]) -> None:
    assert gaps(replace(READY, **change)) == {gap}


# --- proofs: a fault in any file is found -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "old", "new", "fault"),
    [
        ("Dockerfile", "--from=build", "--from=built", "there is no stage built"),
        ("Dockerfile", "USER 10001:10001", "USER root", "it runs as root"),
        ("Dockerfile", "python:3.13-slim\n", "python\n", "python has no fixed tag"),
        ("Dockerfile", "EXPOSE", "EXPOSED", "EXPOSED is no instruction that is known here"),
        ("Dockerfile", 'CMD ["gunicorn"', "CMD gunicorn [", "one CMD in exec form is wanted"),
        ("compose.yaml", "  cache:\n    image", "  cash:\n    image", "app waits for cache, which is not there"),
        ("compose.yaml", "volumes:\n  db: {}", "volumes: {}", "db mounts db, which is not there"),
        ("kubernetes/deployment.yaml", "port: http", "port: web", "startupProbe asks port web, which is not there"),
        ("kubernetes/deployment.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "it may run as root"),
        ("kubernetes/deployment.yaml", "mountPath: /tmp", "mountPath: /tmp\n            - name: lost", "lost is mounted and not there"),
        ("kubernetes/deployment.yaml", "booking-api-secrets", "other", "Secret other is not there"),
        ("kubernetes/service.yaml", "selector:\n    app.kubernetes.io/name: booking-api", "selector:\n    app: x", "it selects no pod"),
        ("kubernetes/ingress.yaml", "name: http", "name: web", "its backend is not there"),
        ("kubernetes/hpa.yaml", "minReplicas: 2", "minReplicas: 9", "its least is above its most"),
        ("kubernetes/kustomization.yaml", "- hpa.yaml", "- hpb.yaml", "hpb.yaml is not there"),
        ("kubernetes/pdb.yaml", "kind: PodDisruptionBudget", "kind: [", "no apiVersion or kind"),
        ("terraform/aws/main.tf", "var.region", "var.reign", "var.reign is not declared"),
        ("terraform/aws/main.tf", "aws_lb.app.arn", "aws_lb.web.arn", "aws_lb.web is not there"),
        ("terraform/aws/main.tf", 'data "aws_vpc" "default" {', 'data "aws_vpc" "default" {{', "no HCL"),
        ("terraform/aws/variables.tf", 'variable "port"', 'variable "name"', "var.name stands twice"),
    ],
)
def test_a_planted_fault_is_found(path: str, old: str, new: str, fault: str) -> None:
    files = files_of(EXAMPLE)
    assert old in files[path]
    files[path] = files[path].replace(old, new, 1)
    assert any(fault in proof.fault for proof in proving.prove(files))


# --- inputs -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Booking"}, "name"),
        ({"name": "a--b"}, "name"),
        ({"health": "health"}, "health"),
        ({"health": "/'; rm -rf /"}, "health"),
        ({"domain": "https://a.example.com"}, "domain"),
        ({"registry": "GHCR.io/x"}, "registry"),
        ({"tag": "a b"}, "tag"),
        ({"region": "London"}, "region"),
        ({"cloud": "all", "region": "eu-west-2"}, "region"),
        ({"ingressClass": "my class"}, "ingressClass"),
        ({"leastInstances": 9, "mostInstances": 3}, "mostInstances"),
        ({"env": [{"name": "A-B", "value": ""}]}, "env.0.name"),
        ({"env": [{"name": "A", "value": ""}, {"name": "A", "value": ""}]}, "env.1.name"),
        ({"env": [{"name": "PORT", "value": "1"}]}, "env.0.name"),
        ({"env": [{"name": "A", "value": "x\ny"}]}, "env.0.value"),
        ({"secrets": ["LOG_LEVEL"]}, "secrets.0"),
        ({"startCommand": "gunicorn 'x"}, "startCommand"),
        ({"migrateCommand": "a\nb"}, "migrateCommand"),
        ({"port": 0}, "port"),
    ],
)
def test_what_cannot_be_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        parse(TOOL, example_json(TOOL) | change)
    assert [error.field for error in refused.value.errors] == [field]


def test_the_most_that_can_be_asked_for_stays_within_its_limits() -> None:
    env = tuple(Setting(f"NAME_{n}".ljust(80, "X"), "${x}" * 250) for n in range(40))
    began = time.process_time()
    output = run(replace(EXAMPLE, env=env, secrets=tuple(f"KEY_{n}".ljust(80, "Y") for n in range(40)), cloud="all", region=""))
    drawn = json.dumps(blocks.to_json(present(output)))
    assert time.process_time() - began < 5
    assert len(drawn) < TOOL.limits.output_bytes
    assert [proof for proof in output.proofs if proof.fault] == []


_VALUE = st.text(max_size=60)


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,12}", fullmatch=True), _VALUE, max_size=4),
    _VALUE,
    st.sampled_from(list(product(STACKS, ("gcp", "none")))),
)
def test_any_settings_and_commands_give_sound_files(env: dict[str, str], command: str, place: tuple[str, str]) -> None:
    try:
        inputs = replace(
            WORKER, env=tuple(Setting(name, value) for name, value in env.items()), start_command=command, stack=place[0], cloud=place[1], region=""
        )
    except InputError as error:
        assert error.field.startswith(("env.", "startCommand"))  # noqa: PT017 - either refused by name or made
        return
    output = run(inputs)
    assert [proof for proof in output.proofs if proof.fault] == []
    files = {file.path: file.text for file in output.files}
    kept = {name: value for name, value in env.items() if name not in output.to_set}
    assert yaml.safe_load(files["kubernetes/configmap.yaml"])["data"] == {"PORT": "8000", **kept}
