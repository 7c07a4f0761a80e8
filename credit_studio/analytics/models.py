"""Usage by hour, written with the settlement."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class UsageHour(SQLModel, table=True):
    """What a person ran of one tool in one hour (UTC) and what it cost, in whole credits."""

    __tablename__ = "usage_hour"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    person_id: UUID = Field(primary_key=True)
    hour: datetime = instant(primary_key=True)
    tool_id: str = Field(primary_key=True)
    runs: int
    failed: int
    credits: int
