"""The tables of people and of their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class PersonRow(SQLModel, table=True):
    """One account. `email` is as it was typed, `email_key` its form for comparing: that one is unique."""

    __tablename__ = "person"  # pyright: ignore[reportAssignmentType] - a plain name is how SQLModel is used
    __table_args__ = (CheckConstraint("role IN ('user', 'admin')", name="role"),)

    id: UUID = Field(primary_key=True)
    email: str
    email_key: str = Field(unique=True)
    password_hash: str
    display_name: str
    role: str
    time_zone: str
    created_at: datetime = instant()


class LoginSession(SQLModel, table=True):
    """One signed-in browser. `token_hash` is the SHA-256 of the cookie's token in hex; the token itself is kept nowhere."""

    __tablename__ = "login_session"  # pyright: ignore[reportAssignmentType] - the same
    __table_args__ = (Index("ix_login_session_person_id", "person_id"), Index("ix_login_session_expires_at", "expires_at"))

    id: UUID = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id")
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True, default=None)
    address: str = ""
    user_agent: str = ""
