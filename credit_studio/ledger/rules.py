"""Deciding, purely: the state of some accounts and a command in, what to write and what to answer out.

A refused command takes nothing and leaves no trace, so the outcome does not depend on how commands were batched.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from credit_studio.core.credits import is_amount
from credit_studio.ledger import corrections
from credit_studio.ledger.parts import count, expire, give_back, split
from credit_studio.ledger.terms import (
    CLAWED,
    CONSUMED,
    ISSUED,
    PLAN_SOURCE,
    PURCHASE_SOURCE,
    AnyCommand,
    Book,
    Cap,
    Capture,
    Done,
    Expire,
    Grant,
    GrantCredits,
    Hold,
    HoldCredits,
    Move,
    Part,
    Refusal,
    Release,
)

MAX_KEY = 200


def decide(book: Book, command: AnyCommand) -> Done | Refusal:
    """Do one command on the book, or refuse it and leave the book as it was."""
    if not 0 < len(command.key) <= MAX_KEY:
        return Refusal("invalid_key")
    if command.account_id not in book.accounts:
        return Refusal("unknown_account")
    match command:
        case GrantCredits():
            result = _grant(book, command)
        case HoldCredits():
            result = _hold(book, command)
        case Capture():
            result = _end(book, command, command.amount, "captured", command.note)
        case Release():
            result = _end(book, command, 0, command.state, command.note)
        case Expire():
            result = expire(book, command)
        case _:
            result = corrections.correct(book, command)
    return result


def _grant(book: Book, command: GrantCredits) -> Done | Refusal:
    if not is_amount(command.amount):
        return Refusal("invalid_amount")
    grant = Grant(
        id=command.grant_id,
        account_id=command.account_id,
        source=command.source,
        source_ref=command.source_ref,
        label=command.label,
        priority=command.priority,
        expires_at=command.expires_at,
        created_at=command.at,
        amount=command.amount,
        remaining=command.amount,
        held=0,
    )
    repaid = min(grant.amount, book.accounts[grant.account_id].debt) if grant.source == PURCHASE_SOURCE else 0
    book.put(replace(grant, remaining=grant.amount - repaid))
    moves = [Move(ISSUED, grant.account_id, grant.id, None, grant.amount)]
    if repaid:
        moves.append(Move(grant.account_id, CLAWED, grant.id, None, repaid))
        book.change_debt(grant.account_id, -repaid)
    entry = book.write(command, "grant", moves, detail={"source": grant.source, "label": grant.label, "repaid": repaid})
    return Done(entry, grant=book.grants[grant.id])


def _hold(book: Book, command: HoldCredits) -> Done | Refusal:
    account, windows = book.accounts[command.account_id], book.windows(command.account_id, command.at)
    grants = book.burn_order(account.id, command.at)
    available = sum(grant.remaining for grant in grants) - account.debt
    refuse = partial(Refusal, available=available, held=account.held, required=command.amount)
    if not is_amount(command.amount):
        return refuse("invalid_amount")
    if command.amount > book.run_caps.get(account.id, command.amount):
        return refuse("cap_per_run", limit=book.run_caps[account.id])
    if command.amount > available:
        return refuse("insufficient_credits")
    own, plan = _tightest(windows, "own"), _tightest(windows, "plan")
    if own is not None and command.amount > own.room:
        return refuse(f"cap_{_adverb(own)}", cap=own)
    parts = allot(grants, command.amount, plan_room=None if plan is None else plan.room)
    if plan is not None and sum(part.amount for part in parts) < command.amount:
        return refuse(f"cap_{_adverb(plan)}", cap=plan)
    return _take(book, command, parts, windows)


def _take(book: Book, command: HoldCredits, parts: tuple[Part, ...], windows: list[Cap]) -> Done:
    for part in parts:
        grant = book.grants[part.grant_id]
        book.put(replace(grant, remaining=grant.remaining - part.amount, held=grant.held + part.amount))
    hold = Hold(command.hold_id, command.account_id, command.run_id, command.amount, 0, "open", command.at, command.expires_at, parts)
    book.holds[hold.run_id] = hold
    book.new_holds.add(hold.run_id)
    book.change_held(command.account_id, command.amount)
    count(book, windows, total=command.amount, from_plan=_from_plan(book, parts))
    return Done(book.write(command, "hold", [], run_id=command.run_id, detail={"held": command.amount}), hold=hold)


def allot(grants: Sequence[Grant], amount: int, *, plan_room: int | None) -> tuple[Part, ...]:
    """Spread `amount` over grants in burn order; allotment grants together give at most `plan_room` (None: no cap)."""
    parts: list[Part] = []
    for grant in grants:
        limited = grant.source == PLAN_SOURCE and plan_room is not None
        take = min(amount, grant.remaining, plan_room if limited and plan_room is not None else amount)
        if take > 0:
            parts.append(Part(grant.id, take))
            amount -= take
            plan_room = plan_room - take if limited and plan_room is not None else plan_room
    return tuple(parts)


def _end(book: Book, command: Capture | Release, amount: int, state: str, note: str) -> Done | Refusal:
    hold = book.holds.get(command.run_id)
    if hold is None or hold.account_id != command.account_id:
        return Refusal("unknown_hold")
    if hold.state != "open":
        return Done(None, hold=hold, replayed=True) if (hold.state, hold.captured) == (state, amount) else Refusal("hold_ended", required=amount)
    if state == "captured" and not (is_amount(amount) and amount <= hold.amount):
        return Refusal("invalid_amount", required=amount, held=hold.amount)
    moves = [move for part, spent in split(hold.parts, amount) for move in _settle_part(book, command, hold, part, spent)]
    windows = book.windows(hold.account_id, hold.created_at)
    spent_of_plan = sum(spent for part, spent in split(hold.parts, amount) if book.grants[part.grant_id].source == PLAN_SOURCE)
    count(book, windows, total=amount - hold.amount, from_plan=spent_of_plan - _from_plan(book, hold.parts))
    book.change_held(hold.account_id, -hold.amount)
    ended = replace(hold, state=state, captured=amount)
    book.holds[hold.run_id] = ended
    kind = "capture" if state == "captured" else "release"
    entry = book.write(command, kind, moves, run_id=hold.run_id, detail={"charged": amount, "returned": hold.amount - amount, "note": note})
    return Done(entry, hold=ended)


def _settle_part(book: Book, command: Capture | Release, hold: Hold, part: Part, spent: int) -> list[Move]:
    """Spend `spent` of a pinned part; the rest goes back to its grant."""
    grant, back = book.grants[part.grant_id], part.amount - spent
    book.put(replace(grant, held=grant.held - part.amount))
    give_back(book, grant.id, back, command)
    return [Move(hold.account_id, CONSUMED, grant.id, hold.id, spent)] if spent else []


def _tightest(windows: Sequence[Cap], subject: str) -> Cap | None:
    return min((cap for cap in windows if cap.subject == subject), key=lambda cap: cap.room, default=None)


def _adverb(cap: Cap) -> str:
    return {"day": "daily", "month": "monthly"}[cap.label]


def _from_plan(book: Book, parts: Sequence[Part]) -> int:
    return sum(part.amount for part in parts if book.grants[part.grant_id].source == PLAN_SOURCE)
