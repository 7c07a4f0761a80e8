"""Which plan a person holds, and its present period; and what was paid for it at Stripe."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class Subscription(SQLModel, table=True):
    """A person's plan. The period is [period_start, period_end); `anchor_day` is the day of the month on which it renews.

    `source` says who renews it: "studio" (the first plan, or one that an operator gave) or "stripe", by the subscription `stripe_id`. `status` is
    "active" or "past_due" (Stripe still tries to collect). `cancel_at` and `next_plan_id` say what follows this period at Stripe.
    """

    __tablename__ = "subscription"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("period_start < period_end", name="period_runs_forward"),
        CheckConstraint("source IN ('studio', 'stripe')", name="source"),
        CheckConstraint("status IN ('active', 'past_due')", name="status"),
        CheckConstraint("(source = 'stripe') = (stripe_id IS NOT NULL)", name="paid_plans_are_at_stripe"),
        CheckConstraint("source = 'stripe' OR (status = 'active' AND cancel_at IS NULL AND next_plan_id IS NULL)", name="only_paid_plans_end"),
        Index("ix_subscription_due", "period_end", postgresql_where=text("source = 'studio'")),
    )

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    plan_id: str
    period_start: datetime = instant()
    period_end: datetime = instant()
    anchor_day: int
    source: str = Field(default="studio", sa_column_kwargs={"server_default": "studio"})
    status: str = Field(default="active", sa_column_kwargs={"server_default": "active"})
    stripe_id: str | None = Field(default=None, unique=True)
    cancel_at: datetime | None = instant(nullable=True, default=None)
    next_plan_id: str | None = Field(default=None)


class PaidPlan(SQLModel, table=True):
    """A subscription at Stripe as it was last looked at (`seen_at`).

    `plan_id` is what it charges for next, `since` when it was made, `anchor` what its months are counted from; `was_held` when it has been
    somebody's plan here: then its end is done once.
    """

    __tablename__ = "paid_plan"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    stripe_id: str = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    status: str
    plan_id: str
    since: datetime = instant()
    anchor: datetime = instant()
    cancel_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    seen_at: datetime = instant()
    was_held: bool = False


class Allotment(SQLModel, table=True):
    """What one paid invoice of a subscription brought: credits of a plan for [period_start, period_end), from `since` on. Written once."""

    __tablename__ = "allotment"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("period_start < period_end", name="period_runs_forward"),
        CheckConstraint("credits >= 0", name="credits_are_never_taken"),
        Index("ix_allotment_stripe_id", "stripe_id"),
    )

    invoice_id: str = Field(primary_key=True)
    order_id: UUID = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    stripe_id: str
    reason: str
    plan_id: str
    period_start: datetime = instant()
    period_end: datetime = instant()
    since: datetime = instant()
    credits: int
    created_at: datetime = instant()
