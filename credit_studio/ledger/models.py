"""The tables of the book. `entry` and `transfer` are append-only: a trigger refuses UPDATE and DELETE.

Rows that one statement writes together name each other without foreign keys: the book's checks find one that names nothing
(docs/decisions/0008).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


def _credits(**more: Any) -> Any:  # noqa: ANN401 - mirrors sqlmodel.Field
    return Field(sa_type=BigInteger, **more)


class Account(SQLModel, table=True):
    """An owner's account. posted - held is what grants still hold free; lapsed grants count until they are expired."""

    __tablename__ = "account"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        UniqueConstraint("owner_kind", "owner_id"),
        CheckConstraint("held >= 0", name="held_not_negative"),
        CheckConstraint("posted - held >= 0", name="held_within_posted"),
        CheckConstraint("debt >= 0", name="debt_not_negative"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: UUID = Field(primary_key=True)
    owner_kind: str
    owner_id: UUID
    posted: int = _credits(default=0)
    held: int = _credits(default=0)
    debt: int = _credits(default=0)
    version: int = _credits(default=0)
    revision: int = _credits(default=0, sa_column_kwargs={"server_default": "0"})
    chain_head: bytes = Field(sa_type=LargeBinary)


class Entry(SQLModel, table=True):
    """One accepted command. `number` counts the account's entries from 1; `balance` is the account's posted credits after it."""

    __tablename__ = "entry"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        UniqueConstraint("scope", "idem_key"),
        UniqueConstraint("account_id", "number"),
        Index("ix_entry_debt", "account_id", "number", postgresql_where=text("result ?| ARRAY['owed', 'repaid', 'forgiven']")),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID
    number: int = _credits()
    scope: str
    idem_key: str
    kind: str
    request_hash: bytes = Field(sa_type=LargeBinary)
    result: dict[str, Any] = Field(sa_type=JSONB)
    at: datetime = instant()
    amount: int = _credits()
    balance: int = _credits()
    run_id: UUID | None = None
    reverses_id: UUID | None = None
    prev_hash: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


class Transfer(SQLModel, table=True):
    """Credits from one account (credit) to another (debit); an unbalanced entry cannot be written."""

    __tablename__ = "transfer"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
    )

    entry_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    debit_id: UUID
    credit_id: UUID
    grant_id: UUID | None = None
    hold_id: UUID | None = None
    amount: int = _credits()


class Grant(SQLModel, table=True):
    """Credits that arrived together. `open` while something can still move in it."""

    __tablename__ = "grant"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        CheckConstraint("remaining >= 0 AND held >= 0 AND remaining + held <= amount", name="within_amount"),
        CheckConstraint("clawed >= 0 AND clawed <= amount", name="clawed_within_amount"),
        Index("ix_grant_burn_order", "account_id", "priority", "expires_at", "id", postgresql_where=text("open")),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    source: str
    source_ref: str
    label: str = ""
    priority: int
    expires_at: datetime = instant()
    created_at: datetime = instant()
    amount: int = _credits()
    remaining: int = _credits()
    held: int = _credits(default=0)
    clawed: int = _credits(default=0, sa_column_kwargs={"server_default": "0"})
    open: bool = True


class Hold(SQLModel, table=True):
    """Credits set aside for a run before it starts; `parts` are [grant id, credits] pinned of each grant, in burn order."""

    __tablename__ = "hold"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("amount > 0 AND captured >= 0 AND captured <= amount", name="captured_within_amount"),
        CheckConstraint("refunded >= 0 AND refunded <= captured", name="refunded_within_captured"),
        CheckConstraint("state IN ('open', 'captured', 'released', 'expired')", name="known_state"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: UUID
    account_id: UUID
    run_id: UUID = Field(primary_key=True)
    amount: int = _credits()
    captured: int = _credits(default=0)
    refunded: int = _credits(default=0, sa_column_kwargs={"server_default": "0"})
    state: str = "open"
    created_at: datetime = instant()
    expires_at: datetime = instant()
    parts: list[tuple[str, int]] = Field(sa_type=JSONB)


class Cap(SQLModel, table=True):
    """A cap's window. subject "plan" counts only what allotment grants paid, "own" everything; label is "day" or "month"."""

    __tablename__ = "cap"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        UniqueConstraint("account_id", "subject", "label", "window_start"),
        CheckConstraint("used >= 0", name="used_not_negative"),
        CheckConstraint("window_start < window_end", name="window_runs_forward"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")})
    account_id: UUID = Field(foreign_key="account.id")
    subject: str
    label: str
    window_start: datetime = instant()
    window_end: datetime = instant()
    lim: int = _credits()
    used: int = _credits(default=0)


class CapRule(SQLModel, table=True):
    """What the next window of a cap will allow; label "run" has no window: it bounds every single hold.

    A cap that follows a plan's period names it; all others follow the calendar of the owner's zone.
    """

    __tablename__ = "cap_rule"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (CheckConstraint("lim >= 0", name="limit_not_negative"),)

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    subject: str = Field(primary_key=True)
    label: str = Field(primary_key=True)
    lim: int = _credits()
    period_start: datetime | None = instant(nullable=True, default=None)
    period_end: datetime | None = instant(nullable=True, default=None)
