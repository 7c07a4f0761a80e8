"""Project Builder: a whole project around a record of your own, that runs and passes its own tests.

The record's fields become the model, its validation, the table, the interface and the tests. The templates are in `scaffold/`; this file declares
the tool, says what cannot be combined, and shows the tree.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Edge, Figure, File, Files, KeyFigures, Node, Note, Table
from credit_studio.tools.dev.scaffold import naming
from credit_studio.tools.dev.scaffold.building import build
from credit_studio.tools.dev.scaffold.fields import Part
from credit_studio.tools.dev.scaffold.licences import LICENCES
from credit_studio.tools.dev.scaffold.plan import Plan, dependencies_of

_LONGEST_ENTITY = 24
_LANGUAGES = (("python", "Python"), ("typescript", "TypeScript on Node"), ("javascript", "JavaScript on Node"))
_KINDS = (("api", "Web API"), ("cli", "Command line tool"), ("library", "Library"))
_TEST = re.compile(r"^(?:def test_|test\()", re.MULTILINE)
_PURPOSE = {
    "model": "What a record is, and how one is read from outside",
    "store": "Where records are kept",
    "app": "The HTTP interface",
    "main": "Starts the service",
    "__main__": "Starts it",
    "cli": "The command line",
    "exchange": "Export and import as JSON Lines",
    "memory": "A store for tests that need no database",
    "index": "What the library offers",
    "__init__": "The package, its version and what it offers",
    "py.typed": "Tells type checkers that the package is typed",
    "README.md": "What it is, how to start, settings",
    "LICENSE": "The licence",
    "CHANGELOG.md": "What changed",
    "Makefile": "The commands of every day",
    "Dockerfile": "The container image, run by a user without rights",
    "compose.yaml": "The service and its database on one machine",
    "pyproject.toml": "Package, dependencies and the settings of every tool",
    "package.json": "Package and scripts",
    "tsconfig.json": "Strict type checks",
    "tsconfig.build.json": "JavaScript and type declarations for the registry",
    "ci.yml": "GitHub Actions: tests at every push",
    ".gitlab-ci.yml": "GitLab CI: tests at every push",
    ".env.example": "The settings, to copy to .env",
    ".gitignore": "What is not kept in git",
    ".dockerignore": "What stays out of the image",
    ".editorconfig": "Line ends and indentation for every editor",
}


@dataclass(frozen=True)
class RecordField:
    """One field of the record."""

    name: Annotated[str, Len(1, 30)] = ui("Field", "Small letters, digits and underscores; an id is there already.", placeholder="due_date")
    kind: Literal["text", "integer", "number", "boolean", "date"] = ui(
        "Type",
        "What is accepted, stored and tested for.",
        default="text",
        choices=(("text", "Text"), ("integer", "Whole number"), ("number", "Number"), ("boolean", "Yes or no"), ("date", "Date")),
    )
    required: bool = ui("Needed", "Off: it may be left out.", default=True)


_TASK = (RecordField("title"), RecordField("priority", "integer", required=False), RecordField("done", "boolean", required=False))


@dataclass(frozen=True)
class ProjectInputs:
    """The project's name and shape; raises `InputError` for names that code cannot have and parts that do not go together."""

    name: Annotated[str, Len(2, 40)] = ui("Project name", "Small letters, digits and hyphens. The package, the command and the image are called so.")
    description: Annotated[str, Len(1, 160)] = ui("Description", "One sentence, for the README and the package.")
    author: Annotated[str, Len(1, 80)] = ui("Author", "A person or an organisation: the holder of the copyright.")
    language: Literal["python", "typescript", "javascript"] = ui(
        "Language", "Python 3.11 or newer, or Node 24 or newer, which runs TypeScript as it is.", default="python", choices=_LANGUAGES
    )
    kind: Literal["api", "cli", "library"] = ui("Kind", "What the project is used as.", default="api", choices=_KINDS)
    framework: Literal["standard", "fastapi"] = ui(
        "Web framework",
        "FastAPI is for Python web APIs; all else stands on the standard library alone.",
        default="standard",
        choices=(("standard", "None: standard library"), ("fastapi", "FastAPI")),
    )
    database: Literal["none", "sqlite", "postgresql"] = ui(
        "Database",
        "Without one a command line tool keeps a JSON file, the others keep records in memory. PostgreSQL is for Python.",
        default="sqlite",
        choices=(("none", "None"), ("sqlite", "SQLite"), ("postgresql", "PostgreSQL")),
    )
    entity: Annotated[str, Len(2, _LONGEST_ENTITY)] = ui(
        "Record", "What the project keeps, in the singular.", default="task", placeholder="work order", group="Record"
    )
    plural: Annotated[str, Len(0, 30)] = ui("More than one", "The plural of it. Empty: the regular one, as task and tasks.", default="", group="Record")
    fields: Annotated[tuple[RecordField, ...], Len(1, 12)] = ui("Fields", "What a record holds. Up to 12.", default=_TASK, group="Record")
    tests: bool = ui("Tests", "pytest, or the test runner of Node.", default=True, group="Around the code")
    checks: bool = ui("Code checks", "Ruff and Pyright for Python, the TypeScript compiler; JavaScript has none.", default=True, group="Around the code")
    ci: Literal["none", "github", "gitlab"] = ui(
        "CI",
        "Runs tests and checks at every push.",
        default="github",
        choices=(("none", "None"), ("github", "GitHub Actions"), ("gitlab", "GitLab CI")),
        group="Around the code",
    )
    container: bool = ui("Container", "A Dockerfile, and a compose file for a web API. A library has none.", default=True, group="Around the code")
    licence: Literal["MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "GPL-3.0-or-later", "Proprietary"] = ui(
        "Licence", "Its whole text goes into the project.", default="MIT", choices=LICENCES, group="Licence"
    )
    year: Annotated[int, Interval(ge=1970, le=2100)] = ui("Copyright year", "The year of the first publication.", default=2026, group="Licence")

    def __post_init__(self) -> None:
        naming.check_project(self.name)
        for field, text in (("description", self.description), ("author", self.author)):
            if not text.isprintable() or not text.strip():
                raise InputError(field, "Must be one line of readable text.")
        naming.check_entity(self.entity, self.plural)
        self._check_fields()
        if self.framework == "fastapi" and (self.language, self.kind) != ("python", "api"):
            raise InputError("framework", "FastAPI is for a web API in Python: take the standard library, or change language and kind.")
        if self.database == "postgresql" and self.language != "python":
            raise InputError("database", "PostgreSQL is offered for Python only: take SQLite, which Node brings, or change the language.")

    def _check_fields(self) -> None:
        seen: set[str] = set()
        for place, field in enumerate(self.fields):
            naming.check_field(field.name, f"fields.{place}.name")
            if naming.camel(field.name) in seen:
                raise InputError(f"fields.{place}.name", f"{field.name} is there already.")
            seen.add(naming.camel(field.name))


@dataclass(frozen=True)
class MadeFile:
    """One file of the project."""

    path: str
    text: str


@dataclass(frozen=True)
class ProjectOutput:
    """The files, README first; the commands that start and test it; what it depends on at run time; its modules and what uses what."""

    name: str
    language: str
    kind: str
    files: tuple[MadeFile, ...]
    lines: int
    tests: int
    commands: str
    dependencies: tuple[str, ...]
    interface: tuple[tuple[str, str], ...]
    store: str
    needs_server: bool


def plan_of(inputs: ProjectInputs) -> Plan:
    """What is asked for, with the plural and the names settled."""
    return Plan(
        name=inputs.name,
        description=inputs.description.strip(),
        author=inputs.author.strip(),
        year=inputs.year,
        licence=inputs.licence,
        language=inputs.language,
        kind=inputs.kind,
        framework=inputs.framework,
        database=inputs.database,
        entity=inputs.entity,
        plural=inputs.plural or naming.plural_of(inputs.entity),
        parts=tuple(Part(field.name, field.kind, field.required) for field in inputs.fields),
        has_tests=inputs.tests,
        has_checks=inputs.checks and inputs.language != "javascript",
        ci=inputs.ci,
        has_container=inputs.container,
    )


def run(inputs: ProjectInputs) -> ProjectOutput:
    """The project."""
    plan = plan_of(inputs)
    files = tuple(MadeFile(path, text) for path, text in build(plan).items())
    tests = [file.text for file in files if file.path.startswith(("tests/", "test/"))]
    return ProjectOutput(
        name=plan.name,
        language=plan.language,
        kind=plan.kind,
        files=files,
        lines=sum(file.text.count("\n") for file in files if file.path.startswith(("src/", "tests/", "test/"))),
        tests=sum(len(_TEST.findall(text)) for text in tests),
        commands=_commands(plan),
        dependencies=tuple(dependencies_of(plan)),
        interface=_interface(plan),
        store=plan.store,
        needs_server=plan.store == "postgresql" and plan.has_tests,
    )


def _commands(plan: Plan) -> str:
    lines = [f"unzip {plan.name}.zip -d {plan.name} && cd {plan.name}"]
    if plan.is_python:
        lines += ["make test     # makes a virtual environment first"] if plan.has_tests else []
        lines += ["make check"] if plan.has_checks else []
        lines += {"api": ["make run      # http://127.0.0.1:8000"], "cli": [".venv/bin/" + plan.name + " list"], "library": ["make build"]}[plan.kind]
        if plan.kind == "cli" and not plan.has_tests:
            lines.insert(1, "make .venv/bin/python")
    else:
        lines += ["npm test"] if plan.has_tests else []
        lines += ["npm install && npm run check"] if plan.language == "typescript" and plan.has_checks else []
        lines += {"api": ["npm start     # http://127.0.0.1:8000"], "cli": ["npm start -- list"], "library": []}[plan.kind]
    if plan.has_container and plan.kind == "api":
        lines.append("docker compose up --build")
    return "\n".join(lines) + "\n"


def _interface(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What a user of the project meets: routes, commands or names."""
    one, path = plan.entity, naming.kebab(plan.plural)
    entity, an = naming.pascal(one), naming.with_article(one)
    if plan.kind == "api":
        return (
            ("GET /health", "200 while the service is well"),
            (f"GET /{path}", f"A page of {plan.plural}"),
            (f"POST /{path}", f"Makes {an}: 201, or 422 with every problem by field"),
            (f"GET /{path}/{{id}}", f"One {one}, or 404"),
            (f"PUT /{path}/{{id}}", f"Replaces one {one}"),
            (f"DELETE /{path}/{{id}}", f"Removes one {one}: 204"),
        )
    if plan.kind == "cli":
        words = {"add": f"Adds {an}", "list": "Lists all, --json as JSON", "show ID": f"Shows one {one}", "remove ID": f"Removes one {one}"}
        return tuple((f"{plan.name} {command}", does) for command, does in (words | {"export": "Writes JSON Lines", "import FILE": "All or nothing"}).items())
    read = "read_draft" if plan.is_python else "readDraft"
    return (
        (f"{read}(raw)", f"{an.capitalize()} before it is stored, or every problem at once"),
        (f"Invalid{entity}", "What is wrong with it, by field"),
        (f"{entity}, {entity}Draft", "The record, with and without its id"),
        (f"{entity}Store", "add, get, page, replace, remove, close"),
        ("dump, load", "JSON Lines out and in"),
    )


def present(output: ProjectOutput) -> tuple[Block, ...]:
    """The tree, how to start, what it offers, and how its parts stand together."""
    needs = ", ".join(re.split(r"[\[>]", one)[0] for one in output.dependencies)
    figures = (
        Figure("Files", f"{len(output.files)}"),
        Figure("Lines of code", f"{output.lines:,}", "tests included"),
        Figure("Tests", f"{output.tests}", "some of them over every field" if output.tests else "none were asked for"),
        Figure("Dependencies", f"{len(output.dependencies)}", needs or "nothing beyond the language"),
    )
    title = {"api": "Addresses", "cli": "Commands", "library": "What it offers"}[output.kind]
    head = {"api": "Request", "cli": "Command", "library": "Name"}[output.kind]
    return (
        KeyFigures(figures),
        Files("Project", tuple(File(file.path, file.text) for file in output.files), f"{output.name}.zip"),
        Code("First steps", "shell", output.commands),
        *_notes(output),
        Table(title, (Column(head, "code"), Column("What it does")), output.interface, tab="How it works"),
        _diagram(output),
        _contents(output),
    )


def _notes(output: ProjectOutput) -> tuple[Note, ...]:
    if output.needs_server:
        return (
            Note("The tests of the store need a database: set TEST_DATABASE_URL, as the CI file does. Without it they are skipped, the others run.", "warn"),
        )
    if output.store == "memory" and output.kind == "api":
        return (Note("Records are kept in memory and are gone when the service stops.", "warn"),)
    return ()


def _diagram(output: ProjectOutput) -> Diagram:
    """Who calls whom: from the user at the left to where records are kept at the right."""
    kept = {"memory": "Memory", "jsonfile": "JSON file", "sqlite": "SQLite", "postgresql": "PostgreSQL"}[output.store]
    user, door = {"api": ("HTTP client", "app"), "cli": ("Terminal", "cli"), "library": ("Your code", "exchange")}[output.kind]
    nodes = (
        Node("user", user, "actor", 0, 0.0),
        Node("door", door, "process", 1, 0.0, (_PURPOSE[door],)),
        Node("model", "model", "process", 2, 0.0, ("Validates",)),
        Node("store", "store", "process", 2, 1.0, ("Add, get, page, replace, remove",)),
        Node("kept", kept, "store", 3, 1.0),
    )
    edges = (Edge("user", "door"), Edge("door", "model"), Edge("door", "store"), Edge("store", "kept"))
    return Diagram(
        "How the parts stand together", nodes, edges, f"{user} to {door}, which reads with model and keeps with store in {kept}.", tab="How it works"
    )


def _contents(output: ProjectOutput) -> Table:
    rows = tuple((file.path, _purpose(file.path), file.text.count("\n")) for file in output.files)
    return Table("What is in each file", (Column("File", "code"), Column("What it is for"), Column("Lines", "integer")), rows, tab="How it works")


def _purpose(path: str) -> str:
    name = path.rpartition("/")[2]
    if path.startswith(("tests/test_", "test/")):
        return f"Tests of {name.removeprefix('test_').partition('.')[0]}"
    return _PURPOSE.get(name) or _PURPOSE.get(name.partition(".")[0], "")


def _units(inputs: ProjectInputs) -> int:
    """One for the project and a little for each field: the templates are the work."""
    return 10 + len(inputs.fields)


def _describe(inputs: ProjectInputs) -> str:
    kind = dict(_KINDS)[inputs.kind].lower().replace("api", "API")
    return f"A {kind} in {dict(_LANGUAGES)[inputs.language].partition(' ')[0]} with {len(inputs.fields)} field{'s' if len(inputs.fields) > 1 else ''}"


TOOL: Tool[ProjectInputs, ProjectOutput] = Tool(
    id="dev-studio-projects",
    title="Project Builder",
    studio=Studio.DEV,
    mode=Mode.HYBRID,
    cap=5,
    summary="Say what your project keeps. Get its model, storage, interface, tests, CI and container as a project that runs.",
    takes="language, kind, database, tests, CI, container, licence",
    gives="file tree and a .zip whose project runs and passes its own tests",
    inputs=ProjectInputs,
    example=ProjectInputs(
        name="loan-desk",
        description="Lends the tools of a workshop and knows when they are due.",
        author="Rosa Whitfield",
        language="python",
        kind="api",
        framework="fastapi",
        database="sqlite",
        entity="loan",
        fields=(
            RecordField("tool_name"),
            RecordField("borrower"),
            RecordField("due_on", "date"),
            RecordField("deposit", "number", required=False),
            RecordField("returned", "boolean", required=False),
        ),
        ci="github",
        licence="Apache-2.0",
    ),
    cost=Cost(units=_units, describe=_describe, lower="fields", cpu_us_per_unit=150.0, spread=1.6),
    run=run,
    present=present,
    keywords=("scaffold", "boilerplate", "starter", "FastAPI", "Node", "TypeScript", "pytest", "Dockerfile", "template"),
)
