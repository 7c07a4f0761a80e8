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


def statement(month: str, zone: str, *, sums: Mapping[str, tuple[int, int]], kinds: Mapping[str, str]) -> Statement:
    """`sums`: by an entry's name, what was changed before the month and in it; `kinds`: what the history calls each name."""
    opening = sum(before for before, _ in sums.values())
    columns = dict.fromkeys((*COLUMNS.values(), "adjusted"), 0)
    for name, (_, within) in sums.items():
        column = "adjusted" if name == SENT else COLUMNS.get(kinds.get(name, ""), "adjusted")
        columns[column] += -within if column in _TAKEN else within
    closing = opening + sum(within for _, within in sums.values())
    return Statement(month, zone, opening=opening, closing=closing, **columns)
