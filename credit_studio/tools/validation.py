"""Inputs from outside, checked: pydantic over the tool's own dataclasses. Server only; the browser has its own small reader.

Strict: unknown keys, "2000" for a number, NaN and infinity are refused, and every refusal names its field.
"""

import dataclasses
import functools
import json
import typing
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.tools.base import InputError, Tool, camel, jsonable

_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True, alias_generator=camel)
_MOST_ERRORS = 50


def parse(tool: Tool[Any, Any], raw: object) -> Any:  # noqa: ANN401 - the tool's inputs
    """The tool's inputs from JSON-like data; raises `InvalidInputs` with every field that does not fit ("risks.2.lossHigh")."""
    if not isinstance(raw, dict):
        raise InvalidInputs((FieldError("inputs", "Must be an object with the tool's inputs."),))
    try:
        return adapter(tool).validate_json(json.dumps(raw))
    except ValidationError as error:
        raise InvalidInputs(_field_errors(error)) from None
    except InputError as error:
        raise InvalidInputs((FieldError(error.field, error.message),)) from None
    except (ValueError, TypeError, RecursionError):
        raise InvalidInputs((FieldError("inputs", "Is nested too deeply or holds what JSON cannot."),)) from None


def parse_stored(tool: Tool[Any, Any], text: str) -> Any:  # noqa: ANN401 - the tool's inputs
    """The tool's inputs from JSON that `parse` accepted before."""
    return adapter(tool).validate_json(text)


def dump(inputs: object) -> str:
    """The canonical JSON of parsed inputs: camelCase, sorted keys, no spaces; the same inputs give the same text."""
    return json.dumps(jsonable(inputs), sort_keys=True, separators=(",", ":"), allow_nan=False)


@functools.cache
def adapter(tool: Tool[Any, Any]) -> TypeAdapter[Any]:
    """The validator of a built tool's inputs."""
    if tool.inputs is None:
        msg = f"{tool.id} has no inputs yet"
        raise LookupError(msg)
    _make_strict(tool.inputs)
    return TypeAdapter(tool.inputs)


def input_schema(tool: Tool[Any, Any]) -> dict[str, Any]:
    """The JSON Schema of the inputs, camelCase, with the label and the help of every field; `{}` for a tool that is not built."""
    if tool.inputs is None:
        return {"type": "object"}
    schema = adapter(tool).json_schema(by_alias=True)
    _describe(tool.inputs, schema, schema.get("$defs", {}))
    return schema


def example_json(tool: Tool[Any, Any]) -> dict[str, Any]:
    """The tool's example as the API takes it; `{}` for a tool that is not built."""
    return {} if tool.example is None else jsonable(tool.example)


def _make_strict(cls: type) -> None:
    """Set the strict config on a dataclass and every dataclass inside it: pydantic reads it per class."""
    cls.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]
    for hint in typing.get_type_hints(cls).values():
        for inner in _dataclasses_in(hint):
            _make_strict(inner)


def _dataclasses_in(hint: Any) -> list[type]:  # noqa: ANN401 - a type form
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return [hint]
    return [found for arg in typing.get_args(hint) for found in _dataclasses_in(arg)]


def _describe(cls: type, schema: dict[str, Any], defs: dict[str, Any]) -> None:
    for field in dataclasses.fields(cls):
        looks = field.metadata.get("ui")
        spec = schema.get("properties", {}).get(camel(field.name))
        if looks is not None and spec is not None:
            spec |= {"title": looks.label, "description": looks.help}
    for inner in (found for hint in typing.get_type_hints(cls).values() for found in _dataclasses_in(hint)):
        _describe(inner, defs.get(inner.__name__, {}), defs)


def _field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    return tuple(FieldError(".".join(str(part) for part in item["loc"]) or "inputs", _words(item)) for item in error.errors(include_url=False)[:_MOST_ERRORS])


_SAID = {
    "missing": "Is needed.",
    "extra_forbidden": "Is not an input of this tool.",
    "unexpected_keyword_argument": "Is not an input of this tool.",
    "finite_number": "Must be a finite number.",
    "greater_than_equal": "Must be at least {ge}.",
    "greater_than": "Must be more than {gt}.",
    "less_than_equal": "Must be at most {le}.",
    "less_than": "Must be less than {lt}.",
    "multiple_of": "Must be a multiple of {multiple_of}.",
    "too_short": "Needs at least {min_length}.",
    "too_long": "Takes at most {max_length}.",
    "string_too_short": "Needs at least {min_length} characters.",
    "string_too_long": "Takes at most {max_length} characters.",
    "int_type": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "float_type": "Must be a number.",
    "string_type": "Must be text.",
    "bool_type": "Must be true or false.",
    "literal_error": "Must be one of {expected}.",
    "tuple_type": "Must be a list.",
    "dataclass_type": "Must be an object.",
}


def _words(item: ErrorDetails) -> str:
    context = {key: _number(value) if isinstance(value, (int, float)) else value for key, value in item.get("ctx", {}).items()}
    said = _SAID.get(item["type"])
    return said.format(**context) if said else f"{item['msg']}."


def _number(value: float) -> str:
    """A bound as a person writes it: 100 and not 100.0, with comma groups."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"
