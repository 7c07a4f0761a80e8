"""What comes out about credits and tools."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from credit_studio.api.bodies import Out

PROOF_EXAMPLE = {
    "accountId": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
    "head": "de461ce403a1c905b18477b33e25d2b18744cfea6743b594b9ba8f2e6ab6eb13",
    "entries": [
        {
            "number": 1,
            "id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b6",
            "kind": "grant",
            "at": "2026-11-20T14:02:07.123456+00:00",
            "amount": 300,
            "balance": 300,
            "scope": "grant:plan",
            "key": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b8:2026-11-20",
            "prevHash": "0000000000000000000000000000000000000000000000000000000000000000",
            "hash": "de461ce403a1c905b18477b33e25d2b18744cfea6743b594b9ba8f2e6ab6eb13",
            "transfers": [
                {
                    "debitId": "b2a88130-e284-5004-8928-51a71ab6da20",
                    "creditId": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
                    "grantId": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b7",
                    "holdId": None,
                    "amount": 300,
                }
            ],
        }
    ],
}
"""A ledger of one entry, as it is linked: it passes the verifier."""


class PlanOut(Out):
    """The plan you hold, in whole credits."""

    id: str
    name: str
    monthly_credits: int = Field(description="0 when none come by themselves each month")
    daily_cap: int | None


class WindowOut(Out):
    """The cap of a window that would stop first; `cap` and `resetsAt` are null when there is none."""

    used: int
    cap: int | None
    resets_at: datetime | None


class UsageWindows(Out):
    """Today and this month, in your time zone."""

    daily: WindowOut
    monthly: WindowOut


class CapOut(Out):
    """One cap as it stands; a plan's cap counts the plan's own credits, your own counts everything."""

    window: Literal["run", "day", "month"]
    scope: Literal["plan", "own"]
    limit: int
    used: int
    resets_at: datetime | None


class GrantOut(Out):
    """Credits that arrived together, in burn order."""

    id: UUID
    source: str
    amount: int
    remaining: int
    expires_at: datetime | None
    priority: int


class AlertOut(Out):
    """What needs your eye: `message` says what is so, `action` what to do, at the page `url`."""

    kind: Literal["card_failed"]
    message: str
    action: str
    url: str


class BalanceReply(Out):
    """Your credits now: available = total - held."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "available": 296,
                    "held": 0,
                    "total": 296,
                    "debt": 0,
                    "version": 7,
                    "plan": {"id": "free", "name": "Free", "monthlyCredits": 300, "dailyCap": 30},
                    "usage": {
                        "daily": {"used": 4, "cap": 30, "resetsAt": "2026-11-21T00:00:00Z"},
                        "monthly": {"used": 4, "cap": None, "resetsAt": None},
                    },
                    "caps": [{"window": "day", "scope": "plan", "limit": 30, "used": 4, "resetsAt": "2026-11-21T00:00:00Z"}],
                    "grants": [
                        {
                            "id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
                            "source": "plan",
                            "amount": 300,
                            "remaining": 296,
                            "expiresAt": "2026-12-20T14:02:00Z",
                            "priority": 10,
                        }
                    ],
                    "alerts": [],
                    "timeZone": "Europe/London",
                }
            ]
        }
    )

    available: int
    held: int
    total: int
    debt: int
    version: int
    plan: PlanOut
    usage: UsageWindows
    caps: tuple[CapOut, ...]
    grants: tuple[GrantOut, ...]
    alerts: tuple[AlertOut, ...] = ()
    time_zone: str


class PastBalanceReply(Out):
    """Your credits as they stood at an instant, from the entries up to it; `total` = `available` + `held`, and what was owed is taken off.

    What entries do not tell is left out: plan, usage, caps and alerts. A grant's `expiresAt` is the one that it has now.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-11-20T14:02:00Z",
                    "available": 296,
                    "held": 4,
                    "total": 300,
                    "debt": 0,
                    "version": 2,
                    "grants": [
                        {
                            "id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
                            "source": "plan",
                            "amount": 300,
                            "remaining": 296,
                            "expiresAt": "2026-12-20T14:02:00Z",
                            "priority": 10,
                        }
                    ],
                    "timeZone": "Europe/London",
                }
            ]
        }
    )

    at: datetime
    available: int
    held: int
    total: int
    debt: int
    version: int
    grants: tuple[GrantOut, ...]
    time_zone: str


class StatementReply(Out):
    """A month: opening + granted + bought - used - expired + refunded + adjusted = closing, to the credit; what is owed counts against it.

    `refunded`: given back for runs, less what was taken back with a payment; `adjusted`: by hand, and credits sent to somebody. Both may be
    below 0. Credits count as expired when the book ended them, at most a minute after their end.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "month": "2026-11",
                    "timeZone": "Europe/London",
                    "opening": 120,
                    "granted": 300,
                    "bought": 1_000,
                    "used": 412,
                    "expired": 87,
                    "refunded": 12,
                    "adjusted": 0,
                    "closing": 933,
                }
            ]
        }
    )

    month: str
    time_zone: str
    opening: int
    granted: int
    bought: int
    used: int
    expired: int
    refunded: int
    adjusted: int
    closing: int


class OutlookOut(Out):
    """The balance at the end of a day; `low` and `high` are those of busy and of calm weeks."""

    date: date
    low: int
    typical: int
    high: int


class BookingOut(Out):
    """What changes the balance without any run: credits that end unused at the usual use, or a plan's credits that arrive."""

    date: date
    kind: Literal["expiry", "renewal"]
    amount: int


class ForecastReply(Out):
    """Where the balance is heading, tomorrow first. `runsOutAt` is the day on which it would be 0, null when it lasts; `basis` says what it rests on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "timeZone": "Europe/London",
                    "basis": "28 days, 5.2 credits a day",
                    "runsOutAt": None,
                    "days": [{"date": "2026-11-21", "low": 118, "typical": 122, "high": 124}, {"date": "2026-11-22", "low": 402, "typical": 407, "high": 412}],
                    "bookings": [{"date": "2026-11-22", "kind": "expiry", "amount": 10}, {"date": "2026-11-22", "kind": "renewal", "amount": 300}],
                }
            ]
        }
    )

    time_zone: str
    basis: str
    runs_out_at: date | None
    days: tuple[OutlookOut, ...]
    bookings: tuple[BookingOut, ...]


class ProvenTransfer(Out):
    """Credits from one account (debit) to another (credit); of which grant, and under which hold."""

    debit_id: UUID
    credit_id: UUID
    grant_id: UUID | None
    hold_id: UUID | None
    amount: int


class ProvenEntry(Out):
    """An entry: `hash` = SHA-256(`prevHash` || canonical JSON of the entry and its transfers)."""

    number: int
    id: UUID
    kind: str
    at: datetime
    amount: int
    balance: int
    scope: str
    key: str
    prev_hash: str
    hash: str
    transfers: tuple[ProvenTransfer, ...]


class ProofReply(Out):
    """Every entry of your account in order, and the fingerprint of the last one."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROOF_EXAMPLE]})

    account_id: UUID
    head: str
    entries: tuple[ProvenEntry, ...]


class MovementOut(Out):
    """One line of the history; `amount` is signed."""

    id: UUID
    at: datetime
    type: str = Field(validation_alias="kind")
    amount: int
    balance_after: int
    description: str
    tool_id: str | None = Field(default=None, exclude_if=lambda value: value is None)
    run_id: UUID | None = Field(default=None, exclude_if=lambda value: value is None)
    reason: str | None = Field(default=None, exclude_if=lambda value: value is None)


class MovementList(Out):
    """Movements, newest first. `lookedTo` stands where a search stopped before the page was full: nothing after it was left out."""

    items: tuple[MovementOut, ...]
    next_cursor: str | None
    looked_to: datetime | None = Field(default=None, exclude_if=lambda value: value is None)


class MovementFile(Out):
    """Every movement of a period, the oldest first; `timeZone` is yours."""

    time_zone: str
    items: tuple[MovementOut, ...]


class ToolLimits(Out):
    """What one run may take at most."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int
    output_bytes: int


class Pricing(Out):
    """How a server run is priced, in credits; `max` is the cap. Tools priced by tokens say `tokensPerCredit`."""

    base: int | None = Field(default=None, exclude_if=lambda value: value is None)
    cpu_ms_per_credit: int | None = Field(default=None, exclude_if=lambda value: value is None)
    gb_ms_per_credit: int | None = Field(default=None, exclude_if=lambda value: value is None)
    tokens_per_credit: int | None = Field(default=None, exclude_if=lambda value: value is None)
    min: int
    max: int


class ToolOut(Out):
    """A tool. `requiresAuth` is false where it also runs in the browser without an account."""

    tool_id: str
    title: str
    studio: str
    slug: str
    execution_mode: Literal["client_only", "hybrid", "server_required"]
    requires_auth: bool
    risk_tier: str
    limits: ToolLimits
    pricing: Pricing
    availability: str
    description: str
    path: str


class ToolList(Out):
    """All tools, in the order of the catalogue."""

    items: tuple[ToolOut, ...]
    next_cursor: str | None = None


class ToolDetail(ToolOut):
    """A tool with the JSON Schema of its inputs and an example that runs."""

    input_schema: dict[str, Any]
    example: dict[str, Any]


class Health(Out):
    """How the studio is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok", "ready"]
