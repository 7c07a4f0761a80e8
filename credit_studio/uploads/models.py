"""The table of uploads."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class UploadRow(SQLModel, table=True):
    """One file. `size` in bytes, `sha256` in hex, `path` is its name inside the upload directory, chosen by us."""

    __tablename__ = "upload"  # pyright: ignore[reportAssignmentType] - a plain name is how SQLModel is used
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_upload_owner_id_expires_at", "owner_id", "expires_at"),
        Index("ix_upload_expires_at", "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID
    name: str
    size: int = Field(sa_type=BigInteger)
    sha256: str
    path: str = Field(unique=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()
