"""Dates and times as people and ticket systems write them, read to whole seconds since 1970 in UTC; what is ambiguous is not guessed in silence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

DAY_S = 86_400
HOUR_S = 3_600
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_YEAR = 2100
_LONGEST = 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_NAMES = tuple(name.title() for name in _MONTHS)
_TIME = r"(?:(?:T|,? +)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)? ?(?P<half>[AaPp][Mm])?)?"
_ZONE = r" ?(?P<zone>Z|z|UTC|GMT|[+-]\d\d:?\d\d)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_TIME}{_ZONE}", re.ASCII)
_YEAR_LAST = re.compile(rf"(?P<one>\d{{1,2}})([-/.])(?P<two>\d{{1,2}})\2(?P<year>\d{{4}}|\d\d){_TIME}{_ZONE}", re.ASCII)
_NAMED_DAY = re.compile(rf"(?P<day>\d{{1,2}})[ /-](?P<name>[A-Za-z]{{3,9}})[ /-](?P<year>\d{{4}}|\d\d){_TIME}{_ZONE}", re.ASCII)
_NAMED_MONTH = re.compile(rf"(?P<name>[A-Za-z]{{3,9}}) (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_TIME}{_ZONE}", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_MOST_OFFSET_S = 14 * HOUR_S


@dataclass(frozen=True)
class Calendar:
    """How dates are read: the offset from UTC in seconds where none is written, whether 03/04/2026 is in April, and the first year that can be meant."""

    offset_s: int
    day_first: bool
    first_year: int = 1970


def offset_of(text: str) -> int | None:
    """Seconds east of UTC of "+01:00", "-0530", "Z", "UTC" or "GMT"; None for anything else, or more than 14 hours."""
    if text.upper() in {"Z", "UTC", "GMT"}:
        return 0
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    seconds = int(found[2]) * HOUR_S + int(found[3]) * 60
    return None if seconds > _MOST_OFFSET_S or int(found[3]) > 59 else -seconds if found[1] == "-" else seconds  # noqa: PLR2004 - minutes


def moment(text: str, calendar: Calendar) -> int | None:
    """Seconds since 1970 in UTC; None for what is no date from the first year to 2100. A date alone is its first second at the calendar's offset."""
    if len(text) > _LONGEST:
        return None
    if text.isascii() and text.isdigit():
        return _epoch(text, calendar)
    try:
        return _seconds(datetime.fromisoformat(text), calendar)
    except ValueError:
        return _written(text, calendar)


def _epoch(text: str, calendar: Calendar) -> int | None:
    """Unix time in seconds (10 digits) or milliseconds (13), or a date of eight digits without signs between."""
    if len(text) in {10, 13}:
        return int(text[:10])
    try:
        return _seconds(datetime.strptime(text, "%Y%m%d"), calendar) if len(text) == 8 else None  # noqa: DTZ007, PLR2004 - a plain date
    except ValueError:
        return None


def _seconds(when: datetime, calendar: Calendar) -> int | None:
    if not calendar.first_year <= when.year <= _LAST_YEAR:
        return None
    zone = when.utcoffset()
    offset = calendar.offset_s if zone is None else round(zone.total_seconds())
    return (when.toordinal() - _EPOCH) * DAY_S + when.hour * HOUR_S + when.minute * 60 + when.second - offset


def _written(text: str, calendar: Calendar) -> int | None:
    for pattern in (_YEAR_LAST, _YEAR_FIRST, _NAMED_DAY, _NAMED_MONTH):
        found = pattern.fullmatch(text)
        if found:
            return _assembled(found.groupdict(), calendar)
    return None


def _assembled(parts: dict[str, str | None], calendar: Calendar) -> int | None:
    """The moment of a match; None for a 31st of February or a 25th hour."""
    if parts.get("one"):
        first, second = ("day", "month") if calendar.day_first else ("month", "day")
        parts |= {first: parts["one"], second: parts["two"]}
    name = (parts.get("name") or "")[:3].lower()
    if name and name not in _MONTHS:
        return None
    month = _MONTHS.index(name) + 1 if name else int(parts["month"] or 0)
    year = int(parts["year"] or 0)
    hour = _hour(int(parts["hour"] or 0), parts["half"])
    offset = offset_of(parts["zone"]) if parts["zone"] else calendar.offset_s
    if hour is None or offset is None:
        return None
    try:
        when = datetime(year + 2000 if year < 100 else year, month, int(parts["day"] or 0), hour, int(parts["minute"] or 0), int(parts["second"] or 0))  # noqa: DTZ001, PLR2004 - the offset is taken off below
    except ValueError:
        return None
    return _seconds(when, replace(calendar, offset_s=offset))


def _hour(hour: int, half: str | None) -> int | None:
    """The hour of the day, of 24; None for 13 pm."""
    if not half:
        return hour
    return hour % 12 + (12 if half.lower() == "pm" else 0) if 1 <= hour <= 12 else None  # noqa: PLR2004 - a clock's face


def day_first(texts: Iterable[str]) -> tuple[bool | None, bool]:
    """Whether dates such as 03/04/2026 begin with the day: True, False, or None when nothing tells; and whether two of them contradict each other."""
    is_day, is_month = False, False
    for text in texts:
        found = _YEAR_LAST.fullmatch(text) if len(text) <= _LONGEST else None
        if found:
            is_day |= int(found["one"]) > 12  # noqa: PLR2004 - months
            is_month |= int(found["two"]) > 12  # noqa: PLR2004 - months
    return (is_day if is_day != is_month else None), is_day and is_month


def needs_order(text: str) -> bool:
    """True for a date that is read by its order: 03/04/2026, not 2026-04-03."""
    return len(text) <= _LONGEST and _YEAR_LAST.fullmatch(text) is not None


def day_of(seconds: int, offset_s: int) -> int:
    """The number of the calendar day since 1970 at an offset."""
    return (seconds + offset_s) // DAY_S


def month_of(seconds: int, offset_s: int) -> int:
    """The calendar month as one number, 12 times the year and the month from 0."""
    when = date.fromordinal(_EPOCH + day_of(seconds, offset_s))
    return when.year * 12 + when.month - 1


def month_start(month: int, offset_s: int) -> int:
    """The first second of a month as `month_of` numbers it."""
    return (date(month // 12, month % 12 + 1, 1).toordinal() - _EPOCH) * DAY_S - offset_s


def month_label(month: int) -> str:
    """The month in words: "Nov 2026"."""
    return f"{MONTH_NAMES[month % 12]} {month // 12}"


def date_label(seconds: int, offset_s: int) -> str:
    """The calendar day at an offset, "20 Nov 2026"."""
    when = date.fromordinal(_EPOCH + day_of(seconds, offset_s))
    return f"{when.day} {MONTH_NAMES[when.month - 1]} {when.year}"


def iso_date(seconds: int, offset_s: int) -> str:
    """The calendar day at an offset, "2026-11-20"."""
    return date.fromordinal(_EPOCH + day_of(seconds, offset_s)).isoformat()
