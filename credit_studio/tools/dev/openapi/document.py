"""The OpenAPI 3.1 document of a design.

Each resource has four schemas: what is sent back, what creates or replaces one, what changes one (RFC 7396, JSON Merge Patch), and a page
of the list. Errors are problem details (RFC 9457).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from credit_studio.tools.dev.openapi.design import Entity, Field

Json = dict[str, Any]
IDS: dict[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "integer": {"type": "integer", "format": "int64", "minimum": 1},
    "string": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
}
METHODS = {"list": "get", "create": "post", "get": "get", "replace": "put", "update": "patch", "delete": "delete"}
_SCHEMES: dict[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "basic": {"type": "http", "scheme": "basic"},
}
SCHEME_NAMES = {"bearer": "bearerAuth", "api_key": "apiKeyAuth", "basic": "basicAuth"}
_PAGE_SIZE: Json = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
_PAGING: dict[str, dict[str, Json]] = {
    "page": {
        "page": {"description": "Number of the page, from 1.", "schema": {"type": "integer", "minimum": 1, "default": 1}},
        "pageSize": {"description": "How many one page holds.", "schema": _PAGE_SIZE},
    },
    "offset": {
        "limit": {"description": "How many are sent at most.", "schema": _PAGE_SIZE},
        "offset": {"description": "How many are left out before the first.", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    },
    "cursor": {
        "cursor": {"description": "The nextCursor of the page before; none for the first page.", "schema": {"type": "string", "maxLength": 500}},
        "pageSize": {"description": "How many one page holds.", "schema": _PAGE_SIZE},
    },
    "none": {},
}
_WHERE: dict[str, Json] = {
    "page": {"page": {"type": "integer"}, "pageSize": {"type": "integer"}, "totalItems": {"type": "integer"}, "totalPages": {"type": "integer"}},
    "offset": {"limit": {"type": "integer"}, "offset": {"type": "integer"}, "totalItems": {"type": "integer"}},
    "cursor": {"nextCursor": {"type": ["string", "null"], "description": "Where the next page begins; null after the last one."}},
    "none": {},
}
_ERRORS = {
    "400": ("BadRequest", "A parameter or the body does not fit its schema."),
    "401": ("Unauthorized", "Nobody is signed in, or the credentials are not valid."),
    "403": ("Forbidden", "The caller may not do this."),
    "404": ("NotFound", "There is nothing of that id."),
    "409": ("Conflict", "It contradicts what is there already."),
    "429": ("TooManyRequests", "The caller has asked too often; try again later."),
    "default": ("UnexpectedError", "Any other error."),
}
_PROBLEM: Json = {
    "type": "object",
    "description": "Problem details as of RFC 9457.",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "default": "about:blank"},
        "title": {"type": "string", "description": "What is wrong, in a few words."},
        "status": {"type": "integer", "minimum": 100, "maximum": 599, "description": "The HTTP status code."},
        "detail": {"type": "string", "description": "What is wrong this time, and what to do."},
        "instance": {"type": "string", "format": "uri-reference"},
    },
}


@dataclass(frozen=True)
class Style:
    """What holds for the whole API."""

    title: str
    version: str
    description: str
    contact: str
    server: str
    auth: str
    public_reads: bool
    paging: str
    ids: str


@dataclass(frozen=True)
class Operation:
    """One operation: method in capitals, path, and what it takes and gives."""

    id: str
    entity: str
    kind: str
    method: str
    path: str
    summary: str
    success: str
    errors: tuple[str, ...]
    needs_login: bool


def operations(entities: tuple[Entity, ...], style: Style) -> tuple[Operation, ...]:
    """All operations, resource by resource, in the order in which they are usually read."""
    referred = {target for one in entities for target in (*one.refers.values(), *one.parents[-1:])}
    return tuple(_operation(one, kind, style, one.name in referred) for one in entities for kind in METHODS if kind in one.operations)


def _operation(one: Entity, kind: str, style: Style, is_referred: bool) -> Operation:  # noqa: FBT001 - private
    on_collection = kind in {"list", "create"}
    words = one.plural if kind == "list" else one.words
    article = "" if kind == "list" else "an " if words[0] in "aeiou" else "a "
    whole = "".join(part.title() for part in words.split(" ")) if kind == "list" else one.name
    needs_login = style.auth != "none" and not (style.public_reads and kind in {"list", "get"})
    errors = {
        "400": kind in {"create", "replace", "update"} or (kind == "list" and (style.paging != "none" or any(field.can_filter for field in one.fields))),
        "401": needs_login,
        "403": needs_login,
        "404": not on_collection or bool(one.parents),
        "409": kind in {"create", "replace", "update"} or (kind == "delete" and is_referred),
        "429": True,
    }
    return Operation(
        id=f"{kind}{whole}",
        entity=one.name,
        kind=kind,
        method=METHODS[kind].upper(),
        path=one.collection if on_collection else one.item,
        summary=f"{kind.title()} {article}{words}",
        success={"create": "201", "delete": "204"}.get(kind, "200"),
        errors=tuple(status for status, is_given in errors.items() if is_given),
        needs_login=needs_login,
    )


def document(entities: tuple[Entity, ...], made: tuple[Operation, ...], style: Style, examples: dict[str, tuple[Json, Json]]) -> Json:
    """The whole document. `examples` has of each entity what is sent back and what creates one."""
    by_name = {one.name: one for one in entities}
    paths: dict[str, Json] = {}
    for operation in made:
        one = by_name[operation.entity]
        item = paths.setdefault(operation.path, _path_parameters(operation.path, style))
        item[operation.method.lower()] = _described(operation, one, style)
    info: Json = {"title": style.title, "version": style.version} | ({"description": style.description} if style.description else {})
    head: Json = {"openapi": "3.1.0", "info": info | ({"contact": {"email": style.contact}} if style.contact else {}), "servers": [{"url": style.server}]}
    if style.auth != "none":
        head["security"] = [{SCHEME_NAMES[style.auth]: []}]
    tags = [
        {"name": one.plural.capitalize(), "description": one.description or f"{one.plural.capitalize()} and what can be done with them."} for one in entities
    ]
    return head | {"tags": tags, "paths": paths, "components": _components(entities, made, style, examples)}


def _path_parameters(path: str, style: Style) -> Json:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    found = [{"name": name, "in": "path", "required": True, "description": f"The {_of_id(name)}.", "schema": IDS[style.ids]} for name in names]
    return {"parameters": found} if found else {}


def _of_id(name: str) -> str:
    """In words: "bookId" is "id of the book"."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name.removesuffix("Id"))
    return f"id of the {spaced}"


def _described(operation: Operation, one: Entity, style: Style) -> Json:
    told: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": _sentence(operation, one, style),
        "tags": [one.plural.capitalize()],
    }
    if operation.kind == "list" and (parameters := _list_parameters(one, style)):
        told["parameters"] = parameters
    if operation.kind in {"create", "replace"}:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(f"{one.name}Input")}}}
    if operation.kind == "update":
        told["requestBody"] = {"required": True, "content": {"application/merge-patch+json": {"schema": _ref(f"{one.name}Patch")}}}
    if style.auth != "none" and not operation.needs_login:
        told["security"] = []
    errors = {status: {"$ref": f"#/components/responses/{_ERRORS[status][0]}"} for status in (*operation.errors, "default")}
    return told | {"responses": {operation.success: _success(operation, one)} | errors}


def _sentence(operation: Operation, one: Entity, style: Style) -> str:
    filters = [field.name for field in one.fields if field.can_filter]
    narrowed = f", narrowed by {', '.join(filters)}" if filters else ""
    paged = "" if style.paging == "none" else ", page by page"
    return {
        "list": f"All {one.plural}{' of the ' + in_sentence(one.parents[-1]) if one.parents else ''}{paged}{narrowed}.",
        "create": "Creates one and tells its path in the Location header.",
        "get": "One by its id.",
        "replace": "Replaces all that can be written; fields left out are emptied.",
        "update": "Changes the fields that are given and leaves the others (JSON Merge Patch, RFC 7396).",
        "delete": "Deletes one by its id.",
    }[operation.kind]


def in_sentence(name: str) -> str:
    """A name in a sentence: "OrderLine" is "order line"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _list_parameters(one: Entity, style: Style) -> list[Json]:
    paging = [{"$ref": f"#/components/parameters/{name}"} for name in _PAGING[style.paging]]
    filters = [
        {"name": field.name, "in": "query", "description": f"Only those with this {field.name}.", "schema": _one(field, style)}
        for field in one.fields
        if field.can_filter and field.name not in _PAGING[style.paging]
    ]
    return paging + filters


def _success(operation: Operation, one: Entity) -> Json:
    if operation.kind == "delete":
        return {"description": "It is deleted."}
    schema = _ref(f"{one.name}Page" if operation.kind == "list" else one.name)
    said = {"list": f"The {one.plural}.", "create": "It is created.", "replace": "It is replaced.", "update": "It is changed."}.get(
        operation.kind, f"The {one.words}."
    )
    given: Json = {"description": said, "content": {"application/json": {"schema": schema}}}
    if operation.kind == "create":
        given["headers"] = {"Location": {"description": "The path of what was created.", "schema": {"type": "string", "format": "uri-reference"}}}
    return given


def _ref(schema: str) -> Json:
    return {"$ref": f"#/components/schemas/{schema}"}


def _components(entities: tuple[Entity, ...], made: tuple[Operation, ...], style: Style, examples: dict[str, tuple[Json, Json]]) -> Json:
    kinds: dict[str, set[str]] = {one.name: set(one.operations) for one in entities}
    schemas = {name: schema for one in entities for name, schema in _schemas(one, kinds[one.name], style, examples[one.name])}
    used = [*sorted({status for operation in made for status in operation.errors}), "default"]
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    parts: Json = {"schemas": schemas | {"Problem": _PROBLEM}}
    if style.paging != "none" and any(operation.kind == "list" for operation in made):
        parts["parameters"] = {name: {"name": name, "in": "query", **rest} for name, rest in _PAGING[style.paging].items()}
    parts["responses"] = {_ERRORS[status][0]: {"description": _ERRORS[status][1], "content": problem} for status in used}
    if style.auth != "none":
        parts["securitySchemes"] = {SCHEME_NAMES[style.auth]: _SCHEMES[style.auth]}
    return parts


def _schemas(one: Entity, kinds: set[str], style: Style, examples: tuple[Json, Json]) -> Iterator[tuple[str, Json]]:
    """The schemas that the operations of one resource use."""
    written = {field.name: property_of(field, one, style) for field in one.fields if field.access != "read"}
    required = [field.name for field in one.fields if field.required and field.access != "read"]
    if kinds & {"list", "create", "get", "replace", "update"}:
        yield one.name, _whole(one, style, examples[0])
    if kinds & {"create", "replace"}:
        yield f"{one.name}Input", _closed(f"What creates {'or replaces ' if 'replace' in kinds else ''}one.", written, required) | {"examples": [examples[1]]}
    if "update" in kinds:
        changes = {field.name: written[field.name] if field.required else _emptied(written[field.name]) for field in one.fields if field.name in written}
        said = "The fields to change; null empties one." if any(not field.required for field in one.fields) else "The fields to change."
        yield f"{one.name}Patch", _closed(said, changes, []) | {"minProperties": 1}
    if "list" in kinds:
        where = _WHERE[style.paging]
        items = {"data": {"type": "array", "items": _ref(one.name)}}
        said = f"{'All' if style.paging == 'none' else 'A page of'} {one.plural}."
        yield f"{one.name}Page", {"type": "object", "description": said, "required": ["data", *where], "properties": items | where}


def _emptied(schema: Json) -> Json:
    """A property that may be null as well: so a merge patch takes its value away."""
    values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | values


def _whole(one: Entity, style: Style, example: Json) -> Json:
    shown = [field for field in one.fields if field.access != "write"]
    above = {name: IDS[style.ids] | {"readOnly": True} for name in parent_ids(one)}
    properties = {"id": IDS[style.ids] | {"readOnly": True}} | above | {field.name: property_of(field, one, style) for field in shown}
    required = ["id", *above, *(field.name for field in shown if field.required)]
    said = {"description": one.description} if one.description else {}
    return {"type": "object", **said, "required": required, "properties": properties, "examples": [example]}


def parent_ids(one: Entity) -> tuple[str, ...]:
    """The id of the parent that a nested resource names, unless it has a field of that name."""
    names = tuple(f"{name[0].lower()}{name[1:]}Id" for name in one.parents[-1:])
    return tuple(name for name in names if all(field.name != name for field in one.fields))


def _closed(said: str, properties: Json, required: list[str]) -> Json:
    needed = {"required": required} if required else {}
    return {"type": "object", "description": said, **needed, "properties": properties, "additionalProperties": False}


def property_of(field: Field, one: Entity, style: Style) -> Json:
    """The schema of a field as a property, with its description and access."""
    schema = _one(field, style)
    if field.is_list:
        schema = {"type": "array", "items": schema, "maxItems": 100}
    said = " ".join(field.description.split()) or (f"Id of the {in_sentence(one.refers[field.name])}." if field.name in one.refers else "")
    access = {"read": {"readOnly": True}, "write": {"writeOnly": True}}.get(field.access, {})
    return schema | ({"description": said} if said else {}) | access


def _one(field: Field, style: Style) -> Json:
    """The schema of one value."""
    if field.type == "enum":
        return {"type": "string", "enum": list(field.choices)}
    if field.type == "reference":
        return dict(IDS[style.ids])
    if field.type == "object":
        return {"type": "object", "additionalProperties": True}
    if field.type == "string":
        bounds = {"minLength": field.least, "maxLength": field.most}
    elif field.type in {"integer", "number"}:
        bounds = {"minimum": field.least, "maximum": field.most}
    else:
        return {"type": "boolean"} if field.type == "boolean" else {"type": "string", "format": field.type}
    return {"type": field.type} | {name: plain(bound) for name, bound in bounds.items() if bound is not None}


def plain(number: float) -> float:
    """A whole float as an int: 5.0 is written 5."""
    return int(number) if number == int(number) else number
