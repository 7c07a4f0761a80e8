"""The studio renews the plans that nobody pays for: each month once, whoever asks and however often."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance, CapView
from credit_studio.subscriptions import flow, service
from credit_studio.subscriptions.views import PlanView
from tests.makers.people import Someone, someone

pytestmark = pytest.mark.usefixtures("book")
BEGIN = datetime(2026, 1, 31, 10, tzinfo=UTC)
FEBRUARY, MARCH, APRIL, MAY = (datetime(2026, month, day, 10, tzinfo=UTC) for month, day in ((2, 28), (3, 31), (4, 30), (5, 31)))
SOON = timedelta(seconds=1)


async def _made(**more: str | int) -> Someone:
    with clock.frozen(BEGIN):
        return await someone(**more)  # pyright: ignore[reportArgumentType] - what the maker takes


async def _renew(at: datetime) -> int:
    with clock.frozen(at):
        async with transaction() as tx:
            await ledger.expire_lapsed(tx)
        return await flow.renew_due()


async def _seen(person: Someone, at: datetime) -> tuple[Balance, PlanView, dict[str, CapView]]:
    with clock.frozen(at):
        async with transaction() as tx:
            caps = {cap.label: cap for cap in await ledger.caps(tx, owner_id=person.id, zone="UTC")}
            return await ledger.balance(tx, owner_id=person.id), await service.plan_of(tx, person_id=person.id), caps


async def test_at_the_end_of_the_period_the_next_allotment_arrives_and_the_old_one_has_ended() -> None:
    person = await _made(bought=40)
    assert await _renew(FEBRUARY - SOON) == 0
    assert await _renew(FEBRUARY) == 1
    book, plan, caps = await _seen(person, FEBRUARY)
    assert [(one.source, one.remaining, one.expires_at) for one in book.grants] == [("plan", 300, MARCH), ("purchase", 40, None)]
    assert (plan.id, plan.period_start, plan.period_end) == ("free", FEBRUARY, MARCH)
    assert (caps["month"].limit, caps["month"].used, caps["month"].resets_at) == (300, 0, MARCH)


async def test_the_anchor_day_is_kept_over_short_months() -> None:
    person = await _made()
    for at, until in ((FEBRUARY, MARCH), (MARCH, APRIL), (APRIL, MAY)):
        assert await _renew(at + SOON) == 1
        assert (await _seen(person, at + SOON))[1].period_end == until


@pytest.mark.parametrize("at_once", [1, 5])
async def test_a_period_is_opened_once_however_many_ask(at_once: int) -> None:
    person = await _made()
    with clock.frozen(FEBRUARY):
        assert sum(await asyncio.gather(*(flow.renew_due() for _ in range(at_once)))) == 1
    assert await _renew(FEBRUARY + SOON) == 0
    assert (await _seen(person, FEBRUARY + SOON))[0].available == 300


async def test_after_a_downtime_of_months_the_present_period_is_opened_and_the_lost_ones_are_not() -> None:
    person = await _made()
    at = datetime(2026, 5, 3, tzinfo=UTC)
    assert await _renew(at) == 1
    book, plan, caps = await _seen(person, at)
    assert (book.total, plan.period_start, plan.period_end) == (300, APRIL, MAY)
    assert caps["month"].resets_at == MAY


async def test_the_credits_of_a_period_that_was_used_up_come_again_within_the_caps_of_the_new_one() -> None:
    person = await _made(bought=10)
    run = person.id
    with clock.frozen(BEGIN + SOON):
        async with transaction() as tx:
            await ledger.hold(tx, owner_id=person.id, run_id=run, amount=35, lasts=timedelta(minutes=1), zone="UTC")
            await ledger.capture(tx, owner_id=person.id, run_id=run, amount=35)
    assert (await _seen(person, BEGIN + SOON))[2]["month"].used == 30
    await _renew(FEBRUARY)
    book, _, caps = await _seen(person, FEBRUARY)
    assert (book.available, caps["month"].used, caps["day"].used) == (305, 0, 0)


async def test_a_plan_that_cannot_be_renewed_keeps_nothing_from_the_others() -> None:
    lost, kept = await _made(), await _made()
    async with transaction() as tx:
        await tx.execute(text("UPDATE subscription SET plan_id = 'gone' WHERE person_id = :id"), {"id": lost.id})
    assert await _renew(FEBRUARY) == 1
    assert (await _seen(kept, FEBRUARY))[1].period_end == MARCH
    async with transaction() as tx:
        await tx.execute(text("UPDATE subscription SET plan_id = 'free' WHERE person_id = :id"), {"id": lost.id})
    assert await _renew(FEBRUARY + SOON) == 1


async def test_a_renewal_is_audited_with_what_it_gave() -> None:
    person = await _made()
    await _renew(FEBRUARY)
    async with transaction() as tx:
        query = text("SELECT event, details FROM audit_entry WHERE user_id = :id ORDER BY at, id")
        told = [tuple(row) for row in (await tx.execute(query, {"id": person.id})).all()]
    assert told == [("plan.renewed", {"plan": "free"}), ("credits.granted", {"source": "plan", "credits": 300})]


async def test_what_an_operator_gave_is_renewed_as_it_is() -> None:
    person = await _made(plan="pro")
    await _renew(FEBRUARY)
    assert (await _seen(person, FEBRUARY))[0].available == 12_000
