"""The application as it is to be deployed, what is usual for its stack, and its size as each cloud sells it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Stack:
    """label, the usual start (with {package} and {name}), who it runs as in its image, the least memory that it is at ease with, the port of its server."""

    label: str
    start: tuple[str, ...]
    user: int
    least_memory: int
    reads: str


STACKS = {
    "python": Stack("Python", ("python", "-m", "{package}"), 10001, 128, "requirements.txt"),
    "node": Stack("Node.js", ("node", "server.js"), 1000, 192, "package.json and package-lock.json"),
    "nextjs": Stack("Next.js", ("node", "server.js"), 1000, 256, "package.json and package-lock.json; next.config has output: standalone"),
    "go": Stack("Go", ("/usr/local/bin/app",), 10001, 32, "go.mod and go.sum"),
    "rust": Stack("Rust", ("/usr/local/bin/app",), 10001, 32, "Cargo.toml and Cargo.lock"),
    "java": Stack("Java with Maven", ("java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"), 10001, 384, "pom.xml"),
    "static": Stack("Static site", ("nginx", "-g", "daemon off;"), 101, 32, "package.json; npm run build leaves dist/"),
}
REGIONS = {"aws": "eu-west-2", "gcp": "europe-west1", "azure": "uksouth"}
DATABASES = {"postgresql": ("postgres", 5432, "17"), "mysql": ("mysql", 3306, "8.4")}
_FARGATE = {256: (512, 1024, 2048), 512: range(1024, 4097, 1024), 1024: range(2048, 8193, 1024), 2048: range(4096, 16385, 1024), 4096: range(8192, 30721, 1024)}
_FARGATE_LARGE = {8192: range(16384, 61441, 4096), 16384: range(32768, 122881, 8192)}


@dataclass(frozen=True)
class Application:
    """What is deployed. Memory is in MiB, CPU in thousandths of one; `secrets` are names, those of database and cache among them."""

    name: str
    stack: str
    start: tuple[str, ...]
    port: int
    health: str
    least: int
    most: int
    memory: int
    cpu: int
    env: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...]
    database: str
    has_cache: bool
    migrate: tuple[str, ...]
    storage_gb: int
    domain: str
    ports_out: tuple[int, ...]
    ingress_class: str
    repository: str
    tag: str
    region: str

    @property
    def of(self) -> Stack:
        """What is usual for its stack."""
        return STACKS[self.stack]

    @property
    def image(self) -> str:
        """The image with its tag."""
        return f"{self.repository}/{self.name}:{self.tag}"

    @property
    def scales(self) -> bool:
        """True when the number of instances may follow the load: a disk of its own belongs to one instance."""
        return self.most > self.least and not self.storage_gb

    @property
    def instances(self) -> int:
        """How many run at least."""
        return 1 if self.storage_gb else self.least


def fargate_size(app: Application) -> tuple[int, int]:
    """(CPU units, MiB) of the smallest Fargate task that holds the request; the pairs are those of the ECS developer guide."""
    for cpu, memories in {**_FARGATE, **_FARGATE_LARGE}.items():
        for memory in memories:
            if cpu * 1000 >= app.cpu * 1024 and memory >= app.memory:
                return cpu, memory
    return 16384, 122880


def cloud_run_size(app: Application) -> tuple[int, int]:
    """(CPUs, MiB) for Cloud Run: 1, 2, 4, 6 or 8 CPUs, at least 512 MiB, and over 4, 8, 16 and 24 GiB at least 2, 4, 6 and 8 CPUs."""
    memory = min(max(512, app.memory), 32768)
    by_memory = next(cpu for most, cpu in ((4096, 1), (8192, 2), (16384, 4), (24576, 6), (32768, 8)) if memory <= most)
    cpu = next((size for size in (1, 2, 4, 6, 8) if size * 1000 >= app.cpu and size >= by_memory), 8)
    return cpu, memory


def container_apps_size(app: Application) -> tuple[float, float]:
    """(CPUs, GiB) for Azure Container Apps' consumption plan: quarters of a CPU up to 4, and twice as many GiB."""
    quarters = max(1, math.ceil(app.cpu / 250), math.ceil(app.memory / 512))
    quarters = min(quarters, 16)
    return quarters / 4, quarters / 2
