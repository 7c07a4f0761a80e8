import pytest

from credit_studio.runs.past import accuracy
from credit_studio.tools import registry
from credit_studio.tools.base import Mode
from tests.api.conftest import Client
from tests.makers.past_runs import STRANGER, add_past, past_run

RISKS = "cyber-studio-risk-register"


@pytest.fixture(autouse=True)
def unread() -> None:
    accuracy.forget()


async def test_everybody_may_read_the_board(client: Client) -> None:
    await add_past(*(past_run(RISKS, uncapped=4 + number % 2, charged=4 + number % 2) for number in range(10)))
    reply = await client.get("/api/accuracy")
    body = reply.json()
    assert reply.status_code == 200
    assert set(body) == {"since", "until", "total", "items", "nextCursor"}
    assert body["total"] == {"runs": 10, "stopped": 0, "within": 1.0, "close": 1.0, "medianError": 0.5}
    assert body["items"][0] == body["total"] | {"toolId": RISKS, "title": "Risk Register Builder", "path": "/cyber-studio/risk-register"}
    assert str(STRANGER) not in reply.text


async def test_tools_without_runs_are_listed_without_shares(client: Client) -> None:
    body = (await client.get("/api/accuracy")).json()
    assert {item["toolId"] for item in body["items"]} == {tool.id for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT}
    assert all((item["runs"], item["within"], item["close"], item["medianError"]) == (0, None, None, None) for item in body["items"])


async def test_an_estimate_says_what_it_stands_on(client: Client) -> None:
    estimate = (await client.post("/api/billing/estimate", json={"toolId": RISKS})).json()["estimate"]
    assert set(estimate) == {"min", "typical", "max", "isFree", "explanation", "basis", "breakdown"}
    assert estimate["basis"] == "declared"
