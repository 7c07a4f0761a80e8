"""Rate limits: every route has one, in a sliding minute, by account or by address."""

from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItemPerMinute
from starlette.requests import Request

from credit_studio import settings
from credit_studio.api import context
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Facts, RateLimited
from credit_studio.db import hits


class Rate(StrEnum):
    """Which of the settings a route goes by."""

    SIGN_IN = "sign-in"
    RUNS = "runs"
    ESTIMATES = "estimates"
    OTHER = "other"


@dataclass(frozen=True)
class Rule:
    """So many requests a minute."""

    name: Rate
    per_minute: int


def rule(rate: Rate) -> Rule | None:
    """What is allowed now, or None when limits are off (RATE_LIMIT_SCALE=0)."""
    chosen = settings.get()
    amounts = {
        Rate.SIGN_IN: chosen.rate_sign_in_per_min,
        Rate.RUNS: chosen.rate_runs_per_min,
        Rate.ESTIMATES: chosen.rate_estimates_per_min,
        Rate.OTHER: chosen.rate_other_per_min,
    }
    scale = chosen.rate_limit_scale
    return Rule(rate, max(1, round(amounts[rate] * scale))) if scale else None


async def enforce(request: Request, rate: Rate, actor: Actor) -> None:
    """Count this request and say in its reply how the limit stands; raises `RateLimited` when it is over."""
    found = rule(rate)
    if found is None:
        return
    by_account = actor.user_id is not None and rate is not Rate.SIGN_IN
    key = f"user:{actor.user_id}" if by_account else f"address:{context.network(actor.address)}"
    fits, window = await hits.count(RateLimitItemPerMinute(found.per_minute, namespace="api"), found.name, key)
    reset_s = max(1, round(window.reset_s + 0.5))
    reply = context.of(request).reply
    reply["RateLimit-Policy"] = f'"{found.name}";q={found.per_minute};w=60'
    reply["RateLimit"] = f'"{found.name}";r={window.remaining};t={reset_s}'
    if not fits:
        said = f"More than {found.per_minute} requests a minute. Nothing was charged."
        raise RateLimited(said, action=f"Wait {reset_s} s and try again.", facts=Facts(limit=found.per_minute, retry_after_s=window.reset_s))
