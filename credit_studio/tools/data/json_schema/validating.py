"""A validator of JSON Schema 2020-12 in plain Python, for the browser: what it does not know of the standard, it refuses by name.

Formats are asserted. Patterns are those of Python without what makes them slow or differ from ECMA 262: no group that repeats, no look-around.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from credit_studio.tools.base import InputError
from credit_studio.tools.data.json_schema.formats import has_format

Schema = Any
MOST_STEPS, DEEPEST, LONGEST_TEXT = 250_000, 120, 2_000
_REFUSED = (
    "unevaluatedProperties",
    "unevaluatedItems",
    "$dynamicRef",
    "$dynamicAnchor",
    "$anchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "dependencies",
    "additionalItems",
)
_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer()),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_ONE = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_BOUNDS: tuple[tuple[str, Callable[[Any, Any], bool], str], ...] = (
    ("minimum", operator.ge, "at least"),
    ("maximum", operator.le, "at most"),
    ("exclusiveMinimum", operator.gt, "more than"),
    ("exclusiveMaximum", operator.lt, "less than"),
)
_SLOW = re.compile(r"\)\s*[*+{]|\(\?[=!<]|\\[1-9]")


@dataclass(frozen=True)
class Fault:
    """Where a document does not fit (JSON Pointer, RFC 6901), by which keyword, and why."""

    pointer: str
    keyword: str
    message: str


def check_schema(schema: Schema, where: str) -> None:
    """Refuse what is no schema, or one that this validator does not know all of; raises `InputError` on the field `where` with the place."""
    ahead: list[tuple[str, Any]] = [("#", schema)]
    while ahead:
        path, one = ahead.pop()
        if isinstance(one, bool):
            continue
        if not isinstance(one, dict):
            raise InputError(where, f"{path} must be a schema: an object, true or false.")
        given = cast("dict[str, Any]", one)
        _check_keywords(schema, given, path, where)
        ahead += _inner(given, path, where)


def _inner(given: dict[str, Any], path: str, where: str) -> Iterator[tuple[str, Any]]:
    yield from ((f"{path}/{key}", given[key]) for key in _ONE if key in given)
    for key in _LISTS:
        if key in given:
            if not isinstance(given[key], list) or (not given[key] and key != "prefixItems"):
                raise InputError(where, f"{path}/{key} must be a list of schemas.")
            yield from ((f"{path}/{key}/{place}", item) for place, item in enumerate(given[key]))
    for key in _MAPS:
        if key in given:
            if not isinstance(given[key], dict):
                raise InputError(where, f"{path}/{key} must be an object of schemas.")
            yield from ((f"{path}/{key}/{_escaped(name)}", item) for name, item in given[key].items())


def _check_keywords(root: Schema, given: dict[str, Any], path: str, where: str) -> None:
    refused = next((key for key in _REFUSED if key in given), None)
    if refused is not None or ("$id" in given and path != "#"):
        raise InputError(where, f"{path} uses {refused or '$id'}, which is not checked here.")
    for key in (*_COUNTS, *_NUMBERS):
        value = given.get(key, 1)
        is_wrong = not _TYPES["number" if key in _NUMBERS else "integer"](value) or (key in _COUNTS and value < 0) or (key == "multipleOf" and value <= 0)
        if is_wrong:
            raise InputError(where, f"{path}/{key} must be a number that makes sense there.")
    if not all(kind in _TYPES for kind in _kinds(given.get("type", []))):
        raise InputError(where, f"{path}/type must be one of {', '.join(_TYPES)}, or a list of them.")
    _check_lists(given, path, where)
    for pattern in (
        *([given["pattern"]] if "pattern" in given else ()),
        *(given["patternProperties"] if isinstance(given.get("patternProperties"), dict) else ()),
    ):
        _check_pattern(pattern, path, where)
    if "$ref" in given:
        _target(root, given["$ref"], where)


def _check_lists(given: dict[str, Any], path: str, where: str) -> None:
    if not isinstance(given.get("enum", []), list):
        raise InputError(where, f"{path}/enum must be a list.")
    needed: dict[str, Any] = given.get("dependentRequired", {})
    lists = [given.get("required", []), *(needed.values() if isinstance(needed, dict) else [None])]  # type: ignore[redundant-expr] # from outside
    if not all(isinstance(one, list) and all(isinstance(name, str) for name in cast("list[Any]", one)) for one in lists):
        raise InputError(where, f"{path}/required and {path}/dependentRequired must list names.")


def _check_pattern(pattern: Any, path: str, where: str) -> None:  # noqa: ANN401 - any JSON
    if not isinstance(pattern, str) or len(pattern) > 300 or _SLOW.search(pattern) or len(re.findall(r"[*+]|,\}", pattern)) > 3:  # noqa: PLR2004 - the message
        raise InputError(where, f"{path}: this pattern is not checked here: groups that repeat, look-around, or more than three open repetitions.")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise InputError(where, f"{path}: the pattern {pattern[:80]!r} is none.") from None


def _target(root: Schema, reference: Any, where: str) -> Schema:  # noqa: ANN401 - any JSON
    """What a local reference leads to; raises `InputError` for one that leads nowhere or elsewhere."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise InputError(where, f"The reference {str(reference)[:120]!r} leads to another document, which is not read.")
    now: Any = root
    for part in reference.split("/")[1:]:
        name = re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), part).replace("~1", "/").replace("~0", "~")
        if isinstance(now, list) and name.isascii() and name.isdigit() and len(name) < 6 and int(name) < len(cast("list[Any]", now)):  # noqa: PLR2004 - digits
            now = cast("list[Any]", now)[int(name)]
        elif isinstance(now, dict) and name in now:
            now = cast("dict[str, Any]", now)[name]
        else:
            raise InputError(where, f"There is nothing at {reference[:120]}.")
    if not isinstance(now, (dict, bool)):
        raise InputError(where, f"{reference[:120]} is no schema.")
    return cast("Schema", now)


def canonical(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A value that can be compared as JSON Schema does: 1 is 1.0 and not true."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", tuple(canonical(item) for item in cast("list[Any]", value)))
    if isinstance(value, dict):
        return ("object", frozenset((key, canonical(item)) for key, item in cast("dict[str, Any]", value).items()))
    return value


class Validator:
    """Validates documents against one schema that `check_schema` has taken."""

    def __init__(self, schema: Schema, where: str) -> None:
        self._schema, self._where = schema, where
        self._steps = 0
        self._enums: dict[int, frozenset[Any]] = {}

    def faults(self, document: Any) -> list[Fault]:  # noqa: ANN401 - any JSON
        """Every fault; raises `InputError` when the schema refers to itself without end, or asks for too much work."""
        return list(self._check(self._schema, document, (), 0))

    def _members(self, values: list[Any]) -> frozenset[Any]:
        """The values of an enum, made comparable once: the schema outlives its validator, so that a list is known by its id."""
        if id(values) not in self._enums:
            self._enums[id(values)] = frozenset(canonical(one) for one in values)
        return self._enums[id(values)]

    def _fits(self, schema: Schema, value: Any, depth: int) -> bool:  # noqa: ANN401 - any JSON
        return next(self._check(schema, value, (), depth), None) is None

    def _check(self, schema: Schema, value: Any, at: tuple[str, ...], depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        self._steps += 1
        if depth > DEEPEST or self._steps > MOST_STEPS:
            raise InputError(self._where, "Refers to itself without end." if depth > DEEPEST else "Asks for more work than is done here; give fewer documents.")
        if isinstance(schema, bool):
            if not schema:
                yield _fault(at, "false", "Nothing may stand here.")
            return
        for rule in _RULES:
            yield from rule(self, schema, value, at, depth + 1)

    def reference(self, given: dict[str, Any], value: Any, at: tuple[str, ...], depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """$ref."""
        if "$ref" in given:
            yield from self._check(_target(self._schema, given["$ref"], self._where), value, at, depth)

    def plain(self, given: dict[str, Any], value: Any, at: tuple[str, ...], _depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """type, enum, const."""
        if "type" in given:
            kinds = _kinds(given["type"])
            if not any(_TYPES[kind](value) for kind in kinds):
                yield _fault(at, "type", f"Is {_kind(value)}, must be {' or '.join(kinds)}.")
        if "enum" in given and canonical(value) not in self._members(given["enum"]):
            yield _fault(at, "enum", f"{_said(value)} is none of {', '.join(map(_said, given['enum'][:8]))}.")
        if "const" in given and canonical(value) != canonical(given["const"]):
            yield _fault(at, "const", f"{_said(value)} is not {_said(given['const'])}.")

    def number(self, given: dict[str, Any], value: Any, at: tuple[str, ...], _depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """Bounds and multipleOf."""
        if not _TYPES["number"](value):
            return
        for key, fits, words in _BOUNDS:
            if key in given and not fits(value, given[key]):
                yield _fault(at, key, f"{_said(value)} must be {words} {_said(given[key])}.")
        if "multipleOf" in given and not _is_multiple(value, given["multipleOf"]):
            yield _fault(at, "multipleOf", f"{_said(value)} is no multiple of {_said(given['multipleOf'])}.")

    def text(self, given: dict[str, Any], value: Any, at: tuple[str, ...], _depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """minLength, maxLength, pattern, format."""
        if not isinstance(value, str):
            return
        yield from _counted(given, len(value), at, ("minLength", "maxLength", "characters"))
        if "pattern" in given and not re.search(given["pattern"], value[:LONGEST_TEXT]):
            yield _fault(at, "pattern", f"{_said(value)} does not match {given['pattern'][:80]}.")
        if isinstance(given.get("format"), str) and not has_format(value, given["format"]):
            yield _fault(at, "format", f"{_said(value)} is no {given['format']}.")

    def array(self, given: dict[str, Any], value: Any, at: tuple[str, ...], depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """prefixItems, items, contains, and how many there are."""
        if not isinstance(value, list):
            return
        listed = cast("list[Any]", value)
        yield from _counted(given, len(listed), at, ("minItems", "maxItems", "items"))
        first: list[Schema] = given.get("prefixItems", [])
        for place, (schema, item) in enumerate(zip(first, listed, strict=False)):
            yield from self._check(schema, item, (*at, str(place)), depth)
        if "items" in given:
            for place, item in enumerate(listed[len(first) :], start=len(first)):
                yield from self._check(given["items"], item, (*at, str(place)), depth)
        if given.get("uniqueItems") is True and len({canonical(item) for item in listed}) < len(listed):
            yield _fault(at, "uniqueItems", "Holds an item twice.")
        if "contains" in given:
            count = sum(self._fits(given["contains"], item, depth) for item in listed)
            low, high = given.get("minContains", 1), given.get("maxContains", len(listed))
            if not low <= count <= high:
                yield _fault(at, "contains", f"{count:,} items fit, {low:,} to {high:,} must.")

    def object(self, given: dict[str, Any], value: Any, at: tuple[str, ...], depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """properties, patternProperties, additionalProperties, propertyNames, required and dependent ones."""
        if not isinstance(value, dict):
            return
        held = cast("dict[str, Any]", value)
        yield from _counted(given, len(held), at, ("minProperties", "maxProperties", "properties"))
        yield from (_fault(at, "required", f"Needs {_said(name)}.") for name in given.get("required", ()) if name not in held)
        for name, needed in given.get("dependentRequired", {}).items():
            yield from (_fault(at, "dependentRequired", f"Has {_said(name)} and so needs {_said(one)}.") for one in needed if name in held and one not in held)
        for name, schema in given.get("dependentSchemas", {}).items():
            yield from self._check(schema, value, at, depth) if name in held else ()
        for name, item in held.items():
            yield from self._property(given, name, item, at, depth)

    def _property(self, given: dict[str, Any], name: str, item: Any, at: tuple[str, ...], depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        here = (*at, name)
        if "propertyNames" in given and not self._fits(given["propertyNames"], name, depth):
            yield _fault(here, "propertyNames", f"{_said(name)} is no name that may stand here.")
        schemas = [given["properties"][name]] if name in given.get("properties", ()) else []
        schemas += [schema for pattern, schema in given.get("patternProperties", {}).items() if re.search(pattern, name)]
        if not schemas and "additionalProperties" in given:
            if given["additionalProperties"] is False:
                yield _fault(here, "additionalProperties", f"{_said(name)} is not among the properties.")
                return
            schemas = [given["additionalProperties"]]
        for schema in schemas:
            yield from self._check(schema, item, here, depth)

    def combined(self, given: dict[str, Any], value: Any, at: tuple[str, ...], depth: int) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
        """allOf, anyOf, oneOf, not, if."""
        for schema in given.get("allOf", ()):
            yield from self._check(schema, value, at, depth)
        if "anyOf" in given and not any(self._fits(schema, value, depth) for schema in given["anyOf"]):
            yield _fault(at, "anyOf", f"{_said(value)} fits none of {len(given['anyOf'])} alternatives.")
        if "oneOf" in given:
            count = sum(self._fits(schema, value, depth) for schema in given["oneOf"])
            if count != 1:
                yield _fault(at, "oneOf", f"{_said(value)} fits {count} of {len(given['oneOf'])} alternatives, must fit one.")
        if "not" in given and self._fits(given["not"], value, depth):
            yield _fault(at, "not", f"{_said(value)} is what must not stand here.")
        if "if" in given:
            branch = "then" if self._fits(given["if"], value, depth) else "else"
            yield from self._check(given[branch], value, at, depth) if branch in given else ()


_RULES = (Validator.reference, Validator.plain, Validator.number, Validator.text, Validator.array, Validator.object, Validator.combined)


def _counted(given: dict[str, Any], count: int, at: tuple[str, ...], words: tuple[str, str, str]) -> Iterator[Fault]:
    low, high, what = words
    if low in given and count < given[low]:
        yield _fault(at, low, f"Has {count:,} {what}, must have {given[low]:,} at least.")
    if high in given and count > given[high]:
        yield _fault(at, high, f"Has {count:,} {what}, must have {given[high]:,} at most.")


def _is_multiple(value: float, step: float) -> bool:
    """In decimals as they are written: 0.3 is three times 0.1."""
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    one, other = Decimal(str(value)), Decimal(str(step))
    return abs(one.adjusted() - other.adjusted()) > 25 or one % other == 0  # noqa: PLR2004 - digits that the quotient may have


def _fault(at: tuple[str, ...], keyword: str, message: str) -> Fault:
    return Fault("".join(f"/{_escaped(part)}" for part in at)[:300], keyword, message[:400])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _said(value: Any) -> str:  # noqa: ANN401 - any JSON
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line


def _kinds(given: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return [str(kind) for kind in cast("list[Any]", given)] if isinstance(given, list) else [str(given)]


def _kind(value: Any) -> str:  # noqa: ANN401 - any JSON
    return next(kind for kind, fits in _TYPES.items() if fits(value))
