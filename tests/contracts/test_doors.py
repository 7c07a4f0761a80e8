"""Every tool has its page and its route, and each door answers for it."""

import json
from collections.abc import AsyncIterator

import pytest

from credit_studio.api.app import make_api
from credit_studio.core.errors import Conflict, NotFound, Unavailable
from credit_studio.runs import flow
from credit_studio.tools import registry, validation
from credit_studio.tools.base import Mode
from credit_studio.ui import routes
from tests.api.conftest import Client, new_client, problem
from tests.contracts.table import ROWS

ALL = registry.all_tools()
of_each = pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.id)
API = make_api()
DOCUMENT = API.openapi()
PAGES = [route.path for route in routes.all_routes()]


@pytest.fixture
async def visitor(database: None) -> AsyncIterator[Client]:
    """Somebody without an account."""
    async with new_client() as client:
        yield client


@of_each
def test_a_tool_has_one_page_and_one_route(tool: registry.AnyTool) -> None:
    assert PAGES.count(tool.path) == 1
    route = next(one for one in routes.all_routes() if one.path == tool.path)
    assert (route.title, route.guard) == (tool.title, routes.Guard.ANYONE)
    posts = DOCUMENT["paths"][f"/api{tool.path}/run"]
    assert set(posts) == {"post"}


@of_each
def test_the_document_gives_an_example_that_can_be_sent(tool: registry.AnyTool) -> None:
    media = DOCUMENT["paths"][f"/api{tool.path}/run"]["post"]["requestBody"]["content"]["application/json"]
    sent = json.loads(json.dumps(media["example"]))
    assert set(sent) == {"inputs"}
    if tool.is_built:
        assert validation.parse(tool, sent["inputs"]) == tool.example
    else:
        assert sent["inputs"] == {}


@of_each
async def test_a_visitor_is_told_what_stands_in_the_way(visitor: Client, tool: registry.AnyTool) -> None:
    reply = await visitor.post(f"/api{tool.path}/run", json={"inputs": {}})
    if not tool.is_built:
        body = problem(reply, 503, "unavailable")
        assert tool.title in body["error"]
        assert "Nothing was charged." in body["error"]
    elif tool.mode is Mode.CLIENT:
        body = problem(reply, 409, "tool_runs_in_browser")
        assert body["urls"]["tool"] == tool.path
    else:
        body = problem(reply, 401, "sign_in_required")
        assert body["urls"]["sign_in"].endswith(tool.path)


@of_each
def test_the_one_path_takes_what_is_built_for_the_server_only(tool: registry.AnyTool) -> None:
    if tool.is_built and tool.mode is not Mode.CLIENT:
        assert flow.runnable(tool.id) is tool
        return
    with pytest.raises(Conflict if tool.is_built else Unavailable):
        flow.runnable(tool.id)


@pytest.mark.parametrize("tool_id", ["", "cyber-studio", "cyber-studio-", "Cyber-Studio-Risk-Register", "risk-register", "\x00", "../etc"])
def test_a_name_that_is_none_is_not_found(tool_id: str) -> None:
    assert tool_id not in {row.id for row in ROWS}
    with pytest.raises(NotFound):
        flow.runnable(tool_id)
