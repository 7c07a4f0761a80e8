"""Decisions that correct what was decided before: refund, claw-back and its undoing, credits sent to another account, taken by hand. Pure."""

from dataclasses import replace
from uuid import UUID

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.core.credits import is_amount
from credit_studio.ledger.parts import count, give_back, split
from credit_studio.ledger.terms import (
    ADJUSTED,
    CLAWED,
    CONSUMED,
    IN_TRANSIT,
    PLAN_SOURCE,
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
)

Correction = Refund | ClawBack | Reinstate | SendCredits | ReceiveCredits | Deduct


def correct(book: Book, command: Correction) -> Done | Refusal:
    """Do one correction, or refuse it and leave the book as it was."""
    if not is_amount(command.amount):
        return Refusal("invalid_amount")
    match command:
        case Refund():
            done = _refund(book, command)
        case ClawBack():
            done = _claw_back(book, command)
        case Reinstate():
            done = _reinstate(book, command)
        case ReceiveCredits():
            done = _receive(book, command)
        case SendCredits():
            done = _take(book, command, "send", IN_TRANSIT, with_plan=False)
        case Deduct():
            done = _take(book, command, "adjust", ADJUSTED, with_plan=True)
    return done


def _refund(book: Book, command: Refund) -> Done | Refusal:
    """Undo the last credits that were spent first: what stays spent is what a capture of less would have spent."""
    hold = book.holds.get(command.run_id)
    if hold is None or hold.account_id != command.account_id:
        return Refusal("unknown_hold")
    stays = hold.captured - hold.refunded - command.amount
    if stays < 0:
        return Refusal("invalid_amount", required=command.amount, held=hold.captured - hold.refunded)
    moves: list[Move] = []
    from_plan = 0
    for (part, before), (_, after) in zip(split(hold.parts, stays + command.amount), split(hold.parts, stays), strict=True):
        if before > after:
            grant, back = book.grants[part.grant_id], before - after
            give_back(book, grant.id, back, command)
            moves.append(Move(CONSUMED, command.account_id, grant.id, hold.id, back))
            from_plan += back if grant.source == PLAN_SOURCE else 0
    count(book, book.windows(hold.account_id, hold.created_at), total=-command.amount, from_plan=-from_plan)
    book.holds[hold.run_id] = replace(hold, refunded=hold.refunded + command.amount)
    return Done(book.write(command, "refund", moves, run_id=hold.run_id, detail={"note": command.note}), hold=book.holds[hold.run_id])


def _claw_back(book: Book, command: ClawBack) -> Done | Refusal:
    grant = book.grants.get(command.grant_id)
    if grant is None or grant.account_id != command.account_id:
        return Refusal("unknown_grant")
    take = min(command.amount, grant.amount - grant.clawed)
    if take == 0:
        return Refusal("taken_back_already", required=command.amount)
    now = min(take, grant.remaining)
    book.put(replace(grant, remaining=grant.remaining - now, clawed=grant.clawed + take))
    book.change_debt(grant.account_id, take - now)
    moves = [Move(grant.account_id, CLAWED, grant.id, None, now)] if now else []
    return Done(book.write(command, "claw_back", moves, detail={"note": command.note, "taken": now, "owed": take - now}), grant=book.grants[grant.id])


def _reinstate(book: Book, command: Reinstate) -> Done | Refusal:
    grant = book.grants.get(command.grant_id)
    if grant is None or grant.account_id != command.account_id:
        return Refusal("unknown_grant")
    give = min(command.amount, grant.clawed)
    if give == 0:
        return Refusal("nothing_taken_back", required=command.amount)
    forgiven = min(give, book.accounts[grant.account_id].debt)
    back = give - forgiven
    book.put(replace(grant, clawed=grant.clawed - give))
    book.change_debt(grant.account_id, -forgiven)
    moves: list[Move] = []
    if back:
        again = replace(grant, id=command.new_grant_id, source="reinstated", source_ref=command.key, created_at=command.at, amount=back)
        book.put(replace(again, remaining=back, held=0, clawed=0))
        moves = [Move(CLAWED, grant.account_id, again.id, None, back)]
    return Done(book.write(command, "reinstate", moves, detail={"note": command.note, "returned": back, "forgiven": forgiven}), grant=grant)


def _take(book: Book, command: SendCredits | Deduct, kind: str, to: UUID, *, with_plan: bool) -> Done | Refusal:
    """Take credits out in burn order, whatever the caps say: nothing runs for them."""
    account = book.accounts[command.account_id]
    grants = [grant for grant in book.burn_order(account.id, command.at) if with_plan or grant.source != PLAN_SOURCE]
    available = sum(grant.remaining for grant in grants) - account.debt
    if command.amount > available:
        return Refusal("insufficient_credits", available=max(0, available), held=account.held, required=command.amount)
    moves: list[Move] = []
    left = command.amount
    for grant in grants:
        taken = min(left, grant.remaining)
        if taken:
            book.put(replace(grant, remaining=grant.remaining - taken))
            moves.append(Move(account.id, to, grant.id, None, taken))
            left -= taken
    return Done(book.write(command, kind, moves, detail={"note": command.note}))


def _receive(book: Book, command: ReceiveCredits) -> Done:
    grant = Grant(
        id=command.grant_id,
        account_id=command.account_id,
        source="gift",
        source_ref=command.key,
        label=command.note,
        priority=20,
        expires_at=FAR_FUTURE,
        created_at=command.at,
        amount=command.amount,
        remaining=command.amount,
        held=0,
    )
    book.put(grant)
    moves = [Move(IN_TRANSIT, command.account_id, grant.id, None, command.amount)]
    return Done(book.write(command, "receive", moves, detail={"note": command.note}), grant=grant)
