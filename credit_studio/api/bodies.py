"""What goes in and comes out: typed, camelCase, nothing unknown taken."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt
from pydantic.alias_generators import to_camel

from credit_studio.core.credits import MAX_CREDITS
from credit_studio.runs.views import Status


class In(BaseModel):
    """A body that is taken: unknown members are refused, numbers are not read from text."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


class Out(BaseModel):
    """A body that is given."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True)


def _is_none(value: object) -> bool:
    return value is None


def maybe(description: str = "") -> Any:  # noqa: ANN401 - mirrors pydantic.Field
    """A member that is left out when there is nothing to say."""
    return Field(default=None, exclude_if=_is_none, description=description)


Credits = Annotated[StrictInt, Field(ge=1, le=MAX_CREDITS)]
Text = Annotated[str, Field(max_length=1_000)]

RUN_EXAMPLE = {
    "runId": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
    "toolId": "cyber-studio-risk-register",
    "status": "succeeded",
    "result": {"expectedAnnualLoss": 338_000},
    "usage": {"cpuMs": 2_210, "memMb": 9, "durationMs": 2_260},
    "credits": {"charged": 4, "held": 6, "released": 2, "estimate": {"min": 3, "typical": 4, "max": 6}, "balance": 296},
    "cached": False,
}
"""Shows the form; a real reply has what the tool gives."""


class Registration(In):
    """A new account. Without a name you are called what stands before the "@"; an unknown time zone is UTC."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.com", "password": "orbit-lantern-42-quay", "displayName": "Ada"}]})

    email: Text
    password: Text = Field(description="at least 10 characters, none of the most common ones")
    display_name: Text | None = None
    time_zone: Text | None = Field(default=None, description="an IANA name; the header X-Time-Zone says the same")


class Credentials(In):
    """Who signs in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.com", "password": "orbit-lantern-42-quay"}]})

    email: Text
    password: Text


class User(Out):
    """A person as they see themselves."""

    id: UUID
    email: str
    display_name: str
    role: str
    time_zone: str
    created_at: datetime


class UserReply(Out):
    """Who you are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user": {
                        "id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
                        "email": "ada@example.com",
                        "displayName": "Ada",
                        "role": "user",
                        "timeZone": "Europe/London",
                        "createdAt": "2026-11-20T14:02:00Z",
                    }
                }
            ]
        }
    )

    user: User


class RequestedLimits(In):
    """Limits you would set on the run; what is left out is the tool's own."""

    cpu_ms: Annotated[StrictInt, Field(ge=1, le=3_600_000)] | None = None
    mem_mb: Annotated[StrictInt, Field(ge=1, le=1_048_576)] | None = None
    duration_ms: Annotated[StrictInt, Field(ge=1, le=3_600_000)] | None = None


class EstimateRequest(In):
    """What to price. Without inputs the tool's example is priced."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"toolId": "cyber-studio-risk-register", "maxCredits": 10}]})

    tool_id: Text
    inputs: dict[str, Any] | None = None
    requested_limits: RequestedLimits | None = None
    max_credits: Credits | None = None


class RangeOut(Out):
    """Whole credits."""

    min: int
    typical: int
    max: int


class BreakdownOut(Out):
    """Unrounded credits."""

    base: float
    cpu: float
    memory: float
    tokens: float
    sum: float


class EstimateOut(RangeOut):
    """The price before the run; `max` is never exceeded."""

    is_free: bool
    explanation: str
    basis: Literal["declared", "history"]
    breakdown: BreakdownOut


class RunLimitsOut(Out):
    """What is enforced on the running process."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int


class EstimatedTool(Out):
    """The tool that was priced."""

    title: str
    studio: str
    execution_mode: str
    requires_auth: bool


class StoredOut(Out):
    """A result of yours for just these inputs: running again gives it for 0 credits, unless you ask for `fresh`."""

    run_id: UUID
    at: datetime


class EstimateReply(Out):
    """The price, its limits and its tool; `stored` when you have the result already."""

    tool_id: str
    estimate: EstimateOut
    limits: RunLimitsOut
    tool: EstimatedTool
    stored: StoredOut | None = maybe("a result that is there for just these inputs")


class RunRequest(In):
    """What to run. `maxCredits` lowers the limits so that the run cannot cost more; `fresh` runs anew although a stored result is there."""

    inputs: dict[str, Any]
    max_credits: Credits | None = None
    fresh: StrictBool = False


class UsageOut(Out):
    """What was priced: CPU and wall time in ms, memory above the idle worker in MB (1,024 to the GB)."""

    cpu_ms: int
    mem_mb: int
    duration_ms: int
    tokens: int | None = maybe("of tools that are priced by tokens")


class RunCreditsOut(Out):
    """What moved; `balance` is what is available after."""

    charged: int
    held: int
    released: int
    estimate: RangeOut
    balance: int


class FailureOut(Out):
    """Why a run gave no result; it was not charged."""

    code: str
    message: str
    action: str
    field: str | None = maybe()


class RunReply(Out):
    """A run. `failure` is there when it gave no result."""

    model_config = ConfigDict(json_schema_extra={"examples": [RUN_EXAMPLE]})

    run_id: UUID
    tool_id: str
    status: Status
    failure: FailureOut | None = maybe()
    result: Any | None
    usage: UsageOut | None
    credits: RunCreditsOut
    cached: bool


class PaymentOut(Out):
    """What one grant paid."""

    grant_id: UUID
    source: str
    expires_at: datetime | None
    paid: int
    left: int


class StepOut(Out):
    """A line of the waterfall, in unrounded credits."""

    name: str
    measured: str
    rate: str
    credits: float | None
    start: float
    end: float


class MomentOut(Out):
    """What happened at an instant."""

    what: str
    at: datetime


class ChargeOut(Out):
    """The answer to "Why this charge?": from usage to credits, who paid, the balance before and after."""

    steps: tuple[StepOut, ...]
    payments: tuple[PaymentOut, ...]
    balance_before: int
    balance_after: int
    moments: tuple[MomentOut, ...]
    entry_number: int | None
    fingerprint: str | None


class RunDetail(RunReply):
    """A run with its times and the reason for its charge (null while it is not settled)."""

    title: str
    summary: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    kept_until: datetime | None = Field(default=None, description="when its result goes, 30 days after the run; null when there is none")
    shared_at: datetime | None = Field(default=None, description="since when a link leads to its result")
    charge: ChargeOut | None = None


class RunLineOut(Out):
    """A run in a list."""

    run_id: UUID
    tool_id: str
    title: str
    status: Status
    created_at: datetime
    duration_ms: int | None
    charged: int
    held: int
    kept_until: datetime | None = Field(description="when its result goes; null when there is none")
    shared_at: datetime | None = Field(description="since when a link leads to its result")


class RunList(Out):
    """Runs, newest first."""

    items: tuple[RunLineOut, ...]
    next_cursor: str | None


class BlocksReply(Out):
    """What the page draws of a result; empty while there is none."""

    blocks: list[dict[str, Any]]


class LinkReply(Out):
    """A link to a result. It is told once: a new one ends the one before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://studio.example/shared/3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
                    "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                    "until": "2026-12-20T14:02:00Z",
                }
            ]
        }
    )

    url: str
    token: str
    until: datetime


class SharedReply(Out):
    """A result that somebody shares: which tool gave it, when, and its blocks. Nothing of the account."""

    tool_id: str
    title: str
    version: str
    ran_at: datetime
    until: datetime
    blocks: list[dict[str, Any]]


class UploadReply(Out):
    """Your file, until it expires."""

    upload_id: UUID
    name: str
    size: int
    sha256: str
    expires_at: datetime
