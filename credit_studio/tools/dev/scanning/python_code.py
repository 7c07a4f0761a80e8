"""Python, read by bandit (https://bandit.readthedocs.io): its own checks in its own process, fed from memory instead of from files."""

import ast
import functools
import io
import logging
import re
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from credit_studio.tools.dev.scanning.issue import Issue
from credit_studio.tools.dev.scanning.sources import Source

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # bandit's own loader uses what its library has given up
    from bandit.core.config import BanditConfig  # pyright: ignore[reportMissingTypeStubs] - bandit has no types
    from bandit.core.manager import BanditManager  # pyright: ignore[reportMissingTypeStubs] - the same
    from bandit.core.metrics import Metrics  # pyright: ignore[reportMissingTypeStubs] - the same

MOST_NESTED = 120
"""Deeper trees make bandit's time grow with the square of the depth, and end in Python's own limit."""

MOST_NODES = 450_000
"""Nodes of syntax in all files of a run, at some 15 to 25 us each; 2 MB of ordinary Python have half of that."""

_LEVELS = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNDEFINED": "low"}
_QUOTED = re.compile(r": '.*'$", re.DOTALL)
PASSWORDS = ("B105", "B106", "B107")
logging.getLogger("bandit").setLevel(logging.CRITICAL)


class Advice(NamedTuple):
    """What a bandit check is called here, and what to do about it."""

    title: str
    fix: str


@dataclass(frozen=True)
class Found:
    """What bandit says of one place: line and column from 0, and the password that it quotes, if any."""

    check: str
    severity: str
    confidence: str
    cwe: int
    said: str
    line: int
    column: int
    secret: str


class _Memory(BanditManager):
    """Bandit's manager, given the bytes of one file after another: to make one takes longer than to read a small file."""

    def read(self, path: str, content: bytes) -> tuple[list[Any], bool, int]:
        """Its results, whether it had to give the file up, and how many results `# nosec` silenced."""
        self.results, self.skipped, self.scores, self.metrics = [], [], [], Metrics()
        parse: Any = self._parse_file  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - bandit has no types
        parse(path, io.BytesIO(content), [path])
        counts = cast("dict[str, dict[str, int]]", self.metrics.data)[path]  # pyright: ignore[reportUnknownMemberType] - the same
        skipped, results = cast("list[Any]", self.skipped), cast("list[Any]", self.results)  # pyright: ignore[reportUnknownMemberType] - the same
        return results, bool(skipped), counts["nosec"] + counts["skipped_tests"]


@functools.cache
def _bandit(*, heed: bool) -> _Memory:
    return _Memory(BanditConfig(), "file", ignore_nosec=not heed)


@functools.cache
def advice() -> dict[str, Advice]:
    """By bandit's id of the check."""
    given = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {check: Advice(*row) for check, row in given.items()}


@dataclass(frozen=True)
class Looked:
    """What bandit found, how many of its findings `# nosec` silences, why the file was not read ("" when it was), and how many nodes its tree has."""

    found: list[Found]
    silenced: int
    unread: str
    nodes: int


def look(source: Source, *, heed: bool, most_nodes: int = MOST_NODES) -> Looked:
    """Read one file, unless its tree has more than `most_nodes` nodes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the scanned file's own syntax
        try:
            nodes = _nodes(ast.parse(source.content), most_nodes)
        except SyntaxError as error:
            return Looked([], 0, f"is not valid Python (line {error.lineno})" if error.lineno else "is not valid Python", 0)
        except (ValueError, RecursionError, MemoryError, LookupError):
            return Looked([], 0, "is nested too deeply to be read, or in an unknown encoding", 0)
        if not nodes:
            return Looked([], 0, f"nests code deeper than {MOST_NESTED} levels, or is more code than one run reads", 0)
        results, is_given_up, silenced = _bandit(heed=heed).read("./" + source.path.lstrip("./"), source.content)
    return Looked([], 0, "could not be read by bandit", nodes) if is_given_up else Looked([_found(result) for result in results], silenced, "", nodes)


def _nodes(tree: ast.AST, most: int) -> int:
    """How many nodes the tree has; 0 when they are too many or too deep."""
    count, level = 0, [tree]
    for _ in range(MOST_NESTED):
        count += len(level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level or count > most:
            return count if count <= most else 0
    return 0


def _found(result: Any) -> Found:  # noqa: ANN401 - bandit has no types
    secret = _quoted(result.text) if result.test_id in PASSWORDS else ""
    severity, confidence = _LEVELS.get(result.severity, "low"), _LEVELS.get(result.confidence, "low")
    said = _QUOTED.sub(".", result.text) if secret else " ".join(result.text.split())
    return Found(result.test_id, severity, confidence, result.cwe.id, said, result.lineno - 1, max(0, result.col_offset), secret)


def _quoted(text: str) -> str:
    found = _QUOTED.search(text)
    return found[0][3:-1] if found else ""


def issues(found: list[Found], path: str, lines: list[str]) -> Iterator[Issue]:
    """The findings as issues; `lines` may be shown."""
    for one in found:
        known = advice().get(one.check, Advice(one.said.rstrip("."), "See bandit's page about this check."))
        code = lines[one.line] if one.line < len(lines) else ""
        yield Issue(one.check, "bandit", one.severity, one.confidence, known.title, one.said, known.fix, one.cwe, path, one.line + 1, one.column + 1, code)
