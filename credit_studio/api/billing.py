"""`/api/billing`: what a run would cost."""

from fastapi import APIRouter

from credit_studio.api import auth
from credit_studio.api.bodies import EstimatedTool, EstimateOut, EstimateReply, EstimateRequest, RequestedLimits, RunLimitsOut, StoredOut
from credit_studio.api.openapi import refusals
from credit_studio.api.route import EstimateRoute
from credit_studio.api.tools import requires_auth
from credit_studio.audit import service as audit
from credit_studio.db.session import transaction
from credit_studio.engine import service as engine
from credit_studio.engine.views import RunLimits
from credit_studio.runs import flow, keeping
from credit_studio.tools import registry, validation
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool

router = APIRouter(prefix="/api/billing", tags=["Billing"], route_class=EstimateRoute)
ROUTERS = (router,)


@router.post("/estimate", summary="The price of a run, before it", responses=refusals("unknown_tool", "not_found", unsafe=True))
async def estimate(body: EstimateRequest, caller: auth.Caller) -> EstimateReply:
    """Also without an account. Nothing is charged or held; `breakdown` is unrounded, for the typical case."""
    known = registry.get_tool(body.tool_id)
    raw = validation.example_json(known) if body.inputs is None else body.inputs
    tool, inputs = await flow.parse_for_estimate(caller, body.tool_id, raw)
    found = engine.estimate(tool, inputs, requested=_limits(tool, body.requested_limits), max_credits=body.max_credits)
    known_before = await keeping.stored(caller, tool, inputs) if tool.mode is not Mode.CLIENT else None
    async with transaction() as tx:
        details = {"typical": found.typical, "max": found.max}
        await audit.record(tx, "estimate.asked", actor=caller, subject=f"tool:{tool.id}", details=details)
    return EstimateReply(
        tool_id=tool.id,
        estimate=EstimateOut.model_validate(found),
        limits=RunLimitsOut.model_validate(found.limits),
        stored=StoredOut.model_validate(known_before) if known_before else None,
        tool=EstimatedTool(title=tool.title, studio=tool.studio.value, execution_mode=tool.mode.value, requires_auth=requires_auth(tool)),
    )


def _limits(tool: AnyTool, requested: RequestedLimits | None) -> RunLimits | None:
    if requested is None:
        return None
    most = tool.limits
    return RunLimits(
        cpu_ms=min(requested.cpu_ms or most.cpu_ms, most.cpu_ms),
        mem_mb=min(requested.mem_mb or most.mem_mb, most.mem_mb),
        duration_ms=min(requested.duration_ms or most.wall_ms, most.wall_ms),
    )
