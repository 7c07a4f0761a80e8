"""What pages of everybody show of use: read in a transaction of its own, and kept for a minute."""

from datetime import datetime, timedelta

from credit_studio.analytics import rules, service
from credit_studio.core import clock
from credit_studio.db.session import transaction

KEPT = timedelta(minutes=1)
_kept: dict[str, int] = {}
_read_at: datetime | None = None


async def popularity() -> dict[str, int]:
    """Tool id to a count class of everybody's runs with a result in the last 30 days (see `rules.count_class`); up to a minute old."""
    global _kept, _read_at
    now = clock.now()
    if _read_at is None or not _read_at <= now < _read_at + KEPT:
        async with transaction() as tx:
            counts = await service.successes(tx, now=now)
        _kept, _read_at = {tool_id: rules.count_class(count) for tool_id, count in counts.items()}, now
    return _kept


def forget() -> None:
    """Read anew when next asked; for tests."""
    global _read_at  # noqa: PLW0603 - as above
    _read_at = None
