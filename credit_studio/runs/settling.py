"""How runs end, each in the batch that its hold is settled in: the charge, the run's row, its result, roll-ups, audit and bell are one transaction."""

import functools
from uuid import UUID

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import flow as batched
from credit_studio.ledger import service as ledger
from credit_studio.ledger.errors import HoldEnded
from credit_studio.ledger.terms import Done
from credit_studio.runs import errors, service, store
from credit_studio.runs.runner.contract import Outcome
from credit_studio.runs.service import Ending
from credit_studio.tools import registry


async def settle(run_id: UUID, outcome: Outcome) -> bool:
    """Charge a run that succeeded, give everything back for any other end; False when it had been ended before."""
    row = await _row(run_id)
    return row is not None and await _end(row, service.ending(row, outcome), SYSTEM)


async def give_back(run_id: UUID, *, status: str, code: str, message: str, actor: Actor = SYSTEM) -> bool:
    """End a run without a result and release its hold; False when it had ended before."""
    row = await _row(run_id)
    values = {"status": status, "failure_code": code, "failure_message": message}
    return row is not None and await _end(row, Ending(0, values), actor)


async def _row(run_id: UUID) -> store.Row | None:
    async with transaction() as tx:
        return await store.get(tx, run_id)


async def _end(row: store.Row, ending: Ending, actor: Actor) -> bool:
    note = registry.get_tool(row["tool_id"]).title if ending.charged else ending.values["failure_message"]
    after = functools.partial(_after, row=row, ending=ending, actor=actor)
    try:
        return await batched.settle(owner_id=row["person_id"], run_id=row["id"], amount=ending.charged, note=note, after=after)
    except errors.EndedBefore:
        return False
    except HoldEnded:
        if ending.charged:
            raise
        return await _end_without_hold(row, ending, actor)


async def _after(tx: Tx, done: Done, *, row: store.Row, ending: Ending, actor: Actor) -> None:
    await service.end(tx, row=row, ending=ending, actor=actor, at=done.entry.at if done.entry is not None else clock.now())


async def _end_without_hold(row: store.Row, ending: Ending, actor: Actor) -> bool:
    """Whoever ended the hold has not ended the run."""
    try:
        async with transaction() as tx:
            await ledger.lock(tx, owner_id=row["person_id"])
            await service.end(tx, row=row, ending=ending, actor=actor, at=clock.now())
    except errors.EndedBefore:
        return False
    return True
