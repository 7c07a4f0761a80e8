"""One thing that a reviewer says, and the text that it is said of."""

from dataclasses import dataclass

SEVERITIES = ("critical", "high", "medium", "low", "info")
CATEGORIES = ("correctness", "security", "errors", "design", "readability", "performance", "tests")
MOST_REMARKS = 100


@dataclass(frozen=True)
class Remark:
    """`line` counts from 1 in the new text. `replacement` is what the line should read, "" to drop it, None where more than the line must change."""

    rule: str
    severity: str
    category: str
    title: str
    detail: str
    fix: str
    path: str
    line: int
    code: str = ""
    replacement: str | None = None


@dataclass(frozen=True)
class Chunk:
    """Consecutive lines of a file: all of it (`whole`), or what a diff shows of it. `added` holds the numbers of the lines to speak of."""

    path: str
    first: int
    lines: tuple[str, ...]
    added: frozenset[int]
    whole: bool


def rank(remark: Remark) -> tuple[int, str, int, str]:
    """Worst first, then by place."""
    return SEVERITIES.index(remark.severity), remark.path, remark.line, remark.rule
