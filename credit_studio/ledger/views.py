"""What the book tells: balances, grants, caps, holds. All amounts are whole credits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

PERSON = "user"
"""The owner kind of a person's account."""


@dataclass(frozen=True)
class GrantView:
    """A grant with something in it, in burn order. `expires_at` is None when it does not expire."""

    id: UUID
    source: str
    amount: int
    remaining: int
    held: int
    expires_at: datetime | None
    priority: int


@dataclass(frozen=True)
class CapView:
    """A cap's window: what it allows, what captures and open holds have used of it, when it ends (None for a cap on single runs)."""

    subject: str
    label: str
    limit: int
    used: int
    resets_at: datetime | None


@dataclass(frozen=True)
class Balance:
    """An account at one instant. available = total - held; `debt` is what is owed after a claw-back; `version` grows with every entry."""

    account_id: UUID
    available: int
    held: int
    total: int
    debt: int
    version: int
    grants: tuple[GrantView, ...]


@dataclass(frozen=True)
class HoldView:
    """A hold and where it stands: open, captured, released or expired."""

    id: UUID
    account_id: UUID
    run_id: UUID
    amount: int
    captured: int
    state: str
    expires_at: datetime
