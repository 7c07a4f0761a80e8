"""What goes in and comes out about plans: minor units with their currency, whole credits."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from credit_studio.api.bodies import In, Out, Text, maybe
from credit_studio.api.payment_bodies import MoneyOut
from credit_studio.subscriptions.changes import Kind

_PRICE = {"amount": 3500, "currency": "GBP"}
_HELD = {
    "id": "supporter",
    "name": "Supporter",
    "monthlyCredits": 3000,
    "dailyCap": 300,
    "isPaid": True,
    "status": "active",
    "periodStart": "2026-11-21T09:00:00Z",
    "periodEnd": "2026-12-21T09:00:00Z",
    "cancelAt": None,
    "nextPlanId": None,
}


class OfferedPlanOut(Out):
    """A plan. `change` is what choosing it does: begin at the checkout, change at once, follow at the end of the period, take that back, or nothing."""

    plan_id: str = Field(validation_alias="id")
    name: str
    monthly_credits: int = Field(description="0 when none come by themselves each month")
    credits_once: int = Field(description="that came, or come, once and stay")
    daily_cap: int | None
    by_agreement: bool = Field(description="true when it is not sold here: an operator gives it")
    price: MoneyOut = Field(description="a month")
    is_held: bool
    change: Kind


class PlanList(Out):
    """All plans, in the order of the catalogue."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "planId": "pro",
                            "name": "Pro",
                            "monthlyCredits": 12000,
                            "creditsOnce": 0,
                            "dailyCap": 2000,
                            "byAgreement": False,
                            "price": _PRICE,
                            "isHeld": False,
                            "change": "upgrade",
                        }
                    ],
                    "nextCursor": None,
                }
            ]
        }
    )

    items: tuple[OfferedPlanOut, ...]
    next_cursor: str | None = None


class HeldPlanOut(Out):
    """The plan you hold. `status` is "past_due" while a payment is due and tried again.

    At `cancelAt` the first plan follows, from `periodEnd` on `nextPlanId`; both are null when it goes on as it is.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_HELD]})

    id: str
    name: str
    monthly_credits: int = Field(description="0 when none come by themselves each month")
    daily_cap: int | None
    is_paid: bool = Field(description="true when it is a subscription, which is renewed by a payment")
    status: Literal["active", "past_due"]
    period_start: datetime
    period_end: datetime
    cancel_at: datetime | None
    next_plan_id: str | None


class PlanChoice(In):
    """Which plan. Its price is the catalogue's. `pricedAt` is a preview's: that price is charged, or the choice is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"planId": "pro"}]})

    plan_id: Text
    priced_at: AwareDatetime | None = Field(default=None, strict=False)


class ChosenReply(Out):
    """What came of it. `url` is there while you have something to do: pay at the checkout, or confirm with your bank."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "checkout", "plan": _HELD, "sessionId": "cs_test_a1B2c3D4", "url": "https://checkout.stripe.com/c/pay/cs_test_a1B2"}]
        }
    )

    status: Literal["checkout", "needs_action", "changed", "scheduled", "resumed"]
    plan: HeldPlanOut
    url: str | None = maybe("where to go now")
    session_id: str | None = maybe("of the checkout, for verify-payment")
    charged: MoneyOut | None = maybe("what was charged at once")
    credits: int | None = maybe("what arrived at once")


class PreviewReply(Out):
    """What choosing a plan would do. `dueNow` is charged at once, `then` at `thenAt` and every month after; the lists are sentences."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "upgrade",
                    "before": "supporter",
                    "after": "pro",
                    "dueNow": {"amount": 1250, "currency": "GBP"},
                    "creditsNow": 4500,
                    "pricedAt": "2026-12-06T09:00:00Z",
                    "startsAt": None,
                    "then": _PRICE,
                    "thenAt": "2026-12-21T09:00:00Z",
                    "stays": ["The 2,100 credits left of Supporter stay until 21 December 2026."],
                    "ends": [],
                    "carriesOver": ["Credits that you buy stay yours on every plan."],
                }
            ]
        }
    )

    kind: Kind
    before: str
    after: str
    due_now: MoneyOut
    credits_now: int
    priced_at: datetime | None
    starts_at: datetime | None
    then: MoneyOut
    then_at: datetime | None
    stays: tuple[str, ...]
    ends: tuple[str, ...]
    carries_over: tuple[str, ...]
