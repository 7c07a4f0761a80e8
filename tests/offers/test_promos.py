import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from credit_studio import settings
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import Conflict, Forbidden, InvalidInputs, NotFound, NotSignedIn, RateLimited
from credit_studio.db import hits
from credit_studio.db.session import transaction
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.ledger import service as ledger
from credit_studio.offers import promos, rules
from credit_studio.settings import Settings
from tests.makers.people import Someone, someone

pytestmark = pytest.mark.usefixtures("book")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def _available(person: Someone) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=person.id)).available


async def test_a_code_brings_its_credits_once_a_person_however_it_is_typed() -> None:
    made, ada, bob = await promos.make(code="spring-2026", credits=50), await someone(), await someone()
    assert made.code == "SPRING2026"
    assert (await promos.redeem(ada.actor, " Spring 2026 ")).credits == 50
    with pytest.raises(Conflict, match="before"):
        await promos.redeem(ada.actor, "SPRING2026")
    await promos.redeem(bob.actor, "".join(chr(ord(sign) + 0xFEE0) for sign in "SPRING2026"))
    assert (await _available(ada), await _available(bob)) == (350, 350)
    assert [one.used for one in await promos.listing(SYSTEM)] == [2]


async def test_a_code_of_three_uses_is_redeemed_three_times_whoever_comes_at_once() -> None:
    await promos.make(code="THREE3", credits=10, most_uses=3)
    people = [await someone() for _ in range(8)]
    done = await asyncio.gather(*(promos.redeem(one.actor, "three3") for one in people for _ in range(2)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 3
    assert {type(one) for one in done if isinstance(one, BaseException)} == {Conflict}
    assert sorted([await _available(one) for one in people], reverse=True) == [310] * 3 + [300] * 5


async def test_credits_of_a_code_may_end_and_stand_in_the_history_with_its_name() -> None:
    ada = await someone()
    with clock.frozen(NOW):
        await promos.make(code="AWEEK", credits=70, credit_days=7)
        done = await promos.redeem(ada.actor, "aweek")
        async with transaction() as tx:
            told = await history.movements(tx, owner_id=ada.id, wanted=Wanted(kinds=["promo"]))
    assert done.expires_at == NOW + timedelta(days=7)
    assert [(one.amount, one.kind, "AWEEK" in one.description) for one in told.items] == [(70, "promo", True)]


async def test_a_code_that_is_late_or_ended_brings_nothing_and_says_why() -> None:
    ada = await someone()
    with clock.frozen(NOW):
        late = await promos.make(code="LATE1", credits=5, expires_at=NOW + timedelta(hours=1))
        ended = await promos.make(credits=5)
        await promos.end(SYSTEM, ended.id)
    with clock.frozen(NOW + timedelta(hours=1)), pytest.raises(Conflict, match="past its time"):
        await promos.redeem(ada.actor, late.code)
    with pytest.raises(Conflict, match="ended"):
        await promos.redeem(ada.actor, ended.code)
    assert await _available(ada) == 300


@pytest.mark.parametrize("code", ["", "x", "nothing-here", "'; DROP TABLE gift; --", "\x00", "a" * 5_000, "🙂🙂🙂🙂", "SPRING\u202e2026"])
async def test_what_is_no_code_is_unknown(code: str) -> None:
    with pytest.raises(NotFound) as refused:
        await promos.redeem((await someone()).actor, code)
    assert refused.value.code == "unknown_code"


async def test_a_visitor_redeems_nothing() -> None:
    with pytest.raises(NotSignedIn):
        await promos.redeem(Actor(door="test"), "SPRING2026")


async def test_guessing_is_slowed_down_by_person_and_the_right_code_waits_too(monkeypatch: pytest.MonkeyPatch) -> None:
    hits.forget()
    chosen = Settings(rate_limit_scale=1)
    monkeypatch.setattr(settings, "get", lambda: chosen)
    await promos.make(code="RIGHT1", credits=5)
    ada, bob = await someone(), await someone()
    for n in range(10):
        with pytest.raises(NotFound):
            await promos.redeem(ada.actor, f"WRONG{n}")
    with pytest.raises(RateLimited, match="do not exist"):
        await promos.redeem(ada.actor, "RIGHT1")
    assert (await promos.redeem(bob.actor, "RIGHT1")).credits == 5
    hits.forget()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("credits", lambda: promos.make(credits=0)),
        ("code", lambda: promos.make(code="!!", credits=1)),
        ("creditDays", lambda: promos.make(credits=1, credit_days=0)),
        ("mostUses", lambda: promos.make(credits=1, most_uses=0)),
        ("expiresAt", lambda: promos.make(credits=1, expires_at=NOW - timedelta(days=400))),
    ],
)
async def test_a_code_that_makes_no_sense_is_not_made(field: str, change: Callable[[], object]) -> None:
    with pytest.raises(InvalidInputs) as refused:
        await change()  # type: ignore[misc] - a coroutine
    assert [error.field for error in refused.value.errors] == [field]
    assert await promos.listing(SYSTEM) == ()


async def test_a_name_is_taken_once_and_only_operators_make_see_and_end_codes() -> None:
    await promos.make(code="ONCE", credits=1)
    with pytest.raises(Conflict, match="already"):
        await promos.make(code="once", credits=2)
    ada = await someone()
    for attempt in (promos.make(credits=1, actor=ada.actor), promos.listing(ada.actor), promos.end(ada.actor, ids.new_id())):
        with pytest.raises(Forbidden):
            await attempt
    with pytest.raises(NotFound):
        await promos.end(SYSTEM, ids.new_id())


def test_a_made_code_reads_well() -> None:
    assert not set("01IO") & set(rules.ALPHABET)
    assert rules.code_key(rules.ALPHABET[:10]) == rules.ALPHABET[:10]
