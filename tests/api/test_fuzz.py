"""Everything that the OpenAPI document allows, and what it does not, sent to every route: no answer is a 500, every refusal is a problem."""

import contextlib
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from credit_studio.api.app import make_api
from tests.api.conftest import HOST, Client

DOCUMENT = make_api().openapi()
PROBLEM = jsonschema_rs.validator_for({"$ref": "#/components/schemas/Problem", "components": DOCUMENT["components"]})
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
ROUTES = [
    (path, method)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if not path.endswith("/run") or path.endswith(("/risk-register/run", "/quality/run", "/projects/run", "/cost/run"))
]
HURRIED = settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    derandomize=True,
    database=None,
)


async def _send(client: Client, case: Any) -> None:
    asked = case.as_transport_kwargs(base_url=HOST)
    body = (
        {"content": asked["data"]} if isinstance(asked.get("data"), bytes | str) else {key: asked[key] for key in ("json", "files", "data") if asked.get(key)}
    )
    headers = {key: value.encode("utf-8", "ignore") for key, value in asked["headers"].items()} | {"Prefer": b"respond-async"}
    reply = await client.request(asked["method"], asked["url"], params=asked.get("params"), headers=headers, **body)  # type: ignore[arg-type]
    assert reply.status_code < 500 or reply.json()["code"] == "unavailable", reply.text
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert not [error.message for error in PROBLEM.iter_errors(reply.json())]


def _cases(path: str, method: str, mode: GenerationMode) -> list[Any]:
    found: list[Any] = []

    @HURRIED
    @given(SCHEMA[path][method].as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        found.append(case)

    keep()
    return found


@pytest.mark.parametrize(("path", "method"), ROUTES, ids=lambda value: value)
async def test_nobody_breaks_a_route(client: Client, ada: Client, path: str, method: str) -> None:
    cases = _cases(path, method, GenerationMode.POSITIVE)
    with contextlib.suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
        cases += _cases(path, method, GenerationMode.NEGATIVE)
    assert cases
    for case in cases:
        await _send(client, case)
        if not path.startswith("/api/auth/"):
            await _send(ada, case)
