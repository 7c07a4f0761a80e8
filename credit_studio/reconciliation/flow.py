"""One check, from the claim to what was found."""

from credit_studio.db.session import snapshot, transaction
from credit_studio.reconciliation import service
from credit_studio.reconciliation.views import BookCheck


async def check_when_due() -> BookCheck | None:
    """Check the whole book in one snapshot, when it is due and nobody else does; None when there was nothing to do. Harmless to call at any time."""
    async with transaction() as tx:
        if not await service.claim(tx):
            return None
        async with snapshot() as still:
            broken = await service.examine(still)
        return await service.record(tx, broken=broken)
