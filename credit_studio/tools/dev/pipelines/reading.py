"""YAML read into a small tree that knows its lines: what a rule about a pipeline looks at, never objects of Python's.

Aliases share their tree, `<<` is merged, and the first of two equal keys is kept, with both told. Nothing is resolved: `on` stays `on`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from credit_studio.tools.base import InputError

MOST_DEEP = 60
_MERGE = "<<"
_BRACKET = re.compile(r"[\[\]{}]")


@dataclass(eq=False)
class Spot:
    """One place of the file: text, a list or a mapping; `line` counts from 1, `tag` is "" but for one that was written, such as "!reference"."""

    value: "str | list[Spot] | dict[str, Spot]"
    line: int
    tag: str = ""
    key_lines: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def text(self) -> str:
        """The text of a scalar, "" for anything else."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> "list[Spot]":
        """The items of a list, none for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def fields(self) -> "dict[str, Spot]":
        """The fields of a mapping, none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, name: str) -> "Spot | None":
        """A field of a mapping, or None."""
        return self.fields.get(name)

    def line_of(self, name: str) -> int:
        """The line of a field's name."""
        return self.key_lines.get(name, self.line)

    def texts(self) -> "list[Spot]":
        """Itself where it is text, its items that are: how both dialects write one or many."""
        return [self] if isinstance(self.value, str) else [item for item in self.items if isinstance(item.value, str)]

    def walk(self) -> "Iterator[Spot]":
        """Every place below, each once however many aliases lead to it."""
        seen: set[int] = set()
        ahead: list[Spot] = [self]
        while ahead:
            spot = ahead.pop()
            if id(spot) not in seen:
                seen.add(id(spot))
                yield spot
                ahead.extend([*spot.items, *spot.fields.values()][::-1])


@dataclass
class Reading:
    """The tree of a file, and the (line, name) of each field that stood there before."""

    root: Spot
    repeated: list[tuple[int, str]]


def read(text: str, path: str) -> Reading:
    """The tree of a YAML file; raises `InputError` on `path` with the line for what is no YAML mapping."""
    if _deepest(text) > MOST_DEEP:
        raise InputError(path, "Is nested too deeply to be a pipeline.")
    import ruamel.yaml as reader  # noqa: PLC0415 - loaded where it runs, not where pages are made

    yaml: Any = reader
    try:
        node = yaml.YAML(typ="safe", pure=True).compose(text)
    except yaml.error.MarkedYAMLError as error:
        raise InputError(path, _refusal(error)) from None
    except (yaml.error.YAMLError, ValueError):
        raise InputError(path, "Is no YAML: it holds a character that YAML does not take.") from None
    except RecursionError:
        raise InputError(path, "Is nested too deeply to be a pipeline.") from None
    if node is None or node.id != "mapping":
        raise InputError(path, "Is no pipeline: a workflow or a .gitlab-ci.yml is a mapping with jobs in it.")
    tree = _Tree(path)
    return Reading(tree.spot(node, 0), tree.repeated)


def _deepest(text: str) -> int:
    """How many brackets are open at once, at most: the reader looks at each of them with every word."""
    depth = most = 0
    for sign in _BRACKET.findall(text):
        depth = depth + 1 if sign in "[{" else max(0, depth - 1)
        most = max(most, depth)
    return most


def _refusal(error: Any) -> str:  # noqa: ANN401 - ruamel has no types
    mark = error.problem_mark or error.context_mark
    where = f" in line {mark.line + 1}" if mark is not None else ""
    return f"Is no YAML{where}: {_plain(str(error.problem or error.context or 'cannot be read'))}."


def _plain(words: str) -> str:
    return "".join(one if one.isprintable() else " " for one in words)[:120].rstrip(".")


class _Tree:
    """Turns ruamel's nodes into spots."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._made: dict[int, Spot] = {}
        self._open: set[int] = set()
        self.repeated: list[tuple[int, str]] = []

    def spot(self, node: Any, deep: int) -> Spot:  # noqa: ANN401 - a node of ruamel's
        """The place of a node; the same for each alias of it."""
        if deep > MOST_DEEP or id(node) in self._open:
            raise InputError(self._path, f"Line {node.start_mark.line + 1} is nested too deeply or holds itself.")
        made = self._made.get(id(node))
        if made is None:
            self._open.add(id(node))
            made = Spot("", node.start_mark.line + 1, _tag(node))
            made.value = self._value(node, made, deep)
            self._open.discard(id(node))
            self._made[id(node)] = made
        return made

    def _value(self, node: Any, spot: Spot, deep: int) -> "str | list[Spot] | dict[str, Spot]":  # noqa: ANN401 - the same
        if node.id == "scalar":
            return str(node.value)
        if node.id == "sequence":
            return [self.spot(item, deep + 1) for item in node.value]
        fields: dict[str, Spot] = {}
        merged: list[Spot] = []
        for key, value in node.value:
            name = str(key.value) if key.id == "scalar" else ""
            if name == _MERGE:
                inner = self.spot(value, deep + 1)
                merged += inner.items or [inner]
            elif name in fields:
                self.repeated.append((key.start_mark.line + 1, name))
            else:
                fields[name] = self.spot(value, deep + 1)
                spot.key_lines[name] = key.start_mark.line + 1
        for one in merged:
            for name, value in one.fields.items():
                fields.setdefault(name, value)
        return fields


def _tag(node: Any) -> str:  # noqa: ANN401 - a node of ruamel's
    tag = str(node.tag or "")
    return tag if tag.startswith("!") else ""
