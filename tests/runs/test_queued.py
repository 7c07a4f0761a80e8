"""A run that no worker has taken yet: it can be cancelled at once, and whoever comes for it later finds nothing to do."""

from collections.abc import AsyncIterator

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.errors import NotFound
from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow, store
from credit_studio.tools import registry, validation
from tests.makers.people import someone

RISKS = "cyber-studio-risk-register"
EXAMPLE = validation.example_json(registry.get_tool(RISKS)) | {"iterations": 1_000}


@pytest.fixture(autouse=True)
async def _no_worker(book: None) -> AsyncIterator[None]:
    await listen.hub().start()
    yield
    await listen.hub().stop()


async def test_a_queued_run_tells_its_place_is_cancelled_at_once_and_is_never_started() -> None:
    person, other = await someone(), await someone()
    first = (await flow.start(other.actor, tool_id=RISKS, inputs=EXAMPLE)).view
    run = (await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE)).view
    told = await anext(flow.watch(person.actor, run.run_id))
    assert (run.status, told.status, told.ahead) == ("queued", "queued", 1)
    with pytest.raises(NotFound):
        await flow.cancel(other.actor, run.run_id)
    view = await flow.cancel(person.actor, run.run_id)
    assert (view.status, view.credits.charged, view.credits.released, view.usage) == ("cancelled", 0, run.credits.held, None)
    async with transaction() as tx:
        book = await ledger.balance(tx, owner_id=person.id)
        assert (book.available, book.held) == (300, 0)
        assert await store.claim(tx, run_id=run.run_id, worker_id=ids.new_id(), at=clock.now(), speed=1.0) is None
        assert await store.inputs(tx, run.run_id) is None
    assert (await flow.cancel(person.actor, run.run_id)).status == "cancelled"
    assert (await flow.cancel(other.actor, first.run_id)).status == "cancelled"
