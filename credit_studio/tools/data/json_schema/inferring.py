"""What documents have in common, as JSON Schema 2020-12.

A property is required when every object had it; a string has a format when every value has it; a small set of strings that come again and
again is an enum; an object whose keys are data (ids, dates, or many keys that seldom come twice) is a map.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from credit_studio.tools.data.json_schema.formats import formats_of

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOST_VALUES, _LONGEST_VALUE, _TIMES_EACH, _FEWEST_SEEN = 12, 40, 3, 6
_FEWEST_KEYS, _SELDOM = 8, 0.4
_DATA_KEYS = {
    "^[0-9]+$": re.compile(r"[0-9]+\Z"),
    "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"),
    "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$": re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?\Z"),
}
ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")


@dataclass(frozen=True)
class Wishes:
    """What else to put into a schema."""

    enums: bool = True
    ranges: bool = False
    closed: bool = False
    maps: bool = True


@dataclass
class Seen:
    """All values that stood at one place of the documents."""

    kinds: Counter[str] = field(default_factory=Counter[str])
    properties: dict[str, "Seen"] = field(default_factory=dict[str, "Seen"])
    items: "Seen | None" = None
    formats: frozenset[str] | None = None
    values: Counter[str] = field(default_factory=Counter[str])
    has_many: bool = False
    least: float | None = None
    most: float | None = None
    lengths: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @property
    def total(self) -> int:
        """How many values there were."""
        return self.kinds.total()

    def take(self, value: Any) -> None:  # noqa: ANN401 - any JSON
        """One value more."""
        kind = kind_of(value)
        self.kinds[kind] += 1
        if kind == "object":
            self._length(kind, len(value))
            for key, item in cast("dict[str, Any]", value).items():
                self.properties.setdefault(key, Seen()).take(item)
        elif kind == "array":
            self._length(kind, len(value))
            self.items = self.items or Seen()
            for item in cast("list[Any]", value):
                self.items.take(item)
        elif kind == "string":
            self._text(value)
        elif kind in {"integer", "number"}:
            self.least = value if self.least is None else min(self.least, value)
            self.most = value if self.most is None else max(self.most, value)

    def _text(self, value: str) -> None:
        self._length("string", len(value))
        if self.formats is None or self.formats:
            found = formats_of(value)
            self.formats = found if self.formats is None else self.formats & found
        if not self.has_many:
            self.values[value] += 1
            self.has_many = len(self.values) > _MOST_VALUES or len(value) > _LONGEST_VALUE

    def _length(self, kind: str, length: int) -> None:
        low, high = self.lengths.get(kind, (length, length))
        self.lengths[kind] = min(low, length), max(high, length)

    def absorb(self, other: "Seen") -> None:
        """Take all that another one has seen; it is of no use by itself afterwards."""
        self.kinds.update(other.kinds)
        for key, theirs in other.properties.items():
            if key in self.properties:
                self.properties[key].absorb(theirs)
            else:
                self.properties[key] = theirs
        if self.items is not None and other.items is not None:
            self.items.absorb(other.items)
        self.items = self.items or other.items
        if other.formats is not None:
            self.formats = other.formats if self.formats is None else self.formats & other.formats
        self.values.update(other.values)
        self.has_many = self.has_many or other.has_many or len(self.values) > _MOST_VALUES
        self.least = min((one for one in (self.least, other.least) if one is not None), default=None)
        self.most = max((one for one in (self.most, other.most) if one is not None), default=None)
        for kind, (low, high) in other.lengths.items():
            self._length(kind, low)
            self._length(kind, high)


def kind_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """The JSON type of a value; 1.0 is a number, and integers are told apart from it."""
    if isinstance(value, bool):
        return "boolean"
    names: dict[type, str] = {dict: "object", list: "array", str: "string", int: "integer", float: "number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "null")


def infer(documents: list[Any], title: str, wishes: Wishes) -> Schema:
    """The schema that all documents fit."""
    seen = Seen()
    for document in documents:
        seen.take(document)
    return {"$schema": DIALECT, "title": title, **schema_of(seen, wishes)}


def schema_of(seen: Seen, wishes: Wishes) -> Schema:
    """The schema of what was seen at one place; of nothing, the one that everything fits."""
    kinds = [kind for kind in ORDER if seen.kinds[kind] and not (kind == "integer" and seen.kinds["number"])]
    parts = {kind: _part(kind, seen, wishes) for kind in kinds}
    solid = [kind for kind in kinds if kind != "null"]
    if len(solid) <= 1:
        whole = dict(parts[solid[0]]) if solid else {}
        if "null" in parts and solid:
            whole["type"] = [solid[0], "null"]
            whole |= {"enum": [*whole["enum"], None]} if "enum" in whole else {}
        return whole or ({"type": "null"} if "null" in parts else {})
    if all(set(part) == {"type"} for part in parts.values()):
        return {"type": kinds}
    return {"anyOf": list(parts.values())}


def _part(kind: str, seen: Seen, wishes: Wishes) -> Schema:
    makers = {"object": _object, "array": _array, "string": _string, "integer": _number, "number": _number}
    return {"type": kind} | (makers[kind](seen, wishes) if kind in makers else {})


def _number(seen: Seen, wishes: Wishes) -> Schema:
    return {"minimum": seen.least, "maximum": seen.most} if wishes.ranges else {}


def _string(seen: Seen, wishes: Wishes) -> Schema:
    if seen.formats:
        return {"format": next(name for name in ("date-time", "date", "time", "uuid", "ipv4", "ipv6", "email", "uri") if name in seen.formats)}
    count = seen.kinds["string"]
    if wishes.enums and not seen.has_many and count >= max(_FEWEST_SEEN, _TIMES_EACH * len(seen.values)):
        return {"enum": sorted(seen.values)}
    low, high = seen.lengths["string"]
    return {"minLength": low, "maxLength": high} if wishes.ranges else {}


def _array(seen: Seen, wishes: Wishes) -> Schema:
    low, high = seen.lengths["array"]
    bounds = {"minItems": low, "maxItems": high} if wishes.ranges else {}
    items = schema_of(seen.items, wishes) if seen.items is not None and seen.items.total else {}
    return ({"items": items} if items else {}) | bounds


def _object(seen: Seen, wishes: Wishes) -> Schema:
    count = seen.kinds["object"]
    pattern = _key_pattern(seen) if wishes.maps else None
    if pattern is not None:
        values = Seen()
        for one in seen.properties.values():
            values.absorb(one)
        names = {"propertyNames": {"pattern": pattern}} if pattern else {}
        return names | {"additionalProperties": schema_of(values, wishes)}
    properties = {key: schema_of(one, wishes) for key, one in seen.properties.items()}
    required = [key for key, one in seen.properties.items() if one.total == count]
    return {"properties": properties} | ({"required": required} if required else {}) | ({"additionalProperties": False} if wishes.closed else {})


def _key_pattern(seen: Seen) -> str | None:
    """The pattern of keys that are data, "" when they have none in common; None for an object whose keys are names."""
    keys = list(seen.properties)
    if len(keys) < 2 or len({_shape(one) for one in seen.properties.values()}) > 1:  # noqa: PLR2004 - one key alone says little
        return None
    known = next((pattern for pattern, fits in _DATA_KEYS.items() if all(fits.match(key) for key in keys)), None)
    if known is not None:
        return known
    presence = sum(one.total for one in seen.properties.values()) / (len(keys) * seen.kinds["object"])
    return "" if len(keys) >= _FEWEST_KEYS and seen.kinds["object"] > 1 and presence < _SELDOM else None


def _shape(seen: Seen) -> frozenset[str]:
    """The kinds of a value, whole numbers taken for numbers: values of one map have one shape."""
    return frozenset("number" if kind == "integer" else kind for kind, count in seen.kinds.items() if count and kind != "null")
