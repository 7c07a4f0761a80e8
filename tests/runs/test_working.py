"""What a worker does when something of ours fails: the run ends without a result, and everything that it held returns."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import InterfaceError

from credit_studio.core import clock, ids
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow, rules, service, settling, store, working
from credit_studio.runs.runner import Measured, Outcome, Runner, RunnerDown
from credit_studio.runs.views import RunView
from credit_studio.tools import registry, validation
from tests.makers.people import Someone, someone

RISKS = "cyber-studio-risk-register"
EXAMPLE = validation.example_json(registry.get_tool(RISKS))
pytestmark = pytest.mark.usefixtures("worker")
DONE = Outcome("succeeded", "{}", "[]", Measured(cpu_ms=10, mem_mb=1, duration_ms=10))


async def _run(person: Someone) -> RunView:
    return (await flow.run_tool(person.actor, tool_id=RISKS, inputs=EXAMPLE)).view


async def _book(person: Someone) -> tuple[int, int]:
    async with transaction() as tx:
        book = await ledger.balance(tx, owner_id=person.id)
    return book.available, book.held


@pytest.mark.parametrize(("fault", "code"), [(RunnerDown("no process can be had"), "crashed"), (ValueError("a fault of ours"), "tool_error")])
async def test_a_fault_of_ours_is_told_as_ours_and_costs_nothing(monkeypatch: pytest.MonkeyPatch, fault: Exception, code: str) -> None:
    async def fail(*_: Any) -> Outcome:
        raise fault

    monkeypatch.setattr(Runner, "run", fail)
    person = await someone()
    view = await _run(person)
    assert (view.status, view.credits.charged, view.credits.released) == ("failed", 0, view.credits.held)
    assert view.failure is not None
    assert (view.failure.code, "The fault is ours." in view.failure.message) == (code, True)
    assert str(fault) not in view.failure.message
    assert await _book(person) == (300, 0)
    monkeypatch.undo()
    assert (await _run(person)).status == "succeeded"


async def test_a_connection_that_is_lost_at_the_end_charges_once_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real, tries, twice = settling.settle, [], asyncio.Event()

    async def settle(run_id: UUID, outcome: Outcome) -> bool:
        tries.append(await real(run_id, outcome))
        if len(tries) == 1:
            raise InterfaceError("the connection was lost after the commit", None, OSError())
        twice.set()
        return tries[-1]

    monkeypatch.setattr(working.settling, "settle", settle)
    person = await someone()
    view = await _run(person)
    await asyncio.wait_for(twice.wait(), 5)  # the run's end rings before the worker learns that its connection was lost
    assert (view.status, tries) == ("succeeded", [True, False])
    assert await _book(person) == (300 - view.credits.charged, 0)


async def test_a_run_that_ended_is_not_settled_again() -> None:
    person = await someone()
    view = await _run(person)
    assert not await settling.settle(view.run_id, DONE)
    assert not await settling.settle(ids.new_id(), DONE)
    assert not await settling.give_back(view.run_id, status="failed", code="interrupted", message="Again.")
    assert await _book(person) == (300 - view.credits.charged, 0)


async def test_a_run_that_is_taken_is_not_taken_by_another(worker: Runner) -> None:
    person = await someone()
    view = await _run(person)
    await asyncio.wait_for(working.execute(view.run_id, runner=worker, worker_id=ids.new_id()), 5)
    assert (await flow.get(person.actor, view.run_id)) == view


async def test_nothing_is_given_back_of_what_a_living_worker_does() -> None:
    person = await someone(plan="pro")
    ran = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 300_000})
    recovered = [await working.recover() for _ in range(3)]
    view = await flow.wait(person.actor, ran.view.run_id, wait_s=60)
    assert view.status == "succeeded"
    assert recovered == [0, 0, 0]


async def test_a_worker_that_comes_and_takes_a_run_during_a_recovery_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    real, person = service.living_workers, await someone()
    with monkeypatch.context() as nobody:
        nobody.setattr(service.queue, "enqueue", _not_now)
        ran = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE)

    async def living(tx: Tx) -> list[store.Row]:
        found, newcomer = await real(tx), ids.new_id()
        async with transaction() as other:
            await service.beat(other, worker_id=newcomer, slots=1, speed=1.0)
            await store.claim(other, run_id=ran.view.run_id, worker_id=newcomer, speed=1.0, at=clock.now())
        return found

    monkeypatch.setattr(service, "living_workers", living)
    assert await working.recover() == 0
    assert (await flow.get(person.actor, ran.view.run_id)).status == "running"


async def _not_now(*_: Any, **__: Any) -> None:
    """Nothing is queued."""


async def test_a_run_that_nobody_takes_is_given_back_in_time_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.queue, "enqueue", _not_now)
    person = await someone()
    ran = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE)
    with clock.frozen(clock.now() + rules.QUEUE_LASTS + timedelta(seconds=1)):
        async with transaction() as tx:
            await service.beat(tx, worker_id=ids.new_id(), slots=1, speed=1.0)
        await working.recover()
        view = await flow.get(person.actor, ran.view.run_id)
    assert (view.status, view.credits.charged) == ("failed", 0)
    assert view.failure is not None
    assert view.failure.message == rules.NOT_TAKEN
    assert await _book(person) == (300, 0)
