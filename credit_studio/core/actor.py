"""Who asks: carried through every verb, written to every audit row, never taken from a request body."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from credit_studio.core.errors import Forbidden, NotSignedIn


class Role(StrEnum):
    """What a person may do beyond their own things."""

    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """The caller of a verb. `user_id` is None for a visitor; `address` is the network peer; `request_id` ties log lines together."""

    user_id: UUID | None = None
    role: Role = Role.USER
    address: str = ""
    request_id: str = ""
    door: str = "system"

    @property
    def is_anonymous(self) -> bool:
        """True for a visitor without an account."""
        return self.user_id is None

    def require_user(self) -> UUID:
        """The person's id; raises `NotSignedIn` for a visitor."""
        if self.user_id is None:
            raise NotSignedIn("Sign in to do this. Nothing was charged.", action="Sign in and try again.", helps=("sign_in",))
        return self.user_id

    def require_admin(self) -> UUID:
        """The operator's id; raises `Forbidden` for anybody else."""
        user_id = self.require_user()
        if self.role is not Role.ADMIN:
            raise Forbidden("Only an operator may do this.")
        return user_id

    def require_operator(self) -> None:
        """Let the studio itself and operators pass; raises `NotSignedIn` or `Forbidden` for anybody else."""
        if self != SYSTEM:
            self.require_admin()


SYSTEM = Actor(door="system")
"""The studio itself: jobs, recovery, the command line."""
