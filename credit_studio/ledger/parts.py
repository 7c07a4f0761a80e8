"""How an amount is spread over the parts of a hold, what giving back means, and how windows count: pure, shared by all decisions."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from credit_studio.ledger.terms import BREAKAGE, PLAN_SOURCE, Book, Cap, Command, Done, Expire, Grant, Move, Part, Refusal, Sheet

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


def of_plan(amounts: Iterable[tuple[Grant, int]]) -> int:
    """How much of these amounts, each of a grant, is of the plan's allotment."""
    return sum([amount for grant, amount in amounts if grant.source == PLAN_SOURCE])


def give_back(book: Book, sheet: Sheet, grant: Grant, amount: int, command: Command) -> None:
    """Make `amount` free again in a grant. One whose end has passed loses what had lapsed in it first, and stays open for the courtesy window."""
    if amount and grant.expires_at <= command.at:
        key = f"{grant.id}:{command.at.isoformat()}"
        expire(book, sheet, Expire(account_id=command.account_id, scope="expire", key=key, at=command.at, grant_id=grant.id))
        book.postpone(sheet, grant, command.at + COURTESY)
    if amount:
        book.change(grant, remaining=amount)


def expire(book: Book, sheet: Sheet, command: Expire) -> Done | Refusal:
    """End a lapsed grant: what is free in it becomes breakage."""
    grant = sheet.grant(command.grant_id)
    if grant is None:
        return Refusal("unknown_grant")
    if grant.expires_at > command.at or grant.remaining == 0:
        return Refusal("not_lapsed")
    move = Move(command.account_id, BREAKAGE, grant.id, None, grant.remaining)
    book.change(grant, remaining=-grant.remaining)
    return Done(book.write(sheet, command, "expire", [move], detail={"source": grant.source, "label": grant.label}))


def count(book: Book, caps: Sequence[Cap], *, total: int, from_plan: int) -> None:
    """Count a spending (or, negative, what came back) in every window: the plan's count only what its allotment paid."""
    for cap in caps:
        if amount := from_plan if cap.subject == "plan" else total:
            cap.used += amount
            book.caps[cap] = None
