"""One file after another through every analyser that reads it, and what they say brought together: a weakness once, a secret never shown."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version

from credit_studio.tools.dev.scanning import patterns, python_code, secret_values
from credit_studio.tools.dev.scanning.issue import Issue, shown
from credit_studio.tools.dev.scanning.languages import language_of
from credit_studio.tools.dev.scanning.sources import Source

_SHORTEST_MASKED = 6
_SECRETS = frozenset({259, 798})


@dataclass(frozen=True)
class Scanned:
    """What was found in a file, how many findings its own comments silence, and why bandit did not read it ("" when it did or need not).

    `nodes` is how many nodes of Python it holds.
    """

    path: str
    language: str
    lines: int
    issues: tuple[Issue, ...]
    silenced: int
    unread: str
    nodes: int


class _Lines(list[str]):
    """Lines of a file as they may be shown, each masked when it is asked for."""

    def __init__(self, text: str, secrets: dict[int, set[str]]) -> None:
        super().__init__(text.split("\n"))
        everywhere = {value for values in secrets.values() for value in values if len(value) >= _SHORTEST_MASKED}
        self._secrets = {number: _longest_first(values | everywhere) for number, values in secrets.items()}
        self._others = _longest_first(everywhere)

    def __getitem__(self, number: int) -> str:  # type: ignore[override]
        return shown(super().__getitem__(number), self._secrets.get(number, self._others))


def _longest_first(values: set[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(None, values), key=lambda value: (-len(value), value)))


@functools.cache
def engines() -> str:
    """The analysers and their versions, in words."""
    return f"bandit {version('bandit')}, detect-secrets {version('detect-secrets')}"


def scan(source: Source, *, heed: bool, most_nodes: int = python_code.MOST_NODES) -> Scanned:
    """Everything that is found in one file, in the order of its lines; Python of more than `most_nodes` nodes is looked through for secrets only."""
    language = language_of(source.path, source.text)
    secrets, silent = secret_values.look(source, heed=heed)
    matches, quiet = patterns.look(source, heed=heed)
    python = python_code.look(source, heed=heed, most_nodes=most_nodes) if language == "python" else python_code.Looked([], 0, "", 0)
    hidden: dict[int, set[str]] = {}
    for line, value in [*((one.line, one.value) for one in secrets), *((one.line, one.secret) for one in matches + python.found)]:
        hidden.setdefault(line, set()).add(value)
    lines, given = _Lines(source.text, hidden), source.text.split("\n")
    found = [
        *secret_values.issues(secrets, source.path, lines),
        *(patterns.issue_of(match, source.path, lines[match.line]) for match in matches),
        *(_by_characters(issue, given) for issue in python_code.issues(python.found, source.path, lines)),
    ]
    kept = sorted(_once(found), key=lambda issue: (issue.line, issue.column, issue.rule))
    return Scanned(
        source.path, language, len(source.text.removesuffix("\n").split("\n")), tuple(kept), silent + quiet + python.silenced, python.unread, python.nodes
    )


def _by_characters(issue: Issue, lines: list[str]) -> Issue:
    """Python counts columns in bytes of UTF-8."""
    line = lines[issue.line - 1] if issue.line <= len(lines) else ""
    return issue if line.isascii() else replace(issue, column=len(line.encode()[: issue.column - 1].decode(errors="ignore")) + 1)


def _once(found: list[Issue]) -> Iterator[Issue]:
    """Of several that speak of secrets in one line, those of the most telling analyser."""
    best: dict[int, int] = {}
    for issue in filter(_is_secret, found):
        best[issue.line] = min(_weight(issue), best.get(issue.line, 9))
    for issue in found:
        if not _is_secret(issue) or _weight(issue) == best[issue.line]:
            yield issue


def _is_secret(issue: Issue) -> bool:
    return issue.cwe in _SECRETS


def _weight(issue: Issue) -> int:
    """Detectors of one service's form come first, then a rule that knows the call, then what looks like a secret, then bandit's names."""
    if issue.engine == "detect-secrets":
        return 0 if issue.confidence == "high" else 2
    return 1 if issue.engine == "patterns" else 3
