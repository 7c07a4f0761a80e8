"""The browser's side of a local run: inputs from JSON, checked, run and presented. Runs under Pyodide in a web worker and, for tests, in CPython.

Standard library and `annotated_types` only. The words and the dotted camelCase paths of its errors are those of `tools/validation.py`.
"""

import dataclasses
import enum
import importlib
import json
import math
import operator
import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen, MultipleOf

from credit_studio.tools import base, blocks

Errors = list[dict[str, str]]
Report = Callable[[float, str], None]
_MOST_ERRORS = 50


class _Refused(Exception):
    """One value that does not fit, at its path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def run(module: str, text: str, report: Report | None = None) -> str:
    """Run the tool of a module on its inputs as JSON. Gives JSON: {"blocks", "output"}, or {"errors"} when the inputs do not fit."""
    importlib.invalidate_caches()  # the module's files may have come after Python looked into its folder
    base.set_reporter(report)
    try:
        return json.dumps(run_tool(importlib.import_module(module).TOOL, json.loads(text)), allow_nan=False)
    finally:
        base.set_reporter(None)


def run_tool(tool: base.Tool[Any, Any], raw: object) -> dict[str, Any]:
    """The blocks and the output of a run, or its errors; raises what the tool raises for a fault of its own."""
    if tool.inputs is None or tool.run is None or tool.present is None:
        raise LookupError(f"{tool.id} is not built")
    try:
        inputs, errors = read(tool.inputs, raw)
        if errors:
            return {"errors": errors}
        output = tool.run(inputs)
    except base.InputError as error:
        return {"errors": [{"field": error.field, "message": error.message}]}
    return {"blocks": blocks.to_json(tool.present(output)), "output": base.jsonable(output)}


def read(inputs: type, raw: object) -> tuple[Any, Errors]:
    """The inputs and no errors, or None and every field that does not fit."""
    errors: Errors = []
    if not isinstance(raw, dict):
        return None, [{"field": "inputs", "message": "Must be an object with the tool's inputs."}]
    value = _object(inputs, raw, "", errors)
    return (None, errors[:_MOST_ERRORS]) if errors else (value, [])


def _object(cls: type, raw: dict[str, Any], path: str, errors: Errors) -> Any:  # noqa: ANN401 - the dataclass
    hints = get_type_hints(cls, include_extras=True)
    names = {base.camel(field.name): field for field in dataclasses.fields(cls)}
    known = len(errors)
    errors += [{"field": f"{path}{name}", "message": "Is not an input of this tool."} for name in raw if name not in names]
    values: dict[str, Any] = {}
    for name, field in names.items():
        if name in raw:
            values[field.name] = _value(hints[field.name], raw[name], f"{path}{name}", errors)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            errors.append({"field": f"{path}{name}", "message": "Is needed."})
    return cls(**values) if len(errors) == known else None


def _value(hint: Any, raw: Any, path: str, errors: Errors) -> Any:  # noqa: ANN401 - any JSON and its type
    try:
        return _fit(hint, raw, path, errors)
    except _Refused as refused:
        errors.append({"field": path, "message": refused.message})
        return None


def _fit(hint: Any, raw: Any, path: str, errors: Errors) -> Any:  # noqa: ANN401 - any JSON and its type
    origin = get_origin(hint)
    if origin is Annotated:
        bare, *marks = get_args(hint)
        value = _fit(bare, raw, path, errors)
        _bound(marks, value)
        return value
    if origin in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not types.NoneType]
        return None if raw is None and len(members) < len(get_args(hint)) else _fit(members[0], raw, path, errors)
    if origin is tuple:
        return _tuple(get_args(hint)[0], raw, path, errors)
    if origin is Literal:
        return _one_of(raw, get_args(hint))
    return _plain(hint, raw, path, errors)


def _tuple(item: Any, raw: Any, path: str, errors: Errors) -> tuple[Any, ...]:  # noqa: ANN401 - any JSON and its type
    if not isinstance(raw, list):
        raise _Refused("Must be a list.")
    return tuple(_value(item, one, f"{path}.{index}", errors) for index, one in enumerate(raw))


def _plain(hint: Any, raw: Any, path: str, errors: Errors) -> Any:  # noqa: ANN401 - any JSON and its type
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(raw, dict):
            raise _Refused("Must be an object.")
        return _object(hint, raw, f"{path}.", errors)
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        return hint(_one_of(raw, tuple(member.value for member in hint)))
    check = _SCALARS.get(hint)
    if check is None:
        raise TypeError(f"{path}: {hint!r} has no place in a tool's inputs")
    return check(raw)


def _one_of(raw: Any, choices: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a scalar
    if raw in choices and type(raw) in {type(choice) for choice in choices}:
        return raw
    said = [repr(choice) for choice in choices]
    raise _Refused(f"Must be one of {', '.join(said[:-1]) + ' or ' if len(said) > 1 else ''}{said[-1]}.")


def _integer(raw: Any) -> int:  # noqa: ANN401 - any JSON
    """JavaScript writes 5.0 as 5, so that a whole float is only a float when Python wrote it."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _Refused("Must be a whole number.")
    return raw


def _number(raw: Any) -> float:  # noqa: ANN401 - any JSON
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise _Refused("Must be a number.")
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise _Refused("Must be a finite number.")
    return value


def _text(raw: Any) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(raw, str):
        raise _Refused("Must be text.")
    return raw


def _flag(raw: Any) -> bool:  # noqa: ANN401 - any JSON
    if not isinstance(raw, bool):
        raise _Refused("Must be true or false.")
    return raw


_SCALARS: dict[Any, Callable[[Any], Any]] = {int: _integer, float: _number, str: _text, bool: _flag}


_BOUNDS: tuple[tuple[type, str, Callable[[Any, Any], bool], str], ...] = (
    (MultipleOf, "multiple_of", lambda value, step: value % step != 0, "Must be a multiple of {}."),
    (Le, "le", operator.gt, "Must be at most {}."),
    (Lt, "lt", operator.ge, "Must be less than {}."),
    (Ge, "ge", operator.lt, "Must be at least {}."),
    (Gt, "gt", operator.le, "Must be more than {}."),
    (MinLen, "min_length", lambda value, least: len(value) < least, "Needs at least {}{}."),
    (MaxLen, "max_length", lambda value, most: len(value) > most, "Takes at most {}{}."),
)
"""Each kind of bound, in the order in which the server looks at them: where it keeps its limit, what breaks it, what would be right."""


def _bound(marks: list[Any], value: Any) -> None:  # noqa: ANN401 - any value with bounds
    """Hold a value to its bounds; raises with the first that it breaks."""
    if value is None:
        return
    flat = [one for mark in marks for one in (mark if isinstance(mark, GroupedMetadata) else (mark,))]
    what = " characters" if isinstance(value, str) else ""
    for kind, kept, breaks, words in _BOUNDS:
        for limit in (getattr(mark, kept) for mark in flat if isinstance(mark, kind)):
            if limit is not None and breaks(value, limit):
                raise _Refused(words.format(_said(limit), what))


def _said(limit: float) -> str:
    """A bound as a person writes it: 100 and not 100.0, with comma groups."""
    return f"{int(limit):,}" if limit == int(limit) else f"{limit:,}"
