"""When a plan's period ends; pure."""

import calendar
from datetime import datetime
from zoneinfo import ZoneInfo


def next_renewal(start: datetime, *, anchor_day: int, zone: str) -> datetime:
    """A month after `start`, on the anchor day in the person's zone, at the same wall-clock time; the last day in shorter months."""
    local = start.astimezone(ZoneInfo(zone))
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)  # noqa: PLR2004 - December
    day = min(anchor_day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(start.tzinfo)
