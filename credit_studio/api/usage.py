"""`/api/account/usage`: what was spent, when and on what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from credit_studio.analytics import flow, sheets
from credit_studio.analytics.views import Usage
from credit_studio.api import auth
from credit_studio.api.bodies import Out
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.core.actor import Actor

router = APIRouter(prefix="/api/account/usage", tags=["Account"], route_class=PrivateRoute)
ROUTERS = (router,)

_EXAMPLE = {
    "period": "7d",
    "from": "2026-11-14T00:00:00Z",
    "to": "2026-11-21T00:00:00Z",
    "groupBy": "tool",
    "bucket": "day",
    "timeZone": "Europe/London",
    "totals": {"credits": 12, "runs": 3, "notCharged": 1},
    "series": [
        {
            "start": "2026-11-20T00:00:00Z",
            "end": "2026-11-21T00:00:00Z",
            "credits": 12,
            "runs": 3,
            "notCharged": 1,
            "groups": [{"key": "cyber-studio-risk-register", "credits": 12, "runs": 3}],
        }
    ],
    "breakdown": [{"key": "cyber-studio-risk-register", "title": "Risk Register Builder", "credits": 12, "runs": 3, "notCharged": 1, "share": 100.0}],
    "trend": {"from": "2026-11-07T00:00:00Z", "to": "2026-11-13T14:02:00Z", "credits": 8, "runs": 2, "change": 50.0},
    "projection": {
        "monthStart": "2026-11-01T00:00:00Z",
        "monthEnd": "2026-12-01T00:00:00Z",
        "soFar": 20,
        "low": 26,
        "typical": 27,
        "high": 31,
        "aDay": 0.7,
        "basis": "28 days, 0.7 credits a day",
    },
}


class TotalsOut(Out):
    """Whole credits, the runs that they were spent on, and the runs that gave no result and cost nothing."""

    credits: int
    runs: int
    not_charged: int


class GroupOut(Out):
    """What a group used within a bar."""

    key: str
    credits: int
    runs: int


class BarOut(TotalsOut):
    """Use in [start, end), with the groups that have any."""

    start: datetime
    end: datetime
    groups: tuple[GroupOut, ...]


class ShareOut(TotalsOut):
    """A group in all; `share` is of the credits, in per cent: all add up to 100.0, or are 0.0 when nothing was spent."""

    key: str
    title: str
    share: float


class TrendOut(Out):
    """The time right before, as long as what has gone by of this one; `change` in per cent of its credits, null when there were none."""

    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    credits: int
    runs: int
    change: float | None


class ProjectionOut(Out):
    """Credits spent by the end of the calendar month: as use usually is, and with the calm (`low`) and the busy (`high`) weeks of the last 28 days."""

    month_start: datetime
    month_end: datetime
    so_far: int
    low: int
    typical: int
    high: int
    a_day: float
    basis: str


class UsageReply(Out):
    """Use in [from, to), the largest groups first; every bar is there, those without use too. Days, weeks and months are of your time zone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    period: str
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    group_by: str
    bucket: str
    time_zone: str
    totals: TotalsOut
    series: tuple[BarOut, ...]
    breakdown: tuple[ShareOut, ...]
    trend: TrendOut
    projection: ProjectionOut


@dataclass(frozen=True)
class _Asked:
    """What is to be told."""

    period: Annotated[Literal["24h", "7d", "30d", "90d", "custom"], Query(description="up to the end of this hour or day; custom: from `from` to `to`")] = "30d"
    since: Annotated[str | None, Query(alias="from", max_length=40, description="for custom: a day, or an instant with its offset")] = None
    until: Annotated[str | None, Query(alias="to", max_length=40, description="for custom: a day, which is in it, or an instant, which is not")] = None
    group_by: Annotated[
        Literal["tool", "studio", "key", "member"],
        Query(alias="groupBy", description="all use is the account's own until there are keys and members: by those it is one group"),
    ] = "tool"
    bucket: Annotated[Literal["hour", "day", "week", "month"] | None, Query(description="by hour for 24h, else by day when left out; 750 bars at most")] = None

    async def told(self, actor: Actor) -> Usage:
        """Raises `InvalidInputs` naming the field."""
        return await flow.usage(actor, period=self.period, since=self.since, until=self.until, group_by=self.group_by, bucket=self.bucket)


@router.get("", summary="What you spent, when and on what", responses=refusals("sign_in_required", "invalid_inputs"))
async def usage(caller: auth.Caller, asked: Annotated[_Asked, Depends()]) -> UsageReply:
    """Totals, bars, groups, the trend, and where the month is heading. The sums equal the charges of your ledger, to the credit."""
    return UsageReply.model_validate(await asked.told(caller))


_FILES = {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {"$ref": "#/components/schemas/UsageReply"}}}


@router.get(
    "/export",
    summary="The same as a file",
    response_class=Response,
    responses={200: {"description": "A file to save.", "content": _FILES}, **refusals("sign_in_required", "invalid_inputs")},
)
async def usage_file(
    caller: auth.Caller, asked: Annotated[_Asked, Depends()], kind: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv"
) -> Response:
    """CSV: a line for each bar and group, the zone in the heads. JSON: as the route without `/export` answers."""
    told = await asked.told(caller)
    zone = ZoneInfo(told.time_zone)
    days = f"{told.since.astimezone(zone):%Y-%m-%d}-to-{told.series[-1].start.astimezone(zone):%Y-%m-%d}"
    headers = {"Content-Disposition": f'attachment; filename="credit-studio-usage-{days}.{kind}"'}
    if kind == "json":
        return Response(UsageReply.model_validate(told).model_dump_json(by_alias=True, indent=2), media_type="application/json", headers=headers)
    return Response(sheets.as_csv(told), media_type="text/csv; charset=utf-8", headers=headers)
