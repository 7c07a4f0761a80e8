"""The classes of a schema in TypeScript, as Python dataclasses with a loader, and as pydantic models."""

import json
import re
from typing import Any

from credit_studio.tools.data.json_schema.classes import Class, Kind, classes_of, snake

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_SCALARS_TS = {"integer": "number", "number": "number", "boolean": "boolean", "null": "null", "any": "unknown"}
_SCALARS_PY = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "any": "Any",
    "moment": "dt.datetime", "date": "dt.date", "uuid": "UUID",
}  # fmt: skip
_LOADER = '''

def load(kind: Any, value: Any) -> Any:
    """A value of JSON as `kind`: load(Root, json.loads(text)). Raises TypeError, ValueError or KeyError for what does not fit."""
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        for part in get_args(kind):
            with suppress(TypeError, ValueError, KeyError):
                return load(part, value)
        raise TypeError(f"{value!r} is none of {kind}")
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{value!r} is none of {get_args(kind)}")
        return value
    if get_origin(kind) is list:
        return [load(get_args(kind)[0], item) for item in _of(list, value)]
    if get_origin(kind) is dict:
        return {key: load(get_args(kind)[1], item) for key, item in _of(dict, value).items()}
    if is_dataclass(kind):
        hints, held = get_type_hints(kind), _of(dict, value)
        keys = {one.name: one.metadata.get("key", one.name) for one in fields(kind)}
        needed = {one.name for one in fields(kind) if one.default is MISSING}
        return kind(**{name: load(hints[name], held[key]) for name, key in keys.items() if name in needed or key in held})
    return _scalar(kind, value)


def _scalar(kind: Any, value: Any) -> Any:
    if kind is Any:
        return value
    if kind in (None, type(None)):
        return _of(type(None), value)
    if kind in (dt.date, dt.datetime):
        return kind.fromisoformat(_of(str, value).replace("Z", "+00:00"))
    if kind is UUID:
        return UUID(_of(str, value))
    if kind is float:
        return float(_of((int, float), value))
    return _of(kind, value)


def _of(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind}")
    return value
'''


def typescript(schema: dict[str, Any]) -> str:
    """Interfaces; the document itself is exported under its title when it is no object."""
    made, whole = classes_of(schema)
    parts = [_interface(one) for one in reversed(made)]
    if whole.kind != "class":
        parts.insert(0, f"export type Root = {_ts(whole)};\n")
    return "\n".join(parts)


def _interface(one: Class) -> str:
    lines = [f"  {_ts_key(member.key)}{'' if member.is_required else '?'}: {_ts(member.kind)};" for member in one.members]
    return "\n".join((f"export interface {one.name} {{", *lines, "}\n"))


def _ts_key(key: str) -> str:
    return key if _IDENTIFIER.match(key) else json.dumps(key)


def _ts(kind: Kind) -> str:
    if kind.kind == "class":
        return kind.name
    if kind.kind == "enum":
        return " | ".join(json.dumps(value) for value in kind.values)
    if kind.kind == "union":
        return " | ".join(dict.fromkeys(_ts(part) for part in kind.parts))
    if kind.kind in {"list", "map"} and kind.of is not None:
        inner = _ts(kind.of)
        return f"Record<string, {inner}>" if kind.kind == "map" else f"({inner})[]" if " | " in inner else f"{inner}[]"
    return _SCALARS_TS.get(kind.kind, "string")


def dataclasses(schema: dict[str, Any]) -> str:
    """A Python module of dataclasses with `load`; the document is `Root`."""
    made, whole = classes_of(schema)
    head = (
        '"""Types of a document: `load(Root, json.loads(text))` reads one."""\n\n'
        "import datetime as dt\nfrom contextlib import suppress\nfrom dataclasses import MISSING, dataclass, field, fields, is_dataclass\n"
        "from types import UnionType\nfrom typing import Any, Literal, Union, get_args, get_origin, get_type_hints\nfrom uuid import UUID\n"
    )
    return head + "".join(_dataclass(one) for one in made) + f"\n\nRoot = {_py(whole)}\n" + _LOADER


def _dataclass(one: Class) -> str:
    members = sorted(zip(one.members, _names(one), strict=True), key=lambda pair: not pair[0].is_required)
    lines: list[str] = []
    for member, name in members:
        settings = ([] if member.is_required else ["default=None"]) + ([f'metadata={{"key": {_py_text(member.key)}}}'] if name != member.key else [])
        given = "" if not settings else " = None" if settings == ["default=None"] else f" = field({', '.join(settings)})"
        lines.append(f"    {name}: {_py(member.kind) if member.is_required else _optional(member.kind)}{given}")
    return "\n".join(("", "", "@dataclass(kw_only=True)", f"class {one.name}:", *lines, ""))


def _optional(kind: Kind) -> str:
    said = _py(kind)
    return said if said == "Any" or "None" in said.split(" | ") else f"{said} | None"


def _names(one: Class) -> list[str]:
    """A name for each member that Python takes, each once; none is the key of another member."""
    keys = {member.key for member in one.members}
    names = {member.key: member.key for member in one.members if snake(member.key) == member.key}
    taken, last = set(keys), dict[str, int]()
    for key in (member.key for member in one.members if member.key not in names):
        base = snake(key)
        number = last.get(base, 1)
        name = base
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        last[base], names[key] = number, name
        taken.add(name)
    return [names[member.key] for member in one.members]


def _py(kind: Kind) -> str:
    if kind.kind == "class":
        return kind.name
    if kind.kind == "enum":
        return f"Literal[{', '.join(_py_text(value) for value in kind.values)}]"
    if kind.kind == "union":
        return _py_union(kind)
    if kind.kind in {"list", "map"} and kind.of is not None:
        return f"list[{_py(kind.of)}]" if kind.kind == "list" else f"dict[str, {_py(kind.of)}]"
    return _SCALARS_PY[kind.kind]


def _py_union(kind: Kind) -> str:
    """None last, and anything swallows all."""
    said = list(dict.fromkeys(_py(part) for part in kind.parts))
    if "Any" in said:
        return "Any"
    return " | ".join([one for one in said if one != "None"] + (["None"] if "None" in said else []))


def _py_text(value: Any) -> str:  # noqa: ANN401 - a scalar
    is_simple = isinstance(value, str) and value.isascii() and value.isprintable() and not set(value) & {'"', "\\"}
    return f'"{value}"' if is_simple else repr(value)


def pydantic(schema: dict[str, Any]) -> str:
    """A Python module of pydantic models; `Root` is the document."""
    made, whole = classes_of(schema)
    head = (
        '"""Types of a document: TypeAdapter(Root).validate_json(text) reads one."""\n\n'
        "import datetime as dt\nfrom typing import Any, Literal\nfrom uuid import UUID\n\nfrom pydantic import BaseModel, ConfigDict, Field\n"
    )
    return head + "".join(_model(one) for one in made) + f"\n\nRoot = {_py(whole)}\n"


def _model(one: Class) -> str:
    lines = ["    model_config = ConfigDict(populate_by_name=True)", ""]
    for member, name in zip(one.members, _names(one), strict=True):
        settings = ([] if member.is_required else ["default=None"]) + ([f"alias={_py_text(member.key)}"] if name != member.key else [])
        given = "" if not settings else " = None" if settings == ["default=None"] else f" = Field({', '.join(settings)})"
        lines.append(f"    {name}: {_py(member.kind) if member.is_required else _optional(member.kind)}{given}")
    return "\n".join(("", "", f"class {one.name}(BaseModel):", *lines, ""))
