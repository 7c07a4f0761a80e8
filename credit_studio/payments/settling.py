"""From what Stripe says of a payment to the order that it pays: the same way for an answer, an event and the reconciliation. In a given transaction.

The card is noted before the order is paid: what follows from a payment may ask by which card it was.
"""

from uuid import UUID

from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import InvariantBroken
from credit_studio.db.session import Tx
from credit_studio.payments import cards, service, store
from credit_studio.payments.facts import Intent, Session


async def settle_session(tx: Tx, session: Session, *, actor: Actor = SYSTEM) -> None:
    """Let an order stand as its Checkout Session stands. Raises `InvariantBroken` when it pays an order that is not there, or another amount."""
    row = await _order(tx, session.order_id, session.id)
    intent, order_id = session.intent, row["id"]
    named = {"session_id": session.id, "intent_id": intent.id if intent else None}
    standing = session.standing
    if intent is not None and standing == "paid":
        await cards.note_charge(tx, customer_id=intent.customer_id, card=intent.card, failure="")
    if standing == "paid":
        paid = service.Paid(session.amount, session.currency, session.id, named["intent_id"], intent.charge_id if intent else None)
        await service.pay(tx, order_id, paid, actor=actor)
    elif standing in ("failed", "expired"):
        code = "checkout_expired" if standing == "expired" else (intent.failure if intent else "") or "generic_decline"
        await service.fail(tx, order_id, code=code, status=standing, actor=actor, **named)
    else:
        await service.keep_going(tx, row, status=standing, **named)


async def settle_intent(tx: Tx, intent: Intent, *, actor: Actor = SYSTEM) -> None:
    """Let an order stand as its payment stands. A declined try inside a checkout ends nothing: the buyer may try again there.

    Raises `InvariantBroken` when it pays an order that is not there, or another amount.
    """
    row = await _order(tx, intent.order_id, intent.id)
    standing, named = intent.standing, {"intent_id": intent.id, "charge_id": intent.charge_id}
    if standing in ("paid", "failed"):
        await cards.note_charge(tx, customer_id=intent.customer_id, card=intent.card, failure="" if standing == "paid" else intent.failure)
    if standing == "paid":
        paid = service.Paid(intent.received, intent.currency, intent_id=intent.id, charge_id=intent.charge_id)
        await service.pay(tx, row["id"], paid, actor=actor)
    elif standing == "failed" and row["kind"] != "pack":
        await service.fail(tx, row["id"], code=intent.failure or "payment_canceled", actor=actor, intent_id=intent.id)
    else:
        await service.keep_going(tx, row, status=standing, intent_id=named["intent_id"])


async def _order(tx: Tx, order_id: UUID | None, name: str) -> store.Row:
    """The order's row, locked before anything is decided by it."""
    row = await store.order(tx, order_id, lock=True) if order_id is not None else None
    if row is None:
        said = f"{name} at Stripe pays the order {order_id}, which is not there"
        raise InvariantBroken(said)
    return row
