"""What the book's decisions work on: accounts, grants, holds and caps as plain values, and the commands that change them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid5

_SYSTEM = UUID("6f1d6a52-6b8e-5a53-9a0c-0c1a6e0f5c01")
ISSUED = uuid5(_SYSTEM, "issued")
CONSUMED = uuid5(_SYSTEM, "consumed")
BREAKAGE = uuid5(_SYSTEM, "breakage")
CLAWED = uuid5(_SYSTEM, "clawed back")
ADJUSTED = uuid5(_SYSTEM, "adjusted")
IN_TRANSIT = uuid5(_SYSTEM, "in transit")
SYSTEM_ACCOUNTS = {ISSUED: "issued", CONSUMED: "consumed", BREAKAGE: "breakage", CLAWED: "clawed back", ADJUSTED: "adjusted", IN_TRANSIT: "in transit"}
"""The other side of every transfer. They have no row: their balance is derived from the transfers."""

PURCHASE_SOURCE = "purchase"
"""Grants of this source repay debt before they can be used."""

PLAN_SOURCE = "plan"
"""Grants of this source are the plan's allotment: the plan's caps limit them, and nothing else."""


@dataclass(frozen=True)
class Account:
    """What `decide` needs of an account; amounts in whole credits."""

    id: UUID
    owner_id: UUID
    posted: int
    held: int
    debt: int
    version: int


@dataclass(frozen=True)
class Grant:
    """A grant with its account; `remaining` is free, `held` is pinned by open holds, `clawed` was taken back or is owed for it."""

    id: UUID
    account_id: UUID
    source: str
    source_ref: str
    label: str
    priority: int
    expires_at: datetime
    created_at: datetime
    amount: int
    remaining: int
    held: int
    clawed: int = 0

    @property
    def burn_key(self) -> tuple[int, datetime, UUID]:
        """Burn order: priority, then soonest expiry, then oldest."""
        return (self.priority, self.expires_at, self.id)


@dataclass(frozen=True)
class Part:
    """What a hold pins of a grant."""

    grant_id: UUID
    amount: int


@dataclass(frozen=True)
class Hold:
    """A hold and its parts in burn order; `refunded` of what was captured has been given back since."""

    id: UUID
    account_id: UUID
    run_id: UUID
    amount: int
    captured: int
    state: str
    created_at: datetime
    expires_at: datetime
    parts: tuple[Part, ...]
    refunded: int = 0


CapKey = tuple[UUID, str, str, datetime]
"""Account, subject, label and start of a window."""


@dataclass(frozen=True)
class Cap:
    """A cap's window [start, end); `is_new` while it is not in the database."""

    account_id: UUID
    subject: str
    label: str
    window_start: datetime
    window_end: datetime
    limit: int
    used: int
    is_new: bool = False

    @property
    def room(self) -> int:
        """What the window still allows; a lowered cap may be overdrawn, which is no room."""
        return max(0, self.limit - self.used)

    @property
    def key(self) -> CapKey:
        """What names the window."""
        return (self.account_id, self.subject, self.label, self.window_start)


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is asked of one account. (scope, key) makes a retry harmless; `at` is the instant it is decided for."""

    account_id: UUID
    scope: str
    key: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class GrantCredits(Command):
    """Add a grant; unique by (source, source_ref)."""

    grant_id: UUID
    source: str
    source_ref: str
    label: str
    amount: int
    priority: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class HoldCredits(Command):
    """Set `amount` aside for a run, in burn order, within the caps."""

    hold_id: UUID
    run_id: UUID
    amount: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Capture(Command):
    """Spend `amount` of a hold and give the rest back, once."""

    run_id: UUID
    amount: int
    note: str


@dataclass(frozen=True, kw_only=True)
class Release(Command):
    """Give a whole hold back; `state` is "released" or "expired"."""

    run_id: UUID
    state: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Expire(Command):
    """End a lapsed grant: what is free in it becomes breakage; what a hold pins stays until the hold ends."""

    grant_id: UUID


@dataclass(frozen=True, kw_only=True)
class Refund(Command):
    """Give `amount` of a captured hold back to the grants that paid it."""

    run_id: UUID
    amount: int
    note: str


@dataclass(frozen=True, kw_only=True)
class ClawBack(Command):
    """Take `amount` of a grant back: what is left in it first, the rest becomes debt. All claw-backs together take no more than was granted."""

    grant_id: UUID
    amount: int
    note: str


@dataclass(frozen=True, kw_only=True)
class Reinstate(Command):
    """Undo `amount` of the claw-backs of a grant: debt first, the rest arrives as a grant of its own (`new_grant_id`)."""

    grant_id: UUID
    new_grant_id: UUID
    amount: int
    note: str


@dataclass(frozen=True, kw_only=True)
class SendCredits(Command):
    """Move own credits (never the plan's) out to another account; `ReceiveCredits` is the other half, in the same transaction."""

    amount: int
    note: str


@dataclass(frozen=True, kw_only=True)
class ReceiveCredits(Command):
    """Take in credits that another account sent, as a grant."""

    grant_id: UUID
    amount: int
    note: str


@dataclass(frozen=True, kw_only=True)
class Deduct(Command):
    """Take credits away by hand, in burn order; `note` says why and who."""

    amount: int
    note: str


AnyCommand = GrantCredits | HoldCredits | Capture | Release | Expire | Refund | ClawBack | Reinstate | SendCredits | ReceiveCredits | Deduct


@dataclass(frozen=True)
class Refusal:
    """Why a command was not done; the numbers are whole credits."""

    code: str
    cap: Cap | None = None
    available: int = 0
    held: int = 0
    required: int = 0
    limit: int | None = None


@dataclass(frozen=True)
class Done:
    """What a command did. `replayed` when it had been done before: then nothing was written."""

    entry: "Entry | None"
    hold: Hold | None = None
    grant: Grant | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Move:
    """A transfer in the making."""

    debit_id: UUID
    credit_id: UUID
    grant_id: UUID
    hold_id: UUID | None
    amount: int


@dataclass(frozen=True)
class Entry:
    """An entry in the making: `amount` is the signed change of posted, `balance` the posted credits after it."""

    account_id: UUID
    number: int
    scope: str
    key: str
    kind: str
    at: datetime
    amount: int
    balance: int
    run_id: UUID | None
    detail: dict[str, str | int]
    moves: tuple[Move, ...]
    command: AnyCommand


@dataclass
class Book:
    """The state that `decide` works on: what was read, changed as commands are done. Keyed for speed, small by construction."""

    accounts: dict[UUID, Account]
    grants: dict[UUID, Grant]
    holds: dict[UUID, Hold] = field(default_factory=dict[UUID, Hold])  # by run id
    caps: dict[CapKey, Cap] = field(default_factory=dict[CapKey, Cap])
    run_caps: dict[UUID, int] = field(default_factory=dict[UUID, int])  # the owner's own cap on a single run, by account
    entries: list[Entry] = field(default_factory=list[Entry])
    new_grants: set[UUID] = field(default_factory=set[UUID])
    new_holds: set[UUID] = field(default_factory=set[UUID])

    def __post_init__(self) -> None:
        """Find an account's grants and windows without a look at all the others of the batch."""
        self._grants_of: dict[UUID, list[UUID]] = {}
        self._caps_of: dict[UUID, list[CapKey]] = {}
        for grant in self.grants.values():
            self._grants_of.setdefault(grant.account_id, []).append(grant.id)
        for key in self.caps:
            self._caps_of.setdefault(key[0], []).append(key)

    def burn_order(self, account_id: UUID, at: datetime) -> list[Grant]:
        """The account's grants that may pay now, first to burn first."""
        mine = (self.grants[one] for one in self._grants_of.get(account_id, ()))
        return sorted((one for one in mine if one.remaining > 0 and one.expires_at > at), key=lambda one: one.burn_key)

    def windows(self, account_id: UUID, at: datetime) -> list[Cap]:
        """The account's cap windows that hold `at`."""
        mine = (self.caps[key] for key in self._caps_of.get(account_id, ()))
        return [cap for cap in mine if cap.window_start <= at < cap.window_end]

    def write(self, command: AnyCommand, kind: str, moves: Sequence[Move], *, run_id: UUID | None = None, detail: dict[str, str | int]) -> Entry:
        """Append the entry of a command that was accepted: move posted, count the version."""
        account = self.accounts[command.account_id]
        amount = sum(move.amount if move.credit_id == account.id else -move.amount for move in moves)
        account = replace(account, posted=account.posted + amount, version=account.version + 1)
        self.accounts[account.id] = account
        entry = Entry(
            account_id=account.id,
            number=account.version,
            scope=command.scope,
            key=command.key,
            kind=kind,
            at=command.at,
            amount=amount,
            balance=account.posted,
            run_id=run_id,
            detail=detail,
            moves=tuple(moves),
            command=command,
        )
        self.entries.append(entry)
        return entry

    def put(self, grant: Grant) -> None:
        """Write a grant, new or changed."""
        if grant.id not in self.grants:
            self.new_grants.add(grant.id)
            self._grants_of.setdefault(grant.account_id, []).append(grant.id)
        self.grants[grant.id] = grant

    def put_cap(self, cap: Cap) -> None:
        """Write a cap's window, new or changed."""
        if cap.key not in self.caps:
            self._caps_of.setdefault(cap.account_id, []).append(cap.key)
        self.caps[cap.key] = cap

    def change_debt(self, account_id: UUID, by: int) -> None:
        """Owe more (+) or less (-)."""
        account = self.accounts[account_id]
        self.accounts[account_id] = replace(account, debt=account.debt + by)

    def change_held(self, account_id: UUID, by: int) -> None:
        """Move credits into (+) or out of (-) the held ones."""
        account = self.accounts[account_id]
        self.accounts[account_id] = replace(account, held=account.held + by)
