"""The tables of notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class Alert(SQLModel, table=True):
    """Something that a person was told. `dedupe` names what it is about: one alert for each, ever; `data` has the figures behind the words."""

    __tablename__ = "alert"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        UniqueConstraint("person_id", "dedupe"),
        Index("ix_alert_person_newest", "person_id", "id"),
        Index("ix_alert_unread", "person_id", postgresql_where=text("read_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    kind: str
    dedupe: str
    at: datetime = instant()
    data: dict[str, Any] = Field(sa_type=JSONB)
    read_at: datetime | None = instant(nullable=True, default=None)


class RuleRow(SQLModel, table=True):
    """What a person wants to be told, and where. `low_since` is set while the balance is below `low_balance` and they know it."""

    __tablename__ = "notification_rule"  # pyright: ignore[reportAssignmentType] - as above
    __table_args__ = (
        CheckConstraint("thresholds <@ ARRAY[25, 50, 75, 80, 90, 100]", name="known_thresholds"),
        CheckConstraint("low_balance IS NULL OR low_balance >= 1", name="low_balance"),
        CheckConstraint("(webhook_url = '') = (webhook_secret = '')", name="signed_when_sent"),
    )

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    thresholds: list[int] = Field(sa_type=ARRAY(Integer))  # type: ignore[arg-type] - an instance, which SQLModel's types do not know
    low_balance: int | None = None
    low_since: datetime | None = instant(nullable=True, default=None)
    in_app: bool = True
    email: bool = True
    sms_to: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_trouble: str = ""
    changed_at: datetime = instant()


class Delivery(SQLModel, table=True):
    """An alert on its way out by one channel. `next_at` is when it may be tried (again); `answer` is what the other side said."""

    __tablename__ = "delivery"  # pyright: ignore[reportAssignmentType] - as above
    __table_args__ = (
        UniqueConstraint("alert_id", "channel"),
        CheckConstraint("channel IN ('email', 'sms', 'webhook')", name="known_channel"),
        CheckConstraint("status IN ('pending', 'sent', 'kept', 'failed')", name="known_status"),
        Index("ix_delivery_due", "next_at", postgresql_where=text("status = 'pending'")),
    )

    id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(foreign_key="alert.id")
    channel: str
    status: str = "pending"
    attempts: int = 0
    next_at: datetime = instant()
    answer: str = ""
    error: str = ""
    message: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    ended_at: datetime | None = instant(nullable=True, default=None)
