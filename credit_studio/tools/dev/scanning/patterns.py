"""The rules of `patterns.toml`: regular expressions over the lines of files whose languages have no analyser here."""

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit_studio.tools.dev.scanning.comments import without_comments
from credit_studio.tools.dev.scanning.issue import Issue
from credit_studio.tools.dev.scanning.languages import kinds_of, language_of
from credit_studio.tools.dev.scanning.sources import Source

MOST_LINE = 2_000
_ABOVE = 15
_SUPPRESSED = re.compile(r"(?:#|//|/\*|<!--)\s*nosec\b")


@dataclass(frozen=True)
class Rule:
    """One rule; what its parts mean stands at the top of `patterns.toml`."""

    id: str
    languages: frozenset[str]
    severity: str
    cwe: int
    title: str
    fix: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    absent: re.Pattern[str] | None
    unless_file: str
    above: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """Where a rule found something: line from 0, column from 0, the secret in it if there is one."""

    rule: Rule
    line: int
    column: int
    secret: str


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules, compiled once."""
    given = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["rule"]
    return tuple(_rule(row) for row in given)


def _rule(row: dict[str, Any]) -> Rule:
    needs, absent, unless = (re.compile(row[name]) if name in row else None for name in ("needs", "absent", "unless"))
    return Rule(
        id=row["id"],
        languages=frozenset(row["languages"]),
        severity=row["severity"],
        cwe=row["cwe"],
        title=row["title"],
        fix=row["fix"],
        pattern=re.compile(row["pattern"]),
        unless=unless,
        needs=needs,
        absent=absent,
        unless_file=row.get("unless_file", ""),
        above=tuple(row.get("above", ())),
    )


def look(source: Source, *, heed: bool) -> tuple[list[Match], int]:
    """What the rules find in a file, and how many findings its own `nosec` comments silence (none when they are not heeded)."""
    language = language_of(source.path, source.text)
    kinds = kinds_of(language, source.text)
    fitting = [rule for rule in rules() if rule.languages & kinds]
    if not fitting:
        return [], 0
    text = without_comments(source.text, language)
    fitting = [rule for rule in fitting if (not rule.needs or rule.needs.search(text)) and not (rule.absent and rule.absent.search(text))]
    lines, given = text.split("\n"), source.text.split("\n")
    found = [match for rule in fitting for match in _in_lines(rule, lines, text)]
    kept = [match for match in found if not (heed and _SUPPRESSED.search(given[match.line][:MOST_LINE]))]
    return kept, len(found) - len(kept)


def _in_lines(rule: Rule, lines: list[str], text: str) -> Iterator[Match]:
    for number, line in enumerate(lines):
        match = rule.pattern.search(line) if 0 < len(line) <= MOST_LINE else None
        if match is None or _is_excused(rule, match, lines, number, text):
            continue
        secret = next((value for name, value in match.groupdict().items() if name.startswith("secret") and value), "")
        yield Match(rule, number, match.start() + len(match[0]) - len(match[0].lstrip()), secret)
        if rule.absent:
            return


def _is_excused(rule: Rule, match: re.Match[str], lines: list[str], number: int, text: str) -> bool:
    if rule.unless and rule.unless.search(match.string):
        return True
    if rule.above:
        near = (word for line in reversed(lines[max(0, number - _ABOVE) : number]) for word in rule.above if re.search(rf"\b{word}\b", line))
        return next(near, "") == rule.above[0]
    return bool(rule.unless_file and re.search(rule.unless_file.replace("{image}", re.escape(match["image"])), text))


def issue_of(match: Match, path: str, code: str) -> Issue:
    """The match as an issue."""
    rule = match.rule
    return Issue(rule.id, "patterns", rule.severity, "medium", rule.title, "", rule.fix, rule.cwe, path, match.line + 1, match.column + 1, code)
