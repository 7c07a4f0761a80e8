"""Everything that was written is read again, by a reader of its language, and held to what its platform asks: a file with a fault is not shown as sound.

HCL is read by python-hcl2, YAML by ruamel.yaml; every reference must lead to something that is there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.pipelines.reading import Spot, read

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_INSTRUCTIONS = frozenset({"FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "CMD", "VOLUME"})
_REFERENCE = re.compile(r"(?<![\w.\"-])(data\.)?((?:aws|google|azurerm)_[a-z0-9_]+)\.([a-z0-9_]+)\b")
_VARIABLE = re.compile(r"\bvar\.([a-z_]+)")
_EMPTY = Spot("", 1)


@dataclass(frozen=True)
class Proof:
    """One file, how it was read and what it was held to; `fault` is "" for a sound one."""

    path: str
    read_as: str
    held_to: str
    fault: str = ""


def prove(files: dict[str, str]) -> tuple[Proof, ...]:
    """A proof for every file that a machine reads."""
    manifests = {path: text for path, text in files.items() if path.startswith("kubernetes/")}
    proofs: list[Proof] = []
    for path, text in files.items():
        if path == "Dockerfile":
            proofs.append(_proof(path, "Dockerfile", "stages, no root, fixed tags, exec form", dockerfile_faults(text)))
        elif path == "compose.yaml":
            proofs.append(_proof(path, "YAML", "services and volumes that are there, health checks of what is waited for", compose_faults(text)))
        elif path == "vercel.json":
            proofs.append(_proof(path, "JSON", "can be read", _json_faults(text)))
    if manifests:
        faults = list(kubernetes_faults(manifests))
        words = "names, selectors, ports, references between manifests, no root, limits"
        proofs += [_proof(path, "YAML", words, iter([fault for where, fault in faults if where == path])) for path in manifests]
    for folder in sorted({path.rpartition("/")[0] for path in files if path.endswith(".tf")}):
        parts = {path: text for path, text in files.items() if path.startswith(f"{folder}/")}
        faults = list(terraform_faults(parts))
        proofs += [_proof(path, "HCL", "variables and resources that are there", iter([fault for where, fault in faults if where == path])) for path in parts]
    return tuple(proofs)


def _proof(path: str, read_as: str, held_to: str, faults: Iterator[str]) -> Proof:
    return Proof(path, read_as, held_to, "; ".join(faults)[:500])


def _json_faults(text: str) -> Iterator[str]:
    try:
        json.loads(text)
    except ValueError as error:
        yield f"no JSON: {error}"


def dockerfile_faults(text: str) -> Iterator[str]:
    """Faults of a Dockerfile: unknown instructions, stages that are not there, images without a tag, root, a shell around the process."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line.partition(" ")[::2] for line in joined.splitlines() if line and not line.startswith("#")]
    yield from (f"{name} is no instruction that is known here" for name, _ in lines if name not in _INSTRUCTIONS)
    stages = [rest.rpartition(" AS ")[2] for name, rest in lines if name == "FROM" and " AS " in rest]
    images = [rest.partition(" AS ")[0] for name, rest in lines if name == "FROM"]
    if not lines or lines[0][0] != "FROM":
        yield "does not begin with FROM"
    yield from (f"{image} has no fixed tag" for image in images if ":" not in image or image.endswith(":latest"))
    for name, rest in lines:
        source = re.match(r"--from=(\S+)", rest)
        if name == "COPY" and source and source[1] not in stages:
            yield f"there is no stage {source[1]}"
    users = [rest for name, rest in lines if name == "USER"]
    if not users or users[-1].split(":")[0] in ("0", "root"):
        yield "it runs as root"
    commands = [rest for name, rest in lines if name == "CMD"]
    if len(commands) != 1 or not commands[0].startswith("["):
        yield "one CMD in exec form is wanted"


def compose_faults(text: str) -> Iterator[str]:
    """Faults of a compose file: services and volumes that are not there, waiting for the health of what has no check."""
    root = _tree(text)
    services, volumes = (root.get("services") or _EMPTY).fields, (root.get("volumes") or _EMPTY).fields
    for name, service in services.items():
        if service.get("image") is None and service.get("build") is None:
            yield f"{name} has neither image nor build"
        for other, how in (service.get("depends_on") or _EMPTY).fields.items():
            if other not in services:
                yield f"{name} waits for {other}, which is not there"
            elif (how.get("condition") or _EMPTY).text == "service_healthy" and services[other].get("healthcheck") is None:
                yield f"{name} waits for the health of {other}, which has no check"
        for mount in (service.get("volumes") or _EMPTY).items:
            source = mount.text.partition(":")[0]
            if not source.startswith((".", "/")) and source not in volumes:
                yield f"{name} mounts {source}, which is not there"


def kubernetes_faults(files: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(path, fault) of manifests that belong together."""
    trees = {path: _tree(text) for path, text in files.items()}
    kinds = {(_at(tree, "kind"), _at(tree, "metadata", "name")): tree for tree in trees.values()}
    for path, tree in trees.items():
        kind = _at(tree, "kind")
        if not _at(tree, "apiVersion") or not kind:
            yield path, "no apiVersion or kind"
        if kind == "Kustomization":
            listed = [one.text for one in (tree.get("resources") or _EMPTY).items]
            yield from ((path, f"{one} is not there") for one in listed if f"kubernetes/{one}" not in files)
            continue
        if not _NAME.fullmatch(_at(tree, "metadata", "name")):
            yield path, f"{_at(tree, 'metadata', 'name')!r} is no name"
        if kind in ("Deployment", "Job"):
            yield from ((path, fault) for fault in _workload(tree, kinds))
        yield from ((path, fault) for fault in _pointing(kind, tree, kinds))


def _workload(tree: Spot, kinds: dict[tuple[str, str], Spot]) -> Iterator[str]:
    pod = _walk(tree, "spec", "template", "spec")
    labels = _labels(tree, "spec", "template", "metadata", "labels")
    if not _labels(tree, "spec", "selector", "matchLabels").items() <= labels.items():
        yield "its selector does not select its own pods"
    if _at(pod, "securityContext", "runAsNonRoot") != "true":
        yield "it may run as root"
    volumes = {_at(one, "name") for one in (pod.get("volumes") or _EMPTY).items}
    for container in (pod.get("containers") or _EMPTY).items:
        yield from _probes(container)
        yield from _sources(container, kinds)
        if not _at(container, "resources", "limits", "memory"):
            yield "a container without a limit of memory"
        mounted = [_at(one, "name") for one in (container.get("volumeMounts") or _EMPTY).items]
        yield from (f"{name} is mounted and not there" for name in mounted if name not in volumes)


def _labels(tree: Spot, *names: str) -> dict[str, str]:
    return {name: one.text for name, one in _walk(tree, *names).fields.items()}


def _probes(container: Spot) -> Iterator[str]:
    ports = {_at(one, "name") for one in (container.get("ports") or _EMPTY).items}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = _at(container, probe, "httpGet", "port") or _at(container, probe, "tcpSocket", "port")
        if asked and asked not in ports:
            yield f"{probe} asks port {asked}, which is not there"


def _sources(container: Spot, kinds: dict[tuple[str, str], Spot]) -> Iterator[str]:
    for source in (container.get("envFrom") or _EMPTY).items:
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            name = _at(source, field, "name")
            if name and (kind, name) not in kinds:
                yield f"{kind} {name} is not there"


def _pointing(kind: str, tree: Spot, kinds: dict[tuple[str, str], Spot]) -> Iterator[str]:
    """Faults of what points at something else: a service at pods, an ingress at a service, a scaler and a budget at a deployment."""
    selector = {"Service": ("spec", "selector"), "PodDisruptionBudget": ("spec", "selector", "matchLabels")}.get(kind)
    if selector:
        pods = [_labels(one, "spec", "template", "metadata", "labels") for (named, _), one in kinds.items() if named == "Deployment"]
        if not any(_labels(tree, *selector).items() <= labels.items() for labels in pods):
            yield "it selects no pod"
    if kind == "HorizontalPodAutoscaler":
        if ("Deployment", _at(tree, "spec", "scaleTargetRef", "name")) not in kinds:
            yield "it scales a deployment that is not there"
        if int(_at(tree, "spec", "minReplicas")) > int(_at(tree, "spec", "maxReplicas")):
            yield "its least is above its most"
    if kind == "Ingress":
        yield from _backends(tree, kinds)


def _backends(tree: Spot, kinds: dict[tuple[str, str], Spot]) -> Iterator[str]:
    for path in (path for rule in _walk(tree, "spec", "rules").items for path in _walk(rule, "http", "paths").items):
        service = kinds.get(("Service", _at(path, "backend", "service", "name")))
        ports = {_at(one, "name") for one in _walk(service or _EMPTY, "spec", "ports").items}
        if _at(path, "backend", "service", "port", "name") not in ports:
            yield "its backend is not there"


def _tree(text: str) -> Spot:
    """The tree of a file; an empty one, which lacks everything, for what is no YAML."""
    try:
        return read(text, "files").root
    except InputError:
        return Spot("", 1)


def _walk(spot: Spot, *names: str) -> Spot:
    for name in names:
        spot = spot.get(name) or _EMPTY
    return spot


def _at(spot: Spot, *names: str) -> str:
    return _walk(spot, *names).text


def terraform_faults(files: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(path, fault) of the files of one module: what cannot be read, variables and resources that nobody declares, the same one twice."""
    declared: set[str] = set()
    variables: set[str] = set()
    for path, text in files.items():
        try:
            names = list(_declared(_hcl(text)))
        except ValueError as error:
            yield path, f"no HCL: {error}"
            continue
        for name in names:
            if name in declared:
                yield path, f"{name} stands twice"
            declared.add(name)
        variables |= {name.removeprefix("var.") for name in names if name.startswith("var.")}
    for path, text in files.items():
        code = re.sub(r'(?m)^\s*#.*$|^(?:resource|data) "[^\n]*$', "", text)
        yield from ((path, f"var.{name} is not declared") for name in sorted(set(_VARIABLE.findall(code)) - variables))
        used = {f"{data}{kind}.{name}" for data, kind, name in _REFERENCE.findall(code)}
        yield from ((path, f"{name} is not there") for name in sorted(used - declared))


def _hcl(text: str) -> dict[str, Any]:
    import hcl2  # noqa: PLC0415 - its grammar is built where it is needed
    from lark.exceptions import LarkError  # noqa: PLC0415 - the same

    reader: Any = hcl2

    try:
        return cast("dict[str, Any]", reader.loads(text))
    except LarkError as error:
        raise ValueError(str(error).splitlines()[0][:200]) from None


def _declared(module: dict[str, Any]) -> Iterator[str]:
    for block, mark in (("resource", ""), ("data", "data.")):
        for one in module.get(block, []):
            for kind, names in one.items():
                yield from (f"{mark}{kind.strip(chr(34))}.{name.strip(chr(34))}" for name in names)
    for one in module.get("variable", []):
        yield from (f"var.{name.strip(chr(34))}" for name in one)
