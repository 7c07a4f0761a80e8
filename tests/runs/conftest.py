"""A worker that takes runs: the real queue, the real processes."""

from collections.abc import AsyncIterator

import pytest

from credit_studio.db import listen
from credit_studio.db.session import snapshot
from credit_studio.jobs.worker import working_here
from credit_studio.ledger import service as ledger
from credit_studio.runs.runner import Runner


@pytest.fixture
async def worker(database: None) -> AsyncIterator[Runner]:
    """Takes runs, two at once; when the test is over every invariant of the book holds."""
    await listen.hub().start()
    async with working_here(2) as runner:
        yield runner
    await listen.hub().stop()
    async with snapshot() as tx:
        assert [check for check in await ledger.doctor(tx) if not check.holds] == []
