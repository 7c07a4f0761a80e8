"""What Stripe says, as plain frozen values: made here from the SDK's objects, so that nothing else of the studio sees one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from credit_studio.core import ids
from credit_studio.payments import rules

ORDER = "order_id"
"""The key of our own id in the metadata of everything that pays an order."""


@dataclass(frozen=True)
class Card:
    """A card that Stripe keeps; `expires` is its last month ("2031-04"), `customer_id` None when it is not saved for anybody."""

    pm_id: str
    brand: str
    last4: str
    expires: str
    fingerprint: str
    customer_id: str | None


@dataclass(frozen=True)
class Intent:
    """A payment at Stripe: amounts in minor units, `action_url` where the buyer's bank asks, `failure` the code of the last try that failed."""

    id: str
    status: str
    amount: int
    received: int
    currency: str
    order_id: UUID | None
    customer_id: str | None
    charge_id: str | None
    card: Card | None
    failure: str
    action_url: str | None
    created_at: datetime

    @property
    def standing(self) -> rules.Standing:
        """How the order stands that this pays."""
        return rules.standing_of_intent(self.status, has_error=bool(self.failure))


@dataclass(frozen=True)
class Session:
    """A Checkout Session: `url` is where the buyer pays, None when it is over. `intent` is there in the mode "payment" once one was made."""

    id: str
    mode: str
    status: str
    payment_status: str
    url: str | None
    amount: int
    currency: str
    order_id: UUID | None
    customer_id: str | None
    intent: Intent | None
    subscription_id: str | None
    invoice_id: str | None

    @property
    def standing(self) -> rules.Standing:
        """How the order stands that this pays; a payment that takes days may still fail."""
        standing = rules.standing_of_session(self.status, self.payment_status)
        return "failed" if standing == "processing" and self.intent is not None and self.intent.standing == "failed" else standing


def session_of(found: stripe.checkout.Session) -> Session:
    """A Checkout Session, its `payment_intent` expanded where there is one."""
    intent = found.payment_intent
    return Session(
        id=found.id,
        mode=found.mode,
        status=found.status or "open",
        payment_status=found.payment_status,
        url=found.url,
        amount=found.amount_total or 0,
        currency=(found.currency or "").upper(),
        order_id=order_of(found),
        customer_id=id_of(found.customer),
        intent=intent_of(intent) if isinstance(intent, stripe.PaymentIntent) else None,
        subscription_id=id_of(found.subscription),
        invoice_id=id_of(found.invoice),
    )


def intent_of(found: stripe.PaymentIntent) -> Intent:
    """A PaymentIntent, its `payment_method` expanded where there is one."""
    method, error = found.payment_method, found.last_payment_error
    return Intent(
        id=found.id,
        status=found.status,
        amount=found.amount,
        received=found.amount_received,
        currency=found.currency.upper(),
        order_id=order_of(found),
        customer_id=id_of(found.customer),
        charge_id=id_of(found.latest_charge),
        card=card_of(method) if isinstance(method, stripe.PaymentMethod) else None,
        failure="" if error is None else rules.decline_code(code=str(maybe(error, "code") or ""), decline_code=str(maybe(error, "decline_code") or "")),
        action_url=maybe(maybe(found.next_action, "redirect_to_url"), "url"),
        created_at=datetime.fromtimestamp(found.created, UTC),
    )


def card_of(method: stripe.PaymentMethod) -> Card | None:
    """A payment method that is a card; None for every other kind."""
    card = maybe(method, "card")
    if card is None:
        return None
    expires = f"{card.exp_year:04d}-{card.exp_month:02d}"
    return Card(method.id, card.brand, card.last4, expires, str(maybe(card, "fingerprint") or ""), id_of(method.customer))


def maybe(found: Any, name: str) -> Any:  # noqa: ANN401 - any of Stripe's objects
    """A field that Stripe leaves out when there is nothing to say: the SDK's objects raise for those."""
    return getattr(found, name, None)


def id_of(found: Any) -> str | None:  # noqa: ANN401 - an id, an object that was expanded, or nothing
    """The id of what may be an id or the thing itself."""
    return found if found is None or isinstance(found, str) else str(found.id)


def order_of(found: Any) -> UUID | None:  # noqa: ANN401 - any of Stripe's objects with metadata
    """The order that something pays, by our id in its metadata; None when it pays none of ours."""
    metadata = maybe(found, "metadata")
    named = None if metadata is None else metadata.to_dict().get(ORDER) if isinstance(metadata, stripe.StripeObject) else metadata.get(ORDER)
    return None if named is None else ids.parse_id(str(named))
