"""What is to be built, and what follows from it alone."""

from dataclasses import dataclass

from credit_studio.tools.dev.scaffold.fields import Part
from credit_studio.tools.dev.scaffold.naming import kebab, snake

STORES = {"memory": "MemoryStore", "jsonfile": "JsonFileStore", "sqlite": "SqliteStore", "postgresql": "PostgresStore"}
"""The class that keeps the records, by `Plan.store`."""


@dataclass(frozen=True)
class Plan:
    """What is built: `entity` and `plural` in words, the rest as the form has it. `framework` is "fastapi" or "standard"."""

    name: str
    description: str
    author: str
    year: int
    licence: str
    language: str
    kind: str
    framework: str
    database: str
    entity: str
    plural: str
    parts: tuple[Part, ...]
    has_tests: bool
    has_checks: bool
    ci: str
    has_container: bool

    @property
    def store(self) -> str:
        """What keeps the records: "memory", "jsonfile", "sqlite" or "postgresql"."""
        if self.database != "none":
            return self.database
        return "jsonfile" if self.kind == "cli" else "memory"

    @property
    def is_python(self) -> bool:
        """Python, or else one of the two languages that Node runs."""
        return self.language == "python"

    @property
    def package(self) -> str:
        """The Python package."""
        return snake(self.name)


def settings_of(plan: Plan) -> list[tuple[str, str, str]]:
    """(variable, what it is, default) of each setting of a program; a library has none."""
    if plan.kind == "library":
        return []
    rows = [("HOST", "address to listen on", "`127.0.0.1`"), ("PORT", "port to listen on", "`8000`")] if plan.kind == "api" else []
    if plan.store == "postgresql":
        rows.append(("DATABASE_URL", "the PostgreSQL database, such as `postgresql://user:password@localhost/name`", "none, it is needed"))
    elif plan.store != "memory":
        default = f"`{kebab(plan.plural)}.db`" if plan.kind == "api" else f"`~/.{plan.name}.{'db' if plan.store == 'sqlite' else 'json'}`"
        variable = "DATABASE_PATH" if plan.kind == "api" else f"{plan.package.upper()}_FILE"
        rows.append((variable, f"the file that keeps the {plan.plural}", default))
    return rows


def dependencies_of(plan: Plan) -> list[str]:
    """What the project needs at run time, from its registry."""
    if not plan.is_python:
        return []
    web = ["fastapi>=0.115", "uvicorn>=0.30"] if plan.framework == "fastapi" else []
    return [*web, *(["psycopg[binary,pool]>=3.2"] if plan.store == "postgresql" else [])]
