"""Runs that ask a language model: a service of the protocol stands on this machine, well-behaved and not."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from credit_studio import settings
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.runs import asking, flow
from credit_studio.runs.views import RunView
from credit_studio.tools import registry, validation
from tests.makers.models import Service, reply, stream, whole
from tests.makers.people import Someone, someone

KEY = "sk-never-to-be-seen-7f3a"
REMARK = {"path": "shop/orders.py", "line": 9, "severity": "high", "category": "errors", "title": "Left open", "detail": "", "fix": "Use with."}
STORY = {"best_days": 1, "likely_days": 2, "worst_days": 4, "after": [], "steps": ["Write the test."], "done_when": "It works."}


@dataclass(frozen=True)
class Asker:
    """A tool that asks, an answer that it can use, one of another form, an input that is too long for one credit, and what the tool counts without asking."""

    tool_id: str
    answer: dict[str, Any]
    wrong: dict[str, Any]
    too_long: dict[str, Any]
    too_long_field: str
    alone: str

    @property
    def inputs(self) -> dict[str, Any]:
        """The tool's example."""
        return validation.example_json(registry.get_tool(self.tool_id))

    @property
    def said(self) -> str:
        """The answer as a service says it."""
        return json.dumps(self.answer)


REVIEW = Asker(
    "code-studio-generate-review",
    {"summary": "Close the file.", "remarks": [REMARK | {"replacement": None}]},
    {"summary": "s", "remarks": [{"line": "nine"}]},
    {"code": "x = 1\n" * 3_000},
    "code",
    "static analysis",
)
WORKFLOW = Asker(
    "code-studio-start-workflow",
    {"summary": "Close the file.", "stories": [STORY | {"number": number} for number in range(1, 7)], "risks": [], "done": [], "drafts": []},
    {"summary": "s", "stories": [STORY | {"number": "nine"}], "risks": [], "done": [], "drafts": []},
    {"stories": [{"what": "A guest sees which rooms are free between two dates, " * 3}] * 30},
    "stories",
    "",
)
ASKERS = {"review": REVIEW, "workflow": WORKFLOW}


@pytest.fixture(params=ASKERS.values(), ids=list(ASKERS))
def asker(request: pytest.FixtureRequest) -> Asker:
    """Each tool that asks."""
    return request.param


def test_every_tool_that_asks_is_among_them() -> None:
    assert {tool.id for tool in registry.all_tools() if "llm" in tool.needs} == {one.tool_id for one in ASKERS.values()}


pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    one = Service()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    told = {"llm_base_url": f"http://127.0.0.1:{port}/v1/", "llm_model": "some-model", "llm_api_key": SecretStr(KEY), "llm_wait_s": 5}
    configured = settings.get().model_copy(update=told)
    monkeypatch.setattr(settings, "get", lambda: configured)
    monkeypatch.setattr(asking, "PAUSES_S", (0.01, 0.02))
    yield one
    server.close()


async def run(asker: Asker, person: Someone, **more: Any) -> RunView:
    return (await flow.run_tool(person.actor, tool_id=asker.tool_id, inputs=asker.inputs, **more)).view


async def book(person: Someone) -> tuple[int, int]:
    async with transaction() as tx:
        held = await ledger.balance(tx, owner_id=person.id)
    return held.available, held.held


async def everything_kept() -> str:
    """All rows of all tables, as text."""
    async with transaction() as tx:
        names = (await tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).scalars().all()
        rows = [str((await tx.execute(text(f'SELECT * FROM "{name}"'))).all()) for name in names]  # noqa: S608 - the names of our own tables
    return "\n".join(rows)


@pytest.mark.parametrize("make", [stream, whole], ids=["streamed", "whole"])
async def test_the_tokens_that_the_service_reports_are_charged(asker: Asker, service: Service, make: Callable[..., bytes]) -> None:
    service.replies = [make(asker.said, {"total_tokens": 4_100})]
    person = await someone()
    view = await run(asker, person)
    assert view.status == "succeeded", view.failure
    assert view.usage is not None
    assert (view.usage.tokens, view.credits.charged) == (4_100, 3)
    assert view.result is not None
    assert view.result["summary"] == "Close the file."
    assert view.result["reader"] == "some-model"
    assert await book(person) == (297, 0)
    headers, body = service.asked[0]
    assert headers["first"] == "POST /v1/chat/completions HTTP/1.1"
    assert headers["authorization"] == f"bearer {KEY}"
    assert (body["model"], body["stream"], body["stream_options"]) == ("some-model", True, {"include_usage": True})
    assert body["response_format"]["json_schema"]["strict"] is True
    assert 0 < body["max_tokens"] <= view.credits.held * 2_000


async def test_a_stored_result_is_of_the_model_that_gave_it(asker: Asker, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.replies = [stream(asker.said), stream(asker.said)]
    person = await someone()
    await run(asker, person)
    assert (await run(asker, person)).cached
    other = settings.get().model_copy(update={"llm_model": "another-model"})
    monkeypatch.setattr(settings, "get", lambda: other)
    anew = await run(asker, person)
    assert (anew.cached, service.asked[1][1]["model"]) == (False, "another-model")


async def test_the_receipt_tells_tokens_and_not_cpu(asker: Asker, service: Service) -> None:
    service.replies = [stream(asker.said, {"total_tokens": 4_100})]
    person = await someone()
    view = await run(asker, person)
    steps = {step.name: step for step in (await flow.charge(person.actor, view.run_id)).steps}
    assert (steps["Tokens"].measured, steps["Tokens"].rate, steps["Tokens"].credits) == ("4,100", "1 per 2,000", 2.05)
    assert not {"CPU", "Memory", "Base"} & set(steps)
    assert steps["Charged"].credits == 3
    assert steps["Rounded up"].credits == pytest.approx(0.95)


async def test_tokens_that_are_not_reported_are_counted(asker: Asker, service: Service) -> None:
    service.replies = [stream(asker.said)]
    view = await run(asker, await someone())
    assert view.usage is not None
    assert view.usage.tokens is not None
    assert 700 < view.usage.tokens < 2_000


async def test_a_service_that_reports_too_much_cannot_take_more_than_was_quoted(asker: Asker, service: Service) -> None:
    service.replies = [whole(asker.said, {"total_tokens": 2_000_000})]
    view = await run(asker, await someone(), max_credits=2)
    assert (view.credits.held, view.credits.charged) == (2, 2)
    assert service.asked[0][1]["max_tokens"] < 4_000


async def test_one_that_is_busy_or_broken_is_asked_again(asker: Asker, service: Service) -> None:
    service.replies = [reply(b"", status="429 Too Many Requests", more="Retry-After: 0\r\n"), reply(b"", status="503 Service Unavailable"), whole(asker.said)]
    assert (await run(asker, await someone())).status == "succeeded"
    assert len(service.asked) == 3


BAD = {
    "always busy": reply(b"{}", status="429 Too Many Requests"),
    "always broken": reply(b"<html>", status="500 Oops"),
    "refused": reply(json.dumps({"error": {"message": f"bad key {KEY}"}}).encode(), status="401 Unauthorized"),
    "a way elsewhere": reply(b"", status="302 Found", more="Location: http://127.0.0.1:9/\r\n"),
    "no HTTP": b"garbage\r\n\r\n",
    "no JSON": reply(b"not json"),
    "a list": reply(b"[]"),
    "odd shapes": reply(b'{"choices": [7], "usage": 3}'),
    "odd events": reply(b"data: {\n\n", kind="text/event-stream"),
    "cut off": whole(REVIEW.said[:50], ended="length"),
    "broken off": reply(b"data: {}\n\n", kind="text/event-stream", more="Content-Length: 5000\r\n"),
    "words": whole("I would rather talk about something else."),
    "nothing": whole(""),
    "markup in bad form": whole(f"<script>{KEY}</script>"),
    "another form of a review": whole(json.dumps(REVIEW.wrong)),
    "another form of a plan": whole(json.dumps(WORKFLOW.wrong)),
}


@pytest.mark.parametrize("name", BAD)
async def test_an_answer_that_cannot_be_used_costs_nothing_and_tells_no_secret(
    asker: Asker, service: Service, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    service.replies = [BAD[name]]
    person = await someone()
    view = await run(asker, person)
    assert (view.status, view.credits.charged, view.credits.released) == ("failed", 0, view.credits.held)
    assert view.failure is not None
    assert view.failure.code in {"answer_missing", "answer_unusable"}
    assert "language model" in view.failure.message
    assert view.failure.action
    assert await book(person) == (300, 0)
    said = "".join(capfd.readouterr())
    assert KEY not in said + str(view)
    assert "127.0.0.1" not in said + view.failure.message


async def test_the_key_is_kept_nowhere(asker: Asker, service: Service) -> None:
    service.replies = [stream(asker.said, {"total_tokens": 10})]
    view = await run(asker, await someone())
    assert view.status == "succeeded"
    assert KEY not in await everything_kept()
    assert KEY not in repr(settings.get()) + str(settings.get().model_dump())


async def test_a_slow_service_is_waited_for_no_longer_than_set(asker: Asker, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = settings.get().model_copy(update={"llm_wait_s": 0.2})
    monkeypatch.setattr(settings, "get", lambda: hasty)
    service.replies, service.wait_s = [whole(asker.said)], 1.0
    view = await run(asker, await someone())
    assert view.failure is not None
    assert view.failure.message == "The language model did not answer in time."
    assert view.credits.charged == 0


async def test_a_run_that_waits_for_an_answer_can_be_cancelled(asker: Asker, service: Service) -> None:
    service.replies, service.wait_s = [whole(asker.said)], 3.0
    person = await someone()
    started = await flow.start(person.actor, tool_id=asker.tool_id, inputs=asker.inputs)
    await asyncio.wait_for(service.heard.wait(), 5)
    view = await flow.cancel(person.actor, started.view.run_id)
    assert (view.status, view.credits.charged) == ("cancelled", 0)
    assert await book(person) == (300, 0)


async def test_without_room_for_an_answer_nobody_is_asked(asker: Asker, service: Service) -> None:
    service.replies = [whole(asker.said)]
    inputs = asker.inputs | asker.too_long
    view = (await flow.run_tool((await someone()).actor, tool_id=asker.tool_id, inputs=inputs, max_credits=1)).view
    assert view.failure is not None
    assert (view.failure.code, view.failure.field, service.asked) == ("invalid_inputs", asker.too_long_field, [])


async def test_an_answer_that_streams_is_seen_to_grow(asker: Asker, service: Service) -> None:
    service.replies, service.wait_s, service.pause_s = [stream(asker.said, {"total_tokens": 4_100})], 0.4, 0.015
    person = await someone()
    started = await flow.start(person.actor, tool_id=asker.tool_id, inputs=asker.inputs)
    seen = [progress async for progress in flow.watch(person.actor, started.view.run_id)]
    told = [one for one in seen if one.status == "running" and one.elapsed_ms]
    growing = [one for one in told if "is answering" in one.doing]
    assert len(growing) > 2, seen
    assert [one.share for one in growing] == sorted(one.share or 0.0 for one in growing)
    assert 0 < (growing[0].share or 0.0) < (growing[-1].share or 0.0) <= 0.9
    assert [one.credits_so_far for one in told] == sorted(one.credits_so_far for one in told)
    assert [one.elapsed_ms for one in told] == sorted(one.elapsed_ms for one in told)
    assert seen[-1].status == "succeeded"


async def test_the_clock_goes_on_while_nothing_is_answered_yet(asker: Asker, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_TICK_S", 0.25)
    service.replies, service.wait_s = [whole(asker.said)], 1.5
    person = await someone()
    started = await flow.start(person.actor, tool_id=asker.tool_id, inputs=asker.inputs)
    seen = [progress async for progress in flow.watch(person.actor, started.view.run_id)]
    waiting = [one.elapsed_ms for one in seen if one.doing == "Asking the language model" and one.elapsed_ms]
    assert len(set(waiting)) > 2, seen


async def test_who_waits_is_told_that_it_is_asked_again(asker: Asker, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSES_S", (0.5, 0.02))
    service.replies, service.wait_s = [reply(b"", status="429 Too Many Requests"), whole(asker.said)], 0.3
    person = await someone()
    started = await flow.start(person.actor, tool_id=asker.tool_id, inputs=asker.inputs)
    said = [progress.doing async for progress in flow.watch(person.actor, started.view.run_id)]
    assert any(doing.endswith("Asking again") for doing in said), said


async def test_one_that_nobody_answers_for_is_tried_again_and_then_given_up(asker: Asker, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gone = settings.get().model_copy(update={"llm_base_url": f"http://127.0.0.1:{unused.getsockname()[1]}/v1"})
    monkeypatch.setattr(settings, "get", lambda: gone)
    person = await someone()
    view = await run(asker, person)
    assert view.failure is not None
    assert view.failure.message == "The language model cannot be reached, or is too busy now."
    assert (view.credits.charged, await book(person)) == (0, (300, 0))


async def test_without_an_endpoint_the_studio_works_by_itself(asker: Asker) -> None:
    view = await run(asker, await someone())
    assert view.status == "succeeded"
    assert view.result is not None
    assert view.result["reader"] == asker.alone
    assert view.usage is not None
    assert view.usage.tokens == view.result["tokens"]
    assert view.credits.charged == max(1, -(-view.result["tokens"] // 2_000))
