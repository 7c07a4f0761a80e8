"""What the OpenAPI document allows of every tool's inputs and what it does not, made by schemathesis: priced, then run for real.

Never a 500, no hold is left, and the book is whole: when the file is through, the worker's fixture asks the doctor.
"""

import os
import random
import time
from collections import Counter

import pytest
from schemathesis import GenerationMode

from credit_studio.tools import registry
from tests.api.fuzzing import DOCUMENT, FUZZ_S, RUN_BY_TOKENS, Client, drawn, nothing_held, send, unbroken

pytestmark = pytest.mark.usefixtures("worker")

TOOLS = {f"/api{tool.path}/run": tool.id for tool in registry.all_tools() if tool.is_built}
KINDS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


async def _break(one: Client, path: str, *, at: int, most: int) -> Counter[str]:
    """Price and run a tool with so many requests of each kind: how often they ended how."""
    said = Counter[str]()
    for kind in KINDS:
        for case in drawn(path, "post", kind, most=most, at=at):
            if isinstance(case.body, dict) and isinstance(case.body.get("inputs"), dict):
                priced = await one.post("/api/billing/estimate", json={"toolId": TOOLS[path], "inputs": case.body["inputs"]})
                assert priced.status_code in {200, 413, 422}, (path, at, priced.text, str(case.body)[:2_000])
            said[unbroken(await send(one, case), (path, at, str(case.body)[:2_000]))] += 1
    return said


def test_every_route_that_runs_a_tool_is_among_them() -> None:
    assert {path for path in DOCUMENT["paths"] if path.endswith("/run")} == set(TOOLS)


async def test_what_the_document_allows_and_what_it_does_not_breaks_no_tool(rich: Client) -> None:
    said = Counter[str]()
    for path in TOOLS:
        said += await _break(rich, path, at=20_261_121, most=3)
    await nothing_held(rich)
    assert said["invalid_inputs"] > 20, said
    assert said["succeeded"] > 5, said


async def test_what_the_document_allows_and_what_it_does_not_breaks_no_route_of_tokens(rich: Client) -> None:
    for path in RUN_BY_TOKENS:
        for kind in KINDS:
            for case in drawn(path, "post", kind, most=3, at=20_261_121):
                said = (await send(rich, case)).json()
                assert "code" in said or said["success"] or said["failure"]["code"] == "invalid_inputs", (said, path, str(case.body)[:2_000])
    await nothing_held(rich)


@pytest.mark.soak
async def test_no_tool_breaks_for_long(rich: Client) -> None:
    begun = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(2**32)
    print(f"seed {begun}")  # noqa: T201 - to be told again with SEED
    said, broken, until, at = Counter[str](), list[str](), time.monotonic() + FUZZ_S, begun
    while time.monotonic() < until:
        for path in TOOLS:
            try:
                said += await _break(rich, path, at=at, most=5)
            except AssertionError as error:
                broken.append(str(error)[:2_000])
        at += 1
    await nothing_held(rich)
    print(dict(said))  # noqa: T201 - how many of each
    assert broken == []
    assert sum(said.values()) > FUZZ_S
