"""A month's statement from the sums of its entries; pure. Every entry counts in one column, so it adds up by itself."""

from collections.abc import Mapping

from credit_studio.history.views import Statement

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
