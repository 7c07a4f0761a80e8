"""`/api/account/alerts`: what you were told, and what of it you have read."""

from typing import Annotated

from fastapi import APIRouter, Query

from credit_studio.api import auth
from credit_studio.api.alert_bodies import AlertLine, AlertList, AlertsReadIn, AlertsReadReply
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.notifications import flow
from credit_studio.notifications.views import AlertView

router = APIRouter(prefix="/api/account/alerts", tags=["Account"], route_class=PrivateRoute)
ROUTERS = (router,)
_KIND = Query(max_length=40, description="one kind, or a group of them: limits, credits, payments")


@router.get("", summary="Your alerts", responses=refusals("sign_in_required", "invalid_request", "invalid_inputs"))
async def listing(
    caller: auth.Caller,
    kind: Annotated[str | None, _KIND] = None,
    unread: Annotated[bool, Query(description="only those that you have not read")] = False,  # noqa: FBT002 - a query's own spelling
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AlertList:
    """Caps that are near or reached, a low balance, credits that end soon, and what happened with payments; newest first."""
    page, left = await flow.listing(caller, kind=kind, unread=unread, cursor=cursor, limit=limit)
    return AlertList(items=tuple(_alert(one) for one in page.items), next_cursor=page.next_cursor, unread=left)


@router.post("/read", summary="Mark alerts as read", responses=refusals("sign_in_required", unsafe=True))
async def read(body: AlertsReadIn, caller: auth.Caller) -> AlertsReadReply:
    """Some of yours, or all; the bell of every open page follows. Harmless to repeat."""
    return AlertsReadReply(unread=await flow.mark_read(caller, body.alert_ids))


def _alert(one: AlertView) -> AlertLine:
    said = one.said
    return AlertLine(alert_id=one.id, kind=one.kind, at=one.at, is_read=one.is_read, title=said.title, text=said.text, link=said.path, data=one.data)
