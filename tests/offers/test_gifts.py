import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.catalog.service import catalog
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, InvalidInputs, NotFound, NotSignedIn, PaymentRequired, StudioError
from credit_studio.db.session import transaction
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.ledger import service as ledger
from credit_studio.offers import gifts, rules
from tests.makers.accounts import a_grant
from tests.makers.people import Someone, someone

pytestmark = pytest.mark.usefixtures("book")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LASTS = timedelta(days=catalog().offers.gift_days)


async def _available(person: Someone) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=person.id)).available


async def test_a_gift_is_set_aside_and_claimed_once_by_whoever_has_the_link() -> None:
    ada, bob, eve = await someone(bought=500), await someone(), await someone()
    made = await gifts.make(ada.actor, credits=200, sender="Ada", message="For the\nlong nights")
    assert await _available(ada) == 300 + 300
    seen = await gifts.look(Actor(door="test"), made.token)
    assert (seen.credits, seen.sender, seen.message, seen.state) == (200, "Ada", "For the long nights", "open")
    assert (await gifts.claim(bob.actor, made.token)).state == "claimed"
    assert (await gifts.claim(bob.actor, made.token)).state == "claimed"
    with pytest.raises(Conflict, match="claimed already"):
        await gifts.claim(eve.actor, made.token)
    with pytest.raises(Conflict, match="claimed already"):
        await gifts.revoke(ada.actor, made.gift.id)
    assert [await _available(one) for one in (ada, bob, eve)] == [600, 500, 300]
    assert (await gifts.look(bob.actor, made.token)).is_claimed_by_you
    async with transaction() as tx:
        told = [(await history.movements(tx, owner_id=one.id, wanted=Wanted(kinds=["gift"]))).items for one in (ada, bob)]
    assert [[line.amount for line in lines] for lines in told] == [[-200], [200]]


async def test_ten_who_claim_at_once_while_it_is_taken_back_leave_the_credits_with_one() -> None:
    ada, others = await someone(bought=100), [await someone() for _ in range(10)]
    made = await gifts.make(ada.actor, credits=100)
    claims = [gifts.claim(one.actor, made.token) for one in others]
    done = await asyncio.gather(*claims, gifts.revoke(ada.actor, made.gift.id), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert {type(one) for one in done if isinstance(one, BaseException)} == {Conflict}
    assert sum([await _available(one) for one in (ada, *others)]) == 11 * 300 + 100


async def test_a_gift_that_is_taken_back_returns_and_its_link_is_dead() -> None:
    ada, bob = await someone(bought=100), await someone()
    made = await gifts.make(ada.actor, credits=100)
    assert (await gifts.revoke(ada.actor, made.gift.id)).state == "revoked"
    with pytest.raises(Conflict, match="taken back"):
        await gifts.claim(bob.actor, made.token)
    with pytest.raises(Conflict, match="taken back"):
        await gifts.revoke(ada.actor, made.gift.id)
    assert await _available(ada) == 400
    assert await gifts.giveable(ada.actor) == 100


async def test_a_gift_that_nobody_claims_comes_back_by_itself_once() -> None:
    ada, bob = await someone(bought=100), await someone()
    with clock.frozen(NOW):
        made = await gifts.make(ada.actor, credits=40)
        assert await gifts.return_lapsed() == 0
    with clock.frozen(NOW + LASTS):
        assert (await gifts.look(bob.actor, made.token)).state == "expired"
        with pytest.raises(Conflict, match="past its time"):
            await gifts.claim(bob.actor, made.token)
        assert sorted(await asyncio.gather(gifts.return_lapsed(), gifts.return_lapsed())) == [0, 1]
        assert [one.state for one in await gifts.listing(ada.actor)] == ["expired"]
        assert await gifts.giveable(ada.actor) == 100


async def test_only_what_was_bought_or_given_can_be_given_and_not_what_is_owed() -> None:
    ada = await someone(bought=100)
    await a_grant(ada.id, 1_000, source="promo", expires_at=clock.now() + timedelta(days=2))
    assert await gifts.giveable(ada.actor) == 100
    with pytest.raises(PaymentRequired) as refused:
        await gifts.make(ada.actor, credits=101)
    assert (refused.value.facts.required, refused.value.facts.shortfall) == (101, 1)
    assert await gifts.listing(ada.actor) == ()


async def test_a_new_link_ends_the_earlier_one() -> None:
    ada, bob = await someone(bought=100), await someone()
    first = await gifts.make(ada.actor, credits=10)
    second = await gifts.relink(ada.actor, first.gift.id)
    with pytest.raises(NotFound):
        await gifts.claim(bob.actor, first.token)
    assert (await gifts.claim(bob.actor, second.token)).credits == 10
    with pytest.raises(Conflict):
        await gifts.relink(ada.actor, first.gift.id)


async def test_the_same_key_makes_one_gift_and_another_gift_under_it_is_refused() -> None:
    ada, bob = await someone(bought=100), await someone()
    made = await asyncio.gather(*(gifts.make(ada.actor, credits=10, key="k-1") for _ in range(4)))
    assert len({one.gift.id for one in made}) == 1
    assert sorted(one.replayed for one in made) == [False, True, True, True]
    claimed = await asyncio.gather(*(gifts.claim(bob.actor, one.token) for one in made), return_exceptions=True)
    assert [type(one) for one in claimed if isinstance(one, BaseException)] == [NotFound] * 3
    with pytest.raises(InvalidInputs) as refused:
        await gifts.make(ada.actor, credits=11, key="k-1")
    assert refused.value.code == "idempotency_mismatch"
    assert await _available(ada) == 390


async def test_somebody_elses_gift_is_not_there() -> None:
    ada, eve = await someone(bought=100), await someone(bought=100)
    made = await gifts.make(ada.actor, credits=10)
    for attempt in (gifts.revoke(eve.actor, made.gift.id), gifts.relink(eve.actor, made.gift.id), gifts.revoke(ada.actor, ids.new_id())):
        with pytest.raises(NotFound):
            await attempt
    assert await gifts.listing(eve.actor) == ()
    with pytest.raises(Conflict, match="your own"):
        await gifts.claim(ada.actor, made.token)
    with pytest.raises(NotSignedIn):
        await gifts.claim(Actor(door="test"), made.token)


@pytest.mark.parametrize("token", ["", "A" * 43, "../../etc/passwd", "\x00" * 43, "é" * 43, "x" * 10_000])
async def test_a_link_that_is_none_leads_nowhere(token: str) -> None:
    bob = await someone()
    for attempt in (gifts.look(bob.actor, token), gifts.claim(bob.actor, token)):
        with pytest.raises(NotFound):
            await attempt


@pytest.mark.parametrize("amount", [0, -5, 2**63])
async def test_an_amount_that_is_none_is_refused(amount: int) -> None:
    with pytest.raises(InvalidInputs):
        await gifts.make((await someone(bought=10)).actor, credits=amount)


async def test_not_more_than_twenty_gifts_are_open_at_once() -> None:
    ada = await someone(bought=100)
    done = await asyncio.gather(*(gifts.make(ada.actor, credits=1) for _ in range(rules.MOST_OPEN + 4)), return_exceptions=True)
    assert sum(isinstance(one, StudioError) for one in done) == 4
    assert await _available(ada) == 300 + 100 - rules.MOST_OPEN
