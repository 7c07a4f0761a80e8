"""Does a value have the shape that its dataclass declares? Checked all the way down, without coercion."""

import dataclasses
import math
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints


def misfits(hint: Any, value: Any, path: str = "") -> list[str]:
    """Where `value` is not what `hint` says, in words; empty when it fits."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return misfits(args[0], value, path)
    if origin in (Union, types.UnionType):
        found = [misfits(arg, value, path) for arg in args]
        return [] if [] in found else min(found, key=len)
    if origin is Literal:
        return [] if value in args else [f"{path}: {value!r} is none of {args}"]
    if origin is tuple:
        return _tuple(args, value, path)
    if dataclasses.is_dataclass(hint):
        return _fields(hint, value, path)
    return [] if _is(hint, value) else [f"{path}: {value!r:.80} is no {hint}"]


def _tuple(args: tuple[Any, ...], value: Any, path: str) -> list[str]:
    if not isinstance(value, tuple):
        return [f"{path}: {value!r:.80} is no tuple"]
    kinds = (args[0],) * len(value) if args[-1] is Ellipsis else args
    if len(kinds) != len(value):
        return [f"{path}: {len(value)} items, {len(kinds)} declared"]
    return [fault for place, (kind, item) in enumerate(zip(kinds, value, strict=True)) for fault in misfits(kind, item, f"{path}.{place}")]


def _fields(cls: Any, value: Any, path: str) -> list[str]:
    if type(value) is not cls:
        return [f"{path}: {type(value).__name__} is no {cls.__name__}"]
    hints = get_type_hints(cls, include_extras=True)
    return [fault for name, hint in hints.items() for fault in misfits(hint, getattr(value, name), f"{path}.{name}")]


def _is(hint: Any, value: Any) -> bool:
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    return hint is Any or (value is None if hint is types.NoneType else type(value) is hint)


def unplain(value: Any, path: str = "") -> list[str]:
    """Where a tree is no plain, finite JSON."""
    if isinstance(value, dict):
        wrong = [f"{path}: the key {key!r} is no text" for key in value if type(key) is not str]
        return wrong + [fault for key, item in value.items() for fault in unplain(item, f"{path}.{key}")]
    if type(value) is list:
        return [fault for place, item in enumerate(value) for fault in unplain(item, f"{path}.{place}")]
    if type(value) is float and not math.isfinite(value):
        return [f"{path}: {value} has no place in JSON"]
    return [] if value is None or type(value) in (str, int, float, bool) else [f"{path}: {type(value)} is not plain"]
