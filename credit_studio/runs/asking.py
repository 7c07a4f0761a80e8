"""What a worker asks an outside language model for a run, over the OpenAI-compatible `POST /chat/completions`.

The run's process has no way out: it is handed the answer as text, and reads it there. The key is read from the settings here and goes into one header;
nothing that is logged, told or kept holds it, the address, the question or the answer.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx
import structlog

from credit_studio import settings
from credit_studio.engine import service as engine
from credit_studio.runs.runner.contract import Measured, Outcome
from credit_studio.tools.base import Answered, InputError, Question
from credit_studio.tools.registry import AnyTool

PAUSES_S = (0.5, 2.0)
"""How long to wait before each further try of a request that was turned away."""

_MOST_ANSWER, _LEAST_ANSWER = 8_000, 300
_MOST_BYTES = 4_000_000
_LONGEST_PAUSE_S, _CONNECT_S = 10.0, 10.0
_FRAME_TOKENS = 60
_READ_FROM, _SAID_TOKENS, _TICK_S = 0.9, 100, 1.0
_OK, _AGAIN, _FAULT = 200, {408, 429}, 500
_NOTHING = Measured(cpu_ms=0, mem_mb=0, duration_ms=0)
_log = structlog.get_logger()

Tell = Callable[..., None]


class NoAnswer(Exception):
    """The model gave no answer; the words are for the person and name no address."""


class _Again(Exception):
    """The request was turned away and may be tried again, after so many seconds where the service says how many."""

    def __init__(self, why: str, pause_s: float = 0.0) -> None:
        super().__init__(why)
        self.pause_s = pause_s


@dataclass
class _Reply:
    """What has come of an answer so far."""

    text: list[str] = field(default_factory=list[str])
    tokens: int | None = None
    ended: str = ""

    def take(self, told: dict[str, Any]) -> None:
        """One message of the service: a piece of a stream, or the whole; raises what bad shapes raise."""
        for choice in cast("list[dict[str, Any]]", told.get("choices") or []):
            piece = cast("dict[str, Any]", choice.get("delta") or choice.get("message") or {})
            if isinstance(piece.get("content"), str):
                self.text.append(piece["content"])
            self.ended = choice.get("finish_reason") or self.ended
        used = cast("dict[str, Any]", told.get("usage") or {}).get("total_tokens")
        if isinstance(used, int) and 0 <= used < 1 << 31:
            self.tokens = used


class _Heard:
    """Tells of an answer as it comes, and once a second while nothing comes, so that who waits sees the clock go on."""

    def __init__(self, tell: Tell, prompt: int, usual: int) -> None:
        """Tell `tell` of an answer to a question of `prompt` tokens; `usual` tokens are what such an answer has, as nobody knows its length before."""
        self._tell, self._prompt, self._usual = tell, prompt, usual
        self._begun = time.monotonic()
        self._doing, self._pieces = "Asking the language model", 0

    def say(self, doing: str) -> None:
        """In words, what is done while there is no answer."""
        self._doing = doing
        self._again()

    def grow(self, pieces: int) -> None:
        """The answer has so many pieces, about a token each. Its words change at each hundred: they are read out to who cannot see the bar."""
        if pieces:
            rounded = pieces // _SAID_TOKENS * _SAID_TOKENS
            self._pieces = pieces
            self.say("The language model is answering" + (f": about {rounded:,} tokens so far" if rounded else ""))

    async def tick(self) -> None:
        """Go on until cancelled."""
        while True:
            self._again()
            await asyncio.sleep(_TICK_S)

    def _again(self) -> None:
        elapsed_ms = int((time.monotonic() - self._begun) * 1000)
        share = min(_READ_FROM, self._pieces / self._usual) if self._pieces else None
        self._tell(share, self._doing, elapsed_ms, 0, self._prompt + self._pieces)


async def answered(tool: AnyTool, inputs: Any, *, quoted: int, tell: Tell, cancel: asyncio.Event) -> Answered[Any] | Outcome:  # noqa: ANN401 - the tool's inputs
    """The inputs with the model's answer, or the outcome of a run that has none; `quoted` credits bound the tokens of question and answer together."""
    asking, cancelling = asyncio.ensure_future(_ask(tool, inputs, quoted, tell)), asyncio.ensure_future(cancel.wait())
    try:
        await asyncio.wait({asking, cancelling}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else Outcome("cancelled", None, None, _NOTHING, "cancelled", "The run was cancelled.")
    except InputError as error:
        return Outcome("failed", None, None, _NOTHING, "invalid_inputs", error.message, error.field)
    except NoAnswer as error:
        return Outcome("failed", None, None, _NOTHING, "answer_missing", str(error))
    finally:
        for task in (asking, cancelling):
            task.cancel()
        await asyncio.gather(asking, cancelling, return_exceptions=True)


def telling_on(tell: Tell, given: Answered[Any], *, waited_ms: int) -> Tell:
    """Tells of the reading of an answer where the waiting for it left off: the clock, the bar and the tokens do not go back."""

    def told(share: float | None, doing: str, elapsed_ms: int, cpu_ms: int) -> None:
        tell(_READ_FROM + (1 - _READ_FROM) * (share or 0.0), doing, waited_ms + elapsed_ms, cpu_ms, given.tokens)

    return told


def with_tokens(outcome: Outcome, given: object, *, waited_ms: int) -> Outcome:
    """The outcome with the tokens that the service reported and the time that its answer took; what ran confined is not asked for either."""
    if not isinstance(given, Answered):
        return outcome
    tokens = given.tokens if outcome.status == "succeeded" else None
    return replace(outcome, measured=replace(outcome.measured, tokens=tokens, duration_ms=outcome.measured.duration_ms + waited_ms))


async def _ask(tool: AnyTool, inputs: Any, quoted: int, tell: Tell) -> Answered[Any]:  # noqa: ANN401 - the tool's inputs
    use = tool.tokens
    if use is None or use.ask is None:
        raise NoAnswer("This tool asks no language model.")
    question = await asyncio.to_thread(use.ask, inputs)
    prompt = await asyncio.to_thread(_tokens_of, question)
    room = engine.tokens_within(tool, quoted) - prompt
    if room < _LEAST_ANSWER:
        raise InputError(tool.cost.lower if tool.cost else "", f"Is too long for {quoted} credits: {prompt:,} tokens leave no room for an answer.")
    usual = max(1, use.expects(inputs, True).typical - prompt)  # noqa: FBT003 - as `TokenUse` has it
    heard = _Heard(tell, prompt, usual)
    ticking = asyncio.create_task(heard.tick())
    try:
        async with asyncio.timeout(settings.get().llm_wait_s):
            reply = await _tried(_body(question, min(room, _MOST_ANSWER)), heard)
    except TimeoutError:
        raise NoAnswer("The language model did not answer in time.") from None
    finally:
        ticking.cancel()
    text = "".join(reply.text)
    if reply.ended == "length":
        raise NoAnswer("The language model's answer was longer than what was quoted leaves room for.")
    tokens = reply.tokens if reply.tokens is not None else prompt + await asyncio.to_thread(_count, text)
    return Answered(inputs, text, tokens, settings.get().llm_model)


def _tokens_of(question: Question) -> int:
    return _count(question.task) + _count(question.material) + _count(json.dumps(question.schema)) + _FRAME_TOKENS


def _count(text: str) -> int:
    from credit_studio.tools.code.tokens import encoding  # noqa: PLC0415 - 40 MB that only a process needs that asks

    return encoding.count(text)


def _body(question: Question, most: int) -> dict[str, Any]:
    return {
        "model": settings.get().llm_model,
        "messages": [{"role": "system", "content": question.task}, {"role": "user", "content": question.material}],
        "max_tokens": most,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_schema", "json_schema": {"name": question.schema_name, "strict": True, "schema": question.schema}},
    }


async def _tried(body: dict[str, Any], heard: _Heard) -> _Reply:
    """The reply of the first try that is not turned away; raises `NoAnswer` after the last."""
    for pause in (*PAUSES_S, None):
        try:
            return await _once(body, heard)
        except _Again as again:
            _log.warning("llm.turned_away", why=str(again), last=pause is None)
            if pause is None:
                raise NoAnswer("The language model cannot be reached, or is too busy now.") from None
            heard.say("The language model is busy or cannot be reached. Asking again")
            await asyncio.sleep(max(pause, again.pause_s))
    raise NoAnswer("The language model cannot be reached.")


async def _once(body: dict[str, Any], heard: _Heard) -> _Reply:
    configured, reply = settings.get(), _Reply()
    key = configured.llm_api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{configured.llm_base_url.rstrip('/')}/chat/completions"
    patience = httpx.Timeout(configured.llm_wait_s, connect=min(_CONNECT_S, configured.llm_wait_s / 4))
    begun = False
    try:
        async with httpx.AsyncClient(timeout=patience) as client, client.stream("POST", url, json=body, headers=headers) as response:
            _check(response)
            begun = True
            async for told in _messages(response):
                reply.take(told)
                heard.grow(len(reply.text))
    except httpx.HTTPError as error:
        if begun:
            _log.warning("llm.broke_off", why=type(error).__name__)
            raise NoAnswer("The language model broke off in the middle of its answer.") from None
        raise _Again(type(error).__name__) from None
    except (ValueError, TypeError, AttributeError, RecursionError, httpx.InvalidURL):
        raise NoAnswer("The language model's service answered in a form that is not known.") from None
    return reply


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status in _AGAIN or status >= _FAULT:
        told = response.headers.get("retry-after", "")
        raise _Again(f"status {status}", min(_LONGEST_PAUSE_S, float(told)) if told.isascii() and told.isdigit() else 0.0)
    if status != _OK:
        _log.error("llm.refused", status=status)
        raise NoAnswer("The language model's service refused the request. The operator has to look at its settings.")


async def _messages(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The service's messages: the pieces of a stream of events, or the one object of a service that does not stream. Raises ValueError for others."""
    is_stream = "event-stream" in response.headers.get("content-type", "")
    rest, size = b"", 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > _MOST_BYTES:
            raise NoAnswer("The language model's answer is too long.")
        if is_stream:
            *lines, rest = (rest + part).split(b"\n")
            for told in map(_event, lines):
                if told is not None:
                    yield told
        else:
            rest += part
    last = _event(rest) if is_stream else _object(rest)
    if last is not None:
        yield last


def _event(line: bytes) -> dict[str, Any] | None:
    data = line.strip().removeprefix(b"data:").strip()
    return _object(data) if line.startswith(b"data:") and data != b"[DONE]" else None


def _object(data: bytes) -> dict[str, Any]:
    value = json.loads(data)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return cast("dict[str, Any]", value)
