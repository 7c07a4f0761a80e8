"""Deciding, purely: the book and a command in, what changed on it and what to answer out.

A refused command takes nothing and leaves no trace, so the outcome does not depend on how commands were batched.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from credit_studio.core.credits import is_amount
from credit_studio.ledger import corrections, windows
from credit_studio.ledger.parts import count, expire, give_back, of_plan, split
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
    Command,
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
    Sheet,
)

MAX_KEY = 200


def is_key(key: str) -> bool:
    """True for a key that a command may have."""
    return 0 < len(key) <= MAX_KEY and key.isprintable()


def decide(book: Book, command: AnyCommand) -> Done | Refusal:
    """Do one command on the book, or refuse it and leave the book as it was."""
    sheet = book.sheets.get(command.account_id)
    if sheet is None:
        return Refusal("unknown_account")
    if not is_key(command.key):
        return Refusal("invalid_key")
    return _DECISIONS.get(type(command), corrections.correct)(book, sheet, command)


def _grant(book: Book, sheet: Sheet, command: GrantCredits) -> Done | Refusal:
    if not is_amount(command.amount):
        return Refusal("invalid_amount")
    account = sheet.account
    repaid = min(command.amount, account.debt) if command.source == PURCHASE_SOURCE else 0
    grant = Grant(
        id=command.grant_id,
        account_id=account.id,
        source=command.source,
        source_ref=command.source_ref,
        label=command.label,
        priority=command.priority,
        expires_at=command.expires_at,
        created_at=command.at,
        amount=command.amount,
        remaining=command.amount - repaid,
    )
    book.add(sheet, grant)
    moves = [Move(ISSUED, account.id, grant.id, None, grant.amount)]
    if repaid:
        moves.append(Move(account.id, CLAWED, grant.id, None, repaid))
        account.debt -= repaid
    return Done(book.write(sheet, command, "grant", moves, detail={"source": grant.source, "label": grant.label, "repaid": repaid}))


def _hold(book: Book, sheet: Sheet, command: HoldCredits) -> Done | Refusal:
    amount, available = command.amount, sheet.free(command.at)
    if not is_amount(amount):
        return _refuse("invalid_amount", sheet, command, available)
    single = next((rule.limit for rule in sheet.rules if rule.label == "run"), amount)
    if amount > single:
        return _refuse("cap_per_run", sheet, command, available, limit=single)
    if amount > available:
        return _refuse("insufficient_credits", sheet, command, available)
    caps = windows.open_at(sheet, command.at, command.zone)
    own, plan = _tightest(caps, "own"), _tightest(caps, "plan")
    if own is not None and amount > own.room:
        return _refuse(f"cap_{_ADVERB[own.label]}", sheet, command, available, cap=own)
    taken = allot(sheet.burning(command.at), amount, plan_room=amount if plan is None else plan.room)
    if plan is not None and sum(part for _, part in taken) < amount:
        return _refuse(f"cap_{_ADVERB[plan.label]}", sheet, command, available, cap=plan)
    return _take(book, sheet, command, taken, caps)


def _take(book: Book, sheet: Sheet, command: HoldCredits, taken: Sequence[tuple[Grant, int]], caps: Sequence[Cap]) -> Done:
    for grant, amount in taken:
        book.change(grant, remaining=-amount, held=amount)
    parts = tuple([Part(grant.id, amount) for grant, amount in taken])
    hold = Hold(command.run_id, command.account_id, command.run_id, command.amount, 0, 0, "open", command.at, command.expires_at, parts)
    book.put(sheet, hold)
    count(book, caps, total=command.amount, from_plan=of_plan(taken))
    entry = book.write(sheet, command, "hold", (), run_id=command.run_id, detail={"held": command.amount})
    sheet.account.held += command.amount
    return Done(entry, hold)


def allot(grants: Iterable[Grant], amount: int, *, plan_room: int) -> list[tuple[Grant, int]]:
    """Spread `amount` over grants in burn order; allotment grants together give at most `plan_room`. May give less than `amount`."""
    taken: list[tuple[Grant, int]] = []
    for grant in grants:
        take = min(amount, grant.remaining)
        if grant.source == PLAN_SOURCE:
            take = min(take, plan_room)
            plan_room -= take
        if take:
            taken.append((grant, take))
            amount -= take
        if not amount:
            break
    return taken


def _end(book: Book, sheet: Sheet, command: Capture | Release) -> Done | Refusal:
    amount, state = (command.amount, "captured") if isinstance(command, Capture) else (0, command.state)
    hold = sheet.holds.get(command.run_id)
    if hold is None:
        return Refusal("unknown_hold")
    if hold.state != "open":
        is_same = (hold.state, hold.captured) == (state, amount)
        return Done(None, hold, replayed=True) if is_same else Refusal("hold_ended", required=amount)
    if state == "captured" and not (is_amount(amount) and amount <= hold.amount):
        return Refusal("invalid_amount", required=amount, held=hold.amount)
    pinned = [(sheet.pinned(part), part.amount) for part in hold.parts]
    spent = [(grant, used) for (grant, _), (_, used) in zip(pinned, split(hold.parts, amount), strict=True)]
    for (grant, held), (_, used) in zip(pinned, spent, strict=True):
        book.change(grant, held=-held)
        give_back(book, sheet, grant, held - used, command)
    moves = [Move(hold.account_id, CONSUMED, grant.id, hold.id, used) for grant, used in spent if used]
    count(book, sheet.windows(hold.created_at), total=amount - hold.amount, from_plan=of_plan(spent) - of_plan(pinned))
    ended = hold._replace(state=state, captured=amount)
    book.put(sheet, ended)
    kind = "capture" if state == "captured" else "release"
    detail = {"charged": amount, "returned": hold.amount - amount, "note": command.note}
    entry = book.write(sheet, command, kind, moves, run_id=hold.run_id, detail=detail)
    sheet.account.held -= hold.amount
    return Done(entry, ended)


_DECISIONS: dict[type[Command], Callable[[Book, Sheet, Any], Done | Refusal]] = {
    GrantCredits: _grant,
    HoldCredits: _hold,
    Capture: _end,
    Release: _end,
    Expire: expire,
}
_ADVERB = {"day": "daily", "month": "monthly"}
_ROOM = attrgetter("room")


def _refuse(code: str, sheet: Sheet, command: HoldCredits, available: int, *, cap: Cap | None = None, limit: int | None = None) -> Refusal:
    return Refusal(code, cap=cap and replace(cap), available=available, held=sheet.account.held, required=command.amount, limit=limit)


def _tightest(caps: Sequence[Cap], subject: str) -> Cap | None:
    return min([cap for cap in caps if cap.subject == subject], key=_ROOM, default=None)
