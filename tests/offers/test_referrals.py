from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.catalog.service import catalog
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, NotFound, NotSignedIn
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.ledger import service as ledger
from credit_studio.offers import referrals, rules
from credit_studio.payments import service as payments
from credit_studio.payments.events import DisputeChanged, PurchaseRefunded
from credit_studio.payments.service import Paid
from tests.makers.people import Someone, someone

pytestmark = pytest.mark.usefixtures("book")
TERMS = catalog().offers
BONUS = TERMS.referral_credits
PACK = payments.get_pack("starter")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/148.0"


async def _available(person: Someone) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=person.id)).available


async def _two() -> tuple[Someone, Someone]:
    """Ada, and Bob who came later and has accepted her invitation."""
    ada, bob = await someone(), await someone()
    await referrals.accept(bob.actor, (await referrals.of(ada.actor)).code)
    return ada, bob


async def _buys(person: Someone) -> UUID:
    """The person pays for a pack, as an event of Stripe's has it."""
    async with transaction() as tx:
        opened = await payments.open_order(tx, person_id=person.id, kind="pack", pack=PACK, key=None)
    async with transaction() as tx:
        assert await payments.pay(tx, opened.row["id"], Paid(PACK.price, catalog().currency))
    return opened.row["id"]


async def _pays_by(person: Someone, fingerprint: str) -> None:
    async with transaction() as tx:
        row = {"person": person.id, "stripe": f"cus_{person.id.hex}", "mark": fingerprint, "at": clock.now()}
        await tx.execute(text("INSERT INTO customer (person_id, stripe_id, card_fingerprint, created_at) VALUES (:person, :stripe, :mark, :at)"), row)


async def _signs_in(person: Someone, *, address: str, browser: str = BROWSER) -> None:
    async with transaction() as tx:
        await identity.open_session(tx, person_id=person.id, actor=Actor(address=address), user_agent=browser)


async def test_both_get_the_bonus_with_the_first_purchase_and_not_again() -> None:
    ada, bob = await _two()
    assert (await _available(ada), await _available(bob)) == (300, 300)
    await _buys(bob)
    await _buys(bob)
    assert await _available(ada) == 300 + BONUS
    assert await _available(bob) == 300 + BONUS + 2 * PACK.credits
    seen = await referrals.of(ada.actor)
    assert (seen.earned, [one.state for one in seen.invited]) == (BONUS, ["rewarded"])
    own = (await referrals.of(bob.actor)).own
    assert own is not None
    assert (own.state, own.credits) == ("rewarded", BONUS)


async def test_ones_own_invitation_an_older_account_and_a_second_one_are_refused() -> None:
    ada, bob, eve = await someone(), await someone(), await someone()
    codes = {one.id: (await referrals.of(one.actor)).code for one in (ada, bob, eve)}
    with pytest.raises(Conflict, match="your own"):
        await referrals.accept(ada.actor, codes[ada.id])
    with pytest.raises(Conflict, match="the older one"):
        await referrals.accept(ada.actor, codes[bob.id])
    await referrals.accept(eve.actor, codes[ada.id].lower())
    with pytest.raises(Conflict, match="already"):
        await referrals.accept(eve.actor, codes[bob.id])
    for code in ("", "NOBODYS123", "\x00"):
        with pytest.raises(NotFound):
            await referrals.accept(bob.actor, code)
    with pytest.raises(NotSignedIn):
        await referrals.accept(Actor(door="test"), codes[ada.id])


async def test_an_invitation_comes_before_the_first_purchase_and_within_a_month() -> None:
    ada, bob, late = await someone(), await someone(), await someone()
    code = (await referrals.of(ada.actor)).code
    await _buys(bob)
    with pytest.raises(Conflict, match="first purchase"):
        await referrals.accept(bob.actor, code)
    with clock.frozen(clock.now() + rules.ACCEPT_WITHIN), pytest.raises(Conflict, match="30 days"):
        await referrals.accept(late.actor, code)


async def test_the_same_card_earns_no_bonus_and_says_so() -> None:
    ada, bob = await _two()
    await _pays_by(ada, "print-1")
    await _pays_by(bob, "print-1")
    await _buys(bob)
    assert await _available(ada) == 300
    seen = (await referrals.of(ada.actor)).invited[0]
    assert (seen.state, seen.credits, seen.reason) == ("refused", 0, rules.SHARED_CARD)


@pytest.mark.parametrize(
    ("one", "other", "browser", "is_same"),
    [
        ("8.8.4.4", "8.8.4.4", BROWSER, True),
        ("2a00:1450:4001:800::1", "2a00:1450:4001:800::2", BROWSER, True),
        ("8.8.4.4", "8.8.4.4", "another browser", False),
        ("8.8.4.4", "8.8.8.8", BROWSER, False),
        ("127.0.0.1", "127.0.0.1", BROWSER, False),
        ("192.168.1.5", "192.168.1.5", BROWSER, False),
    ],
)
async def test_the_same_browser_at_the_same_public_address_earns_no_bonus(one: str, other: str, browser: str, is_same: bool) -> None:  # noqa: FBT001 - a column of the table
    ada, bob = await _two()
    await _signs_in(ada, address=one)
    await _signs_in(bob, address=other, browser=browser)
    await _buys(bob)
    assert await _available(ada) == (300 if is_same else 300 + BONUS)


async def test_one_person_earns_no_more_bonuses_than_the_catalogue_has() -> None:
    ada = await someone()
    code = (await referrals.of(ada.actor)).code
    for _ in range(TERMS.referral_most + 2):
        bob = await someone()
        await referrals.accept(bob.actor, code)
        async with transaction() as tx:
            await referrals.purchase_paid(tx, person_id=bob.id, order_id=ids.new_id(), amount=1_000)
    assert await _available(ada) == 300 + TERMS.referral_most * BONUS
    assert sorted({one.state for one in (await referrals.of(ada.actor)).invited}) == ["refused", "rewarded"]


async def test_a_purchase_of_nothing_earns_nothing() -> None:
    ada, bob = await _two()
    async with transaction() as tx:
        await referrals.purchase_paid(tx, person_id=bob.id, order_id=ids.new_id(), amount=0)
        await referrals.purchase_paid(tx, person_id=ada.id, order_id=ids.new_id(), amount=1_000)
    assert (await _available(ada), await _available(bob)) == (300, 300)


async def test_bonuses_go_back_once_when_the_purchase_is_paid_back_in_full_and_not_before() -> None:
    ada, bob = await _two()
    order = await _buys(bob)
    for refunded, expected in ((PACK.price - 1, BONUS), (PACK.price, 0), (PACK.price, 0)):
        async with transaction() as tx:
            await tx.execute(text("UPDATE purchase SET refunded = :amount WHERE id = :id"), {"amount": refunded, "id": order})
            await tx.emit(PurchaseRefunded(person_id=bob.id, order_id=order, amount=1, currency="GBP", credits=0))
        assert await _available(ada) == 300 + expected
    assert (await referrals.of(ada.actor)).earned == 0
    assert (await referrals.of(ada.actor)).invited[0].state == "taken_back"


async def test_a_lost_dispute_takes_the_bonuses_back_as_debt_where_they_are_spent() -> None:
    ada, bob = await _two()
    order = await _buys(bob)
    async with transaction() as tx:
        await ledger.deduct(tx, owner_id=ada.id, amount=300 + BONUS, key="spent", reason="spent", actor=ada.actor)
    for status in ("needs_response", "lost"):
        async with transaction() as tx:
            await tx.emit(DisputeChanged(person_id=bob.id, order_id=order, dispute_id="dp_1", status=status, credits=0))
    async with transaction() as tx:
        book = await ledger.balance(tx, owner_id=ada.id)
    assert (book.available, book.debt) == (-BONUS, BONUS)


async def test_an_order_of_somebody_who_was_not_invited_changes_nothing() -> None:
    ada = await someone()
    await _buys(ada)
    assert await _available(ada) == 300 + PACK.credits
    assert (await referrals.of(ada.actor)).invited == ()
    assert not await referrals.is_invitation("NOBODY2345")
    assert await referrals.is_invitation((await referrals.of(ada.actor)).code)
