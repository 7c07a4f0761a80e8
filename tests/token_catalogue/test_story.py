"""Credits by tokens, over HTTP: five to begin with, one for each run, a plan that is paid for, renewed and ended."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.metering import service as metering
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.subscriptions import lapsing
from credit_studio.tools.registry import all_tools, get_tool
from credit_studio.tools.validation import example_json
from tests.api.conftest import Client, problem
from tests.payments.shop import Shop
from tests.sandbox.shop import DAY
from tests.subscriptions.plans_shop import MONTH

RISKS = "/api/cyber-studio/risk-register/run"
INPUTS = example_json(get_tool("cyber-studio-risk-register")) | {"iterations": 1_000}
BRIEF = {"brief": "Small hotels take bookings themselves.\n- A guest books a free room\n- The hotel blocks a room for repairs", "kind": "cli"}
REVIEW = {"code": "def total(items=[]):\n    return sum(items)\n", "filename": "app/orders.py"}
LIMITS = "/api/account/settings/credits"
WORKFLOW_ROUTE, REVIEW_ROUTE = "/api/projects/start-workflow", "/api/review/generate"
USAGE = {
    "credits",
    "tokensPerCredit",
    "totalTokensUsed",
    "monthlyTokensUsed",
    "monthlyResetDate",
    "isSubscribed",
    "subscriptionTier",
    "subscriptionEndsAt",
}


async def _usage(one: Client) -> dict[str, Any]:
    body = (await one.get("/api/user/usage")).json()
    assert set(body) == USAGE
    return body


async def _me(one: Client) -> dict[str, Any]:
    return (await one.get("/api/auth/me")).json()["user"]


async def _credits(one: Client) -> int:
    return (await _usage(one))["credits"]


async def _subscribe(one: Client, shop: Shop) -> None:
    chosen = (await one.post("/api/billing/subscribe", json={"planId": "pro"})).json()
    shop.pay(chosen["sessionId"])
    await shop.deliver()


async def _use(one: Client, runs: int) -> None:
    for _ in range(runs):
        assert (await one.post(RISKS, json={"inputs": INPUTS, "fresh": True})).json()["credits"]["charged"] == 1


async def test_five_runs_for_five_credits_and_the_sixth_is_refused_on_every_way(ada: Client) -> None:
    before = await _usage(ada)
    assert (before["credits"], before["tokensPerCredit"], before["totalTokensUsed"], before["monthlyTokensUsed"]) == (5, 2_000, 0, 0)
    assert (before["isSubscribed"], before["subscriptionTier"], before["subscriptionEndsAt"]) == (False, "free", None)
    await _use(ada, 2)
    first = await ada.post(WORKFLOW_ROUTE, json=BRIEF, headers={"Idempotency-Key": "w-1"})
    body = first.json()
    assert (first.status_code, set(body), body["success"]) == (200, {"success", "result", "creditInfo"}, True)
    assert body["creditInfo"] == {"tokensUsed": 2_000, "creditsRemaining": 2, "totalTokensUsed": 6_000}
    assert body["result"]["name"] == "small-hotels-take-bookings"
    assert first.headers["x-credits-charged"] == "1"
    again = await ada.post(WORKFLOW_ROUTE, json=BRIEF, headers={"Idempotency-Key": "w-1"})
    assert (again.json(), again.headers["idempotency-replayed"]) == (body, "true")
    for left in (1, 0):
        reviewed = (await ada.post(REVIEW_ROUTE, json=REVIEW)).json()
        assert reviewed["creditInfo"]["creditsRemaining"] == left
    short = problem(await ada.post(RISKS, json={"inputs": INPUTS, "fresh": True}), 402, "insufficient_credits")
    assert (short["balance"], short["required"], short["shortfall"]) == (0, 1, 1)
    for route, asked in ((WORKFLOW_ROUTE, BRIEF), (REVIEW_ROUTE, REVIEW)):
        refused = await ada.post(route, json=asked)
        assert problem(refused, 429, "insufficient_credits")["urls"]["purchase"]
        assert "retry-after" not in refused.headers
    after = await _usage(ada)
    assert (after["credits"], after["totalTokensUsed"], after["monthlyTokensUsed"]) == (0, 10_000, 10_000)


async def test_a_cap_of_ones_own_is_bounded_by_what_there_is_where_the_plan_has_none(ada: Client, shop: Shop) -> None:
    refused = problem(await ada.put(LIMITS, json={"dailyCap": 6}), 422, "invalid_inputs")
    assert refused["errors"] == [{"field": "dailyCap", "message": "Must be from 0 to 5: 5 credits of your own."}]
    await _subscribe(ada, shop)
    refused = problem(await ada.put(LIMITS, json={"dailyCap": 106}), 422, "invalid_inputs")
    assert refused["errors"] == [{"field": "dailyCap", "message": "Must be from 0 to 105: the plan's 100 a month and 5 credits of your own."}]
    assert (await ada.put(LIMITS, json={"dailyCap": 1})).status_code == 200


async def test_estimate_quote_and_charge_are_one_credit_for_every_tool(ada: Client) -> None:
    for tool in (tool for tool in all_tools() if tool.cost is not None):
        told = (await ada.post("/api/billing/estimate", json={"toolId": tool.id})).json()["estimate"]
        price = (0, 0, 0) if told["isFree"] else (1, 1, 1)
        assert (told["min"], told["typical"], told["max"]) == price, tool.id
    ran = (await ada.post(RISKS, json={"inputs": INPUTS})).json()
    assert (ran["credits"]["held"], ran["credits"]["charged"], ran["usage"]["tokens"]) == (1, 1, 2_000)
    steps = (await ada.get(f"/api/runs/{ran['runId']}")).json()["charge"]["steps"]
    assert (steps[0]["name"], steps[0]["credits"]) == ("Tokens", 1.0)
    assert (await ada.get("/api/tools/cyber-studio-risk-register")).json()["pricing"] == {"tokensPerCredit": 2_000, "min": 1, "max": 25}
    kept = (await ada.post(RISKS, json={"inputs": INPUTS})).json()
    assert (kept["cached"], kept["credits"]["charged"]) == (True, 0)
    assert (await _usage(ada))["totalTokensUsed"] == 2_000


async def test_a_run_without_a_result_costs_and_counts_nothing(ada: Client) -> None:
    failed = (await ada.post(REVIEW_ROUTE, json={"code": "x = 1\n" * 9_000})).json()
    assert (failed["success"], failed["result"], failed["failure"]["field"]) == (False, None, "code")
    assert failed["creditInfo"] == {"tokensUsed": 0, "creditsRemaining": 5, "totalTokensUsed": 0}
    wrong = problem(await ada.post(WORKFLOW_ROUTE, json=BRIEF | {"language": "cobol"}), 422, "invalid_inputs")
    assert [one["field"] for one in wrong["errors"]] == ["language"]
    told = problem(await ada.post(WORKFLOW_ROUTE, json={"brief": "?    ?"}), 422, "invalid_inputs")
    assert [one["field"] for one in told["errors"]][:1] == ["brief"]
    assert (await _usage(ada))["totalTokensUsed"] == 0
    assert await _credits(ada) == 5


async def test_pro_is_paid_for_renewed_and_ended_and_what_is_ones_own_survives(ada: Client, shop: Shop) -> None:
    await _use(ada, 1)
    await subscriptions.grant(email=(await _me(ada))["email"], credits=7, source="promo")
    await _subscribe(ada, shop)
    first = await _usage(ada)
    assert (first["credits"], first["isSubscribed"], first["subscriptionTier"]) == (4 + 7 + 100, True, "pro")
    balance = (await ada.get("/api/credits/balance")).json()
    assert balance["plan"] == {"id": "pro", "name": "Pro", "monthlyCredits": 100, "dailyCap": None}
    assert [(one["window"], one["limit"]) for one in balance["caps"]] == [("month", 100)]
    shop.sandbox.clock(by_s=MONTH)
    await shop.deliver()
    renewed = await _usage(ada)
    assert datetime.fromisoformat(renewed["subscriptionEndsAt"]) > datetime.fromisoformat(first["subscriptionEndsAt"])
    assert (renewed["credits"], renewed["totalTokensUsed"]) == (4 + 7 + 100 + 100, 2_000)
    shown = (await ada.get("/api/billing/plans/free/preview")).json()
    assert shown["kind"] == "cancel"
    assert "From then on no credits come by themselves, instead of 100 a month." in shown["ends"]
    assert not any("cap" in line for line in (*shown["ends"], *shown["stays"]))
    await ada.post("/api/billing/plan/cancel")
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    ended = await _usage(ada)
    assert (ended["isSubscribed"], ended["subscriptionTier"], ended["subscriptionEndsAt"]) == (False, "free", None)
    own = [one for one in (await ada.get("/api/credits/balance")).json()["grants"] if one["expiresAt"] is None]
    assert sorted((one["source"], one["remaining"]) for one in own) == [("promo", 4), ("promo", 7)]
    assert await subscriptions.renew_due() >= 0
    assert sum(one["remaining"] for one in (await ada.get("/api/credits/balance")).json()["grants"] if one["expiresAt"] is None) == 11


async def test_own_credits_go_on_when_the_plans_are_used_up(ada: Client, shop: Shop) -> None:
    await _subscribe(ada, shop)
    person = UUID((await _me(ada))["id"])
    async with transaction() as tx:
        await ledger.hold(tx, owner_id=person, run_id=person, amount=100, lasts=timedelta(hours=1), zone="UTC")
        await ledger.capture(tx, owner_id=person, run_id=person, amount=100)
    await _use(ada, 1)
    assert await _credits(ada) == 4


async def test_a_renewal_that_is_not_paid_ends_the_plan_by_itself(ada: Client, shop: Shop) -> None:
    await _subscribe(ada, shop)
    api = shop.sandbox.api()
    found = max(api.subscriptions.list({}).data, key=lambda one: one.created)
    card = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": found.customer})
    api.subscriptions.update(found.id, {"default_payment_method": card.id})
    shop.sandbox.clock(by_s=MONTH + 2 * 3_600)
    await shop.deliver()
    assert (await ada.get("/api/billing/plan")).json()["status"] == "past_due"
    with clock.frozen(clock.now() + timedelta(seconds=MONTH + 4 * DAY)):
        for _ in range(2):
            await lapsing.end_late()
    await shop.deliver()
    after = (await ada.get("/api/billing/plan")).json()
    assert (after["id"], after["isPaid"], after["status"]) == ("free", False, "active")
    assert api.subscriptions.retrieve(found.id).status == "canceled"
    assert (await _usage(ada))["isSubscribed"] is False


async def test_a_new_month_begins_the_tokens_and_leaves_the_credits(ada: Client) -> None:
    await _use(ada, 1)
    person, before = UUID((await _me(ada))["id"]), await _usage(ada)
    resets_at = datetime.fromisoformat(before["monthlyResetDate"])
    with clock.frozen(resets_at - timedelta(seconds=1)):
        async with transaction() as tx:
            assert (await metering.used(tx, person_id=person, zone="UTC")).in_month == 2_000
            assert (await metering.used(tx, person_id=person, zone="Pacific/Kiritimati")).in_month == 0
    with clock.frozen(resets_at):
        async with transaction() as tx:
            used, book = await metering.used(tx, person_id=person, zone="UTC"), await ledger.balance(tx, owner_id=person)
            assert (used.total, used.in_month, book.available) == (2_000, 0, 4)
            await metering.count(tx, person_id=person, zone="UTC", at=clock.now(), tokens=2_000)
            await metering.count(tx, person_id=person, zone="Pacific/Honolulu", at=clock.now(), tokens=500)
            used = await metering.used(tx, person_id=person, zone="UTC")
            assert (used.total, used.in_month) == (4_500, 2_500)


async def test_a_refund_gives_the_credit_back_and_the_count_stays(ada: Client) -> None:
    ran = (await ada.post(RISKS, json={"inputs": INPUTS})).json()
    person = UUID((await _me(ada))["id"])
    async with transaction() as tx:
        await ledger.refund(tx, owner_id=person, run_id=UUID(ran["runId"]), amount=1, key=ran["runId"], reason="a fault of ours")
    after = await _usage(ada)
    assert (after["credits"], after["totalTokensUsed"]) == (5, 2_000)


async def test_enterprise_is_given_by_an_operator_and_not_sold(ada: Client, shop: Shop) -> None:
    offered = {one["planId"]: one for one in (await ada.get("/api/billing/plans")).json()["items"]}
    assert (offered["enterprise"]["byAgreement"], offered["enterprise"]["change"], offered["free"]["creditsOnce"]) == (True, "none", 5)
    problem(await ada.post("/api/billing/subscribe", json={"planId": "enterprise"}), 409, "plan_by_agreement")
    assert shop.sandbox.types().count("checkout.session.created") == 0
    await subscriptions.set_plan(email=(await _me(ada))["email"], plan_id="enterprise")
    usage = await _usage(ada)
    assert (usage["credits"], usage["isSubscribed"], usage["subscriptionTier"]) == (1_005, True, "enterprise")
    await subscriptions.set_plan(email=(await _me(ada))["email"], plan_id="free")
    assert await _credits(ada) == 1_005


@pytest.mark.parametrize(("method", "path"), [("POST", WORKFLOW_ROUTE), ("POST", REVIEW_ROUTE), ("GET", "/api/user/usage")])
async def test_only_those_who_have_signed_in(ada: Client, method: str, path: str) -> None:
    ada.cookies.clear()
    problem(await ada.request(method, path, json=BRIEF if method == "POST" else None), 401, "sign_in_required")
