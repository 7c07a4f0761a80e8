"""The table of checks."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class BookCheck(SQLModel, table=True):
    """One look at the whole book: whether every invariant held, else what was found, a line each."""

    __tablename__ = "book_check"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    id: UUID = Field(primary_key=True)
    at: datetime = instant(index=True)
    holds: bool
    detail: str = ""
