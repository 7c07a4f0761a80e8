"""`/sandbox/control/`: what tests, and the sandbox's own index page, do to the sandbox: time, chaos, deliveries."""

import json
import time
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from credit_studio.sandbox.chaos import Chaos
from credit_studio.sandbox.deliveries import Courier, told
from credit_studio.sandbox.errors import Body, invalid
from credit_studio.sandbox.routes import page
from credit_studio.sandbox.world import World

T = TypeVar("T", bound=BaseModel)
_MOST = 500
_FOREVER = float("inf")
_YEARS_S = 20 * 366 * 24 * 3600


class Asking(BaseModel):
    """The JSON of a control request: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class _Clock(Asking):
    advanceTo: int | None = None  # noqa: N815 - the name on the wire
    bySeconds: Annotated[int, Field(ge=0, le=_YEARS_S)] | None = None  # noqa: N815 - the same


class _Flush(Asking):
    onlyDue: bool = False  # noqa: N815 - the same


async def asked_for(request: Request, kind: type[T]) -> T:
    """The request's JSON (nothing is `{}`); raises `ApiError` when it is not as it should be."""
    try:
        return TypeAdapter(kind).validate_python(json.loads(await request.body() or b"{}"))
    except (ValidationError, ValueError) as problem:
        raise invalid(f"The control request cannot be used: {problem}") from problem


def courier_of(request: Request) -> Courier:
    """Who sends the webhooks."""
    return request.app.state.courier


@page("POST", "/sandbox/control/clock")
async def clock(world: World, request: Request) -> Response:
    """Move the default clock and every test clock forward; everything that gets due is done, each thing at its own time."""
    said = await asked_for(request, _Clock)
    by_s = said.bySeconds if said.bySeconds is not None else (said.advanceTo or 0) - world.now()
    if by_s < 0:
        raise invalid("The clock only goes forward.")
    with world.act():
        advance(world, by_s)
    return JSONResponse({"now": world.now()})


def advance(world: World, by_s: int) -> None:
    """Move all clocks and do what is due by then."""
    world.store.set_value("clock_offset_s", world.store.value("clock_offset_s", 0) + by_s)
    for frozen in world.all("test_helpers.test_clock"):
        world.change(frozen, frozen_time=frozen["frozen_time"] + by_s)
    world.catch_up()


@page("GET", "/sandbox/control/clock")
async def now(world: World, request: Request) -> Response:
    """The default clock."""
    return JSONResponse({"now": world.now()})


@page("POST", "/sandbox/control/chaos")
async def chaos(world: World, request: Request) -> Response:
    """Set the chances of trouble; what is not named is 0."""
    said = await asked_for(request, Chaos)
    with world.act():
        world.set_chaos(said)
    return JSONResponse(said.model_dump())


@page("POST", "/sandbox/control/flush")
async def flush(world: World, request: Request) -> Response:
    """Send what waits, delayed or not (`onlyDue`: not the delayed), once each; also while deliveries are held."""
    said = await asked_for(request, _Flush)
    sent = await courier_of(request).send_due(time.time() if said.onlyDue else _FOREVER)
    return JSONResponse({"delivered": sent})


@page("POST", "/sandbox/control/pause")
async def pause(world: World, request: Request) -> Response:
    """Hold all deliveries."""
    courier_of(request).pause(held=True)
    async with courier_of(request).quiet():
        return JSONResponse({"paused": True})


@page("POST", "/sandbox/control/resume")
async def resume(world: World, request: Request) -> Response:
    """Let deliveries go again."""
    courier_of(request).pause(held=False)
    return JSONResponse({"paused": False})


@page("GET", "/sandbox/control/events")
async def events(world: World, request: Request) -> Response:
    """The events, oldest first; `?type=` chooses."""
    wanted = request.query_params.get("type")
    found = [event for event in reversed(world.all("event")) if wanted in (None, event["type"])]
    return JSONResponse({"events": found})


@page("GET", "/sandbox/control/deliveries")
async def deliveries(world: World, request: Request) -> Response:
    """The last webhooks, newest first, each with the receiver's answer."""
    return JSONResponse({"deliveries": [told(one) for one in world.store.deliveries(_MOST)]})


@page("GET", "/sandbox/control/requests")
async def requests(world: World, request: Request) -> Response:
    """The last requests of the API, newest first."""
    found: list[Body] = world.store.requests(_MOST)
    return JSONResponse({"requests": found})


@page("POST", "/sandbox/control/reset")
async def reset(world: World, request: Request) -> Response:
    """Forget everything: objects, deliveries, answers, the clock's lead, the chances of trouble."""
    async with courier_of(request).quiet():
        with world.act():
            world.store.forget_everything()
            world.set_chaos(Chaos())
    return JSONResponse({"now": world.now()})
