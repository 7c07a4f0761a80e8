"""Counting hits in sliding windows: in this process's memory, or in Redis for all processes when REDIS_URL is set."""

import functools
import time
from dataclasses import dataclass

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from credit_studio import settings


@dataclass(frozen=True)
class Window:
    """How a window stands: what is left in it, and in how many seconds it opens again."""

    remaining: int
    reset_s: float


@functools.cache
def storage() -> Storage:
    """Where this process counts."""
    url = settings.get().redis_url
    return RedisStorage(f"async+{url}", implementation="redispy") if url else MemoryStorage()


def forget() -> None:
    """Begin anew, with empty counters; used when a process ends and by tests."""
    for made in (storage, _counter, _exact):
        made.cache_clear()


async def count(item: RateLimitItem, *key: str) -> tuple[bool, Window]:
    """Count one hit and say whether it fits; cheap, accurate to a fraction of the window (a weighted pair of counters)."""
    fits = await _counter().hit(item, *key)
    stats = await _counter().get_window_stats(item, *key)
    return fits, Window(max(0, stats.remaining), max(0.0, stats.reset_time - time.time()))


async def exact_wait_s(item: RateLimitItem, *key: str) -> float:
    """Seconds until another hit would fit the exact window; 0.0 when it fits now. Counts nothing."""
    if await _exact().test(item, *key):
        return 0.0
    stats = await _exact().get_window_stats(item, *key)
    return max(1.0, stats.reset_time - time.time())


async def exact_count(item: RateLimitItem, *key: str) -> None:
    """Count one hit in the exact window."""
    await _exact().hit(item, *key)


async def exact_clear(item: RateLimitItem, *key: str) -> None:
    """Empty the exact window."""
    await _exact().clear(item, *key)


@functools.cache
def _counter() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage())


@functools.cache
def _exact() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage())
