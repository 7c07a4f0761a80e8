"""Runs that ask a language model: a service of the protocol stands on this machine, well-behaved and not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
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
from tests.makers.people import Someone, someone

TOOL = registry.get_tool("code-studio-generate-review")
EXAMPLE = validation.example_json(TOOL)
KEY = "sk-never-to-be-seen-7f3a"
REMARK = {"path": "shop/orders.py", "line": 9, "severity": "high", "category": "errors", "title": "Left open", "detail": "", "fix": "Use with."}
ANSWER = json.dumps({"summary": "Close the file.", "remarks": [REMARK | {"replacement": None}]})
pytestmark = pytest.mark.usefixtures("worker")


class Service:
    """Answers each request with the next of `replies` (the last one again and again), and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[bytes] = []
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.wait_s = 0.0
        self.heard = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.asked.append((headers | {"first": head.split("\r\n")[0]}, body))
        self.heard.set()
        await asyncio.sleep(self.wait_s)
        writer.write(self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])
        await writer.drain()
        writer.close()


def reply(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Connection: close\r\n\r\n".encode() + body


def whole(content: str, usage: object = None, ended: str = "stop") -> bytes:
    told = {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": ended}], "usage": usage or {"total_tokens": 4_100}}
    return reply(json.dumps(told).encode())


def stream(content: str, usage: object = None, *, done: bool = True) -> bytes:
    pieces = [{"choices": [{"index": 0, "delta": {"content": content[at : at + 7]}}]} for at in range(0, len(content), 7)]
    ends = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, *([{"choices": [], "usage": usage}] if usage else [])]
    lines = [f"data: {json.dumps(one)}\n\n" for one in [*pieces, *ends]]
    return reply("".join([": hello\n\n", *lines, "data: [DONE]\n\n" if done else ""]).encode(), kind="text/event-stream")


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


async def run(person: Someone, **more: Any) -> RunView:
    return (await flow.run_tool(person.actor, tool_id=TOOL.id, inputs=EXAMPLE, **more)).view


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
async def test_the_tokens_that_the_service_reports_are_charged(service: Service, make: Callable[..., bytes]) -> None:
    service.replies = [make(ANSWER, {"total_tokens": 4_100})]
    person = await someone()
    view = await run(person)
    assert view.status == "succeeded", view.failure
    assert view.usage is not None
    assert (view.usage.tokens, view.credits.charged) == (4_100, 3)
    assert view.result is not None
    assert view.result["summary"] == "Close the file."
    assert [remark["line"] for remark in view.result["remarks"]] == [9]
    assert await book(person) == (297, 0)
    headers, body = service.asked[0]
    assert headers["first"] == "POST /v1/chat/completions HTTP/1.1"
    assert headers["authorization"] == f"bearer {KEY}"
    assert (body["model"], body["stream"], body["stream_options"]) == ("some-model", True, {"include_usage": True})
    assert body["response_format"]["json_schema"]["strict"] is True
    assert 0 < body["max_tokens"] <= view.credits.held * 2_000


async def test_the_receipt_tells_tokens_and_not_cpu(service: Service) -> None:
    service.replies = [stream(ANSWER, {"total_tokens": 4_100})]
    person = await someone()
    view = await run(person)
    steps = {step.name: step for step in (await flow.charge(person.actor, view.run_id)).steps}
    assert (steps["Tokens"].measured, steps["Tokens"].rate, steps["Tokens"].credits) == ("4,100", "1 per 2,000", 2.05)
    assert not {"CPU", "Memory", "Base"} & set(steps)
    assert steps["Charged"].credits == 3
    assert steps["Rounded up"].credits == pytest.approx(0.95)


async def test_tokens_that_are_not_reported_are_counted(service: Service) -> None:
    service.replies = [stream(ANSWER)]
    view = await run(await someone())
    assert view.usage is not None
    assert view.usage.tokens is not None
    assert 700 < view.usage.tokens < 2_000


async def test_a_service_that_reports_too_much_cannot_take_more_than_was_quoted(service: Service) -> None:
    service.replies = [whole(ANSWER, {"total_tokens": 2_000_000})]
    view = await run(await someone(), max_credits=2)
    assert (view.credits.held, view.credits.charged) == (2, 2)
    assert service.asked[0][1]["max_tokens"] < 4_000


async def test_one_that_is_busy_or_broken_is_asked_again(service: Service) -> None:
    service.replies = [reply(b"", status="429 Too Many Requests", more="Retry-After: 0\r\n"), reply(b"", status="503 Service Unavailable"), whole(ANSWER)]
    assert (await run(await someone())).status == "succeeded"
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
    "cut off": whole(ANSWER[:50], ended="length"),
    "broken off": reply(b"data: {}\n\n", kind="text/event-stream", more="Content-Length: 5000\r\n"),
    "words": whole("I would rather talk about something else."),
    "another form": whole('{"summary": "s", "remarks": [{"line": "nine"}]}'),
    "nothing": whole(""),
    "markup in bad form": whole(f"<script>{KEY}</script>"),
}


@pytest.mark.parametrize("name", BAD)
async def test_an_answer_that_cannot_be_used_costs_nothing_and_tells_no_secret(service: Service, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    service.replies = [BAD[name]]
    person = await someone()
    view = await run(person)
    assert (view.status, view.credits.charged, view.credits.released) == ("failed", 0, view.credits.held)
    assert view.failure is not None
    assert view.failure.code in {"answer_missing", "answer_unusable"}
    assert "language model" in view.failure.message
    assert view.failure.action
    assert await book(person) == (300, 0)
    said = "".join(capfd.readouterr())
    assert KEY not in said + str(view)
    assert "127.0.0.1" not in said + view.failure.message


async def test_the_key_is_kept_nowhere(service: Service) -> None:
    service.replies = [stream(ANSWER, {"total_tokens": 10})]
    view = await run(await someone())
    assert view.status == "succeeded"
    assert KEY not in await everything_kept()
    assert KEY not in repr(settings.get()) + str(settings.get().model_dump())


async def test_a_slow_service_is_waited_for_no_longer_than_set(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = settings.get().model_copy(update={"llm_wait_s": 0.2})
    monkeypatch.setattr(settings, "get", lambda: hasty)
    service.replies, service.wait_s = [whole(ANSWER)], 1.0
    view = await run(await someone())
    assert view.failure is not None
    assert view.failure.message == "The language model did not answer in time."
    assert view.credits.charged == 0


async def test_a_run_that_waits_for_an_answer_can_be_cancelled(service: Service) -> None:
    service.replies, service.wait_s = [whole(ANSWER)], 3.0
    person = await someone()
    started = await flow.start(person.actor, tool_id=TOOL.id, inputs=EXAMPLE)
    await asyncio.wait_for(service.heard.wait(), 5)
    view = await flow.cancel(person.actor, started.view.run_id)
    assert (view.status, view.credits.charged) == ("cancelled", 0)
    assert await book(person) == (300, 0)


async def test_without_room_for_an_answer_nobody_is_asked(service: Service) -> None:
    service.replies = [whole(ANSWER)]
    inputs = EXAMPLE | {"code": "x = 1\n" * 3_000}
    view = (await flow.run_tool((await someone()).actor, tool_id=TOOL.id, inputs=inputs, max_credits=1)).view
    assert view.failure is not None
    assert (view.failure.code, view.failure.field, service.asked) == ("invalid_inputs", "code", [])


async def test_without_an_endpoint_the_studio_reviews_by_itself() -> None:
    view = await run(await someone())
    assert view.status == "succeeded"
    assert view.result is not None
    assert view.result["reader"] == "static analysis"
    assert view.usage is not None
    assert (view.usage.tokens, view.credits.charged) == (view.result["tokens"], 1)
