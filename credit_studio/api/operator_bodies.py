"""What goes in and comes out for operators about money, and about auto-recharge for everybody."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StrictInt

from credit_studio.api.bodies import In, Out, Text, maybe
from credit_studio.api.payment_bodies import MoneyOut

_ORDER = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
_AT = "2026-11-20T14:02:07Z"
_PRICE = {"amount": 1000, "currency": "GBP"}
_MONTH = {"amount": 3000, "currency": "GBP"}
_SAID = "When fewer than 200 credits are left, buy the Starter pack for £10.00 with my saved card, without asking me each time."
Minor = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class MoneyIn(In):
    """An amount in minor units (pence for GBP)."""

    amount: Minor
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class RefundIn(In):
    """What to refund. `amount` in the order's currency, all that is left of it when it is missing; `reason` is kept in the audit log and at Stripe."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"orderId": _ORDER, "amount": _PRICE, "reason": "Bought twice by mistake"}]})

    order_id: Text
    amount: MoneyIn | None = None
    reason: Annotated[str, Field(min_length=3, max_length=300)]


class RefundReply(Out):
    """The refund; its credits have been taken back already."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"refundId": "re_3Nf2a", "orderId": _ORDER, "amount": _PRICE, "status": "succeeded", "credits": 500}]}
    )

    refund_id: str
    order_id: UUID
    amount: MoneyOut
    status: str = Field(description="Stripe's word: pending, requires_action, succeeded, failed, canceled")
    credits: int


class FindingOut(Out):
    """What does not agree."""

    code: str
    about: str
    said: str


class MoneyCheckOut(Out):
    """One comparison of what was paid at Stripe with what was granted here."""

    at: datetime
    since: datetime = Field(description="from when on Stripe's objects were looked at; the book is compared whole")
    holds: bool
    looked: int
    mended: tuple[str, ...]
    found: tuple[FindingOut, ...]


class UnfinishedOut(Out):
    """An order that is neither paid nor ended for more than an hour."""

    order_id: UUID
    kind: str
    item: str
    amount: MoneyOut
    status: str
    created_at: datetime


class DeadEventOut(Out):
    """An event of Stripe's that was given up."""

    event_id: str
    type: str
    object_id: str
    received_at: datetime
    attempts: int
    error: str


_CHECK: dict[str, Any] = {"at": _AT, "since": "2026-11-18T13:02:07Z", "holds": True, "looked": 42, "mended": [], "found": []}


class ReconciliationReply(Out):
    """How the money stands; `last` is null before the first comparison."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"last": _CHECK, "unfinished": [], "dead": []}]})

    last: MoneyCheckOut | None
    unfinished: tuple[UnfinishedOut, ...]
    dead: tuple[DeadEventOut, ...]


class ReplayedReply(Out):
    """The event will be worked through again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"replayed": "evt_1Nf2a"}]})

    replayed: str


class AutoRecharge(In):
    """Auto-recharge as it is set: below `below` credits buy `packId`, at most `monthlyCeiling` in a calendar month."""

    enabled: bool
    below: StrictInt = Field(description="credits, 1 to 1,000,000")
    pack_id: Text
    monthly_ceiling: MoneyIn


class AutoRechargeIn(AutoRecharge):
    """How it is to be. Turning it on, and changing a figure while it is on, needs `consent: true` to the sentence that `consentText` shows."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"enabled": False, "below": 200, "packId": "starter", "monthlyCeiling": _MONTH, "consent": False}]}
    )

    consent: bool = False


class StoppedOut(Out):
    """Why it has stopped by itself, and what to do."""

    code: str
    said: str
    action: str


class AutoRechargeReply(Out):
    """How it stands. `tried` is what this month's attempts come to, pending and failed ones too; `waits` says why nothing is bought now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "enabled": False,
                    "below": 200,
                    "packId": "starter",
                    "monthlyCeiling": _MONTH,
                    "tried": {"amount": 0, "currency": "GBP"},
                    "waits": "off",
                    "consentText": _SAID,
                    "consentedAt": None,
                }
            ]
        }
    )

    enabled: bool
    below: int
    pack_id: str
    monthly_ceiling: MoneyOut
    tried: MoneyOut
    waits: Literal["", "off", "enough", "in_flight", "cooling", "ceiling"]
    consent_text: str
    consented_at: datetime | None
    stopped: StoppedOut | None = maybe("why it was turned off by itself; it stays off until you turn it on")
