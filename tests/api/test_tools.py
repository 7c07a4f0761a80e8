import dataclasses

import pytest

from credit_studio.tools import registry
from credit_studio.tools.base import Availability
from tests.api.conftest import Client, problem

RISKS = "cyber-studio-risk-register"


async def test_all_tools_are_listed_in_the_form_of_the_contract(client: Client) -> None:
    body = (await client.get("/api/tools")).json()
    assert body["nextCursor"] is None
    assert [item["toolId"] for item in body["items"]] == [tool.id for tool in registry.all_tools()]
    for item in body["items"]:
        assert set(item) == {
            "toolId",
            "title",
            "studio",
            "slug",
            "executionMode",
            "requiresAuth",
            "riskTier",
            "limits",
            "pricing",
            "availability",
            "description",
            "path",
        }
        assert item["path"] == f"/{item['studio']}/{item['slug']}"
        assert set(item["limits"]) == {"cpuMs", "memMb", "durationMs", "outputBytes"}


async def test_a_tools_price_is_said_in_the_units_it_is_metered_by(client: Client) -> None:
    items = {item["toolId"]: item for item in (await client.get("/api/tools")).json()["items"]}
    assert items[RISKS]["pricing"] == {"base": 2, "cpuMsPerCredit": 2000, "gbMsPerCredit": 4000, "min": 3, "max": 25}
    assert items["code-studio-start-workflow"]["pricing"] == {"tokensPerCredit": 2000, "min": 1, "max": 10}
    assert (items["dev-studio-cost"]["pricing"]["min"], items["dev-studio-cost"]["pricing"]["max"]) == (0, 0)
    assert (items[RISKS]["requiresAuth"], items["data-studio-lineage"]["requiresAuth"]) == (False, True)


async def test_one_tool_tells_its_inputs_and_an_example_that_runs(client: Client) -> None:
    body = (await client.get(f"/api/tools/{RISKS}")).json()
    assert body["inputSchema"]["type"] == "object"
    assert set(body["example"]) <= set(body["inputSchema"]["properties"])
    estimate = await client.post("/api/billing/estimate", json={"toolId": RISKS, "inputs": body["example"]})
    assert estimate.status_code == 200


@pytest.mark.parametrize("tool_id", ["nonsense", "cyber-studio", "x" * 500, "..", "%00"])
async def test_an_unknown_tool_is_not_found(client: Client, tool_id: str) -> None:
    reply = await client.get(f"/api/tools/{tool_id}")
    assert reply.status_code == 404
    assert reply.json()["code"] in {"unknown_tool", "not_found"}


async def test_an_estimate_is_for_everybody_and_moves_with_the_inputs(client: Client) -> None:
    example = (await client.get(f"/api/tools/{RISKS}")).json()["example"]
    many = [example["risks"][number % 6] | {"name": f"Risk {number}"} for number in range(30)]
    wanted = [example | {"iterations": 1_000}, example | {"iterations": 500_000, "risks": many}]
    asked = [await client.post("/api/billing/estimate", json={"toolId": RISKS, "inputs": inputs}) for inputs in wanted]
    low, high = (reply.json() for reply in asked)
    assert set(low) == {"toolId", "estimate", "limits", "tool"}
    assert set(low["estimate"]) == {"min", "typical", "max", "isFree", "explanation", "basis", "breakdown"}
    assert set(low["estimate"]["breakdown"]) == {"base", "cpu", "memory", "tokens", "sum"}
    assert low["tool"] == {"title": "Risk Register Builder", "studio": "cyber-studio", "executionMode": "hybrid", "requiresAuth": False}
    assert low["estimate"]["breakdown"]["sum"] < high["estimate"]["breakdown"]["sum"]
    assert low["estimate"]["typical"] < high["estimate"]["typical"]
    assert low["estimate"]["max"] < high["estimate"]["max"] <= 25


async def test_without_inputs_the_example_is_priced_and_limits_bound_the_most(client: Client) -> None:
    free = (await client.post("/api/billing/estimate", json={"toolId": RISKS})).json()
    bound = (await client.post("/api/billing/estimate", json={"toolId": RISKS, "requestedLimits": {"cpuMs": 20_000}})).json()
    assert free["estimate"]["typical"] == bound["estimate"]["typical"]
    assert bound["limits"]["cpuMs"] <= 20_000


async def test_a_client_tool_is_free(client: Client) -> None:
    body = (await client.post("/api/billing/estimate", json={"toolId": "dev-studio-cost"})).json()
    assert (body["estimate"]["isFree"], body["estimate"]["max"]) == (True, 0)


async def test_a_tool_that_is_coming_soon_is_listed_and_neither_estimated_nor_run(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    coming = dataclasses.replace(registry.get_tool(RISKS), availability=Availability.COMING_SOON, instead="cyber-studio-threat-modeling")
    monkeypatch.setattr(registry, "all_tools", lambda: (coming,))
    tools = {RISKS: coming, coming.instead: registry.get_tool(coming.instead)}
    monkeypatch.setattr(registry, "_by_id", lambda: tools)
    assert [item["availability"] for item in (await ada.get("/api/tools")).json()["items"]] == ["coming_soon"]
    for path, body in (("/api/billing/estimate", {"toolId": RISKS}), ("/api/cyber-studio/risk-register/run", {"inputs": {}})):
        refused = problem(await ada.post(path, json=body), 503, "unavailable")
        assert "coming" in refused["detail"]
        assert "Threat Model Generator" in refused["action"]
    assert (await ada.get("/api/credits/balance")).json()["held"] == 0


@pytest.mark.parametrize("availability", [Availability.BETA, Availability.DEPRECATED])
async def test_a_beta_or_deprecated_tool_says_so_and_runs(client: Client, monkeypatch: pytest.MonkeyPatch, availability: Availability) -> None:
    tool = dataclasses.replace(registry.get_tool(RISKS), availability=availability)
    monkeypatch.setattr(registry, "_by_id", lambda: {RISKS: tool})
    assert (await client.get(f"/api/tools/{RISKS}")).json()["availability"] == availability.value
    assert (await client.post("/api/billing/estimate", json={"toolId": RISKS})).status_code == 200


async def test_what_cannot_be_estimated_says_why(client: Client) -> None:
    ask = "/api/billing/estimate"
    problem(await client.post(ask, json={"toolId": "nonsense"}), 404, "unknown_tool")
    body = problem(await client.post(ask, json={"toolId": RISKS, "inputs": {"iterations": "many"}}), 422, "invalid_inputs")
    assert "iterations" in {error["field"] for error in body["errors"]}
    body = problem(await client.post(ask, json={"toolId": RISKS, "maxCredits": 1}), 422, "invalid_inputs")
    assert body["errors"][0]["field"] == "maxCredits"
    problem(await client.post(ask, json={"toolId": RISKS, "requestedLimits": {"cpuMs": 1.5}}), 422, "invalid_inputs")
