"""Refunds and disputes at Stripe: what they are now, as plain frozen values, and asking for a refund."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from credit_studio.payments import errors, facts, gateway
from credit_studio.payments.facts import ORDER, Intent

REASON = "reason"
"""The key of the operator's own words in a refund's metadata."""

_PAYMENT = ["payment_intent", "payment_intent.payment_method"]
_A_PAGE = 100


@dataclass(frozen=True)
class Told:
    """A refund or a dispute as Stripe has it now: `amount` in minor units, `reason` in Stripe's word or the operator's."""

    id: str
    amount: int
    currency: str
    status: str
    reason: str
    created_at: datetime
    intent: Intent
    invoice_id: str | None


async def refund(refund_id: str) -> Told | None:
    """A refund of a payment as it stands now; None when it goes back for nothing that the studio sold."""
    return await refund_of(await gateway.ask(lambda to: to.v1.refunds.retrieve_async(refund_id, {"expand": list(_PAYMENT)})))


async def refunds_of_charge(charge_id: str) -> tuple[Told, ...]:
    """Every refund of a charge, oldest first."""
    params: Any = {"charge": charge_id, "limit": _A_PAGE, "expand": [f"data.{name}" for name in _PAYMENT]}
    found = await gateway.ask(lambda to: to.v1.refunds.list_async(params))
    told = [await refund_of(one) for one in reversed(found.data)]
    return tuple(one for one in told if one is not None)


async def dispute(dispute_id: str) -> Told | None:
    """A dispute of a payment as it stands now; None when it is about nothing that the studio sold."""
    return await dispute_of(await gateway.ask(lambda to: to.v1.disputes.retrieve_async(dispute_id, {"expand": list(_PAYMENT)})))


async def give_back(*, order_id: UUID, intent_id: str, amount: int, reason: str, key: str) -> Told:
    """Send `amount` of an order's payment back, once for each `key`. Raises `InvalidInputs` (idempotency_mismatch), `Refused`, `Unclear`."""
    once = hashlib.sha256(key.encode()).hexdigest()[:32]
    params: Any = {"payment_intent": intent_id, "amount": amount, "reason": "requested_by_customer", "expand": list(_PAYMENT)}
    params["metadata"] = {ORDER: str(order_id), REASON: reason}
    try:
        made = await gateway.ask(lambda to: to.v1.refunds.create_async(params, {"idempotency_key": f"{order_id}:refund:{once}"}))
    except (errors.Refused, errors.Unclear) as lost:
        if isinstance(lost.__cause__, stripe.IdempotencyError):
            raise errors.key_mismatch() from None
        raise
    told = await refund_of(made)
    if told is None:
        raise errors.refused()
    return told


async def intent_of_invoice(invoice_id: str) -> str | None:
    """The payment that paid an invoice; None when nothing had to be paid."""
    found = await gateway.ask(lambda to: to.v1.invoice_payments.list_async({"invoice": invoice_id, "status": "paid"}))
    return next((name for one in found.data if (name := facts.id_of(one.payment.payment_intent)) is not None), None)


async def invoice_of_intent(intent_id: str) -> str | None:
    """The invoice that a payment paid; None for one that stands alone."""
    params: Any = {"payment": {"type": "payment_intent", "payment_intent": intent_id}}
    found = await gateway.ask(lambda to: to.v1.invoice_payments.list_async(params))
    return next((name for one in found.data if (name := facts.id_of(one.invoice)) is not None), None)


async def dispute_of(found: stripe.Dispute) -> Told | None:
    """A dispute whose `payment_intent` is expanded; None when it is about nothing that the studio sold."""
    return await _told(found, status=found.status, reason=found.reason)


async def refund_of(found: stripe.Refund) -> Told | None:
    """A refund whose `payment_intent` is expanded, likewise."""
    said = found.metadata.to_dict().get(REASON) if isinstance(found.metadata, stripe.StripeObject) else None
    return await _told(found, status=found.status or "pending", reason=str(said or found.reason or ""))


async def _told(found: stripe.Refund | stripe.Dispute, *, status: str, reason: str) -> Told | None:
    if not isinstance(found.payment_intent, stripe.PaymentIntent):
        return None
    intent = facts.intent_of(found.payment_intent)
    invoice_id = None if intent.order_id is not None else await invoice_of_intent(intent.id)
    if intent.order_id is None and invoice_id is None:
        return None
    made = datetime.fromtimestamp(found.created, UTC)
    return Told(found.id, found.amount, found.currency.upper(), status, reason, made, intent, invoice_id)
