"""Kubernetes manifests for the restricted Pod Security Standard: one file a kind, bound together by a kustomization."""

from typing import Any

from credit_studio.tools.dev.delivery.application import DATABASES, Application
from credit_studio.tools.dev.pipelines.writing import Flow, write

Fields = dict[str, Any]

_DNS = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def manifests(app: Application) -> dict[str, str]:
    """Every file by its path under kubernetes/."""
    made: dict[str, Fields] = {
        "namespace": _namespace(app),
        "serviceaccount": _kind(app, "v1", "ServiceAccount") | {"automountServiceAccountToken": False},
        "configmap": _kind(app, "v1", "ConfigMap") | {"data": {"PORT": str(app.port), **dict(app.env)}},
        "deployment": _deployment(app),
        "service": _kind(app, "v1", "Service") | {"spec": {"selector": _labels(app), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}},
        "networkpolicy": _network(app),
    }
    if app.domain:
        made["ingress"] = _ingress(app)
    if app.scales:
        made["hpa"] = _autoscaler(app)
    if app.instances > 1:
        made["pdb"] = _kind(app, "policy/v1", "PodDisruptionBudget") | {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": _labels(app)}}}
    if app.storage_gb:
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{app.storage_gb}Gi"}}}
        made["pvc"] = _kind(app, "v1", "PersistentVolumeClaim") | {"spec": claim}
    if app.migrate:
        made["migrate"] = _migration(app)
    files = {f"kubernetes/{name}.yaml": write(manifest, spaced=False) for name, manifest in made.items()}
    files["kubernetes/kustomization.yaml"] = _kustomization(app, [f"{name}.yaml" for name in made if name != "migrate"])
    if app.secrets:
        files["kubernetes/secret.example.yaml"] = _secret(app)
    return files


def _labels(app: Application) -> Fields:
    return {"app.kubernetes.io/name": app.name}


def _kind(app: Application, version: str, kind: str, name: str = "") -> Fields:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name or app.name, "labels": _labels(app)}}


def _namespace(app: Application) -> Fields:
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": app.name, "labels": labels}}


def _kustomization(app: Application, resources: list[str]) -> str:
    repository, _, tag = app.image.rpartition(":")
    images = [{"name": repository, "newTag": tag}]
    document: Fields = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": app.name}
    return write(document | {"resources": resources, "images": images}, spaced=False)


def _secret(app: Application) -> str:
    values = dict.fromkeys(app.secrets, "replace-me")
    head = "# The shape of the secret, not the secret: make it from a vault (External Secrets, Sealed Secrets, SOPS) and never commit values.\n"
    return head + write(_kind(app, "v1", "Secret", f"{app.name}-secrets") | {"type": "Opaque", "stringData": values}, spaced=False)


def _environment(app: Application) -> list[Fields]:
    sources: list[Fields] = [{"configMapRef": {"name": app.name}}]
    return [*sources, {"secretRef": {"name": f"{app.name}-secrets"}}] if app.secrets else sources


def _probe(app: Application, **timing: int) -> Fields:
    how: Fields = {"httpGet": {"path": app.health, "port": "http"}} if app.health else {"tcpSocket": {"port": "http"}}
    return how | timing


def _container(app: Application) -> Fields:
    mounts = [{"name": "tmp", "mountPath": "/tmp"}, *([{"name": "data", "mountPath": "/data"}] if app.storage_gb else [])]  # noqa: S108 - in the container
    requests = {"cpu": f"{max(10, app.cpu // 2)}m", "memory": f"{app.memory}Mi"}
    return {
        "name": app.name,
        "image": app.image,
        "ports": [{"name": "http", "containerPort": app.port}],
        "envFrom": _environment(app),
        "resources": {"requests": requests, "limits": {"cpu": f"{app.cpu}m", "memory": f"{app.memory}Mi"}},
        "startupProbe": _probe(app, periodSeconds=2, failureThreshold=60),
        "readinessProbe": _probe(app, periodSeconds=5, timeoutSeconds=2, failureThreshold=3),
        "livenessProbe": _probe(app, periodSeconds=15, timeoutSeconds=3, failureThreshold=4),
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": Flow(("ALL",))}},
        "volumeMounts": mounts,
    }


def _pod(app: Application, container: Fields) -> Fields:
    user = app.of.user
    confined = {"runAsNonRoot": True, "runAsUser": user, "runAsGroup": user, "fsGroup": user, "seccompProfile": {"type": "RuntimeDefault"}}
    claim = [{"name": "data", "persistentVolumeClaim": {"claimName": app.name}}] if app.storage_gb else []
    return {
        "serviceAccountName": app.name,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 30,
        "securityContext": confined,
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "100Mi"}}, *claim],
    }


def _deployment(app: Application) -> Fields:
    pod = _pod(app, _container(app))
    if app.instances > 1:
        spread = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": _labels(app)}}
        pod["topologySpreadConstraints"] = [spread]
    strategy: Fields = {"type": "Recreate"} if app.storage_gb else {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    count: Fields = {} if app.scales else {"replicas": app.instances}
    template = {"metadata": {"labels": _labels(app)}, "spec": pod}
    spec = count | {"revisionHistoryLimit": 5, "strategy": strategy, "selector": {"matchLabels": _labels(app)}, "template": template}
    return _kind(app, "apps/v1", "Deployment") | {"spec": spec}


def _migration(app: Application) -> Fields:
    """Run before the new image is: `kubectl replace --force -f migrate.yaml`, then wait for it."""
    whole = _container(app)
    kept = {name: whole[name] for name in ("image", "envFrom", "resources", "securityContext", "volumeMounts")}
    pod = _pod(app, {"name": "migrate", "command": list(app.migrate), **kept}) | {"restartPolicy": "Never"}
    labels = {"app.kubernetes.io/name": f"{app.name}-migrate"}
    job = _kind(app, "batch/v1", "Job", f"{app.name}-migrate")
    job["metadata"]["namespace"] = app.name
    return job | {"spec": {"backoffLimit": 0, "ttlSecondsAfterFinished": 86400, "template": {"metadata": {"labels": labels}, "spec": pod}}}


def _ingress(app: Application) -> Fields:
    backend = {"service": {"name": app.name, "port": {"name": "http"}}}
    rule = {"host": app.domain, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    ingress = _kind(app, "networking.k8s.io/v1", "Ingress")
    ingress["metadata"]["annotations"] = {"cert-manager.io/cluster-issuer": "letsencrypt"}
    return ingress | {"spec": {"ingressClassName": app.ingress_class, "tls": [{"hosts": [app.domain], "secretName": f"{app.name}-tls"}], "rules": [rule]}}


def _autoscaler(app: Application) -> Fields:
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": app.name}
    spec = {"scaleTargetRef": target, "minReplicas": app.instances, "maxReplicas": app.most, "metrics": [metric]}
    calm = {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}}}
    return _kind(app, "autoscaling/v2", "HorizontalPodAutoscaler") | {"spec": spec | calm}


def _network(app: Application) -> Fields:
    """In: from the ingress controller, to the one port. Out: names, the database, the cache, and what else it calls."""
    ports = [DATABASES[app.database][1]] if app.database else []
    ports += [6379] if app.has_cache else []
    ports = list(dict.fromkeys([*ports, *app.ports_out]))
    out = [_DNS, *([{"ports": [{"protocol": "TCP", "port": port} for port in ports]}] if ports else [])]
    source = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": app.ingress_class}}}
    within = {"from": [source], "ports": [{"protocol": "TCP", "port": "http"}]}
    selected = {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "In", "values": [app.name, f"{app.name}-migrate"]}]}
    spec = {"podSelector": selected, "policyTypes": ["Ingress", "Egress"], "ingress": [within], "egress": out}
    return _kind(app, "networking.k8s.io/v1", "NetworkPolicy") | {"spec": spec}
