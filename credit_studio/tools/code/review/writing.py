"""A review in words: the verdict, a summary, a document, and remarks that came as a language model's data."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from credit_studio.tools.base import AnswerError, Tokens
from credit_studio.tools.code.answers import escaped, of_form, plain
from credit_studio.tools.code.review.remark import CATEGORIES, MOST_REMARKS, SEVERITIES, Chunk, Remark, rank

_RUNS = re.compile(r"[^\W_]+")
_FORM = dict.fromkeys(("path", "severity", "category", "title", "detail", "fix"), (str,)) | {"line": (int,), "replacement": (str, type(None))}


def about(text: str) -> Tokens:
    """How many tokens a text may be, without encoding it: every run of letters or digits is one at least, every byte of UTF-8 one at most."""
    runs = len(_RUNS.findall(text))
    size = len(text.encode(errors="replace"))
    typical = max(runs, (runs * 80 + len(text) * 14 + (size - len(text)) * 40) // 100)
    return Tokens(runs, typical, min(size, typical * 2 + 50))


def verdict(remarks: Sequence[Remark]) -> str:
    """What a reviewer would press."""
    worst = remarks[0].severity if remarks else "info"
    return {"critical": "Request changes", "high": "Request changes", "medium": "Comment", "low": "Approve with notes"}.get(worst, "Approve")


def summary(remarks: Sequence[Remark], found: int, lines: int, *, is_diff: bool) -> str:
    """Two or three sentences: how much, how bad, and what to begin with."""
    what = f"{lines:,} added {'line' if lines == 1 else 'lines'}" if is_diff else f"{lines:,} {'line' if lines == 1 else 'lines'}"
    if not remarks:
        return f"Nothing to remark on {what}. Static analysis finds no faults of design or of the task itself: read for those."
    rated = Counter(one.severity for one in remarks)
    counted = ", ".join(f"{rated[severity]} {severity}" for severity in SEVERITIES if rated[severity])
    first = remarks[0]
    said = first.title.rstrip(".")
    return f"{found:,} {'remark' if found == 1 else 'remarks'} on {what}: {counted}. Begin with {first.path}:{first.line}: {said}."


def document(opening: str, remarks: Sequence[Remark], found: int) -> str:
    """The review as Markdown; what comes from the code or from an answer is escaped."""
    parts = ["# Code review", "", f"**{verdict(remarks)}.** {escaped(opening)}", ""]
    for severity in SEVERITIES:
        listed = [one for one in remarks if one.severity == severity]
        parts += [f"## {severity.capitalize()}", ""] if listed else []
        for one in listed:
            said = " ".join(f"{words.rstrip('.')}." for words in (one.title, one.detail, one.fix) if words)
            parts.append(f"- **{escaped(one.path)}:{one.line}** ({one.category}): {escaped(said)}")
        parts += [""] if listed else []
    if found > len(remarks):
        parts += [f"{found - len(remarks):,} more of less weight are not listed.", ""]
    return "\n".join(parts)


def from_answer(given: list[Any], chunks: list[Chunk]) -> list[Remark]:
    """The remarks of an answer on lines that were asked about; raises `AnswerError` for one of another form."""
    lines = {(chunk.path, number): line for chunk in chunks for number, line in enumerate(chunk.lines, chunk.first) if number in chunk.added}
    made = [_remark(one, lines) for one in given[:MOST_REMARKS]]
    return sorted((one for one in made if (one.path, one.line) in lines), key=rank)


def _remark(raw: object, lines: dict[tuple[str, int], str]) -> Remark:
    one = of_form(raw, _FORM)
    better = one["replacement"]
    if one["severity"] not in SEVERITIES or one["category"] not in CATEGORIES:
        raise AnswerError("a remark of another kind")
    path, line = one["path"][:200], one["line"]
    is_one_line = better is not None and better.isprintable() and better != lines.get((path, line))
    words = {name: plain(one[name], 500) for name in ("title", "detail", "fix")}
    code = plain(lines.get((path, line), ""), 160) if one["category"] != "security" else ""
    return Remark("model", one["severity"], one["category"], **words, path=path, line=line, code=code, replacement=better if is_one_line else None)
