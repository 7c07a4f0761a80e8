"""Unified diffs: what one changes, and one written from the lines that a review would change."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from credit_studio.tools.base import InputError
from credit_studio.tools.code.review.remark import Chunk, Remark

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_ASSERTS = re.compile(r"\bassert\w*\b|\bexpect\(|\.should\b")
_IS_TEST = re.compile(r"(?i)(?:^|[/_.-])(?:tests?|specs?)(?:[/_.-]|$)")
_MANY_LINES = 400
_MANY_ADDED_UNTESTED = 10


@dataclass
class Change:
    """What a diff does: the chunks that it leaves, and how many lines and assertions it adds and removes."""

    chunks: list[Chunk] = field(default_factory=list[Chunk])
    paths: list[str] = field(default_factory=list[str])
    added: int = 0
    removed: int = 0
    asserts: int = 0


def is_diff(text: str) -> bool:
    """True for text with the head of a hunk under the head of a file."""
    return bool(re.search(r"(?m)^\+\+\+ .*\n@@ -\d", text))


def read(text: str) -> Change:
    """The change that a unified diff makes; raises `InputError` on "code" for a hunk that ends too early."""
    change, lines, at, path = Change(), text.split("\n"), 0, ""
    while at < len(lines):
        if lines[at].startswith("+++ "):
            path = _path(lines[at])
            change.paths += [path] if path else []
        hunk = _HUNK.match(lines[at])
        at = _hunk(change, path, hunk, lines, at + 1) if hunk and path else at + 1
    return change


def _path(line: str) -> str:
    name = line[4:].split("\t", maxsplit=1)[0].strip().strip('"')
    return "" if name == "/dev/null" else name.removeprefix("b/")[:200] or "file"


def _hunk(change: Change, path: str, head: re.Match[str], lines: list[str], at: int) -> int:
    """Take in one hunk; the place after it."""
    old_left, new_left = (1 if count is None else int(count) for count in (head[2], head[4]))
    first, kept, added, begun = int(head[3]), list[str](), set[int](), at
    while old_left > 0 or new_left > 0:
        line = lines[at] if at < len(lines) else "?"
        sign = line[:1] or " "
        if sign not in " +-\\":
            raise InputError("code", f"The diff is cut off: the hunk at line {begun:,} announces more lines than follow.")
        at += 1
        old_left, new_left = old_left - (sign in " -"), new_left - (sign in " +")
        change.added, change.removed = change.added + (sign == "+"), change.removed + (sign == "-")
        change.asserts += {"+": 1, "-": -1}.get(sign, 0) * bool(_ASSERTS.search(line[:500]))
        if sign in " +":
            kept.append(line[1:])
        if sign == "+":
            added.add(first + len(kept) - 1)
    change.chunks.append(Chunk(path, first, tuple(kept), frozenset(added), whole=head[1] == "0" and head[2] == "0"))
    return at


def remarks(change: Change) -> list[Remark]:
    """What can be said of a change as a whole."""
    if not change.chunks:
        return []
    first = change.chunks[0]
    found: list[tuple[str, str, str, str]] = []
    if change.asserts < 0:
        said = f"The change removes {-change.asserts:,} more checks than it adds."
        found.append(("fewer-checks", "medium", said, "Say in the description why they are not needed any more, or keep them."))
    if change.added >= _MANY_ADDED_UNTESTED and not any(_IS_TEST.search(path) for path in change.paths):
        found.append(("no-test", "low", "The code changes and no test changes with it.", "Add a test that fails without this change."))
    if change.added + change.removed > _MANY_LINES:
        said = f"{change.added + change.removed:,} changed lines are more than a reviewer can hold in mind."
        found.append(("large-change", "low", said, f"Split it: below {_MANY_LINES} lines, defects are found far more often."))
    kinds = {"large-change": "design"}
    return [Remark(rule, severity, kinds.get(rule, "tests"), said, "", fix, first.path, first.first) for rule, severity, said, fix in found]


def suggested(chunks: Iterable[Chunk], found: Iterable[Remark]) -> str:
    """One unified diff over the reviewed text with every replacement of `found`; "" when there is none."""
    wanted = {(remark.path, remark.line): remark.replacement for remark in found if remark.replacement is not None}
    written: list[str] = []
    shifts: dict[str, int] = {}
    for chunk in chunks:
        new = [(wanted.get((chunk.path, number), line), number) for number, line in enumerate(chunk.lines, chunk.first)]
        after = [line for line, number in new if line or wanted.get((chunk.path, number), "x")]
        lines = list(difflib.unified_diff(chunk.lines, after, n=2, lineterm=""))[2:]
        if lines:
            shift = shifts.get(chunk.path)
            written += [f"--- a/{chunk.path}", f"+++ b/{chunk.path}"] if shift is None else []
            written += [_moved(line, chunk.first - 1, shift or 0) for line in lines]
            shifts[chunk.path] = (shift or 0) + len(after) - len(chunk.lines)
    return "\n".join([*written, ""]) if written else ""


def _moved(line: str, down: int, shift: int) -> str:
    head = _HUNK.match(line)
    if head is None:
        return line
    old, new = (f"{int(head[at]) + more}" + (f",{head[at + 1]}" if head[at + 1] else "") for at, more in ((1, down), (3, down + shift)))
    return f"@@ -{old} +{new} @@"
