"""Signing up, and what an operator does to a plan or a balance."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import Conflict, Forbidden, InvalidInputs, InvariantBroken, NotFound
from credit_studio.db.session import transaction
from credit_studio.identity import flow as identity
from credit_studio.identity import service as people
from credit_studio.identity.views import NewSession
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance, CapView
from credit_studio.subscriptions import flow, service
from credit_studio.subscriptions.views import PlanView
from tests.makers.people import HASH, someone
from tests.makers.sessions import PASSWORD

pytestmark = pytest.mark.usefixtures("database")
EMAIL = "ada@example.com"


async def _register(email: str = EMAIL, *, zone: str | None = "Europe/London") -> NewSession:
    return await flow.register(email=email, password=PASSWORD, display_name="Ada", time_zone=zone, actor=Actor(address="192.0.2.1", door="test"))


async def _counts() -> dict[str, int]:
    async with transaction() as tx:
        names = (await tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"))).scalars().all()
        return {name: (await tx.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one() for name in names}  # noqa: S608 - names of our own tables


async def _book(session: NewSession) -> tuple[Balance, PlanView, dict[str, CapView]]:
    person = session.person
    async with transaction() as tx:
        caps = {cap.label: cap for cap in await ledger.caps(tx, owner_id=person.id, zone=person.time_zone)}
        return await ledger.balance(tx, owner_id=person.id), await service.plan_of(tx, person_id=person.id), caps


async def _events() -> list[str]:
    async with transaction() as tx:
        return list((await tx.execute(text("SELECT event FROM audit_entry ORDER BY at, id"))).scalars())


async def test_a_new_person_has_a_plan_its_credits_its_caps_and_a_session() -> None:
    with clock.frozen(datetime(2026, 1, 31, 10, tzinfo=UTC)):
        session = await _register()
        book, plan, caps = await _book(session)
        who = await identity.who(session.token)
    assert (book.available, book.held, [grant.source for grant in book.grants]) == (300, 0, ["plan"])
    assert (plan.id, plan.period_end) == ("free", datetime(2026, 2, 28, 10, tzinfo=UTC))
    assert book.grants[0].expires_at == plan.period_end
    assert {label: cap.limit for label, cap in caps.items()} == {"day": 30, "month": 300}
    assert caps["month"].resets_at == plan.period_end
    assert who is not None
    assert who.id == session.person.id
    assert await _events() == ["register", "credits.granted"]


@pytest.mark.parametrize("broken", ["start_plan", "open_session", "record", "grant"])
async def test_a_failure_in_the_middle_leaves_nothing(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    before = await _counts()
    room = {"start_plan": flow.service, "open_session": flow.identity, "record": flow.audit, "grant": service.ledger}[broken]
    monkeypatch.setattr(room, broken, fail)
    with pytest.raises(RuntimeError):
        await _register()
    assert await _counts() == before
    monkeypatch.undo()
    assert (await _book(await _register()))[0].available == 300


async def test_an_address_is_taken_once_whatever_its_case_and_however_many_come_at_once() -> None:
    tried = await asyncio.gather(*(_register(email) for email in (EMAIL, EMAIL.upper(), "Ada@Example.com")), return_exceptions=True)
    refused = [one for one in tried if isinstance(one, Conflict)]
    assert [one.code for one in refused] == ["email_taken"] * 2
    counts = await _counts()
    assert (counts["person"], counts["account"], counts["subscription"]) == (1, 1, 1)


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../etc/passwd", "\x00"])
async def test_a_zone_that_is_none_is_utc(zone: str | None) -> None:
    assert (await _register(zone=zone)).person.time_zone == "UTC"


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a b@example.com", "ada@example", "a" * 400 + "@example.com", "ada@example.com\nbcc: eve@example.com"])
async def test_what_is_no_address_is_refused_before_anything_is_written(email: str) -> None:
    before = await _counts()
    with pytest.raises(InvalidInputs) as refused:
        await _register(email)
    assert {error.field for error in refused.value.errors} == {"email"}
    assert await _counts() == before


async def test_a_larger_plan_adds_its_credits_and_raises_the_caps() -> None:
    session = await _register()
    held = await flow.set_plan(email=EMAIL, plan_id="pro")
    book, plan, caps = await _book(session)
    assert (held.id, plan.id, plan.daily_cap) == ("pro", "pro", 2_000)
    assert book.available == 300 + 12_000
    assert {label: cap.limit for label, cap in caps.items()} == {"day": 2_000, "month": 12_000}
    assert await _events() == ["register", "credits.granted", "plan.set", "credits.granted"]


async def test_a_smaller_plan_lowers_the_caps_and_no_balance() -> None:
    session = await _register()
    await flow.set_plan(email=EMAIL, plan_id="pro")
    await flow.set_plan(email=EMAIL, plan_id="supporter")
    book, _, caps = await _book(session)
    assert book.available == 300 + 12_000 + 3_000
    assert {label: cap.limit for label, cap in caps.items()} == {"day": 300, "month": 3_000}


async def test_credits_are_given_once_for_a_reference() -> None:
    session = await _register()
    given = [await flow.grant(email=EMAIL, credits=50, source="gift", reference="prize-1") for _ in range(3)]
    assert given == [True, False, False]
    assert (await _book(session))[0].available == 350
    assert await flow.grant(email=EMAIL, credits=50, source="gift", reference="prize-2")
    assert (await _book(session))[0].available == 400
    assert (await _events()).count("credits.granted") == 3


async def test_credits_are_given_once_for_a_reference_when_all_come_at_once() -> None:
    session = await _register()
    given = await asyncio.gather(*(flow.grant(email=EMAIL, credits=50, source="gift", reference="prize-1") for _ in range(6)))
    assert sorted(given) == [False] * 5 + [True]
    assert (await _book(session))[0].available == 350


async def test_without_a_reference_every_gift_is_a_new_one() -> None:
    session = await _register()
    assert [await flow.grant(email=EMAIL, credits=1, source="gift") for _ in range(2)] == [True, True]
    assert (await _book(session))[0].available == 302


async def test_nobody_there_is_said_so() -> None:
    with pytest.raises(NotFound):
        await flow.grant(email="nobody@example.com", credits=1, source="gift")
    with pytest.raises(NotFound):
        await flow.set_plan(email="nobody@example.com", plan_id="pro")


async def test_an_unknown_plan_names_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="free, supporter, pro"):
        await flow.set_plan(email=EMAIL, plan_id="platinum", actor=SYSTEM)


async def test_a_person_without_a_plan_is_a_broken_invariant() -> None:
    async with transaction() as tx:
        person = await people.create_person(tx, email=EMAIL, password_hash=HASH, display_name="Ada", time_zone="UTC")
        with pytest.raises(InvariantBroken):
            await service.plan_of(tx, person_id=person.id)


async def test_a_person_cannot_do_what_operators_do() -> None:
    person = await someone()
    async with transaction() as tx:
        before = await ledger.balance(tx, owner_id=person.id)
        with pytest.raises(Forbidden):
            await people.make_admin(tx, email=person.email, actor=person.actor)
    with pytest.raises(Forbidden):
        await flow.grant(email=person.email, credits=500, source="gift", actor=person.actor)
    with pytest.raises(Forbidden):
        await flow.set_plan(email=person.email, plan_id="pro", actor=person.actor)
    async with transaction() as tx:
        assert await ledger.balance(tx, owner_id=person.id) == before


async def test_renewals_to_come_follow_the_anchor_day_each_until_the_next() -> None:
    with clock.frozen(datetime(2026, 1, 31, 10, tzinfo=UTC)):
        person = await someone(plan="pro")
        async with transaction() as tx:
            told = await service.renewals(tx, person_id=person.id, zone="UTC", until=datetime(2026, 4, 30, 11, tzinfo=UTC))
            none = await service.renewals(tx, person_id=person.id, zone="UTC", until=datetime(2026, 2, 28, 10, tzinfo=UTC))
    days = [datetime(2026, month, day, 10, tzinfo=UTC) for month, day in ((2, 28), (3, 31), (4, 30), (5, 31))]
    assert [(one.at, one.ends) for one in told] == list(pairwise(days))
    assert {one.credits for one in told} == {service.get_plan("pro").monthly_credits}
    assert none == ()


async def test_a_renewal_that_is_past_is_none_to_come() -> None:
    with clock.frozen(datetime(2026, 1, 15, tzinfo=UTC)):
        person = await someone()
    with clock.frozen(datetime(2026, 3, 1, tzinfo=UTC)):
        async with transaction() as tx:
            told = await service.renewals(tx, person_id=person.id, zone="UTC", until=datetime(2026, 3, 31, tzinfo=UTC))
    assert [one.at for one in told] == [datetime(2026, 3, 15, tzinfo=UTC)]
