"""A month after, on the anchor day, at the same wall-clock time."""

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.subscriptions.rules import next_renewal

ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Kiritimati")
instants = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone


@pytest.mark.parametrize(
    ("start", "anchor", "zone", "end"),
    [
        ("2026-01-31T10:00+00:00", 31, "UTC", "2026-02-28T10:00+00:00"),
        ("2028-01-31T10:00+00:00", 31, "UTC", "2028-02-29T10:00+00:00"),
        ("2100-01-31T10:00+00:00", 31, "UTC", "2100-02-28T10:00+00:00"),
        ("2026-02-28T10:00+00:00", 31, "UTC", "2026-03-31T10:00+00:00"),
        ("2026-03-31T10:00+01:00", 31, "Europe/London", "2026-04-30T10:00+01:00"),
        ("2026-12-15T23:59+00:00", 15, "UTC", "2027-01-15T23:59+00:00"),
        ("2028-02-29T00:00+00:00", 29, "UTC", "2028-03-29T00:00+00:00"),
        ("2026-03-15T09:00+00:00", 15, "Europe/London", "2026-04-15T09:00+01:00"),
        ("2026-10-10T09:00+01:00", 10, "Europe/London", "2026-11-10T09:00+00:00"),
        ("2026-02-10T02:30-05:00", 8, "America/New_York", "2026-03-08T02:30-05:00"),
    ],
    ids=["January", "leap January", "no leap in 2100", "back to the 31st", "April", "over the year", "leap day", "spring", "autumn", "an hour that is skipped"],
)
def test_a_period_ends_a_month_later_on_the_anchor_day(start: str, anchor: int, zone: str, end: str) -> None:
    assert next_renewal(datetime.fromisoformat(start), anchor_day=anchor, zone=zone) == datetime.fromisoformat(end)


@given(instants, st.sampled_from(ZONES))
def test_a_period_runs_forward_for_about_a_month_to_the_anchor_day(start: datetime, zone: str) -> None:
    local = start.astimezone(ZoneInfo(zone))
    end = next_renewal(start, anchor_day=local.day, zone=zone)
    there = end.astimezone(ZoneInfo(zone))
    assert timedelta(days=27, hours=22) <= end - start <= timedelta(days=31, hours=2)
    assert (there.year * 12 + there.month) - (local.year * 12 + local.month) == 1
    assert there.day == min(local.day, calendar.monthrange(there.year, there.month)[1])
    assert end.utcoffset() == timedelta(0)


@given(instants, st.sampled_from(ZONES))
def test_twelve_periods_are_a_year_and_the_anchor_is_not_lost(start: datetime, zone: str) -> None:
    local = start.astimezone(ZoneInfo(zone))
    end = start
    for _ in range(12):
        end = next_renewal(end, anchor_day=local.day, zone=zone)
    there = end.astimezone(ZoneInfo(zone))
    assert (there.year, there.month) == (local.year + 1, local.month)
    assert there.day == min(local.day, calendar.monthrange(there.year, there.month)[1])
