"""The main job over HTTP: register, ask the price, run, be charged within it, see why, and not be charged again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from credit_studio import settings
from credit_studio.api import security
from credit_studio.api.app import make_api
from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json

pytestmark = pytest.mark.usefixtures("worker")
RISKS = get_tool("cyber-studio-risk-register")
EXAMPLE = example_json(RISKS)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole API, security layers included; it keeps its cookies."""
    app: Any = make_api()
    for layer in security.layers(settings.get()):
        app = layer(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=70) as client:
        yield client


async def _price(http: httpx.AsyncClient, inputs: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post("/api/billing/estimate", json={"toolId": RISKS.id, "inputs": inputs})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_main_job_from_registration_to_the_receipt(http: httpx.AsyncClient) -> None:
    small = EXAMPLE | {"iterations": 1_000, "risks": EXAMPLE["risks"][:5]}
    big = EXAMPLE | {"iterations": 500_000, "risks": (EXAMPLE["risks"] * 5)[:30]}
    refused = await http.post(f"/api{RISKS.path}/run", json={"inputs": small})
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_required")
    assert refused.json()["urls"]["sign_in"]

    registered = await http.post("/api/auth/register", json={"email": "story@example.com", "password": "correct horse battery staple"})
    assert registered.status_code == 201
    assert (await http.get("/api/credits/balance")).json()["available"] == 300

    less, more = await _price(http, small), await _price(http, big)
    assert more["estimate"]["typical"] > less["estimate"]["typical"]
    assert more["estimate"]["max"] > less["estimate"]["max"]
    assert more["estimate"]["breakdown"]["sum"] > less["estimate"]["breakdown"]["sum"]

    asked: dict[str, Any] = {"json": {"inputs": big}, "headers": {"Idempotency-Key": "story-1"}}
    ran = await http.post(f"/api{RISKS.path}/run", **asked)
    run, credits_ = ran.json(), ran.json()["credits"]
    assert (ran.status_code, run["status"]) == (200, "succeeded")
    assert more["estimate"]["min"] <= credits_["charged"] <= more["estimate"]["max"] == credits_["held"]
    assert ran.headers["X-Credits-Charged"] == str(credits_["charged"])
    left = 300 - credits_["charged"]
    assert (await http.get("/api/credits/balance")).json()["available"] == left == credits_["balance"]

    why = (await http.get(f"/api/runs/{run['runId']}")).json()["charge"]
    assert sum(paid["paid"] for paid in why["payments"]) == credits_["charged"]
    movements = (await http.get("/api/credits/transactions")).json()["items"]
    assert [(one["type"], one["amount"], one["balanceAfter"]) for one in movements] == [("consumption", -credits_["charged"], left), ("allocation", 300, 300)]

    again = await http.post(f"/api{RISKS.path}/run", **asked)
    assert again.json() == run
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await http.get("/api/credits/balance")).json()["available"] == left
