import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from credit_studio import settings
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.errors import NotSignedIn, RateLimited
from credit_studio.db import hits
from credit_studio.db import session as db
from credit_studio.identity import flow, passwords
from tests.makers.sessions import PASSWORD, make_person, make_session

pytestmark = pytest.mark.usefixtures("database")

HERE = Actor(address="192.0.2.1", door="api", request_id="r1")
ELSEWHERE = Actor(address="198.51.100.7", door="api")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def _audited() -> list[tuple[str, str]]:
    async with db.transaction() as tx:
        rows = await tx.execute(text("SELECT event, coalesce(details->>'why', '') AS why FROM audit_entry ORDER BY id"))
        return [(row.event, row.why) for row in rows]


@pytest.fixture
def limits_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    hits.forget()
    monkeypatch.setattr(settings, "get", lambda: chosen)
    chosen = settings.Settings(rate_limit_scale=1)
    moment = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    yield moment
    hits.forget()


async def test_the_right_password_opens_a_session_that_belongs_to_its_person() -> None:
    person = await make_person()
    session = await flow.login(email="Ada@Example.COM ", password=PASSWORD, actor=HERE, user_agent="Firefox")
    assert await flow.who(session.token) == person
    assert await _audited() == [("login", "")]


async def test_a_token_is_kept_only_as_its_hash() -> None:
    session = await make_session(await make_person())
    async with db.transaction() as tx:
        row = (await tx.execute(text("SELECT s.*, p.* FROM login_session s JOIN person p ON p.id = s.person_id"))).one()
    assert session.token not in repr(row)
    assert PASSWORD not in repr(row)
    assert row.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong-wrong-wrong"), ("nobody@example.com", PASSWORD)])
async def test_unknown_address_and_wrong_password_answer_alike(email: str, password: str) -> None:
    await make_person()
    with pytest.raises(NotSignedIn) as refused:
        await flow.login(email=email, password=password, actor=HERE)
    assert (refused.value.code, refused.value.message) == ("invalid_credentials", "Email or password is not right.")
    assert [event for event, _ in await _audited()] == ["login.failed"]


async def test_an_unknown_address_costs_a_hash_as_a_known_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    await make_person()
    checked: list[str] = []
    real = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda hashed, plain: checked.append(hashed[:10]) or real(hashed, plain))
    for email in ("ada@example.com", "nobody@example.com"):
        with pytest.raises(NotSignedIn):
            await flow.login(email=email, password="wrong-wrong-wrong", actor=HERE)
    assert checked == ["$argon2id$", "$argon2id$"]


@pytest.mark.parametrize("email", ["", "\0", "a\0b@example.com", "\ud800@example.com", "x" * 100_000, "' OR 1=1 --"])
async def test_a_hostile_address_is_an_unknown_one(email: str) -> None:
    with pytest.raises(NotSignedIn):
        await flow.login(email=email, password="\ud800" * 300, actor=HERE)


async def test_signing_in_anew_ends_the_session_it_replaces() -> None:
    person = await make_person()
    old = await make_session(person)
    new = await flow.login(email=person.email, password=PASSWORD, actor=HERE, replaces=old.token)
    assert await flow.who(old.token) is None
    assert await flow.who(new.token) == person


async def test_logout_ends_the_session_once() -> None:
    session = await make_session(await make_person())
    await flow.logout(token=session.token, actor=HERE)
    await flow.logout(token=session.token, actor=HERE)
    assert await flow.who(session.token) is None
    assert await _audited() == [("logout", "")]


@pytest.mark.parametrize("token", [None, "", "x" * 43])
async def test_an_unknown_token_is_nobody(token: str | None) -> None:
    assert await flow.who(token) is None


async def test_an_idle_session_expires_and_is_audited_once() -> None:
    with clock.frozen(NOON):
        session = await make_session(await make_person())
    with clock.frozen(NOON + timedelta(hours=settings.get().session_idle_h)):
        assert await flow.who(session.token) is None
        assert await flow.who(session.token) is None
        assert await flow.end_expired_sessions() == 0
    assert await _audited() == [("session.expired", "")]


async def test_the_schedule_ends_sessions_that_nobody_comes_back_to() -> None:
    with clock.frozen(NOON):
        await make_session(await make_person())
        assert await flow.end_expired_sessions() == 0
    with clock.frozen(NOON + timedelta(days=400)):
        assert await flow.end_expired_sessions() == 1
    assert await _audited() == [("session.expired", "")]


async def test_use_moves_the_idle_expiry_but_never_past_the_absolute_one() -> None:
    chosen = settings.get()
    with clock.frozen(NOON):
        session = await make_session(await make_person())
    step, moment = timedelta(hours=chosen.session_idle_h - 1), NOON
    end = NOON + timedelta(hours=chosen.session_absolute_h)
    while moment + step < end:
        moment += step
        with clock.frozen(moment):
            assert await flow.who(session.token) is not None
    with clock.frozen(end):
        assert await flow.who(session.token) is None


async def test_the_idle_expiry_moves_at_most_once_a_minute() -> None:
    with clock.frozen(NOON):
        session = await make_session(await make_person())
    seen = []
    for second in (30, 59, 60, 90):
        with clock.frozen(NOON + timedelta(seconds=second)):
            await flow.who(session.token)
        async with db.transaction() as tx:
            seen.append((await tx.execute(text("SELECT seen_at FROM login_session"))).scalar_one())
    assert seen == [NOON, NOON, NOON + timedelta(minutes=1), NOON + timedelta(minutes=1)]


async def test_guessing_is_slowed_down_at_its_address_and_the_owner_elsewhere_is_not(limits_on: list[float]) -> None:
    await make_person()
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await flow.login(email="ada@example.com", password="wrong-wrong-wrong", actor=HERE)
    with pytest.raises(RateLimited) as refused:
        await flow.login(email="ada@example.com", password=PASSWORD, actor=HERE)
    assert 0 < (refused.value.facts.retry_after_s or 0) <= 60
    assert (await _audited())[-1] == ("login.failed", "throttled")
    await flow.login(email="ada@example.com", password=PASSWORD, actor=ELSEWHERE)


async def test_each_further_guess_costs_more_time(limits_on: list[float]) -> None:
    await make_person()
    waits = []
    for _ in range(60):
        try:
            await flow.login(email="ada@example.com", password="wrong-wrong-wrong", actor=HERE)
        except RateLimited as slow:
            waits.append(slow.facts.retry_after_s or 0)
            limits_on[0] += waits[-1]
        except NotSignedIn:
            pass
    assert max(waits[:1]) <= 60
    assert max(waits) > 3600


async def test_an_unknown_account_is_throttled_as_a_known_one_is(limits_on: list[float]) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await flow.login(email="nobody@example.com", password="wrong-wrong-wrong", actor=HERE)
    with pytest.raises(RateLimited):
        await flow.login(email="nobody@example.com", password="wrong-wrong-wrong", actor=HERE)


async def test_a_success_clears_the_failures_of_that_account_at_that_address(limits_on: list[float]) -> None:
    await make_person()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotSignedIn):
                await flow.login(email="ada@example.com", password="wrong-wrong-wrong", actor=HERE)
        await flow.login(email="ada@example.com", password=PASSWORD, actor=HERE)


async def test_a_guess_from_many_addresses_does_not_lock_the_owner_out_of_a_known_one(limits_on: list[float]) -> None:
    await make_person()
    await flow.login(email="ada@example.com", password=PASSWORD, actor=HERE)
    for host in range(100):
        with pytest.raises(NotSignedIn):
            await flow.login(email="ada@example.com", password="wrong-wrong-wrong", actor=Actor(address=f"203.0.113.{host}"))
    with pytest.raises(RateLimited):
        await flow.login(email="ada@example.com", password=PASSWORD, actor=ELSEWHERE)
    await flow.login(email="ada@example.com", password=PASSWORD, actor=HERE)


async def test_an_old_hash_is_renewed_at_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    await make_person()
    monkeypatch.setattr(passwords, "needs_rehash", lambda _hashed: True)
    async with db.transaction() as tx:
        before = (await tx.execute(text("SELECT password_hash FROM person"))).scalar_one()
    await flow.login(email="ada@example.com", password=PASSWORD, actor=HERE)
    async with db.transaction() as tx:
        after = (await tx.execute(text("SELECT password_hash FROM person"))).scalar_one()
    assert before != after
    await flow.login(email="ada@example.com", password=PASSWORD, actor=HERE)
