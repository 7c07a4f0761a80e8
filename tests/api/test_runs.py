import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.api.app import make_api
from credit_studio.core import ids
from credit_studio.db.session import transaction
from credit_studio.tools import registry, validation
from credit_studio.tools.base import Mode
from tests.api.conftest import Client, new_client, problem, register

pytestmark = pytest.mark.usefixtures("worker")

RUN = "/api/cyber-studio/risk-register/run"
EXAMPLE = validation.example_json(registry.get_tool("cyber-studio-risk-register"))
SETTINGS = "/api/account/settings/credits"
LARGE = EXAMPLE | {"iterations": 500_000}
REPLY = {"runId", "toolId", "status", "result", "usage", "credits", "cached"}


@pytest.fixture
async def eve() -> AsyncIterator[Client]:
    """A person with the free credits."""
    async with new_client() as one:
        yield await register(one, f"{ids.new_id().hex}@example.com")


@pytest.fixture
async def mallory() -> AsyncIterator[Client]:
    """Another person."""
    async with new_client() as one:
        yield await register(one, f"{ids.new_id().hex}@example.com")


async def _balance(one: Client) -> dict[str, Any]:
    return (await one.get("/api/credits/balance")).json()


async def test_a_run_is_charged_what_it_says_in_body_headers_and_balance(eve: Client) -> None:
    reply = await eve.post(RUN, json={"inputs": EXAMPLE})
    body, moved = reply.json(), reply.json()["credits"]
    assert (reply.status_code, body["status"], set(body)) == (200, "succeeded", REPLY)
    assert set(moved) == {"charged", "held", "released", "estimate", "balance"}
    assert set(body["usage"]) == {"cpuMs", "memMb", "durationMs"}
    assert moved["estimate"]["min"] <= moved["charged"] <= moved["estimate"]["max"]
    assert moved["charged"] + moved["released"] == moved["held"]
    now = await _balance(eve)
    assert (now["available"], now["held"], now["total"]) == (300 - moved["charged"], 0, 300 - moved["charged"])
    headers = [reply.headers[f"x-credits-{name}"] for name in ("charged", "held", "remaining")]
    assert headers == [str(moved["charged"]), str(moved["held"]), str(now["available"])]
    assert "idempotency-replayed" not in reply.headers


async def test_the_balance_has_the_form_of_the_contract(eve: Client) -> None:
    body = await _balance(eve)
    assert set(body) == {"available", "held", "total", "debt", "version", "plan", "usage", "caps", "grants", "alerts", "timeZone"}
    assert body["plan"] == {"id": "free", "name": "Free", "monthlyCredits": 300, "dailyCap": 30}
    assert set(body["usage"]["daily"]) == {"used", "cap", "resetsAt"}
    assert body["usage"]["daily"]["cap"] == 30
    assert {(cap["window"], cap["scope"], cap["limit"]) for cap in body["caps"]} >= {("day", "plan", 30)}
    assert [set(grant) for grant in body["grants"]] == [{"id", "source", "amount", "remaining", "expiresAt", "priority"}]


async def test_the_history_adds_up_and_pages(eve: Client) -> None:
    for _ in range(2):
        await eve.post(RUN, json={"inputs": EXAMPLE, "fresh": True})
    whole = (await eve.get("/api/credits/transactions")).json()
    assert sum(item["amount"] for item in whole["items"]) == (await _balance(eve))["available"]
    assert whole["nextCursor"] is None
    assert {item["type"] for item in whole["items"]} == {"allocation", "consumption"}
    first = (await eve.get("/api/credits/transactions", params={"limit": 1})).json()
    second = (await eve.get("/api/credits/transactions", params={"limit": 1, "cursor": first["nextCursor"]})).json()
    assert first["items"] + second["items"] == whole["items"][:2]
    spent = (await eve.get("/api/credits/transactions", params={"type": "consumption"})).json()
    assert len(spent["items"]) == 2
    later = (await eve.get("/api/credits/transactions?from=2999-01-01T00:00:00+01:00")).json()
    assert later["items"] == []


@pytest.mark.parametrize("params", [{"type": "nonsense"}, {"from": "yesterday"}, {"from": "2026-11-20T10:00:00"}, {"limit": "0"}, {"cursor": "nonsense"}])
async def test_questions_to_the_history_that_make_no_sense_are_refused(eve: Client, params: dict[str, str]) -> None:
    reply = await eve.get("/api/credits/transactions", params=params)
    problem(reply, 400 if "cursor" in params else 422, "invalid_request" if "cursor" in params else "invalid_inputs")


async def test_the_same_key_answers_alike_and_charges_once(eve: Client) -> None:
    first = await eve.post(RUN, json={"inputs": EXAMPLE}, headers={"Idempotency-Key": "k-1"})
    again = await eve.post(RUN, json={"inputs": EXAMPLE}, headers={"Idempotency-Key": "k-1"})
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert (await _balance(eve))["total"] == 300 - first.json()["credits"]["charged"]
    problem(await eve.post(RUN, json={"inputs": LARGE}, headers={"Idempotency-Key": "k-1"}), 422, "idempotency_mismatch")


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a b", "a\tb", "caf\u00e9"])
async def test_a_key_of_another_form_is_refused(eve: Client, key: str) -> None:
    problem(await eve.post(RUN, json={"inputs": EXAMPLE}, headers={"Idempotency-Key": key.encode()}), 400, "invalid_request")  # type: ignore[dict-item]
    assert (await _balance(eve))["available"] == 300


async def test_a_key_given_twice_is_refused(eve: Client) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    problem(await eve.post(RUN, json={"inputs": EXAMPLE}, headers=headers), 400, "invalid_request")


async def test_asked_for_later_a_run_answers_its_place_at_once(eve: Client) -> None:
    reply = await eve.post(RUN, json={"inputs": EXAMPLE}, headers={"Prefer": "respond-async"})
    assert reply.status_code == 202
    assert reply.json()["status"] in {"queued", "running"}
    place = reply.headers["location"]
    assert place == f"/api/runs/{reply.json()['runId']}"
    for _ in range(200):
        detail = (await eve.get(place)).json()
        if detail["status"] == "succeeded":
            break
        await asyncio.sleep(0.05)
    assert set(detail) == REPLY | {"title", "summary", "createdAt", "startedAt", "endedAt", "keptUntil", "sharedAt", "charge"}
    assert detail["charge"]["balanceBefore"] == 300
    assert detail["charge"]["balanceAfter"] == 300 - detail["credits"]["charged"]
    assert sum(payment["paid"] for payment in detail["charge"]["payments"]) == detail["credits"]["charged"]


async def test_a_run_can_be_cancelled_and_costs_nothing(eve: Client) -> None:
    place = (await eve.post(RUN, json={"inputs": LARGE}, headers={"Prefer": "respond-async"})).headers["location"]
    body = (await eve.post(f"{place}/cancel")).json()
    assert (body["status"], body["credits"]["charged"], body["result"]) == ("cancelled", 0, None)
    assert set(body["failure"]) == {"code", "message", "action"}
    now = await _balance(eve)
    assert (now["available"], now["held"]) == (300, 0)


async def test_what_the_page_draws_is_there_for_its_owner(eve: Client) -> None:
    run_id = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()["runId"]
    blocks = (await eve.get(f"/api/runs/{run_id}/blocks")).json()["blocks"]
    assert {"block", "tab"} <= set(blocks[0])


async def test_other_peoples_runs_are_not_found(eve: Client, mallory: Client) -> None:
    run_id = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()["runId"]
    async with new_client() as visitor:
        for method, path in (("GET", ""), ("GET", "/blocks"), ("POST", "/cancel")):
            problem(await mallory.request(method, f"/api/runs/{run_id}{path}"), 404, "not_found")
            problem(await mallory.request(method, f"/api/runs/nonsense{path}"), 404, "not_found")
            problem(await visitor.request(method, f"/api/runs/{run_id}{path}"), 401, "sign_in_required")
    assert (await mallory.get("/api/runs")).json() == {"items": [], "nextCursor": None}
    assert [item["runId"] for item in (await eve.get("/api/runs")).json()["items"]] == [run_id]


async def test_runs_are_paged_newest_first(eve: Client) -> None:
    made = [(await eve.post(RUN, json={"inputs": EXAMPLE, "fresh": True})).json()["runId"] for _ in range(3)]
    first = (await eve.get("/api/runs", params={"limit": 2})).json()
    second = (await eve.get("/api/runs", params={"limit": 2, "cursor": first["nextCursor"]})).json()
    assert [item["runId"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["nextCursor"] is None


async def test_a_visitor_is_asked_to_sign_in_whatever_the_inputs_are() -> None:
    async with new_client() as visitor:
        body = problem(await visitor.post(RUN, json={"inputs": {"iterations": "many"}}), 401, "sign_in_required")
        assert body["urls"] == {"sign_in": "/login?next=/cyber-studio/risk-register"}
        problem(await visitor.post(RUN, content=b"{", headers={"Content-Type": "application/json"}), 401, "sign_in_required")


async def test_the_tool_is_checked_before_the_person_and_the_inputs() -> None:
    async with new_client() as visitor:
        problem(await visitor.post("/api/nonsense/nonsense/run", content=b"{", headers={"Content-Type": "application/json"}), 404, "unknown_tool")
        body = problem(await visitor.post("/api/dev-studio/cost/run", json={"inputs": {}}), 409, "tool_runs_in_browser")
    assert body["urls"] == {"tool": "/dev-studio/cost"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": None},
        {"inputs": []},
        {"inputs": EXAMPLE, "maxCredits": 3.0},
        {"inputs": EXAMPLE, "maxCredits": "3"},
        {"inputs": EXAMPLE, "maxCredits": True},
        {"inputs": EXAMPLE, "maxCredits": 0},
        {"inputs": EXAMPLE, "maxCredits": 1},
        {"inputs": EXAMPLE, "fresh": "yes"},
        {"inputs": EXAMPLE, "price": 0},
        {"inputs": EXAMPLE | {"iterations": 10**400}},
        {"inputs": EXAMPLE | {"iterations": -1}},
        {"inputs": EXAMPLE | {"nonsense": 1}},
        {"inputs": EXAMPLE | {"risks": "x" * 100_000}},
    ],
)
async def test_what_does_not_fit_is_refused_and_holds_nothing(eve: Client, body: dict[str, Any]) -> None:
    found = problem(await eve.post(RUN, json=body), 422, "invalid_inputs")
    assert found["errors"]
    now = await _balance(eve)
    assert (now["available"], now["held"]) == (300, 0)


async def test_at_the_plans_daily_cap_a_run_is_refused_until_it_resets(eve: Client) -> None:
    charged = 0
    for _ in range(12):
        reply = await eve.post(RUN, json={"inputs": EXAMPLE, "fresh": True})
        if reply.status_code != 200:
            break
        charged += reply.json()["credits"]["charged"]
    body = problem(reply, 402, "cap_daily")
    assert (body["limit"], body["spent"]) == (30, charged)
    assert {"required", "resetsAt"} <= set(body)
    assert set(body["urls"]) <= {"purchase", "upgrade", "settings"}
    now = await _balance(eve)
    assert (now["held"], now["usage"]["daily"]["used"]) == (0, charged)


async def test_ready_when_schema_database_and_worker_are_there() -> None:
    async with new_client() as probe:
        assert (await probe.get("/healthz")).json() == {"status": "ok"}
        assert (await probe.get("/readyz")).json() == {"status": "ready"}


async def test_not_ready_without_a_worker() -> None:
    async with transaction() as tx:
        rows = (await tx.execute(text("DELETE FROM worker RETURNING *"))).mappings().all()
    async with new_client() as probe:
        body = problem(await probe.get("/readyz"), 503, "unavailable")
    assert rows
    assert body["reason"] == "worker"


def test_the_routes_are_all_there() -> None:
    assert len([path for path in make_api().openapi()["paths"] if path.endswith("/run")]) == 26


async def test_an_own_cap_stops_twenty_runs_at_once_on_every_path_and_says_what_to_change(rich: Client) -> None:
    paid = [tool for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT][:20]
    assert (await rich.put(SETTINGS, json={"dailyCap": 12})).status_code == 200
    quick = {"Prefer": "respond-async"}
    replies = await asyncio.gather(*(rich.post(f"/api{tool.path}/run", json={"inputs": validation.example_json(tool)}, headers=quick) for tool in paid))
    held = sum(reply.json()["credits"]["held"] for reply in replies if reply.status_code in (200, 202))
    assert 0 < held <= 12
    refused = [problem(reply, 402, "cap_daily") for reply in replies if reply.status_code not in (200, 202)]
    assert refused
    for body in refused:
        assert body["limit"] == 12
        assert body["spent"] + body["required"] > 12
        assert body["resetsAt"].startswith("20")
        assert body["urls"] == {"settings": "/account/settings/credits#daily-cap"}
    await rich.put(SETTINGS, json={"dailyCap": 0})
    stopped = next(tool for tool, reply in zip(paid, replies, strict=True) if reply.status_code == 402)
    last = (f"/api{stopped.path}/run", {"inputs": validation.example_json(stopped), "fresh": True})
    for _ in range(2):
        body = problem(await rich.post(last[0], json=last[1], headers={"Idempotency-Key": "a-retry"}), 402, "cap_daily")
        assert (body["limit"], body["required"] > 0) == (0, True)
    await rich.put(SETTINGS, json={"dailyCap": None, "perRunMax": 1})
    body = problem(await rich.post(last[0], json=last[1]), 402, "cap_per_run")
    assert (body["limit"], body["spent"], body["urls"]) == (1, 0, {"settings": "/account/settings/credits#run-cap"})
    caps = (await rich.get("/api/credits/balance")).json()["caps"]
    assert [(cap["window"], cap["scope"]) for cap in caps] == [("run", "own"), ("day", "plan"), ("month", "plan")]
