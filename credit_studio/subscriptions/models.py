"""Which plan a person holds, and its present period."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class Subscription(SQLModel, table=True):
    """A person's plan. The period is [period_start, period_end); `anchor_day` is the day of the month on which it renews."""

    __tablename__ = "subscription"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (CheckConstraint("period_start < period_end", name="period_runs_forward"),)

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    plan_id: str
    period_start: datetime = instant()
    period_end: datetime = instant()
    anchor_day: int
