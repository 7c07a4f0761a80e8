import time
from collections.abc import Iterator

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage

from credit_studio import settings
from credit_studio.db import hits

TWO = RateLimitItemPerMinute(2)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    at = [1_800_000_000.0]
    hits.forget()
    monkeypatch.setattr(time, "time", lambda: at[0])
    yield at
    hits.forget()


async def test_a_window_opens_again_with_time(moment: list[float]) -> None:
    assert [(await hits.count(TWO, "a"))[0] for _ in range(3)] == [True, True, False]
    assert (await hits.count(TWO, "b"))[0]
    moment[0] += 120
    assert (await hits.count(TWO, "a"))[0]


async def test_an_exact_window_says_how_long_to_wait(moment: list[float]) -> None:
    for _ in range(2):
        assert await hits.exact_wait_s(TWO, "a") == 0
        await hits.exact_count(TWO, "a")
        moment[0] += 10
    assert await hits.exact_wait_s(TWO, "a") == 40
    moment[0] += 40
    assert await hits.exact_wait_s(TWO, "a") == 0


async def test_cleared_is_forgotten(moment: list[float]) -> None:
    for _ in range(2):
        await hits.exact_count(TWO, "a")
    await hits.exact_clear(TWO, "a")
    assert await hits.exact_wait_s(TWO, "a") == 0


def test_many_processes_count_in_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    hits.forget()
    assert isinstance(hits.storage(), MemoryStorage)
    hits.forget()
    chosen = settings.Settings(redis_url="redis://127.0.0.1:6379/0")
    monkeypatch.setattr(settings, "get", lambda: chosen)
    assert isinstance(hits.storage(), RedisStorage)
    hits.forget()
