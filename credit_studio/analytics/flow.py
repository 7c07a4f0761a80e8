"""What a person used, and what pages of everybody show of use: each read in a transaction of its own."""

import asyncio
from datetime import datetime, timedelta

from credit_studio.analytics import rules, service, spans
from credit_studio.analytics.spans import Span
from credit_studio.analytics.views import Counted, Projection, Usage
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.errors import FieldError, InvalidInputs, NotFound
from credit_studio.db.session import snapshot, transaction
from credit_studio.identity import service as identity

GROUPS = ("tool", "studio", "key", "member")
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


async def usage(
    actor: Actor,
    *,
    period: str = "30d",
    since: str | None = None,
    until: str | None = None,
    group_by: str = "tool",
    bucket: str | None = None,
) -> Usage:
    """What the caller used: totals, bars, groups, the trend and where the month is heading, in whole credits.

    `since` and `until` (days, or instants) belong to the period "custom". All use is the account's own as long as there are no keys and no members:
    grouped by those it is one group. Raises `InvalidInputs` naming period, from, to, bucket or groupBy; `NotSignedIn`.
    """
    if group_by not in GROUPS:
        raise InvalidInputs((FieldError("groupBy", f"Must be one of {', '.join(GROUPS)}."),), message="This cannot be told. Nothing was charged.")
    person_id, now = actor.require_user(), clock.now()
    async with snapshot() as tx:
        person = await identity.find_person(tx, person_id=person_id)
        if person is None:
            raise NotFound("There is no such person.")
        span = spans.asked(period, since=since, until=until, bucket=bucket, zone=person.time_zone, now=now)
        earlier = spans.before(span, now)
        rows = await service.counted(tx, person_id=person_id, bounds=(*earlier, *span.starts, span.until))
        ahead = await service.projection(tx, person=person)
    return await asyncio.to_thread(_shaped, rows, span, earlier, group_by, ahead)


def _shaped(rows: list[Counted], span: Span, earlier: tuple[datetime, datetime], group_by: str, ahead: Projection) -> Usage:
    """In a thread: the first one reads pandas, which takes half a second that no start should wait for."""
    from credit_studio.analytics import shaping  # noqa: PLC0415 - as above

    return shaping.usage(rows, span, earlier, group_by, ahead)
