"""The whole app on the token catalogue: chosen by its one setting, before anything reads a price."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from credit_studio import settings
from credit_studio.catalog import service as catalogue
from credit_studio.core import ids
from tests.api.conftest import Client, new_client, register
from tests.payments.conftest import selling
from tests.payments.shop import Shop
from tests.sandbox_fixture import Sandbox, sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process", "selling"]


def _forget() -> None:
    settings.get.cache_clear()
    catalogue.catalog.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def tokens() -> Iterator[None]:
    """CATALOG_FILE=tokens, and nothing else."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("CATALOG_FILE", "tokens")
        _forget()
        yield
    _forget()


@pytest.fixture
async def ada(worker: object) -> AsyncIterator[Client]:
    """A person who has just signed up; their runs are done."""
    async with new_client(timeout=120) as one:
        yield await register(one, f"{ids.new_id().hex}@example.com")


@pytest.fixture
def shop(worker: object, sandbox: Sandbox, selling: Callable[[str, str], None]) -> Shop:
    """The studio sells through the sandbox."""
    selling(sandbox.url, sandbox.secret)
    return Shop(sandbox)
