"""Fifty people run tools at once: nobody meets an error, and every balance is right to the credit."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.db.session import snapshot
from credit_studio.history import service as history
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow
from credit_studio.runs.views import RunView
from credit_studio.tools import registry, validation
from tests.makers.people import Someone, someone

PEOPLE = 50
ALLOTMENT = 12_000
TOOLS = ("cyber-studio-risk-register", "cyber-studio-vulnerability-scanner", "data-studio-quality", "data-studio-lineage")
WITHIN_S = 50.0
pytestmark = pytest.mark.usefixtures("worker")


@dataclass(frozen=True)
class Visit:
    """What one person did."""

    person: Someone
    views: tuple[RunView, ...]
    replayed: RunView


def _asked(tool_id: str, size: random.Random) -> dict[str, Any]:
    example = validation.example_json(registry.get_tool(tool_id))
    return example | ({"iterations": size.randrange(1_000, 100_000), "seed": size.randrange(1_000)} if tool_id == TOOLS[0] else {})


async def _visit(person: Someone, number: int) -> Visit:
    """Two different tools at the same time, each under a key; then the first request once more, as a client does that lost the answer."""
    size = random.Random(number)  # noqa: S311 - sizes that are the same in every session of tests
    picked = [TOOLS[(number + step) % len(TOOLS)] for step in range(2)]
    asked = [{"tool_id": tool_id, "inputs": _asked(tool_id, size), "key": f"{number}-{tool_id}"} for tool_id in picked]
    ran = await asyncio.gather(*(flow.run_tool(person.actor, **one) for one in asked))
    again = await flow.run_tool(person.actor, **asked[0])
    assert again.replayed
    return Visit(person, tuple(one.view for one in ran), again.view)


async def test_fifty_people_run_tools_at_once_and_every_balance_is_right() -> None:
    people = [await someone(plan="pro") for _ in range(PEOPLE)]
    async with asyncio.timeout(WITHIN_S):
        visits = await asyncio.gather(*(_visit(person, number) for number, person in enumerate(people)))
    for visit in visits:
        await _is_right(visit)
    async with snapshot() as tx:
        assert [check.name for check in await history.doctor(tx) if not check.holds] == []
        counted = (await tx.execute(text("SELECT sum(runs), sum(failed), sum(credits) FROM usage_hour"))).one()
        assert (await tx.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one() == 0
    assert tuple(counted) == (2 * PEOPLE, 0, sum(view.credits.charged for visit in visits for view in visit.views))


async def _is_right(visit: Visit) -> None:
    for view in visit.views:
        assert view.status == "succeeded", view.failure
        assert view.credits.estimate.min <= view.credits.charged <= view.credits.estimate.max
        assert view.credits.charged + view.credits.released == view.credits.held
    assert visit.replayed.run_id == visit.views[0].run_id
    assert visit.replayed.credits.charged == visit.views[0].credits.charged
    spent = sum(view.credits.charged for view in visit.views)
    async with snapshot() as tx:
        now = await ledger.balance(tx, owner_id=visit.person.id)
        page = await history.movements(tx, owner_id=visit.person.id)
    assert (now.available, now.held, now.total, now.debt) == (ALLOTMENT - spent, 0, ALLOTMENT - spent, 0)
    assert sorted(move.amount for move in page.items) == sorted([ALLOTMENT, *(-view.credits.charged for view in visit.views)])
