"""Which column of a CSV means what, by the names that ticket systems and scanners use, and the words that stand for severities and states."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from credit_studio.tools.base import InputError

SEVERITIES: tuple[str, ...] = ("critical", "high", "medium", "low", "info", "unknown")
INCIDENT_MOMENTS = ("occurred", "detected", "acknowledged", "contained", "resolved")
VULNERABILITY_MOMENTS = ("found", "fixed", "due")
_KNOWN: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
FIELDS = {file: _KNOWN[file] for file in ("incidents", "vulnerabilities")}
"""The usual names of each field's column, the most telling first, as `words` gives them."""
NEEDED = {"incidents": "detected", "vulnerabilities": "found"}
_WORDS = re.compile(r"[^a-z0-9]+")
_SPLIT = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CVSS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "info"))
_CVSS_MOST = 10.0
_NUMBER = re.compile(r"\d{1,2}(\.\d{1,3})?", re.ASCII)
_SEVERITY = {word: level for level, known in _KNOWN["severities"].items() for word in known}
_PRIORITY = dict(zip("12345", SEVERITIES, strict=False))
_STATE = {word: state for state, known in _KNOWN["states"].items() for word in known}


@dataclass(frozen=True)
class Mapping:
    """Which column stands for which field: "resolved" is read from column `index`, called `column` in the file."""

    field: str
    index: int
    column: str
    chosen: bool


def words(text: str) -> str:
    """Small letters and digits with single spaces between: "Created_At" and "createdAt" are both "created at"."""
    return _WORDS.sub(" ", _SPLIT.sub(" ", text[:200]).lower()).strip()


def mapped(names: tuple[str, ...], fields: dict[str, list[str]], chosen: dict[str, int]) -> dict[str, Mapping]:
    """A column for each field that has one: those that a person chose, then the usual names in the order of their use; a column stands for one field."""
    found = {field: Mapping(field, index, names[index], chosen=True) for field, index in chosen.items()}
    taken = set(chosen.values())
    by_words: dict[str, int] = {}
    for index, name in enumerate(names):
        by_words.setdefault(words(name), index)
    for field, usual in fields.items():
        index = next((by_words[word] for word in usual if word in by_words and by_words[word] not in taken), None)
        if field not in found and index is not None:
            found[field] = Mapping(field, index, names[index], chosen=False)
            taken.add(index)
    return found


def columns_of(file: str, names: tuple[str, ...], chosen: dict[str, int]) -> dict[str, Mapping]:
    """The mapping of a file; raises `InputError` on the file when the one column that it cannot do without is not there."""
    found = mapped(names, FIELDS[file], chosen)
    needed = NEEDED[file]
    if needed not in found:
        known = ", ".join(names[:12])[:300]
        raise InputError(file, f"No column says when each was {needed}. Columns: {known}. Name it under “Columns by other names”.")
    return found


def severity_of(text: str) -> str:
    """The level that a word stands for; a bare number 1 to 5 is a priority, 1 the worst. "unknown" for anything else."""
    said = words(text)
    joined = said.replace(" ", "")
    return _SEVERITY.get(said) or _SEVERITY.get(joined) or _PRIORITY.get(said) or _SEVERITY.get(said.partition(" ")[2]) or "unknown"


def rating_of(text: str) -> str:
    """The level of a vulnerability: a word, or a CVSS score by the bands of CVSS 3.1, section 5. A bare 1 to 5 differs by scanner: unknown."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return band_of(text) if "." in text else "unknown"
    return severity_of(text)


def band_of(text: str) -> str:
    """The band of a CVSS score: critical from 9.0, high from 7.0, medium from 4.0, low from 0.1, else info; "unknown" for no score."""
    text = text.strip()
    if not _NUMBER.fullmatch(text) or float(text) > _CVSS_MOST:
        return "unknown"
    return next(level for least, level in _CVSS if float(text) >= least)


def state_of(text: str) -> str:
    """One of "open", "closed", "excluded" (false positive, duplicate, accepted ...) or "" when the word says nothing that is known."""
    return _STATE.get(words(text), "")
