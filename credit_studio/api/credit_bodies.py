"""What comes out about credits and tools."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from credit_studio.api.bodies import Out


class PlanOut(Out):
    """The plan you hold, in whole credits."""

    id: str
    name: str
    monthly_credits: int
    daily_cap: int


class WindowOut(Out):
    """The cap of a window that would stop first; `cap` and `resetsAt` are null when there is none."""

    used: int
    cap: int | None
    resets_at: datetime | None


class UsageWindows(Out):
    """Today and this month, in your time zone."""

    daily: WindowOut
    monthly: WindowOut


class CapOut(Out):
    """One cap as it stands; a plan's cap counts the plan's own credits, your own counts everything."""

    window: Literal["run", "day", "month"]
    scope: Literal["plan", "own"]
    limit: int
    used: int
    resets_at: datetime | None


class GrantOut(Out):
    """Credits that arrived together, in burn order."""

    id: UUID
    source: str
    amount: int
    remaining: int
    expires_at: datetime | None
    priority: int


class BalanceReply(Out):
    """Your credits now: available = total - held."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "available": 296,
                    "held": 0,
                    "total": 296,
                    "debt": 0,
                    "version": 7,
                    "plan": {"id": "free", "name": "Free", "monthlyCredits": 300, "dailyCap": 30},
                    "usage": {
                        "daily": {"used": 4, "cap": 30, "resetsAt": "2026-11-21T00:00:00Z"},
                        "monthly": {"used": 4, "cap": None, "resetsAt": None},
                    },
                    "caps": [{"window": "day", "scope": "plan", "limit": 30, "used": 4, "resetsAt": "2026-11-21T00:00:00Z"}],
                    "grants": [
                        {
                            "id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
                            "source": "plan",
                            "amount": 300,
                            "remaining": 296,
                            "expiresAt": "2026-12-20T14:02:00Z",
                            "priority": 10,
                        }
                    ],
                    "alerts": [],
                    "timeZone": "Europe/London",
                }
            ]
        }
    )

    available: int
    held: int
    total: int
    debt: int
    version: int
    plan: PlanOut
    usage: UsageWindows
    caps: tuple[CapOut, ...]
    grants: tuple[GrantOut, ...]
    alerts: tuple[Any, ...] = ()
    time_zone: str


class MovementOut(Out):
    """One line of the history; `amount` is signed."""

    id: UUID
    at: datetime
    type: str = Field(validation_alias="kind")
    amount: int
    balance_after: int
    description: str
    tool_id: str | None = Field(default=None, exclude_if=lambda value: value is None)
    run_id: UUID | None = Field(default=None, exclude_if=lambda value: value is None)
    reason: str | None = Field(default=None, exclude_if=lambda value: value is None)


class MovementList(Out):
    """Movements, newest first."""

    items: tuple[MovementOut, ...]
    next_cursor: str | None


class ToolLimits(Out):
    """What one run may take at most."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int
    output_bytes: int


class Pricing(Out):
    """How a server run is priced, in credits; `max` is the cap. Tools priced by tokens say `tokensPerCredit`."""

    base: int | None = Field(default=None, exclude_if=lambda value: value is None)
    cpu_ms_per_credit: int | None = Field(default=None, exclude_if=lambda value: value is None)
    gb_ms_per_credit: int | None = Field(default=None, exclude_if=lambda value: value is None)
    tokens_per_credit: int | None = Field(default=None, exclude_if=lambda value: value is None)
    min: int
    max: int


class ToolOut(Out):
    """A tool. `requiresAuth` is false where it also runs in the browser without an account."""

    tool_id: str
    title: str
    studio: str
    slug: str
    execution_mode: Literal["client_only", "hybrid", "server_required"]
    requires_auth: bool
    risk_tier: str
    limits: ToolLimits
    pricing: Pricing
    availability: str
    description: str
    path: str


class ToolList(Out):
    """All tools, in the order of the catalogue."""

    items: tuple[ToolOut, ...]
    next_cursor: str | None = None


class ToolDetail(ToolOut):
    """A tool with the JSON Schema of its inputs and an example that runs."""

    input_schema: dict[str, Any]
    example: dict[str, Any]


class Health(Out):
    """How the studio is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok", "ready"]
