"""Slowing down whoever guesses passwords, without locking the owner out.

Failures are counted by account and address together, in windows that grow: each further guess costs more time, and only at the address that
guesses. Beside that an address has a budget over all accounts, and an account one over all addresses; the last does not bind an
address from which that account has signed in before, so that nobody can lock an owner out from elsewhere.
"""

import hashlib
from collections.abc import Iterator

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute

from credit_studio import settings
from credit_studio.db import hits
from credit_studio.identity.errors import too_many_attempts

_BY_PAIR = ((5, RateLimitItemPerMinute, 1), (10, RateLimitItemPerMinute, 15), (20, RateLimitItemPerHour, 2), (40, RateLimitItemPerDay, 1))
_BY_ADDRESS = ((60, RateLimitItemPerMinute, 10), (300, RateLimitItemPerDay, 1))
_BY_ACCOUNT = ((100, RateLimitItemPerHour, 1),)
"""Failures allowed, the window's unit, its length in units."""


async def check(account: str, address: str, *, knows_address: bool) -> None:
    """Raise `RateLimited` when this account from this address, or this address, has failed too often of late."""
    waits = [await hits.exact_wait_s(item, *key) for item, key in _windows(account, address, with_account=not knows_address)]
    if any(waits):
        raise too_many_attempts(max(waits))


async def failed(account: str, address: str) -> None:
    """Count a failure."""
    for item, key in _windows(account, address, with_account=True):
        await hits.exact_count(item, *key)


async def succeeded(account: str, address: str) -> None:
    """Forget the failures of this account at this address: its owner is here."""
    for item, key in _windows(account, address, with_account=False):
        if key[0] == "pair":
            await hits.exact_clear(item, *key)


def _windows(account: str, address: str, *, with_account: bool) -> Iterator[tuple[RateLimitItem, tuple[str, ...]]]:
    scale = settings.get().rate_limit_scale
    if scale == 0:
        return
    who = hashlib.sha256(account.encode()).hexdigest()[:32]
    kinds = [(_BY_PAIR, ("pair", who, address)), (_BY_ADDRESS, ("address", address))]
    if with_account:
        kinds.append((_BY_ACCOUNT, ("account", who)))
    for stairs, key in kinds:
        for amount, unit, length in stairs:
            yield unit(max(1, round(amount * scale)), length, namespace="sign-in"), key
