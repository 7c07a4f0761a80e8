"""The one path of a run: held before, charged after, never without a result."""

import asyncio
import dataclasses
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, InvalidInputs, NotFound, NotSignedIn, PaymentRequired, Unavailable
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance
from credit_studio.runs import flow
from credit_studio.tools import registry, validation
from tests.makers.people import Someone, someone

RISKS = "cyber-studio-risk-register"
EXAMPLE = validation.example_json(registry.get_tool(RISKS))
pytestmark = pytest.mark.usefixtures("worker")


async def balance(person: Someone) -> Balance:
    async with transaction() as tx:
        return await ledger.balance(tx, owner_id=person.id)


async def run(person: Someone, **asked: object) -> flow.Ran:
    return await flow.run_tool(person.actor, **({"tool_id": RISKS, "inputs": EXAMPLE, "fresh": True} | asked))  # type: ignore[arg-type]


async def events(person: Someone) -> list[str]:
    query = text("SELECT event FROM audit_entry WHERE user_id = :person ORDER BY at, id")
    async with transaction() as tx:
        return list((await tx.execute(query, {"person": person.id})).scalars())


async def test_a_run_is_charged_within_its_quote_and_the_rest_returns() -> None:
    person = await someone()
    ran = await run(person)
    view, now = ran.view, await balance(person)
    assert (view.status, ran.replayed) == ("succeeded", False)
    assert view.credits.estimate.min <= view.credits.charged <= view.credits.estimate.max
    assert view.credits.charged + view.credits.released == view.credits.held
    assert (now.available, now.held, view.credits.balance) == (300 - view.credits.charged, 0, 300 - view.credits.charged)
    assert view.result is not None
    assert view.blocks
    assert await events(person) == ["run.allowed", "run.completed", "credits.charged"]


async def test_the_same_key_charges_once_and_answers_alike() -> None:
    person = await someone()
    first = await run(person, key="k-1")
    again = await run(person, key="k-1")
    assert again.replayed
    assert again.view == first.view
    assert (await balance(person)).total == 300 - first.view.credits.charged


async def test_a_key_with_another_body_is_refused() -> None:
    person = await someone()
    await run(person, key="k-1")
    with pytest.raises(InvalidInputs) as refused:
        await run(person, key="k-1", inputs=EXAMPLE | {"iterations": 2_000})
    assert refused.value.code == "idempotency_mismatch"


async def test_parallel_requests_under_one_key_charge_once() -> None:
    person = await someone()
    results = await asyncio.gather(*(run(person, key="k-1") for _ in range(5)), return_exceptions=True)
    done = [one for one in results if isinstance(one, flow.Ran)]
    refused = [one for one in results if isinstance(one, Conflict)]
    assert len(done) + len(refused) == 5
    assert {one.code for one in refused} <= {"idempotency_in_progress"}
    assert (await balance(person)).total == 300 - done[0].view.credits.charged


async def test_one_run_at_a_time_for_a_person_and_a_tool() -> None:
    person = await someone(plan="pro")
    big = EXAMPLE | {"iterations": 300_000}
    results = await asyncio.gather(*(run(person, inputs=big) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "Ran"]


async def test_too_few_credits_are_refused_with_the_shortfall_and_nothing_is_held() -> None:
    person = await someone()
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=person.id, subject="plan", label="day", limit=300, zone="UTC")
        run_id = ids.new_id()
        await ledger.hold(tx, owner_id=person.id, run_id=run_id, amount=298, lasts=timedelta(hours=1), zone="UTC")
        await ledger.capture(tx, owner_id=person.id, run_id=run_id, amount=298)
    with pytest.raises(PaymentRequired) as refused:
        await run(person)
    facts = refused.value.facts
    assert (refused.value.code, facts.balance) == ("insufficient_credits", 2)
    assert facts.required is not None
    assert facts.shortfall == facts.required - 2
    assert ((await balance(person)).available, (await balance(person)).held) == (2, 0)
    assert await events(person) == ["run.blocked"]


async def test_the_free_plans_day_ends_at_its_cap_and_says_until_when() -> None:
    person = await someone()
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=person.id, subject="plan", label="day", limit=2, zone="UTC")
    with pytest.raises(PaymentRequired) as refused:
        await run(person)
    assert refused.value.code == "cap_daily"
    assert refused.value.facts.resets_at is not None
    assert (refused.value.facts.limit, refused.value.facts.spent) == (2, 0)


@pytest.mark.parametrize(
    ("asked", "error", "code"),
    [
        ({"tool_id": "no-such-tool"}, NotFound, "unknown_tool"),
        ({"tool_id": "dev-studio-cost", "inputs": {}}, Conflict, "tool_runs_in_browser"),
        ({"inputs": EXAMPLE | {"iterations": 1}}, InvalidInputs, "invalid_inputs"),
        ({"inputs": EXAMPLE | {"iterations": float("nan")}}, InvalidInputs, "invalid_inputs"),
        ({"inputs": EXAMPLE | {"unknown": 1}}, InvalidInputs, "invalid_inputs"),
        ({"inputs": []}, InvalidInputs, "invalid_inputs"),
        ({"max_credits": 2}, InvalidInputs, "invalid_inputs"),
    ],
)
async def test_what_cannot_run_is_refused_and_holds_nothing(asked: dict[str, object], error: type[Exception], code: str) -> None:
    person = await someone()
    with pytest.raises(error) as refused:
        await run(person, **asked)
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert ((await balance(person)).version, (await balance(person)).held) == (1, 0)


async def test_a_tool_that_is_only_announced_is_refused_and_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    person, announced = await someone(), dataclasses.replace(registry.get_tool(RISKS), run=None)
    monkeypatch.setattr(registry, "get_tool", lambda _tool_id: announced)
    with pytest.raises(Unavailable) as refused:
        await run(person)
    assert refused.value.code == "unavailable"
    assert ((await balance(person)).version, (await balance(person)).held) == (1, 0)


async def test_a_visitor_is_asked_to_sign_in() -> None:
    with pytest.raises(NotSignedIn):
        await flow.run_tool(Actor(), tool_id=RISKS, inputs=EXAMPLE)


async def test_inputs_that_make_no_sense_name_the_field_and_charge_nothing() -> None:
    person = await someone()
    risk = EXAMPLE["risks"][0] | {"lossLow": 10.0, "lossLikely": 5.0, "lossHigh": 1.0}
    with pytest.raises(InvalidInputs) as refused:
        await run(person, inputs=EXAMPLE | {"risks": [EXAMPLE["risks"][0], risk]})
    assert refused.value.errors[0].field.startswith("risks.1.loss")
    assert ((await balance(person)).available, (await balance(person)).held) == (300, 0)


async def test_a_cancelled_run_is_not_charged() -> None:
    person = await someone(plan="pro")
    ran = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 500_000})
    view = await flow.cancel(person.actor, ran.view.run_id)
    assert (view.status, view.credits.charged, view.credits.released) == ("cancelled", 0, view.credits.held)
    assert (await balance(person)).available == 12_000


async def test_progress_is_told_until_the_run_has_ended() -> None:
    person = await someone(plan="pro")
    ran = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 500_000})
    told = [progress async for progress in flow.watch(person.actor, ran.view.run_id)]
    assert told[-1].status == "succeeded"
    shares = [one.share for one in told if one.share is not None]
    assert shares
    assert shares == sorted(shares)


async def test_other_peoples_runs_are_not_found() -> None:
    owner, other = await someone(), await someone()
    ran = await run(owner)
    for ask in (flow.get, flow.charge, flow.cancel):
        with pytest.raises(NotFound):
            await ask(other.actor, ran.view.run_id)
    assert (await flow.listing(other.actor)).items == ()
    with pytest.raises(NotFound):
        await flow.get(owner.actor, UUID(int=7))


async def test_the_charge_is_explained_and_adds_up() -> None:
    person = await someone()
    ran = await run(person)
    charge = await flow.charge(person.actor, ran.view.run_id)
    by_name = {step.name: step for step in charge.steps}
    sum_of_parts = sum(by_name[name].credits or 0 for name in ("Base", "CPU", "Memory"))
    assert by_name["Sum"].credits == pytest.approx(sum_of_parts)
    assert by_name["Charged"].credits == ran.view.credits.charged == sum(paid.paid for paid in charge.payments)
    assert charge.balance_before - ran.view.credits.charged == charge.balance_after
    assert charge.fingerprint is not None


async def test_runs_are_listed_newest_first_by_pages() -> None:
    person = await someone(plan="pro")
    made = [(await run(person)).view.run_id for _ in range(3)]
    first = await flow.listing(person.actor, limit=2)
    rest = await flow.listing(person.actor, limit=2, cursor=first.next_cursor)
    assert [one.run_id for one in (*first.items, *rest.items)] == made[::-1]
    assert rest.next_cursor is None
