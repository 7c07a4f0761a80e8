"""The image and the same thing on one machine: Dockerfile in stages, without root, with a health check; compose with what it needs."""

import json

from credit_studio.tools.dev.delivery.application import DATABASES, Application
from credit_studio.tools.dev.pipelines.writing import Flow, write

_BUILD = {
    "python": """\
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
USER 10001:10001
""",
    "node": """\
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build --if-present && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build ./
USER 1000:1000
""",
    "nextjs": """\
FROM node:24-slim AS build
WORKDIR /build
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && mkdir -p public

FROM node:24-slim
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 HOSTNAME=0.0.0.0
WORKDIR /app
COPY --from=build /build/public ./public
COPY --from=build /build/.next/standalone ./
COPY --from=build /build/.next/static ./.next/static
USER 1000:1000
""",
    "go": """\
FROM golang:1.25-alpine AS build
WORKDIR /build
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/app .

FROM alpine:3.22
RUN apk add --no-cache ca-certificates tzdata && adduser -D -H -u 10001 app
WORKDIR /app
COPY --from=build /out/app /usr/local/bin/app
USER 10001:10001
""",
    "rust": """\
FROM rust:1-alpine3.22 AS build
WORKDIR /build
RUN apk add --no-cache musl-dev
COPY . .
RUN cargo build --release --locked && mkdir /out && find target/release -maxdepth 1 -type f -executable -exec cp {} /out/app \\;

FROM alpine:3.22
RUN apk add --no-cache ca-certificates tzdata && adduser -D -H -u 10001 app
WORKDIR /app
COPY --from=build /out/app /usr/local/bin/app
USER 10001:10001
""",
    "java": """\
FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /build
COPY pom.xml ./
RUN mvn --batch-mode --no-transfer-progress dependency:go-offline
COPY src ./src
RUN mvn --batch-mode --no-transfer-progress package -DskipTests && cp target/*.jar /build/app.jar

FROM eclipse-temurin:21-jre-alpine
RUN adduser -D -H -u 10001 app
WORKDIR /app
COPY --from=build /build/app.jar /app/app.jar
USER 10001:10001
""",
    "static": """\
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM nginxinc/nginx-unprivileged:1.28-alpine
COPY --chown=101:101 nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=build /build/dist /usr/share/nginx/html
USER 101:101
""",
}
_FETCH = {
    "python": 'python -c "import urllib.request; urllib.request.urlopen({url!r}, timeout=2)"',
    "node": 'node -e "fetch({url!r}).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"',
    "nextjs": 'node -e "fetch({url!r}).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"',
}
_FROM_ENV = "${DATABASE_PASSWORD:?set it in .env}"
_WGET = "wget -q -T 2 -O /dev/null {url}"
_UNWANTED = ".git .github .gitlab-ci.yml .env* *.pem *.key .venv venv __pycache__ node_modules dist target .next kubernetes terraform compose.yaml Dockerfile"
DOCKERIGNORE = "".join(f"{name}\n" for name in _UNWANTED.split())


def dockerfile(app: Application) -> str:
    """The text of the Dockerfile."""
    lines = ["# syntax=docker/dockerfile:1", _BUILD[app.stack].rstrip("\n")]
    if app.storage_gb:
        lines.append("VOLUME /data")
    lines += [f"ENV PORT={app.port}", f"EXPOSE {app.port}"]
    if app.health:
        fetch = _FETCH.get(app.stack, _WGET).format(url=f"http://127.0.0.1:{app.port}{app.health}")
        lines.append(f"HEALTHCHECK --interval=30s --timeout=3s --start-period=20s --retries=3 CMD {fetch}")
    lines.append(f"CMD {json.dumps(list(app.start), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def nginx(app: Application) -> str:
    """The server of a static site: one page for every unknown path, long caching of what has a hash in its name."""
    health = f"    location = {app.health} {{ access_log off; return 200; }}\n" if app.health not in ("", "/") else ""
    return f"""\
server {{
    listen {app.port};
    root /usr/share/nginx/html;
    server_tokens off;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy strict-origin-when-cross-origin always;
{health}    location /assets/ {{ expires 1y; }}
    location / {{ try_files $uri $uri/ /index.html; }}
}}
"""


def compose(app: Application) -> str:
    """The text of compose.yaml: the same image, confined as in production, with a database and a cache of its own."""
    waits: dict[str, object] = {}
    services: dict[str, object] = {}
    volumes: dict[str, object] = {}
    if app.database:
        services["db"], waits["db"], volumes["db"] = _database(app), {"condition": "service_healthy"}, {}
    if app.has_cache:
        test = ["CMD", "redis-cli", "ping"]
        services["cache"] = {"image": "redis:8-alpine", "command": ["redis-server", "--save", "", "--appendonly", "no"], "healthcheck": _health(test)}
        waits["cache"] = {"condition": "service_healthy"}
    main: dict[str, object] = {"image": app.image, "build": ".", "ports": [f"127.0.0.1:{app.port}:{app.port}"], "environment": _environment(app)}
    main |= {"init": True, "read_only": True, "tmpfs": ["/tmp"], "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}  # noqa: S108 - in the container
    main |= {"deploy": {"resources": {"limits": {"cpus": f"{app.cpu / 1000:g}", "memory": f"{app.memory}M"}}}, "restart": "unless-stopped"}
    if app.storage_gb:
        main["volumes"], volumes["data"] = ["data:/data"], {}
    if waits:
        main["depends_on"] = waits
    once: dict[str, object] = {}
    if app.migrate:
        job: dict[str, object] = {"image": app.image, "build": ".", "command": list(app.migrate), "environment": _environment(app), "restart": "no"}
        once["migrate"] = job | ({"depends_on": dict(waits)} if waits else {})
        main["depends_on"] = waits | {"migrate": {"condition": "service_completed_successfully"}}
    return write({"services": {"app": main, **once, **services}, **({"volumes": volumes} if volumes else {})}, apart=("services",))


def _environment(app: Application) -> dict[str, object]:
    """Plain values as they are, secrets out of .env; database and cache are those beside it."""
    values: dict[str, object] = {"PORT": str(app.port), **{name: value.replace("$", "$$") for name, value in app.env}}
    for name in app.secrets:
        values[name] = _here(app).get(name) or f"${{{name}:?set it in .env}}"
    return values


def _here(app: Application) -> dict[str, str]:
    urls = {"postgresql": f"postgresql://app:{_FROM_ENV}@db:5432/app", "mysql": f"mysql://app:{_FROM_ENV}@db:3306/app"}
    return ({"DATABASE_URL": urls[app.database]} if app.database else {}) | ({"REDIS_URL": "redis://cache:6379/0"} if app.has_cache else {})


def _health(test: list[str]) -> dict[str, object]:
    return {"test": Flow(tuple(test)), "interval": "5s", "timeout": "3s", "retries": 10}


def _database(app: Application) -> dict[str, object]:
    image, _, version = DATABASES[app.database]
    if app.database == "postgresql":
        environment = {"POSTGRES_USER": "app", "POSTGRES_DB": "app", "POSTGRES_PASSWORD": _FROM_ENV}
        test, folder = ["CMD", "pg_isready", "-U", "app"], "/var/lib/postgresql/data"
    else:
        environment = {"MYSQL_USER": "app", "MYSQL_DATABASE": "app", "MYSQL_PASSWORD": _FROM_ENV, "MYSQL_RANDOM_ROOT_PASSWORD": "yes"}
        test, folder = ["CMD", "mysqladmin", "ping", "-h", "127.0.0.1"], "/var/lib/mysql"
    return {"image": f"{image}:{version}", "environment": environment, "volumes": [f"db:{folder}"], "healthcheck": _health(test)}


def env_example(app: Application) -> str:
    """The text of .env.example: what compose wants to be told."""
    named = [name for name in app.secrets if name not in _here(app)]
    lines = [*(["DATABASE_PASSWORD="] if app.database else []), *(f"{name}=" for name in named)]
    return "".join(f"{line}\n" for line in ["# Copy to .env, fill in, never commit.", *lines])


def vercel(app: Application) -> tuple[str, str]:
    """The text of vercel.json, or "", and a sentence that says why."""
    if app.stack not in ("static", "nextjs"):
        return "", "Vercel runs functions and serves files: a process that listens on a port of its own does not fit."
    if app.storage_gb:
        return "", "Vercel keeps no files between requests: the disk does not fit."
    headers = [{"key": "X-Content-Type-Options", "value": "nosniff"}, {"key": "Referrer-Policy", "value": "strict-origin-when-cross-origin"}]
    settings: dict[str, object] = {"$schema": "https://openapi.vercel.sh/vercel.json"}
    if app.stack == "static":
        settings |= {"buildCommand": "npm run build", "outputDirectory": "dist", "rewrites": [{"source": "/(.*)", "destination": "/index.html"}]}
    else:
        settings |= {"framework": "nextjs"}
    return json.dumps(settings | {"headers": [{"source": "/(.*)", "headers": headers}]}, indent=2) + "\n", "Vercel fits: vercel.json is there."
