"""When the book is due to be checked; pure."""

from datetime import datetime, time, timedelta

from credit_studio.reconciliation.views import BookCheck

NIGHT = time(3, 0)
"""UTC: few people are at work, and the day's expiries are done."""

LOOK_AGAIN = timedelta(hours=1)
"""A book that did not agree is looked at again, so that the page tells of a repair."""


def is_due(last: BookCheck | None, *, now: datetime) -> bool:
    """True when no check has been made since the last night began, or an hour after one that found something."""
    if last is None:
        return True
    tonight = now.replace(hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0)
    night = tonight if tonight <= now else tonight - timedelta(days=1)
    return last.at < night or (not last.holds and last.at <= now - LOOK_AGAIN)
