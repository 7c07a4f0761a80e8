"""An OpenAPI document as the checks look at it: operations, objects, references and Schema Objects by their paths, whatever its shape."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote

Json = dict[str, Any]
Path = tuple[str | int, ...]
_OF_NAMES = ("properties", "patternProperties", "schemas", "$defs", "responses", "parameters", "headers", "callbacks", "links", "requestBodies", "paths")
_DATA = ("example", "examples", "default", "enum", "const")
_LONGEST_PLACE = 6  # digits of a place in a list
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Fault:
    """A rule broken at a path."""

    rule: str
    path: Path
    message: str


@dataclass(frozen=True)
class Found:
    """One finding: `where` is a JSON path with its line."""

    severity: str
    rule: str
    message: str
    where: str
    fix: str


@dataclass(frozen=True)
class Check:
    """The result of a check, worst first. `total` counts what is left out of `found`, too."""

    title: str
    version: str
    paths: int
    operations: int
    schemas: int
    is_valid: bool
    total: int
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Operation:
    """An operation where it stands, with the path item around it."""

    at: Path
    path: str
    method: str
    data: Json
    item: Json

    @property
    def name(self) -> str:
        """Method and path: "GET /books"."""
        return f"{self.method.upper()} {self.path}"[:120]


def json_path(path: Path) -> str:
    """A path as JSONPath (RFC 9535): $.paths['/books'].get."""
    parts = ("." + part if isinstance(part, str) and re.match(r"[A-Za-z_]\w*\Z", part) else f"[{part!r}]" for part in path)
    return f"${''.join(parts)}"


class Spec:
    """An OpenAPI document that may have any shape: what is asked for is given as it should be, or empty."""

    def __init__(self, data: Json) -> None:
        self.data = data

    def part(self, path: Path) -> Any:  # noqa: ANN401 - any JSON
        """What stands at a path; None when nothing does."""
        now: Any = self.data
        for step in path:
            if isinstance(now, dict):
                now = cast("Json", now).get(str(step))
            elif isinstance(now, list) and str(step).isascii() and str(step).isdigit() and len(str(step)) <= _LONGEST_PLACE:
                listed = cast("list[Any]", now)
                now = listed[int(step)] if int(step) < len(listed) else None
            else:
                return None
        return now

    def mapping(self, path: Path) -> Json:
        """The object at a path; empty when there is none."""
        found = self.part(path)
        return cast("Json", found) if isinstance(found, dict) else {}

    def items(self, path: Path) -> list[Json]:
        """The objects of the list at a path; what is no object is an empty one, so that places stay."""
        found = self.part(path)
        listed = cast("list[Any]", found) if isinstance(found, list) else []
        return [cast("Json", one) if isinstance(one, dict) else {} for one in listed]

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation under paths."""
        return tuple(
            Operation(("paths", path, method), path, method, cast("Json", item)[method], cast("Json", item))
            for path, item in self.mapping(("paths",)).items()
            if isinstance(item, dict)
            for method in METHODS
            if isinstance(cast("Json", item).get(method), dict)
        )

    def resolved(self, value: Any) -> Json:  # noqa: ANN401 - any JSON
        """An object, its local reference followed (ten in a row at most); empty for what leads nowhere."""
        for _ in range(10):
            if not isinstance(value, dict):
                return {}
            reference = cast("Json", value).get("$ref")
            if not isinstance(reference, str):
                return cast("Json", value)
            value = self.part(pointer(reference)) if reference.startswith("#/") else None
        return {}

    @cached_property
    def references(self) -> tuple[tuple[Path, str], ...]:
        """Every $ref that is a text, with the path of its object. Examples, enums and constants hold data, not references."""
        return tuple((path, value["$ref"]) for path, value in self.objects if isinstance(value.get("$ref"), str))

    @cached_property
    def objects(self) -> tuple[tuple[Path, Json], ...]:
        """Every object with its path, but for those within examples, defaults, enums and constants."""
        return tuple(_objects(self.data))

    def schemas(self) -> Iterator[tuple[Path, Any]]:
        """The outermost Schema Objects with their paths."""
        for path, value in self.objects:
            if len(path) == 3 and path[:2] == ("components", "schemas"):  # noqa: PLR2004 - components, schemas, name
                yield path, value
            elif "schema" in value and path[:2] != ("components", "schemas") and isinstance(value["schema"], (dict, bool)):
                yield (*path, "schema"), value["schema"]


def _objects(data: Json) -> Iterator[tuple[Path, Json]]:
    ahead: list[tuple[Path, Any]] = [((), data)]
    while ahead:
        path, value = ahead.pop()
        if isinstance(value, list):
            ahead += [((*path, place), item) for place, item in reversed(list(enumerate(cast("list[Any]", value))))]
        elif isinstance(value, dict):
            inner = cast("Json", value)
            yield path, inner
            skipped = () if path[-1:] and path[-1] in _OF_NAMES else _DATA
            ahead += [((*path, key), item) for key, item in reversed(inner.items()) if key not in skipped]


def pointer(reference: str) -> Path:
    """The path of a local reference: "#/components/schemas/Book" (RFC 6901, RFC 3986)."""
    parts = reference.removeprefix("#").split("/")[1:]
    return tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in parts)
