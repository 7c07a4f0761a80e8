"""What follows from purchases at the sandbox, through the real SDK: bonuses for invitations, and receipts."""

import io
from urllib.parse import urljoin

import pytest
from pypdf import PdfReader

from credit_studio.catalog.service import catalog
from credit_studio.core.errors import NotFound
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.offers import referrals, rules
from credit_studio.payments import flow, receipts
from tests.makers.people import Someone, someone
from tests.payments.shop import CARD, ORIGIN, Shop

BONUS = catalog().offers.referral_credits
ANOTHER = "5555555555554444"


async def _available(person: Someone) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=person.id)).available


async def _buys(shop: Shop, person: Someone, number: str = CARD) -> flow.Checkout:
    opened = await flow.start_checkout(person.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id, number)
    await shop.deliver()
    return opened


async def _invited(by: Someone) -> Someone:
    newcomer = await someone()
    await referrals.accept(newcomer.actor, (await referrals.of(by.actor)).code)
    return newcomer


async def test_a_first_purchase_pays_both_and_a_refund_takes_it_back(shop: Shop) -> None:
    ada = await someone()
    bob = await _invited(ada)
    opened = await _buys(shop, bob)
    await shop.deliver()
    assert (await _available(ada), await _available(bob)) == (300 + BONUS, 300 + 500 + BONUS)
    await shop.give_back(opened.order_id)
    await shop.deliver()
    assert (await _available(ada), await _available(bob)) == (300, 300)


async def test_who_pays_for_a_second_account_with_the_same_card_gets_no_bonus(shop: Shop) -> None:
    ada = await someone()
    await _buys(shop, ada)
    same, other = await _invited(ada), await _invited(ada)
    await _buys(shop, same)
    await _buys(shop, other, ANOTHER)
    assert await _available(ada) == 300 + 500 + BONUS
    assert {one.reason for one in (await referrals.of(ada.actor)).invited} == {rules.SHARED_CARD, ""}


async def test_a_receipt_leads_to_stripes_own_and_says_that_no_money_moved(shop: Shop) -> None:
    ada, eve = await someone(), await someone()
    opened = await _buys(shop, ada)
    number, paper = await receipts.as_pdf(ada.actor, opened.order_id, origin=ORIGIN)
    page = PdfReader(io.BytesIO(paper)).pages[0]
    place = await receipts.stripe_place(ada.actor, opened.order_id)
    assert number == "R-000001"
    assert "no money moved" in page.extract_text()
    links = [note.get_object()["/A"]["/URI"] for note in page.annotations or []]
    assert links == [urljoin(ORIGIN, place)]
    assert links[0].startswith(f"{ORIGIN}/sandbox/")
    for asks in (receipts.as_pdf(eve.actor, opened.order_id, origin=ORIGIN), receipts.stripe_place(eve.actor, opened.order_id)):
        with pytest.raises(NotFound):
            await asks
