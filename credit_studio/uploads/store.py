"""The SQL of uploads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text
from sqlmodel import col

from credit_studio.db.session import Tx
from credit_studio.uploads.models import UploadRow

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def lock_owner(tx: Tx, owner_id: UUID) -> None:
    """Let one upload of this owner at a time be counted and written."""
    await tx.execute(_LOCK, {"key": f"upload:{owner_id}"})


async def open_of(tx: Tx, owner_id: UUID, now: datetime) -> tuple[int, int]:
    """How many files of this owner have not expired, and their bytes."""
    query = select(func.count().label("files"), func.coalesce(func.sum(col(UploadRow.size)), 0).label("bytes")).where(
        col(UploadRow.owner_id) == owner_id, col(UploadRow.expires_at) > now
    )
    row = (await tx.execute(query)).one()
    return int(row.files), int(row.bytes)


async def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a row."""
    await tx.execute(insert(UploadRow), row)


async def path_of(tx: Tx, *, owner_id: UUID, upload_id: UUID, now: datetime) -> str | None:
    """The file's name in the upload directory, for its owner only and until it expires."""
    query = select(col(UploadRow.path)).where(col(UploadRow.id) == upload_id, col(UploadRow.owner_id) == owner_id, col(UploadRow.expires_at) > now)
    return (await tx.execute(query)).scalar_one_or_none()


async def delete_of(tx: Tx, *, owner_id: UUID, upload_ids: Sequence[UUID]) -> tuple[str, ...]:
    """Delete rows of the owner; the names of their files."""
    mine = col(UploadRow.owner_id) == owner_id, col(UploadRow.id).in_(upload_ids)
    rows = await tx.execute(delete(UploadRow).where(*mine).returning(col(UploadRow.path)))
    return tuple(row.path for row in rows)


async def delete_expired(tx: Tx, now: datetime) -> tuple[str, ...]:
    """Delete the rows that are past their time; the names of their files."""
    rows = await tx.execute(delete(UploadRow).where(col(UploadRow.expires_at) <= now).returning(col(UploadRow.path)))
    return tuple(row.path for row in rows)
