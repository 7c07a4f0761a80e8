"""What both dialects are checked for: names of jobs that wait for each other, secrets in the text, scripts from the network."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from credit_studio.tools.dev.pipelines.reading import Reading, Spot

MOST_JOBS = 500
MOST_NEEDS = 200
MOST_PLACES = 2_000  # of one job that are looked at for expressions: aliases can make a small file a large tree
_MOST_SAID = 400
_MOST_UNKNOWN = 20
SEVERITIES = ("critical", "high", "medium", "low", "info")
_SECRETS = (
    ("AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("GitHub token", re.compile(r"\b(?:ghp|gho|ghs|ghu|ghr)_[0-9A-Za-z]{36}\b|\bgithub_pat_[0-9A-Za-z_]{50,90}\b")),
    ("GitLab token", re.compile(r"\bgl(?:pat|dt|rt|cbt)-[0-9A-Za-z_-]{20,60}")),
    ("npm token", re.compile(r"\bnpm_[0-9A-Za-z]{36}\b")),
    ("PyPI token", re.compile(r"\bpypi-[0-9A-Za-z_-]{50,300}")),
    ("Slack token", re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,100}")),
    ("private key", re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----")),
)
_PIPED = re.compile(r"\b(?:curl|wget)\b[^\n|]{0,300}\|\s{0,5}(?:sudo\s{1,5})?(?:ba|z|da)?sh\b")


@dataclass(frozen=True)
class Problem:
    """Something a rule found: `line` counts from 1, `job` is "" for the file as a whole."""

    severity: str
    title: str
    line: int
    job: str = ""
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Step:
    """A job of the graph: the names that it waits for; `lines` say in a few words what it is."""

    name: str
    needs: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """A file looked at: its dialect ("GitHub Actions" or "GitLab CI"), its jobs and what is wrong with it, worst first."""

    dialect: str
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Worst first, then by line; the same problem of the same line once; words of the file cut to what a person reads."""
    cut = dict.fromkeys(
        replace(one, title=one.title[:_MOST_SAID], job=one.job[:60], detail=one.detail[:_MOST_SAID], fix=one.fix[:_MOST_SAID]) for one in problems
    )
    return tuple(sorted(cut, key=lambda one: (SEVERITIES.index(one.severity), one.line, one.title)))


def everywhere(reading: Reading) -> Iterator[Problem]:
    """What may be wrong in any place of any file."""
    for line, name in reading.repeated:
        yield Problem("high", f"“{name[:60]}” stands twice", line, detail="Most readers keep only the last one and say nothing.", fix="Keep one.")
    for spot in reading.root.walk():
        if spot.text:
            yield from _text(spot)


def _text(spot: Spot) -> Iterator[Problem]:
    for what, pattern in _SECRETS:
        if pattern.search(spot.text):
            fix = "Revoke it now: it is in the history of the repository. Keep the new one as a secret of the platform."
            yield Problem("critical", f"{what[:1].upper()}{what[1:]} in the file", spot.line, fix=fix)
    if _PIPED.search(spot.text):
        detail = "Whoever controls that address, or the way to it, runs what they like with the rights of the job."
        yield Problem(
            "medium", "A script from the network is run unseen", spot.line, detail=detail, fix="Fetch a fixed version, compare its checksum, then run it."
        )


def unknown_fields(spot: Spot, known: frozenset[str], what: str, job: str = "") -> Iterator[Problem]:
    """Fields that the platform does not know; with the one that was probably meant."""
    for name in islice((one for one in spot.fields if one not in known and not one.startswith("x-")), _MOST_UNKNOWN):
        meant = _meant(name, known)
        fix = f"Did you mean {meant}?" if meant else "Take it out, or correct its name."
        yield Problem("high", f"“{name[:60]}” is no field of {what}", spot.line_of(name), job, "The platform refuses the file or ignores the field.", fix)


def _meant(name: str, known: frozenset[str]) -> str:
    """The known name that is within one slip of the pen: case, signs, one letter more or less."""
    bare = re.sub(r"[^a-z]", "", name.lower()[:60])
    for candidate in sorted(known):
        other = re.sub(r"[^a-z]", "", candidate)
        if bare == other or (len(bare) > 3 and len(other) > 3 and _one_slip(bare, other)):  # noqa: PLR2004 - short names are alike by chance
            return candidate
    return ""


def _one_slip(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    head = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    return one[head + 1 :] == other[head + 1 :] or one[head:] == other[head + 1 :] or one[head + 1 :] == other[head:]


def cycles(needs: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """The rings of jobs that wait for each other, each once."""
    state: dict[str, int] = {}
    found: list[list[str]] = []
    for first in needs:
        if first in state:
            continue
        trail = [first]
        ahead = [iter(needs[first])]
        state[first] = 1
        while ahead:
            name = next((one for one in ahead[-1] if one in needs), None)
            if name is None:
                state[trail.pop()] = 2
                ahead.pop()
            elif state.get(name) == 1:
                found.append(trail[trail.index(name) :])
            elif name not in state:
                state[name] = 1
                trail.append(name)
                ahead.append(iter(needs[name]))
    return found


def names(jobs: Iterable[str]) -> str:
    """The first dozen names of jobs, each cut to what a person reads."""
    return ", ".join(name[:60] for name in islice(jobs, 12))


def rings(needs: Mapping[str, tuple[str, ...]], root: Spot) -> Iterator[Problem]:
    """A problem for each ring."""
    for ring in cycles(needs):
        words = " → ".join(name[:60] for name in (*ring[:10], ring[0]))
        detail = f"{words}: none of them can begin." if len(ring) > 1 else "It waits for itself and can never begin."
        yield Problem("critical", "Jobs wait for each other in a ring", root.line_of(ring[0]), ring[0], detail, "Take out one of these needs.")
