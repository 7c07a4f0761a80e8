"""Who does what: roles, stand-ins where one is not filled, and the RACI matrix."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import ui

Role = Literal["commander", "lead", "forensics", "it", "communications", "legal", "privacy", "executive", "owner", "hr"]
ROLES = (
    ("commander", "Incident commander"),
    ("lead", "Technical lead"),
    ("forensics", "Forensics"),
    ("it", "IT operations"),
    ("communications", "Communications"),
    ("legal", "Legal"),
    ("privacy", "Data protection officer"),
    ("executive", "Executive"),
    ("owner", "Business owner"),
    ("hr", "Human resources"),
)
TITLES = dict(ROLES)
_STAND_INS: dict[str, tuple[str, ...]] = {
    "commander": ("lead", "it", "executive"),
    "lead": ("forensics", "it", "commander"),
    "forensics": ("lead", "it", "commander"),
    "it": ("lead", "commander"),
    "communications": ("executive", "commander"),
    "legal": ("privacy", "executive", "commander"),
    "privacy": ("legal", "executive", "commander"),
    "executive": ("commander", "owner"),
    "owner": ("executive", "commander"),
    "hr": ("executive", "legal", "commander"),
}

ACTIVITIES: tuple[tuple[str, dict[str, str]], ...] = (
    ("Declare, set severity, coordinate", {"commander": "A", "lead": "R", "executive": "I", "it": "I", "communications": "I", "legal": "I"}),
    ("Analyse and find the scope", {"lead": "A", "forensics": "R", "it": "R", "commander": "I", "owner": "C"}),
    ("Take and keep evidence", {"lead": "C", "forensics": "A", "it": "R", "legal": "C", "commander": "I"}),
    ("Contain", {"commander": "A", "lead": "R", "it": "R", "owner": "C", "executive": "I", "forensics": "C"}),
    ("Eradicate", {"lead": "A", "it": "R", "forensics": "C", "commander": "I", "owner": "I"}),
    ("Restore and go live", {"it": "R", "owner": "A", "lead": "C", "commander": "C", "executive": "I", "communications": "I"}),
    ("Tell authorities", {"privacy": "R", "legal": "A", "commander": "C", "executive": "I", "lead": "C"}),
    ("Tell customers and people concerned", {"communications": "R", "privacy": "C", "legal": "C", "executive": "A", "owner": "C", "commander": "I"}),
    ("Speak to press and public", {"communications": "R", "executive": "A", "legal": "C", "commander": "I"}),
    ("Tell staff", {"communications": "R", "hr": "C", "executive": "I", "commander": "A", "it": "I"}),
    ("Decide on money, police, outside help", {"executive": "A", "commander": "R", "legal": "C", "lead": "C", "owner": "C"}),
    ("Measures concerning employees", {"hr": "A", "legal": "C", "executive": "I", "commander": "I"}),
    ("Review and improve", {"commander": "A", "lead": "R", "it": "R", "communications": "C", "legal": "C", "owner": "C", "executive": "I", "forensics": "C"}),
)
"""Each activity has exactly one accountable role (A), who may also do the work; R do it, C are asked before, I are told after."""


@dataclass(frozen=True)
class Person:
    """One filled role."""

    role: Role = ui("Role", "What this person does in an incident. Of two with the same role the first leads. A person may have several rows.", choices=ROLES)
    name: Annotated[str, Len(1, 60)] = ui("Name", "Who it is.", placeholder="Amira Khan")
    contact: Annotated[str, Len(0, 80)] = ui("Contact", "A number that works when e-mail does not.", default="", placeholder="+44 20 7946 0000")
    deputy: Annotated[str, Len(0, 80)] = ui("Deputy", "Who stands in, with a number.", default="")


def in_sentence(role: str) -> str:
    """A role's title inside a sentence: "legal", but "IT operations"."""
    title = TITLES[role]
    return title if title[1].isupper() else title[0].lower() + title[1:]


class Team:
    """The people by role, with stand-ins."""

    def __init__(self, people: tuple[Person, ...]) -> None:
        self.people = people
        self._by_role: dict[str, Person] = {}
        for person in people:
            self._by_role.setdefault(person.role, person)

    @property
    def filled(self) -> list[str]:
        """The roles that somebody has, in their usual order."""
        return [role for role, _ in ROLES if role in self._by_role]

    def find(self, role: str) -> Person | None:
        """Who has the role, or None."""
        return self._by_role.get(role)

    def deputy(self, role: str) -> str:
        """Who takes over from the person of a role: the deputy that was named, or else a second person of the same role; "" for nobody."""
        person = self.person(role)
        others = [one.name for one in self.people if one.role == person.role and one.name != person.name]
        return person.deputy.strip() or next(iter(others), "")

    def stands_in(self, role: str) -> str:
        """The filled role that does the work of a role: itself, the first stand-in that is filled, or whoever is there."""
        return next((one for one in (role, *_STAND_INS[role]) if one in self._by_role), self.filled[0])

    def person(self, role: str) -> Person:
        """Who does the work of a role."""
        return self._by_role[self.stands_in(role)]

    def said(self, role: str) -> str:
        """The person and the role, "Amira Khan (legal)"; a stand-in is told as one."""
        acting = self.stands_in(role)
        title = in_sentence(role) if role == acting else f"{in_sentence(acting)}, for {in_sentence(role)}"
        return f"{self._by_role[acting].name} ({title})"

    def raci(self) -> list[tuple[str, dict[str, str]]]:
        """Each activity with the letters of the filled roles; what an empty role would do goes to its stand-in, the weightiest letter counts."""
        found: list[tuple[str, dict[str, str]]] = []
        for activity, letters in ACTIVITIES:
            merged: dict[str, str] = {}
            for role, letter in letters.items():
                acting = self.stands_in(role)
                merged[acting] = min(merged.get(acting, "I"), letter, key="ARCI".index)
            found.append((activity, {role: "A, R" if letter == "A" and "R" not in merged.values() else letter for role, letter in merged.items()}))
        return found
