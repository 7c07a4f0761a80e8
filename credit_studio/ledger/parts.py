"""How an amount is spread over the parts of a hold, what giving back means, and how windows count: pure, shared by all decisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from credit_studio.ledger.terms import BREAKAGE, Book, Cap, Command, Done, Expire, Move, Part, Refusal

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


def give_back(book: Book, grant_id: UUID, amount: int, command: Command) -> None:
    """Make `amount` free again in a grant. One whose end has passed loses what had lapsed in it first, and stays open for the courtesy window."""
    if not amount:
        return
    if book.grants[grant_id].expires_at <= command.at:
        key = f"{grant_id}:{command.at.isoformat()}"
        expire(book, Expire(account_id=command.account_id, scope="expire", key=key, at=command.at, grant_id=grant_id))
        book.put(replace(book.grants[grant_id], expires_at=command.at + COURTESY))
    grant = book.grants[grant_id]
    book.put(replace(grant, remaining=grant.remaining + amount))


def expire(book: Book, command: Expire) -> Done | Refusal:
    """End a lapsed grant: what is free in it becomes breakage."""
    grant = book.grants.get(command.grant_id)
    if grant is None or grant.account_id != command.account_id:
        return Refusal("unknown_grant")
    if grant.expires_at > command.at or grant.remaining == 0:
        return Refusal("not_lapsed")
    book.put(replace(grant, remaining=0))
    move = Move(command.account_id, BREAKAGE, grant.id, None, grant.remaining)
    return Done(book.write(command, "expire", [move], detail={"source": grant.source, "label": grant.label}), grant=grant)


def count(book: Book, windows: Sequence[Cap], *, total: int, from_plan: int) -> None:
    """Count a spending (or, negative, what came back) in every window: the plan's count only what its allotment paid."""
    for cap in windows:
        book.put_cap(replace(cap, used=cap.used + (from_plan if cap.subject == "plan" else total)))
