"""The case: what is known of the incident, its systems and its people, and the words that the library is filled with."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Annotated, Literal

from annotated_types import Interval, Len, MultipleOf

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.cyber.incidents.library import KINDS, PHASES, public, title
from credit_studio.tools.cyber.incidents.people import Person, Team
from credit_studio.tools.cyber.incidents.platforms import PLATFORMS
from credit_studio.tools.cyber.prose import check_name, check_text, check_unique, said

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_SHOWN = 4
TOOLS = ("edr", "siem", "backup", "ticketing", "channel", "waf")
RULES = ("gdpr", "nis2", "dora", "pci", "hipaa", "sec")

Kind = Literal["ransomware", "phishing", "data_breach", "account_takeover", "ddos", "insider", "malware", "cloud_key", "supply_chain", "web_compromise"]
Platform = Literal["windows", "linux", "directory", "m365", "google", "aws", "azure", "gcp", "kubernetes", "database", "web", "network", "saas", "other"]
Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES = (
    ("critical", "1 Critical: the business stops"),
    ("high", "2 High: an important part is hit"),
    ("medium", "3 Medium: limited"),
    ("low", "4 Low: nothing urgent"),
)
TARGETS: dict[str, dict[str, timedelta]] = {
    "critical": {"detect": timedelta(minutes=30), "contain": timedelta(hours=1), "eradicate": timedelta(hours=24), "recover": timedelta(hours=72)},
    "high": {"detect": timedelta(hours=1), "contain": timedelta(hours=4), "eradicate": timedelta(hours=48), "recover": timedelta(days=5)},
    "medium": {"detect": timedelta(hours=4), "contain": timedelta(hours=24), "eradicate": timedelta(days=5), "recover": timedelta(days=10)},
    "low": {"detect": timedelta(hours=24), "contain": timedelta(hours=72), "eradicate": timedelta(days=10), "recover": timedelta(days=20)},
}
"""Until when each phase should be done, from discovery. The studio's own: adapt them to what the business can stand."""
UPDATES = {"critical": "every 30 minutes", "high": "every hour", "medium": "every 4 hours", "low": "daily"}


@dataclass(frozen=True)
class AffectedSystem:
    """One system that the incident touches or may touch."""

    name: Annotated[str, Len(1, 60)] = ui("System", "Its name as your people say it.", placeholder="File server")
    platform: Platform = ui("Platform", "Commands and evidence follow it.", default="windows", choices=PLATFORMS)
    state: Literal["affected", "suspected", "clean"] = ui("State", "As far as is known now.", default="affected")
    critical: bool = ui("Critical", "The business needs it first.", default=False)


@dataclass(frozen=True)
class PlaybookInputs:
    """The incident, or the one to be prepared for; raises `InputError` for a time that is none and for names that stand twice."""

    organisation: Annotated[str, Len(1, 80)] = ui("Organisation", "As it stands in messages.", placeholder="Harbour Foods Ltd")
    kind: Kind = ui("Kind of incident", "Steps, decisions and the exercise follow it.", choices=KINDS)
    discovered: Annotated[str, Len(16, 16)] = ui(
        "Discovered", "Local date and time as 2026-03-05 14:20. Deadlines count from it.", placeholder="2026-03-05 14:20"
    )
    systems: Annotated[tuple[AffectedSystem, ...], Len(1, 20)] = ui("Systems", "Up to 20 that are or may be affected, or that the business needs first.")
    people: Annotated[tuple[Person, ...], Len(1, 20)] = ui("People", "Up to 20. Roles that nobody has go to a stand-in, and are told as gaps.", row="person")
    severity: Severity = ui("Severity", "Times and the rhythm of updates follow it.", default="critical", choices=SEVERITIES)
    utc_offset: Annotated[float, Interval(ge=-12, le=14), MultipleOf(0.25)] = ui("Hours from UTC", "Of your local time on that day: 1 for UTC+1.", default=0.0)
    people_affected: Annotated[int, Interval(ge=0, le=10_000_000_000)] = ui("People concerned", "Whose personal data it touches; 0 for none known.", default=0)
    data_affected: Annotated[str, Len(0, 200)] = ui("Data concerned", "In a few words, for the messages.", default="", placeholder="names, e-mail addresses")
    edr: Annotated[str, Len(0, 40)] = ui("Endpoint detection", "Product, or empty.", default="", group="Tools at hand", placeholder="Defender for Endpoint")
    siem: Annotated[str, Len(0, 40)] = ui("Log search (SIEM)", "Product, or empty.", default="", group="Tools at hand", placeholder="Sentinel")
    backup: Annotated[str, Len(0, 40)] = ui(
        "Offline backup", "Product, or empty when no copy is out of reach.", default="", group="Tools at hand", placeholder="Veeam"
    )
    ticketing: Annotated[str, Len(0, 40)] = ui("Incident log", "Where actions are written down.", default="", group="Tools at hand", placeholder="Jira")
    channel: Annotated[str, Len(0, 40)] = ui(
        "Second channel", "Chat or telephone outside of the normal network.", default="", group="Tools at hand", placeholder="Signal group"
    )
    waf: Annotated[str, Len(0, 40)] = ui("Proxy or web firewall", "Product, or empty.", default="", group="Tools at hand", placeholder="Cloudflare")
    gdpr: bool = ui("GDPR", "EU or UK: personal data.", default=False, group="Rules that apply")
    nis2: bool = ui("NIS2", "EU: essential and important entities.", default=False, group="Rules that apply")
    dora: bool = ui("DORA", "EU: financial entities.", default=False, group="Rules that apply")
    pci: bool = ui("PCI DSS", "Payment cards.", default=False, group="Rules that apply")
    hipaa: bool = ui("HIPAA", "US: health information.", default=False, group="Rules that apply")
    sec: bool = ui("SEC", "US: listed companies.", default=False, group="Rules that apply")
    exercise_minutes: Annotated[int, Interval(ge=45, le=240)] = ui("Exercise", "Length of the tabletop exercise.", unit="min", default=90)

    def __post_init__(self) -> None:
        check_name("organisation", self.organisation)
        for name in ("data_affected", *TOOLS):
            check_text(_CAMEL.get(name, name), getattr(self, name))
        moment(self.discovered, self.utc_offset)
        for place, system in enumerate(self.systems):
            check_name(f"systems.{place}.name", system.name)
        check_unique("systems", (one.name for one in self.systems))
        for place, person in enumerate(self.people):
            check_name(f"people.{place}.name", person.name)
            check_text(f"people.{place}.contact", person.contact)
            check_text(f"people.{place}.deputy", person.deputy)


_CAMEL = {"data_affected": "dataAffected"}


def moment(text: str, offset: float) -> datetime:
    """The time of discovery; raises `InputError` on "discovered"."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d %H:%M") if _MOMENT.fullmatch(text) else None  # noqa: DTZ007 - the offset follows
    except ValueError:
        found = None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise InputError("discovered", f"Write date and time as 2026-03-05 14:20, between the years {_FIRST_YEAR} and {_LAST_YEAR}.")
    return found.replace(tzinfo=timezone(timedelta(hours=offset)))


def local(when: datetime) -> str:
    """A time as a person writes it: "Thu 5 Mar 2026, 14:20"."""
    return f"{when:%a} {when.day} {when:%b %Y, %H:%M}"


class Case:
    """The inputs with their questions answered."""

    def __init__(self, inputs: PlaybookInputs) -> None:
        self.inputs = inputs
        self.team = Team(inputs.people)
        self.discovered = moment(inputs.discovered, inputs.utc_offset)
        self.title, self.public = title(inputs.kind), public(inputs.kind)

    @property
    def touched(self) -> list[AffectedSystem]:
        """Systems that are affected or suspected; all when every one is clean, as in an exercise."""
        return [one for one in self.inputs.systems if one.state != "clean"] or list(self.inputs.systems)

    @property
    def tools(self) -> list[str]:
        """The tools at hand by their key."""
        return [name for name in TOOLS if getattr(self.inputs, name).strip()]

    @property
    def rules(self) -> list[str]:
        """The rules that apply by their key."""
        return [name for name in RULES if getattr(self.inputs, name)]

    @cached_property
    def words(self) -> dict[str, str]:
        """What stands for the words in curly brackets."""
        inputs = self.inputs
        names = [one.name for one in inputs.systems if one.state == "affected"] or [one.name for one in self.touched]
        critical = [one.name for one in inputs.systems if one.critical]
        others = [name for name in (*critical, *names, *(one.name for one in inputs.systems)) if name != names[0]]
        return {
            "org": inputs.organisation,
            "affected": _short(names),
            "critical": _short(critical) if critical else "the systems that the business needs first",
            "first": names[0],
            "second": others[0] if others else names[0],
            "edr": inputs.edr.strip() or "the endpoint detection",
            "siem": inputs.siem.strip() or "the central logs",
            "backup": inputs.backup.strip() or "the backups",
            "ticket": inputs.ticketing.strip() or "the incident log",
            "channel": inputs.channel.strip() or "a channel outside of the normal e-mail and chat",
            "waf": inputs.waf.strip() or "the proxy or firewall in front",
        }

    def target(self, phase: str) -> datetime | None:
        """Until when a phase should be done; None for what has no clock."""
        span = TARGETS[self.inputs.severity].get(phase)
        return self.discovered + span if span else None

    @property
    def phases(self) -> list[str]:
        """The phases in order."""
        return list(PHASES)


def _short(names: list[str]) -> str:
    return said([*names[:_SHOWN], f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else names)
