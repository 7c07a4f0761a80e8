from typing import Any

import jsonschema_rs
import pytest

from credit_studio.api.app import make_api
from credit_studio.api.openapi import CODES
from credit_studio.tools import registry, validation
from tests.api.conftest import Client

DOCUMENT = make_api().openapi()
OPERATIONS = [(path, method, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()]


def _refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _refs(value)]
    return [ref for item in node for ref in _refs(item)] if isinstance(node, list) else []


async def test_it_is_served_as_openapi_3_1(client: Client) -> None:
    reply = await client.get("/api/openapi.json")
    assert reply.json()["openapi"] == "3.1.0"
    assert reply.json() == DOCUMENT


async def test_the_readable_page_needs_no_script_and_names_every_route_and_code(client: Client) -> None:
    reply = await client.get("/api/docs")
    assert reply.headers["content-type"].startswith("text/html")
    assert "<script" not in reply.text
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert all(path in reply.text for path in DOCUMENT["paths"])
    assert all(f'id="{code}"' in reply.text for code in CODES)


def test_every_tool_has_a_route_with_its_own_inputs_and_an_example() -> None:
    for tool in registry.all_tools():
        operation = DOCUMENT["paths"][f"/api{tool.path}/run"]["post"]
        media = operation["requestBody"]["content"]["application/json"]
        name = media["schema"]["properties"]["inputs"]["$ref"].rpartition("/")[2]
        assert DOCUMENT["components"]["schemas"][name]["type"] == "object"
        assert media["example"] == {"inputs": validation.example_json(tool)}
    assert sum(path.endswith("/run") for path in DOCUMENT["paths"]) == len(registry.all_tools())


@pytest.mark.parametrize("tool", [tool for tool in registry.all_tools() if tool.is_built], ids=lambda tool: tool.id)
def test_the_example_of_a_built_tool_fits_its_own_schema(tool: registry.AnyTool) -> None:
    media = DOCUMENT["paths"][f"/api{tool.path}/run"]["post"]["requestBody"]["content"]["application/json"]
    schema = media["schema"] | {"components": DOCUMENT["components"]}
    assert not list(jsonschema_rs.validator_for(schema).iter_errors(media["example"]))


def test_every_reference_leads_to_a_schema() -> None:
    prefix = "#/components/schemas/"
    assert {ref for ref in _refs(DOCUMENT) if not ref.startswith(prefix)} == set()
    assert {ref.removeprefix(prefix) for ref in _refs(DOCUMENT)} <= set(DOCUMENT["components"]["schemas"])


def test_every_route_has_a_summary_an_id_of_its_own_and_its_refusals() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    for path, _, operation in OPERATIONS:
        assert operation["summary"], path
        assert {"401", "429", "503"} <= set(operation["responses"]), path
        for status, response in operation["responses"].items():
            assert response["description"], path
            if int(status) >= 400:
                assert "application/problem+json" in response["content"], (path, status)


def test_every_body_has_an_example() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for path, _, operation in OPERATIONS:
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            name = media["schema"].get("$ref", "").rpartition("/")[2]
            assert kind == "multipart/form-data" or "example" in media or schemas[name].get("examples"), path


def test_every_schema_is_a_json_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


async def test_a_problem_fits_its_schema(client: Client) -> None:
    schema = {"$ref": "#/components/schemas/Problem", "components": DOCUMENT["components"]}
    for path in ("/api/nonsense", "/api/auth/me"):
        assert jsonschema_rs.validator_for(schema).is_valid((await client.get(path)).json())
