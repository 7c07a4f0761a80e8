"""What Stripe says of a plan's subscription and its invoices, as plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from credit_studio.core import ids
from credit_studio.payments import facts
from credit_studio.payments.plan_rules import REASONS, Allotted, CreditsOf, PlanLine, allotted

PLAN, PERSON = "plan_id", "person_id"
"""The keys of our own ids in the metadata: the plan's of a price, the person's of a subscription."""


@dataclass(frozen=True)
class Subscribed:
    """A subscription as it stands. `plan_id` is what its price charges for next; `waits` while a change waits for its payment."""

    id: str
    status: str
    customer_id: str
    person_id: UUID | None
    plan_id: str
    item_id: str
    since: datetime
    anchor: datetime
    period_end: datetime
    cancel_at: datetime | None
    ended_at: datetime | None
    invoice_id: str | None
    waits: bool


@dataclass(frozen=True)
class PlanInvoice:
    """An invoice of a subscription: amounts in minor units; `order_id` is of the checkout that the subscription began with."""

    id: str
    status: str
    reason: str
    subscription_id: str
    amount: int
    currency: str
    lines: tuple[PlanLine, ...]
    intent_id: str | None
    url: str | None
    order_id: UUID | None

    def brings(self, *, anchor: datetime, credits_of: CreditsOf) -> Allotted | None:
        """What it brings once it is paid; None for an invoice that brings no credits."""
        reason = REASONS.get(self.reason)
        return None if reason is None else allotted(reason, self.lines, anchor=anchor, credits_of=credits_of)


def subscribed_of(found: stripe.Subscription) -> Subscribed:
    """A subscription: ours have one item each."""
    item = found["items"].data[0]
    return Subscribed(
        id=found.id,
        status=found.status,
        customer_id=str(facts.id_of(found.customer)),
        person_id=ids.parse_id(str(_named(found.metadata, PERSON))),
        plan_id=_named(item.price.metadata, PLAN) or "",
        item_id=item.id,
        since=_at(found.created),
        anchor=_at(found.billing_cycle_anchor),
        period_end=_at(item.current_period_end),
        cancel_at=_maybe_at(found.cancel_at),
        ended_at=_maybe_at(found.ended_at),
        invoice_id=facts.id_of(found.latest_invoice),
        waits=found.pending_update is not None,
    )


def invoice_of(found: stripe.Invoice, plans: Mapping[str, str]) -> PlanInvoice | None:
    """An invoice of a subscription, its `payments` expanded; None for another. `plans` tells the plan of a price; other lines are left out."""
    of = found.parent.subscription_details if found.parent is not None else None
    subscription_id = None if of is None else facts.id_of(of.subscription)
    if of is None or subscription_id is None:
        return None
    payments = getattr(found, "payments", None)
    paid = [] if payments is None else [one.payment.payment_intent for one in payments.data]
    amount = found.amount_paid if found.status == "paid" else found.amount_due
    return PlanInvoice(
        id=found.id,
        status=found.status or "draft",
        reason=found.billing_reason or "",
        subscription_id=subscription_id,
        amount=amount,
        currency=found.currency.upper(),
        lines=tuple(_line(line, plans[price]) for line in found.lines.data if (price := price_of(line)) is not None and plans.get(price)),
        intent_id=next((facts.id_of(one) for one in paid if one is not None), None),
        url=getattr(found, "hosted_invoice_url", None),
        order_id=ids.parse_id(str(_named(of.metadata, facts.ORDER))),
    )


def price_of(line: stripe.InvoiceLineItem) -> str | None:
    """The price that a line charges for."""
    details = line.pricing.price_details if line.pricing is not None else None
    return None if details is None else facts.id_of(details.price)


def plan_of(price: stripe.Price) -> str:
    """The plan that a price is for; empty when it is none of ours."""
    return _named(price.metadata, PLAN) or ""


def _line(line: stripe.InvoiceLineItem, plan_id: str) -> PlanLine:
    of = line.parent.subscription_item_details if line.parent is not None else None
    return PlanLine(plan_id, line.amount, of is not None and of.proration, _at(line.period.start), _at(line.period.end))


def _named(metadata: Any, name: str) -> str | None:  # noqa: ANN401 - a StripeObject, a dict or nothing
    told = metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else metadata or {}
    return told.get(name)


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _maybe_at(second: int | None) -> datetime | None:
    return None if second is None else _at(second)
