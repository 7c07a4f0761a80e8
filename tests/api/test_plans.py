"""Plans over HTTP: what there is for whom, previews, choosing, refusals."""

from typing import Any

import pytest

from tests.api.conftest import Client, ada, bob, client, problem
from tests.payments.conftest import selling, shop
from tests.payments.shop import Shop
from tests.sandbox.shop import DAY
from tests.sandbox_fixture import sandbox, sandbox_process

__all__ = ["ada", "bob", "client", "sandbox", "sandbox_process", "selling", "shop"]
BILLING = "/api/billing"


def _gbp(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "GBP"}


async def _subscribe(one: Client, shop: Shop, plan_id: str = "supporter") -> dict[str, Any]:
    reply = await one.post(f"{BILLING}/subscribe", json={"planId": plan_id})
    assert reply.status_code == 200, reply.text
    shop.pay(reply.json()["sessionId"])
    await shop.deliver()
    return (await one.get(f"{BILLING}/plan")).json()


async def test_the_plans_are_the_catalogues_also_for_visitors(client: Client) -> None:
    items = (await client.get(f"{BILLING}/plans")).json()["items"]
    same = {"creditsOnce": 0, "byAgreement": False, "isHeld": False}
    assert items == [
        {"planId": "free", "name": "Free", "monthlyCredits": 300, "dailyCap": 30, "price": _gbp(0), "change": "none"} | same,
        {"planId": "supporter", "name": "Supporter", "monthlyCredits": 3_000, "dailyCap": 300, "price": _gbp(1_000), "change": "subscribe"} | same,
        {"planId": "pro", "name": "Pro", "monthlyCredits": 12_000, "dailyCap": 2_000, "price": _gbp(3_500), "change": "subscribe"} | same,
    ]


async def test_from_the_free_plan_to_a_paid_one_and_up_and_down_and_out(ada: Client, shop: Shop) -> None:
    first = (await ada.get(f"{BILLING}/plan")).json()
    assert (first["id"], first["isPaid"], first["cancelAt"]) == ("free", False, None)
    held = await _subscribe(ada, shop)
    assert (held["id"], held["isPaid"], held["status"]) == ("supporter", True, "active")
    shop.sandbox.clock(by_s=10 * DAY)
    shown = (await ada.get(f"{BILLING}/plans/pro/preview")).json()
    assert (shown["kind"], shown["before"], shown["after"], shown["then"], shown["thenAt"]) == ("upgrade", "supporter", "pro", _gbp(3_500), held["periodEnd"])
    before = (await ada.get("/api/credits/balance")).json()["available"]
    done = (await ada.post(f"{BILLING}/subscribe", json={"planId": "pro", "pricedAt": shown["pricedAt"]})).json()
    assert (done["status"], done["charged"], done["credits"], done["plan"]["id"]) == ("changed", shown["dueNow"], shown["creditsNow"], "pro")
    balance = (await ada.get("/api/credits/balance")).json()
    assert (balance["available"], balance["plan"]["id"]) == (before + shown["creditsNow"], "pro")
    down = (await ada.post(f"{BILLING}/subscribe", json={"planId": "supporter"})).json()
    assert (down["status"], down["plan"]["id"], down["plan"]["nextPlanId"]) == ("scheduled", "pro", "supporter")
    kept = (await ada.post(f"{BILLING}/plan/resume")).json()
    assert (kept["status"], kept["plan"]["nextPlanId"]) == ("resumed", None)
    out = (await ada.post(f"{BILLING}/plan/cancel")).json()
    assert (out["status"], out["plan"]["cancelAt"]) == ("scheduled", held["periodEnd"])
    changes = {item["planId"]: item["change"] for item in (await ada.get(f"{BILLING}/plans")).json()["items"]}
    assert changes == {"free": "none", "supporter": "downgrade", "pro": "resume"}


async def test_a_preview_says_what_stays_ends_and_carries_over_and_does_nothing(ada: Client, shop: Shop) -> None:
    held = await _subscribe(ada, shop, "pro")
    shown = (await ada.get(f"{BILLING}/plans/free/preview")).json()
    assert (shown["kind"], shown["dueNow"], shown["startsAt"], shown["thenAt"]) == ("cancel", _gbp(0), held["periodEnd"], None)
    assert all(shown[part] for part in ("stays", "ends", "carriesOver"))
    assert (await ada.get(f"{BILLING}/plan")).json() == held


@pytest.mark.parametrize("plan_id", ["platinum", "FREE", "", "pro%00"])
async def test_an_unknown_plan_is_not_found(ada: Client, shop: Shop, plan_id: str) -> None:
    problem(await ada.post(f"{BILLING}/subscribe", json={"planId": plan_id}), 404, "not_found")


async def test_what_is_held_already_is_refused(ada: Client, shop: Shop) -> None:
    problem(await ada.post(f"{BILLING}/subscribe", json={"planId": "free"}), 409, "plan_is_held")
    for verb in ("cancel", "resume"):
        problem(await ada.post(f"{BILLING}/plan/{verb}"), 409, "plan_is_held")


@pytest.mark.parametrize(
    "body", [{}, {"planId": 7}, {"planId": "pro", "price": 1}, {"planId": "pro", "pricedAt": "yesterday"}, {"planId": "pro", "pricedAt": "2026-11-21"}]
)
async def test_a_body_that_does_not_fit_is_refused(ada: Client, shop: Shop, body: dict[str, Any]) -> None:
    problem(await ada.post(f"{BILLING}/subscribe", json=body), 422, "invalid_inputs")


async def test_a_price_of_another_time_is_refused_and_nothing_is_charged(ada: Client, shop: Shop) -> None:
    await _subscribe(ada, shop)
    for wrong in ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00+01:00", "0001-01-01T00:00:00+14:00"):
        problem(await ada.post(f"{BILLING}/subscribe", json={"planId": "pro", "pricedAt": wrong}), 409, "price_changed")
    assert (await ada.get(f"{BILLING}/plan")).json()["id"] == "supporter"


async def test_strangers_and_other_peoples_plans(ada: Client, bob: Client, client: Client, shop: Shop) -> None:
    await _subscribe(ada, shop)
    assert (await bob.get(f"{BILLING}/plan")).json()["id"] == "free"
    for method, path in (("GET", "/plan"), ("GET", "/plans/pro/preview"), ("POST", "/subscribe"), ("POST", "/plan/cancel"), ("POST", "/plan/resume")):
        problem(await client.request(method, BILLING + path, json={"planId": "pro"} if path == "/subscribe" else None), 401, "sign_in_required")


async def test_without_a_payment_service_nothing_is_sold_and_the_plans_are_told_all_the_same(ada: Client) -> None:
    problem(await ada.post(f"{BILLING}/subscribe", json={"planId": "pro"}), 503, "unavailable")
    assert len((await ada.get(f"{BILLING}/plans")).json()["items"]) == 3


async def test_the_same_key_leads_to_the_same_checkout(ada: Client, shop: Shop) -> None:
    key = {"Idempotency-Key": "one"}
    first = await ada.post(f"{BILLING}/subscribe", json={"planId": "pro"}, headers=key)
    again = await ada.post(f"{BILLING}/subscribe", json={"planId": "pro"}, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(await ada.post(f"{BILLING}/subscribe", json={"planId": "supporter"}, headers=key), 422, "idempotency_mismatch")
