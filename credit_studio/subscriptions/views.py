"""What others see of a plan that is held."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PlanView:
    """The plan a person holds: its credits a month, the most of them that a day may use, and its present period."""

    id: str
    name: str
    monthly_credits: int
    daily_cap: int
    period_start: datetime
    period_end: datetime


@dataclass(frozen=True)
class Renewal:
    """An allotment to come: when it arrives, when it ends, how many credits."""

    at: datetime
    ends: datetime
    credits: int
