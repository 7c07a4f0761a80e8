"""What the doors see of people: never a row, never a hash."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from credit_studio.core.actor import Role


@dataclass(frozen=True)
class Person:
    """A person as they see themselves. `time_zone` is an IANA name ("Europe/London")."""

    id: UUID
    email: str
    display_name: str
    role: Role
    time_zone: str
    created_at: datetime


@dataclass(frozen=True)
class NewSession:
    """A session just opened: the only time its token is known."""

    token: str
    expires_at: datetime
    person: Person
