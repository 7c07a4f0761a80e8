"""The sandbox put together: the API's door, pages and control routes, the courier and the clock's tick, over one file."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from credit_studio import sandbox
from credit_studio.sandbox import routes, serving
from credit_studio.sandbox.deliveries import Courier
from credit_studio.sandbox.door import Door
from credit_studio.sandbox.errors import ApiError
from credit_studio.sandbox.page import trouble
from credit_studio.sandbox.store import Store
from credit_studio.sandbox.world import World

_TICK_S = 1.0
_LOG = logging.getLogger(__name__)
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""On every page. No `form-action`: what a form leads to is the shop's own address."""
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""The pages are forms and one style sheet: no script has any business there."""
_SAFE_SITES = {None, "same-origin", "none"}


@dataclass(frozen=True)
class Place:
    """Where the sandbox runs and whom it tells."""

    port: int
    data: Path
    webhook: str
    secret: str


async def run(place: Place, stopped: asyncio.Event) -> None:
    """Serve until the event is set."""
    register()
    store = Store(place.data / "sandbox" / "sandbox.sqlite")
    world = World(store, origin=f"http://127.0.0.1:{place.port}")
    courier = Courier(world, place.webhook, place.secret)
    async with _served(application(world, courier), place.port), _background(courier.run(), _tick(world)):
        await stopped.wait()
    store.close()


def register() -> None:
    """Import every module of this room, so that each can say what it answers, shows and does as time passes."""
    for found in iter_modules(sandbox.__path__):
        if found.name != "__main__":
            import_module(f"{sandbox.__name__}.{found.name}")


def application(world: World, courier: Courier) -> Starlette:
    """The ASGI application."""
    made = Starlette(routes=[Route(path, _showing(world, method, show), methods=[method]) for method, path, show in routes.pages])
    made.add_route("/v1/{path:path}", Door(world).answer, methods=["GET", "POST", "DELETE"])
    made.state.courier = courier
    return made


def _showing(world: World, method: str, show: routes.Showing):  # noqa: ANN202 - Starlette's endpoint
    async def endpoint(request: Request) -> Response:
        if method != "GET" and request.headers.get("sec-fetch-site") not in _SAFE_SITES:
            return JSONResponse({"error": {"message": "Another site may not do this."}}, 403)
        try:
            shown = await show(world, request)
        except ApiError as problem:
            shown = _not_shown(request, problem)
        shown.headers.setdefault("content-security-policy", _POLICY)
        return shown

    return endpoint


def _not_shown(request: Request, problem: ApiError) -> Response:
    """Programs get the error as JSON, people as a page."""
    if request.url.path.startswith("/sandbox/control/"):
        return JSONResponse(problem.body, problem.status)
    return HTMLResponse(trouble(problem.error["message"]), problem.status)


@asynccontextmanager
async def _served(made: serving.Application, port: int) -> AsyncIterator[None]:
    server = await serving.serve(made, port)
    try:
        yield
    finally:
        server.close()


@asynccontextmanager
async def _background(*work) -> AsyncIterator[None]:  # noqa: ANN002 - coroutines
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tick(world: World) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        try:
            with world.act():
                world.catch_up()
        except Exception:
            _LOG.exception("The sandbox failed to do what is due; it goes on")
