"""What the book's decisions work on: an account's sheet (its grants, holds, caps) and the commands that change it. Plain values, no I/O."""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID, uuid5

from credit_studio.core.clock import FAR_FUTURE

_SYSTEM = UUID("6f1d6a52-6b8e-5a53-9a0c-0c1a6e0f5c01")
ISSUED = uuid5(_SYSTEM, "issued")
CONSUMED = uuid5(_SYSTEM, "consumed")
BREAKAGE = uuid5(_SYSTEM, "breakage")
CLAWED = uuid5(_SYSTEM, "clawed back")
ADJUSTED = uuid5(_SYSTEM, "adjusted")
IN_TRANSIT = uuid5(_SYSTEM, "in transit")
"""The other side of every transfer. They have no row: their balance is derived from the transfers."""

PURCHASE_SOURCE = "purchase"
"""Grants of this source repay debt before they can be used."""

PLAN_SOURCE = "plan"
"""Grants of this source are the plan's allotment: the plan's caps limit them, and nothing else."""

SENDABLE = frozenset({PURCHASE_SOURCE, "gift"})
"""Grants of these sources may be sent to somebody: what was bought, and what was got that way. What arrives does not end, so whatever
ends, and whatever the studio gives away, stays with whom it was given to."""

SETTLE = "settle"
"""The scope of what ends a run's hold; its key is the run's id."""

Detail = dict[str, str | int]


@dataclass(slots=True, eq=False)
class Account:
    """An owner's account in whole credits. `version` counts its entries, `revision` every change of any of its rows."""

    id: UUID
    owner_id: UUID
    posted: int = 0
    held: int = 0
    debt: int = 0
    version: int = 0
    revision: int = 0
    head: bytes = b""


@dataclass(slots=True, eq=False)
class Grant:
    """Credits that arrived together; `remaining` is free, `held` is pinned by open holds, `clawed` was taken back or is owed for it."""

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
    held: int = 0
    clawed: int = 0


BURN_ORDER = attrgetter("priority", "expires_at", "id")
"""By what grants are burnt: priority, then soonest expiry, then oldest."""


class Part(NamedTuple):
    """What a hold pins of a grant."""

    grant_id: UUID
    amount: int


class Hold(NamedTuple):
    """A hold and its parts in burn order; its id is its run's (older ones have their own). `refunded` of what was captured has been given back since."""

    id: UUID
    account_id: UUID
    run_id: UUID
    amount: int
    captured: int
    refunded: int
    state: str
    created_at: datetime
    expires_at: datetime
    parts: tuple[Part, ...]


@dataclass(slots=True, eq=False)
class Cap:
    """A cap's window [start, end); its id is None until it is written."""

    id: UUID | None
    account_id: UUID
    subject: str
    label: str
    window_start: datetime
    window_end: datetime
    limit: int
    used: int = 0

    @property
    def room(self) -> int:
        """What the window still allows; a lowered cap may be overdrawn, which is no room."""
        return max(0, self.limit - self.used)


class Rule(NamedTuple):
    """What the next window of a cap will allow, on the owner's calendar or in a plan's `period`; label "run" bounds every single hold."""

    subject: str
    label: str
    limit: int
    period: tuple[datetime, datetime] | None


def storable(text: str) -> str:
    """A text as the database can keep it: without NUL and halves of characters."""
    return text if text.isprintable() else text.replace("\0", "?").encode(errors="replace").decode()


@dataclass(slots=True, kw_only=True)
class Command:
    """What is asked of one account. (scope, key) makes a retry harmless, `fingerprint` tells it from another request; `at` is the deciding instant."""

    account_id: UUID
    scope: str
    key: str
    at: datetime
    fingerprint: bytes = b""


@dataclass(slots=True, kw_only=True)
class GrantCredits(Command):
    """Add a grant; unique by (source, source_ref)."""

    grant_id: UUID
    source: str
    source_ref: str
    label: str
    amount: int
    priority: int
    expires_at: datetime


@dataclass(slots=True, kw_only=True)
class HoldCredits(Command):
    """Set `amount` aside for a run, in burn order, within the caps, whose windows follow the calendar of `zone`."""

    run_id: UUID
    amount: int
    expires_at: datetime
    zone: str = "UTC"


@dataclass(slots=True, kw_only=True)
class Capture(Command):
    """Spend `amount` of a hold and give the rest back, once."""

    run_id: UUID
    amount: int
    note: str


@dataclass(slots=True, kw_only=True)
class Release(Command):
    """Give a whole hold back; `state` is "released" or "expired"."""

    run_id: UUID
    state: str
    note: str


@dataclass(slots=True, kw_only=True)
class Expire(Command):
    """End a lapsed grant: what is free in it becomes breakage; what a hold pins stays until the hold ends."""

    grant_id: UUID


@dataclass(slots=True, kw_only=True)
class Refund(Command):
    """Give `amount` of a captured hold back to the grants that paid it."""

    run_id: UUID
    amount: int
    note: str


@dataclass(slots=True, kw_only=True)
class ClawBack(Command):
    """Take `amount` of a grant back: what is left in it first, the rest becomes debt. All claw-backs together take no more than was granted."""

    grant_id: UUID
    amount: int
    note: str


@dataclass(slots=True, kw_only=True)
class Reinstate(Command):
    """Undo `amount` of the claw-backs of a grant: debt first, the rest arrives as a grant of its own (`new_grant_id`)."""

    grant_id: UUID
    new_grant_id: UUID
    amount: int
    note: str


@dataclass(slots=True, kw_only=True)
class SendCredits(Command):
    """Move credits that may be sent (`SENDABLE`) out to another account; `ReceiveCredits` is the other half, in the same transaction."""

    amount: int
    note: str


@dataclass(slots=True, kw_only=True)
class ReceiveCredits(Command):
    """Take in credits that another account sent, as a grant."""

    grant_id: UUID
    amount: int
    note: str


@dataclass(slots=True, kw_only=True)
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


class Move(NamedTuple):
    """A transfer in the making."""

    debit_id: UUID
    credit_id: UUID
    grant_id: UUID
    hold_id: UUID | None
    amount: int


class Entry(NamedTuple):
    """An entry in the making: `amount` is the signed change of posted, `balance` the posted credits after it, `number` counts from 1."""

    account_id: UUID
    number: int
    scope: str
    key: str
    kind: str
    at: datetime
    amount: int
    balance: int
    run_id: UUID | None
    detail: Detail
    fingerprint: bytes
    moves: Sequence[Move]


class Done(NamedTuple):
    """What a command did. `replayed` when it had been done before: then nothing was written."""

    entry: Entry | None
    hold: Hold | None = None
    replayed: bool = False


@dataclass(slots=True, eq=False)
class Sheet:
    """One account with all that decisions need of it: grants with something in them in burn order, holds by run, windows of caps, rules for the next."""

    account: Account
    grants: list[Grant] = field(default_factory=list[Grant])
    holds: dict[UUID, Hold] = field(default_factory=dict[UUID, Hold])
    caps: list[Cap] = field(default_factory=list[Cap])
    rules: list[Rule] = field(default_factory=list[Rule])
    lapses_from: datetime | None = None
    """No grant lapses before; None when it is not known."""

    def grant(self, grant_id: UUID) -> Grant | None:
        """The grant of that id, or None."""
        return next((one for one in self.grants if one.id == grant_id), None)

    def pinned(self, part: Part) -> Grant:
        """The grant that a hold's part pins: it is open while the hold is."""
        return next(one for one in self.grants if one.id == part.grant_id)

    def burning(self, at: datetime) -> Iterator[Grant]:
        """The grants that may pay now, first to burn first."""
        return (one for one in self.grants if one.remaining and one.expires_at > at)

    def free(self, at: datetime) -> int:
        """What may be spent now, in credits: less than nothing when more is owed."""
        if self.lapses_from is None:
            self.lapses_from = min((one.expires_at for one in self.grants), default=FAR_FUTURE)
        lapsed = sum(one.remaining for one in self.grants if one.expires_at <= at) if at >= self.lapses_from else 0
        return self.account.posted - self.account.held - self.account.debt - lapsed

    def windows(self, at: datetime) -> list[Cap]:
        """The windows of caps that hold `at`."""
        return [cap for cap in self.caps if cap.window_start <= at < cap.window_end]


@dataclass(slots=True)
class Book:
    """The sheets of a batch's accounts, and what its commands changed on them: sheets change in place, so that the next command sees it."""

    sheets: dict[UUID, Sheet]
    entries: list[Entry] = field(default_factory=list[Entry])
    accounts: dict[Account, int] = field(default_factory=dict[Account, int])
    """Changed accounts, each with the revision that it had."""
    new_grants: dict[Grant, None] = field(default_factory=dict[Grant, None])
    grants: dict[Grant, bool] = field(default_factory=dict[Grant, bool])
    """Changed grants, and whether their end or what was clawed back of them changed, too."""
    caps: dict[Cap, None] = field(default_factory=dict[Cap, None])
    new_holds: dict[UUID, Hold] = field(default_factory=dict[UUID, Hold])
    holds: dict[UUID, Hold] = field(default_factory=dict[UUID, Hold])

    def write(self, sheet: Sheet, command: Command, kind: str, moves: Sequence[Move], *, run_id: UUID | None = None, detail: Detail) -> Entry:
        """Append the entry of a command that was accepted: move posted, count version and revision."""
        account = sheet.account
        amount = sum([move.amount if move.credit_id == account.id else -move.amount for move in moves])
        self.accounts.setdefault(account, account.revision)
        account.posted += amount
        account.version += 1
        asked = (command.scope, command.key, kind, command.at)
        entry = Entry(account.id, account.version, *asked, amount, account.posted, run_id, detail, command.fingerprint, moves)
        self.entries.append(entry)
        return entry

    def add(self, sheet: Sheet, grant: Grant) -> None:
        """Add a new grant."""
        grant.label = storable(grant.label)
        self.new_grants[grant] = None
        sheet.lapses_from = None
        insort(sheet.grants, grant, key=BURN_ORDER)

    def change(self, grant: Grant, *, remaining: int = 0, held: int = 0) -> None:
        """Move what is free and what is pinned in a grant by so many credits."""
        grant.remaining += remaining
        grant.held += held
        if grant not in self.new_grants:
            self.grants.setdefault(grant, False)

    def claw(self, grant: Grant, amount: int) -> None:
        """Count `amount` more (or, negative, less) of a grant as taken back or owed."""
        grant.clawed += amount
        self._correct(grant)

    def postpone(self, sheet: Sheet, grant: Grant, until: datetime) -> None:
        """Let a grant end later."""
        grant.expires_at = until
        sheet.grants.sort(key=BURN_ORDER)
        self._correct(grant)

    def _correct(self, grant: Grant) -> None:
        if grant not in self.new_grants:
            self.grants[grant] = True

    def put(self, sheet: Sheet, hold: Hold) -> None:
        """Write a hold, new or ended."""
        known = hold.run_id in sheet.holds and hold.run_id not in self.new_holds
        (self.holds if known else self.new_holds)[hold.run_id] = hold
        sheet.holds[hold.run_id] = hold
