"""Settings that a test of sending chooses."""

from collections.abc import Callable, Iterator

import pytest

from credit_studio import settings

Choose = Callable[..., None]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Iterator[Choose]:
    """Set settings by their environment's names, for this test."""

    def choose(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.get.cache_clear()

    yield choose
    monkeypatch.undo()
    settings.get.cache_clear()
