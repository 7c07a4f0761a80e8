"""The facts of an organisation: what the form asks, what follows from it, and the words that fill the clauses."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.cyber.policies.document import plain

_KINDS = (
    ("information_security", "Information security (the top policy)"),
    ("access_control", "Access control"),
    ("acceptable_use", "Acceptable use"),
    ("password", "Passwords and authentication"),
    ("remote_work", "Remote work and personal devices"),
    ("classification", "Assets and classification"),
    ("data_protection", "Data protection"),
    ("retention", "Retention and disposal"),
    ("cryptography", "Cryptography"),
    ("backup", "Backup and recovery"),
    ("continuity", "Business continuity"),
    ("incident_response", "Incident response"),
    ("logging", "Logging and monitoring"),
    ("vulnerability", "Vulnerabilities and patches"),
    ("change_management", "Change management"),
    ("secure_development", "Secure development"),
    ("supplier", "Suppliers"),
    ("physical", "Physical security"),
)
_SECTORS = (
    ("general", "Other"),
    ("finance", "Finance and insurance"),
    ("health", "Health and care"),
    ("public", "Public sector"),
    ("education", "Education and research"),
    ("industrial", "Manufacturing, energy, utilities"),
    ("retail", "Retail and hospitality"),
    ("technology", "Software and technology"),
    ("professional", "Professional services"),
    ("nonprofit", "Charity or association"),
)
_WORK = (("office", "On the premises"), ("mixed", "Partly remote"), ("remote", "Remote only, no premises"))
_CLOUD = (("none", "Own servers only"), ("some", "Own servers and cloud"), ("only", "Cloud only"))
SMALL, LARGE = 50, 250

Words = Annotated[str, Len(1, 80)]
Hours = Annotated[int, Interval(ge=1, le=720)]


@dataclass(frozen=True)
class Inputs:
    """The facts; raises `InputError` for a date that is none and for names without a letter."""

    kind: Literal[
        "information_security",
        "access_control",
        "acceptable_use",
        "password",
        "remote_work",
        "classification",
        "data_protection",
        "retention",
        "cryptography",
        "backup",
        "continuity",
        "incident_response",
        "logging",
        "vulnerability",
        "change_management",
        "secure_development",
        "supplier",
        "physical",
    ] = ui("Policy", "Which policy to write. Begin with the top one.", choices=_KINDS, group="Policy")
    name: Words = ui("Organisation", "Its name as it should stand in the policy.", group="Policy", placeholder="Northwind Clinics Ltd")
    contact: Words = ui("Contact", "Where to report and ask: an address or a number.", group="Policy", placeholder="security@example.org")
    effective: Annotated[str, Len(10, 10)] = ui("In force from", "A date such as 2027-01-15.", group="Policy", placeholder="2027-01-15")
    owner: Words = ui("Owner", "The role that keeps the policy current.", default="the information security officer", group="Policy")
    approver: Words = ui("Approved by", "The role or body that puts it into force.", default="the board", group="Policy")
    version: Annotated[str, Len(1, 12)] = ui("Version", "Of the document, such as 1.0.", default="1.0", group="Policy")
    review_months: Annotated[int, Interval(ge=1, le=36)] = ui("Review every", "Months between reviews; 12 is usual.", default=12, unit="months", group="Policy")
    sector: Literal["general", "finance", "health", "public", "education", "industrial", "retail", "technology", "professional", "nonprofit"] = ui(
        "Sector", "What the organisation does.", default="general", choices=_SECTORS, group="Organisation"
    )
    people: Annotated[int, Interval(ge=1, le=1_000_000)] = ui("People", "Staff and contractors.", group="Organisation", default=40)
    work: Literal["office", "mixed", "remote"] = ui("Place of work", "Where people work.", default="mixed", choices=_WORK, group="Organisation")
    cloud: Literal["none", "some", "only"] = ui("Systems", "Where systems run.", default="some", choices=_CLOUD, group="Organisation")
    byod: bool = ui("Personal devices", "People use their own phones or laptops for work.", default=False, group="Organisation")
    develops: bool = ui("Develops software", "For itself or for others.", default=False, group="Organisation")
    online: bool = ui("Online services", "Offers services to customers on the internet.", default=False, group="Organisation")
    eu: bool = ui("EU or EEA", "Has people, customers or offices there.", default=False, group="Regions")
    uk: bool = ui("United Kingdom", "Has people, customers or offices there.", default=False, group="Regions")
    us: bool = ui("United States", "Has people, customers or offices there.", default=False, group="Regions")
    personal: bool = ui("Personal data", "Of customers, staff or others.", default=True, group="Data")
    special: bool = ui("Special categories", "Health, biometric, religious or similar data.", default=False, group="Data")
    children: bool = ui("Children", "Data of children.", default=False, group="Data")
    card: bool = ui("Payment cards", "Card data are stored, processed or transmitted; brings PCI DSS in.", default=False, group="Data")
    secrets: bool = ui("Trade secrets", "Know-how that competitors must not see.", default=False, group="Data")
    iso: bool = ui("ISO 27001", "A certificate is held or sought.", default=False, group="Obligations")
    hipaa: bool = ui("HIPAA", "Covered entity or business associate in the US.", default=False, group="Obligations")
    nis2: bool = ui("NIS2", "Essential or important entity in the EU.", default=False, group="Obligations")
    dora: bool = ui("DORA", "Financial entity in the EU.", default=False, group="Obligations")
    sox: bool = ui("SOX and SEC", "Reports to the US Securities and Exchange Commission.", default=False, group="Obligations")
    rpo_hours: Hours = ui("Data loss accepted", "Hours of work that may be lost (RPO).", default=24, unit="h", group="Figures")
    rto_hours: Hours = ui("Time to be back", "Hours until critical services work again (RTO).", default=24, unit="h", group="Figures")
    patch_days: Annotated[int, Interval(ge=1, le=90)] = ui("Critical patches within", "Days; 7 is good, 14 is usual.", default=7, unit="days", group="Figures")
    log_months: Annotated[int, Interval(ge=1, le=120)] = ui("Logs are kept", "Months; 12 is usual.", default=12, unit="months", group="Figures")
    has_mfa: bool = ui("Second factor", "For remote access, mail and administration.", default=False, group="In place today")
    has_sso: bool = ui("Central sign-on", "One identity provider for most applications.", default=False, group="In place today")
    has_manager: bool = ui("Password manager", "Provided to everybody.", default=False, group="In place today")
    has_mdm: bool = ui("Device management", "Of laptops and phones.", default=False, group="In place today")
    has_edr: bool = ui("Endpoint detection", "On laptops and servers.", default=False, group="In place today")
    has_logs: bool = ui("Central logs", "Kept where administrators of the sources cannot change them.", default=False, group="In place today")
    has_offline: bool = ui("Offline backup", "One copy is offline or cannot be changed.", default=False, group="In place today")
    has_restore: bool = ui("Restore tested", "Within the last year.", default=False, group="In place today")
    has_vault: bool = ui("Vault", "For keys and secrets.", default=False, group="In place today")
    has_scan: bool = ui("Vulnerability scans", "Monthly or more often.", default=False, group="In place today")
    has_pentest: bool = ui("Penetration test", "Within the last year.", default=False, group="In place today")
    has_training: bool = ui("Security training", "Everybody, each year.", default=False, group="In place today")
    has_oncall: bool = ui("On call", "Somebody can be reached at all hours.", default=False, group="In place today")
    has_exercise: bool = ui("Incident exercise", "Within the last year.", default=False, group="In place today")
    has_register: bool = ui("Supplier register", "Suppliers are listed and ranked.", default=False, group="In place today")
    has_inventory: bool = ui("Inventory", "Of devices, software and services.", default=False, group="In place today")
    has_pipeline: bool = ui("Checks in the build", "Secrets, dependencies and code are scanned.", default=False, group="In place today")
    has_ropa: bool = ui("Record of processing", "Personal data are listed with purpose and period.", default=False, group="In place today")

    def __post_init__(self) -> None:
        for field in ("name", "owner", "approver", "contact", "version"):
            if not any(sign.isalnum() for sign in getattr(self, field)):
                raise InputError(field, "Needs a letter or a digit.")
        if not re.fullmatch(r"[12]\d{3}-\d\d-\d\d", self.effective, re.ASCII):
            raise InputError("effective", "Must be a date such as 2027-01-15.")
        try:
            date.fromisoformat(self.effective)
        except ValueError:
            raise InputError("effective", f"There is no day {self.effective}.") from None


def facts_of(inputs: Inputs) -> frozenset[str]:
    """What holds, by the keys of `clauses.FACTS`: what was ticked, and what follows from it."""
    derived = {
        "small": inputs.people < SMALL,
        "large": inputs.people >= LARGE,
        "remote": inputs.work != "office",
        "office": inputs.work != "remote",
        "cloud": inputs.cloud != "none",
        "onprem": inputs.cloud != "only",
        "personal": inputs.personal or inputs.special or inputs.children,
        "gdpr": (inputs.eu or inputs.uk) and (inputs.personal or inputs.special or inputs.children),
        inputs.sector: True,
    }
    ticked = ("byod", "develops", "online", "eu", "uk", "us", "special", "children", "card", "secrets", "iso", "hipaa", "nis2", "dora", "sox")
    return frozenset({name for name, holding in derived.items() if holding} | {name for name in ticked if getattr(inputs, name)})


def values_of(inputs: Inputs) -> dict[str, str]:
    """What fills the placeholders, as plain text."""
    owner, approver = plain(inputs.owner), plain(inputs.approver)
    laws = {"iso": "ISO 27001", "hipaa": "HIPAA", "nis2": "NIS2", "dora": "DORA", "sox": "SOX", "card": "PCI DSS"}
    obligations = [name for fact, name in (("gdpr", "data protection law"), *laws.items()) if fact in facts_of(inputs)]
    return {
        "name": plain(inputs.name),
        "owner": owner,
        "approver": approver,
        "Owner": owner[:1].upper() + owner[1:],
        "Approver": approver[:1].upper() + approver[1:],
        "contact": plain(inputs.contact),
        "version": plain(inputs.version),
        "review": str(inputs.review_months),
        "rpo": str(inputs.rpo_hours),
        "rto": str(inputs.rto_hours),
        "patch_days": str(inputs.patch_days),
        "log_months": str(inputs.log_months),
        "log_note": ", and for at least 12 in the card data environment, the last three at hand (PCI DSS 10.5.1)" if inputs.card else "",
        "multi_length": "12" if inputs.card else "8",
        "multi_reason": "; PCI DSS 8.3.6 asks for 12" if inputs.card else "",
        "obligations": ", ".join([*obligations, "contracts with customers"]),
    }
