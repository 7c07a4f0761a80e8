"""The State of /admin/orders: strangers find and refund nothing; operators find any order, and see what a refund takes before they make it."""

from typing import Any

import pytest

from credit_studio.core import ids
from credit_studio.core.actor import Actor, Role
from credit_studio.core.errors import Forbidden
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments import cases, flow, refunding
from credit_studio.payments.views import Order
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states.orders import Orders
from tests.makers.people import Someone, someone
from tests.payments.conftest import sandbox, sandbox_process, selling, shop
from tests.payments.shop import ORIGIN, Shop
from tests.ui.test_reconciliation import PASSWORD, an_operator
from tests.ui.test_states import _part, _tab

__all__ = ["sandbox", "sandbox_process", "selling", "shop"]
HOSTILE: tuple[Any, ...] = (None, 7, [], {}, "nothing", "\x00", "pi_\x00", "R-99999999999999999999", "a@b\x00c")


async def a_page(cookie: str = "", query: str = "") -> Any:
    """The page's State in a tab with that cookie, loaded."""
    part = _part(_tab(cookie, f"/admin/orders/{query}"), Orders)
    await Orders.load.fn(part)
    return part


async def call(part: Any, name: str, *values: Any) -> None:
    """Send an event to a handler."""
    await getattr(Orders, name).fn(part, *values)


async def a_purchase(shop: Shop) -> tuple[Someone, Order]:
    """A pack that is paid, of which the buyer has given a part away."""
    buyer, other = await someone(), await someone()
    await shop.save_card(buyer.id)
    bought = await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert isinstance(bought, Order)
    async with transaction() as tx:
        await ledger.transfer(tx, from_owner=buyer.id, to_owner=other.id, amount=400, key="given", note="Given away")
    return buyer, bought


async def test_strangers_and_people_without_the_role_find_and_change_nothing(shop: Shop) -> None:
    buyer, order = await a_purchase(shop)
    ada = await subscriptions.register(email="ada@example.com", password=PASSWORD, actor=Actor(door="test"))
    for cookie in ("", ada.token):
        page = await a_page(cookie, "?q=R-000001")
        for name, value in [("find", {"wanted": buyer.email}), ("open", str(order.id)), ("ask", {"amount": "1", "reason": "Mine"})]:
            await call(page, name, value)
        await call(page, "begin")
        await call(page, "refunded")
        assert (page.denied, page.rows, page.chosen, page.facts, page.body) == (True, [], "", [], {})
    for verb in (cases.search(buyer.actor, ""), cases.case(buyer.actor, order.id), refunding.preview(buyer.actor, order.id, amount=None)):
        with pytest.raises(Forbidden):
            await verb


@pytest.mark.parametrize("by", ["email", "receipt", "short", "order", "payment", ""])
async def test_an_order_is_found_by_whose_it_is_and_by_every_number(shop: Shop, by: str) -> None:
    cookie = await an_operator()
    buyer, order = await a_purchase(shop)
    operator = Actor(user_id=ids.new_id(), role=Role.ADMIN, door="test")
    payment = dict((await cases.case(operator, order.id)).names)["Payment"]
    wanted = {"email": buyer.email.upper(), "receipt": "R-000001", "short": "r1", "order": str(order.id), "payment": payment, "": ""}[by]
    page = await a_page(cookie)
    for hostile in HOSTILE:
        await call(page, "find", {"wanted": hostile})
        await call(page, "open", hostile)
        assert page.chosen == ""
    await call(page, "find", {"wanted": f" {wanted} "})
    assert [(one.email, one.row.receipt) for one in page.rows] == [(buyer.email, "R-000001")]
    if by:
        assert (page.chosen, page.title) == (str(order.id), "Receipt R-000001")


async def test_a_refund_is_told_before_it_is_made_and_what_was_spent_is_said_to_be_owed(shop: Shop) -> None:
    cookie = await an_operator()
    buyer, order = await a_purchase(shop)
    page = await a_page(cookie, "?q=R-000001")
    assert (page.refundable, page.amount) == ("£10.00", "10.00")
    for amount, reason, fault in [
        ("", "Why not", "Say an amount"),
        ("1e3", "Why not", "The amount must be"),
        ("NaN", "Why not", "Say an amount"),
        ("4.005", "Why not", "Say an amount"),
        ("10.01", "Why not", "The amount must be from 0.01 to £10.00"),
        ("4", " ", "Say why"),
    ]:
        await call(page, "ask", {"amount": amount, "reason": reason})
        assert (page.fault[: len(fault)], page.is_asked) == (fault, False)
    await call(page, "ask", {"amount": "£4.00", "reason": "Bought twice"})
    assert page.is_asked
    assert [one.said for one in page.effect] == ["£4.00", "200", "100", "100"]
    assert page.body == {"orderId": str(order.id), "amount": {"amount": 400, "currency": "GBP"}, "reason": "Bought twice"}
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=buyer.id)).debt == 0
    done = await refunding.refund(Actor(user_id=ids.new_id(), role=Role.ADMIN), order.id, amount=400, reason="Bought twice")
    async with transaction() as tx:
        assert (done.credits, (await ledger.balance(tx, owner_id=buyer.id)).debt) == (200, 100)
    await call(page, "refunded")
    assert [(one.what, one.said, one.reason, one.credits, one.amount) for one in page.claims] == [
        ("Refund", "Succeeded", "Bought twice", "−200", "£4.00")  # noqa: RUF001 - the minus sign that the page shows
    ]
    assert page.refundable == "£6.00"
