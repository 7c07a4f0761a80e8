"""What goes in and comes out of the routes that count tokens."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from credit_studio.api.bodies import FailureOut, In, Out, Text, maybe


class WorkflowIn(In):
    """What is to be built, in plain words: the first sentence says for whom and why, every line after it is something that somebody shall be able to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "brief": "Small hotels take bookings themselves.\nA guest books a free room.\nThe hotel blocks a room.",
                    "language": "python",
                    "kind": "api",
                }
            ]
        }
    )

    brief: Annotated[str, Field(min_length=5, max_length=10_000)]
    language: Text | None = Field(default=None, description="python, typescript or javascript; python when left out")
    kind: Text | None = Field(default=None, description="api, cli or library; api when left out")


class ReviewIn(In):
    """Code, or a diff, that is to be reviewed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "def total(items=[]):\n    return sum(items)\n", "filename": "app/orders.py"}]})

    code: Annotated[str, Field(min_length=1, max_length=60_000)]
    language: Text | None = Field(default=None, description="of a single file without a name; python when left out")
    filename: Text | None = Field(default=None, description="stands before the line numbers, and tells the language by its ending")


class CreditInfo(Out):
    """What the call used and what is left: tokens of this run and of all your runs, whole credits."""

    tokens_used: int
    credits_remaining: int
    total_tokens_used: int


class TokenRunReply(Out):
    """`success` is true when there is a result; without one nothing was charged and no tokens were counted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"success": True, "result": {"plan": "..."}, "creditInfo": {"tokensUsed": 2000, "creditsRemaining": 4, "totalTokensUsed": 2000}}]
        }
    )

    success: bool
    result: Any | None
    credit_info: CreditInfo
    failure: FailureOut | None = maybe("why there is no result")


class UserUsage(Out):
    """Your credits, your tokens and your subscription.

    The tokens of the month begin again at `monthlyResetDate`, in your time zone; credits do not. `subscriptionEndsAt` is when the present period ends: it is
    renewed when it is paid, and else the first plan follows.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "credits": 104,
                    "tokensPerCredit": 2000,
                    "totalTokensUsed": 2000,
                    "monthlyTokensUsed": 2000,
                    "monthlyResetDate": "2026-12-01T00:00:00Z",
                    "isSubscribed": True,
                    "subscriptionTier": "pro",
                    "subscriptionEndsAt": "2026-12-21T09:00:00Z",
                }
            ]
        }
    )

    credits: int
    tokens_per_credit: int
    total_tokens_used: int
    monthly_tokens_used: int
    monthly_reset_date: datetime
    is_subscribed: bool
    subscription_tier: str = Field(description="the id of your plan")
    subscription_ends_at: datetime | None
