"""A month after, on the anchor day, at the same wall-clock time; and where a paid plan stands."""

import calendar
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.subscriptions.rules import Course, Paid, coming, month_limit, newest, next_renewal, present_period

ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Kiritimati")
PRICES = {"supporter": 1_000, "pro": 3_500}
MONTHS = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31))]
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


@given(instants, st.integers(1, 31), st.sampled_from(ZONES))
def test_a_period_is_about_a_month_wherever_the_person_has_moved_to(start: datetime, anchor: int, zone: str) -> None:
    length = next_renewal(start, anchor_day=anchor, zone=zone) - start
    assert timedelta(days=14, hours=22) <= length <= timedelta(days=46, hours=2)


@pytest.mark.parametrize(
    ("start", "anchor", "zone", "end"),
    [
        ("2026-01-31T23:30-08:00", 31, "Pacific/Kiritimati", "2026-02-28T21:30+14:00"),
        ("2026-03-01T00:30+14:00", 31, "America/Los_Angeles", "2026-03-31T02:30-07:00"),
    ],
    ids=["a day ahead over the month's end", "a day back over the month's end"],
)
def test_moving_to_another_zone_neither_doubles_a_period_nor_loses_one(start: str, anchor: int, zone: str, end: str) -> None:
    begun = datetime.fromisoformat(start).astimezone(UTC)
    assert next_renewal(begun, anchor_day=anchor, zone=zone) == datetime.fromisoformat(end)


@given(instants, st.integers(1, 31), st.sampled_from(ZONES), st.timedeltas(timedelta(), timedelta(days=1_000)))
def test_the_present_period_holds_now_and_begins_where_one_ended(end: datetime, anchor: int, zone: str, later: timedelta) -> None:
    start, until = present_period(end, anchor_day=anchor, zone=zone, now=end + later)
    assert start <= end + later < until
    assert start >= end


paid = st.builds(
    lambda plan, month, change, credits: Paid(plan, MONTHS[month], MONTHS[month + 1], MONTHS[month] + change, bool(change), credits),  # noqa: A006 - the field's name
    st.sampled_from(("supporter", "pro")),
    st.integers(0, 3),
    st.timedeltas(timedelta(), timedelta(days=27)),
    st.integers(0, 12_000),
)


@given(st.lists(paid, min_size=1), st.randoms())
def test_what_was_paid_for_last_is_the_same_in_whatever_order_it_became_known(known: list[Paid], shuffled: Random) -> None:
    other = shuffled.sample(known, len(known))
    found, again = newest(known, PRICES.__getitem__), newest(other, PRICES.__getitem__)
    assert (found.plan_id, found.start, found.since) == (again.plan_id, again.start, again.since)
    assert all(month_limit(known, (one.start, one.end)) == month_limit(other, (one.start, one.end)) for one in known)
    assert all(one.start <= found.start for one in known)


def test_the_limit_of_a_month_is_all_that_was_paid_for_it_and_nothing_of_another() -> None:
    first = Paid("supporter", MONTHS[0], MONTHS[1], MONTHS[0], is_change=False, credits=3_000)
    more = Paid("pro", MONTHS[0], MONTHS[1], MONTHS[0] + timedelta(days=10), is_change=True, credits=4_500)
    later = Paid("pro", MONTHS[1], MONTHS[2], MONTHS[1], is_change=False, credits=12_000)
    assert month_limit([later, more, first], (MONTHS[0], MONTHS[1])) == 7_500
    assert month_limit([later, more, first], (MONTHS[1], MONTHS[2])) == 12_000
    assert newest([first, more], PRICES.__getitem__) == more


def test_a_change_in_the_same_second_comes_after_what_it_changed() -> None:
    first = Paid("supporter", MONTHS[0], MONTHS[1], MONTHS[0], is_change=False, credits=3_000)
    more = Paid("pro", MONTHS[0], MONTHS[1], MONTHS[0], is_change=True, credits=9_000)
    small = Paid("supporter", MONTHS[0], MONTHS[1], MONTHS[0], is_change=True, credits=2_000)
    assert newest([first, more], PRICES.__getitem__) == newest([more, first], PRICES.__getitem__) == more
    assert newest([small, more], PRICES.__getitem__) == more


def test_what_is_to_come_turns_to_another_plan_where_it_was_said() -> None:
    pro, free = Course(12_000, 31, "UTC"), Course(300, 28, "UTC")
    told = list(islice(coming(MONTHS[0], pro, free, turns_at=datetime(2026, 3, 31, tzinfo=UTC)), 4))
    assert [(one[0].day, one[2]) for one in told] == [(31, 12_000), (28, 12_000), (31, 300), (28, 300)]
