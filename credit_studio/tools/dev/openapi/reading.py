"""A pasted specification read: YAML or JSON to plain data, with the line of every value. Server only: libyaml reads.

The events of the parser are put together here, without recursion, as YAML 1.2's core schema says (10.3.2), which OpenAPI asks for: `no` is
a text and 2024-01-01 is one, too.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from credit_studio.tools.base import InputError

Path = tuple[str | int, ...]
MOST_VALUES, DEEPEST = 40_000, 60
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?\Z")
_WORDS: dict[str, Any] = {"": None, "~": None, "true": True, "false": False, "null": None}


@dataclass
class Source:
    """What was read: plain data, lines by path (from 1), and keys that stand twice."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict[Path, int])
    doubles: list[Path] = field(default_factory=list[Path])

    def line(self, path: Path) -> int:
        """The line of a path, or of what holds it; 0 when unknown."""
        return next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 0)


def read(text: str, where: str) -> Source:
    """The document; raises `InputError` on the field `where` with line and column."""
    source = Source()
    builder = _Builder(source, where)
    try:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        parser: Any = yaml
        for event in parser.parse(text, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        found = _as_json(text)
        if found is None:
            raise InputError(where, _said(error)) from None
        return Source(found)
    except (ValueError, RecursionError):
        raise InputError(where, "Holds characters that neither YAML nor JSON has.") from None
    return source


def _as_json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """JSON that libyaml does not take (half surrogate escapes); None when it is no JSON."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if _weight(found) <= MOST_VALUES else None


def _weight(value: Any) -> int:  # noqa: ANN401 - any JSON
    """How many values there are; too many when it is too deep."""
    count, ahead = 0, [(value, 0)]
    while ahead:
        one, depth = ahead.pop()
        count += 1
        if depth > DEEPEST:
            return MOST_VALUES + 1
        if isinstance(one, dict):
            ahead += [(item, depth + 1) for item in cast("dict[str, Any]", one).values()]
        elif isinstance(one, list):
            ahead += [(item, depth + 1) for item in cast("list[Any]", one)]
    return count


def _said(error: yaml.YAMLError) -> str:
    mark: Any = getattr(error, "problem_mark", None)
    at = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""
    if isinstance(error, yaml.reader.ReaderError):
        return f"Character {error.position + 1:,} is one that neither YAML nor JSON has."
    problem = " ".join(str(getattr(error, "problem", None) or "this is neither YAML nor JSON").split())
    return f"{at}{problem[:200]}."


@dataclass
class _Open:
    """A list or an object that is still being read."""

    value: Any
    path: Path
    anchor: str | None
    begun: int
    key: str | None = None
    has_key: bool = False


class _Builder:
    """Puts parser events together."""

    def __init__(self, source: Source, where: str) -> None:
        self._source = source
        self._where = where
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0
        self._documents = 0

    def take(self, event: Any) -> None:  # noqa: ANN401 - one of PyYAML's events
        """Take the next event; raises `InputError` for what is too large, too deep, or a second document."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event), line, 1, event.anchor, is_key_text=str(event.value))
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            done = self._open.pop()
            if done.anchor:
                self._anchors[done.anchor] = (done.value, self._count - done.begun + 1)
        elif isinstance(event, yaml.AliasEvent):
            value, weight = self._anchors.get(event.anchor, (None, 1))
            self._add(value, line, weight, None, is_key_text=str(value)[:200])
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise InputError(self._where, f"Line {line}: a second document begins here. Give one specification.")

    def _begin(self, value: Any, anchor: str | None, line: int) -> None:  # noqa: ANN401 - a list or a dict
        if len(self._open) >= DEEPEST:
            raise InputError(self._where, f"Line {line}: is nested more than {DEEPEST} levels deep.")
        path = self._add(value, line, 1, None, is_key_text=None)
        self._open.append(_Open(value, path, anchor, self._count))

    def _add(self, value: Any, line: int, weight: int, anchor: str | None, *, is_key_text: str | None) -> Path:  # noqa: ANN401 - any value
        self._count += weight
        if self._count > MOST_VALUES:
            raise InputError(self._where, f"Line {line}: holds more than {MOST_VALUES:,} keys and values. Give a part of it.")
        if anchor:
            self._anchors[anchor] = (value, 1)
        if not self._open:
            self._source.data, self._source.lines[()] = value, line
            return ()
        holder = self._open[-1]
        held = holder.value
        if isinstance(held, list):
            listed = cast("list[Any]", held)
            path: Path = (*holder.path, len(listed))
            listed.append(value)
        elif not holder.has_key:
            return self._key(holder, is_key_text, line)
        else:
            path = (*holder.path, holder.key or "")
            holder.value[holder.key] = value
            holder.has_key = False
            return path
        self._source.lines[path] = line
        return path

    def _key(self, holder: _Open, text: str | None, line: int) -> Path:
        if text is None:
            raise InputError(self._where, f"Line {line}: a key must be a text.")
        path: Path = (*holder.path, text)
        if path in self._source.lines:
            self._source.doubles.append(path)
        self._source.lines[path] = line
        holder.key, holder.has_key = text, True
        return path


def _scalar(event: Any) -> Any:  # noqa: ANN401 - PyYAML's event, a plain value
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text.lower() in _WORDS and text in {text.lower(), text.title(), text.upper()}:
        return _WORDS[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        value = float(text)
        return value if abs(value) < float("inf") else text
    return text
