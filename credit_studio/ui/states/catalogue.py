"""The catalogue as it is now: what the tools' examples cost at the studio's own speed and rates, and how much they are used."""

from datetime import datetime, timedelta
from typing import Any

import reflex as rx
import structlog

from credit_studio.analytics import flow as analytics
from credit_studio.core import clock
from credit_studio.core.errors import StudioError
from credit_studio.db.session import LOST
from credit_studio.tools.registry import all_tools
from credit_studio.ui.components.tool_list import price_of

_KEPT = timedelta(minutes=1)
_log = structlog.get_logger()


class _Priced:
    """The prices of all examples, computed at most once a minute in this process: they are the same for everybody."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.prices: dict[str, dict[str, Any]] = {}

    def now(self) -> dict[str, dict[str, Any]]:
        at = clock.now()
        if self.at is None or not self.at <= at < self.at + _KEPT:
            self.prices, self.at = {tool.id: price_of(tool) for tool in all_tools()}, at
        return self.prices


_priced = _Priced()


class Catalogue(rx.State):
    """By tool id: `price`, `typical` and `runs` (a count class). Nothing private."""

    live: dict[str, dict[str, Any]] = {}  # noqa: RUF012 - Reflex copies defaults

    @rx.event
    async def load(self) -> None:
        """The page opens. Without the database it shows prices, and no use."""
        runs: dict[str, int] = {}
        try:
            runs = await analytics.popularity()
        except (StudioError, *LOST):
            _log.warning("popularity could not be read")
        self.live = {tool_id: price | {"runs": runs.get(tool_id, 0)} for tool_id, price in _priced.now().items()}
