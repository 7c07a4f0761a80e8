"""The clauses of each policy, which facts they need, and what has to be in place to keep them.

A clause's condition is a list of facts that all have to hold: "gdpr special|children !small" means under the GDPR, with special or
children's data, and not small. Every clause has a reason, and is about topics of the control catalogue.
"""

import functools
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FACTS: dict[str, tuple[str, str]] = {
    "small": ("fewer than 50 people", "50 people or more"),
    "large": ("250 people or more", "fewer than 250 people"),
    "remote": ("people work remotely", "people work on the premises"),
    "office": ("there are premises", "there are no premises"),
    "cloud": ("cloud services are used", "no cloud services are used"),
    "onprem": ("own servers are run", "no own servers are run"),
    "byod": ("personal devices are used for work", "personal devices are not allowed"),
    "develops": ("software is developed", "no software is developed"),
    "online": ("online services are offered", "no online services are offered"),
    "personal": ("personal data", "no personal data"),
    "special": ("special categories of data", "no special categories of data"),
    "children": ("data of children", "no data of children"),
    "card": ("payment card data", "no payment card data"),
    "secrets": ("trade secrets", "no trade secrets"),
    "eu": ("active in the EU or EEA", "not active in the EU or EEA"),
    "uk": ("active in the UK", "not active in the UK"),
    "us": ("active in the US", "not active in the US"),
    "gdpr": ("GDPR or UK GDPR applies", "neither GDPR nor UK GDPR applies"),
    "hipaa": ("HIPAA applies", "HIPAA does not apply"),
    "nis2": ("NIS2 applies", "NIS2 does not apply"),
    "dora": ("DORA applies", "DORA does not apply"),
    "sox": ("listed in the US (SOX)", "not listed in the US"),
    "iso": ("ISO 27001 certification is sought", "no ISO 27001 certification is sought"),
    "finance": ("financial sector", "not in the financial sector"),
    "health": ("health sector", "not in the health sector"),
    "public": ("public sector", "not in the public sector"),
    "education": ("education", "not in education"),
    "industrial": ("manufacturing or utilities", "no manufacturing or utilities"),
}
"""Each fact in words, when it holds and when it does not."""


@dataclass(frozen=True)
class Facility:
    """Something that clauses rely on. `severity` is that of its absence."""

    label: str
    severity: str
    fix: str


FACILITIES: dict[str, Facility] = {
    "mfa": Facility(
        "Multi-factor authentication", "high", "Switch on a second factor for remote access, administration and mail first; passkeys where offered."
    ),
    "sso": Facility("Central sign-on", "medium", "Connect applications to one identity provider, the most used ones first."),
    "manager": Facility("Password manager", "medium", "Provide a password manager to everybody and show how it is used."),
    "mdm": Facility("Device management", "high", "Enrol laptops and phones in device management: encryption, lock, updates, remote wipe."),
    "edr": Facility("Endpoint detection", "high", "Roll out detection that judges by behaviour and can isolate devices."),
    "logs": Facility("Central logs", "medium", "Send logs of sign-in, administration and critical systems to one protected place."),
    "offline": Facility("Backup out of an attacker's reach", "high", "Add a copy that is offline or cannot be changed, with accounts of its own."),
    "restore": Facility("Restore tested this year", "high", "Restore one critical service as a test, time it, and note the result."),
    "vault": Facility("Vault for keys and secrets", "medium", "Move keys and secrets into a vault; change those that were in code."),
    "scan": Facility("Vulnerability scans", "high", "Scan all systems with credentials every month, the exposed ones every week."),
    "training": Facility("Security training", "medium", "Train everybody at the start and every year; keep the records."),
    "oncall": Facility("Somebody reachable at all hours", "medium", "Agree on a duty rota, or buy managed detection and response."),
    "exercise": Facility("Incident exercise this year", "medium", "Hold a table-top exercise with management and close its gaps."),
    "register": Facility("Supplier register", "medium", "List suppliers that see information or carry services; rank them."),
    "inventory": Facility("Inventory of assets", "high", "Build the inventory from discovery, sign-on and device management."),
    "pipeline": Facility("Security checks in the build", "medium", "Add secret, dependency and code scanning to the pipeline."),
    "pentest": Facility("Penetration test this year", "medium", "Commission a test of what is reachable from the internet."),
    "ropa": Facility("Record of processing", "high", "Write the record with each department: purpose, data, people, recipients, periods."),
}


@dataclass(frozen=True)
class Clause:
    """One rule. `text` and `why` may hold placeholders; `step` is what putting it into force takes, "" for nothing special."""

    text: str
    topics: tuple[str, ...]
    why: str
    when: str = ""
    needs: str = ""
    step: str = ""

    @property
    def strength(self) -> str:
        """The strongest keyword of RFC 2119 in it: "MUST", "SHOULD" or "MAY"."""
        return next(word for word in ("MUST", "SHOULD", "MAY") if word in self.text)


@dataclass(frozen=True)
class Section:
    """A heading and its clauses."""

    title: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Policy:
    """All that a kind of policy may say."""

    title: str
    purpose: str
    sections: tuple[Section, ...]


@functools.cache
def policy(kind: str) -> Policy:
    """The policy of a kind, such as "access_control"; the kinds are the names of the data files."""
    read: dict[str, Any] = tomllib.loads(Path(__file__).with_name(f"clauses_{kind}.toml").read_text(encoding="utf-8"))
    sections = tuple(Section(one["title"], tuple(_clause(row) for row in one["clauses"])) for one in read["sections"])
    return Policy(read["title"], read["purpose"], sections)


def _clause(row: Mapping[str, str]) -> Clause:
    return Clause(row["text"], tuple(row["topics"].split()), row["why"], row.get("when", ""), row.get("needs", ""), row.get("step", ""))


def holds(condition: str, facts: Collection[str]) -> bool:
    """Whether all parts of a condition hold."""
    return all(_reasons(part, facts) for part in condition.split())


def reason(condition: str, facts: Collection[str]) -> str:
    """The facts that make a condition hold, in words; "every organisation" when there is none."""
    said = [" or ".join(_reasons(part, facts)) for part in condition.split()]
    return "; ".join(said) if said else "every organisation"


def lacking(condition: str, facts: Collection[str]) -> str:
    """What would have to be so for a condition to hold, in words."""
    parts = [part for part in condition.split() if not _reasons(part, facts)]
    return "; ".join(" or ".join(_words(one) for one in part.split("|")) for part in parts)


def _reasons(part: str, facts: Collection[str]) -> list[str]:
    return [_words(one) for one in part.split("|") if (one.removeprefix("!") in facts) is not one.startswith("!")]


def _words(fact: str) -> str:
    holding, missing = FACTS[fact.removeprefix("!")]
    return missing if fact.startswith("!") else holding
