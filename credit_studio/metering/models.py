"""Tokens by person."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel


class TokenCount(SQLModel, table=True):
    """The tokens that a person's runs have counted: ever, and in `month`, the last one in which any did ("2026-11", in their zone)."""

    __tablename__ = "token_count"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (CheckConstraint("in_month >= 0 AND in_month <= total", name="month_within_total"),)

    person_id: UUID = Field(primary_key=True)
    total: int = Field(sa_type=BigInteger)
    month: str
    in_month: int = Field(sa_type=BigInteger)
