"""Who does what, who decides what, how each class is handled, and what is measured, all from the facts."""

from dataclasses import dataclass

from credit_studio.tools.data.stewardship.areas import Score, areas
from credit_studio.tools.data.stewardship.inventory import DataClass, Inputs, class_of, person, plain, systems_of

ROLES = ("Data council", "Governance lead", "Data owner", "Data steward", "Custodian", "Security and privacy", "Users of data")
NOT_DECIDED = "not decided"
_ACTIVITIES: tuple[tuple[str, str, str], ...] = (
    # One letter or more for each of ROLES, "." for none; exactly one of them is accountable.
    ("Approve policies and standards", "A R C C C C I", ""),
    ("Name owners and stewards", "A R C I I I I", ""),
    ("Settle disputes between domains", "A R C C . C I", ""),
    ("Define terms and critical data elements", "I C A R C . C", ""),
    ("Classify data", ". C A R C C I", ""),
    ("Approve access to a domain", ". . A C R C I", ""),
    ("Confirm access every six months", ". I A R R C .", ""),
    ("Set quality rules and thresholds", ". C A R C . C", ""),
    ("Work through quality issues", "I C A R C . C", ""),
    ("Keep the catalogue current", ". A C R R . I", ""),
    ("Set retention periods", "I C A R C C I", ""),
    ("Delete by the schedule", ". I A C R C .", ""),
    ("Back up and restore", ". . I . AR C .", ""),
    ("Check new systems and projects", "I A C C R C .", ""),
    ("Report figures and open issues", "I AR C C C C I", ""),
    ("Keep the record of processing", ". C R R C A .", "personal"),
    ("Answer requests of people about their data", ". I R R R A I", "personal"),
    ("Assess impact on people before high-risk processing", "I C R C C A .", "gdpr"),
    ("Handle a breach of personal data", "I I C C R A I", "personal"),
    ("Find and remove card data outside of the scope", ". I C C R A I", "pci"),
    ("Certify figures of financial reports", "A C R R C . .", "sox"),
    ("Certify risk data and reconcile them with the books", "A C R R C . I", "bcbs239"),
    ("Review uses of health data", "I C R C C A .", "hipaa"),
)
_DECISIONS: tuple[tuple[str, str, str, str, str], ...] = (
    ("Policies, standards and exceptions to them", "Data council", "owners, security and privacy, counsel", "next meeting", "management"),
    ("Meaning of a term used in several domains", "Governance lead", "stewards of the domains concerned", "10 working days", "data council"),
    ("Meaning and quality rules within a domain", "Data owner", "steward, main users", "10 working days", "governance lead"),
    ("Access to a domain", "Data owner", "steward, security and privacy", "2 working days", "governance lead"),
    ("Use of a domain for a new purpose", "Data owner", "privacy, counsel", "10 working days", "data council"),
    ("Sharing outside of the organisation", "Data owner", "privacy, counsel, security", "10 working days", "data council"),
    ("Class of a data set", "Data owner", "steward, security", "5 working days", "security and privacy"),
    ("Retention period and legal hold", "Data owner", "counsel, records manager", "10 working days", "data council"),
    ("Change of an interface", "Custodian of the source", "stewards and custodians of all consumers", "10 working days", "governance lead"),
    ("Change of a system that several domains share", "Custodian", "all owners concerned", "10 working days", "data council"),
    ("Leading system of master data", "Data council", "owners, architect", "next meeting", "management"),
    ("Budget for data management", "Sponsor", "governance lead, owners", "yearly", "management"),
)
_BY_LEVEL: tuple[tuple[str, str, str, str, str], ...] = (
    # What is handled, and how at level 1 to 4.
    ("Access", "everybody", "staff and contractors", "by role and need, approved by the owner", "named people, second factor, confirmed every quarter"),
    ("Sharing", "free", "inside; partners under a contract", "by need; outside with the owner's consent", "named people only, each time approved by the owner"),
    ("Storage", "any", "approved services", "approved services, encrypted", "approved services, encrypted, keys apart"),
    ("In transit", "any", "encrypted outside of the network", "encrypted always", "encrypted end to end"),
    ("Paper and media", "free", "not left lying about", "locked away, shredded; media encrypted", "none without the owner"),
    ("Tools and assistants", "allowed", "approved ones", "those approved for this class", "none unless the owner approves each use"),
    ("Logs", "none needed", "sign-ins", "access and changes", "each access to a record, watched"),
    ("Deletion", "when outdated", "at the end of the period", "by machine at the end of the period", "by machine, with proof"),
    ("When lost", "correct it", "tell the service desk", "report at once", "report at once, treat as an incident"),
)
_AREA_KPIS: dict[str, tuple[str, str, str]] = {
    "governance": ("Decisions made in time", "decisions within their time / all decisions", "90 %"),
    "architecture": ("Projects checked against the model", "projects checked before funding / all projects", "100 %"),
    "modelling": ("Models reviewed", "models reviewed by a steward / models put live", "100 %"),
    "storage": ("Restores tested", "important stores with a restore test this quarter / important stores", "100 %"),
    "security": ("Access confirmed", "domains with access confirmed in six months / domains", "100 %"),
    "integration": ("Interfaces with a contract", "interfaces with an agreed contract / interfaces", "90 %"),
    "content": ("Records past their period", "records kept beyond their period / records", "under 1 %"),
    "master": ("Duplicates", "duplicate master records / master records", "under 1 %"),
    "warehouse": ("Certified figures", "key figures with owner, definition and lineage / key figures", "90 %"),
    "metadata": ("Catalogue coverage", "critical data elements in the catalogue / critical data elements", "95 %"),
    "quality": ("Rules passed", "records that pass their rules / records checked, for critical data elements", "98 %"),
}
_DUTY_KPIS: tuple[tuple[str, str, str, str, str], ...] = (
    ("gdpr", "Requests answered in a month", "requests answered within one month / requests", "100 %", "GDPR article 12(3)"),
    ("ccpa", "Consumer requests in 45 days", "requests answered within 45 days / requests", "100 %", "CCPA"),
    ("hipaa", "Health data accesses reviewed", "systems with accesses reviewed this quarter / systems with health data", "100 %", "HIPAA Security Rule"),
    ("pci", "Card data outside of the scope", "places found with card data outside of the scope", "0", "PCI DSS 12.5"),
    ("sox", "Figures certified before reporting", "certified figures / figures in the financial report", "100 %", "SOX section 404"),
    ("bcbs239", "Risk data reconciled", "risk data elements reconciled with the books / risk data elements", "100 %", "BCBS 239, principle 3"),
)


@dataclass(frozen=True)
class Activity:
    """One row of the RACI chart: letters in the order of `ROLES`."""

    name: str
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """Who decides, who is heard, in which time, and who decides when that fails."""

    what: str
    who: str
    heard: str
    within: str
    then: str


@dataclass(frozen=True)
class Measure:
    """One KPI. `now` is its value as far as the facts tell, a share 0 to 1, else None."""

    name: str
    formula: str
    target: str
    who: str
    often: str
    now: float | None
    why: str


def duties(inputs: Inputs) -> frozenset[str]:
    """What applies: the duties ticked, and "personal" when a domain holds data of people."""
    ticked = {name for name in ("gdpr", "ccpa", "hipaa", "pci", "sox", "bcbs239") if getattr(inputs, name)}
    return frozenset(ticked | ({"personal"} if any(domain.is_personal for domain in inputs.domains) else set()))


def raci(inputs: Inputs) -> tuple[Activity, ...]:
    """The activities that apply, each with exactly one accountable role."""
    applying = duties(inputs)
    rows = ((name, letters.split()) for name, letters, duty in _ACTIVITIES if not duty or duty in applying)
    return tuple(Activity(name, tuple(", ".join(one).replace(".", "") for one in letters)) for name, letters in rows)


def decisions(inputs: Inputs) -> tuple[Decision, ...]:
    """The decision rights, with the sponsor and the lead by name where there are any."""
    names = {"Sponsor": person(inputs.sponsor), "Governance lead": person(inputs.lead)}

    def named(role: str) -> str:
        return f"{role} ({names[role]})" if names.get(role) else role

    return tuple(Decision(what, named(who), heard, within, then) for what, who, heard, within, then in _DECISIONS)


def handling(classes: tuple[DataClass, ...]) -> tuple[tuple[str, ...], ...]:
    """What is handled and how for each class, and how long each is kept."""
    rows = tuple((row[0], *(row[int(one.level)] for one in classes)) for row in _BY_LEVEL)
    return (*rows, ("Kept for", *(kept_for(one.retention_months) for one in classes)))


def kept_for(months: int) -> str:
    """A retention period in words."""
    if not months:
        return NOT_DECIDED
    years, rest = divmod(months, 12)
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((years, "year"), (rest, "month")) if count]
    return " and ".join(parts)


def measures(inputs: Inputs, scores: tuple[Score, ...], target: int) -> tuple[Measure, ...]:
    """The KPIs: those of ownership with their values today, those of the areas that lag or matter most, and those of duties."""
    return (*_ownership(inputs), *_of_areas(scores, target), *_of_duties(duties(inputs)))


def _ownership(inputs: Inputs) -> list[Measure]:
    domains, lead = inputs.domains, "Governance lead"
    owned = sum(bool(person(domain.owner)) for domain in domains)
    looked_after = sum(bool(person(domain.steward)) for domain in domains)
    limited = sum(bool(class_of(inputs, domain).retention_months) for domain in domains)
    rows = [
        ("Domains with an owner", "domains with a named owner / domains", "100 %", owned / len(domains)),
        ("Domains with a steward", "domains with a named steward / domains", "100 %", looked_after / len(domains)),
        ("Domains with a retention period", "domains whose class has a period / domains", "100 %", limited / len(domains)),
    ]
    if inputs.systems:
        run = sum(bool(person(system.custodian)) for system in inputs.systems)
        rows.append(("Systems with a custodian", "systems with a named custodian / systems", "100 %", run / len(inputs.systems)))
    named = {name.lower() for domain in domains for name in systems_of(domain)}
    if named:
        listed = {plain(system.name).lower() for system in inputs.systems}
        rows.append(("Systems in the list", "systems named by domains and listed / systems named", "100 %", len(named & listed) / len(named)))
    return [Measure(name, formula, goal, lead, "quarterly", now, "ownership") for name, formula, goal, now in rows]


def _of_areas(scores: tuple[Score, ...], target: int) -> list[Measure]:
    rated = [score for score in scores if score.level is not None and (score.level < target or score.importance == 3)]  # noqa: PLR2004 - high
    chosen = sorted(rated, key=lambda score: -score.importance * (target - (score.level or 0.0)))[:6]
    return [Measure(*_AREA_KPIS[score.key], areas()[score.key].who, "monthly", None, f"{score.name}, level {score.level:.1f}") for score in chosen]


def _of_duties(applying: frozenset[str]) -> list[Measure]:
    return [Measure(name, formula, goal, "Security and privacy", "monthly", None, why) for duty, name, formula, goal, why in _DUTY_KPIS if duty in applying]
