"""What doors see of limits: frozen, whole credits, money in minor units."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from credit_studio.core.money import Money

Window = Literal["run", "day", "month"]


@dataclass(frozen=True)
class Channels:
    """How alerts reach somebody. `sms` is a telephone number, `webhook_url` an address: None for those that are not used."""

    in_app: bool
    email: bool
    sms: str | None
    webhook_url: str | None


@dataclass(frozen=True)
class AutoRecharge:
    """Below `below` credits buy the pack, at most `monthly_ceiling` in a calendar month."""

    enabled: bool
    below: int
    pack_id: str
    monthly_ceiling: Money


@dataclass(frozen=True)
class CreditSettings:
    """A person's settings. A cap is None when there is none of their own: then the plan's alone hold."""

    daily_cap: int | None
    monthly_cap: int | None
    per_run_max: int | None
    alert_thresholds: tuple[int, ...]
    notifications: Channels
    auto_recharge: AutoRecharge
    time_zone: str


@dataclass(frozen=True)
class Bounds:
    """The most that own caps may be: the plan's caps (None for one that it does not have), and the person's own credits on top of each."""

    plan_daily: int | None
    plan_monthly: int | None
    own_credits: int

    def plan(self, window: Window) -> tuple[int, str] | None:
        """What the plan allows in a window, and of which one that is said; one run or day cannot take more than a month. None without a cap."""
        if window != "month" and self.plan_daily is not None:
            return self.plan_daily, "a day"
        return None if self.plan_monthly is None else (self.plan_monthly, "a month")

    def most(self, window: Window) -> int:
        """The most for a window; one run cannot take more than a day."""
        plan = self.plan(window)
        return self.own_credits + (plan[0] if plan else 0)


@dataclass(frozen=True)
class Blocked:
    """A past run that a cap would have stopped, and that cap: `limit`, what was `spent` of it, what the run `required`."""

    run_id: UUID
    tool_id: str
    at: datetime
    window: Window
    limit: int
    spent: int
    required: int


@dataclass(frozen=True)
class Simulation:
    """What caps would have done to the `runs` that began since `since`: `count` of them stopped, of which `blocked` are the newest."""

    since: datetime
    runs: int
    count: int
    blocked: tuple[Blocked, ...]


@dataclass(frozen=True)
class Standing:
    """A person's settings, the most that their caps may be, and what everything has taken of the windows that are open: (credits, when it ends)."""

    settings: CreditSettings
    bounds: Bounds
    day: tuple[int, datetime]
    month: tuple[int, datetime]


class ChannelsPart(TypedDict, total=False):
    """Channels to change; the others stay."""

    in_app: bool
    email: bool
    sms: str | None
    webhook_url: str | None


class RechargePart(TypedDict, total=False):
    """Figures of the auto-recharge to change; the others stay. `ceiling_amount` is in minor units; `consent` is a yes to the sentence of payments."""

    enabled: bool
    below: int
    pack_id: str
    ceiling_amount: int
    consent: bool


class Part(TypedDict, total=False):
    """Settings to change; the others stay. A cap of None takes the own cap away."""

    daily_cap: int | None
    monthly_cap: int | None
    per_run_max: int | None
    alert_thresholds: tuple[int, ...]
    notifications: ChannelsPart
    auto_recharge: RechargePart
    time_zone: str
