"""A run that no worker has taken yet: it can be cancelled at once, and whoever comes for it later finds nothing to do."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.core.errors import NotFound
from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow, store
from credit_studio.tools import registry, validation
from tests.makers.people import Someone, someone

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


async def test_who_asks_for_much_at_once_does_not_stand_before_those_who_ask_for_little() -> None:
    busy, modest = await someone(plan="pro"), await someone()
    mine = [await _start(busy, tool_id) for tool_id in (RISKS, "data-studio-quality", "data-studio-lineage")]
    theirs = await _start(modest, RISKS)
    turns = {run_id: (await anext(flow.watch(who.actor, run_id))).ahead for who, run_id in [(busy, one) for one in mine] + [(modest, theirs)]}
    assert turns == {mine[0]: 0, theirs: 1, mine[1]: 2, mine[2]: 3}
    assert await _taken() == [mine[0], theirs, mine[1], mine[2]]
    await flow.cancel(busy.actor, mine[0])
    assert (await anext(flow.watch(modest.actor, theirs))).ahead == 0
    for who, run_id in [(busy, one) for one in mine[1:]] + [(modest, theirs)]:
        await flow.cancel(who.actor, run_id)


async def _start(person: Someone, tool_id: str) -> UUID:
    inputs = validation.example_json(registry.get_tool(tool_id))
    return (await flow.start(person.actor, tool_id=tool_id, inputs=inputs)).view.run_id


async def _taken() -> list[UUID]:
    """The runs in the order in which the queue itself gives them to workers."""
    async with transaction() as tx:
        worker = (await tx.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id"))).scalar_one()
        taking = text("SELECT args ->> 'run_id' FROM procrastinate_fetch_job_v2(NULL, :worker)")
        taken = [(await tx.execute(taking, {"worker": worker})).scalar_one() for _ in range(4)]
        await tx.execute(text("UPDATE procrastinate_jobs SET status = 'todo'"))
    return [UUID(run_id) for run_id in taken]
