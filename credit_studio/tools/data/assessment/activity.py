"""One processing activity as a person declares it, and what its words mean."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.data.personal.kinds import Kind, kinds
from credit_studio.tools.data.personal.names import fit, words

Basis = Literal["consent", "contract", "legal obligation", "vital interests", "public task", "legitimate interests", "not stated"]
Condition = Literal[
    "none",
    "explicit consent",
    "employment law",
    "vital interests",
    "not-for-profit",
    "made public",
    "legal claims",
    "substantial public interest",
    "health care",
    "public health",
    "research",
]
Transfer = Literal["none", "adequate country", "standard clauses", "binding rules", "derogation", "no safeguard"]
Volume = Literal["under 1,000", "1,000 to 10,000", "10,000 to 100,000", "over 100,000"]
_BASES = (
    ("consent", "Consent (a)"), ("contract", "Contract (b)"), ("legal obligation", "Legal obligation (c)"), ("vital interests", "Vital interests (d)"),
    ("public task", "Public task (e)"), ("legitimate interests", "Legitimate interests (f)"), ("not stated", "Not stated"),
)  # fmt: skip
_CONDITIONS = (
    ("none", "None stated"), ("explicit consent", "Explicit consent (a)"), ("employment law", "Employment law (b)"), ("vital interests", "Vital interests (c)"),
    ("not-for-profit", "Not-for-profit body (d)"), ("made public", "Made public (e)"), ("legal claims", "Legal claims (f)"),
    ("substantial public interest", "Public interest (g)"), ("health care", "Health care (h)"), ("public health", "Public health (i)"),
    ("research", "Research (j)"),
)  # fmt: skip
_TRANSFERS = (
    ("none", "None"), ("adequate country", "Adequate country (45)"), ("standard clauses", "Standard clauses (46)"), ("binding rules", "Binding rules (47)"),
    ("derogation", "Derogation (49)"), ("no safeguard", "No safeguard"),
)  # fmt: skip

MEASURES: dict[str, tuple[str, ...]] = {
    "encryption": ("encryption", "encrypted", "tls", "encrypt", "disk encryption", "encryption at rest"),
    "access control": ("access control", "role based access", "rbac", "least privilege", "permissions", "access rights"),
    "multi-factor sign-in": ("mfa", "2fa", "multi factor", "two factor", "multi-factor sign-in", "multi factor sign in"),
    "pseudonymisation": ("pseudonymisation", "pseudonymization", "pseudonymised", "tokenisation", "tokenization", "anonymisation", "anonymised"),
    "logging": ("logging", "audit log", "audit trail", "monitoring", "logs"),
    "backups": ("backup", "backups", "restore test", "replication"),
    "recovery plan": ("recovery plan", "disaster recovery", "business continuity", "dr plan"),
    "training": ("training", "awareness"),
    "deletion": ("deletion", "erasure", "automatic deletion", "retention job", "purge"),
    "integrity checks": ("integrity checks", "checksums", "validation", "four eyes", "approval", "versioning"),
    "testing": ("testing", "penetration test", "pen test", "vulnerability scanning", "patching"),
}
"""Measures that lower a risk, each with the words by which it is known."""

TRAITS = {
    "scoring": "evaluation or scoring, profiling included",
    "automated decisions": "automated decisions with legal or similar effect",
    "monitoring": "systematic monitoring",
    "public area": "monitoring of a publicly accessible area",
    "matching": "matching or combining of data sets",
    "new technology": "innovative use of technology",
    "blocks access": "keeps people from a right, a service or a contract",
    "invisible": "data not obtained from the people themselves, and they are not told",
    "tracking": "tracking of location or behaviour",
    "targeting": "marketing or profiling aimed at individuals",
}
_FAMILIES = {
    "contact": "contact|contact details|contact data|contact information",
    "identity": "identity|identification|identity data|names|personal details|master data",
    "government id": "government id|identity documents|national identifiers|id documents|identity numbers",
    "financial": "financial|financial data|bank|payment|payment data|payment details|billing|bank data|cards|card data",
    "credentials": "credentials|login data|passwords|access data",
    "online id": "online identifiers|technical data|device data|cookies|log data|usage data|connection data|ip addresses|device",
    "location": "location|location data|geolocation|address|addresses|postcode",
    "demographic": "demographic|demographics|personal characteristics|age|gender|family|dates of birth",
    "employment": "employment|hr data|employment data|work|professional|career",
    "education": "education|training records|school data",
    "health": "health|health data|medical|medical data|patient data|clinical",
    "biometric": "biometric|biometrics|biometric data",
    "genetic": "genetic|genetic data",
    "religion": "religion|religious beliefs|beliefs|philosophical beliefs",
    "ethnicity": "ethnicity|race|racial origin|ethnic origin",
    "politics": "politics|political opinions|political",
    "trade union": "trade union|union membership|trade union membership",
    "sexual orientation": "sexual orientation|sex life|sexuality",
    "criminal": "criminal|criminal records|convictions|offences|criminal offences|criminal data",
    "communication": "communication|messages|correspondence|emails",
    "behaviour": "behaviour|purchases|orders|order history|purchase history|preferences|transactions",
    "vehicle": "vehicle|vehicles|number plates",
}
_VULNERABLE = frozenset(
    words(
        "child children minor minors pupil pupils student students employee employees staff worker workers applicant applicants patient patients elderly "
        "asylum refugee refugees disabled resident residents prisoner prisoners tenant tenants"
    )
)
CHILDREN = frozenset(["child", "children", "minor", "minors", "pupil", "pupils"])


@dataclass(frozen=True)
class Activity:
    """One line of the inventory."""

    system: Annotated[str, Len(1, 80)] = ui("System", "The system or the activity: a name of its own.", placeholder="Web shop")
    data: Annotated[str, Len(1, 500)] = ui("Data", "Categories with commas between them: name, email, health data.", placeholder="name, email, order history")
    purpose: Annotated[str, Len(0, 200)] = ui("Purpose", "What the data are for, in a few words.", default="", placeholder="Deliver orders")
    subjects: Annotated[str, Len(0, 200)] = ui("People", "Whose data they are, with commas: customers, children, staff.", default="", placeholder="customers")
    volume: Volume = ui("How many people", "About how many people the data are of.", default="1,000 to 10,000")
    basis: Basis = ui("Lawful basis", "Of GDPR Article 6(1).", default="not stated", choices=_BASES)
    condition: Condition = ui("Condition for special data", "Of GDPR Article 9(2), for health and the like.", default="none", choices=_CONDITIONS)
    retention_months: Annotated[int, Interval(ge=0, le=1_200)] = ui(
        "Kept for", "Months until the data are deleted; 0 when that is not decided.", default=0, unit="months"
    )
    recipients: Annotated[str, Len(0, 200)] = ui("Recipients", "Who else gets the data, with commas between them.", default="", placeholder="payment provider")
    transfer: Transfer = ui("Transfer abroad", "To a country outside of the EEA or the UK, and on what ground.", default="none", choices=_TRANSFERS)
    measures: Annotated[str, Len(0, 400)] = ui(
        "Security",
        "With commas: encryption, access control, MFA, pseudonymisation, logging, backups, recovery plan, training, deletion, integrity checks, testing.",
        default="",
    )
    traits: Annotated[str, Len(0, 300)] = ui(
        "Of note",
        "With commas: scoring, automated decisions, monitoring, public area, matching, new technology, blocks access, invisible, tracking, targeting.",
        default="",
    )


@dataclass(frozen=True)
class Reading:
    """An activity understood: kinds and families of its data, its measures and traits by their own names."""

    activity: Activity
    categories: tuple[str, ...]
    kinds: frozenset[str]
    families: frozenset[str]
    severity: int
    measures: frozenset[str]
    traits: frozenset[str]
    unread: tuple[str, ...]

    @property
    def is_special(self) -> bool:
        """True for data of GDPR Article 9."""
        return bool(self.families & special_families("special"))

    @property
    def is_criminal(self) -> bool:
        """True for data of GDPR Article 10."""
        return "criminal" in self.families

    @property
    def is_large(self) -> bool:
        """True from 10,000 people: WP248 has no figure; recital 91 asks for a considerable amount."""
        return self.activity.volume in {"10,000 to 100,000", "over 100,000"}

    @property
    def is_vulnerable(self) -> bool:
        """True for people who cannot easily consent or object: children, staff, patients ..."""
        return bool(set(words(self.activity.subjects)) & _VULNERABLE)

    @property
    def has_children(self) -> bool:
        """True for data of children."""
        return bool(set(words(self.activity.subjects)) & CHILDREN)


def special_families(law: str) -> frozenset[str]:
    """The families that the law names so."""
    return frozenset(kind.family for kind in kinds() if kind.law == law)


def items(text: str) -> tuple[str, ...]:
    """What stands between commas or semicolons."""
    return tuple(item for part in text.replace(";", ",").split(",") if (item := " ".join(part.split())))


def read(activity: Activity, at: str) -> Reading:
    """Understand an activity; raises `InputError` on "<at>.system" for a blank one and on "<at>.traits" for an unknown word."""
    if not activity.system.strip():
        raise InputError(f"{at}.system", "Needs a name.")
    categories = items(activity.data)
    if not categories:
        raise InputError(f"{at}.data", "Must name at least one category of data, such as name or email.")
    found = {category: kinds_of(category) for category in categories}
    named = {family for one in categories if (family := family_of(one))}
    families = frozenset(kind.family for some in found.values() for kind in some) | named
    measures, unread = _measures(activity.measures)
    severity = max([1, *(kind.severity for some in found.values() for kind in some), *map(_worst, named)])
    return Reading(
        activity=activity,
        categories=categories,
        kinds=frozenset(kind.id for some in found.values() for kind in some),
        families=families,
        severity=severity,
        measures=measures,
        traits=_traits(activity.traits, at),
        unread=(*(one for one in categories if not found[one] and not family_of(one)), *unread),
    )


def _plain(text: str) -> str:
    return " ".join(words(text))


def kinds_of(category: str) -> list[Kind]:
    """The kinds that a category names: "email address", "dates of birth"."""
    return [kind for kind in kinds() if kind.names and (fit(category, kind) or fit(_singular(category), kind))]


def _singular(text: str) -> str:
    return text[:-2] if text.endswith("sses") else text.removesuffix("s")


def family_of(category: str) -> str:
    """The family that a category names ("health data", "contact details"), or ""."""
    said = f" {_plain(category)} "
    return next((family for family, names in _FAMILIES.items() if any(f" {name} " in said for name in names.split("|"))), "")


def _worst(family: str) -> int:
    return max((kind.severity for kind in kinds() if kind.family == family), default=1)


def _measures(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    known: set[str] = set()
    unread: list[str] = []
    for item in items(text):
        said = f" {_plain(item)} "
        names = [name for name, spelt in MEASURES.items() if any(f" {_plain(one)} " in said for one in spelt)]
        known.update(names)
        unread += [] if names else [item]
    return frozenset(known), tuple(unread)


def _traits(text: str, at: str) -> frozenset[str]:
    said = [_plain(item) for item in items(text)]
    for one in said:
        if one not in TRAITS:
            raise InputError(f"{at}.traits", f"{one[:40]!r} is not known. Use any of: {', '.join(TRAITS)}.")
    return frozenset(said)
