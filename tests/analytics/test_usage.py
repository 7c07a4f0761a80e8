"""What a person used: right to the credit wherever midnight lies, and the same as the book says."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from credit_studio.analytics import flow
from credit_studio.analytics.views import Usage
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.errors import InvalidInputs, NotSignedIn
from tests.makers.usage import LINEAGE, QUALITY, RISK, Ran, a_person, captured, ended

pytestmark = pytest.mark.usefixtures("book")
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)


async def _usage(actor: Actor, now: datetime = NOW, **asked: Any) -> Usage:
    with clock.frozen(now):
        return await flow.usage(actor, **asked)


def _adds_up(told: Usage) -> None:
    for part in (told.series, told.breakdown):
        assert (sum(one.credits for one in part), sum(one.runs for one in part)) == (told.totals.credits, told.totals.runs)
        assert sum(one.not_charged for one in part) == told.totals.not_charged
    for bar in told.series:
        assert (sum(one.credits for one in bar.groups), sum(one.runs for one in bar.groups)) == (bar.credits, bar.runs)
    assert round(sum(one.share for one in told.breakdown), 9) == (100.0 if told.totals.credits else 0.0)


async def test_thirty_days_are_told_by_day_and_by_tool() -> None:
    actor, _ = await a_person("Europe/London", at=LONG_AGO)
    day = timedelta(days=1)
    await ended(actor, Ran(NOW - 2 * day, RISK, 7), Ran(NOW - 2 * day, RISK, 4), Ran(NOW - 2 * day, QUALITY, 3), Ran(NOW - day, RISK, 0), Ran(NOW, LINEAGE, 1))
    told = await _usage(actor)
    assert (told.totals.credits, told.totals.runs, told.totals.not_charged) == (15, 4, 1)
    assert (len(told.series), told.since, told.until) == (
        30,
        datetime(2026, 10, 22, tzinfo=UTC).replace(hour=0) - timedelta(hours=1),
        datetime(2026, 11, 21, tzinfo=UTC),
    )
    assert [(bar.credits, bar.runs, bar.not_charged) for bar in told.series[-3:]] == [(14, 3, 0), (0, 0, 1), (1, 1, 0)]
    assert [(one.key, one.credits) for one in told.series[-3].groups] == [(RISK, 11), (QUALITY, 3)]
    assert [(one.key, one.credits, one.share) for one in told.breakdown] == [(RISK, 11, 73.3), (QUALITY, 3, 20.0), (LINEAGE, 1, 6.7)]
    _adds_up(told)


async def test_studios_are_groups_and_so_is_the_account() -> None:
    actor, _ = await a_person("UTC", at=LONG_AGO)
    await ended(actor, Ran(NOW, RISK, 5), Ran(NOW, QUALITY, 3), Ran(NOW, LINEAGE, 4))
    told = await _usage(actor, group_by="studio")
    assert [(one.key, one.title, one.credits) for one in told.breakdown] == [("data-studio", "Data Studio", 7), ("cyber-studio", "Cyber Studio", 5)]
    told = await _usage(actor, group_by="member", period="24h")
    assert [(one.title, one.credits, one.share) for one in told.breakdown] == [("This account", 12, 100.0)]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Chatham", "America/New_York"])
async def test_days_end_at_the_midnight_of_the_zone_also_within_an_hour_of_utc(zone: str) -> None:
    actor, _ = await a_person(zone, at=LONG_AGO)
    local = ZoneInfo(zone)
    midnight = datetime(2026, 11, 18, tzinfo=local).astimezone(UTC)
    instant = timedelta(microseconds=1)
    await ended(actor, Ran(midnight - instant, RISK, 5), Ran(midnight, RISK, 7), Ran(midnight, QUALITY, 0), Ran(midnight + timedelta(minutes=20), QUALITY, 11))
    for now in (NOW, midnight + timedelta(days=29, hours=12)):
        told = await _usage(actor, now)
        for bar in told.series:
            assert bar.credits == await captured(actor, bar.start, bar.end)
        _adds_up(told)
    found = {bar.start: (bar.credits, bar.runs, bar.not_charged) for bar in (await _usage(actor)).series if bar.runs}
    assert found == {datetime(2026, 11, 17, tzinfo=local).astimezone(UTC): (5, 1, 0), midnight: (18, 2, 1)}
    hours = await _usage(actor, midnight + timedelta(hours=3), period="24h")
    assert sum(bar.credits for bar in hours.series) == hours.totals.credits == 23
    assert all([bar.credits == await captured(actor, bar.start, bar.end) for bar in hours.series])


async def test_runs_that_took_a_day_are_found_in_the_hour_in_which_they_ended() -> None:
    actor, _ = await a_person("Asia/Kolkata", at=LONG_AGO)
    midnight = datetime(2026, 11, 18, tzinfo=ZoneInfo("Asia/Kolkata")).astimezone(UTC)
    await ended(actor, Ran(midnight + timedelta(minutes=1), RISK, 4), lasted=timedelta(hours=3))
    await ended(actor, Ran(midnight + timedelta(minutes=2), RISK, 6), lasted=timedelta(days=3))
    told = await _usage(actor)
    assert [(bar.start, bar.credits) for bar in told.series if bar.credits] == [(midnight, 10)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"), [("Europe/London", "2026-10-25", 25), ("America/New_York", "2026-03-08", 23), ("Pacific/Chatham", "2026-09-27", 23)]
)
async def test_the_day_of_a_clock_change_has_all_its_hours(zone: str, day: str, hours: int) -> None:
    actor, _ = await a_person(zone, at=datetime(2026, 1, 1, tzinfo=UTC))
    told = await _usage(actor, period="custom", since=day, until=day, bucket="hour")
    assert (len(told.series), told.until - told.since) == (hours, timedelta(hours=hours))
    told = await _usage(actor, period="custom", since=day, until=day)
    assert [(bar.end - bar.start) for bar in told.series] == [timedelta(hours=hours)]


async def test_weeks_begin_on_monday_and_months_on_the_first_and_the_ends_may_be_parts() -> None:
    actor, _ = await a_person("Asia/Kolkata", at=LONG_AGO)
    weeks = await _usage(actor, bucket="week")
    starts = [bar.start.astimezone(ZoneInfo("Asia/Kolkata")) for bar in weeks.series]
    assert [(one.day, one.hour) for one in starts] == [(22, 0), (26, 0), (2, 0), (9, 0), (16, 0)]
    months = await _usage(actor, period="custom", since="2026-01-31", until="2026-03-01", bucket="month")
    assert [bar.start.astimezone(ZoneInfo("Asia/Kolkata")).date().isoformat() for bar in months.series] == ["2026-01-31", "2026-02-01", "2026-03-01"]


async def test_the_trend_compares_with_as_much_time_before() -> None:
    actor, _ = await a_person("Asia/Kolkata", at=LONG_AGO)
    week = timedelta(days=7)
    await ended(actor, Ran(NOW - week, RISK, 8), Ran(NOW - week + timedelta(minutes=1), RISK, 16), Ran(NOW - 2 * week, RISK, 32), Ran(NOW, RISK, 12))
    trend = (await _usage(actor, NOW + timedelta(seconds=1), period="7d")).trend
    assert (trend.credits, trend.runs, trend.change) == (8, 1, 50.0)
    assert (await _usage(actor, NOW - 3 * week)).trend.change is None


async def test_the_projection_is_what_was_spent_and_the_use_of_the_days_that_are_left() -> None:
    actor, _ = await a_person("UTC", at=LONG_AGO)
    await ended(actor, *(Ran(NOW - timedelta(days=ago), RISK, 10) for ago in range(28)))
    ahead = (await _usage(actor, period="24h")).projection
    left = (datetime(2026, 12, 1, tzinfo=UTC) - NOW) / timedelta(days=1)
    assert (ahead.so_far, ahead.a_day, ahead.typical) == (200, 10.0, 200 + round(10 * left))
    assert ahead.low <= ahead.typical <= ahead.high


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"period": "31d"}, "period"),
        ({"group_by": "colour"}, "groupBy"),
        ({"bucket": "minute"}, "bucket"),
        ({"period": "custom"}, "from"),
        ({"period": "custom", "since": "2026-11-31", "until": "2026-12-01"}, "from"),
        ({"period": "custom", "since": "2026-11-01", "until": "2026-11-02T00:00:00"}, "to"),
        ({"period": "custom", "since": "2026-11-02", "until": "2026-11-01"}, "to"),
        ({"period": "custom", "since": "9999-12-31", "until": "9999-12-31"}, "from"),
        ({"period": "custom", "since": "2020-01-01", "until": "2026-01-01"}, "bucket"),
    ],
)
async def test_what_cannot_be_told_names_its_field(asked: dict[str, Any], field: str) -> None:
    actor, _ = await a_person("UTC", at=LONG_AGO)
    with pytest.raises(InvalidInputs) as refused:
        await _usage(actor, **asked)
    assert [one.field for one in refused.value.errors] == [field]


async def test_a_visitor_is_told_nothing_and_others_see_their_own_only() -> None:
    actor, _ = await a_person("UTC", at=LONG_AGO)
    other, _ = await a_person("UTC", at=LONG_AGO)
    await ended(actor, Ran(NOW, RISK, 5))
    assert (await _usage(other)).totals.credits == 0
    with pytest.raises(NotSignedIn):
        await _usage(Actor())
