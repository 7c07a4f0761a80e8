"""Everything that the OpenAPI document allows, and what it does not, sent to every route that runs no tool: no answer is a 500, every refusal is a problem.

The routes that run tools are in `test_fuzz_schema`.
"""

import contextlib

import pytest
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.api.conftest import Client
from tests.api.fuzzing import DOCUMENT, RUN_BY_TOKENS, drawn, send

ROUTES = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods if not (path.endswith("/run") or path in RUN_BY_TOKENS)]


@pytest.mark.parametrize(("path", "method"), ROUTES, ids=lambda value: value)
async def test_nobody_breaks_a_route(client: Client, ada: Client, path: str, method: str) -> None:
    cases = drawn(path, method, GenerationMode.POSITIVE, most=5)
    with contextlib.suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
        cases += drawn(path, method, GenerationMode.NEGATIVE, most=5)
    assert cases
    for case in cases:
        await send(client, case)
        if not path.startswith("/api/auth/"):
            await send(ada, case)
