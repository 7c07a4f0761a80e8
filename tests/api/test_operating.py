"""Refunds, the reconciliation and auto-recharge over HTTP: shapes, who may, refusals."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.payments import inbox
from tests.api.conftest import HOST, Client, ada, bob, client, problem
from tests.makers.sessions import PASSWORD
from tests.payments.conftest import selling, shop
from tests.payments.shop import Shop
from tests.sandbox_fixture import sandbox, sandbox_process

__all__ = ["ada", "bob", "client", "sandbox", "sandbox_process", "selling", "shop"]
AUTO = "/api/billing/auto-recharge"
GBP_10: dict[str, Any] = {"amount": 1000, "currency": "GBP"}
ON: dict[str, Any] = {"enabled": True, "below": 200, "packId": "starter", "monthlyCeiling": {"amount": 3000, "currency": "GBP"}, "consent": True}


async def me(one: Client) -> UUID:
    """Who has signed in."""
    return UUID((await one.get("/api/auth/me")).json()["user"]["id"])


async def make_operator(one: Client) -> Client:
    """Give the person the operator's role, and let them sign in again."""
    email = (await one.get("/api/auth/me")).json()["user"]["email"]
    async with transaction() as tx:
        await identity.make_admin(tx, email=email, actor=SYSTEM)
    assert (await one.post("/api/auth/login", json={"email": email, "password": PASSWORD})).status_code == 200
    return one


async def buy(one: Client, shop: Shop) -> str:
    """Buy the smallest pack at the checkout; the order's id."""
    opened = (await one.post("/api/billing/checkout", json={"packId": "starter"})).json()
    shop.pay(opened["sessionId"])
    return (await one.get("/api/billing/verify-payment", params={"sessionId": opened["sessionId"]})).json()["orderId"]


async def available(one: Client) -> int:
    """The credits that may be spent now."""
    return (await one.get("/api/credits/balance")).json()["available"]


async def test_an_operator_refunds_a_part_and_its_credits_go(shop: Shop, ada: Client, bob: Client) -> None:
    order, operator = await buy(ada, shop), await make_operator(bob)
    body = {"orderId": order, "amount": {"amount": 250, "currency": "GBP"}, "reason": "Half of it was not used"}
    done = await operator.post("/api/admin/refunds", json=body, headers={"Idempotency-Key": "one"})
    assert done.status_code == 201, done.text
    told = done.json()
    assert told.pop("refundId").startswith("re_")
    assert told == {"orderId": order, "amount": {"amount": 250, "currency": "GBP"}, "status": "succeeded", "credits": 125}
    assert await available(ada) == 675
    again = await operator.post("/api/admin/refunds", json=body, headers={"Idempotency-Key": "one"})
    assert (again.headers["Idempotency-Replayed"], again.json()["refundId"]) == ("true", done.json()["refundId"])
    assert (await operator.post("/api/admin/refunds", json={"orderId": order, "reason": "All of it"})).json()["amount"]["amount"] == 750
    assert await available(ada) == 300
    problem(await operator.post("/api/admin/refunds", json={"orderId": order, "reason": "More"}), 409, "nothing_to_refund")
    history = (await ada.get("/api/credits/transactions", params={"type": "refund"})).json()["items"]
    assert history[-1]["description"] == "£2.50 refunded (Starter pack, receipt R-000001): 125 credits taken back"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"orderId": "nothing"}, 404, "not_found"),
        ({"orderId": str(UUID(int=3))}, 404, "not_found"),
        ({"amount": {"amount": 1001, "currency": "GBP"}}, 422, "invalid_inputs"),
        ({"amount": {"amount": 0, "currency": "GBP"}}, 422, "invalid_inputs"),
        ({"amount": {"amount": 100, "currency": "USD"}}, 422, "invalid_inputs"),
        ({"amount": {"amount": 1.5, "currency": "GBP"}}, 422, "invalid_inputs"),
        ({"amount": 100}, 422, "invalid_inputs"),
        ({"reason": ""}, 422, "invalid_inputs"),
        ({"credits": 5}, 422, "invalid_inputs"),
    ],
)
async def test_a_refund_that_does_not_fit_is_refused(shop: Shop, ada: Client, bob: Client, changes: dict[str, Any], status: int, code: str) -> None:
    order, operator = await buy(ada, shop), await make_operator(bob)
    problem(await operator.post("/api/admin/refunds", json={"orderId": order, "reason": "Asked nicely", **changes}), status, code)
    assert await available(ada) == 800


async def test_nobody_but_an_operator_gets_in_and_not_for_their_own_order(shop: Shop, client: Client, ada: Client) -> None:
    order = await buy(ada, shop)
    doors = [("POST", "/refunds"), ("GET", "/reconciliation"), ("POST", "/reconciliation"), ("POST", "/events/evt_1/replay")]
    body = {"orderId": order, "reason": "Mine, please"}
    for method, path in doors:
        given = {"json": body} if path == "/refunds" else {}
        problem(await client.request(method, f"/api/admin{path}", **given), 401, "sign_in_required")  # type: ignore[arg-type] - a body or none
        problem(await ada.request(method, f"/api/admin{path}", **given), 403, "forbidden")  # type: ignore[arg-type] - the same
    problem(await (await make_operator(ada)).post("/api/admin/refunds", json=body), 403, "forbidden")
    foreign = {"Origin": "https://evil.example"}
    problem(await ada.post("/api/admin/refunds", json=body, headers=foreign), 403, "bad_origin")
    assert await available(ada) == 800


async def test_an_operator_compares_sees_what_was_given_up_and_replays_it(shop: Shop, ada: Client, bob: Client) -> None:
    operator = await make_operator(bob)
    assert (await operator.get("/api/admin/reconciliation")).json() == {"last": None, "unfinished": [], "dead": []}
    await buy(ada, shop)
    async with transaction() as tx:
        await tx.execute(text("UPDATE purchase SET amount = 999"))
    for event_id in await shop.take_in():
        await inbox.process(event_id)
    compared = (await operator.post("/api/admin/reconciliation")).json()
    assert (compared["holds"], [one["code"] for one in compared["found"]]) == (False, ["paid_other_amount"])
    found = (await operator.get("/api/admin/reconciliation")).json()
    assert found["last"] == compared
    assert {one["type"] for one in found["dead"]} == {"checkout.session.completed", "payment_intent.succeeded"}
    async with transaction() as tx:
        await tx.execute(text("UPDATE purchase SET amount = 1000"))
    for unknown in ("evt_none", "%00", "%C3%A4", "x" * 300):
        problem(await operator.post(f"/api/admin/events/{unknown}/replay"), 404, "not_found")
    for one in found["dead"]:
        assert (await operator.post(f"/api/admin/events/{one['eventId']}/replay")).json() == {"replayed": one["eventId"]}
        await inbox.process(one["eventId"])
        problem(await operator.post(f"/api/admin/events/{one['eventId']}/replay"), 404, "not_found")
    assert (await operator.post("/api/admin/reconciliation")).json()["holds"]
    assert (await operator.get("/api/admin/reconciliation")).json()["dead"] == []


async def test_auto_recharge_is_off_until_its_owner_agrees(shop: Shop, ada: Client) -> None:
    off = (await ada.get(AUTO)).json()
    assert (off["enabled"], off["packId"], off["monthlyCeiling"]["amount"], off["waits"], off["consentedAt"]) == (False, "starter", 3000, "off", None)
    problem(await ada.put(AUTO, json=ON), 409, "no_card")
    await shop.save_card(await me(ada))
    problem(await ada.put(AUTO, json=ON | {"consent": False}), 422, "invalid_inputs")
    on = (await ada.put(AUTO, json=ON)).json()
    assert (on["enabled"], on["waits"], on["tried"]) == (True, "enough", {"amount": 0, "currency": "GBP"})
    assert on["consentText"].startswith("When fewer than 200 credits are left, buy the Starter pack for £10.00")
    assert on["consentedAt"]
    assert "stopped" not in on
    assert not (await ada.put(AUTO, json=ON | {"enabled": False})).json()["enabled"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"below": 0}, "below"),
        ({"below": "200"}, "below"),
        ({"packId": "gold"}, "packId"),
        ({"monthlyCeiling": {"amount": 10, "currency": "GBP"}}, "monthlyCeiling"),
        ({"monthlyCeiling": {"amount": 3000, "currency": "EUR"}}, "monthlyCeiling.currency"),
        ({"consentedAt": "2026-01-01T00:00:00Z"}, "consentedAt"),
    ],
)
async def test_auto_recharge_with_figures_that_do_not_fit_names_them(shop: Shop, ada: Client, changes: dict[str, Any], field: str) -> None:
    told = problem(await ada.put(AUTO, json=ON | changes), 422, "invalid_inputs")
    assert [one["field"] for one in told["errors"]] == [field]


async def test_auto_recharge_is_for_those_who_have_signed_in(shop: Shop, client: Client) -> None:
    problem(await client.get(AUTO), 401, "sign_in_required")
    problem(await client.put(AUTO, json=ON), 401, "sign_in_required")
    problem(await client.put(AUTO, json=ON, headers={"Origin": HOST}), 401, "sign_in_required")
