"""What the book tells when it is read back. All amounts are whole credits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Check:
    """One invariant: its name, whether it holds, and the first rows that break it."""

    name: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True)
class Payment:
    """What one grant paid of a charge, and what was left in it after."""

    grant_id: UUID
    source: str
    expires_at: datetime | None
    paid: int
    left: int


@dataclass(frozen=True)
class Movement:
    """One line of the history; `kind` is the API's type.

    `amount` is signed, and `balance_after` is the total after it: held credits are in it, and what is owed counts against both.
    """

    id: UUID
    at: datetime
    kind: str
    amount: int
    balance_after: int
    description: str
    tool_id: str | None = None
    run_id: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Lot:
    """Credits that arrived together and are not all gone: `label` is what they came as, `left` what may be spent; they end at `expires_at` (None: never)."""

    id: UUID
    source: str
    label: str
    given: int
    left: int
    arrived_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class Page:
    """A page of movements, newest first, and the cursor of the next one (None at the end).

    A page that is not full although more may follow was searched back to `looked_to`: so many entries are looked through at once, and no more.
    """

    items: tuple[Movement, ...]
    next_cursor: str | None
    looked_to: datetime | None = None


@dataclass(frozen=True)
class Proof:
    """The chain of an account as it stands: its length and its last fingerprint, in hexadecimal."""

    account_id: UUID
    length: int
    head: str


@dataclass(frozen=True)
class Statement:
    """A month: opening + granted + bought - used - expired + refunded + adjusted = closing, where what is owed counts against the balance."""

    month: str
    time_zone: str
    opening: int
    granted: int = 0
    bought: int = 0
    used: int = 0
    expired: int = 0
    refunded: int = 0
    adjusted: int = 0
    closing: int = 0


@dataclass(frozen=True)
class Arrival:
    """Credits that arrived for a reason that `reference` names, and how many of them were taken back since."""

    id: UUID
    reference: str
    owner_id: UUID
    amount: int
    clawed: int
