"""Counting tokens in the transaction that settles a run, and telling the counts."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from credit_studio.core import clock
from credit_studio.db.session import Tx
from credit_studio.metering import store
from credit_studio.metering.views import TokensUsed

_PAST_A_MONTH = timedelta(days=32)


async def count(tx: Tx, *, person_id: UUID, zone: str, at: datetime, tokens: int) -> None:
    """Add the tokens of a run that ended then; the month is that of the person's zone."""
    await store.add(tx, person_id, _month(at, zone), tokens)


async def used(tx: Tx, *, person_id: UUID, zone: str) -> TokensUsed:
    """What the person's runs have counted. A new month begins its count with none; credits are another matter."""
    now, row = clock.now(), await store.find(tx, person_id)
    first = now.astimezone(ZoneInfo(zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    resets_at = (first + _PAST_A_MONTH).replace(day=1)
    if row is None:
        return TokensUsed(0, 0, resets_at)
    return TokensUsed(row["total"], row["in_month"] if row["month"] >= _month(now, zone) else 0, resets_at)


def _month(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m}"
