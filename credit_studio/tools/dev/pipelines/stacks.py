"""What each stack is checked, tested and built with, and what a pipeline is made of."""

from dataclasses import dataclass

LEFT = "dist/"
"""The folder that every build leaves its result in."""


@dataclass(frozen=True)
class Stack:
    """The usual commands of a stack, one list item a command; `image` has {v} for the version. What a build leaves is in `LEFT`."""

    label: str
    versions: tuple[str, ...]
    image: str
    install: tuple[str, ...]
    lint: tuple[str, ...]
    types: tuple[str, ...]
    test: tuple[str, ...]
    build: tuple[str, ...]
    scan: tuple[str, ...]
    cache_path: str = ""
    cache_variable: tuple[str, str] = ("", "")


STACKS = {
    "python": Stack(
        label="Python",
        versions=("3.11", "3.12", "3.13"),
        image="python:{v}-slim",
        install=('python -m pip install -e ".[dev]"',),
        lint=("ruff check .", "ruff format --check ."),
        types=("mypy .",),
        test=("python -m pytest",),
        build=("python -m pip install build", "python -m build"),
        scan=("python -m pip install pip-audit", "pip-audit --skip-editable"),
        cache_path=".cache/pip",
        cache_variable=("PIP_CACHE_DIR", "$CI_PROJECT_DIR/.cache/pip"),
    ),
    "node": Stack(
        label="Node.js",
        versions=("22", "24"),
        image="node:{v}-slim",
        install=("npm ci",),
        lint=("npm run lint",),
        types=("npx --no-install tsc --noEmit",),
        test=("npm test",),
        build=("npm run build",),
        scan=("npm audit --omit=dev --audit-level=high",),
        cache_path=".npm",
        cache_variable=("npm_config_cache", "$CI_PROJECT_DIR/.npm"),
    ),
    "go": Stack(
        label="Go",
        versions=("1.24", "1.25"),
        image="golang:{v}",
        install=("go mod download",),
        lint=('test -z "$(gofmt -l .)"', "go vet ./..."),
        types=(),
        test=("go test -race -cover ./...",),
        build=("mkdir -p dist", "go build -trimpath -o dist/ ./..."),
        scan=("go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...",),
        cache_path=".cache/go",
        cache_variable=("GOMODCACHE", "$CI_PROJECT_DIR/.cache/go"),
    ),
    "rust": Stack(
        label="Rust",
        versions=("stable",),
        image="rust:{v}",
        install=(),
        lint=("cargo fmt --check", "cargo clippy --all-targets --locked -- -D warnings"),
        types=(),
        test=("cargo test --locked",),
        build=("cargo build --release --locked", "mkdir -p dist", r"find target/release -maxdepth 1 -type f -executable -exec cp {} dist/ \;"),
        scan=("cargo install cargo-audit --locked --version 0.21.2", "cargo audit"),
        cache_path=".cargo",
        cache_variable=("CARGO_HOME", "$CI_PROJECT_DIR/.cargo"),
    ),
    "java": Stack(
        label="Java with Maven",
        versions=("17", "21"),
        image="maven:3.9-eclipse-temurin-{v}",
        install=(),
        lint=("mvn --batch-mode --no-transfer-progress checkstyle:check",),
        types=(),
        test=("mvn --batch-mode --no-transfer-progress verify",),
        build=("mvn --batch-mode --no-transfer-progress package -DskipTests", "mkdir -p dist", "cp target/*.jar dist/"),
        scan=("mvn --batch-mode --no-transfer-progress org.owasp:dependency-check-maven:12.1.0:check",),
        cache_path=".m2/repository",
        cache_variable=("MAVEN_OPTS", "-Dmaven.repo.local=$CI_PROJECT_DIR/.m2/repository"),
    ),
    "docker": Stack(
        label="Docker image",
        versions=(),
        image="docker:28",
        install=(),
        lint=("docker run --rm -i hadolint/hadolint:v2.12.0 < Dockerfile",),
        types=(),
        test=("docker build --target test .",),
        build=("docker build --tag app:ci .", "mkdir -p dist", "docker save --output dist/image.tar app:ci"),
        scan=(
            "docker build --tag app:ci .",
            "docker save --output image.tar app:ci",
            'docker run --rm -v "$PWD:/work:ro" anchore/grype:v0.87.0 docker-archive:/work/image.tar --fail-on high',
        ),
    ),
}

TARGETS = (
    ("none", "Nothing: checks only"),
    ("pypi", "PyPI"),
    ("npm", "npm registry"),
    ("registry", "Container registry"),
    ("pages", "Pages (static site)"),
    ("ssh", "A server over SSH"),
    ("kubernetes", "Kubernetes"),
)
NEEDS_STACK = {"pypi": "python", "npm": "node"}


@dataclass(frozen=True)
class Secret:
    """Something to set before the first run: where, and what for."""

    name: str
    platform: str
    purpose: str


@dataclass(frozen=True)
class Pipeline:
    """What is asked for, settled: commands are lists, versions are never empty but for Docker."""

    stack: str
    app: str
    versions: tuple[str, ...]
    systems: tuple[str, ...]
    lint: tuple[str, ...]
    types: tuple[str, ...]
    test: tuple[str, ...]
    build: tuple[str, ...]
    scan: tuple[str, ...]
    target: str
    on_tag: bool
    branches: tuple[str, ...]
    has_cache: bool
    has_concurrency: bool
    test_secrets: tuple[str, ...]
    environment: str
    folder: str

    @property
    def of(self) -> Stack:
        """The stack's usual ways."""
        return STACKS[self.stack]

    @property
    def newest(self) -> str:
        """The version that lint, build and scan run with: the last one."""
        return self.versions[-1] if self.versions else ""

    @property
    def delivers_image(self) -> bool:
        """True when a container image is pushed."""
        return self.target in ("registry", "kubernetes")

    @property
    def has_package(self) -> bool:
        """True when one job builds what another one delivers."""
        return bool(self.build) and not self.delivers_image

    def checks(self) -> list[str]:
        """The jobs that must pass before anything is built or delivered."""
        return [name for name, commands in (("lint", self.lint + self.types), ("test", self.test), ("scan", self.scan)) if commands]
