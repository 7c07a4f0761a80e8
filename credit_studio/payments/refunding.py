"""Money that goes back, and the credits that go with it: refunds from either side, disputes, and what is undone of them.

What a payment's claims take is worked out anew from all of them whenever one changes (`claim_rules`), and the book is moved by the
difference: so refund and dispute of one payment take its credits once, in whatever order Stripe tells of them and however often.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import FieldError, Forbidden, InvalidInputs, InvariantBroken
from credit_studio.core.money import Money
from credit_studio.db.session import Tx, transaction
from credit_studio.history import lapses
from credit_studio.history.lapses import Rest
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PLAN_SOURCE, PURCHASE_SOURCE
from credit_studio.payments import claim_rules, claims, errors, rules, service, settling, store
from credit_studio.payments.claim_rules import Claim
from credit_studio.payments.claims import Told
from credit_studio.payments.events import DisputeChanged, PurchaseRefunded
from credit_studio.payments.views import Effect, RefundView

REASON_LENGTH = 300
_OPEN = timedelta(days=70)
"""A month's credits, and what runs hold of them, have come to their end so long after it was paid."""


class NotYet(Exception):
    """Money goes back for an order that is not known to be paid: the event of its payment is still to come, this one is tried again."""


async def refund(actor: Actor, order_id: UUID, *, amount: int | None, reason: str, key: str | None = None) -> RefundView:
    """Send money of an order back, all that is left when `amount` (minor units) is None; its credits go at once. For operators.

    Once for each `key`; without one, once for what has gone back before. Raises `Forbidden` (also for one's own order), `NotFound`, `Conflict`
    (not_paid), `InvalidInputs`, and `Unavailable` when Stripe does not answer: then the same request may be made again and refunds once.
    """
    actor.require_admin()
    async with transaction() as tx:
        row = await service.get_order(tx, order_id)
        rows = await store.claims_of(tx, order_id)
        amount = _refundable(actor, row, claims_from(rows), amount)
        details = {"amount": amount, "currency": row["currency"], "reason": reason, "refunded": row["refunded"]}
        await audit.record(tx, "refund.asked", actor=actor, subject=f"order:{order_id}", user_id=row["person_id"], details=details)
    intent_id = row["intent_id"]
    if intent_id is None and row["invoice_id"] is not None:
        intent_id = await claims.intent_of_invoice(row["invoice_id"])
    if intent_id is None:
        raise errors.nothing_to_refund()
    once = f"asked:{key}" if key is not None else f"{sum(one['amount'] for one in rows)}:{amount}"
    told = await claims.give_back(order_id=order_id, intent_id=intent_id, amount=amount, reason=reason, key=once)
    async with transaction() as tx:
        await settle_refund(tx, told, actor=actor)
        held = await store.refund(tx, told.id)
    if held is None:
        raise InvariantBroken("a refund that was written is not there")
    is_known = any(one["stripe_id"] == told.id for one in rows)
    return RefundView(held["stripe_id"], order_id, Money(held["amount"], row["currency"]), held["status"], held["credits"], is_known)


async def preview(actor: Actor, order_id: UUID, *, amount: int | None) -> Effect:
    """What `refund` would do now, without doing it; raises what it raises before it asks Stripe."""
    actor.require_admin()
    async with transaction() as tx:
        row = await service.get_order(tx, order_id)
        rows = await store.claims_of(tx, order_id)
        found = claims_from(rows)
        amount = _refundable(actor, row, found, amount)
        after = await _shares(tx, row, [*found, Claim("preview", amount, counts=True)])
        rest = await rest_of(tx, row, found)
    takes = max(0, sum(after.values()) - sum(one["credits"] for one in rows))
    left = min(takes, rest.left)
    return Effect(Money(amount, row["currency"]), takes, left, takes - left)


async def settle_refund(tx: Tx, told: Told, *, actor: Actor = SYSTEM) -> None:
    """Let the book stand as a refund stands; one that was read before the last change is left alone. Raises `NotYet`."""
    row = await _paid_order(tx, told)
    known = await store.refund(tx, told.id)
    if known is not None and not claim_rules.is_later_refund(known["status"], told.status):
        return
    was = known is not None and claim_rules.refund_counts(known["status"])
    counts = claim_rules.refund_counts(told.status)
    kept = {"stripe_id": told.id, "purchase_id": row["id"], "amount": told.amount, "status": told.status, "reason": told.reason[:REASON_LENGTH]}
    await store.put_refund(tx, kept | {"created_at": told.created_at})
    said = f"{_money(told)} refunded" if counts else f"The refund of {_money(told)} did not arrive"
    moved = await _move(tx, row, key=_key(told), said=said)
    if was != counts:
        sign = 1 if counts else -1
        event = PurchaseRefunded(
            actor=actor, person_id=row["person_id"], order_id=row["id"], amount=sign * told.amount, currency=row["currency"], credits=-moved
        )
        await tx.emit(event)


async def settle_dispute(tx: Tx, told: Told) -> None:
    """Let the book stand as a dispute stands, likewise. Raises `NotYet`."""
    row = await _paid_order(tx, told)
    known = await store.dispute(tx, told.id)
    if known is not None and not claim_rules.is_later_dispute(known["status"], told.status):
        return
    closed = None if told.status in claim_rules.OPEN_DISPUTES else clock.now()
    kept = {"stripe_id": told.id, "purchase_id": row["id"], "amount": told.amount, "status": told.status, "reason": told.reason[:REASON_LENGTH]}
    await store.put_dispute(tx, kept | {"created_at": told.created_at, "closed_at": closed})
    counts = claim_rules.dispute_counts(told.status)
    said = f"Payment of {_money(told)} disputed at the bank" if counts else f"The dispute of {_money(told)} was decided for the studio"
    moved = await _move(tx, row, key=_key(told), said=said)
    event = DisputeChanged(person_id=row["person_id"], order_id=row["id"], dispute_id=told.id, status=told.status, credits=moved)
    await tx.emit(event)


async def _paid_order(tx: Tx, told: Told) -> store.Row:
    """The order that the claim is about, locked; a payment that nobody has told of is written down first."""
    intent = told.intent
    if intent.order_id is not None:
        await settling.settle_intent(tx, intent)
        row = await store.order(tx, intent.order_id, lock=True)
    else:
        found = await store.order_of(tx, invoice_id=told.invoice_id or "")
        row = None if found is None else await store.order(tx, found["id"], lock=True)
    if row is None or row["status"] != "paid":
        said = f"{told.id} is about {intent.id}, which has paid no order yet"
        raise NotYet(said)
    return row


async def catch_up(order_id: UUID) -> int:
    """Take or give back what runs had held of a plan's credits when its money went back, now that they are settled; the credits that moved.

    Below 0 when taken, 0 when nothing was open. Harmless to do twice.
    """
    async with transaction() as tx:
        row = await store.order(tx, order_id, lock=True)
        rows = await store.claims_of(tx, order_id)
        if row is None or not rows or await _shares(tx, row, claims_from(rows)) == {one["stripe_id"]: one["credits"] for one in rows}:
            return 0
        return await _move(tx, row, key=f"{rows[-1]['stripe_id']}:settled:{ids.new_id()}", said="What runs had held is settled")


async def claimed_plans() -> list[UUID]:
    """The plans' orders that refunds or disputes are about and whose credits can still be open: what `catch_up` is for."""
    async with transaction() as tx:
        return await store.claimed_plans(tx, since=clock.now() - _OPEN)


def _key(told: Told) -> str:
    """What a claim moves when it comes to this status, it moves once."""
    return f"{told.id}:{told.status}"


async def _move(tx: Tx, row: store.Row, *, key: str, said: str) -> int:
    """Take or give back what all claims of an order now take, against what they took before; the credits that moved, below 0 when taken."""
    rows = await store.claims_of(tx, row["id"])
    found = claims_from(rows)
    held = await _shares(tx, row, found)
    for one in rows:
        await _write_share(tx, one, held[one["stripe_id"]])
    gone = [claim for claim, one in zip(found, rows, strict=True) if one["kind"] == "refund" or one["status"] == "lost"]
    await store.change_order(tx, row["id"], {"refunded": claim_rules.money_back(row["amount"], gone)})
    moved = sum(one["credits"] for one in rows) - sum(held.values())
    if moved:
        await _book(tx, row, moved, key=key, said=f"{said} ({_named(row)}): {_credits(moved)}")
    await service.ring(tx, row["person_id"], order_id=row["id"], status="refunded")
    return moved


async def _shares(tx: Tx, row: store.Row, found: Sequence[Claim]) -> dict[str, int]:
    """What each claim takes of an order's credits. Only a plan's have an end."""
    if row["kind"] != "plan":
        return claim_rules.shares(row["credits"], row["amount"], found)
    await ledger.lock(tx, owner_id=row["person_id"])
    rest = await rest_of(tx, row, found)
    return claim_rules.shares(row["credits"], row["amount"], found, unspent=rest.left + rest.taken, lapsed=rest.lapsed, held=rest.held)


async def rest_of(tx: Tx, row: store.Row, found: Sequence[Claim]) -> Rest:
    """What was never spent of the credits that an order brought."""
    return await lapses.rest_of(tx, source=_source(row), reference=rules.grant_reference(row["id"]), claims=[one.id for one in found])


async def _write_share(tx: Tx, one: store.Row, share: int) -> None:
    """What a claim holds of the order's credits: a dispute keeps what it took, beside what of it came back."""
    if one["credits"] == share:
        return
    if one["kind"] == "refund":
        await store.change_refund(tx, one["stripe_id"], {"credits": share})
        return
    taken = max(one["taken"], share)
    await store.change_dispute(tx, one["stripe_id"], {"credits_taken": taken, "credits_back": taken - share})


async def _book(tx: Tx, row: store.Row, moved: int, *, key: str, said: str) -> None:
    named: dict[str, Any] = {"owner_id": row["person_id"], "source": _source(row), "source_ref": rules.grant_reference(row["id"])}
    named |= {"key": key, "reason": said}
    done = await (ledger.claw_back(tx, amount=-moved, **named) if moved < 0 else ledger.reinstate(tx, amount=moved, **named))
    if not done:
        wrong = f"{key} moves {moved} credits of the order {row['id']}, and the book says that they have moved"
        raise InvariantBroken(wrong)


def _source(row: store.Row) -> str:
    return PLAN_SOURCE if row["kind"] == "plan" else PURCHASE_SOURCE


def claims_from(rows: Sequence[store.Row]) -> list[Claim]:
    """The claims that the rows of refunds and disputes stand for, in their order."""
    counting = {"refund": claim_rules.refund_counts, "dispute": claim_rules.dispute_counts}
    return [Claim(one["stripe_id"], one["amount"], counting[one["kind"]](one["status"])) for one in rows]


def _refundable(actor: Actor, row: store.Row, found: Sequence[Claim], amount: int | None) -> int:
    """The amount to send back; raises what `refund` raises."""
    if row["person_id"] == actor.user_id:
        raise Forbidden("An operator cannot refund their own purchase. Nothing was refunded.", action="Ask another operator.")
    if row["status"] != "paid":
        raise errors.not_paid()
    left = claim_rules.refund_left(row["amount"], found)
    if left == 0:
        raise errors.nothing_to_refund()
    if amount is not None and not 1 <= amount <= left:
        most = Money(left, row["currency"]).said
        raise InvalidInputs((FieldError("amount", f"Must be from 0.01 to {most}, which is what is left."),), message="Nothing was refunded.")
    return left if amount is None else amount


def _money(told: Told) -> str:
    return Money(told.amount, told.currency).said


def _named(row: store.Row) -> str:
    return f"{service.name_of(row)} {'plan' if row['kind'] == 'plan' else 'pack'}, receipt {rules.receipt_name(row['receipt_no'])}"


def _credits(moved: int) -> str:
    count = f"{abs(moved):,} credit{'s' if abs(moved) != 1 else ''}"
    return f"{count} taken back" if moved < 0 else f"{count} given back"
