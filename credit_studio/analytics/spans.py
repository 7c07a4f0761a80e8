"""Which stretch of time usage is told for, and the bars that it is cut into, on the calendar of the person's zone. Pure.

A day begins at midnight on the wall clock: it has 23 or 25 hours when the clocks change, and begins within an hour of UTC in zones whose
offset has 30 or 45 minutes. Weeks begin on Mondays. The first and the last bar may be parts of a week or a month.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from credit_studio.core.errors import FieldError, InvalidInputs

PERIODS = {"24h": "hour", "7d": "day", "30d": "day", "90d": "day", "custom": "day"}
"""What can be asked for, and how it is cut when nothing else is said."""
BUCKETS = ("hour", "day", "week", "month")
MOST_BARS = 750
_DAYS = {"7d": 7, "30d": 30, "90d": 90}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_OLDEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_HINT = "Must be a day like 2026-11-20 or an instant like 2026-11-20T14:02:00Z, of the years 2000 to 2099."


@dataclass(frozen=True)
class Span:
    """[since, until) in UTC, cut at `starts` (the first is `since`)."""

    period: str
    bucket: str
    zone: str
    starts: tuple[datetime, ...]
    until: datetime

    @property
    def since(self) -> datetime:
        """Where it begins."""
        return self.starts[0]

    def bars(self) -> list[tuple[datetime, datetime]]:
        """Start and end of every bar."""
        return list(pairwise((*self.starts, self.until)))


def asked(period: str, *, since: str | None, until: str | None, bucket: str | None, zone: str, now: datetime) -> Span:
    """The span that is asked for: the periods end with the current hour or day, "custom" goes from `since` to `until` (days are whole, both in it).

    Raises `InvalidInputs` naming period, bucket, from or to.
    """
    if period not in PERIODS:
        raise _refused("period", f"Must be one of {', '.join(PERIODS)}.")
    if bucket is not None and bucket not in BUCKETS:
        raise _refused("bucket", f"Must be one of {', '.join(BUCKETS)}.")
    begin, end = _custom(since, until, ZoneInfo(zone)) if period == "custom" else _until_now(period, ZoneInfo(zone), now)
    step = bucket or PERIODS[period]
    starts = _starts(begin, end, step, ZoneInfo(zone))
    if len(starts) > MOST_BARS:
        raise _refused("bucket", f"That would be more than {MOST_BARS} bars. Ask for longer ones, or for less time.")
    return Span(period, step, zone, tuple(starts), end)


def before(span: Span, now: datetime) -> tuple[datetime, datetime]:
    """As much time right before the span as has gone by of it: what it is compared with. Whole days are moved by days, all else by its length."""
    zone, length = ZoneInfo(span.zone), span.until - span.since
    end = max(span.since, min(span.until, now))
    if span.since == _midnight(span.since, zone) and span.until == _midnight(span.until, zone):
        days = (span.until.astimezone(zone).date() - span.since.astimezone(zone).date()).days
        return _earlier(span.since, days, zone), min(span.since, _earlier(end, days, zone))
    return span.since - length, end - length


def month_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The calendar month that an instant lies in: its start and its end."""
    first = now.astimezone(ZoneInfo(zone)).date().replace(day=1)
    return start_of(first, ZoneInfo(zone)), start_of((first + 32 * _DAY).replace(day=1), ZoneInfo(zone))


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def on_the_hour(at: datetime) -> datetime:
    """The hour of UTC that an instant lies in."""
    return at.replace(minute=0, second=0, microsecond=0)


def _until_now(period: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    local = now.astimezone(zone)
    if period == "24h":
        end = now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond) + _HOUR
        return end - 24 * _HOUR, end
    tomorrow = local.date() + _DAY
    return start_of(tomorrow - _DAYS[period] * _DAY, zone), start_of(tomorrow, zone)


def _custom(since: str | None, until: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin = _instant("from", since, zone, after=timedelta())
    end = _instant("to", until, zone, after=_DAY)
    if end <= begin:
        raise _refused("to", "Must lie after from.")
    return begin, end


def _instant(name: str, text: str | None, zone: ZoneInfo, *, after: timedelta) -> datetime:
    """The instant that a text names; a day stands for its start, or with `after` for its end."""
    try:
        if text and "T" in text:
            found = datetime.fromisoformat(text.replace(" ", "+"))
            at = found.astimezone(UTC) if found.tzinfo else None
        else:
            at = start_of(date.fromisoformat(text or "") + after, zone)
    except (ValueError, OverflowError):
        at = None
    if at is None or not _OLDEST <= at <= _LATEST:
        raise _refused(name, _HINT)
    return at


def _starts(begin: datetime, end: datetime, bucket: str, zone: ZoneInfo) -> list[datetime]:
    """Where bars begin; one more than there may be is enough to tell."""
    starts = [begin]
    while len(starts) <= MOST_BARS and (following := _following(starts[-1], bucket, zone)) < end:
        starts.append(following)
    return starts


def _following(at: datetime, bucket: str, zone: ZoneInfo) -> datetime:
    if bucket == "hour":
        into = at.astimezone(zone)
        return at + _HOUR - timedelta(minutes=into.minute, seconds=into.second, microseconds=into.microsecond)
    day = at.astimezone(zone).date()
    step = {"day": 1, "week": 7 - day.weekday(), "month": 32 - day.day}[bucket]
    later = day + step * _DAY
    return start_of(later.replace(day=1) if bucket == "month" else later, zone)


def _midnight(at: datetime, zone: ZoneInfo) -> datetime:
    return start_of(at.astimezone(zone).date(), zone)


def _earlier(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    return (local.replace(tzinfo=None) - days * _DAY).replace(tzinfo=zone, fold=local.fold).astimezone(UTC)


def _refused(name: str, message: str) -> InvalidInputs:
    return InvalidInputs((FieldError(name, message),), message="This cannot be told. Nothing was charged.")
