"""The SQL of the audit log."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from credit_studio.audit.models import AuditEntry
from credit_studio.db.session import Tx


async def append(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write one row."""
    await tx.execute(insert(AuditEntry), row)
