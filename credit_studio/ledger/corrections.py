"""Decisions that correct what was decided before: refund, claw-back and its undoing, credits sent to another account, taken by hand. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.core.credits import is_amount
from credit_studio.ledger.parts import count, give_back, of_plan, split
from credit_studio.ledger.terms import (
    ADJUSTED,
    CLAWED,
    CONSUMED,
    IN_TRANSIT,
    SENDABLE,
    Book,
    ClawBack,
    Deduct,
    Done,
    Grant,
    Move,
    ReceiveCredits,
    Refund,
    Refusal,
    Reinstate,
    SendCredits,
    Sheet,
)

Correction = Refund | ClawBack | Reinstate | SendCredits | ReceiveCredits | Deduct


def correct(book: Book, sheet: Sheet, command: Correction) -> Done | Refusal:
    """Do one correction, or refuse it and leave the book as it was."""
    if not is_amount(command.amount):
        return Refusal("invalid_amount")
    return _CORRECTIONS[type(command)](book, sheet, command)


def _refund(book: Book, sheet: Sheet, command: Refund) -> Done | Refusal:
    """Undo the last credits that were spent first: what stays spent is what a capture of less would have spent."""
    hold = sheet.holds.get(command.run_id)
    if hold is None:
        return Refusal("unknown_hold")
    stays = hold.captured - hold.refunded - command.amount
    if stays < 0:
        return Refusal("invalid_amount", required=command.amount, held=hold.captured - hold.refunded)
    spent = zip(split(hold.parts, stays + command.amount), split(hold.parts, stays), strict=True)
    returned = [(sheet.pinned(part), before - after) for (part, before), (_, after) in spent if before > after]
    for grant, amount in returned:
        give_back(book, sheet, grant, amount, command)
    count(book, sheet.windows(hold.created_at), total=-command.amount, from_plan=-of_plan(returned))
    moves = [Move(CONSUMED, command.account_id, grant.id, hold.id, amount) for grant, amount in returned]
    undone = hold._replace(refunded=hold.refunded + command.amount)
    book.put(sheet, undone)
    return Done(book.write(sheet, command, "refund", moves, run_id=hold.run_id, detail={"note": command.note}), undone)


def _claw_back(book: Book, sheet: Sheet, command: ClawBack) -> Done | Refusal:
    grant = sheet.grant(command.grant_id)
    if grant is None:
        return Refusal("unknown_grant")
    take = min(command.amount, grant.amount - grant.clawed)
    if take == 0:
        return Refusal("taken_back_already", required=command.amount)
    now = min(take, grant.remaining)
    book.change(grant, remaining=-now)
    book.claw(grant, take)
    sheet.account.debt += take - now
    moves = [Move(sheet.account.id, CLAWED, grant.id, None, now)] if now else []
    return Done(book.write(sheet, command, "claw_back", moves, detail={"note": command.note, "taken": now, "owed": take - now}))


def _reinstate(book: Book, sheet: Sheet, command: Reinstate) -> Done | Refusal:
    grant, account = sheet.grant(command.grant_id), sheet.account
    if grant is None:
        return Refusal("unknown_grant")
    give = min(command.amount, grant.clawed)
    if give == 0:
        return Refusal("nothing_taken_back", required=command.amount)
    forgiven = min(give, account.debt)
    book.claw(grant, -give)
    account.debt -= forgiven
    moves: list[Move] = []
    if back := give - forgiven:
        again = replace(grant, id=command.new_grant_id, source="reinstated", source_ref=command.key, created_at=command.at, amount=back)
        again.remaining, again.held, again.clawed = back, 0, 0
        book.add(sheet, again)
        moves = [Move(CLAWED, account.id, again.id, None, back)]
    return Done(book.write(sheet, command, "reinstate", moves, detail={"note": command.note, "returned": back, "forgiven": forgiven}))


def _send(book: Book, sheet: Sheet, command: SendCredits) -> Done | Refusal:
    return _take(book, sheet, command, "send", IN_TRANSIT, [one for one in sheet.burning(command.at) if one.source in SENDABLE])


def _deduct(book: Book, sheet: Sheet, command: Deduct) -> Done | Refusal:
    return _take(book, sheet, command, "adjust", ADJUSTED, list(sheet.burning(command.at)))


def _take(book: Book, sheet: Sheet, command: SendCredits | Deduct, kind: str, to: UUID, grants: Sequence[Grant]) -> Done | Refusal:
    """Take credits out in burn order, whatever the caps say: nothing runs for them."""
    available = sum(grant.remaining for grant in grants) - sheet.account.debt
    if command.amount > available:
        return Refusal("insufficient_credits", available=max(0, available), held=sheet.account.held, required=command.amount)
    moves: list[Move] = []
    left = command.amount
    for grant in grants:
        if taken := min(left, grant.remaining):
            book.change(grant, remaining=-taken)
            moves.append(Move(sheet.account.id, to, grant.id, None, taken))
            left -= taken
    return Done(book.write(sheet, command, kind, moves, detail={"note": command.note}))


def _receive(book: Book, sheet: Sheet, command: ReceiveCredits) -> Done:
    gift: dict[str, Any] = {"source": "gift", "source_ref": str(command.grant_id), "label": command.note, "priority": 20, "expires_at": FAR_FUTURE}
    grant = Grant(command.grant_id, command.account_id, **gift, created_at=command.at, amount=command.amount, remaining=command.amount)
    book.add(sheet, grant)
    moves = [Move(IN_TRANSIT, command.account_id, grant.id, None, command.amount)]
    return Done(book.write(sheet, command, "receive", moves, detail={"note": command.note}))


_CORRECTIONS: dict[type[Correction], Callable[[Book, Sheet, Any], Done | Refusal]] = {
    Refund: _refund,
    ClawBack: _claw_back,
    Reinstate: _reinstate,
    SendCredits: _send,
    ReceiveCredits: _receive,
    Deduct: _deduct,
}
