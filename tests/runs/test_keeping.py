"""Results: kept for their time, given again for nothing, deleted and brought back, shared by a link."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, NotFound, NotSignedIn
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow, keeping, rules
from credit_studio.runs.views import RunView, Wanted
from credit_studio.tools import registry, validation
from credit_studio.uploads import flow as uploads
from tests.makers.people import Someone, someone

RISKS, QUALITY = "cyber-studio-risk-register", "data-studio-quality"
EXAMPLE = validation.example_json(registry.get_tool(RISKS)) | {"iterations": 1_000}
TABLE = validation.example_json(registry.get_tool(QUALITY))
pytestmark = pytest.mark.usefixtures("worker")


async def run(person: Someone, **asked: object) -> flow.Ran:
    return await flow.run_tool(person.actor, **({"tool_id": RISKS, "inputs": EXAMPLE} | asked))  # type: ignore[arg-type]


async def available(person: Someone) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=person.id)).available


async def count(query: str, **values: object) -> int:
    async with transaction() as tx:
        return (await tx.execute(text(query), values)).scalar_one()


async def events(person: Someone) -> list[str]:
    async with transaction() as tx:
        query = text("SELECT event FROM audit_entry WHERE user_id = :person ORDER BY at, id")
        return list((await tx.execute(query, {"person": person.id})).scalars())


async def age(view: RunView, by: timedelta) -> None:
    """Let the result of a run be so much older."""
    async with transaction() as tx:
        await tx.execute(text("UPDATE run_result SET created_at = created_at - CAST(:by AS interval) WHERE run_id = :run"), {"by": by, "run": view.run_id})
        await tx.execute(text("UPDATE run SET deleted_at = deleted_at - CAST(:by AS interval) WHERE id = :run"), {"by": by, "run": view.run_id})


# --- given again --------------------------------------------------------------------------------------------------------------


async def test_the_same_inputs_give_the_stored_result_for_nothing_and_start_nothing() -> None:
    person = await someone()
    first = (await run(person)).view
    before = await available(person)
    again = (await run(person)).view
    assert (again.run_id, again.cached, first.cached) == (first.run_id, True, False)
    assert (again.result, again.blocks) == (first.result, first.blocks)
    assert (again.credits.charged, again.credits.held, again.credits.released, again.credits.balance) == (0, 0, 0, before)
    assert await available(person) == before
    assert await count("SELECT count(*) FROM run WHERE person_id = :person", person=person.id) == 1
    assert await count("SELECT count(*) FROM hold h JOIN run r ON r.id = h.run_id WHERE r.person_id = :person", person=person.id) == 1
    assert await events(person) == ["run.allowed", "run.completed", "credits.charged", "result.reused"]


async def test_a_stored_result_is_found_whatever_order_and_spelling_the_inputs_come_in() -> None:
    person = await someone()
    await run(person)
    turned = dict(reversed(list(EXAMPLE.items())))
    assert (await run(person, inputs=turned)).view.cached
    assert not (await run(person, inputs=EXAMPLE | {"seed": 99})).view.cached


async def test_fresh_runs_anew_and_the_newest_result_is_then_the_stored_one() -> None:
    person = await someone()
    first = (await run(person)).view
    second = (await run(person, fresh=True)).view
    assert (second.cached, second.run_id == first.run_id) == (False, False)
    assert second.credits.charged >= 3
    assert (await run(person)).view.run_id == second.run_id


async def test_a_stored_result_needs_no_credits() -> None:
    person = await someone()
    await run(person)
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=person.id, subject="own", label="day", limit=0, zone="UTC")
    assert (await run(person)).view.cached


async def test_a_stored_result_is_nobody_elses() -> None:
    one, other = await someone(), await someone()
    await run(one)
    assert not (await run(other)).view.cached


async def test_another_version_of_the_tool_and_a_run_without_result_store_nothing() -> None:
    person = await someone()
    view = (await run(person)).view
    async with transaction() as tx:
        await tx.execute(text("UPDATE run SET tool_version = '0.9.0' WHERE id = :run"), {"run": view.run_id})
    assert not (await run(person)).view.cached
    started = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 500_000})
    assert (await flow.cancel(person.actor, started.view.run_id)).status == "cancelled"
    assert await keeping.stored(person.actor, registry.get_tool(RISKS), validation.parse(registry.get_tool(RISKS), EXAMPLE | {"iterations": 500_000})) is None


async def test_the_content_of_an_upload_counts_and_not_its_id() -> None:
    person, field = await someone(), "csv"
    csv = str(TABLE[field])

    async def upload(content: str) -> dict[str, Any]:
        async def chunks():  # noqa: ANN202 - an async generator
            yield content.encode()

        saved = await uploads.save(person.actor, name="a.csv", chunks=chunks())
        return TABLE | {field: {"uploadId": str(saved.upload_id)}}

    given = await upload(csv)
    first = await run(person, tool_id=QUALITY, inputs=given)
    assert (first.view.status, first.view.cached) == ("succeeded", False)
    with pytest.raises(NotFound, match="no such upload"):
        await run(person, tool_id=QUALITY, inputs=given)
    assert (await run(person, tool_id=QUALITY, inputs=await upload(csv))).view.run_id == first.view.run_id
    assert (await run(person, tool_id=QUALITY, inputs=TABLE)).view.cached
    assert not (await run(person, tool_id=QUALITY, inputs=await upload(csv + csv.splitlines()[-1] + "\n"))).view.cached


async def test_a_key_of_a_stored_result_stays_free_for_what_is_charged() -> None:
    person = await someone()
    await run(person)
    assert (await run(person, key="k-1")).view.cached
    ran = await run(person, key="k-1", fresh=True)
    assert (ran.replayed, ran.view.cached) == (False, False)
    again = await run(person, key="k-1", fresh=True)
    assert (again.replayed, again.view) == (True, ran.view)


async def test_it_is_known_before_the_run_and_for_its_person_alone() -> None:
    person, other = await someone(), await someone()
    tool = registry.get_tool(RISKS)
    inputs = validation.parse(tool, EXAMPLE)
    assert await keeping.stored(person.actor, tool, inputs) is None
    view = (await run(person)).view
    found = await keeping.stored(person.actor, tool, inputs)
    assert found is not None
    assert (found.run_id, found.at) == (view.run_id, view.ended_at)
    assert await keeping.stored(other.actor, tool, inputs) is None
    assert await keeping.stored(Actor(), tool, inputs) is None


# --- kept for their time --------------------------------------------------------------------------------------------------------


async def test_a_result_is_kept_for_thirty_days_and_its_run_stays_in_the_list() -> None:
    person = await someone()
    view = (await run(person)).view
    assert view.ended_at is not None
    assert view.kept_until == view.ended_at + timedelta(days=30)
    await age(view, rules.RESULT_LASTS - timedelta(minutes=1))
    assert (await flow.get(person.actor, view.run_id)).result == view.result
    await age(view, timedelta(minutes=2))
    later = await flow.get(person.actor, view.run_id)
    assert (later.status, later.result, later.blocks, later.kept_until) == ("succeeded", None, None, None)
    assert not (await run(person)).view.cached
    lines = (await flow.listing(person.actor)).items
    assert [line.kept_until is None for line in lines] == [False, True]
    assert await count("SELECT count(*) FROM run_result WHERE run_id = :run", run=view.run_id) == 1
    assert await keeping.forget_old() >= 1
    assert await count("SELECT count(*) FROM run_result WHERE run_id = :run", run=view.run_id) == 0
    assert (await flow.charge(person.actor, view.run_id)).run.credits.charged == view.credits.charged


async def test_old_results_go_by_portions_and_young_ones_stay() -> None:
    person = await someone(plan="pro")
    views = [(await run(person, inputs=EXAMPLE | {"seed": seed})).view for seed in range(4)]
    for view in views[:3]:
        await age(view, rules.RESULT_LASTS)
    assert await keeping.forget_old(batch=2) == 3
    assert [(await flow.get(person.actor, view.run_id)).kept_until is not None for view in views] == [False, False, False, True]


# --- listed ---------------------------------------------------------------------------------------------------------------------


async def test_runs_are_found_by_tool_status_and_time_and_paged() -> None:
    person = await someone(plan="pro")
    risks = [(await run(person, inputs=EXAMPLE | {"seed": seed})).view for seed in range(3)]
    quality = (await run(person, tool_id=QUALITY, inputs=TABLE)).view
    started = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 500_000})
    await flow.cancel(person.actor, started.view.run_id)

    async def found(**wanted: object) -> list[object]:
        return [line.run_id for line in (await flow.listing(person.actor, wanted=Wanted(**wanted))).items]  # type: ignore[arg-type]

    assert await found(tool_id=QUALITY) == [quality.run_id]
    assert await found(statuses=("cancelled", "failed")) == [started.view.run_id]
    assert await found(tool_id=RISKS, statuses=("succeeded",)) == [view.run_id for view in reversed(risks)]
    assert await found(since=risks[2].created_at, until=started.view.created_at) == [quality.run_id, risks[2].run_id]
    first = await flow.listing(person.actor, wanted=Wanted(tool_id=RISKS), limit=3)
    rest = await flow.listing(person.actor, wanted=Wanted(tool_id=RISKS), limit=3, cursor=first.next_cursor)
    assert [line.run_id for line in first.items + rest.items] == await found(tool_id=RISKS)
    assert rest.next_cursor is None
    assert [tool.id for tool in await keeping.tools_of(person.actor)] == [QUALITY, RISKS]
    assert await keeping.tools_of((await someone()).actor) == ()


# --- deleted --------------------------------------------------------------------------------------------------------------------


async def test_a_deleted_run_is_gone_at_once_and_can_be_brought_back_for_ten_minutes() -> None:
    person = await someone()
    view = (await run(person)).view
    before = await available(person)
    await keeping.delete(person.actor, view.run_id)
    for look in (flow.get, flow.charge, keeping.delete, keeping.share, keeping.unshare):
        with pytest.raises(NotFound):
            await look(person.actor, view.run_id)
    assert (await flow.listing(person.actor)).items == ()
    assert await keeping.stored(person.actor, registry.get_tool(RISKS), validation.parse(registry.get_tool(RISKS), EXAMPLE)) is None
    assert await keeping.forget_old() == 0
    assert (await keeping.restore(person.actor, view.run_id)).result == view.result
    await keeping.delete(person.actor, view.run_id)
    await age(view, rules.UNDO_LASTS)
    with pytest.raises(NotFound):
        await keeping.restore(person.actor, view.run_id)
    assert await keeping.forget_old() == 1
    assert await available(person) == before
    assert await count("SELECT count(*) FROM entry WHERE run_id = :run AND kind = 'capture'", run=view.run_id) == 1
    assert (await events(person))[-3:] == ["run.deleted", "run.restored", "run.deleted"]


async def test_a_run_that_has_not_ended_cannot_be_deleted() -> None:
    person = await someone()
    started = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 500_000})
    with pytest.raises(Conflict):
        await keeping.delete(person.actor, started.view.run_id)
    assert (await flow.cancel(person.actor, started.view.run_id)).status == "cancelled"
    await keeping.delete(person.actor, started.view.run_id)
    assert (await flow.listing(person.actor)).items == ()


# --- shared ---------------------------------------------------------------------------------------------------------------------


async def test_a_link_shows_the_result_to_anybody_and_nothing_of_the_account() -> None:
    person = await someone()
    view = (await run(person)).view
    link = await keeping.share(person.actor, view.run_id)
    seen = await keeping.shared(link.token)
    assert (seen.tool_id, seen.blocks, seen.ran_at, seen.until) == (RISKS, view.blocks, view.ended_at, link.until)
    assert set(vars(seen)) == {"tool_id", "title", "version", "ran_at", "until", "blocks"}
    assert len(link.token) * 6 >= 128
    kept = "SELECT count(*) FROM run_share WHERE run_id = :run AND token_hash = sha256(convert_to(:token, 'UTF8'))"
    assert await count(kept, run=view.run_id, token=link.token) == 1
    assert (await flow.get(person.actor, view.run_id)).shared_at is not None


@pytest.mark.parametrize("ending", ["revoked", "replaced", "deleted", "brought back", "old", "purged"])
async def test_a_link_ends_with_the_same_words_as_one_that_never_was(ending: str) -> None:
    person = await someone()
    view = (await run(person)).view
    link = await keeping.share(person.actor, view.run_id)
    if ending == "revoked":
        await keeping.unshare(person.actor, view.run_id)
    elif ending == "replaced":
        assert (await keeping.shared((await keeping.share(person.actor, view.run_id)).token)).blocks == view.blocks
    elif ending in ("deleted", "brought back"):
        await keeping.delete(person.actor, view.run_id)
        if ending == "brought back":
            await keeping.restore(person.actor, view.run_id)
    else:
        await age(view, rules.RESULT_LASTS)
        if ending == "purged":
            await keeping.forget_old()
            assert await count("SELECT count(*) FROM run_share WHERE run_id = :run", run=view.run_id) == 0
    said = []
    for token in (link.token, "A" * 43, "", "x" * 5_000, "\x00", "' OR 1=1 --"):
        with pytest.raises(NotFound) as refused:
            await keeping.shared(token)
        said.append((refused.value.code, refused.value.message, refused.value.action))
    assert len(set(said)) == 1


async def test_what_has_no_result_cannot_be_shared() -> None:
    person = await someone()
    started = await flow.start(person.actor, tool_id=RISKS, inputs=EXAMPLE | {"iterations": 500_000})
    await flow.cancel(person.actor, started.view.run_id)
    with pytest.raises(NotFound):
        await keeping.share(person.actor, started.view.run_id)


async def test_a_stranger_can_neither_delete_nor_bring_back_nor_share() -> None:
    person, stranger = await someone(), await someone()
    view = (await run(person)).view
    link = await keeping.share(person.actor, view.run_id)
    for verb in (keeping.delete, keeping.restore, keeping.share, keeping.unshare):
        for run_id in (view.run_id, ids.new_id()):
            with pytest.raises(NotFound):
                await verb(stranger.actor, run_id)
        with pytest.raises(NotSignedIn):
            await verb(Actor(), view.run_id)
    assert (await keeping.shared(link.token)).blocks == view.blocks
    await keeping.delete(person.actor, view.run_id)
    with pytest.raises(NotFound):
        await keeping.restore(stranger.actor, view.run_id)
    assert (await keeping.restore(person.actor, view.run_id)).run_id == view.run_id


async def test_deleting_twice_at_once_deletes_once() -> None:
    person = await someone()
    view = (await run(person)).view
    done = await asyncio.gather(*(keeping.delete(person.actor, view.run_id) for _ in range(4)), return_exceptions=True)
    assert {type(one) for one in done} <= {type(None), NotFound}
    assert (await events(person)).count("run.deleted") == done.count(None) >= 1
