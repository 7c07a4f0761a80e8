"""After every test of the book, every invariant holds."""

from collections.abc import AsyncIterator

import pytest

from credit_studio.db.session import snapshot
from credit_studio.ledger import service as ledger


@pytest.fixture
async def book(database: None) -> AsyncIterator[None]:
    """An empty book, checked when the test is over."""
    yield
    async with snapshot() as tx:
        broken = [check for check in await ledger.doctor(tx) if not check.holds]
    assert broken == []
