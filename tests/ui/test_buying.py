"""The pages of money as their owner drives them, and as a stranger would: over a real database and a real sandbox, without a browser."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.db.session import transaction
from credit_studio.identity.views import NewSession
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import HoldView
from credit_studio.payments import cards, flow, recharging
from credit_studio.payments.views import Checkout
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states.account import Account
from credit_studio.ui.states.arrival import Arrival
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.billing import Billing
from credit_studio.ui.states.credits import Credits
from credit_studio.ui.states.plan import Plans
from credit_studio.ui.states.purchase import Purchase
from credit_studio.ui.states.recharging import Recharging
from tests.payments.conftest import sandbox, sandbox_process, selling, shop
from tests.payments.shop import ORIGIN, Shop

__all__ = ["sandbox", "sandbox_process", "selling", "shop"]
NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "nope", "x" * 10_000, True)
PAGES = (Credits, Purchase, Plans, Billing, Arrival, Recharging)


def _tab(cookie: str = "", *, query: str = "") -> rx.State:
    root = rx.State()
    path = f"/account/credits/success{query}"
    headers = {"cookie": f"cs_session={cookie}", "origin": ORIGIN} if cookie else {"origin": ORIGIN}
    root.router = RouterData.from_router_data({"headers": headers, "token": "tab", "sid": "connection", "pathname": path, "asPath": path, "ip": "127.0.0.1"})
    return root


def _part(root: rx.State, cls: type[Any]) -> Any:
    return root.get_substate(cls.get_full_name().split("."))


async def _loaded(cls: type[Any], cookie: str = "", *, query: str = "") -> Any:
    part = _part(_tab(cookie, query=query), cls)
    await part.load()
    return part


@pytest.fixture
async def ada(shop: Shop) -> NewSession:
    return await _person("ada")


async def _person(name: str) -> NewSession:
    return await subscriptions.register(
        email=f"{name}-{uuid4().hex[:8]}@example.com", password="correct horse battery staple", display_name=name, time_zone="Europe/London", actor=SYSTEM
    )


def _actor(session: NewSession) -> Actor:
    return Actor(user_id=session.person.id)


async def _checkout(session: NewSession, pack: str = "standard") -> Checkout:
    return await flow.start_checkout(_actor(session), pack, origin=ORIGIN)


# --- buying -----------------------------------------------------------------------------------------------------------------


async def test_the_packs_are_there_and_the_middle_one_is_the_order(ada: NewSession) -> None:
    purchase = await _loaded(Purchase, ada.token)
    assert [pack.to_pay for pack in purchase.packs] == ["£10.00", "£25.00", "£50.00"]
    assert [pack.id for pack in purchase.quick_packs] == ["starter", "standard"]
    assert (purchase.chosen.id, purchase.quick.id, purchase.card, purchase.is_play) == ("standard", "starter", "", True)
    purchase.choose("professional")
    await purchase.refresh()
    assert purchase.chosen.id == "professional"
    await purchase.load()
    assert purchase.chosen.id == "standard"


@pytest.mark.parametrize("pack_id", NONSENSE, ids=lambda one: str(one)[:12])
async def test_a_pack_that_is_not_for_sale_cannot_be_chosen(ada: NewSession, pack_id: Any) -> None:
    purchase = await _loaded(Purchase, ada.token)
    purchase.choose(pack_id)
    purchase.choose_quick(pack_id)
    assert (purchase.chosen.id, purchase.quick.id) == ("standard", "starter")


async def test_one_click_cannot_be_brought_to_sell_the_largest_pack(ada: NewSession) -> None:
    purchase = await _loaded(Purchase, ada.token)
    purchase.choose_quick("professional")
    assert purchase.quick.id == "starter"


async def test_a_saved_card_is_told_by_its_end_and_what_is_wrong_with_it(shop: Shop, ada: NewSession) -> None:
    await shop.save_card(ada.person.id)
    async with transaction() as tx:
        await cards.note_decline(tx, person_id=ada.person.id, code="expired_card")
    purchase = await _loaded(Purchase, ada.token)
    assert (purchase.card, purchase.last4) == ("Visa ending 4242", "4242")
    assert (purchase.trouble, purchase.trouble_action) == ("The card has expired.", "Save another card.")


# --- arriving ---------------------------------------------------------------------------------------------------------------


async def test_a_paid_checkout_shows_its_credits_arriving(shop: Shop, ada: NewSession) -> None:
    opened = await _checkout(ada)
    waiting = await _loaded(Arrival, ada.token, query=f"?session_id={opened.session_id}")
    assert (waiting.look, waiting.amount) == ("waiting", "£25.00")
    shop.pay(opened.session_id)
    await waiting.load()
    assert (waiting.look, waiting.credits, waiting.name) == ("arrived", 1_400, "Standard pack, 1,400 credits")
    assert waiting.paper == f"/api/billing/receipts/{opened.order_id}.pdf"
    credits_page = await _loaded(Credits, ada.token)
    assert [(row.title, row.left) for row in credits_page.held][1:] == [("Standard pack", "1,400")]
    assert (credits_page.plan_left, credits_page.own_left, credits_page.available) == ("300", "1,400", 1_700)


async def test_the_same_purchase_is_found_by_our_own_id(shop: Shop, ada: NewSession) -> None:
    opened = await _checkout(ada)
    shop.pay(opened.session_id)
    assert (await _loaded(Arrival, ada.token, query=f"?order={opened.order_id}")).look == "arrived"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?session_id=",
        "?session_id=cs_test_nope",
        "?order=nope",
        "?order=9ee1cce2-0e91-4d6f-86a8-8d7ffc76020d",
        "?session_id=%00",
        "?session_id=" + "x" * 300,
    ],
)
async def test_an_address_that_names_no_purchase_of_mine_says_so(ada: NewSession, query: str) -> None:
    arrival = await _loaded(Arrival, ada.token, query=query)
    assert (arrival.look, arrival.failure, arrival.amount) == ("unknown", "There is no such purchase.", "")


async def test_somebody_elses_purchase_is_no_purchase_at_all(shop: Shop, ada: NewSession) -> None:
    opened, eve = await _checkout(ada), await _person("eve")
    shop.pay(opened.session_id)
    for query in (f"?session_id={opened.session_id}", f"?order={opened.order_id}"):
        arrival = await _loaded(Arrival, eve.token, query=query)
        assert (arrival.look, arrival.failure, arrival.amount, arrival.paper) == ("unknown", "There is no such purchase.", "", "")
    assert (await _loaded(Billing, eve.token)).rows == []


async def test_what_a_run_holds_is_left_out_of_each_kind_once(ada: NewSession) -> None:
    async with transaction() as tx:
        assert isinstance(await ledger.hold(tx, owner_id=ada.person.id, run_id=uuid4(), amount=12, lasts=timedelta(minutes=1), zone="UTC"), HoldView)
    overview, page = await _loaded(Account, ada.token), await _loaded(Credits, ada.token)
    assert [part.amount for part in overview.parts] == ["288"]
    assert (page.plan_left, page.available, page.on_hold) == ("288", 288, 12)


# --- billing ----------------------------------------------------------------------------------------------------------------


async def test_every_purchase_stands_there_with_its_receipt_and_a_refused_one_with_its_reason(shop: Shop, ada: NewSession) -> None:
    await shop.save_card(ada.person.id)
    await flow.top_up(_actor(ada), "starter", origin=ORIGIN)
    opened = await _checkout(ada)
    billing = await _loaded(Billing, ada.token)
    assert [(row.what, row.state, bool(row.paper)) for row in billing.rows] == [
        ("Standard pack, 1,400 credits", "Not finished", False),
        ("Starter pack, 500 credits, one click", "Paid", True),
    ]
    assert (billing.card, billing.older, billing.is_first) == ("Visa ending 4242", "", True)
    shop.pay(opened.session_id)
    await flow.verify(_actor(ada), opened.session_id)
    await billing.load()
    assert billing.rows[0].state == "Paid"


async def test_older_purchases_are_a_click_away(shop: Shop, ada: NewSession) -> None:
    await shop.save_card(ada.person.id)
    for _ in range(21):
        await flow.top_up(_actor(ada), "starter", origin=ORIGIN)
    billing = await _loaded(Billing, ada.token)
    assert len(billing.rows) == 20
    await billing.more()
    assert (len(billing.rows), billing.older, billing.is_first) == (1, "", False)


# --- plans ------------------------------------------------------------------------------------------------------------------


async def test_a_plan_says_what_choosing_it_does_before_it_is_chosen(ada: NewSession) -> None:
    plans = await _loaded(Plans, ada.token)
    assert [(row.id, row.verb) for row in plans.rows] == [("free", ""), ("supporter", "Choose"), ("pro", "Choose")]
    await plans.preview("supporter")
    assert (plans.asked.question, plans.refused) == ("Subscribe to Supporter for £10.00 a month?", "")


@pytest.mark.parametrize("plan_id", NONSENSE, ids=lambda one: str(one)[:12])
async def test_a_plan_that_there_is_not_is_refused_in_words(ada: NewSession, plan_id: Any) -> None:
    plans = await _loaded(Plans, ada.token)
    await plans.preview(plan_id)
    assert plans.asked.plan_id == ""
    assert plans.refused == "" or plans.refused.startswith("There is no plan")


# --- buying again by itself ------------------------------------------------------------------------------------------------


async def test_buying_again_is_off_and_says_word_for_word_what_would_be_agreed_to(ada: NewSession) -> None:
    held = await _loaded(Recharging, ada.token)
    assert (held.enabled, held.has_card) == (False, False)
    assert held.sentence == "When below 200, buy Starter for £10, at most £30 a month."
    held.set_below("1,000")
    held.choose_pack("standard")
    held.choose_ceiling("5000")
    assert held.on == {"enabled": True, "below": 1_000, "packId": "standard", "monthlyCeiling": {"amount": 5_000, "currency": "GBP"}, "consent": True}
    assert held.consent.startswith("When fewer than 1,000 credits are left, buy the Standard pack for £25.00")
    assert "At most £50.00 in a calendar month" in held.consent


async def test_what_is_agreed_to_in_the_dialog_is_what_is_kept(shop: Shop, ada: NewSession) -> None:
    await shop.save_card(ada.person.id)
    held = await _loaded(Recharging, ada.token)
    asked = held.on
    kept = await recharging.set_rule(
        _actor(ada), enabled=True, below=asked["below"], pack_id=asked["packId"], ceiling_amount=asked["monthlyCeiling"]["amount"], consent=True
    )
    await held.load()
    assert (held.enabled, held.has_card, held.consent) == (True, True, kept.consent)
    assert held.off["enabled"] is False


@pytest.mark.parametrize("text", ["0", "-5", "1e3", "12.5", "", "x", "9" * 9, "\u0665", *NONSENSE], ids=lambda one: str(one)[:12])
async def test_a_limit_that_is_none_is_said_at_the_field_and_nothing_can_be_agreed_to(ada: NewSession, text: Any) -> None:
    held = await _loaded(Recharging, ada.token)
    held.set_below(text)
    assert (held.wrong, held.consent) == ("Must be a whole number of credits, 1 to 1,000,000.", "")


@pytest.mark.parametrize("value", NONSENSE, ids=lambda one: str(one)[:12])
async def test_a_pack_or_a_ceiling_that_is_not_offered_changes_nothing(ada: NewSession, value: Any) -> None:
    held = await _loaded(Recharging, ada.token)
    before = held.consent
    held.choose_pack(value)
    held.choose_ceiling(value)
    assert held.consent == before


# --- strangers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", PAGES)
@pytest.mark.parametrize("cookie", ["", "nonsense"])
async def test_without_a_session_nothing_is_read(shop: Shop, cls: type[Any], cookie: str) -> None:
    opened = await _checkout(await _person("bob"))
    part = await _loaded(cls, cookie, query=f"?session_id={opened.session_id}")
    own = [name for name in cls.__annotations__ if not name.startswith("_")]
    assert own
    assert {name: getattr(part, name) for name in own} == {name: cls.get_fields()[name].default_value() for name in own}


async def test_a_strangers_events_change_nothing(shop: Shop) -> None:
    root = _tab()
    plans, billing = _part(root, Plans), _part(root, Billing)
    for plan_id in (*NONSENSE, "supporter"):
        await plans.preview(plan_id)
    await plans.changed()
    await billing.more()
    assert (plans.asked.plan_id, plans.said, billing.rows) == ("", "", [])
    again = _part(root, Recharging)
    for text in NONSENSE:
        again.set_below(text)
        again.choose_pack(text)
        again.choose_ceiling(text)
    assert (again.below, again.wrong, again.consent, again.on) == ("", "", "", {})


async def test_a_card_that_cannot_be_charged_is_told_in_the_header(shop: Shop, ada: NewSession) -> None:
    await shop.save_card(ada.person.id)
    balance = _part(_tab(ada.token), Balance)
    await balance._refresh(ada.person)
    assert (balance.look, balance.action) == ("ok", "top_up")
    async with transaction() as tx:
        await cards.note_decline(tx, person_id=ada.person.id, code="expired_card")
    await balance._refresh(ada.person)
    assert (balance.look, balance.action) == ("card_failed", "fix_card")
