"""Buying over HTTP: shapes, owners, keys, refusals; and the sandbox's pages through the studio's own port."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from credit_studio.db.session import transaction
from credit_studio.payments import cards
from tests.api.conftest import HOST, Client, ada, bob, client, new_client, problem
from tests.payments.conftest import selling, shop
from tests.payments.shop import Shop
from tests.sandbox_fixture import sandbox, sandbox_process

__all__ = ["ada", "bob", "client", "sandbox", "sandbox_process", "selling", "shop"]
BILLING = "/api/billing"
PACK = {"packId": "starter"}


@pytest.fixture
async def stranger() -> AsyncIterator[Client]:
    """Nobody who has signed in."""
    async with new_client() as one:
        yield one


async def buy(one: Client, shop: Shop) -> str:
    """Buy the smallest pack at the checkout, its event worked through; the session's id."""
    opened = (await one.post(f"{BILLING}/checkout", json=PACK)).json()
    shop.pay(opened["sessionId"])
    await shop.deliver()
    return opened["sessionId"]


async def available(one: Client) -> int:
    """The credits that may be spent now."""
    return (await one.get("/api/credits/balance")).json()["available"]


async def test_the_packs_are_the_catalogues_with_what_a_credit_costs(client: Client) -> None:
    items = (await client.get(f"{BILLING}/packs")).json()["items"]
    dearer, cheapest = 2500 / 1400, 5000 / 3000
    assert items == [
        {"packId": "starter", "name": "Starter", "credits": 500, "price": _gbp(1000), "pricePerCredit": 2.0, "saving": 0, "oneClick": True},
        {"packId": "standard", "name": "Standard", "credits": 1400, "price": _gbp(2500), "pricePerCredit": dearer, "saving": 11, "oneClick": True},
        {
            "packId": "professional",
            "name": "Professional",
            "credits": 3000,
            "price": _gbp(5000),
            "pricePerCredit": cheapest,
            "saving": 17,
            "oneClick": False,
        },
    ]


def _gbp(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "GBP"}


async def test_a_purchase_from_the_checkout_to_the_balance(ada: Client, shop: Shop) -> None:
    reply = await ada.post(f"{BILLING}/checkout", json=PACK)
    assert reply.status_code == 200
    opened = reply.json()
    assert set(opened) == {"sessionId", "url"}
    assert opened["url"].startswith(f"{HOST}/sandbox/checkout/")
    before = (await ada.get(f"{BILLING}/verify-payment", params={"sessionId": opened["sessionId"]})).json()
    assert before == {
        "orderId": before["orderId"],
        "status": "open",
        "credits": 500,
        "packId": "starter",
        "amount": _gbp(1000),
        "receiptUrl": None,
        "failure": None,
    }
    shop.pay(opened["sessionId"])
    await shop.deliver()
    after = (await ada.get(f"{BILLING}/verify-payment", params={"sessionId": opened["sessionId"]})).json()
    assert (after["status"], after["receiptUrl"]) == ("paid", f"{BILLING}/receipts/{before['orderId']}.pdf")
    assert await available(ada) == 800
    moved = (await ada.get("/api/credits/transactions", params={"type": "purchase"})).json()["items"]
    assert [(one["amount"], one["description"]) for one in moved] == [(500, "Starter pack")]


async def test_another_persons_purchase_is_not_there(ada: Client, bob: Client, stranger: Client, shop: Shop) -> None:
    session_id = await buy(ada, shop)
    asked = {"sessionId": session_id}
    problem(await bob.get(f"{BILLING}/verify-payment", params=asked), 404, "not_found")
    problem(await bob.get(f"{BILLING}/verify-payment", params={"sessionId": "cs_test_none"}), 404, "not_found")
    problem(await stranger.get(f"{BILLING}/verify-payment", params=asked), 401, "sign_in_required")
    problem(await bob.get(f"{BILLING}/verify-payment"), 422, "invalid_inputs")


@pytest.mark.parametrize("path", ["checkout", "top-up", "portal"])
async def test_only_those_who_have_signed_in_buy_and_only_from_our_own_pages(ada: Client, stranger: Client, shop: Shop, path: str) -> None:
    problem(await stranger.post(f"{BILLING}/{path}", json=PACK), 401, "sign_in_required")
    problem(await ada.post(f"{BILLING}/{path}", json=PACK, headers={"Origin": "https://elsewhere.example"}), 403, "bad_origin")


@pytest.mark.parametrize("body", [{"packId": "starter", "price": 1}, {"packId": "starter", "amount": {"amount": 1, "currency": "GBP"}}, {}, {"packId": 5}])
async def test_nobody_says_what_it_costs_but_the_catalogue(ada: Client, shop: Shop, body: dict[str, Any]) -> None:
    problem(await ada.post(f"{BILLING}/checkout", json=body), 422, "invalid_inputs")


async def test_one_click_is_replayed_by_its_key(ada: Client, shop: Shop) -> None:
    problem(await ada.post(f"{BILLING}/top-up", json=PACK), 409, "no_card")
    await buy(ada, shop)
    key = {"Idempotency-Key": "a-key"}
    first = await ada.post(f"{BILLING}/top-up", json=PACK, headers=key)
    assert (first.status_code, first.json()["status"]) == (200, "paid")
    assert "url" not in first.json()
    assert "Idempotency-Replayed" not in first.headers
    again = await ada.post(f"{BILLING}/top-up", json=PACK, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(await ada.post(f"{BILLING}/top-up", json={"packId": "standard"}, headers=key), 422, "idempotency_mismatch")
    problem(await ada.post(f"{BILLING}/top-up", json={"packId": "professional"}), 409, "confirmation_needed")
    problem(await ada.post(f"{BILLING}/top-up", json={"packId": "none"}), 404, "not_found")
    assert await available(ada) == 1300


async def test_a_declined_card_answers_402_with_the_reason_in_words(ada: Client, shop: Shop) -> None:
    person = (await ada.get("/api/auth/me")).json()["user"]["id"]
    await shop.save_card(person, "pm_card_chargeCustomerFail")
    refused = problem(await ada.post(f"{BILLING}/top-up", json=PACK, headers={"Idempotency-Key": "k"}), 402, "card_declined")
    assert (refused["reason"], refused["error"]) == ("generic_decline", "The bank declined without a reason. Nothing was charged.")
    assert refused["action"] == "Ask your bank, or use another card."
    assert refused["urls"] == {"purchase": "/account/credits"}
    problem(await ada.post(f"{BILLING}/top-up", json=PACK, headers={"Idempotency-Key": "k"}), 402, "card_declined")


async def test_a_card_that_its_bank_will_not_take_any_more_is_an_alert_on_the_balance(ada: Client, shop: Shop) -> None:
    person = UUID((await ada.get("/api/auth/me")).json()["user"]["id"])
    await shop.save_card(person)
    assert (await ada.get("/api/credits/balance")).json()["alerts"] == []
    async with transaction() as tx:
        await cards.note_decline(tx, person_id=person, code="expired_card")
    alert = {"kind": "card_failed", "message": "The card has expired. It ends in 4242.", "action": "Save another card.", "url": "/account/billing"}
    assert (await ada.get("/api/credits/balance")).json()["alerts"] == [alert]


async def test_a_bank_that_asks_answers_with_its_page(ada: Client, shop: Shop) -> None:
    person = (await ada.get("/api/auth/me")).json()["user"]["id"]
    await shop.save_card(person, "pm_card_authenticationRequired")
    asked = (await ada.post(f"{BILLING}/top-up", json=PACK)).json()
    assert asked["status"] == "open"
    assert (await ada.post(asked["url"].removeprefix(HOST), data={"do": "complete"})).status_code == 303
    await shop.deliver()
    assert await available(ada) == 800


async def test_the_portal_leads_to_stripe(ada: Client, shop: Shop) -> None:
    assert (await ada.post(f"{BILLING}/portal")).json()["url"].startswith(f"{HOST}/sandbox/")


async def test_the_sandboxs_pages_come_through_the_studios_port_and_nothing_else_does(ada: Client, client: Client, shop: Shop) -> None:
    opened = (await ada.post(f"{BILLING}/checkout", json=PACK)).json()
    page = await client.get(opened["url"].removeprefix(HOST))
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")
    assert "no money moves" in page.text.lower()
    for path in ("/sandbox/../v1/customers", "/sandbox/%2e%2e/v1/customers", "/sandbox/..%2fv1/customers", "/sandbox//v1/x?y=http://z"):
        reply = await client.get(path)
        assert reply.status_code == 404, path


async def test_the_sandbox_never_hears_who_has_signed_in(ada: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx  # noqa: PLC0415 - only this test looks at what goes on

    seen: list[httpx.Headers] = []
    real = httpx.AsyncClient.send

    async def send(self: httpx.AsyncClient, request: httpx.Request, **more: Any) -> httpx.Response:
        if request.url.port == httpx.URL(shop.sandbox.url).port:
            seen.append(request.headers)
        return await real(self, request, **more)

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    forward = {"X-Forwarded-For": "1.2.3.4", "Referer": "https://studio.test/account"}
    assert (await ada.get("/sandbox/control/clock", headers=forward)).status_code == 200
    assert len(seen) == 1
    assert [name for headers in seen for name in ("cookie", "authorization", "x-forwarded-for", "referer") if name in headers] == []


async def test_without_a_shop_there_is_no_sandbox_and_buying_says_so(ada: Client) -> None:
    problem(await ada.get("/sandbox/"), 404, "not_found")
    for path in ("checkout", "portal"):
        assert problem(await ada.post(f"{BILLING}/{path}", json=PACK), 503, "unavailable")["reason"] == "payments_off"
