"""The audit table."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class AuditEntry(SQLModel, table=True):
    """One thing that was done. `subject` names what it was done to ("run:...", "user:...")."""

    __tablename__ = "audit_entry"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (Index("ix_audit_entry_event_at", "event", "at"), Index("ix_audit_entry_user_at", "user_id", "at"))

    id: UUID = Field(primary_key=True)
    at: datetime = instant()
    event: str
    user_id: UUID | None = None
    actor: str = ""
    address: str = ""
    request_id: str = ""
    subject: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
