"""Days gathered into weeks, months, quarters and years. A day is its number since 1970; a bucket is the day that it begins with."""

from collections.abc import Iterable
from datetime import date

from credit_studio.tools.cyber.operations.moments import MONTH_NAMES
from credit_studio.tools.data.charting.frame import EPOCH

NAMES = ("day", "week", "month", "quarter", "year")
_FINEST = ((62, "day"), (182, "week"), (1_900, "month"), (5_500, "quarter"))
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def fitting(first: int, last: int) -> str:
    """The bucket that shows such a span well: days up to two months, weeks up to half a year, months up to five years, quarters up to fifteen."""
    return next((name for most, name in _FINEST if last - first <= most), "year")


def start_of(day: int, bucket: str) -> int:
    """The first day of the bucket that holds a day; weeks begin on Monday (ISO 8601)."""
    if bucket == "day":
        return day
    if bucket == "week":
        return day - (day + 3) % 7  # day 0 is a Thursday
    when = date.fromordinal(day + EPOCH)
    months = _MONTHS[bucket]
    return date(when.year, (when.month - 1) // months * months + 1, 1).toordinal() - EPOCH


def starts(days: Iterable[int], bucket: str) -> dict[int, int]:
    """The bucket of each different day."""
    return {day: start_of(day, bucket) for day in set(days)}


def following(start: int, bucket: str) -> int:
    """The bucket after one."""
    if bucket in {"day", "week"}:
        return start + (1 if bucket == "day" else 7)
    when = date.fromordinal(start + EPOCH)
    month = when.year * 12 + when.month - 1 + _MONTHS[bucket]
    return date(month // 12, month % 12 + 1, 1).toordinal() - EPOCH


def count(first: int, last: int, bucket: str) -> int:
    """About how many buckets lie between two, both counted."""
    return (last - first) // {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}[bucket] + 1


def label(start: int, bucket: str) -> str:
    """A bucket in words: "20 Nov 2026" for a day and for the Monday of a week, "Nov 2026", "Q4 2026" or "2026"."""
    when = date.fromordinal(start + EPOCH)
    if bucket in {"day", "week"}:
        return f"{when.day} {MONTH_NAMES[when.month - 1]} {when.year}"
    if bucket == "year":
        return str(when.year)
    return f"{MONTH_NAMES[when.month - 1]} {when.year}" if bucket == "month" else f"Q{(when.month + 2) // 3} {when.year}"
