"""What the tests that send nonsense to running tools have in common: how long, and what may come of it."""

import asyncio
import os
from typing import Any

import httpx
import jsonschema_rs
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from credit_studio.api.app import make_api
from tests.api.conftest import HOST, Client

FUZZ_S = float(os.environ.get("FUZZ_S", "600"))
"""How long each of the long tests goes on."""
DOCUMENT = make_api().openapi()
RUN_BY_TOKENS = ("/api/projects/start-workflow", "/api/review/generate")
"""Routes that run a tool by a body of their own."""
_SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
_PROBLEM = jsonschema_rs.validator_for({"$ref": "#/components/schemas/Problem", "components": DOCUMENT["components"]})
_ALLOWED = {200, 202, 400, 402, 405, 409, 413, 415, 422, 429}
_STOPPED = {"limit", "timed_out"}
_HURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def drawn(path: str, method: str, mode: GenerationMode, *, most: int, at: int = 20_261_121) -> list[Any]:
    """Up to so many requests to a route, as the document allows them or does not; the same seed makes the same ones. Raises Unsatisfiable for none."""
    found: list[Any] = []

    @seed(at)
    @settings(max_examples=most, deadline=None, phases=(Phase.generate,), suppress_health_check=_HURRIED, database=None)
    @given(_SCHEMA[path][method].as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        found.append(case)

    keep()
    return found


async def send(client: Client, case: Any) -> httpx.Response:
    """The answer to a request that was drawn; fails for a 500, and for a refusal that is no problem document."""
    asked = case.as_transport_kwargs(base_url=HOST)
    body = (
        {"content": asked["data"]} if isinstance(asked.get("data"), bytes | str) else {key: asked[key] for key in ("json", "files", "data") if asked.get(key)}
    )
    headers = {key: value.encode("utf-8", "ignore") for key, value in asked["headers"].items()}
    reply = await client.request(asked["method"], asked["url"], params=asked.get("params"), headers=headers, **body)
    assert reply.status_code < 500 or reply.json()["code"] == "unavailable", (reply.text, asked)
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert not [error.message for error in _PROBLEM.iter_errors(reply.json())]
    return reply


def unbroken(reply: httpx.Response, sent: object) -> str:
    """How a run ended, or the code of its refusal; fails when the tool broke on what was sent."""
    assert reply.status_code in _ALLOWED, (reply.status_code, reply.text[:500], sent)
    said: dict[str, Any] = reply.json()
    if reply.status_code >= 400:
        return said["code"]
    if said["status"] in {"succeeded", *_STOPPED}:
        return said["status"]
    assert said["failure"]["code"] == "invalid_inputs", (said, sent)
    return "refused"


async def nothing_held(one: Client) -> None:
    """Wait until no run holds credits of this person; fails after half a minute."""
    balance: dict[str, Any] = {}
    for _ in range(300):
        if (balance := (await one.get("/api/credits/balance")).json())["held"] == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(balance)
