"""Valid inputs of any tool, made from its example: other sizes, other choices, other numbers. The same for the same seed."""

import copy
import random
from dataclasses import dataclass
from typing import Any

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import validation
from credit_studio.tools.registry import AnyTool

_LONG = 200
_TRIES = 12


@dataclass(frozen=True)
class _Draw:
    """What a change is drawn with; `keep` is the chance that something stays as it is."""

    rng: random.Random
    largest: int
    keep: float

    def keeps(self, less: float = 0.0) -> bool:
        return self.rng.random() < self.keep - less

    def factor(self, smallest: float) -> float:
        return self.largest ** self.rng.uniform(smallest, 1)


def varied(tool: AnyTool, rng: random.Random, *, largest: int) -> Any:
    """Inputs that the tool takes, up to `largest` times the size of its example: the less is changed, the more tries were not valid, and in the end nothing."""
    schema = validation.input_schema(tool)
    for turn in range(_TRIES):
        draw = _Draw(rng, largest, keep=0.5 + 0.45 * turn / _TRIES)
        try:
            return validation.parse(tool, _changed(validation.example_json(tool), schema, schema, draw))
        except InvalidInputs:
            continue
    return tool.example


def _changed(value: Any, schema: Any, root: Any, draw: _Draw) -> Any:
    """One tree, most of its leaves as they were."""
    schema = _resolved(schema, root)
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        return {name: _changed(item, fields.get(name, {}), root, draw) for name, item in value.items()}
    if isinstance(value, list):
        return _resized([_changed(item, schema.get("items", {}), root, draw) for item in value], schema, draw)
    is_long = isinstance(value, str) and len(value) > _LONG
    return value if draw.keeps(0.4 if is_long else 0.0) else _leaf(value, schema, draw)


def _leaf(value: Any, schema: Any, draw: _Draw) -> Any:
    if schema.get("enum"):
        return draw.rng.choice(schema["enum"])
    if isinstance(value, bool):
        return draw.rng.random() < 0.5
    if isinstance(value, int | float):
        low, high = schema.get("minimum", value / draw.largest), schema.get("maximum", value * draw.largest)
        scaled = min(max(value * draw.factor(-1), low), high)
        return round(scaled) if isinstance(value, int) else scaled
    if isinstance(value, str) and len(value) > _LONG and not value.startswith("data:"):
        return _longer(value, schema.get("maxLength", 10**6), draw)
    return value


def _longer(text: str, most: int, draw: _Draw) -> str:
    """The first line kept, the rest repeated or cut: tables stay tables and logs stay logs."""
    head, *lines = text.splitlines()
    wanted = max(1, round(len(lines) * draw.factor(-0.5)))
    repeated = (lines * (wanted // max(1, len(lines)) + 1))[:wanted]
    made = "\n".join([head, *repeated])
    return made if len(made) <= most else text


def _resized(items: list[Any], schema: Any, draw: _Draw) -> list[Any]:
    """Some items left out at the end, or copies of them with names of their own."""
    if not items or draw.keeps():
        return items
    wanted = max(schema.get("minItems", 0), min(schema.get("maxItems", len(items)), round(len(items) * draw.factor(-0.5))))
    more = [_renamed(copy.deepcopy(items[place % len(items)]), place) for place in range(len(items), wanted)]
    return (items + more)[:wanted]


def _renamed(item: Any, place: int) -> Any:
    if isinstance(item, str):
        return f"{item} {place}"
    for name in ("id", "name", "title"):
        if isinstance(item, dict) and isinstance(item.get(name), str):
            return item | {name: f"{item[name]} {place}"}
    return item


def _resolved(schema: Any, root: Any) -> Any:
    if "$ref" in schema:
        return _resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    return schema
