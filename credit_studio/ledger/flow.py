"""Holding and settling for runs, in batches with whatever else is asked for at the same time. What rides along is written in the same transaction."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from credit_studio.db.session import transaction
from credit_studio.ledger import service
from credit_studio.ledger.batcher import batcher
from credit_studio.ledger.desk import After
from credit_studio.ledger.terms import Refusal
from credit_studio.ledger.views import HoldView

_accounts: dict[UUID, UUID] = {}
_MOST = 10_000


async def hold(*, owner_id: UUID, run_id: UUID, amount: int, lasts: timedelta, zone: str, after: After) -> HoldView | Refusal:
    """As `service.hold`; `after` writes what belongs to the hold. Raises what `after` raises: then nothing is held."""
    command = service.holding(await _account_of(owner_id), run_id=run_id, amount=amount, lasts=lasts, zone=zone)
    done = await batcher().submit(command, after=after)
    return done if isinstance(done, Refusal) else service.hold_view(done)


async def settle(*, owner_id: UUID, run_id: UUID, amount: int, note: str, after: After) -> bool:
    """As `service.capture`, or for 0 as `service.release`; `after` writes what ends with the hold. False when it had been done before.

    Raises `HoldEnded` when the hold has ended another way, and what `after` raises: then the hold stays as it is.
    """
    named: dict[str, Any] = {"account_id": await _account_of(owner_id), "run_id": run_id}
    command = service.capturing(**named, amount=amount, note=note) if amount else service.releasing(**named, reason=note)
    return not service.accepted(await batcher().submit(command, after=after)).replayed


async def finish() -> None:
    """Finish what waits; for the end of a process, while it can still reach the database."""
    await batcher().stop()


async def _account_of(owner_id: UUID) -> UUID:
    """The owner's account, remembered: an owner never gets another."""
    if owner_id not in _accounts:
        async with transaction() as tx:
            _accounts[owner_id] = await service.account_id_of(tx, owner_id=owner_id)
        while len(_accounts) > _MOST:
            del _accounts[next(iter(_accounts))]
    return _accounts[owner_id]
