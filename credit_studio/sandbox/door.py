"""`/v1`: who asks, what is asked, the idempotency key, the one transaction, the answer. Everything that is the same for all calls."""

import asyncio
import hashlib
import json
import logging
import time
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from credit_studio.sandbox import forms, parameters, routes, shapes
from credit_studio.sandbox.errors import ApiError, Body, invalid, refused
from credit_studio.sandbox.expanding import expanded
from credit_studio.sandbox.serving import DROPPED
from credit_studio.sandbox.store import Answer
from credit_studio.sandbox.world import Asked, World, answers_kept_since

_LONGEST_KEY = 255
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Call:
    """One request, read and understood."""

    id: str
    method: str
    path: str
    params: Body
    key: str | None
    ids: dict[str, str]
    route: routes.Route | None

    @property
    def print(self) -> str:
        """The same for the same request."""
        return hashlib.sha256(json.dumps([self.method, self.path, self.params], sort_keys=True, default=str).encode()).hexdigest()


class Door:
    """Answers the calls of the API, one world behind it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: set[str] = set()

    async def answer(self, request: Request) -> Response:
        """The answer to one call, an error's as well."""
        call = _Call(self._world.new_id("req", 14), request.method, request.url.path, {}, request.headers.get("idempotency-key"), {}, None)
        answer, replayed = await self._answered(call, request)
        with self._world.store.all_or_nothing():
            self._world.store.log(call.id, time.time(), call.method, call.path, await _as_sent(request), call.key, answer.status, replayed=replayed)
        dice = self._world.dice
        request.state._state[DROPPED] = dice.falls(dice.chaos.dropReply)  # noqa: SLF001 - the scope's own dictionary, which the server looks into
        return _response(call, answer, replayed=replayed)

    async def _answered(self, call: _Call, request: Request) -> tuple[Answer, bool]:
        try:
            _allowed(request, call.key)
            call = await _read(call, request)
            return await self._once(call)
        except ApiError as problem:
            return Answer("", problem.status, json.dumps(problem.body, indent=2), call.id), False
        except Exception as problem:
            _LOG.exception("The sandbox failed at %s %s", call.method, call.path)
            words = f"The sandbox itself failed, and nothing was written. {type(problem).__name__}: {problem}"
            return Answer("", 500, json.dumps({"error": {"type": "api_error", "message": words}}), call.id), False

    async def _once(self, call: _Call) -> tuple[Answer, bool]:
        """Do the work, or give what the key was answered before; two at once under one key are refused."""
        if call.key is None or call.method == "GET":
            await asyncio.sleep(self._world.dice.chaos.answerAfterSeconds)
            return self._done(call), False
        self._world.store.forget_answers(answers_kept_since(self._world.now()))
        if (before := self._world.store.answered(call.key)) is not None:
            return _same(before, call), True
        if call.key in self._running:
            raise _in_use(call.key)
        self._running.add(call.key)
        try:
            await asyncio.sleep(self._world.dice.chaos.answerAfterSeconds)
            return self._done(call), False
        finally:
            self._running.discard(call.key)

    def _done(self, call: _Call) -> Answer:
        world = self._world
        try:
            with world.act(Asked(call.id, call.key)):
                try:
                    return self._kept(call, 200, _worked(world, call))
                except ApiError as problem:
                    if problem.keeps:
                        self._kept(call, problem.status, _told(problem, call))
                    raise
        except ApiError as problem:
            if problem.keeps:
                return Answer(call.print, problem.status, json.dumps(_told(problem, call), indent=2), call.id)
            if not problem.saved:
                raise
            return self._kept(call, problem.status, _told(problem, call))

    def _kept(self, call: _Call, status: int, body: Body) -> Answer:
        answer = Answer(call.print, status, json.dumps(body, indent=2), call.id)
        if call.key is not None and call.method != "GET":
            with self._world.store.all_or_nothing():
                self._world.store.remember(call.key, answer, self._world.now())
        return answer


def _worked(world: World, call: _Call) -> Body:
    if call.route is None:
        raise LookupError(call.path)
    params = parameters.checked(call.method, call.route.template, call.params)
    paths = params.pop("expand", [])
    answer = expanded(world, call.route.answer(world, params, **call.ids), paths)
    shapes.check(answer)
    return answer


def _told(problem: ApiError, call: _Call) -> Body:
    shapes.check_error(problem.error)
    return {"error": problem.error | {"request_log_url": f"/sandbox/#{call.id}"}}


async def _read(call: _Call, request: Request) -> _Call:
    route, ids = routes.matching(call.method, call.path)
    return replace(call, route=route, ids=ids, params=await _decoded(request))


async def _decoded(request: Request) -> Body:
    if request.method == "POST":
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError as problem:
            raise invalid("Invalid request body: it is not UTF-8.") from problem
        return forms.decode(text)
    return forms.decode(request.url.query)


async def _as_sent(request: Request) -> Body:
    try:
        return _without_secrets(await _decoded(request))
    except ApiError:
        return {}


def _without_secrets(params: Body) -> Body:
    """What may be logged: neither number nor code of a card, wherever they stand."""
    kept = {name: value for name, value in params.items() if name not in {"number", "cvc"}}
    return {name: _without_secrets(value) if isinstance(value, dict) else value for name, value in kept.items()}


def _allowed(request: Request, key: str | None) -> None:
    """Only test keys, only the version that the SDK speaks."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(("sk_test_", "rk_test_")):
        words = "This is the studio's Stripe sandbox: it takes keys that begin with sk_test_ only. A live key has no place here."
        raise refused(words, status=401)
    version = request.headers.get("stripe-version", shapes.API_VERSION)
    if version != shapes.API_VERSION:
        raise refused(f"Invalid Stripe API version: {version}. The sandbox speaks {shapes.API_VERSION}.")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise refused(f"Idempotency keys are 1 to {_LONGEST_KEY} characters long.", saved=False)


def _same(before: Answer, call: _Call) -> Answer:
    if before.print != call.print:
        words = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        raise ApiError(400, "idempotency_error", f"{words} Try using a key other than '{call.key}' if you meant to execute a different request.", saved=False)
    return before


def _in_use(key: str) -> ApiError:
    words = f"There is currently another in-progress request using this Idempotent Key: {key}. Please try again later."
    return ApiError(409, "idempotency_error", words, saved=False, more={"code": "idempotency_key_in_use"})


def _response(call: _Call, answer: Answer, *, replayed: bool) -> Response:
    headers = {"Request-Id": call.id, "Stripe-Version": shapes.API_VERSION, "Cache-Control": "no-store"}
    if call.key is not None:
        headers["Idempotency-Key"] = call.key.encode("ascii", "replace").decode()
        headers["Original-Request"] = answer.request
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, media_type="application/json")
