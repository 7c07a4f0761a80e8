"""Rules of style and sense for OpenAPI 3 documents, most of them named and meant as in Spectral's `oas` ruleset; each gives its faults.

A rule looks only at what has the right shape; what has not is the validator's to tell.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from credit_studio.tools.dev.openapi.specification import Fault, Json, Operation, Path, Spec, pointer

Check = Callable[[Spec], Iterator[Fault]]
_TEMPLATE = re.compile(r"\{([^{}/]*)\}")
_IN_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*\Z")
_SCRIPT = re.compile(r"<script|\beval\(", re.IGNORECASE)
_SERVER_VARIABLE = re.compile(r"\{([^{}]*)\}")
_NAMED = {"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "callbacks", "pathItems"}  # not securitySchemes
_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


@dataclass(frozen=True)
class Rule:
    """How bad a fault is and what mends it."""

    severity: str
    fix: str


RULES: dict[str, Rule] = {
    "oas3-schema": Rule("high", "Correct it as the OpenAPI specification has it: other tools refuse the document."),
    "duplicate-key": Rule("high", "Keep one of them, or merge them."),
    "invalid-ref": Rule("high", "Define what is referred to, or correct the reference."),
    "operation-operationId-unique": Rule("high", "Give each operation an id of its own: generated clients name their methods after it."),
    "path-params": Rule("high", "Define each {name} of the path as a required path parameter, and no other."),
    "path-keys-unique": Rule("high", "Merge the two paths: a server cannot tell them apart."),
    "operation-parameters-unique": Rule("high", "Keep one parameter of that name and place."),
    "oas3-operation-security-defined": Rule("high", "Define the scheme under components.securitySchemes."),
    "path-declarations-must-exist": Rule("medium", "Name the parameter between the braces."),
    "path-keys-no-trailing-slash": Rule("medium", "Leave the slash out: /books/ and /books are two paths."),
    "path-not-include-query": Rule("medium", "Define the query as parameters."),
    "operation-success-response": Rule("medium", "Describe the 2xx or 3xx response that a caller hopes for."),
    "operation-4xx-response": Rule("medium", "Describe the 4xx responses: callers have to deal with them."),
    "operation-operationId": Rule("medium", "Give it an operationId: generated clients name their methods after it."),
    "operation-operationId-valid-in-url": Rule("medium", "Use letters, digits, _ and - only."),
    "operation-description": Rule("medium", "Say what it does in a description or at least a summary."),
    "operation-tags": Rule("medium", "Give it a tag: documentation is grouped by it."),
    "operation-tag-defined": Rule("medium", "Add the tag to the top-level tags, with a description."),
    "request-body-without-meaning": Rule("medium", "Use query parameters, or POST: servers and caches drop such a body (RFC 9110, 9.3)."),
    "write-without-security": Rule("medium", "Say which security it needs, or security: [] if anybody may do it."),
    "no-$ref-siblings": Rule("medium", "Move them to what is referred to: in 3.0 they are ignored."),
    "oas3-unused-component": Rule("medium", "Use it or remove it."),
    "oas3-api-servers": Rule("medium", "Name at least one server with its URL."),
    "oas3-server-trailing-slash": Rule("medium", "Leave the slash at the end out: paths begin with one."),
    "oas3-server-variables": Rule("medium", "Define each {variable} of the URL under variables."),
    "server-https": Rule("medium", "Use https: credentials and data are read on the way otherwise."),
    "info-description": Rule("medium", "Say what the API is for in info.description."),
    "array-items": Rule("medium", "Say in items what the array holds."),
    "typed-enum": Rule("medium", "Let each value of the enum be of the type."),
    "duplicated-entry-in-enum": Rule("medium", "Keep each value once."),
    "required-property-defined": Rule("medium", "Add the property, or take it out of required."),
    "no-script-tags-in-markdown": Rule("medium", "Take it out: documentation pages may run it."),
    "openapi-tags-uniqueness": Rule("medium", "Keep each tag once."),
    "tag-description": Rule("low", "Say in a sentence what the tag holds together."),
    "oas3-parameter-description": Rule("low", "Say what the parameter does."),
    "oas3-server-not-example.com": Rule("low", "Name the real server."),
    "info-contact": Rule("low", "Say in info.contact whom to ask."),
    "external-ref": Rule("info", "References to other documents are not followed here: bundle them into one to have them checked."),
}


def lint(spec: Spec, version: str) -> Iterator[Fault]:
    """Every fault that the rules find, rule by rule; `version` is "3.0", "3.1" or "3.2"."""
    for check in (*_ALL, *((_ref_siblings,) if version == "3.0" else ())):
        yield from check(spec)


def _twice(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _references(spec: Spec) -> Iterator[Fault]:
    for path, reference in spec.references:
        if not reference.startswith("#"):
            yield Fault("external-ref", path, f"{reference[:150]} is another document.")
        elif reference.startswith("#/") and spec.part(pointer(reference)) is None:
            yield Fault("invalid-ref", path, f"There is nothing at {reference[:150]}.")


def _ref_siblings(spec: Spec) -> Iterator[Fault]:
    for path, value in spec.objects:
        is_path_item = path[:1] == ("paths",) and len(path) == 2  # noqa: PLR2004 - paths, path; that one may have siblings
        if isinstance(value.get("$ref"), str) and len(value) > 1 and not is_path_item:
            beside = ", ".join(key for key in value if key != "$ref")
            yield Fault("no-$ref-siblings", path, f"Beside $ref stands {beside[:150]}.")


def _operation_ids(spec: Spec) -> Iterator[Fault]:
    first: dict[str, Operation] = {}
    for one in spec.operations:
        given = one.data.get("operationId")
        if not isinstance(given, str) or not given:
            yield Fault("operation-operationId", one.at, f"{one.name} has no operationId.")
        elif given in first:
            yield Fault("operation-operationId-unique", (*one.at, "operationId"), f"{given[:80]!r} is the id of {first[given].name}, too.")
        else:
            first[given] = one
            if not _IN_URL.match(given):
                yield Fault("operation-operationId-valid-in-url", (*one.at, "operationId"), f"{given[:80]!r} holds characters that a URL cannot.")


def _operation_words(spec: Spec) -> Iterator[Fault]:
    tags = {str(one.get("name")) for one in spec.items(("tags",))}
    for one in spec.operations:
        if not one.data.get("description") and not one.data.get("summary"):
            yield Fault("operation-description", one.at, f"{one.name} has neither description nor summary.")
        given = one.data.get("tags")
        named = [tag for tag in cast("list[Any]", given) if isinstance(tag, str)] if isinstance(given, list) else []
        if not named:
            yield Fault("operation-tags", one.at, f"{one.name} has no tag.")
        for place, tag in enumerate(named):
            if tag not in tags:
                yield Fault("operation-tag-defined", (*one.at, "tags", place), f"The tag {tag[:80]!r} is not among the top-level tags.")


def _responses(spec: Spec) -> Iterator[Fault]:
    for one in spec.operations:
        statuses = [str(status) for status in spec.mapping((*one.at, "responses"))]
        if statuses and not any(status[0] in "23" for status in statuses if status):
            yield Fault("operation-success-response", (*one.at, "responses"), f"{one.name} has no 2xx or 3xx response.")
        if statuses and not any(status.startswith("4") for status in statuses):
            yield Fault("operation-4xx-response", (*one.at, "responses"), f"{one.name} has no 4xx response.")
        if one.method in {"get", "head", "delete"} and "requestBody" in one.data:
            yield Fault("request-body-without-meaning", (*one.at, "requestBody"), f"{one.name} has a request body.")


def _parameters(spec: Spec, at: Path) -> list[tuple[Path, Json]]:
    return [((*at, "parameters", place), spec.resolved(one)) for place, one in enumerate(spec.items((*at, "parameters")))]


def _path_parameters(spec: Spec) -> Iterator[Fault]:
    for one in spec.operations:
        shared = _parameters(spec, one.at[:2])
        own = _parameters(spec, one.at)
        wanted = set(_TEMPLATE.findall(one.path))
        defined = {str(given.get("name")): (path, given) for path, given in (*shared, *own) if given.get("in") == "path"}
        for name in sorted(wanted - set(defined) - {""}):
            yield Fault("path-params", one.at, f"{one.name} does not define its path parameter {name[:80]!r}.")
        for name, (path, given) in defined.items():
            if name not in wanted:
                yield Fault("path-params", path, f"{one.name} defines {name[:80]!r} in the path, which has no {{{name[:80]}}}.")
            elif given.get("required") is not True:
                yield Fault("path-params", path, f"The path parameter {name[:80]!r} is not marked required: true.")


def _parameter_lists(spec: Spec) -> Iterator[Fault]:
    places = [*{one.at[:2]: None for one in spec.operations}, *(one.at for one in spec.operations)]
    for at in places:
        found = _parameters(spec, at)
        for name in _twice([f"{given.get('name')} in {given.get('in')}" for _, given in found if given.get("name")]):
            yield Fault("operation-parameters-unique", (*at, "parameters"), f"{name[:120]} stands twice.")
    for path, value in spec.objects:
        if len(path) > 1 and path[-2] == "parameters" and isinstance(value.get("name"), str) and not value.get("description"):
            yield Fault("oas3-parameter-description", path, f"The parameter {value['name'][:80]!r} has no description.")


def _paths(spec: Spec) -> Iterator[Fault]:
    alike: dict[str, str] = {}
    for path in spec.mapping(("paths",)):
        at: Path = ("paths", path)
        if path.endswith("/") and path != "/":
            yield Fault("path-keys-no-trailing-slash", at, f"{path[:120]} ends with a slash.")
        if "?" in path:
            yield Fault("path-not-include-query", at, f"{path[:120]} holds a query.")
        if "{}" in path:
            yield Fault("path-declarations-must-exist", at, f"{path[:120]} has a parameter without a name.")
        bare = _TEMPLATE.sub("{}", path)
        if bare in alike:
            yield Fault("path-keys-unique", at, f"{path[:120]} is the same as {alike[bare][:120]} but for the names of its parameters.")
        alike.setdefault(bare, path)


def _security(spec: Spec) -> Iterator[Fault]:
    known = spec.mapping(("components", "securitySchemes"))
    for at in ((), *(one.at for one in spec.operations)):
        for place, needed in enumerate(spec.items((*at, "security"))):
            for name in needed:
                if name not in known:
                    yield Fault("oas3-operation-security-defined", (*at, "security", place), f"The scheme {name[:80]!r} is not defined.")
    if "security" in spec.data:
        return
    for one in spec.operations:
        if one.method in {"post", "put", "patch", "delete"} and "security" not in one.data:
            yield Fault("write-without-security", one.at, f"{one.name} changes something, and nothing says who may.")


def _unused(spec: Spec) -> Iterator[Fault]:
    """Components that nothing leads to; what only an unused one refers to is unused, too."""
    inside: dict[tuple[str, str], set[tuple[str, str]]] = {}
    used: set[tuple[str, str]] = set()
    for path, reference in spec.references:
        target = pointer(reference)[1:3]
        if len(target) != 2 or not reference.startswith("#/components/"):  # noqa: PLR2004 - kind, name
            continue
        kind, name = str(target[0]), str(target[1])
        if path[:1] == ("components",) and len(path) > 2:  # noqa: PLR2004 - the same
            inside.setdefault((str(path[1]), str(path[2])), set()).add((kind, name))
        else:
            used.add((kind, name))
    ahead = list(used)
    while ahead:
        new = inside.get(ahead.pop(), set()) - used
        used |= new
        ahead += new
    mapped = {str(target).rpartition("/")[2] for _, one in spec.objects for target in _values(one.get("mapping"))}
    for kind in _NAMED:
        for name in spec.mapping(("components", kind)):
            if (kind, name) not in used and not (kind == "schemas" and name in mapped):
                yield Fault("oas3-unused-component", ("components", kind, name), f"{kind}/{name[:80]} is used nowhere.")


def _values(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return list(cast("Json", value).values()) if isinstance(value, dict) else []


def _servers(spec: Spec) -> Iterator[Fault]:
    servers = spec.items(("servers",))
    if not servers:
        yield Fault("oas3-api-servers", (), "No server is named.")
    for place, one in enumerate(servers):
        at: Path = ("servers", place, "url")
        url = str(one.get("url", ""))
        if url.endswith("/") and url != "/":
            yield Fault("oas3-server-trailing-slash", at, f"{url[:120]} ends with a slash.")
        if re.match(r"https?://(?:[^/]*\.)?example\.com(?:[:/]|\Z)", url):
            yield Fault("oas3-server-not-example.com", at, f"{url[:120]} is nobody's server.")
        if url.startswith("http://") and not re.match(r"http://(?:localhost|127\.|\[::1\])", url):
            yield Fault("server-https", at, f"{url[:120]} is not encrypted.")
        variables = one.get("variables")
        for name in sorted(set(_SERVER_VARIABLE.findall(url)) - set(cast("Json", variables) if isinstance(variables, dict) else {})):
            yield Fault("oas3-server-variables", at, f"The variable {name[:80]!r} is not defined.")


def _info(spec: Spec) -> Iterator[Fault]:
    info = spec.mapping(("info",))
    if not info.get("description"):
        yield Fault("info-description", ("info",), "The API has no description.")
    if not info.get("contact"):
        yield Fault("info-contact", ("info",), "The API names nobody to ask.")
    tags = spec.items(("tags",))
    for name in _twice([str(one.get("name")) for one in tags if one.get("name")]):
        yield Fault("openapi-tags-uniqueness", ("tags",), f"The tag {name[:80]!r} stands twice.")
    for place, one in enumerate(tags):
        if not one.get("description"):
            yield Fault("tag-description", ("tags", place), f"The tag {str(one.get('name'))[:80]!r} has no description.")


def _texts(spec: Spec) -> Iterator[Fault]:
    for path, value in spec.objects:
        said = value.get("description")
        if isinstance(said, str) and _SCRIPT.search(said):
            yield Fault("no-script-tags-in-markdown", (*path, "description"), "The description holds a script.")


def _schema_objects(spec: Spec) -> Iterator[Fault]:
    for path, value in spec.objects:
        if path[-1:] and path[-1] in {"properties", "schemas", "patternProperties", "$defs"}:
            continue  # its keys are names
        if value.get("type") == "array" and not {"items", "prefixItems", "contains", "$ref"} & set(value) and "in" not in value:
            yield Fault("array-items", path, "An array says nothing of what it holds.")
        if isinstance(value.get("enum"), list):
            yield from _enum(path, value)
        if isinstance(value.get("required"), list) and isinstance(value.get("properties"), dict):
            yield from _required(path, value)


def _enum(path: Path, schema: Json) -> Iterator[Fault]:
    values: list[Any] = schema["enum"]
    written = [json.dumps(value, sort_keys=True) for value in values]
    for value in _twice(written)[:3]:
        yield Fault("duplicated-entry-in-enum", (*path, "enum"), f"{value[:80]} stands twice.")
    given: Any = schema.get("type")
    kinds = [kind for kind in (cast("list[Any]", given) if isinstance(given, list) else [given]) if isinstance(kind, str) and kind in _IS]
    if not kinds:
        return
    is_nullable = schema.get("nullable") is True
    odd = [value for value in values if not any(_IS[kind](value) for kind in kinds) and not (value is None and is_nullable)]
    if odd:
        yield Fault("typed-enum", (*path, "enum"), f"{json.dumps(odd[0])[:80]} is no {' or '.join(kinds)}.")


def _required(path: Path, schema: Json) -> Iterator[Fault]:
    if {"allOf", "anyOf", "oneOf", "$ref", "patternProperties"} & set(schema) or schema.get("additionalProperties") not in (None, False):
        return
    for name in schema["required"]:
        if isinstance(name, str) and name not in schema["properties"]:
            yield Fault("required-property-defined", (*path, "required"), f"{name[:80]!r} is required and not among the properties.")


_ALL: tuple[Check, ...] = (
    _references,
    _operation_ids,
    _path_parameters,
    _parameter_lists,
    _paths,
    _security,
    _responses,
    _operation_words,
    _schema_objects,
    _unused,
    _servers,
    _info,
    _texts,
)
