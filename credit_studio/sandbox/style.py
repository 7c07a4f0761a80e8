"""The style sheet of the hosted pages, served beside them."""

from starlette.requests import Request
from starlette.responses import Response

from credit_studio.sandbox.page import STYLE
from credit_studio.sandbox.routes import page
from credit_studio.sandbox.world import World


@page("GET", "/sandbox/page.css")
async def style(world: World, request: Request) -> Response:
    """Kept for an hour by browsers."""
    return Response(STYLE, media_type="text/css", headers={"cache-control": "public, max-age=3600"})
