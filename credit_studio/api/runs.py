"""Running tools, and runs: `POST /api/{studio}/{slug}/run` for every tool of the registry, `/api/runs`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from starlette.requests import Request

from credit_studio.api import auth, context, idempotency
from credit_studio.api.bodies import BlocksReply, ChargeOut, RunDetail, RunLineOut, RunList, RunReply, RunRequest
from credit_studio.api.credits import Instant
from credit_studio.api.openapi import CHARGED_HEADERS, refusals, run_responses
from credit_studio.api.route import PrivateRoute
from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import NotFound
from credit_studio.db.rates import Rate
from credit_studio.runs import flow
from credit_studio.runs.flow import Ran
from credit_studio.runs.views import TERMINAL, RunView, Status, Wanted
from credit_studio.tools import registry
from credit_studio.tools.registry import AnyTool


class RunRoute(PrivateRoute):
    """Rate, tool, sign-in, and only then the inputs."""

    rate = Rate.RUNS

    def check(self, request: Request, actor: Actor) -> None:
        """Raises `NotFound` (unknown_tool), `Unavailable`, `Conflict` (tool_runs_in_browser), `NotSignedIn`."""
        flow.runnable(_tool_id(request.scope["path"]))
        actor.require_user()


router = APIRouter(prefix="/api/runs", tags=["Runs"], route_class=PrivateRoute)
tool_routes = APIRouter(tags=["Tools"], route_class=RunRoute)
ROUTERS = (tool_routes, router)

_ASYNC = "respond-async"


async def run(request: Request, response: Response, body: RunRequest, caller: auth.Caller, key: idempotency.Key) -> RunReply:
    """Holds the most that the run can cost, runs, charges what it took and gives the rest back. A run that gives no result answers 200 and costs 0.

    After 60 seconds, or at once with `Prefer: respond-async`, answers 202 with the run's place in `Location`.
    """
    asked = {"tool_id": _tool_id(request.scope["path"]), "inputs": body.inputs, "max_credits": body.max_credits, "fresh": body.fresh, "key": key}
    preferred = {part.strip().lower() for part in request.headers.get("prefer", "").split(",")}
    ran: Ran = await (flow.start(caller, **asked) if _ASYNC in preferred else flow.run_tool(caller, **asked))
    if ran.replayed:
        idempotency.mark_replayed(request)
    if ran.view.status not in TERMINAL:
        response.status_code = 202
        response.headers["Location"] = f"/api/runs/{ran.view.run_id}"
    say_credits(request, ran.view)
    return RunReply.model_validate(ran.view)


def _add(tool: AnyTool) -> None:
    tool_routes.add_api_route(
        f"/api{tool.path}/run",
        run,
        methods=["POST"],
        name=tool.id,
        operation_id=f"run-{tool.id}",
        summary=f"Run {tool.title}",
        description=f"{tool.summary} Takes {tool.takes}.",
        response_model=RunReply,
        responses=run_responses(),
    )


for _tool in registry.all_tools():
    _add(_tool)


@tool_routes.post("/api/{studio}/{slug}/run", include_in_schema=False)
async def run_unknown(studio: str, slug: str) -> None:
    """For every other name; the check has refused it before."""
    raise NotFound(f"There is no tool {studio[:40]}-{slug[:40]}.", code="unknown_tool", action="See the list of tools at /tools.")


@dataclass(frozen=True)
class _Filter:
    """Which runs a list is to have."""

    tool: Annotated[str | None, Query(max_length=100, description="a tool's id")] = None
    status: Annotated[list[Status] | None, Query(max_length=7, description="may be given more than once")] = None
    since: Annotated[Instant | None, Query(alias="from", description="created at this instant or later")] = None
    until: Annotated[Instant | None, Query(alias="to", description="created before this instant")] = None

    def wanted(self) -> Wanted:
        """The same, for the list itself."""
        return Wanted(tool_id=self.tool, statuses=tuple(self.status or ()), since=self.since, until=self.until)


@router.get("", summary="Your runs, newest first", responses=refusals("sign_in_required", "invalid_request", "invalid_inputs"))
async def runs(
    caller: auth.Caller,
    only: Annotated[_Filter, Depends()],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunList:
    """`nextCursor` is the `cursor` of the next page, null at the end. Deleted runs are not among them."""
    page = await flow.listing(caller, wanted=only.wanted(), cursor=cursor, limit=limit)
    return RunList(items=tuple(RunLineOut.model_validate(line) for line in page.items), next_cursor=page.next_cursor)


@router.get("/{run_id}", summary="One run, and why it cost what it cost", responses=refusals("sign_in_required", "not_found"))
async def run_detail(run_id: str, request: Request, caller: auth.Caller) -> RunDetail:
    """`charge` is the way from usage to credits; null while the run has not ended."""
    view = await flow.get(caller, parse_run_id(run_id))
    charge = ChargeOut.model_validate(await flow.charge(caller, view.run_id)) if view.status in TERMINAL else None
    say_credits(request, view)
    return RunDetail.model_validate(view).model_copy(update={"charge": charge})


@router.get("/{run_id}/blocks", summary="What the page draws of a result", responses=refusals("sign_in_required", "not_found"))
async def run_blocks(run_id: str, caller: auth.Caller) -> BlocksReply:
    """Empty while there is no result."""
    view = await flow.get(caller, parse_run_id(run_id))
    return BlocksReply(blocks=view.blocks or [])


@router.post("/{run_id}/cancel", summary="Cancel a run; nothing is charged", responses=refusals("sign_in_required", "not_found", "bad_origin"))
async def cancel(run_id: str, request: Request, caller: auth.Caller) -> RunReply:
    """A run that has ended stays as it is."""
    view = await flow.cancel(caller, parse_run_id(run_id))
    say_credits(request, view)
    return RunReply.model_validate(view)


def say_credits(request: Request, view: RunView) -> None:
    """Tell in the reply's headers what a run moved."""
    moved = view.credits
    headers = dict(zip(CHARGED_HEADERS, (str(moved.charged), str(moved.held), str(moved.balance)), strict=False))
    context.of(request).reply.update(headers)


def _tool_id(path: str) -> str:
    _, studio, slug, _ = path.strip("/").split("/")
    return f"{studio}-{slug}"


def parse_run_id(spelled: str) -> ids.UUID:
    """The run's id; raises `NotFound` for what spells none."""
    run_id = ids.parse_id(spelled)
    if run_id is None:
        raise NotFound("There is no such run.", action="See your runs at /account/runs.")
    return run_id
