"""The API, put together."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from credit_studio.api import (
    account_settings,
    accounts,
    accuracy,
    alerts,
    billing,
    credits,  # noqa: A004 - the room's own name
    csp,
    docs,
    errors,
    health,
    moves,
    offers,
    openapi,
    operating,
    payments,
    plans,
    receipts,
    results,
    runs,
    sandbox,
    token_routes,
    tools,
    uploads,
    usage,
)
from credit_studio.api.openapi import refusals
from credit_studio.api.route import StudioRoute
from credit_studio.core.errors import NotFound

_ABOUT = (
    "Every error is application/problem+json. Sign in with POST /api/auth/login; the cookie it gives is what every other route asks for. "
    "Credits are whole numbers, times are RFC 3339. A run that gives no result costs nothing."
)
_ROOMS = (
    accounts,
    account_settings,
    tools,
    accuracy,
    runs,
    token_routes,
    results,
    uploads,
    billing,
    payments,
    plans,
    receipts,
    alerts,
    credits,
    moves,
    offers,
    usage,
    operating,
    sandbox,
    health,
)
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def make_api() -> FastAPI:
    """The FastAPI app with every route, to stand before the pages; `security.secure` goes around both."""
    api = FastAPI(title="Credit Studio API", version="1", description=_ABOUT, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    errors.install(api)
    routers = [router for room in _ROOMS for router in room.ROUTERS] + [_papers(api)]
    known = [route for router in routers for route in router.routes]
    for router in (*routers, _nothing_else(known)):
        api.include_router(router)
    api.openapi = lambda: openapi.document(api)  # type: ignore[method-assign] - the way FastAPI documents
    return api


def _papers(api: FastAPI) -> APIRouter:
    router = APIRouter(tags=["About"], route_class=StudioRoute)

    @router.get("/api/openapi.json", summary="This document", responses=refusals())
    async def openapi_document() -> dict[str, Any]:
        """OpenAPI 3.1."""
        return api.openapi()

    @router.get("/api/docs", summary="This document, for reading", response_class=HTMLResponse, responses=refusals())
    async def readable() -> HTMLResponse:
        """One page without scripts."""
        return HTMLResponse(docs.page(api.openapi()), headers={"Content-Security-Policy": csp.DOCS})

    return router


def _nothing_else(known: list[Any]) -> APIRouter:
    """What is ours and no route: 405 where only the method is wrong, else 404; never the pages' own 404."""
    router = APIRouter(route_class=StudioRoute, include_in_schema=False)

    @router.api_route("/healthz", methods=_METHODS)
    @router.api_route("/readyz", methods=_METHODS)
    @router.api_route("/api", methods=_METHODS)
    @router.api_route("/api/{path:path}", methods=_METHODS)
    async def unknown(request: Request) -> Response:
        """Not for documents."""
        here = [route for route in known if isinstance(route, APIRoute) and route.path_regex.match(request.scope["path"]) and route.include_in_schema]
        allowed = sorted({method for route in here for method in route.methods or ()})
        if allowed:
            return errors.wrong_method(request, ", ".join(allowed))
        raise NotFound("There is nothing here.", action="See /api/docs for what there is.")

    return router
