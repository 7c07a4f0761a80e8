"""What an operator does to one account from the command line. Each opens what it needs, does one thing and says what it did."""

from datetime import timedelta

from credit_studio import wiring
from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.db import session
from credit_studio.identity import service as identity
from credit_studio.offers import promos
from credit_studio.subscriptions import flow as subscriptions


async def grant(*, email: str, credits_: int, source: str) -> str:
    """Grant whole credits to the person of that address."""
    wiring.install()
    try:
        await subscriptions.grant(email=email, credits=credits_, source=source)
    finally:
        await session.dispose()
    return f"Granted {credits_} credits ({source}) to {email}."


async def set_plan(*, email: str, plan_id: str) -> str:
    """Put the person of that address on a plan of the catalogue."""
    wiring.install()
    try:
        await subscriptions.set_plan(email=email, plan_id=plan_id)
    finally:
        await session.dispose()
    return f"{email} is on the plan {plan_id}."


async def make_promo(*, credits_: int, code: str | None, uses: int | None, days: int | None, hours: int | None, note: str) -> str:
    """Make a promo code."""
    wiring.install()
    until = clock.now() + timedelta(hours=hours) if hours else None
    try:
        made = await promos.make(credits=credits_, code=code, most_uses=uses, credit_days=days, expires_at=until, note=note)
    finally:
        await session.dispose()
    return f"The code {made.code} brings {credits_} credits."


async def make_admin(*, email: str) -> str:
    """Give the person of that address the operator's role."""
    wiring.install()
    try:
        async with session.transaction() as tx:
            await identity.make_admin(tx, email=email, actor=SYSTEM)
    finally:
        await session.dispose()
    return f"{email} is an operator."
