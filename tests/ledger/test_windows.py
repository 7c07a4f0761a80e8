"""Windows of caps on the days when clocks change, and when the zone does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.ledger.terms import Account, Rule, Sheet
from credit_studio.ledger.windows import next_window, open_at

ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "UTC"]
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "zone", "hours"),
    [
        (datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/London", 23),
        (datetime(2026, 10, 25, 12, tzinfo=UTC), "Europe/London", 25),
        (datetime(2026, 3, 8, 12, tzinfo=UTC), "America/New_York", 23),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), "America/New_York", 25),
        (datetime(2026, 9, 27, tzinfo=UTC), "Pacific/Chatham", 23),
        (datetime(2026, 4, 5, tzinfo=UTC), "Pacific/Chatham", 25),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "Asia/Kolkata", 24),
    ],
)
def test_a_day_is_as_long_as_the_wall_clock_says(at: datetime, zone: str, hours: int) -> None:
    start, end = next_window("day", zone, at=at, after=None)
    assert start <= at < end
    assert end - start == hours * HOUR


def test_a_month_runs_to_the_first_of_the_next_one() -> None:
    start, end = next_window("month", "Europe/London", at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC), after=None)
    assert (start, end) == (datetime(2026, 9, 30, 23, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.sampled_from(ZONES), st.sampled_from(ZONES))  # noqa: DTZ001 - Hypothesis takes naive bounds
def test_the_next_window_begins_where_the_last_ended_and_is_a_whole_one(naive: datetime, zone: str, other: str) -> None:
    at = naive.replace(tzinfo=UTC)
    _, end = next_window("day", zone, at=at, after=None)
    start, next_end = next_window("day", other, at=end, after=end)
    assert start == end or start <= end < next_end
    assert next_end - max(start, end) >= 23 * HOUR or start < end
    assert next_end - start >= 23 * HOUR


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - as above
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(ZONES)), min_size=1, max_size=30),
)
def test_however_often_the_zone_changes_no_second_window_opens(naive: datetime, steps: list[tuple[int, str]]) -> None:
    account = UUID(int=1)
    sheet, at = Sheet(Account(account, account), rules=[Rule("own", "day", 10, None)]), naive.replace(tzinfo=UTC)
    for hours, zone in steps:
        at += timedelta(hours=hours)
        [now_open] = open_at(sheet, at, zone)
        assert now_open.window_start <= at < now_open.window_end
    for before, after in pairwise(sheet.caps):
        assert after.window_start >= before.window_end
        assert after.window_end - after.window_start >= 23 * HOUR
