"""Templates: many files in one text, with conditions and placeholders.

A file begins with `@@@ path :: conditions`. Lines between `@@if conditions` and `@@end` (or `@@else`) stand when the conditions hold: words that
must all be among the flags, each of them `a|b` for either and `!a` for not. `@@name@@` stands for a value and `@@name|filter@@` for one escaped for
where it stands. A line of nothing but a placeholder takes a list, line by line, at its own depth, and is gone when the list is empty. What is
between ⟦ and ⟧ are types: kept for TypeScript, left out for JavaScript.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path

Value = str | list[str]

_MARK = re.compile(r"@@([A-Za-z_]{1,40})(?:\|([a-z]{1,20}))?@@")
_ALONE = re.compile(r"( *)@@([A-Za-z_]{1,40})@@")
_TYPES = re.compile(r"⟦([^⟦⟧]*)⟧")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")
_LEAST_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~])")


def quoted(text: str) -> str:
    """Text as a double-quoted string that JSON, TOML, Python and JavaScript read alike; the text is printable."""
    return json.dumps(text, ensure_ascii=False)


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: every sign that could begin markup is escaped."""
    head = _MARKDOWN.sub(r"\\\1", text[:1])
    return head + _LEAST_MARKDOWN.sub(r"\\\1", text[1:]).replace("&", "&amp;")


def _docstring(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}"""'


FILTERS: dict[str, Callable[[str], str]] = {
    "json": quoted,
    "toml": quoted,
    "py": quoted,
    "doc": _docstring,
    "md": markdown,
    "argparse": lambda text: quoted(text.replace("%", "%%")),
    "jstemplate": lambda text: text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${"),
}


@cache
def _sections(source: Path) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """(path, conditions, lines) of each file of a template text."""
    text = source.read_text(encoding="utf-8")
    parts = [part.split("\n") for part in text.split("@@@ ")[1:]]
    heads = [part[0].partition(" :: ") for part in parts]
    return tuple((path, conditions, tuple(part[1:-1])) for (path, _, conditions), part in zip(heads, parts, strict=True))


def render(name: str, flags: Collection[str], values: Mapping[str, Value]) -> dict[str, str]:
    """The files of the text `templates_{name}.txt` beside this module that these flags ask for, by path; see `render_file`."""
    return render_file(Path(__file__).with_name(f"templates_{name}.txt"), flags, values)


def render_file(source: Path, flags: Collection[str], values: Mapping[str, Value]) -> dict[str, str]:
    """The files of a template text that these flags ask for, by path; raises KeyError for a placeholder without a value."""
    made: dict[str, str] = {}
    for path, conditions, lines in _sections(source):
        if holds(conditions, flags):
            made[_filled(path, values)] = _body(lines, flags, values)
    return made


def holds(conditions: str, flags: Collection[str]) -> bool:
    """True when every word holds: "api !fastapi", "cli|library"."""
    return all(any((word[1:] not in flags) if word.startswith("!") else (word in flags) for word in words.split("|")) for words in conditions.split())


def _body(lines: tuple[str, ...], flags: Collection[str], values: Mapping[str, Value]) -> str:
    """The lines that stand, filled in. `open_ifs` holds for each open `@@if` whether its lines stand now."""
    open_ifs: list[bool] = []
    out: list[str] = []
    for line in lines:
        if line.startswith("@@if "):
            open_ifs.append(holds(line[5:], flags))
        elif line == "@@else":
            open_ifs[-1] = not open_ifs[-1]
        elif line == "@@end":
            open_ifs.pop()
        elif all(open_ifs):
            out += _line(line, flags, values)
    text = "\n".join(out).rstrip("\n")
    return f"{text}\n" if text else ""


def _line(line: str, flags: Collection[str], values: Mapping[str, Value]) -> list[str]:
    alone = _ALONE.fullmatch(line)
    if alone is not None:
        value = values[alone[2]]
        return [f"{alone[1]}{one}" if one else "" for one in ([value] if isinstance(value, str) else value)]
    return [_filled(_TYPES.sub(r"\1" if "typescript" in flags else "", line) if "⟦" in line else line, values)]


def _filled(line: str, values: Mapping[str, Value]) -> str:
    return _MARK.sub(lambda mark: _value(mark, values), line) if "@@" in line else line


def _value(mark: re.Match[str], values: Mapping[str, Value]) -> str:
    value = values[mark[1]]
    text = value if isinstance(value, str) else ", ".join(value)
    return FILTERS[mark[2]](text) if mark[2] else text
