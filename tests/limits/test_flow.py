"""Settings over a real database: what may be set, what is said when it may not, and what holds from then on."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import InvalidInputs, NotSignedIn, PaymentRequired
from credit_studio.db.session import Tx, transaction
from credit_studio.engine import gate
from credit_studio.limits import flow
from tests.makers.past_runs import add_past, past_run
from tests.makers.people import Someone, someone

pytestmark = pytest.mark.usefixtures("database")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RISKS = "cyber-studio-risk-register"


async def _nothing(tx: Tx, done: object) -> None:
    """Nothing belongs to a hold of these tests."""


async def _hold(person: Someone, amount: int) -> int:
    async with transaction() as tx:
        zone = await gate.zone_of(tx, person.id)
    return (await gate.hold(person_id=person.id, run_id=ids.new_id(), amount=amount, lasts=timedelta(hours=1), zone=zone, after=_nothing)).amount


async def _refused(person: Someone, amount: int) -> PaymentRequired:
    with pytest.raises(PaymentRequired) as refused:
        await _hold(person, amount)
    return refused.value


async def _audited() -> list[dict[str, Any]]:
    async with transaction() as tx:
        return list((await tx.execute(text("SELECT details FROM audit_entry WHERE event = 'limits.changed' ORDER BY at, id"))).scalars())


async def _faults(person: Someone, **part: Any) -> list[str]:
    with pytest.raises(InvalidInputs) as refused:
        await flow.change(person.actor, **part)
    assert refused.value.message == "Nothing was changed."
    return [one.field for one in refused.value.errors]


async def test_nothing_is_set_at_first_and_a_change_leaves_the_rest_alone() -> None:
    person = await someone(zone="Europe/London")
    before = await flow.settings(person.actor)
    assert (before.daily_cap, before.monthly_cap, before.per_run_max, before.time_zone) == (None, None, None, "Europe/London")
    after = await flow.change(person.actor, daily_cap=20)
    assert after == await flow.settings(person.actor)
    assert (after.daily_cap, after.monthly_cap, after.alert_thresholds) == (20, None, before.alert_thresholds)
    assert await flow.change(person.actor, daily_cap=20) == after
    assert await _audited() == [{"daily_cap": [None, 20]}]


async def test_a_cap_holds_at_once_counts_what_was_spent_and_is_taken_away_again() -> None:
    person = await someone(bought=100)
    await _hold(person, 12)
    await flow.change(person.actor, daily_cap=20, per_run_max=9)
    assert (await _refused(person, 10)).code == "cap_per_run"
    error = await _refused(person, 9)
    assert (error.code, error.facts.limit, error.facts.spent, error.helps) == ("cap_daily", 20, 12, ("settings",))
    assert (await flow.change(person.actor, daily_cap=None, per_run_max=None)).daily_cap is None
    assert await _hold(person, 10) == 10
    assert await flow.change(person.actor, daily_cap=30)
    assert (await _refused(person, 9)).facts.spent == 22


async def test_twenty_at_once_do_not_pass_an_own_cap_by_a_credit() -> None:
    person = await someone(bought=1_000)
    await flow.change(person.actor, daily_cap=50)
    made = await asyncio.gather(*(_hold(person, 3) for _ in range(20)), return_exceptions=True)
    refused = [one for one in made if isinstance(one, PaymentRequired)]
    assert ([one for one in made if one == 3], len(refused)) == ([3] * 16, 4)
    assert {(one.code, one.facts.limit, one.facts.spent, one.facts.required) for one in refused} == {("cap_daily", 50, 48, 3)}
    assert all(one.facts.resets_at for one in refused)


async def test_an_own_cap_may_be_what_the_plan_allows_and_what_was_bought() -> None:
    person = await someone(bought=100)
    assert (await flow.change(person.actor, daily_cap=130, monthly_cap=400, per_run_max=130)).monthly_cap == 400
    for part in ({"daily_cap": 131}, {"monthly_cap": 401}, {"per_run_max": 131}, {"daily_cap": -1}):
        assert await _faults(person, **part) == [{"daily_cap": "dailyCap", "monthly_cap": "monthlyCap", "per_run_max": "perRunMax"}[next(iter(part))]]
    with pytest.raises(InvalidInputs, match="Nothing was changed") as refused:
        await flow.change(person.actor, daily_cap=500)
    assert refused.value.errors[0].message == "Must be from 0 to 130: the plan's 30 a day and 100 credits of your own."
    await _hold(person, 130)
    assert (await flow.change(person.actor, daily_cap=130, per_run_max=0)).daily_cap == 130


async def test_what_does_not_fit_is_named_all_at_once_and_nothing_is_changed() -> None:
    person = await someone()
    before = await flow.settings(person.actor)
    wrong: dict[str, Any] = {"daily_cap": 10, "monthly_cap": 9_999, "time_zone": "Mars/Base", "alert_thresholds": (33,)}
    wrong |= {"notifications": {"sms": "call me"}, "auto_recharge": {"below": 0}}
    assert await _faults(person, **wrong) == ["timeZone", "monthlyCap", "alertThresholds", "notifications.sms", "autoRecharge.below"]
    assert await _faults(person, auto_recharge={"enabled": True}) == ["autoRecharge.consent"]
    assert await flow.settings(person.actor) == before
    assert await _audited() == []


async def test_alerts_and_the_zone_are_set_and_nothing_personal_is_audited() -> None:
    person, hook = await someone(), "https://example.com/hook"
    after = await flow.change(person.actor, alert_thresholds=(50, 100), notifications={"webhook_url": hook, "email": False}, time_zone="Asia/Kolkata")
    channels = after.notifications
    assert (after.alert_thresholds, channels.webhook_url, channels.email, after.time_zone) == ((50, 100), hook, False, "Asia/Kolkata")
    [told] = await _audited()
    assert told["time_zone"] == ["UTC", "Asia/Kolkata"]
    assert told["notifications.webhook_url"] == [False, True]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Chatham"])
@pytest.mark.parametrize("at", [datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC)], ids=["spring", "autumn"])
async def test_another_zone_opens_no_second_window(zone: str, at: datetime) -> None:
    with clock.frozen(at - timedelta(hours=12)):
        person = await someone(bought=100, zone="UTC")
        await flow.change(person.actor, daily_cap=20)
        await _hold(person, 20)
        await flow.change(person.actor, time_zone=zone)
        resets_at = (await _refused(person, 1)).facts.resets_at
    assert resets_at is not None
    assert resets_at == at + timedelta(minutes=30)
    with clock.frozen(resets_at - timedelta(seconds=1)):
        await flow.change(person.actor, time_zone="UTC" if zone == "Asia/Kolkata" else "Asia/Kolkata")
        assert (await _refused(person, 1)).facts.resets_at == resets_at
        await flow.change(person.actor, time_zone=zone)
    with clock.frozen(resets_at):
        assert await _hold(person, 20) == 20
        again = (await _refused(person, 1)).facts.resets_at
    assert again is not None
    assert timedelta(hours=23) <= again - resets_at < timedelta(hours=48)


async def test_the_simulator_names_the_runs_of_the_last_thirty_days_newest_first() -> None:
    person, other = await someone(zone="Europe/London"), await someone()
    with clock.frozen(NOON):
        ago = [timedelta(days=31), timedelta(hours=3), timedelta(hours=2), timedelta(hours=1)]
        rows = [past_run(RISKS, person_id=person.id, ago=one, quoted_max=8, charged=4) for one in ago]
        await add_past(*rows, past_run(RISKS, person_id=other.id, quoted_max=800))
        seen = await flow.simulate(person.actor, daily=13, monthly=None, per_run=None)
        assert (seen.runs, seen.count, seen.since) == (3, 1, NOON - timedelta(days=30))
        assert [(one.run_id, one.spent, one.required) for one in seen.blocked] == [(rows[3]["id"], 8, 8)]
        all_of_them = await flow.simulate(person.actor, daily=None, monthly=None, per_run=7)
        assert [one.run_id for one in all_of_them.blocked] == [row["id"] for row in reversed(rows[1:])]
        assert (await flow.simulate(person.actor, daily=None, monthly=None, per_run=None)).count == 0


async def test_a_stranger_sees_and_sets_nothing() -> None:
    for asked in (flow.settings(Actor()), flow.standing(Actor()), flow.change(Actor(), daily_cap=1), flow.simulate(Actor(), daily=1, monthly=1, per_run=1)):
        with pytest.raises(NotSignedIn):
            await asked
