"""The windows of caps as instants [start, end), made from the owner's time zone; pure.

A day runs from midnight to midnight on the wall clock, so it has 23 or 25 hours when the clocks change. The next window begins where
the last one ended and is never shorter than a whole one, so that changing the zone cannot open a second window early.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from credit_studio.ledger.terms import Cap, Rule, Sheet

_SHORTEST = {"day": timedelta(hours=23), "month": timedelta(days=27)}


def open_at(sheet: Sheet, at: datetime, zone: str) -> list[Cap]:
    """The windows that hold `at`; those that the sheet's rules ask for and that were not open are opened on it."""
    caps = sheet.windows(at)
    if len(caps) >= len(sheet.rules):
        return caps
    names = {(cap.subject, cap.label) for cap in caps}
    opened = [_opened(sheet, rule, at, zone) for rule in sheet.rules if rule.label in _SHORTEST and (rule.subject, rule.label) not in names]
    sheet.caps += (new := [cap for cap in opened if cap.window_start <= at < cap.window_end])
    return [*caps, *new]


def _opened(sheet: Sheet, rule: Rule, at: datetime, zone: str) -> Cap:
    """The window that a rule asks for now: the plan's period, or the next one on the calendar of the owner's zone."""
    ends = (cap.window_end for cap in sheet.caps if (cap.subject, cap.label) == (rule.subject, rule.label) and cap.window_end <= at)
    start, end = rule.period or next_window(rule.label, zone, at=at, after=max(ends, default=None))
    return Cap(None, sheet.account.id, rule.subject, rule.label, start, end, rule.limit)


def next_window(label: str, zone: str, *, at: datetime, after: datetime | None) -> tuple[datetime, datetime]:
    """The window that holds `at`, as UTC instants; `after` is the end of the last one (at or before `at`), None when there is none.

    label: "day" (to a midnight in `zone`) or "month" (to the first of a month in `zone`).
    """
    local = at.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    begin = midnight if label == "day" else midnight.replace(day=1)
    start = begin.astimezone(at.tzinfo)
    end = following(label, begin)
    if after is not None and after > start:
        start = after
        while end.astimezone(at.tzinfo) - start < _SHORTEST[label]:
            end = following(label, end)
    return start, end.astimezone(at.tzinfo)


def following(label: str, boundary: datetime) -> datetime:
    """The next boundary on the wall clock: naive arithmetic in the zone, which is what a calendar does."""
    if label == "day":
        return boundary + timedelta(days=1)
    return (boundary.replace(day=28) + timedelta(days=4)).replace(day=1)
