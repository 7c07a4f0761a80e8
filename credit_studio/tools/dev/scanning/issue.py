"""One weakness in one line, whoever found it."""

from dataclasses import dataclass

SEVERITIES = ("critical", "high", "medium", "low")
CONFIDENCES = ("high", "medium", "low")
MOST_SHOWN = 160


@dataclass(frozen=True)
class Issue:
    """`line` and `column` count from 1, `column` in characters; `cwe` is 0 when none fits; `code` is the line with its secrets masked.

    engine: "bandit", "detect-secrets" or "patterns". severity: critical, high, medium or low. confidence: high, medium or low.
    """

    rule: str
    engine: str
    severity: str
    confidence: str
    title: str
    detail: str
    fix: str
    cwe: int
    path: str
    line: int
    column: int
    code: str


def rank(issue: Issue) -> tuple[int, int, str, int, int, str]:
    """Worst first, then by place."""
    return (SEVERITIES.index(issue.severity), CONFIDENCES.index(issue.confidence), issue.path, issue.line, issue.column, issue.rule)


def masked(value: str) -> str:
    """What may be shown of a secret: at most its first four characters, and never more than a quarter of it."""
    return value[: min(4, len(value) // 4)] + "****"


def shown(line: str, secrets: tuple[str, ...]) -> str:
    """A line as it may be shown: secrets masked (longest first), control characters blanked, cut to 160 characters."""
    for secret in secrets:
        line = line.replace(secret, masked(secret))
    return "".join(char if char.isprintable() else " " for char in line.strip()[:MOST_SHOWN])
