"""Secrets in text, found by detect-secrets (https://github.com/Yelp/detect-secrets): all its detectors and its own filters, line by line.

Nothing is verified against a service: a run has no network.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.filters import allowlist, heuristic
from detect_secrets.util.code_snippet import get_code_snippet

from credit_studio.tools.dev.scanning.issue import Issue
from credit_studio.tools.dev.scanning.sources import Source

MOST_LINE = 1_000
"""Of a longer line the beginning is read: such lines are made by machines, and some filters take the square of a line's length."""

_MOST_WORDS = 12
_WORDS = re.compile(r"(?i)key|pass|pwd|secret|contrase")
_QUOTES = re.compile(r"[\"'].{8,}[\"']")
_PLAIN = re.compile(r"^(\s*(?:-\s+)?(?:export\s+)?[\w.-]{1,80}\s*)[=:]\s*([^\s\"'$#{}\[\]()][^\s\"'#]*)\s*(?:#.*)?$")
_PLAIN_FILES = ("env", "ini", "cfg", "conf", "properties", "sh", "bash")
_INDIRECT = re.compile(r"(?::=?|[!=]{1,3})\s*[\w.-]+[\[(][^\v]*[\])]")
"""What `heuristic.is_indirect_reference` looks for, a call or an item on the right side, without the square of the line's length that it takes."""

_VAGUE = ("Secret Keyword", "Base64 High Entropy String", "Hex High Entropy String")
_CRITICAL = ("Private Key", "AWS Access Key", "Azure Storage Account access key", "Stripe Access Key", "GitHub Token", "GitLab Token")
_LEFT_OUT = ("Public IP (ipv4)",)
_ROTATE = "Take it back at the service that gave it, make a new one, and keep that outside of the source: in the environment or a secret store."
_LOOK = "If it is a real secret: change it, and keep the new one outside of the source, in the environment or a secret store."
_SECRET_FILTERS: tuple[Callable[[str], bool], ...] = (
    heuristic.is_sequential_string,
    heuristic.is_potential_uuid,
    heuristic.is_templated_secret,
    heuristic.is_prefixed_with_dollar_sign,
    heuristic.is_not_alphanumeric_string,
)


@dataclass(frozen=True)
class Secret:
    """A secret in a line (from 0), and what kind detect-secrets says it is."""

    kind: str
    value: str
    line: int
    column: int


@functools.cache
def _detectors() -> tuple[tuple[Any, tuple[re.Pattern[str], ...]], ...]:
    """Every detector, the telling ones first, with what must be somewhere in a text for it to find anything (nothing: it is asked at each line)."""
    kinds = get_mapping_from_secret_type_to_class()
    made = [make() for kind, make in sorted(kinds.items(), key=lambda item: (item[0] in _VAGUE, item[0])) if kind not in _LEFT_OUT]
    return tuple((one, tuple(re.compile(form.pattern, form.flags | re.MULTILINE) for form in getattr(one, "denylist", ()))) for one in made)


def look(source: Source, *, heed: bool) -> tuple[list[Secret], int]:
    """The secrets of a file, one for each value and line, and how many lines an allowlist comment silences."""
    if heuristic.is_lock_file(source.path) or heuristic.is_swagger_file(source.path):
        return [], 0
    lines = [line[:MOST_LINE].rstrip() for line in source.text.split("\n")]
    read = [_PLAIN.sub(r'\1="\2"', line) for line in lines] if _is_plain(source.path) else lines
    text = "\n".join(read)
    detectors = tuple(one for one, forms in _detectors() if not forms or any(form.search(text) for form in forms))
    found: list[Secret] = []
    silenced = 0
    for number, line in enumerate(read):
        here = list(_in_line(source.path, line, number, detectors)) if len(line) >= 8 else []  # noqa: PLR2004 - a shorter line holds no secret
        if here and heed and _is_allowed(source.path, lines, number):
            silenced += len(here)
        else:
            found += [Secret(one.kind, one.value, number, max(0, lines[number].find(one.value))) for one in here]
    return found, silenced


def _is_plain(path: str) -> bool:
    """True for files whose values stand without quotes: detect-secrets itself puts quotes around those, too."""
    return path.rpartition("/")[2].rpartition(".")[2].lower() in _PLAIN_FILES or "/.env" in f"/{path}"


def _is_allowed(path: str, lines: list[str], number: int) -> bool:
    return bool(allowlist.is_line_allowlisted(path, lines[number], get_code_snippet(lines, number + 1)))


def _in_line(path: str, line: str, number: int, detectors: tuple[Any, ...]) -> Iterator[Secret]:
    """Each value once, by the most telling detector; a value within another one is the same."""
    seen: list[str] = []
    words = len(_WORDS.findall(line))
    for detector in detectors:
        kind: str = detector.secret_type
        if kind in _VAGUE and not _may_hold(kind, line, words):
            continue
        values: set[str] = {one.secret_value for one in detector.analyze_line(filename=path, line=line, line_number=number + 1)}
        for value in sorted(filter(None, values)):
            if any(value in other or other in value for other in seen) or _is_none(line, value, detector):
                continue
            seen.append(value)
            yield Secret(kind, value, number, 0)


def _may_hold(kind: str, line: str, words: int) -> bool:
    """Whether the costly detectors can find something; a line with many such words is no line of a person's, and would take them long."""
    return 0 < words <= _MOST_WORDS if kind == "Secret Keyword" else _QUOTES.search(line) is not None


def _is_none(line: str, value: str, detector: Any) -> bool:  # noqa: ANN401 - detect-secrets has no types of its own here
    """What detect-secrets' default filters take for no secret, and the commonest words that stand for one."""
    if any(filtered(value) for filtered in _SECRET_FILTERS) or heuristic.is_likely_id_string(value, line, detector):
        return True
    if detector.secret_type not in _VAGUE:
        return False
    return len(value) < 4 or _is_placeholder(value) or _INDIRECT.search(line) is not None  # noqa: PLR2004 - "x", "no", "12"


def _is_placeholder(value: str) -> bool:
    return re.fullmatch(r"(?i)<[^>]*>|\{\{?[^}]*\}?\}|x{4,}|\*+|change_?me|your[-_ ].*|example|placeholder|none|null|true|false|undefined", value) is not None


def issues(found: list[Secret], path: str, lines: list[str]) -> Iterator[Issue]:
    """The secrets as issues; `lines` may be shown."""
    for one in found:
        vague, critical = one.kind in _VAGUE, one.kind in _CRITICAL
        severity = "critical" if critical else "medium" if vague else "high"
        title = _TITLES.get(one.kind, f"{one.kind} in the source")
        rule = "secret-" + re.sub(r"[^a-z0-9]+", "-", one.kind.lower()).strip("-")
        detail = "Found by its form; nobody asked the service whether it is valid." if not vague else "It looks like a secret; it may be none."
        confidence = "medium" if vague else "high"
        fix = _LOOK if vague else _ROTATE
        yield Issue(rule, "detect-secrets", severity, confidence, title, detail, fix, 798, path, one.line + 1, one.column + 1, lines[one.line])


_TITLES = {
    "Secret Keyword": "A value is assigned to the name of a secret",
    "Base64 High Entropy String": "A random text (base64) stands in the source",
    "Hex High Entropy String": "A random text (hexadecimal) stands in the source",
    "Basic Auth Credentials": "User and password stand in an address",
    "Private Key": "A private key stands in the source",
}
