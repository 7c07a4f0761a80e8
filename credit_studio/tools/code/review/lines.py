"""The rules of `lines.toml`: regular expressions over single lines, for every language."""

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit_studio.tools.code.review.remark import Chunk, Remark
from credit_studio.tools.dev.scanning.comments import without_comments

_MOST_LINE = 1_000


@dataclass(frozen=True)
class Rule:
    """One rule; what its parts mean stands at the top of `lines.toml`."""

    id: str
    languages: frozenset[str]
    severity: str
    category: str
    title: str
    fix: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    replace: str | None


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules, compiled once."""
    return tuple(map(_rule, tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["rule"]))


def _rule(row: dict[str, Any]) -> Rule:
    unless = re.compile(row["unless"]) if "unless" in row else None
    said = {name: row[name] for name in ("id", "severity", "category", "title", "fix")}
    return Rule(**said, languages=frozenset(row["languages"]), pattern=re.compile(row["pattern"]), unless=unless, replace=row.get("replace"))


def look(chunk: Chunk, language: str) -> Iterator[Remark]:
    """What the rules find in the lines of a chunk."""
    bare = without_comments("\n".join(chunk.lines), language).split("\n")
    for rule in rules():
        if rule.languages & {"", language}:
            lines = chunk.lines if "" in rule.languages else bare
            yield from _in_lines(rule, chunk, lines)


def _in_lines(rule: Rule, chunk: Chunk, lines: "tuple[str, ...] | list[str]") -> Iterator[Remark]:
    for number, line in enumerate(lines):
        match = rule.pattern.search(line) if 0 < len(line) <= _MOST_LINE else None
        if match is None or (rule.unless and rule.unless.search(line)):
            continue
        whole = chunk.lines[number]
        better = None if rule.replace is None else whole[: match.start()] + match.expand(rule.replace) + whole[match.end() :]
        better = "" if better is not None and not better.strip() else better
        yield Remark(rule.id, rule.severity, rule.category, rule.title, "", rule.fix, chunk.path, chunk.first + number, replacement=better)
