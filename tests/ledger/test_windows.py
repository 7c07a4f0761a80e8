"""Windows of caps on the days when clocks change, and when the zone does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.ledger.windows import next_window

ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "UTC"]
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "zone", "hours"),
    [
        (datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/London", 23),
        (datetime(2026, 10, 25, 12, tzinfo=UTC), "Europe/London", 25),
        (datetime(2026, 3, 8, 12, tzinfo=UTC), "America/New_York", 23),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), "America/New_York", 25),
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
