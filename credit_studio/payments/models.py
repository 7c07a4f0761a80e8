"""The tables of payments. Amounts are in minor units of `currency`, credits are whole; ids that begin with letters are Stripe's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class Customer(SQLModel, table=True):
    """A person as Stripe knows them, and the card that one-click purchases go by: never more of it than is printed on a receipt.

    `card_expires` is the month ("2031-04"), `card_fingerprint` Stripe's name for the card's number, alike for whoever saves it;
    `card_trouble` says by a code of `rules.DECLINES` why the card cannot be charged.
    """

    __tablename__ = "customer"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    stripe_id: str = Field(unique=True)
    card_pm: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    card_expires: str | None = None
    card_fingerprint: str | None = None
    card_trouble: str | None = None
    created_at: datetime = instant()


class Purchase(SQLModel, table=True):
    """An order, written before Stripe hears of it; its id is `order_id` in the metadata of everything that pays it.

    `item` is the pack or the plan; `refunded` is the amount that has gone back; `bill_to` is what a receipt is made out to.
    """

    __tablename__ = "purchase"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("kind IN ('pack', 'top_up', 'recharge', 'plan')", name="known_kind"),
        CheckConstraint("status IN ('open', 'processing', 'paid', 'expired', 'failed')", name="known_status"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL) AND (status = 'paid') = (receipt_no IS NOT NULL)", name="paid_is_receipted"),
        CheckConstraint("amount >= 0 AND credits >= 0 AND refunded >= 0 AND refunded <= amount", name="amounts"),
        UniqueConstraint("person_id", "idem_key"),
        Index("ix_purchase_person_created", "person_id", "created_at", "id"),
        Index("ix_purchase_unfinished", "created_at", postgresql_where=text("status IN ('open', 'processing')")),
        Index("uq_purchase_recharge_in_flight", "person_id", unique=True, postgresql_where=text("kind = 'recharge' AND status IN ('open', 'processing')")),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    kind: str
    item: str
    credits: int
    amount: int
    currency: str
    status: str
    session_id: str | None = Field(default=None, unique=True)
    intent_id: str | None = Field(default=None, unique=True)
    invoice_id: str | None = Field(default=None, unique=True)
    charge_id: str | None = Field(default=None, unique=True)
    idem_key: str | None = None
    failure_code: str = ""
    failure_text: str = ""
    receipt_no: int | None = Field(default=None, unique=True)
    created_at: datetime = instant()
    paid_at: datetime | None = instant(nullable=True, default=None)
    refunded: int = 0
    bill_to: dict[str, Any] | None = Field(default=None, sa_type=JSONB, nullable=True)


class BillTo(SQLModel, table=True):
    """What a person's receipts are made out to: `address` in lines, `tax_id` as it was typed. An order keeps what it was when it was paid."""

    __tablename__ = "bill_to"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    name: str = ""
    address: str = ""
    country: str = ""
    tax_id: str = ""
    changed_at: datetime = instant()


class ReceiptCounter(SQLModel, table=True):
    """The number of the newest receipt, in its one row: taken in the transaction that pays, so that there is no gap."""

    __tablename__ = "receipt_counter"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(primary_key=True)
    last: int


class Inbox(SQLModel, table=True):
    """An event of Stripe's, once. `created_at` is Stripe's instant, `next_at` when it is tried again, `error` what stopped the last try."""

    __tablename__ = "inbox"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("status IN ('new', 'done', 'dead', 'ignored')", name="known_status"),
        CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done_has_its_time"),
        Index("ix_inbox_due", "next_at", postgresql_where=text("status = 'new'")),
        Index("ix_inbox_dead", "received_at", postgresql_where=text("status = 'dead'")),
        Index("ix_inbox_object", "object_id"),
    )

    event_id: str = Field(primary_key=True)
    type: str
    object_id: str
    created_at: datetime = instant()
    received_at: datetime = instant()
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    status: str = "new"
    attempts: int = 0
    next_at: datetime = instant()
    error: str = ""
    done_at: datetime | None = instant(nullable=True, default=None)


class Refund(SQLModel, table=True):
    """Money that goes back for an order, and the credits that were taken back for it."""

    __tablename__ = "refund"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (CheckConstraint("amount >= 0 AND credits >= 0", name="amounts"), Index("ix_refund_purchase", "purchase_id"))

    stripe_id: str = Field(primary_key=True)
    purchase_id: UUID = Field(foreign_key="purchase.id")
    amount: int
    status: str
    credits: int = 0
    reason: str = ""
    created_at: datetime = instant()


class Dispute(SQLModel, table=True):
    """A payment that the cardholder disputes: credits that were taken for it, and those that came back when it was won."""

    __tablename__ = "dispute"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("amount >= 0 AND credits_taken >= 0 AND credits_back >= 0 AND credits_back <= credits_taken", name="amounts"),
        Index("ix_dispute_purchase", "purchase_id"),
    )

    stripe_id: str = Field(primary_key=True)
    purchase_id: UUID = Field(foreign_key="purchase.id")
    amount: int
    status: str
    credits_taken: int = 0
    credits_back: int = 0
    reason: str = ""
    created_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True, default=None)


class RechargeRule(SQLModel, table=True):
    """When a person's balance is topped up by itself: below `below` credits, by `pack_id`, at most `ceiling_amount` a calendar month."""

    __tablename__ = "recharge_rule"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("below >= 1 AND ceiling_amount >= 1", name="amounts"),
        CheckConstraint("NOT enabled OR (consented_at IS NOT NULL AND stopped_reason = '')", name="runs_by_consent"),
    )

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    enabled: bool
    below: int
    pack_id: str
    ceiling_amount: int
    consented_at: datetime | None = instant(nullable=True, default=None)
    consent_text: str = ""
    stopped_reason: str = ""
    cool_until: datetime | None = instant(nullable=True, default=None)
    changed_at: datetime = instant()


class MoneyCheck(SQLModel, table=True):
    """One comparison of what was paid with what was granted: so many of Stripe's objects looked at from `since` on, what was mended, what stays wrong.

    `mended` are lines, `found` are findings (code, about, said); `ended_at` is missing while it runs, and for good when a crash ended it.
    """

    __tablename__ = "money_check"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    id: UUID = Field(primary_key=True)
    at: datetime = instant(index=True)
    since: datetime = instant()
    ended_at: datetime | None = instant(nullable=True, default=None)
    looked: int = 0
    mended: list[str] = Field(default_factory=list, sa_type=JSONB)
    found: list[dict[str, str]] = Field(default_factory=list, sa_type=JSONB)
