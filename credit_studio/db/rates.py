"""Rate limits, one place for every door: in a sliding minute, by account or by address. `api` tells them in headers, pages in words."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItemPerMinute

from credit_studio import settings
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Facts, RateLimited
from credit_studio.db import hits


class Rate(StrEnum):
    """Which of the settings a request goes by."""

    SIGN_IN = "sign-in"
    RUNS = "runs"
    ESTIMATES = "estimates"
    WEBHOOKS = "webhooks"
    OTHER = "other"


@dataclass(frozen=True)
class Standing:
    """A limit after a request was counted: so many a minute, what is left of them, whole seconds until the window opens again."""

    name: Rate
    per_minute: int
    remaining: int
    reset_s: int
    fits: bool

    def require(self) -> None:
        """Raise `RateLimited` when the limit is over."""
        if not self.fits:
            said = f"More than {self.per_minute} requests a minute. Nothing was charged."
            facts = Facts(limit=self.per_minute, retry_after_s=float(self.reset_s))
            raise RateLimited(said, action=f"Wait {self.reset_s} s and try again.", facts=facts)


def per_minute(rate: Rate) -> int | None:
    """What is allowed a minute, or None when limits are off (RATE_LIMIT_SCALE=0)."""
    chosen = settings.get()
    amounts = {
        Rate.SIGN_IN: chosen.rate_sign_in_per_min,
        Rate.RUNS: chosen.rate_runs_per_min,
        Rate.ESTIMATES: chosen.rate_estimates_per_min,
        Rate.WEBHOOKS: chosen.rate_webhooks_per_min,
        Rate.OTHER: chosen.rate_other_per_min,
    }
    scale = chosen.rate_limit_scale
    return max(1, round(amounts[rate] * scale)) if scale else None


async def count(rate: Rate, actor: Actor) -> Standing | None:
    """Count one request of the actor; None when limits are off. Sign-in counts by address, the rest by account where there is one."""
    allowed = per_minute(rate)
    if allowed is None:
        return None
    by_account = actor.user_id is not None and rate is not Rate.SIGN_IN
    key = f"user:{actor.user_id}" if by_account else f"address:{network(actor.address)}"
    fits, window = await hits.count(RateLimitItemPerMinute(allowed, namespace="doors"), rate, key)
    return Standing(rate, allowed, window.remaining, max(1, round(window.reset_s + 0.5)), fits)


async def enforce(rate: Rate, actor: Actor) -> None:
    """Count one request of the actor; raises `RateLimited` when it is over the limit."""
    standing = await count(rate, actor)
    if standing is not None:
        standing.require()


def network(address: str) -> str:
    """What counts as one address for limits: an IPv6 customer has a /64."""
    try:
        seen = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(seen, ipaddress.IPv6Address):
        return str(seen.ipv4_mapped or ipaddress.ip_network((seen, 64), strict=False).network_address)
    return str(seen)
