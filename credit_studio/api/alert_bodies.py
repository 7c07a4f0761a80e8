"""What goes in and comes out about alerts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from credit_studio.api.bodies import In, Out

_ALERT: dict[str, Any] = {
    "alertId": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
    "kind": "cap_near",
    "at": "2026-11-20T14:02:07Z",
    "isRead": False,
    "title": "Your own daily cap: 225 of 300 spent",
    "text": "75\u00a0% is reached. It resets on 21 Nov 2026, 00:00 GMT.",
    "link": "/account/settings/credits",
    "data": {"subject": "own", "label": "day", "spent": 225, "limit": 300, "percent": 75, "resets_at": "2026-11-21T00:00:00+00:00", "zone": "Europe/London"},
}


class AlertLine(Out):
    """Something that you were told: in words, with the page that helps, and the figures that the words are made of."""

    alert_id: UUID
    kind: str
    at: datetime
    is_read: bool
    title: str
    text: str
    link: str
    data: dict[str, Any] = Field(description="whole credits, instants in ISO 8601, money as it is read")


class AlertList(Out):
    """Your alerts, newest first; `unread` counts all that you have not read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_ALERT], "nextCursor": None, "unread": 1}]})

    items: tuple[AlertLine, ...]
    next_cursor: str | None
    unread: int


AlertId = Annotated[UUID, Field(strict=False)]
"""As JSON has it: text."""


class AlertsReadIn(In):
    """Which alerts you have read. Ids that are not yours, or of nothing, are left alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alertIds": [_ALERT["alertId"]]}, {"alertIds": None}]})

    alert_ids: Annotated[list[AlertId], Field(max_length=200)] | None = Field(description="null for all")


class AlertsReadReply(Out):
    """How many of your alerts you have not read yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unread": 0}]})

    unread: int
