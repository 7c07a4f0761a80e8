"""Rate limits as a reply tells them: `RateLimit` headers on every route, 429 with `Retry-After` when one is over."""

from starlette.requests import Request

from credit_studio.api import context
from credit_studio.core.actor import Actor
from credit_studio.db import rates
from credit_studio.db.rates import Rate


async def enforce(request: Request, rate: Rate, actor: Actor) -> None:
    """Count this request and say in its reply how the limit stands; raises `RateLimited` when it is over."""
    standing = await rates.count(rate, actor)
    if standing is None:
        return
    reply = context.of(request).reply
    reply["RateLimit-Policy"] = f'"{standing.name}";q={standing.per_minute};w=60'
    reply["RateLimit"] = f'"{standing.name}";r={standing.remaining};t={standing.reset_s}'
    standing.require()
