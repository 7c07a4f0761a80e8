"""A month's statement from the sums of its entries; pure. Every entry counts in one column, so it adds up by itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from credit_studio.history.views import Statement
from credit_studio.ledger.windows import following

COLUMNS = {
    "allocation": "granted",
    "promo": "granted",
    "gift": "granted",
    "purchase": "bought",
    "consumption": "used",
    "expiry": "expired",
    "refund": "refunded",
}
"""The column of each kind of the history. All else, corrections by hand and credits sent to somebody among them, is `adjusted`."""

_TAKEN = ("used", "expired")
SENT = "send"


def statement(month: str, zone: str, *, opening: int, within: Mapping[str, int], kinds: Mapping[str, str]) -> Statement:
    """`within`: by an entry's name, what was changed in the month; `kinds`: what the history calls each name."""
    columns = dict.fromkeys((*COLUMNS.values(), "adjusted"), 0)
    for name, amount in within.items():
        column = "adjusted" if name == SENT else COLUMNS.get(kinds.get(name, ""), "adjusted")
        columns[column] += -amount if column in _TAKEN else amount
    return Statement(month, zone, opening=opening, closing=opening + sum(within.values()), **columns)


def calendar_month(year: int, month: int, zone: str) -> tuple[datetime, datetime]:
    """A month of the calendar in `zone`, as UTC instants [start, end)."""
    begin = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
    return begin.astimezone(UTC), following("month", begin).astimezone(UTC)
