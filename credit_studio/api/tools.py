"""`/api/tools`: what there is, what it takes, what it costs."""

from fastapi import APIRouter

from credit_studio.api.credit_bodies import Pricing, ToolDetail, ToolLimits, ToolList, ToolOut
from credit_studio.api.openapi import refusals
from credit_studio.api.route import StudioRoute
from credit_studio.catalog.service import catalog
from credit_studio.engine import service as engine
from credit_studio.tools import registry, validation
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool

router = APIRouter(prefix="/api/tools", tags=["Tools"], route_class=StudioRoute)
ROUTERS = (router,)


@router.get("", summary="All tools", responses=refusals())
async def tools() -> ToolList:
    """In the order of the catalogue, those that are announced included."""
    return ToolList(items=tuple(tool_out(tool) for tool in registry.all_tools()))


@router.get("/{tool_id}", summary="One tool, with its inputs and an example that runs", responses=refusals("unknown_tool", "invalid_inputs"))
async def tool_detail(tool_id: str) -> ToolDetail:
    """`inputSchema` is JSON Schema; `example` may be sent as `inputs`. Both are empty while the tool is only announced."""
    tool = registry.get_tool(tool_id)
    return ToolDetail(**tool_out(tool).model_dump(), input_schema=validation.input_schema(tool), example=validation.example_json(tool))


def tool_out(tool: AnyTool) -> ToolOut:
    """A tool as the API shows it."""
    limits = tool.limits
    return ToolOut(
        tool_id=tool.id,
        title=tool.title,
        studio=tool.studio.value,
        slug=tool.slug,
        execution_mode=tool.mode.value,
        requires_auth=requires_auth(tool),
        risk_tier=tool.risk_tier,
        limits=ToolLimits(cpu_ms=limits.cpu_ms, mem_mb=limits.mem_mb, duration_ms=limits.wall_ms, output_bytes=limits.output_bytes),
        pricing=_pricing(tool),
        availability=tool.availability.value,
        description=tool.summary,
        path=tool.path,
    )


def requires_auth(tool: AnyTool) -> bool:
    """True when there is no way to use the tool without an account."""
    return tool.mode is Mode.SERVER


def _pricing(tool: AnyTool) -> Pricing:
    rates = catalog().burn
    least = engine.least(tool)
    if engine.is_by_tokens(tool) and tool.mode is not Mode.CLIENT:
        return Pricing(tokens_per_credit=rates.tokens_per_credit, min=least, max=tool.cap)
    base = 0 if tool.mode is Mode.CLIENT else rates.base
    return Pricing(base=base, cpu_ms_per_credit=rates.cpu_ms_per_credit, gb_ms_per_credit=rates.gb_ms_per_credit, min=least, max=tool.cap)
