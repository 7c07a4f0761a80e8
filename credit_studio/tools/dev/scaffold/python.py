"""What a Python project fills its templates with."""

from credit_studio.tools.dev.scaffold.fields import KINDS, PYDANTIC_TYPES, Part, python_value
from credit_studio.tools.dev.scaffold.naming import kebab, pascal
from credit_studio.tools.dev.scaffold.plan import STORES, Plan, dependencies_of
from credit_studio.tools.dev.scaffold.templates import Value, quoted


def python_values(plan: Plan, flags: frozenset[str]) -> dict[str, Value]:
    """Every placeholder of `templates_python.txt` that is not the same for Node."""
    parts, entity = plan.parts, pascal(plan.entity)
    exports = [f"Invalid{entity}", entity, f"{entity}Draft", "read_draft", "to_json"]
    store_names = [STORES[plan.store], f"{entity}Store"]
    return {
        "as_dict": "draft.model_dump()" if "fastapi" in flags else "asdict(draft)",
        "dataclass_fields": [f"{part.name}: {part.python_type()}" for part in parts],
        "pydantic_fields": [f"{part.name}: {part.python_type(pydantic=True)}" for part in parts],
        "pydantic_types": [PYDANTIC_TYPES[kind] for kind in KINDS if kind in flags and kind in PYDANTIC_TYPES],
        "reader_rows": [f'"{part.name}": (_{part.kind}, {part.is_required}),' for part in parts],
        "sample_rows": [f'"{part.name}": {python_value(part.sample())},' for part in parts],
        "changed": f'"{parts[0].name}": {python_value(parts[0].other())}',
        "library_exports": exports,
        "all_names": [f'"{name}",' for name in sorted([*exports, *store_names, "dump", "load"], key=import_order)],
        "field_names": _tuple("_FIELDS = ", [f"{quoted(part.name)}," for part in parts]),
        "cli_arguments": [_argparse(part) for part in parts],
        "protocol_py": _PROTOCOL_PY.replace("Entity", entity).replace("entities", plan.plural).split("\n"),
        "open_store": _open_python(plan),
        "py_dependencies": [quoted(one) for one in dependencies_of(plan)],
        "py_dev_dependencies": [quoted(one) for one in _dev_packages(plan)],
        "sqlite_values": _tuple("return ", [_sqlite_value(part) for part in parts]),
        "sqlite_row": [_sqlite_read(part, place) for place, part in enumerate(parts, start=1)],
        "postgres_values": _tuple("return ", [f"draft.{part.name}," for part in parts]),
        "postgres_row": [f"{part.name}=row[{place}]," for place, part in enumerate(parts, start=1)],
    }


_PROTOCOL_PY = '''\
class EntityStore(Protocol):
    """What every store of entities can do."""

    def add(self, draft: EntityDraft) -> Entity:
        """Keep it under a new id."""
        ...

    def get(self, number: int) -> Entity | None:
        """The one of that id."""
        ...

    def page(self, limit: int = 100, offset: int = 0) -> list[Entity]:
        """So many in the order of their ids, after so many."""
        ...

    def replace(self, number: int, draft: EntityDraft) -> Entity | None:
        """Put new values in place of the old ones."""
        ...

    def remove(self, number: int) -> bool:
        """Forget it; False when it is not there."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...'''


def _argparse(part: Part) -> str:
    needed = ", required=True" if part.is_required else ""
    how = {"boolean": "action=argparse.BooleanOptionalAction", "integer": "type=int", "number": "type=float"}.get(part.kind, "")
    metavar = "" if part.kind == "boolean" else f'metavar="{part.kind.upper()}"'
    words = ", ".join(one for one in (f'"{part.flag}"', how, metavar, f'help="{part.of.words}"') if one)
    return f"add.add_argument({words}{needed})"


def _open_python(plan: Plan) -> str:
    if plan.store == "postgresql":
        return 'PostgresStore(os.environ["DATABASE_URL"])'
    if plan.store == "memory":
        return "MemoryStore()"
    if plan.kind == "api":
        return f'SqliteStore(os.environ.get("DATABASE_PATH", "{kebab(plan.plural)}.db"))'
    ending = "db" if plan.store == "sqlite" else "json"
    return f'{STORES[plan.store]}(Path(os.environ.get("{plan.package.upper()}_FILE") or Path.home() / ".{plan.name}.{ending}"))'


def _dev_packages(plan: Plan) -> list[str]:
    tests = ["pytest>=8"] + (["httpx>=0.27"] if plan.framework == "fastapi" else [])
    return (tests if plan.has_tests else []) + (["ruff>=0.9", "pyright[nodejs]>=1.1.400"] if plan.has_checks else [])


def _tuple(before: str, values: list[str]) -> list[str]:
    """A tuple of these after a word, as the formatter has it."""
    return [f"{before}(", *(f"    {value}" for value in values), ")"] if len(values) > 1 else [f"{before}({values[0]})"]


def _sqlite_value(part: Part) -> str:
    if part.kind == "date":
        return f"draft.{part.name}.isoformat()," if part.is_required else f"draft.{part.name} and draft.{part.name}.isoformat(),"
    return f"draft.{part.name},"


def _sqlite_read(part: Part, place: int) -> str:
    if part.kind == "date":
        read = f"datetime.date.fromisoformat(row[{place}])"
        return f"{part.name}={read}," if part.is_required else f"{part.name}=row[{place}] and {read},"
    return f"{part.name}=bool(row[{place}])," if part.kind == "boolean" else f"{part.name}=row[{place}],"


def import_order(name: str) -> tuple[int, str]:
    """Ruff's and isort's: CONSTANTS, Classes, the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)
