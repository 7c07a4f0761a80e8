"""What was found, counted by language, file and rule, and as much of it as an output has room for."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from credit_studio.tools.dev.scanning.issue import SEVERITIES, Issue
from credit_studio.tools.dev.scanning.languages import NAMES

if TYPE_CHECKING:
    from credit_studio.tools.dev.scanning.scan import Scanned  # brings bandit along: loaded where it runs, not where pages are made

MOST_LISTED = 1_000
_MOST_WEIGHT = 800_000
"""Bytes of listed findings and of their SARIF: both stay under an output's 1 MB."""


@dataclass(frozen=True)
class LanguageCount:
    """What was read of a language."""

    language: str
    files: int
    lines: int


@dataclass(frozen=True)
class FileCount:
    """Findings of one file."""

    path: str
    lines: int
    critical: int
    high: int
    medium: int
    low: int


@dataclass(frozen=True)
class RuleCount:
    """Findings of one rule, in how many files."""

    rule: str
    engine: str
    severity: str
    cwe: int
    title: str
    findings: int
    files: int


def listed(issues: list[Issue]) -> tuple[Issue, ...]:
    """As many of the worst as the output has room for."""
    taken: list[Issue] = []
    left = _MOST_WEIGHT
    for issue in issues[:MOST_LISTED]:
        texts = issue.title + issue.detail + issue.fix + issue.code + issue.path
        left -= 2 * len(texts.encode()) + 6 * sum(map(texts.count, '"\\')) + len(quote(issue.path)) + 700
        if left < 0:
            break
        taken.append(issue)
    return tuple(taken)


def by_language(scanned: "list[Scanned]") -> tuple[LanguageCount, ...]:
    """Most lines first."""
    files, lines = Counter(one.language for one in scanned), Counter[str]()
    for one in scanned:
        lines[one.language] += one.lines
    return tuple(LanguageCount(NAMES[language], count, lines[language]) for language, count in sorted(files.items(), key=lambda item: -lines[item[0]]))


def by_file(scanned: "list[Scanned]") -> tuple[FileCount, ...]:
    """Files with findings, worst first."""
    rows = [(one, Counter(issue.severity for issue in one.issues)) for one in scanned if one.issues]
    rows.sort(key=lambda row: ([-row[1][severity] for severity in SEVERITIES], row[0].path))
    return tuple(FileCount(one.path, one.lines, *(counts[severity] for severity in SEVERITIES)) for one, counts in rows)


def by_rule(found: list[Issue]) -> tuple[RuleCount, ...]:
    """Worst first, then most frequent."""
    counts, files = Counter(issue.rule for issue in found), {issue.rule: set[str]() for issue in found}
    for issue in found:
        files[issue.rule].add(issue.path)
    firsts = {issue.rule: issue for issue in reversed(found)}
    ranked = sorted(firsts.values(), key=lambda issue: (SEVERITIES.index(issue.severity), -counts[issue.rule], issue.rule))
    return tuple(RuleCount(one.rule, one.engine, one.severity, one.cwe, one.title, counts[one.rule], len(files[one.rule])) for one in ranked)
