"""`/sandbox/...`: the pages of the built-in Stripe sandbox through the studio's own port, for as long as it is on. Never its `/v1`."""

import re

import httpx
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from credit_studio import settings
from credit_studio.api.route import StudioRoute
from credit_studio.core.errors import NotFound, Unavailable

router = APIRouter(route_class=StudioRoute, include_in_schema=False)
ROUTERS = (router,)

_TIMEOUT_S = 20.0
_PATH = re.compile(r"(?:/[A-Za-z0-9_.~-]*)*")
_TAKEN = ("content-type", "accept", "sec-fetch-site")
"""What goes on of a request's headers: nothing that says who has signed in."""
_GIVEN = ("content-type", "location", "content-security-policy", "content-disposition", "cache-control")


@router.api_route("/sandbox", methods=["GET", "HEAD"])
@router.api_route("/sandbox/{path:path}", methods=["GET", "HEAD", "POST"])
async def page(request: Request) -> Response:
    """Pass a request on and its answer back. Raises `NotFound` when the sandbox is not on, `Unavailable` when it does not answer."""
    base, path = settings.get().stripe_sandbox_url, request.scope["path"]
    if not base or not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise NotFound("There is nothing here.")
    headers = {name: request.headers[name] for name in _TAKEN if name in request.headers}
    query = request.scope["query_string"].decode("latin-1")
    try:
        async with httpx.AsyncClient(base_url=base, timeout=_TIMEOUT_S, trust_env=False) as http:
            asked = http.build_request(request.method, f"{path}?{query}" if query else path, headers=headers, content=await request.body())
            answer = await http.send(asked)
    except httpx.HTTPError:
        raise Unavailable("The sandbox does not answer. Nothing was charged.", action="Start the studio again.") from None
    given = {name: answer.headers[name] for name in _GIVEN if name in answer.headers}
    return Response(answer.content, answer.status_code, given)
