"""Accounts with credits in them."""

from datetime import datetime
from uuid import UUID

from credit_studio.core import ids
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger


async def an_account(*grants: int, source: str = "purchase", expires_at: datetime | None = None) -> UUID:
    """An owner whose account got these grants, in this order."""
    owner_id = ids.new_id()
    async with transaction() as tx:
        await ledger.open_account(tx, owner_id=owner_id)
    for amount in grants:
        await a_grant(owner_id, amount, source=source, expires_at=expires_at)
    return owner_id


async def a_grant(owner_id: UUID, amount: int, *, source: str = "purchase", expires_at: datetime | None = None, ref: str | None = None) -> bool:
    """Credits for the owner; a reference of its own unless one is given."""
    async with transaction() as tx:
        return await ledger.grant(tx, owner_id=owner_id, source=source, source_ref=ref or str(ids.new_id()), amount=amount, expires_at=expires_at)
