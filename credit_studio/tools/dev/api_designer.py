"""API Designer: resources and their fields in, an OpenAPI 3.1 document, mock data and curl commands out; a given specification checked.

What is made follows common practice: plural collections, problem details for errors (RFC 9457), merge patches (RFC 7396), a Location
header for what was created. The design is in `openapi/design.py`, the document in `openapi/document.py`; checking is in
`openapi/checking.py`, which the browser does not have.
"""

import graphlib
import importlib
import importlib.util
import json
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Edge, Figure, Finding, Findings, KeyFigures, Node, Note, Table
from credit_studio.tools.dev.openapi import curl, mocks
from credit_studio.tools.dev.openapi.design import MOST_FIELDS, MOST_RESOURCES, TYPES, Entity, Field, Resource, entities
from credit_studio.tools.dev.openapi.document import Operation, Style, document, operations, parent_ids
from credit_studio.tools.dev.openapi.specification import Check
from credit_studio.tools.dev.openapi.yaml_text import to_yaml

_CHECKING = "credit_studio.tools.dev.openapi.checking"
"""Loaded by name: it needs compiled libraries, so that it is not packed for the browser."""
_NEEDED = ("jsonschema", "openapi_spec_validator", "yaml")
MOST_SPEC = 300_000
MOST_TEXT = 750_000  # bytes of JSON that the texts come to; the rest of the output is bounded by its rows
_SERVER = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*\Z")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")
_AUTH = (("bearer", "Bearer token (JWT)"), ("api_key", "API key in a header"), ("basic", "User name and password"), ("none", "None"))
_PAGING = (("page", "Page number and size"), ("offset", "Limit and offset"), ("cursor", "Cursor"), ("none", "None: all at once"))
_IDS = (("uuid", "UUID"), ("integer", "Whole number"), ("string", "Short text"))
_NO_TEXTS = dict.fromkeys(("openapi_yaml", "openapi_json", "mock_json", "curl"), "")
_STYLE, _MOCK, _CHECK = "Conventions", "Mock data", "Check a specification"


@dataclass(frozen=True)
class Inputs:
    """The design, and a specification to check; raises `InputError` where rows do not fit each other, and when there is neither."""

    title: Annotated[str, Len(1, 80)] = ui("API name", "As it stands at the top of its documentation.", placeholder="Bookshop API")
    version: Annotated[str, Len(1, 20)] = ui("Version", "Of the API, as 1.0.0.", default="1.0.0")
    description: Annotated[str, Len(0, 1_000)] = ui("Description", "What the API is for, in a few sentences.", default="", widget="textarea")
    server: Annotated[str, Len(1, 120)] = ui("Base URL", "Where it is served: https, without a slash at the end.", default="https://api.example.com/v1")
    contact: Annotated[str, Len(0, 100)] = ui("Contact", "An e-mail address for questions. May stay empty.", default="")
    resources: Annotated[tuple[Resource, ...], Len(0, MOST_RESOURCES)] = ui("Resources", "Up to 15 kinds of things that the API holds.", default=())
    fields: Annotated[tuple[Field, ...], Len(0, MOST_FIELDS)] = ui("Fields", "Up to 150 fields. The id is made by itself.", default=())
    auth: Literal["bearer", "api_key", "basic", "none"] = ui("Authentication", "How callers say who they are.", default="bearer", choices=_AUTH, group=_STYLE)
    public_reads: bool = ui("Anybody may read", "List and get need no authentication.", default=False, group=_STYLE)
    paging: Literal["page", "offset", "cursor", "none"] = ui("Paging", "How long lists are cut.", default="page", choices=_PAGING, group=_STYLE)
    ids: Literal["uuid", "integer", "string"] = ui("Ids", "What the id of each resource is.", default="uuid", choices=_IDS, group=_STYLE)
    mock_count: Annotated[int, Interval(ge=1, le=25)] = ui("Records", "Mock records of each resource, 1 to 25.", default=5, group=_MOCK)
    seed: Annotated[int, Interval(ge=0, le=2_147_483_647)] = ui("Random seed", "The same seed gives the same records.", default=7, group=_MOCK)
    spec: Annotated[str, Len(0, MOST_SPEC)] = ui(
        "Specification to check",
        "An OpenAPI 3.0, 3.1 or 3.2 document of yours, in YAML or JSON, up to 300,000 characters: validated and linted. May stay empty.",
        default="",
        widget="file",
        accept=".yaml,.yml,.json",
        placeholder="openapi: 3.1.0 ...",
        group=_CHECK,
        server_only=True,
    )

    def __post_init__(self) -> None:
        if not self.resources and not self.spec.strip():
            raise InputError("resources", "Add a resource, or give a specification to check.")
        if not _SERVER.match(self.server):
            raise InputError("server", "An address such as https://api.example.com/v1: no slash at the end, no query.")
        if self.contact and not _EMAIL.match(self.contact):
            raise InputError("contact", "An e-mail address such as api@example.com.")
        for name in ("title", "version", "description"):
            if not all(letter.isprintable() or letter in "\n\r\t" for letter in getattr(self, name)):
                raise InputError(name, "Holds characters that cannot be printed. Type it anew.")
        entities(self.resources, self.fields)


@dataclass(frozen=True)
class OperationRow:
    """One operation as a table tells it."""

    method: str
    path: str
    id: str
    summary: str
    takes: str
    gives: str
    errors: str
    auth: str


@dataclass(frozen=True)
class FieldRow:
    """One property of a resource as a table tells it."""

    resource: str
    name: str
    type: str
    required: bool
    bounds: str
    access: str
    description: str


@dataclass(frozen=True)
class Output:
    """What was made, as text, and what the check of a given specification found (None: none was given, or this was the browser)."""

    title: str
    resources: int
    schemas: int
    operations: tuple[OperationRow, ...]
    fields: tuple[FieldRow, ...]
    picture: Diagram
    openapi_yaml: str
    openapi_json: str
    mock_json: str
    mock_records: int
    curl: str
    is_checkable: bool
    was_given: bool
    check: Check | None


def warm() -> None:
    """What a first run would otherwise pay for: the libraries and schemas of the check."""
    checking = _checking()
    if checking is not None:
        checking.warm()


def run(inputs: Inputs) -> Output:
    """The document, mock data and commands of the design; raises `InputError` on "spec" for a text that is no specification."""
    style = Style(
        title=" ".join(inputs.title.split()) or "API",
        version=" ".join(inputs.version.split()) or "1.0.0",
        description=inputs.description.strip(),
        contact=inputs.contact,
        server=inputs.server,
        auth=inputs.auth,
        public_reads=inputs.public_reads,
        paging=inputs.paging,
        ids=inputs.ids,
    )
    made = entities(inputs.resources, inputs.fields)
    ways = operations(made, style)
    data, bodies = mocks.records(made, inputs.mock_count, inputs.seed, inputs.ids)
    whole = document(made, ways, style, {one.name: (data[one.name][0], bodies[one.name]) for one in made})
    is_given = bool(inputs.spec.strip())
    report(0.3, "Checking the specification" if is_given else "Writing")
    checking = _checking() if is_given else None
    return Output(
        title=style.title,
        resources=len(made),
        schemas=len(whole["components"]["schemas"]),
        operations=tuple(_operation_row(one, style, made) for one in ways),
        fields=tuple(row for one in made for row in _field_rows(one, inputs.ids)),
        picture=_picture(made),
        **(_texts(whole, {one.key: data[one.name] for one in made}, curl.script(ways, made, style, data, bodies)) if made else _NO_TEXTS),
        mock_records=sum(len(records) for records in data.values()),
        is_checkable=checking is not None,
        was_given=is_given,
        check=None if checking is None else checking.check(inputs.spec, "spec"),
    )


def _texts(whole: dict[str, Any], data: dict[str, Any], commands: str) -> dict[str, str]:
    """The texts of the output by field; raises `InputError` when they are more than a result may hold."""
    texts = {
        "openapi_yaml": to_yaml(whole),
        "openapi_json": f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n",
        "mock_json": f"{json.dumps(data, indent=2, ensure_ascii=False)}\n",
        "curl": commands,
    }
    if sum(len(json.dumps(text, ensure_ascii=False).encode()) for text in texts.values()) > MOST_TEXT:
        raise InputError("fields", "The document comes to more than a result can hold. Take some resources or fields out, or shorten values and descriptions.")
    return texts


def _checking() -> Any:  # noqa: ANN401 - a module, or None where its libraries are not: in the browser
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        return None
    return importlib.import_module(_CHECKING)


def _operation_row(one: Operation, style: Style, made: tuple[Entity, ...]) -> OperationRow:
    filters = [field.name for entity in made if entity.name == one.entity for field in entity.fields if field.can_filter]
    takes = {"create": f"{one.entity}Input", "replace": f"{one.entity}Input", "update": f"{one.entity}Patch", "list": ", ".join(filters)}.get(one.kind, "")
    gives = {"list": f"{one.entity}Page", "delete": ""}.get(one.kind, one.entity)
    auth = dict(_AUTH)[style.auth] if one.needs_login else "None"
    return OperationRow(one.method, one.path, one.id, one.summary, takes, f"{one.success} {gives}".strip(), ", ".join(one.errors), auth)


def _field_rows(one: Entity, ids: str) -> list[FieldRow]:
    rows = [FieldRow(one.name, name, dict(_IDS)[ids], required=True, bounds="", access="read only", description="") for name in ("id", *parent_ids(one))]
    return rows + [_field_row(one, field) for field in one.fields]


def _field_row(one: Entity, field: Field) -> FieldRow:
    kind = f"Id of {one.refers[field.name]}" if field.name in one.refers else dict(TYPES)[field.type]
    access = {"both": "", "read": "read only", "write": "write only"}[field.access]
    bounds = [f"{word} {bound:,.12g}" for word, bound in (("from", field.least), ("to", field.most)) if bound is not None]
    said = ", ".join(field.choices) if field.type == "enum" else " ".join(bounds)
    return FieldRow(one.name, field.name, f"List: {kind}" if field.is_list else kind, field.required, said, access, " ".join(field.description.split()))


def _picture(made: tuple[Entity, ...]) -> Diagram:
    """Resources from left to right: each stands left of those that it refers to or is part of, as far as they go in no circle."""
    arrows: dict[tuple[str, str], list[str]] = {(one.name, one.parents[-1]): ["part of"] for one in made if one.parents}
    for one in made:
        for name, target in one.refers.items():
            arrows.setdefault((one.name, target), []).append(name)
    columns = _columns([one.name for one in made], [pair for pair in arrows if pair[0] != pair[1]])
    nodes: list[Node] = []
    for one in made:
        row = sum(1 for node in nodes if node.column == columns[one.name])
        lines = ("id", *(f"{field.name}{'[]' if field.is_list else ''}{'' if field.required else '?'}" for field in one.fields))
        nodes.append(Node(one.name, one.name, "table", columns[one.name], row, lines))
    edges = tuple(Edge(source, target, ", ".join(labels)) for (source, target), labels in arrows.items())
    note = "An arrow leads from a resource, by the field that it names, to the one that this refers to or is part of." if edges else ""
    return Diagram("How do the resources relate?", tuple(nodes), edges, f"Resources: {len(nodes)}, relations: {len(edges)}. {note}".strip(), note=note)


def _columns(names: list[str], arrows: list[tuple[str, str]]) -> dict[str, int]:
    """The column of each name: one before the first that it leads to, those that lead nowhere last; arrows that close a circle do not count."""
    after: dict[str, set[str]] = {name: set() for name in names}
    for source, target in arrows:
        after[source].add(target)
        try:
            graphlib.TopologicalSorter(after).prepare()
        except graphlib.CycleError:
            after[source].discard(target)
    from_end: dict[str, int] = {}
    for name in graphlib.TopologicalSorter(after).static_order():
        from_end[name] = max((from_end[one] + 1 for one in after[name]), default=0)
    last = max(from_end.values(), default=0)
    return {name: last - steps for name, steps in from_end.items()}


def present(output: Output) -> tuple[Block, ...]:
    """Key figures, findings, operations and relations; then the document, mock data and commands, each in a tab."""
    checked = output.check
    problems = Figure("Findings", f"{checked.total:,}", "in the specification given") if checked else Figure("Mock records", f"{output.mock_records:,}")
    figures = (
        Figure("Resources", f"{output.resources:,}"),
        Figure("Operations", f"{len(output.operations):,}"),
        Figure("Schemas", f"{output.schemas:,}"),
        problems,
    )
    blocks: list[Block] = [KeyFigures(figures) if output.resources else _check_figures(output)]
    blocks += _check_blocks(output, "Check" if output.resources else "Summary")
    return (*blocks, *_design_blocks(output)) if output.resources else tuple(blocks)


def _check_figures(output: Output) -> KeyFigures:
    """The figures of a run that only checked."""
    checked = output.check
    if checked is None:
        return KeyFigures((Figure("Findings", "Not checked"),))
    valid = Figure("Valid", "Yes" if checked.is_valid else "No", f"OpenAPI {checked.version}")
    counts = (("Findings", checked.total), ("Operations", checked.operations), ("Schemas", checked.schemas))
    return KeyFigures((valid, *(Figure(label, f"{count:,}") for label, count in counts)))


def _check_blocks(output: Output, tab: str) -> list[Block]:
    if not output.was_given:
        return []
    checked = output.check
    if checked is None:
        return [Note("The specification was not checked: the browser has no validator for it. Run on the server to have it checked.", "warn", "Not checked")]
    shown = tuple(Finding(one.severity, one.rule, one.where, one.message, one.fix) for one in checked.found)
    name = checked.title or "The specification"
    words = f"{name}: OpenAPI {checked.version}, {checked.operations:,} operations on {checked.paths:,} paths, {checked.schemas:,} schemas."
    how = "Checked against the official schema of that version and linted by rules in the manner of Spectral. Examples and other documents are not checked."
    verdict = (
        Note(f"{words} It fits the OpenAPI schema.", "good" if not checked.total else "info", "Valid", tab)
        if checked.is_valid
        else Note(f"{words} It does not fit the OpenAPI schema: other tools may refuse it.", "bad", "Not valid", tab)
    )
    return [verdict, Findings("What is wrong with the specification?", shown, how, tab)]


def _design_blocks(output: Output) -> tuple[Block, ...]:
    ways = tuple((one.method, one.path, one.id, one.summary, one.takes, one.gives, one.errors, one.auth) for one in output.operations)
    columns = (
        Column("Method", "code"),
        Column("Path", "code"),
        Column("Operation", "code"),
        Column("What it does"),
        Column("Takes"),
        Column("Gives"),
        Column("Errors"),
        Column("Authentication"),
    )
    fields = tuple((one.resource, one.name, one.type, one.required, one.bounds, one.access, one.description) for one in output.fields)
    heads = (Column("Resource"), Column("Field", "code"), Column("Type"), Column("Required"), Column("Values"), Column("Access"), Column("Description"))
    relations = tuple((edge.source, edge.target, edge.label) for edge in output.picture.edges)
    return (
        output.picture,
        Table("Operations", columns, ways, download="operations.csv"),
        Code("OpenAPI 3.1 in YAML", "yaml", output.openapi_yaml, "openapi.yaml", "OpenAPI"),
        Code("OpenAPI 3.1 in JSON", "json", output.openapi_json, "openapi.json", "JSON"),
        Code("Mock data", "json", output.mock_json, "mock.json", "Mock data"),
        Note("The file has the form that json-server serves as a REST API: npx json-server mock.json.", tab="Mock data"),
        Code("One command for each operation", "shell", output.curl, "requests.sh", "curl"),
        Table("Fields", heads, fields, download="fields.csv", tab="Data"),
        *((Table("Relations", (Column("From"), Column("To"), Column("Through")), relations, tab="Data"),) if relations else ()),
    )


def _units(inputs: Inputs) -> int:
    """Work in characters of a given specification; an operation and its share of the texts counts as 60, a mock value as 4."""
    return len(inputs.spec) + 360 * len(inputs.resources) + len(inputs.fields) * (120 + 4 * inputs.mock_count)


def _describe(inputs: Inputs) -> str:
    design = f"{len(inputs.resources)} resources with {len(inputs.fields)} fields"
    return f"{design}, {len(inputs.spec):,} characters to check" if inputs.spec.strip() else design


_EXAMPLE_RESOURCES = (
    Resource("Author", description="Somebody who wrote a book.", can_replace=False, can_delete=False),
    Resource("Book", description="A title that the shop sells.", can_replace=True),
    Resource("Customer", description="Somebody who buys."),
    Resource("Order", description="What a customer buys at one time.", can_delete=False),
    Resource("Order line", "Order", "lines", "One title in an order.", can_update=False),
)
_EXAMPLE_FIELDS = (
    Field("Author", "name", "string", required=True, range="1..120", can_filter=True),
    Field("Author", "born", "date"),
    Field("Book", "title", "string", required=True, range="1..200"),
    Field("Book", "isbn", "string", required=True, range="13..13", can_filter=True, description="ISBN-13 without hyphens."),
    Field("Book", "authors", "reference", required=True, is_list=True, values="Author"),
    Field("Book", "format", "enum", required=True, values="hardback, paperback, e-book, audio", can_filter=True),
    Field("Book", "pricePence", "integer", required=True, range="0..100000", description="Price in pence, VAT included."),
    Field("Book", "published", "date"),
    Field("Book", "tags", "string", is_list=True, range="1..30"),
    Field("Book", "coverUrl", "uri"),
    Field("Customer", "name", "string", required=True, range="1..120"),
    Field("Customer", "email", "email", required=True, can_filter=True),
    Field("Customer", "password", "string", required=True, range="12..200", access="write"),
    Field("Customer", "phone", "string", range="7..20"),
    Field("Customer", "joinedAt", "date-time", access="read"),
    Field("Order", "customer", "reference", required=True, values="Customer", can_filter=True),
    Field("Order", "status", "enum", required=True, values="open, paid, sent, returned", can_filter=True),
    Field("Order", "placedAt", "date-time", required=True, access="read"),
    Field("Order", "totalPence", "integer", required=True, range="0..", access="read"),
    Field("Order", "isGift", "boolean"),
    Field("Order line", "book", "reference", required=True, values="Book"),
    Field("Order line", "quantity", "integer", required=True, range="1..99"),
)

TOOL = Tool(
    id="dev-studio-api-designer",
    title="API Designer",
    studio=Studio.DEV,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="List resources and their fields. Get an OpenAPI 3.1 document, mock data and a curl command for each operation. Or have your own document checked.",
    takes="resources and fields",
    gives="OpenAPI 3.1 (YAML, JSON), mock data, curl per operation; the server run also validates and lints a pasted spec",
    inputs=Inputs,
    example=Inputs(
        title="Bookshop API",
        description="Titles, customers and orders of a small bookshop.",
        contact="api@bookshop.example",
        resources=_EXAMPLE_RESOURCES,
        fields=_EXAMPLE_FIELDS,
        server="https://api.bookshop.example/v1",
    ),
    cost=Cost(units=_units, describe=_describe, lower="spec", cpu_us_per_unit=4.5, mem_bytes_per_unit=300.0, spread=1.6),
    run=run,
    present=present,
    preload=(_CHECKING,),
    keywords=("OpenAPI", "Swagger", "REST", "mock", "curl", "lint", "Spectral", "JSON Schema", "CRUD"),
)
