"""The windows of caps as instants [start, end), made from the owner's time zone; pure.

A day runs from midnight to midnight on the wall clock, so it has 23 or 25 hours when the clocks change. The next window begins where
the last one ended and is never shorter than a whole one, so that changing the zone cannot open a second window early.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SHORTEST = {"day": timedelta(hours=23), "month": timedelta(days=27)}


def next_window(label: str, zone: str, *, at: datetime, after: datetime | None) -> tuple[datetime, datetime]:
    """The window that holds `at`, as UTC instants; `after` is the end of the last one (at or before `at`), None when there is none.

    label: "day" (to a midnight in `zone`) or "month" (to the first of a month in `zone`).
    """
    local = at.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    begin = midnight if label == "day" else midnight.replace(day=1)
    start = begin.astimezone(at.tzinfo)
    end = _following(label, begin)
    if after is not None and after > start:
        start = after
        while end.astimezone(at.tzinfo) - start < _SHORTEST[label]:
            end = _following(label, end)
    return start, end.astimezone(at.tzinfo)


def _following(label: str, boundary: datetime) -> datetime:
    """The next boundary on the wall clock: naive arithmetic in the zone, which is what a calendar does."""
    if label == "day":
        return boundary + timedelta(days=1)
    return (boundary.replace(day=28) + timedelta(days=4)).replace(day=1)


def calendar_month(year: int, month: int, zone: str) -> tuple[datetime, datetime]:
    """A month of the calendar in `zone`, as UTC instants [start, end)."""
    begin = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
    return begin.astimezone(UTC), _following("month", begin).astimezone(UTC)
