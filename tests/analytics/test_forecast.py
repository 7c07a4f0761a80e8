"""Where a person's balance is heading, over the real book."""

from datetime import UTC, date, datetime, timedelta

import pytest

from credit_studio.analytics import service
from credit_studio.analytics.views import Booking, Forecast, Outlook
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.core.errors import NotFound
from credit_studio.db.session import snapshot, transaction
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from tests.makers.accounts import a_grant
from tests.makers.people import someone

pytestmark = pytest.mark.usefixtures("book")
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
JOINED = datetime(2026, 9, 25, 12, tzinfo=UTC)


def seen(person_id: object, *, zone: str = "UTC", joined: datetime = JOINED) -> Person:
    return Person(id=person_id, email="ada@example.com", display_name="Ada", role="user", time_zone=zone, created_at=joined)  # type: ignore[arg-type]


async def told(person: Person, *, days: int = 30, at: datetime = NOW) -> Forecast:
    with clock.frozen(at):
        async with snapshot() as tx:
            return await service.forecast(tx, person=person, days=days)


async def used(person: Person, *amounts: int, until: datetime = NOW) -> None:
    """So many credits on each of the last days, the oldest first, at this hour."""
    async with transaction() as tx:
        for ago, amount in enumerate(reversed(amounts)):
            await service.count_run(tx, person_id=person.id, tool_id="a", at=until - timedelta(days=ago), charged=amount, succeeded=True)


async def holder(*, bought: int = 0, at: datetime = NOW, zone: str = "UTC") -> Person:
    with clock.frozen(at):
        return seen((await someone(bought=bought, zone=zone)).id, zone=zone)


async def test_without_use_the_plan_renews_and_what_ends_is_lost() -> None:
    person = await holder(bought=100)
    forecast = await told(person, days=90)
    assert [(one.date, one.typical) for one in forecast.days[:2]] == [(date(2026, 11, 21), 400), (date(2026, 11, 22), 400)]
    assert all(one.low == one.typical == one.high == 400 for one in forecast.days)
    assert len(forecast.days) == 90
    months = (date(2026, 12, 20), date(2027, 1, 20))
    assert forecast.bookings == tuple(Booking(day, kind, 300) for day in months for kind in ("expiry", "renewal"))
    assert (forecast.runs_out_at, forecast.basis) == (None, "No use in 28 days: only booked changes are shown.")


async def test_use_burns_the_plan_first_so_that_less_is_lost() -> None:
    person = await holder(bought=100)
    await used(person, *[4] * 28)
    forecast = await told(person, days=31)
    assert forecast.basis == "28 days, 4.0 credits a day"
    assert forecast.bookings == (Booking(date(2026, 12, 20), "expiry", 180), Booking(date(2026, 12, 20), "renewal", 300))
    assert forecast.days[0] == Outlook(date(2026, 11, 21), 394, 394, 394)
    assert (forecast.days[28].typical, forecast.days[29].typical, forecast.days[30].typical) == (282, 398, 394)


async def test_it_says_when_it_runs_out() -> None:
    person = await holder()
    await used(person, *[20] * 28)
    forecast = await told(person)
    assert forecast.runs_out_at == date(2026, 12, 5)
    assert [one.typical for one in forecast.days[14:18]] == [0, 0, 0, 0]
    assert forecast.days[-1].typical == 292


async def test_the_band_is_what_calm_and_busy_weeks_were() -> None:
    person = await holder(bought=1_000)
    await used(person, *([2] * 7 + [10] * 7) * 2)
    first, *_, last = (await told(person, days=20)).days
    assert first.low < first.typical < first.high
    assert last.high - last.low > first.high - first.low


async def test_a_young_account_is_judged_by_a_week() -> None:
    person = seen((await someone(bought=10)).id, joined=NOW - timedelta(days=2))
    assert (await told(person)).basis == "No use yet: only booked changes are shown."
    await used(person, 7, 14)
    assert (await told(person)).basis == "7 days, 3.0 credits a day"


async def test_only_the_last_28_days_and_only_the_persons_own_use_count() -> None:
    person, other = await holder(), await holder()
    await used(person, 50, until=NOW - timedelta(days=28))
    await used(other, 50)
    assert (await told(person)).basis.startswith("No use in 28 days")
    await used(person, 28, until=NOW - timedelta(days=28) + timedelta(hours=1))
    assert (await told(person)).basis == "28 days, 1.0 credits a day"


async def test_days_are_those_of_the_persons_zone_and_last_to_their_midnight() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    person = await holder(zone="Pacific/Kiritimati", at=late)
    await a_grant(person.id, 50, source="promo", expires_at=datetime(2026, 11, 23, 10, tzinfo=UTC))
    forecast = await told(person, days=3, at=late)
    assert (forecast.time_zone, [one.date.day for one in forecast.days]) == ("Pacific/Kiritimati", [22, 23, 24])
    assert forecast.bookings == (Booking(date(2026, 11, 24), "expiry", 50),)
    assert [one.typical for one in forecast.days] == [350, 350, 300]


async def test_what_open_runs_hold_and_what_is_owed_is_not_there_to_use() -> None:
    person = await holder(bought=100)
    async with transaction() as tx:
        with clock.frozen(NOW):
            await ledger.hold(tx, owner_id=person.id, run_id=ids.new_id(), amount=25, lasts=timedelta(days=400), zone="UTC")
    assert (await told(person, days=1)).days[0].typical == 375


async def test_who_has_no_account_has_no_forecast() -> None:
    with pytest.raises(NotFound):
        await told(seen(ids.new_id()))


async def test_the_past_is_what_was_there_as_each_day_of_the_zone_began() -> None:
    person = await holder(at=NOW - timedelta(days=3), zone="Pacific/Kiritimati")
    with clock.frozen(NOW - timedelta(days=2)):
        await a_grant(person.id, 50)
    async with transaction() as tx:
        with clock.frozen(NOW - timedelta(days=1)):
            await ledger.deduct(tx, owner_id=person.id, amount=20, key="by-hand", reason="tried", actor=SYSTEM)
    with clock.frozen(NOW):
        async with snapshot() as tx:
            stood = await service.stood(tx, person=person, days=30)
    assert stood == tuple((datetime(2026, 11, day, 10, tzinfo=UTC), total) for day, total in ((18, 300), (19, 350), (20, 330)))


async def test_credits_spent_are_told_by_the_days_of_the_zone() -> None:
    person = await holder(zone="Pacific/Kiritimati")
    for hours, amount in ((1, 3), (5, 4), (28, 8), (60, 100)):
        await used(person, amount, until=NOW - timedelta(hours=hours))
    with clock.frozen(NOW):
        async with snapshot() as tx:
            assert await service.spent_by_day(tx, person=person, since=date(2026, 11, 19)) == [0, 12, 3]
