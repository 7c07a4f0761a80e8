"""The knowledge of incidents and platforms, read from `library.toml` and from `platforms.toml` (beside `platforms.py`), and the words filled into it."""

import functools
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORD = re.compile(r"\{([a-z]+)\}")

PHASES = {
    "prepare": ("Preparation", "GV.RR, ID.IM-04, PR.DS-11"),
    "detect": ("Detection and analysis", "DE.AE, RS.MA, RS.AN"),
    "contain": ("Containment", "RS.MI-01"),
    "eradicate": ("Eradication", "RS.MI-02"),
    "recover": ("Recovery", "RC.RP, RC.CO"),
    "learn": ("Post-incident activity", "ID.IM-03"),
}
"""Phases of NIST SP 800-61r2 (containment, eradication and recovery are one there), and the outcomes of CSF 2.0 by which SP 800-61r3 speaks."""

KINDS = (
    ("ransomware", "Ransomware"),
    ("phishing", "Phishing, business e-mail compromise"),
    ("data_breach", "Data breach"),
    ("account_takeover", "Account takeover"),
    ("ddos", "Denial of service"),
    ("insider", "Insider misuse"),
    ("malware", "Malware"),
    ("cloud_key", "Leaked cloud key"),
    ("supply_chain", "Supply chain compromise"),
    ("web_compromise", "Web application compromise"),
)


@dataclass(frozen=True)
class Technique:
    """A technique of MITRE ATT&CK that this kind of incident often shows, and where to look for it."""

    id: str
    name: str
    tactic: str
    look_for: str


@dataclass(frozen=True)
class Decision:
    """A question that somebody has to answer, and what follows."""

    question: str
    role: str
    if_yes: str
    if_no: str


@dataclass(frozen=True)
class Inject:
    """A piece of news in the exercise, what a good team does with it, and whom it reaches."""

    news: str
    expected: str
    role: str


@functools.cache
def _library() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("library.toml").read_text(encoding="utf-8"))


def title(kind: str) -> str:
    """What the kind is called: "Ransomware"."""
    return _library()["kind"][kind]["title"]


def public(kind: str) -> str:
    """How outsiders are told of it: "unauthorised access to data that we hold"."""
    return _library()["kind"][kind]["public"]


def filled(text: str, words: dict[str, str]) -> str:
    """The text with its words in curly brackets replaced, once: what a person wrote is not looked at again."""
    return _WORD.sub(lambda found: words[found[1]], text)


def steps(kind: str, phase: str, words: dict[str, str], tools: Iterable[str]) -> list[tuple[str, str]]:
    """(role, text) of each step of a phase: the common ones and those of the kind that the tools at hand allow; its own first where minutes count."""
    common, own = _library()["common"].get(phase, []), _library()["kind"][kind].get(phase, [])
    ordered = [*own, *common] if phase in {"contain", "recover"} else [*common, *own]
    held = set(tools)
    return [(step[0], filled(step[1], words)) for step in ordered if _fits(step, held)]


def _fits(step: list[str], tools: set[str]) -> bool:
    condition = step[2] if len(step) > 2 else ""  # noqa: PLR2004 - role, text, condition
    return not condition or (condition.removeprefix("!") in tools) != condition.startswith("!")


def techniques(kind: str) -> list[Technique]:
    """The techniques of a kind."""
    return [Technique(*line.split("|")) for line in _library()["kind"][kind]["techniques"]]


def decisions(kind: str, words: dict[str, str]) -> list[Decision]:
    """The decisions of a kind, its own first."""
    lines = [*_library()["kind"][kind]["decisions"], *_library()["common"]["decisions"]]
    return [Decision(*(filled(part, words) for part in line.split("|"))) for line in lines]


def injects(kind: str, words: dict[str, str]) -> list[Inject]:
    """The news of the exercise, in order."""
    return [Inject(*(filled(part, words) for part in line.split("|"))) for line in _library()["kind"][kind]["injects"]]
