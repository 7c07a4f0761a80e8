"""Which of Stripe's events is read and written by whom, on one screen. What is not here is written down and ignored.

A handler is two steps: `read` asks Stripe for the object as it is now, with no transaction open (events come late, twice and out of order),
and gives None when the matter is not the studio's; `write` does what follows, in the transaction that marks the event done. Several
handlers of one type are written in one transaction.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from credit_studio.db.session import Tx, transaction
from credit_studio.payments import cards, claims, gateway, plan_handling, plan_settling, refunding, settling, store
from credit_studio.payments.claims import Told
from credit_studio.payments.facts import Card, Intent, Session
from credit_studio.payments.views import Notice


@dataclass(frozen=True)
class Handler:
    """How one kind of event is worked through; `write` may run again after a crash, and for a double under another id."""

    read: Callable[[Notice], Awaitable[Any]]
    write: Callable[[Tx, Any], Awaitable[None]]


@dataclass(frozen=True)
class Seen:
    """A customer whose card may have changed, and the card that they pay by now."""

    customer_id: str
    card: Card | None


async def _read_session(notice: Notice) -> Session | None:
    session = await gateway.session(notice.object_id)
    return session if session.mode == "payment" and session.order_id is not None else None


async def _read_intent(notice: Notice) -> Intent | None:
    intent = await gateway.intent(notice.object_id)
    return intent if intent.order_id is not None else None


async def _read_card(notice: Notice) -> Seen | None:
    """The customer's card as it is now, whatever of it has changed."""
    told = notice.payload["data"]["object"]
    customer_id = notice.object_id if notice.type.startswith("customer.") else told.get("customer")
    if customer_id is None:
        async with transaction() as tx:
            customer_id = await store.customer_of_card(tx, notice.object_id)
    return None if customer_id is None else Seen(str(customer_id), await gateway.saved_card(str(customer_id)))


async def _write_card(tx: Tx, seen: Seen) -> None:
    await cards.keep(tx, customer_id=seen.customer_id, card=seen.card)


async def _read_gone(notice: Notice) -> str:
    return notice.object_id


async def _write_gone(tx: Tx, customer_id: str) -> None:
    await cards.forget(tx, customer_id=customer_id)


async def _read_refund(notice: Notice) -> tuple[Told, ...] | None:
    """The refund that is told of; where only the charge is named, all that it has."""
    if notice.type == "charge.refunded":
        return await claims.refunds_of_charge(notice.object_id) or None
    told = await claims.refund(notice.object_id)
    return None if told is None else (told,)


async def _write_refunds(tx: Tx, all_told: tuple[Told, ...]) -> None:
    for told in all_told:
        await refunding.settle_refund(tx, told)


async def _read_dispute(notice: Notice) -> Told | None:
    return await claims.dispute(notice.object_id)


_SESSION = Handler(_read_session, settling.settle_session)
_INTENT = Handler(_read_intent, settling.settle_intent)
_CARD = Handler(_read_card, _write_card)
_GONE = Handler(_read_gone, _write_gone)
_BEGUN = Handler(plan_handling.read_checkout, plan_handling.write_checkout)
_PLAN = Handler(plan_handling.read_subscription, plan_settling.settle)
_INVOICE = Handler(plan_handling.read_invoice, plan_settling.settle)
_REFUND = Handler(_read_refund, _write_refunds)
_DISPUTE = Handler(_read_dispute, refunding.settle_dispute)

HANDLERS: dict[str, tuple[Handler, ...]] = {
    **dict.fromkeys(plan_handling.SUBSCRIPTION_EVENTS, (_PLAN,)),
    **dict.fromkeys(plan_handling.INVOICE_EVENTS, (_INVOICE,)),
    "checkout.session.completed": (_SESSION, _BEGUN),
    "checkout.session.async_payment_succeeded": (_SESSION, _BEGUN),
    "checkout.session.async_payment_failed": (_SESSION, _BEGUN),
    "checkout.session.expired": (_SESSION, _BEGUN),
    "payment_intent.succeeded": (_INTENT,),
    "payment_intent.processing": (_INTENT,),
    "payment_intent.payment_failed": (_INTENT,),
    "payment_intent.canceled": (_INTENT,),
    "payment_method.attached": (_CARD,),
    "payment_method.detached": (_CARD,),
    "payment_method.updated": (_CARD,),
    "payment_method.automatically_updated": (_CARD,),
    "setup_intent.succeeded": (_CARD,),
    "customer.updated": (_CARD,),
    "customer.deleted": (_GONE,),
    "refund.created": (_REFUND,),
    "refund.updated": (_REFUND,),
    "refund.failed": (_REFUND,),
    "charge.refunded": (_REFUND,),
    "charge.dispute.created": (_DISPUTE,),
    "charge.dispute.updated": (_DISPUTE,),
    "charge.dispute.closed": (_DISPUTE,),
    "charge.dispute.funds_withdrawn": (_DISPUTE,),
    "charge.dispute.funds_reinstated": (_DISPUTE,),
}
"""By type; several handlers of one type are written in one transaction, in this order."""
