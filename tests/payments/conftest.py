"""A shop for tests: the studio's settings point at a sandbox, and what the sandbox tells is brought to the door by hand."""

from collections.abc import AsyncIterator, Callable

import pytest

from credit_studio import settings
from credit_studio.payments import gateway
from tests.payments.shop import Shop
from tests.sandbox_fixture import Sandbox, sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process"]


@pytest.fixture
async def selling(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[str, str], None]]:
    """Let the studio sell through the sandbox at this address, whose events are signed with this secret."""

    def sell(url: str, secret: str) -> None:
        chosen = settings.Settings(stripe_sandbox_url=url, stripe_sandbox_secret=secret)  # type: ignore[arg-type] - read as a secret
        monkeypatch.setattr(settings, "get", lambda: chosen)

    yield sell
    await gateway.close()


@pytest.fixture
async def shop(book: None, sandbox: Sandbox, selling: Callable[[str, str], None]) -> Shop:
    """The studio sells through the sandbox; when the test is over, every invariant of the book holds."""
    selling(sandbox.url, sandbox.secret)
    return Shop(sandbox)
