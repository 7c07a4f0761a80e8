"""How an amount is spread over the parts of a hold, what giving back means, and how windows count: pure, shared by all decisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from credit_studio.ledger.terms import Book, Cap, Grant, Part

COURTESY = timedelta(hours=24)
"""How long credits that return to a grant whose end has passed can still be used; the history says so."""


def split(parts: Sequence[Part], amount: int) -> list[tuple[Part, int]]:
    """How much of each part is spent when `amount` of all of them is, in burn order."""
    spread: list[tuple[Part, int]] = []
    for part in parts:
        spent = min(part.amount, amount)
        spread.append((part, spent))
        amount -= spent
    return spread


def give_back(grant: Grant, amount: int, *, at: datetime) -> Grant:
    """The grant with `amount` free again; one whose end has passed stays open for the courtesy window."""
    if not amount:
        return grant
    ends = grant.expires_at if grant.expires_at > at else at + COURTESY
    return replace(grant, remaining=grant.remaining + amount, expires_at=ends)


def count(book: Book, windows: Sequence[Cap], *, total: int, from_plan: int) -> None:
    """Count a spending (or, negative, what came back) in every window: the plan's count only what its allotment paid."""
    for cap in windows:
        book.caps[cap.key] = replace(cap, used=cap.used + (from_plan if cap.subject == "plan" else total))
