"""Types of programming languages made of an inferred schema: what is named, what its fields hold; the languages only write it down."""

import keyword
import re
from dataclasses import dataclass, field
from typing import Any, cast

Schema = dict[str, Any]
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_FORMATS = {"date-time": "moment", "date": "date", "uuid": "uuid"}
_RESERVED = {
    "model_config", "model_fields", "json", "copy", "dict", "schema", "validate", "construct", "str", "int", "float", "bool", "list", "dt", "field",
}  # fmt: skip
_BUILT_IN = {
    "Any", "Literal", "None", "True", "False", "Date", "Record", "Array", "Object", "String", "Number", "Boolean", "BaseModel", "Field", "UUID",
    "Error", "Map", "Root", "Union", "UnionType", "ConfigDict",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What a value is.

    kind: "string", "integer", "number", "boolean", "null", "any", "moment", "date", "uuid"; or "class" (`name`), "list" and "map" (of `of`),
    "enum" (`values`), "union" (`parts`).
    """

    kind: str
    name: str = ""
    of: "Kind | None" = None
    values: tuple[Any, ...] = ()
    parts: tuple["Kind", ...] = ()


@dataclass(frozen=True)
class Member:
    """A field: its key in JSON and what it holds; one that is not required may be absent."""

    key: str
    kind: Kind
    is_required: bool


@dataclass
class Class:
    """An object with names for keys."""

    name: str
    members: list[Member] = field(default_factory=list[Member])


def classes_of(schema: Schema) -> tuple[list[Class], Kind]:
    """The classes, each after those that it uses, and what a whole document is."""
    namer = _Namer()
    whole = namer.kind(schema, pascal(str(schema.get("title", ""))) or "Document")
    return namer.made, whole


def pascal(name: str) -> str:
    """A name in PascalCase, ASCII letters and digits only: "order lines" is "OrderLines"."""
    joined = "".join(word[0].upper() + word[1:] for word in _WORD.findall(name))
    return joined if joined[:1].isalpha() else f"N{joined}" if joined else ""


def snake(name: str) -> str:
    """A name for Python: "orderNo" is "order_no"; one that Python keeps for itself gets an underscore."""
    joined = "_".join(word.lower() for word in _WORD.findall(name)) or "member"
    joined = joined if joined[0].isalpha() else f"n{joined}"
    return f"{joined}_" if keyword.iskeyword(joined) or joined in _RESERVED else joined


def singular(name: str) -> str:
    """The singular of an English plural, roughly: an item of "lines" is a Line."""
    if name.endswith("ies") and len(name) > 4:  # noqa: PLR2004 - "ties" is no plural of "ty"
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us")) and len(name) > 2 else name  # noqa: PLR2004 - "is" is none


class _Namer:
    def __init__(self) -> None:
        self.made: list[Class] = []
        self._taken: set[str] = set(_BUILT_IN)

    def kind(self, schema: Schema, name: str) -> Kind:
        """What a schema says, its classes named after where they stand."""
        if "anyOf" in schema:
            return Kind("union", parts=tuple(self.kind(one, name) for one in schema["anyOf"]))
        kinds = schema.get("type")
        if isinstance(kinds, list):
            rest = {key: value for key, value in schema.items() if key not in {"type", "enum"}}
            values = {"enum": [value for value in schema["enum"] if value is not None]} if "enum" in schema else {}
            return Kind("union", parts=tuple(self.kind({**(rest | values if kind != "null" else {}), "type": kind}, name) for kind in cast("list[str]", kinds)))
        if "enum" in schema:
            return Kind("enum", values=tuple(schema["enum"]))
        return self._single(schema, str(kinds or "any"), name)

    def _single(self, schema: Schema, kind: str, name: str) -> Kind:
        if kind == "array":
            return Kind("list", of=self.kind(schema["items"], singular(name)) if schema.get("items") else Kind("any"))
        if kind == "object":
            return self._object(schema, name)
        return Kind(_FORMATS.get(str(schema.get("format")), "string") if kind == "string" else kind)

    def _object(self, schema: Schema, name: str) -> Kind:
        if isinstance(schema.get("additionalProperties"), dict):
            values = schema["additionalProperties"]
            return Kind("map", of=self.kind(values, singular(name)) if values else Kind("any"))
        if not schema.get("properties"):
            return Kind("map", of=Kind("any"))
        made = Class(self._free(name))
        required = set(schema.get("required", ()))
        for key, value in schema["properties"].items():
            made.members.append(Member(key, self.kind(value, pascal(key) or f"{made.name}Field"), key in required))
        self.made.append(made)
        return Kind("class", name=made.name)

    def _free(self, name: str) -> str:
        free = next(one for one in (name, *(f"{name}{number}" for number in range(2, len(self._taken) + 3))) if one not in self._taken)
        self._taken.add(free)
        return free
