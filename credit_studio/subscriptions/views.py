"""What others see of a plan that is held."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PlanView:
    """The plan a person holds: its credits a month, the most of them that a day may use, and its present period.

    `is_paid`: it is a subscription at Stripe, which renews it. `status` is "active", or "past_due" while Stripe still tries to collect. At
    `cancel_at` the first plan follows; from `period_end` on `next_plan_id` does; both are None when the plan goes on as it is.
    """

    id: str
    name: str
    monthly_credits: int
    daily_cap: int
    period_start: datetime
    period_end: datetime
    is_paid: bool = False
    status: str = "active"
    cancel_at: datetime | None = None
    next_plan_id: str | None = None


@dataclass(frozen=True)
class Renewal:
    """An allotment to come: when it arrives, when it ends, how many credits."""

    at: datetime
    ends: datetime
    credits: int
