"""Results over HTTP: given again for nothing, listed, deleted and brought back, shared by a link."""

from collections.abc import AsyncIterator

import pytest

from credit_studio import settings
from credit_studio.api.security import headers_of
from credit_studio.core import ids
from credit_studio.tools import registry, validation
from tests.api.conftest import HOST, Client, new_client, problem, register

pytestmark = pytest.mark.usefixtures("worker")

RISKS = "cyber-studio-risk-register"
RUN = "/api/cyber-studio/risk-register/run"
EXAMPLE = validation.example_json(registry.get_tool(RISKS)) | {"iterations": 1_000}


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


async def test_the_stored_result_answers_for_nothing_and_fresh_runs_anew(eve: Client, mallory: Client) -> None:
    first = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()
    reply = await eve.post(RUN, json={"inputs": EXAMPLE})
    again = reply.json()
    assert (reply.status_code, again["cached"], again["runId"], again["result"]) == (200, True, first["runId"], first["result"])
    nothing = {"charged": 0, "held": 0, "released": 0, "estimate": {"min": 0, "typical": 0, "max": 0}, "balance": first["credits"]["balance"]}
    assert again["credits"] == nothing
    assert (reply.headers["x-credits-charged"], reply.headers["x-credits-remaining"]) == ("0", str(first["credits"]["balance"]))
    later = (await eve.post(RUN, json={"inputs": EXAMPLE}, headers={"Prefer": "respond-async"})).json()
    assert later["cached"]
    fresh = (await eve.post(RUN, json={"inputs": EXAMPLE, "fresh": True})).json()
    assert (fresh["cached"], fresh["runId"] == first["runId"]) == (False, False)
    assert not (await mallory.post(RUN, json={"inputs": EXAMPLE})).json()["cached"]


async def test_the_estimate_names_the_stored_result_to_its_owner_alone(eve: Client, mallory: Client) -> None:
    asked = {"toolId": RISKS, "inputs": EXAMPLE}
    assert "stored" not in (await eve.post("/api/billing/estimate", json=asked)).json()
    ran = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()
    assert (await eve.post("/api/billing/estimate", json=asked)).json()["stored"]["runId"] == ran["runId"]
    assert "stored" not in (await mallory.post("/api/billing/estimate", json=asked)).json()
    async with new_client() as visitor:
        assert "stored" not in (await visitor.post("/api/billing/estimate", json=asked)).json()


async def test_the_list_is_searched_by_tool_status_and_time(eve: Client) -> None:
    made = [(await eve.post(RUN, json={"inputs": EXAMPLE | {"seed": seed}})).json()["runId"] for seed in range(3)]

    async def found(**params: object) -> list[str]:
        reply = await eve.get("/api/runs", params=params)  # type: ignore[arg-type]
        assert reply.status_code == 200, reply.text
        return [item["runId"] for item in reply.json()["items"]]

    assert await found(tool=RISKS, status=["succeeded", "failed"]) == made[::-1]
    assert await found(tool="data-studio-quality") == await found(status="cancelled") == []
    second = (await eve.get(f"/api/runs/{made[1]}")).json()
    assert await found(**{"from": second["createdAt"]}) == made[:0:-1]
    assert await found(to=second["createdAt"]) == made[:1]
    assert second["keptUntil"] > second["endedAt"]
    assert second["sharedAt"] is None
    for bad in ({"status": "nonsense"}, {"from": "yesterday"}, {"from": "2026-11-20T10:00:00"}):
        problem(await eve.get("/api/runs", params=bad), 422, "invalid_inputs")


async def test_a_deleted_run_is_gone_its_charge_stays_and_it_can_be_restored(eve: Client, mallory: Client) -> None:
    run_id = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()["runId"]
    entries = (await eve.get("/api/credits/transactions")).json()
    problem(await mallory.delete(f"/api/runs/{run_id}"), 404, "not_found")
    assert (await eve.delete(f"/api/runs/{run_id}")).status_code == 204
    problem(await eve.get(f"/api/runs/{run_id}"), 404, "not_found")
    problem(await eve.get(f"/api/runs/{run_id}/blocks"), 404, "not_found")
    problem(await eve.delete(f"/api/runs/{run_id}"), 404, "not_found")
    assert (await eve.get("/api/runs")).json()["items"] == []
    assert (await eve.get("/api/credits/transactions")).json() == entries
    problem(await mallory.post(f"/api/runs/{run_id}/restore"), 404, "not_found")
    assert (await eve.post(f"/api/runs/{run_id}/restore")).json()["status"] == "succeeded"
    assert [item["runId"] for item in (await eve.get("/api/runs")).json()["items"]] == [run_id]


async def test_a_link_shows_the_result_to_a_visitor_and_nothing_else(eve: Client, mallory: Client) -> None:
    ran = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()
    place = f"/api/runs/{ran['runId']}/share"
    problem(await mallory.post(place), 404, "not_found")
    problem(await mallory.delete(place), 404, "not_found")
    link = (await eve.post(place)).json()
    assert link["url"] == f"{HOST}/shared/{link['token']}/"
    async with new_client() as visitor:
        reply = await visitor.get(f"/api/shared/{link['token']}")
        seen = reply.json()
        assert set(seen) == {"toolId", "title", "version", "ranAt", "until", "blocks"}
        assert seen["blocks"] == (await eve.get(f"/api/runs/{ran['runId']}/blocks")).json()["blocks"]
        assert ran["runId"] not in reply.text
        assert (reply.headers["x-robots-tag"], reply.headers["referrer-policy"]) == ("noindex, nofollow", "no-referrer")
        assert (await eve.delete(place)).status_code == (await eve.delete(place)).status_code == 204
        ended = problem(await visitor.get(f"/api/shared/{link['token']}"), 404, "not_found")
        never = problem(await visitor.get(f"/api/shared/{'A' * 43}"), 404, "not_found")
    assert {key: ended[key] for key in ("detail", "action", "reason")} == {key: never[key] for key in ("detail", "action", "reason")}


def test_the_page_of_a_link_asks_not_to_be_listed_and_tells_no_other_site_of_it() -> None:
    headers = headers_of("/shared/token/", 200, settings.get())
    assert (headers["X-Robots-Tag"], headers["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
    assert "X-Robots-Tag" not in headers_of("/tools/", 200, settings.get())


async def test_another_sites_page_can_change_nothing(eve: Client) -> None:
    run_id = (await eve.post(RUN, json={"inputs": EXAMPLE})).json()["runId"]
    foreign = {"Origin": "https://evil.example"}
    for method, path in (("DELETE", ""), ("POST", "/restore"), ("POST", "/share"), ("DELETE", "/share")):
        problem(await eve.request(method, f"/api/runs/{run_id}{path}", headers=foreign), 403, "bad_origin")
