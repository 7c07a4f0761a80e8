"""YAML written for people: block style, short lists in one line, text quoted only where it must be, a blank line between jobs."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

_PLAIN = re.compile(r"[A-Za-z_./$][^\n]*")
_FLOW = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_KEYWORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"}
_MOST_PLAIN = 400


@dataclass(frozen=True)
class Noted:
    """Text with a comment behind it: a pinned action and its version."""

    text: str
    comment: str


@dataclass(frozen=True)
class Flow:
    """A list in one line."""

    items: tuple[str, ...]


def write(document: Mapping[str, object], *, apart: tuple[str, ...] = (), spaced: bool = True) -> str:
    """The document: when `spaced`, with a blank line before each top-level field; and between the fields of those named in `apart`."""
    out: list[str] = []
    for name, value in document.items():
        if out and spaced:
            out.append("")
        lines = _field(name, value, 0)
        if name in apart and isinstance(value, dict):
            lines = [lines[0]]
            for place, (inner, item) in enumerate(cast("dict[str, object]", value).items()):
                lines += [""] * bool(place) + _field(inner, item, 1)
        out += lines
    return "\n".join(out) + "\n"


def _field(name: str, value: object, deep: int) -> list[str]:
    pad = "  " * deep
    head = f"{pad}{name if name == 'on' else scalar(name)}:"
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return [head, *(line for inner, item in fields.items() for line in _field(inner, item, deep + 1))] if fields else [f"{head} {{}}"]
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [head, *(line for item in items for line in _item(item, deep + 1))] if items else [f"{head} []"]
    if isinstance(value, str) and "\n" in value:
        return [f"{head} |", *(f"{pad}  {line}".rstrip() for line in value.rstrip("\n").split("\n"))]
    return [head if value is None else f"{head} {_inline(value)}"]


def _item(value: object, deep: int) -> list[str]:
    pad = "  " * deep
    if isinstance(value, dict):
        lines = [line for inner, item in cast("dict[str, object]", value).items() for line in _field(inner, item, deep + 1)]
        return [f"{pad}- {lines[0].lstrip()}", *lines[1:]]
    if isinstance(value, str) and "\n" in value:
        return [f"{pad}- |", *(f"{pad}  {line}".rstrip() for line in value.rstrip("\n").split("\n"))]
    return [f"{pad}- {_inline(value)}"]


def _inline(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Noted):
        return f"{scalar(value.text)} # {value.comment}"
    if isinstance(value, Flow):
        return f"[{', '.join(one if _FLOW.fullmatch(one) and one.lower() not in _KEYWORDS else json.dumps(one, ensure_ascii=False) for one in value.items)}]"
    return scalar(value) if isinstance(value, str) else str(value)


def scalar(text: str) -> str:
    """Text as YAML reads it back: plain where nothing in it means something else, in double quotes otherwise."""
    plain = (
        _PLAIN.fullmatch(text) is not None
        and len(text) <= _MOST_PLAIN
        and text.lower() not in _KEYWORDS
        and ": " not in text
        and " #" not in text
        and not text.endswith((":", " "))
        and re.fullmatch(r"[.\d][\d._eE+-]*|\.(?:inf|nan)|\.{3}.*", text, re.IGNORECASE) is None
    )
    return text if plain else json.dumps(text, ensure_ascii=False)
