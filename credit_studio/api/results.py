"""What becomes of results: deleting a run and bringing it back, sharing its result by a link, and what that link shows."""

from fastapi import APIRouter, Response
from starlette.requests import Request

from credit_studio import settings
from credit_studio.api import auth
from credit_studio.api.bodies import LinkReply, RunReply, SharedReply
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute, StudioRoute
from credit_studio.api.runs import parse_run_id
from credit_studio.api.security import SHARED
from credit_studio.runs import keeping

router = APIRouter(prefix="/api/runs", tags=["Runs"], route_class=PrivateRoute)
open_router = APIRouter(prefix="/api/shared", tags=["Runs"], route_class=StudioRoute)
ROUTERS = (router, open_router)


@router.delete(
    "/{run_id}", status_code=204, summary="Delete a run and its result", responses=refusals("sign_in_required", "not_found", "run_in_progress", "bad_origin")
)
async def delete(run_id: str, caller: auth.Caller) -> Response:
    """A run that has ended; its link ends with it. What it cost stays in the history. It can be restored for 10 minutes."""
    await keeping.delete(caller, parse_run_id(run_id))
    return Response(status_code=204)


@router.post("/{run_id}/restore", summary="Bring back a deleted run", responses=refusals("sign_in_required", "not_found", "bad_origin"))
async def restore(run_id: str, caller: auth.Caller) -> RunReply:
    """Within 10 minutes of its deletion. A link that led to it is not brought back."""
    return RunReply.model_validate(await keeping.restore(caller, parse_run_id(run_id)))


@router.post("/{run_id}/share", status_code=201, summary="Make a link to a result", responses=refusals("sign_in_required", "not_found", "bad_origin"))
async def share(run_id: str, request: Request, caller: auth.Caller) -> LinkReply:
    """Whoever has the link sees the result, and nothing of your account, until the result goes or you end it. An earlier link ends."""
    link = await keeping.share(caller, parse_run_id(run_id))
    root = (settings.get().public_url or str(request.base_url)).rstrip("/")
    return LinkReply(url=f"{root}{SHARED}{link.token}/", token=link.token, until=link.until)


@router.delete("/{run_id}/share", status_code=204, summary="End the link to a result", responses=refusals("sign_in_required", "not_found", "bad_origin"))
async def unshare(run_id: str, caller: auth.Caller) -> Response:
    """Without a link nothing changes."""
    await keeping.unshare(caller, parse_run_id(run_id))
    return Response(status_code=204)


@open_router.get("/{token}", summary="A result that somebody shares", responses=refusals("not_found"))
async def shared(token: str) -> SharedReply:
    """Also without an account. A link that never was, that was ended and whose result is gone answer alike."""
    return SharedReply.model_validate(await keeping.shared(token))
