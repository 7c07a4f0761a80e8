"""What is missing before the incident comes: people, tools and evidence that this playbook would need."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from credit_studio.tools.cyber.incidents.case import Case
from credit_studio.tools.cyber.incidents.people import in_sentence
from credit_studio.tools.cyber.prose import said

_ORDER = ("critical", "high", "medium", "low", "info")
_HOSTS = {"windows", "linux"}
_DESTROYS = {"malware", "insider", "web_compromise", "supply_chain"}
_MANY_ROLES = 3
_NEEDED = {"commander": "critical", "lead": "high", "communications": "medium", "legal": "medium", "executive": "medium"}


@dataclass(frozen=True)
class Gap:
    """severity: "critical", "high", "medium", "low" or "info"."""

    severity: str
    title: str
    where: str
    detail: str
    fix: str


def gaps(case: Case) -> list[Gap]:
    """Everything that would hold this response up, worst first."""
    found = [*_roles(case), *_reachable(case), *_tools(case), *_systems(case), *_rules(case)]
    return sorted(found, key=lambda one: _ORDER.index(one.severity))


def _roles(case: Case) -> Iterator[Gap]:
    needed = dict(_NEEDED)
    if case.inputs.people_affected or {"gdpr", "hipaa"} & set(case.rules):
        needed["privacy"] = "high"
    if case.inputs.kind == "insider":
        needed["hr"] = "high"
    for role, severity in needed.items():
        if case.team.find(role) is None:
            acting = case.team.said(role)
            yield Gap(
                severity, f"Role not filled: {in_sentence(role)}", "People", f"{acting} would have to do it.", "Name somebody and a deputy, and tell them."
            )
    held = Counter(name for name, _ in {(person.name, person.role) for person in case.inputs.people})
    for name, count in held.items():
        if count >= _MANY_ROLES:
            roles = said(dict.fromkeys(in_sentence(one.role) for one in case.inputs.people if one.name == name))
            yield Gap("medium", "One person has many roles at once", name, f"In the first hours: {roles}.", "Give some of them to others.")


def _reachable(case: Case) -> Iterator[Gap]:
    commander = case.team.person("commander")
    if not case.team.deputy("commander"):
        yield Gap(
            "high", "The incident commander has no deputy", commander.name, "Incidents last longer than one shift.", "Name a deputy with the same powers."
        )
    silent = [person.name for person in case.inputs.people if not person.contact.strip()]
    if silent:
        yield Gap(
            "medium",
            "No contact is written down",
            said(list(dict.fromkeys(silent))[:6]),
            "The address book may be encrypted or down.",
            "Write numbers into this plan.",
        )


def _tools(case: Case) -> Iterator[Gap]:
    tools, kind = set(case.tools), case.inputs.kind
    if "backup" not in tools:
        severity = "critical" if kind == "ransomware" else "medium" if kind in _DESTROYS else "low"
        yield Gap(
            severity,
            "No backup out of reach",
            "Tools",
            "What the attacker can reach he deletes first.",
            "Keep an offline or immutable copy, and try a restore.",
        )
    if "channel" not in tools:
        yield Gap(
            "high",
            "No second channel",
            "Tools",
            "The usual mail and chat may be read by the attacker, or down.",
            "Agree on one outside of your identity provider.",
        )
    if "siem" not in tools:
        yield Gap(
            "medium",
            "No central log search",
            "Tools",
            "Each machine must be searched by itself, and an attacker can clear it.",
            "Send logs to one place and keep them 90 days.",
        )
    if "edr" not in tools and any(one.platform in _HOSTS for one in case.inputs.systems):
        yield Gap(
            "medium", "No endpoint detection", "Tools", "Isolating and searching go by hand.", "Install one on servers and clients, with isolation tried."
        )
    if "waf" not in tools and kind in {"ddos", "web_compromise", "account_takeover"}:
        yield Gap(
            "high",
            "Nothing in front of the web",
            "Tools",
            "There is no place to filter or to slow requests.",
            "Put a proxy or web application firewall in front.",
        )


def _systems(case: Case) -> Iterator[Gap]:
    for one in case.inputs.systems:
        if one.platform in {"saas", "other"} and one.state != "clean":
            yield Gap(
                "low",
                "No commands for this platform",
                one.name,
                "Evidence depends on what its maker offers.",
                "Write down now how to get its logs and to lock accounts.",
            )


def _rules(case: Case) -> Iterator[Gap]:
    if case.inputs.people_affected and not case.rules:
        text = f"{case.inputs.people_affected:,} people are concerned and no rule was chosen."
        yield Gap("high", "No rule applies, although people are concerned", "Rules", text, "Have legal say which rules apply, and switch them on here.")
    if not case.inputs.people_affected and case.inputs.kind == "data_breach":
        yield Gap("info", "The number of people concerned is not known", "Rules", "Some duties follow it.", "Estimate it, and correct it later.")
