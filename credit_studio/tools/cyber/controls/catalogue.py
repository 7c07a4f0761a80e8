"""The controls of six frameworks by their identifiers, under short titles of our own, each with the topics that it is about.

Topics are ours, too: 128 subjects such as "backup" or "review of access". They carry what an expert would do and ask to see, a weight
(3: much risk hangs on it, 1: little) and an effort (1: days, 3: months). Two controls relate when they share topics (see `relations.py`).
Nothing here replaces the text of a standard; its publisher's text alone is binding.
"""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Topic:
    """A subject that controls are about. `weight` and `effort` are 1 to 3; `words` are terms that texts use for it."""

    key: str
    name: str
    weight: int
    effort: int
    action: str
    proof: str
    words: str


@dataclass(frozen=True)
class Control:
    """One control, requirement or article. `group` is the CIS implementation group from which it counts, else 1; `words` are terms of its own."""

    framework: str
    id: str
    title: str
    domain: str
    topics: tuple[Topic, ...]
    group: int = 1
    words: str = ""

    @property
    def weight(self) -> int:
        """The largest weight of its topics, 1 to 3."""
        return max(topic.weight for topic in self.topics)

    @property
    def effort(self) -> int:
        """The largest effort of its topics, 1 to 3."""
        return max(topic.effort for topic in self.topics)


@dataclass(frozen=True)
class Framework:
    """A framework: its edition in full, a short name, and its domains by the part of an id that names them."""

    key: str
    name: str
    edition: str
    domains: tuple[tuple[str, str], ...]
    separator: str


FRAMEWORKS: dict[str, Framework] = {
    one.key: one
    for one in (
        Framework(
            "iso27001",
            "ISO 27001",
            "ISO/IEC 27001:2022, Annex A, 93 controls",
            (("A.5", "Organisational"), ("A.6", "People"), ("A.7", "Physical"), ("A.8", "Technological")),
            ".",
        ),
        Framework(
            "csf2",
            "NIST CSF",
            "NIST Cybersecurity Framework 2.0 (2024), 106 subcategories",
            (
                *(("GV.OC", "Context"), ("GV.RM", "Risk strategy"), ("GV.RR", "Roles"), ("GV.PO", "Policy"), ("GV.OV", "Oversight")),
                *(("GV.SC", "Supply chain"), ("ID.AM", "Assets"), ("ID.RA", "Risk assessment"), ("ID.IM", "Improvement")),
                *(("PR.AA", "Access"), ("PR.AT", "Awareness"), ("PR.DS", "Data security"), ("PR.PS", "Platforms"), ("PR.IR", "Resilience")),
                *(("DE.CM", "Monitoring"), ("DE.AE", "Event analysis"), ("RS.MA", "Incident management"), ("RS.AN", "Incident analysis")),
                *(("RS.CO", "Incident reporting"), ("RS.MI", "Mitigation"), ("RC.RP", "Recovery"), ("RC.CO", "Recovery messages")),
            ),
            "-",
        ),
        Framework(
            "soc2",
            "SOC 2",
            "AICPA Trust Services Criteria 2017 (2022 points of focus), common criteria, 33",
            (
                *(("CC1", "Control environment"), ("CC2", "Communication"), ("CC3", "Risk assessment"), ("CC4", "Monitoring of controls")),
                *(("CC5", "Control activities"), ("CC6", "Access"), ("CC7", "System operation"), ("CC8", "Change"), ("CC9", "Risk mitigation")),
            ),
            ".",
        ),
        Framework(
            "cis8",
            "CIS Controls",
            "CIS Controls v8 (2021), 153 safeguards",
            (
                *(("1", "Enterprise assets"), ("2", "Software assets"), ("3", "Data protection"), ("4", "Secure configuration"), ("5", "Accounts")),
                *(("6", "Access control"), ("7", "Vulnerabilities"), ("8", "Audit logs"), ("9", "Mail and browser"), ("10", "Malware")),
                *(("11", "Data recovery"), ("12", "Network infrastructure"), ("13", "Network monitoring"), ("14", "Awareness")),
                *(("15", "Service providers"), ("16", "Application security"), ("17", "Incident response"), ("18", "Penetration tests")),
            ),
            ".",
        ),
        Framework(
            "pci4",
            "PCI DSS",
            "PCI DSS 4.0, 63 sections of its 12 requirements",
            (
                *(("1", "Network security"), ("2", "Secure configuration"), ("3", "Stored account data"), ("4", "Transmission"), ("5", "Malware")),
                *(("6", "Software"), ("7", "Access by need"), ("8", "Authentication"), ("9", "Physical access"), ("10", "Logs"), ("11", "Testing")),
                *(("12", "Policies and programmes"),),
            ),
            ".",
        ),
        Framework(
            "gdpr",
            "GDPR",
            "Regulation (EU) 2016/679 (GDPR), 39 articles with duties for controllers and processors",
            (("II", "Principles"), ("III", "Rights of persons"), ("IV", "Controller and processor"), ("V", "Transfers")),
            "",
        ),
    )
}
_CHAPTERS = ((11, "II"), (23, "III"), (43, "IV"), (50, "V"))


@functools.cache
def topics() -> dict[str, Topic]:
    """All topics by their key."""
    rows = _rows("topics")
    return {row["topic"]: Topic(row["topic"], row["name"], int(row["weight"]), int(row["effort"]), row["action"], row["proof"], row["words"]) for row in rows}


@functools.cache
def controls(framework: str) -> tuple[Control, ...]:
    """The controls of a framework ("iso27001", "csf2", "soc2", "cis8", "pci4", "gdpr") in its own order."""
    known = topics()
    return tuple(
        Control(
            framework,
            row["id"],
            row["title"],
            _domain(FRAMEWORKS[framework], row["id"]),
            tuple(known[key] for key in row["topics"].split()),
            int(row.get("group") or 1),
            row.get("words") or "",
        )
        for row in _rows(framework)
    )


@functools.cache
def by_id(framework: str) -> dict[str, Control]:
    """The controls of a framework by id."""
    return {control.id: control for control in controls(framework)}


def domain_name(framework: str, domain: str) -> str:
    """The words for a domain: "A.5" is "Organisational"."""
    return dict(FRAMEWORKS[framework].domains)[domain]


def _domain(framework: Framework, control_id: str) -> str:
    """The part of an id that names the domain; an article of the GDPR stands in the chapter that its number falls in."""
    if framework.separator:
        return control_id.rpartition(framework.separator)[0]
    number = int(control_id.removeprefix("Art. "))
    return next(chapter for last, chapter in _CHAPTERS if number <= last)


def _rows(name: str) -> list[dict[str, str]]:
    text = Path(__file__).with_name(f"catalogue_{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))
