"""What happens with money, in the past tense. Amounts are in minor units of `currency`, credits are whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from credit_studio.core.events import Event


@dataclass(frozen=True, kw_only=True)
class PurchasePaid(Event):
    """An order is paid. For packs its credits have been granted in this transaction; a plan's are `PlanPaid`'s matter."""

    person_id: UUID
    order_id: UUID
    kind: str
    item: str
    credits: int
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PurchaseFailed(Event):
    """An order will not be paid: `code` and `text` say why (a declined card, an expired checkout). No money moved."""

    person_id: UUID
    order_id: UUID
    kind: str
    item: str
    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PurchaseRefunded(Event):
    """Money went back for an order: `amount` of it now, and `credits` were taken back; both below 0 when a refund failed and was undone."""

    person_id: UUID
    order_id: UUID
    amount: int
    currency: str
    credits: int


@dataclass(frozen=True, kw_only=True)
class DisputeChanged(Event):
    """A cardholder's dispute of an order was opened or closed; `credits` is what moved by that: taken below 0, given back above."""

    person_id: UUID
    order_id: UUID
    dispute_id: str
    status: str
    credits: int


@dataclass(frozen=True, kw_only=True)
class PlanPaid(Event):
    """An invoice of a plan is paid for the period [period_start, period_end), from `since` on; `reason` says what made it, `credits` what it brings."""

    person_id: UUID
    order_id: UUID
    plan_id: str
    stripe_subscription_id: str
    invoice_id: str
    reason: Literal["create", "cycle", "update"]
    period_start: datetime
    period_end: datetime
    since: datetime
    credits: int
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PlanStateChanged(Event):
    """How a plan's subscription stood at Stripe when it was looked at (`seen_at`). `status` is Stripe's word, `plan_id` what it will charge for next.

    `since` is when it was made, `anchor` what its months are counted from, `cancel_at` when it ends by itself, `ended_at` when it has ended.
    """

    person_id: UUID
    stripe_subscription_id: str
    status: str
    plan_id: str
    since: datetime
    anchor: datetime
    cancel_at: datetime | None
    ended_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class RechargeChanged(Event):
    """Auto-recharge was turned on, changed or turned off: `reason` is "set" or "off" by its owner's hand, else the code of what stopped it.

    With "ceiling" it stays on: the month's last attempt has been made, and the next one waits for the next month.
    """

    person_id: UUID
    enabled: bool
    below: int
    pack_id: str
    ceiling_amount: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class CardChanged(Event):
    """Another card is saved, it was renewed or removed, or it cannot be charged (any more, or again): `trouble` is empty when all is well."""

    person_id: UUID
    last4: str
    trouble: str
