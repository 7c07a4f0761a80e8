"""What doors see of notifications: frozen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class NotificationRule:
    """What a person wants to be told, and where.

    `thresholds` are percent of a cap, ascending; `low_balance` is in credits, None when they want no such alert. `sms_to` is a telephone
    number ("+447700900123"), empty for none; likewise `webhook_url`. `webhook_secret` ("whsec_...") signs what is sent there: its owner
    alone may see it. `webhook_trouble` says in words why nothing is sent there any more.
    """

    thresholds: tuple[int, ...]
    low_balance: int | None
    in_app: bool
    email: bool
    sms_to: str
    webhook_url: str
    webhook_secret: str = field(default="", repr=False)
    webhook_trouble: str = ""


@dataclass(frozen=True)
class Said:
    """An alert in words: what happened, what follows from it, and the one page that helps."""

    title: str
    text: str
    label: str
    path: str
    tone: str


@dataclass(frozen=True)
class AlertView:
    """An alert as its owner sees it. `data` has the figures that `said` is made of."""

    id: UUID
    kind: str
    at: datetime
    is_read: bool
    said: Said
    data: dict[str, Any]


@dataclass(frozen=True)
class AlertPage:
    """Alerts, newest first, and the cursor of the next page (None at the end)."""

    items: tuple[AlertView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class KeptMail:
    """A mail that was kept instead of sent, since no mail server is configured: for trying things out."""

    id: UUID
    at: datetime
    subject: str
    text: str
    html: str
