"""Billing periods as Stripe cuts them: each boundary is counted from the anchor, so that a short month does not drag the days after it.

Anchored on 31 January, a monthly plan renews on 28 February, 31 March, 30 April. All times are whole seconds since 1970, in UTC.
"""

import calendar
from datetime import UTC, datetime, timedelta

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def boundary(anchor: int, interval: str, count: int) -> int:
    """The `count`-th boundary after the anchor (before it, when negative)."""
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((start + timedelta(days=DAYS[interval] * count)).timestamp())
    years, month0 = divmod(start.year * 12 + start.month - 1 + MONTHS[interval] * count, 12)
    day = min(start.day, calendar.monthrange(years, month0 + 1)[1])
    return int(start.replace(year=years, month=month0 + 1, day=day).timestamp())


def period_at(anchor: int, interval: str, interval_count: int, moment: int) -> tuple[int, int]:
    """The period (start, end) that holds the moment; its start belongs to it, its end to the next."""
    step = _steps_before(anchor, interval, moment) // interval_count * interval_count
    while boundary(anchor, interval, step + interval_count) <= moment:
        step += interval_count
    while boundary(anchor, interval, step) > moment:
        step -= interval_count
    return boundary(anchor, interval, step), boundary(anchor, interval, step + interval_count)


def _steps_before(anchor: int, interval: str, moment: int) -> int:
    """About how many intervals lie between; a guess that is never far off, so that the loops above stay short."""
    days = (moment - anchor) // 86_400
    return days // DAYS[interval] if interval in DAYS else days // (31 * MONTHS[interval])
