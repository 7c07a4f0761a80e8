from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.sandbox.periods import boundary, period_at


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_month_after_the_31st_is_the_last_day_and_the_31st_comes_back() -> None:
    anchor = at("2027-01-31T09:30:00")
    days = [datetime.fromtimestamp(boundary(anchor, "month", n), UTC).isoformat()[:16] for n in range(6)]
    assert days == ["2027-01-31T09:30", "2027-02-28T09:30", "2027-03-31T09:30", "2027-04-30T09:30", "2027-05-31T09:30", "2027-06-30T09:30"]


def test_a_leap_day_renews_on_the_28th_of_other_years() -> None:
    anchor = at("2028-02-29")
    assert boundary(anchor, "year", 1) == at("2029-02-28")
    assert boundary(anchor, "year", 4) == at("2032-02-29")
    assert boundary(anchor, "month", -1) == at("2028-01-29")


@pytest.mark.parametrize(
    ("interval", "count", "moment", "start", "end"),
    [
        ("month", 1, "2027-03-31T00:00:00", "2027-03-31", "2027-04-30"),
        ("month", 1, "2027-03-30T23:59:59", "2027-02-28", "2027-03-31"),
        ("month", 3, "2027-05-01", "2027-04-30", "2027-07-31"),
        ("week", 2, "2027-02-14", "2027-02-14", "2027-02-28"),
        ("day", 1, "2027-02-01T12:00:00", "2027-02-01", "2027-02-02"),
        ("year", 1, "2028-01-30", "2027-01-31", "2028-01-31"),
    ],
)
def test_a_period_holds_its_start_and_not_its_end(interval: str, count: int, moment: str, start: str, end: str) -> None:
    assert period_at(at("2027-01-31"), interval, count, at(moment)) == (at(start), at(end))


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 - the zone is put on below
    st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 12),
    st.timedeltas(timedelta(0), timedelta(days=4000)),
)
def test_periods_follow_each_other_without_a_gap(anchor: datetime, interval: str, count: int, later: timedelta) -> None:
    first = int(anchor.replace(tzinfo=UTC).timestamp())
    moment = first + int(later.total_seconds())
    start, end = period_at(first, interval, count, moment)
    assert start <= moment < end
    assert period_at(first, interval, count, end)[0] == end
    assert period_at(first, interval, count, end - 1) == (start, end)
