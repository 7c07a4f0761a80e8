"""What the form asks: domains and their people, classes, systems, duties, and answers on maturity."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from annotated_types import Interval, Len, MaxLen

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.data.stewardship.areas import Area, Rating, areas

_LEVELS = (("1", "1 Public"), ("2", "2 Internal"), ("3", "3 Confidential"), ("4", "4 Restricted"))
PLACES = (("own", "Own premises"), ("eu", "Cloud, EU or EEA"), ("uk", "Cloud, UK"), ("us", "Cloud, US"), ("other", "Elsewhere"), ("unknown", "Not known"))
_AREAS = tuple((key, one.name) for key, one in areas().items())
_RATINGS = (("none", "None"), ("partly", "Partly"), ("mostly", "Mostly"), ("fully", "Fully"))
_IMPORTANCE = (("1", "Low"), ("2", "Usual"), ("3", "High"))
_NOBODY = frozenset(("", "-", "--", "?", "tbd", "tba", "tbc", "n/a", "na", "none", "nobody", "no one", "vacant", "open", "unknown", "to be named"))
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")

Name = Annotated[str, Len(1, 60)]
Person = Annotated[str, MaxLen(60)]


@dataclass(frozen=True)
class Domain:
    """A subject of data with the people who answer for it."""

    name: Name = ui("Domain", "A subject such as customers or products.", placeholder="Customers")
    data_class: Name = ui("Class", "The name of one of the classes below.", placeholder="Confidential")
    owner: Person = ui("Owner", "Who decides. Empty if nobody does.", default="")
    steward: Person = ui("Steward", "Who looks after meaning and quality. Empty if nobody does.", default="")
    systems: Annotated[str, MaxLen(300)] = ui("Systems", "Names with commas between them.", default="")
    is_personal: bool = ui("Personal data", "Holds data of people.", default=False)
    is_critical: bool = ui("Critical", "The business depends on it being right.", default=False)


@dataclass(frozen=True)
class DataClass:
    """A class of data by how much harm its disclosure does."""

    name: Name = ui("Class", "As people call it.", placeholder="Confidential")
    level: Literal["1", "2", "3", "4"] = ui("Level", "How strictly it is handled.", default="2", choices=_LEVELS)
    retention_months: Annotated[int, Interval(ge=0, le=1_200)] = ui("Kept for", "Months until deletion; 0 if nothing is decided.", default=0, unit="months")


@dataclass(frozen=True)
class System:
    """Where data live."""

    name: Name = ui("System", "As it is named with the domains.", placeholder="CRM")
    custodian: Person = ui("Custodian", "Who runs it. Empty if nobody is named.", default="")
    place: Literal["own", "eu", "uk", "us", "other", "unknown"] = ui("Place", "Where it runs.", default="unknown", choices=PLACES)


@dataclass(frozen=True)
class Answer:
    """How an area of data management stands."""

    area: Area = ui("Area", "A knowledge area of DAMA-DMBOK2.", choices=_AREAS)
    defined: Rating = ui("Defined", "Policy, roles and process are written and known.", default="none", choices=_RATINGS)
    followed: Rating = ui("Followed", "Daily work goes by them.", default="none", choices=_RATINGS)
    supported: Rating = ui("Supported", "Tools, skills and time are there.", default="none", choices=_RATINGS)
    measured: Rating = ui("Measured", "Figures are kept and acted upon.", default="none", choices=_RATINGS)
    importance: Literal["1", "2", "3"] = ui("Importance", "To your business.", default="2", choices=_IMPORTANCE)


@dataclass(frozen=True)
class Inputs:
    """The organisation; raises `InputError` for names that stand twice, classes that are not there and dates that are none."""

    organisation: Annotated[str, Len(1, 80)] = ui("Organisation", "As it should stand in the papers.", group="Organisation", placeholder="Northwind Traders")
    start: Annotated[str, Len(10, 10)] = ui("Start", "The day that the plan begins, such as 2027-01-04.", group="Organisation", placeholder="2027-01-04")
    domains: Annotated[tuple[Domain, ...], Len(1, 40)] = ui("Domains", "Subjects of data, up to 40, each with owner and steward.", group="Domains")
    classes: Annotated[tuple[DataClass, ...], Len(1, 6)] = ui("Classes", "Three or four are best.", group="Classes")
    sponsor: Person = ui("Sponsor", "Who chairs the data council.", default="", group="Organisation")
    lead: Person = ui("Governance lead", "Who runs governance day by day.", default="", group="Organisation")
    target: Annotated[int, Interval(ge=1, le=5)] = ui("Target level", "0 to 5; 3 is followed, 4 is measured.", default=3, group="Organisation")
    a_quarter: Annotated[int, Interval(ge=1, le=12)] = ui("Steps a quarter", "How many steps can be taken at once.", default=3, group="Organisation")
    most_domains: Annotated[int, Interval(ge=1, le=20)] = ui("Domains a person", "More than so many is too much for one.", default=3, group="Organisation")
    systems: Annotated[tuple[System, ...], MaxLen(60)] = ui("Systems", "Up to 60, each with who runs it.", default=(), group="Systems")
    gdpr: bool = ui("GDPR or UK GDPR", "Data of people in the EU, EEA or UK.", default=False, group="Duties")
    ccpa: bool = ui("CCPA", "Data of people in California.", default=False, group="Duties")
    hipaa: bool = ui("HIPAA", "Health data in the US.", default=False, group="Duties")
    pci: bool = ui("PCI DSS", "Payment card data.", default=False, group="Duties")
    sox: bool = ui("SOX", "Figures of a company listed in the US.", default=False, group="Duties")
    bcbs239: bool = ui("BCBS 239", "Risk data of a bank.", default=False, group="Duties")
    answers: Annotated[tuple[Answer, ...], MaxLen(11)] = ui(
        "Maturity", "One row for each area; leave out what does not matter.", default=(), group="Maturity", row="area"
    )

    def __post_init__(self) -> None:
        if not any(sign.isalnum() for sign in self.organisation):
            raise InputError("organisation", "Needs a letter or a digit.")
        day(self.start)
        for field, rows in (("domains", self.domains), ("classes", self.classes), ("systems", self.systems)):
            _stand_once(field, [row.name for row in rows])
        _stand_once("answers", [row.area for row in self.answers], "area")
        known = {plain(one.name).lower() for one in self.classes}
        for place, domain in enumerate(self.domains):
            if plain(domain.data_class).lower() not in known:
                names = ", ".join(plain(one.name) for one in self.classes)
                raise InputError(f"domains.{place}.dataClass", f"There is no class {plain(domain.data_class)!r}. Classes: {names}.")


def day(text: str) -> date:
    """The day that the plan starts; raises `InputError` on "start"."""
    if not re.fullmatch(r"[12]\d{3}-\d\d-\d\d", text, re.ASCII):
        raise InputError("start", "Must be a date such as 2027-01-04.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("start", f"There is no day {text}.") from None


def _stand_once(field: str, names: list[str], column: str = "name") -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        key = plain(name).lower()
        if not key:
            raise InputError(f"{field}.{place}.{column}", "Needs a letter or a digit.")
        if key in seen:
            raise InputError(f"{field}.{place}.{column}", f"{plain(name)!r} stands twice.")
        seen.add(key)


def plain(text: str) -> str:
    """A text from outside in one line, without control characters."""
    return _BLANK.sub(" ", text).strip()


def person(name: str) -> str:
    """A person's or role's name, or "" for nobody ("tbd", "vacant", "-" and the like)."""
    tidy = plain(name)
    return "" if tidy.lower().strip(" .()[]") in _NOBODY else tidy


def systems_of(domain: Domain) -> tuple[str, ...]:
    """The names of a domain's systems, each once."""
    names = (plain(part) for part in domain.systems.replace(";", ",").split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def class_of(inputs: Inputs, domain: Domain) -> DataClass:
    """The class of a domain."""
    return next(one for one in inputs.classes if plain(one.name).lower() == plain(domain.data_class).lower())
