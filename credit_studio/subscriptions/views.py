"""What others see of a plan that is held."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PlanView:
    """The plan a person holds: its credits a month (0: none), those that came once, the most of its credits that a day may use, its present period.

    `is_paid`: it is a subscription at Stripe, which renews it. `status` is "active", or "past_due" while Stripe still tries to collect. At
    `cancel_at` the first plan follows; from `period_end` on `next_plan_id` does; both are None when the plan goes on as it is.
    """

    id: str
    name: str
    monthly_credits: int
    daily_cap: int | None
    period_start: datetime
    period_end: datetime
    is_paid: bool = False
    status: str = "active"
    cancel_at: datetime | None = None
    next_plan_id: str | None = None
    credits_once: int = 0


@dataclass(frozen=True)
class Renewal:
    """An allotment to come: when it arrives, when it ends, how many credits."""

    at: datetime
    ends: datetime
    credits: int
