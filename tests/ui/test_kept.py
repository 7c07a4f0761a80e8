"""Kept results as pages drive them, and as a stranger would."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.identity.views import NewSession
from credit_studio.runs import rules
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.tools import validation
from credit_studio.tools.registry import get_tool
from credit_studio.ui.states.kept import Kept, Shared
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.receipt import Receipt
from credit_studio.ui.states.run import Run
from credit_studio.ui.states.runs import Runs

RISK = "cyber-studio-risk-register"
EXAMPLE = validation.example_json(get_tool(RISK)) | {"iterations": 1_000}
NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "nope", "x" * 10_000, True, "\x00")
pytestmark = pytest.mark.usefixtures("worker")


async def _person(zone: str = "Europe/London") -> NewSession:
    return await subscriptions.register(
        email=f"ada-{uuid4().hex[:8]}@example.com", password="correct horse battery staple", display_name="ada", time_zone=zone, actor=SYSTEM
    )


def _tab(cookie: str = "", path: str = "/") -> rx.State:
    root = rx.State()
    headers = {"cookie": f"cs_session={cookie}"} if cookie else {}
    root.router = RouterData.from_router_data({"headers": headers, "token": "tab", "sid": "c", "pathname": path, "asPath": path})
    return root


def _part(root: rx.State, cls: type[Any]) -> Any:
    return root.get_substate(cls.get_full_name().split("."))


async def _change(price: Any, values: dict[str, Any]) -> None:
    async for _ in Price.change.fn(price, RISK, values):
        pass


async def _ran(root: rx.State, **changed: object) -> str:
    run = _part(root, Run)
    await Run.start.fn(run, RISK, EXAMPLE | changed)
    assert run.status == "succeeded"
    return run.run_id


async def test_the_panel_says_before_the_run_that_the_result_is_there() -> None:
    root = _tab((await _person()).token)
    price, run = _part(root, Price), _part(root, Run)
    await _change(price, EXAMPLE)
    assert price.stored_at == ""
    first = await _ran(root)
    assert price.stored_at.endswith((" GMT", " BST"))
    await _ran(root)
    assert (run.run_id, run.cached, run.charged, run.returned, run.held) == (first, True, 0, 0, 0)
    await _change(price, EXAMPLE | {"seed": 12})
    assert price.stored_at == ""
    await _change(price, EXAMPLE)
    assert price.stored_at
    await _change(price, {"iterations": "many"})
    assert price.stored_at == ""


async def test_a_run_afresh_is_charged_and_the_switch_goes_back() -> None:
    root = _tab((await _person()).token)
    price, run = _part(root, Price), _part(root, Run)
    price.run_afresh(wanted=True)
    assert not price.fresh
    await _change(price, EXAMPLE)
    first = await _ran(root)
    price.run_afresh(wanted=True)
    assert price.fresh
    second = await _ran(root)
    assert (second == first, run.cached, run.charged) == (False, False, 3)
    assert not price.fresh
    for odd in NONSENSE:
        price.run_afresh(odd)
        assert price.fresh is (odd is True)


async def test_a_result_that_was_promised_and_is_gone_starts_no_run_that_costs() -> None:
    ada = await _person()
    root = _tab(ada.token)
    run, price, runs = _part(root, Run), _part(root, Price), _part(_tab(ada.token), Runs)
    await _change(price, EXAMPLE)
    first = await _ran(root)
    await Runs.delete.fn(runs, first)
    await Run.start.fn(run, RISK, EXAMPLE)
    assert (run.run_id, run.busy, _part(root, Notice).head) == (first, False, "The stored result is gone. Nothing ran, nothing was charged.")
    await _change(price, EXAMPLE)
    assert price.stored_at == ""
    assert await _ran(root) != first


async def test_a_result_of_other_inputs_than_those_in_the_form_is_not_told_as_theirs() -> None:
    root = _tab((await _person()).token)
    price = _part(root, Price)
    await _change(price, EXAMPLE | {"seed": 99})
    await _ran(root)
    assert price.stored_at == ""


async def test_anothers_stored_result_is_not_told() -> None:
    one, other = _tab((await _person()).token), _tab((await _person()).token)
    await _ran(one)
    for root in (other, _tab()):
        await _change(_part(root, Price), EXAMPLE)
        assert _part(root, Price).stored_at == ""


async def test_runs_are_listed_searched_and_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_studio.ui.states.runs._LINES", 2)
    root = _tab((await _person()).token)
    made = [await _ran(root, seed=seed) for seed in range(3)]
    runs = _part(root, Runs)
    await Runs.load.fn(runs)
    assert [row.run_id for row in runs.rows] == made[:0:-1]
    assert (runs.ready, runs.has_older, runs.has_newer, [tool.value for tool in runs.tools]) == (True, True, False, [RISK])
    assert (runs.rows[0].status, runs.rows[0].charged, runs.rows[0].href) == ("Done", "3", f"/runs/{made[2]}/")
    await Runs.older.fn(runs)
    assert ([row.run_id for row in runs.rows], runs.has_older, runs.has_newer) == (made[:1], False, True)
    await Runs.older.fn(runs)
    await Runs.newer.fn(runs)
    await Runs.newer.fn(runs)
    assert [row.run_id for row in runs.rows] == made[:0:-1]
    await Runs.by_status.fn(runs, "cancelled")
    assert runs.rows == []
    await Runs.by_status.fn(runs, "done")
    await Runs.by_tool.fn(runs, RISK)
    assert len(runs.rows) == 2
    today = clock.now().date().isoformat()
    await Runs.by_first_day.fn(runs, today)
    await Runs.by_last_day.fn(runs, today)
    assert len(runs.rows) == 2
    await Runs.by_last_day.fn(runs, "2020-01-01")
    assert runs.rows == []
    await Runs.clear.fn(runs)
    assert (len(runs.rows), runs.tool, runs.status, runs.since, runs.until) == (2, "", "", "", "")


@pytest.mark.parametrize("odd", [*NONSENSE, "0001-01-01", "9999-12-31", "2026-13-01", "2026-11-21T00:00"], ids=lambda one: str(one)[:12])
async def test_what_makes_no_sense_is_no_filter_and_deletes_nothing(odd: Any) -> None:
    root = _tab((await _person()).token)
    await _ran(root)
    runs = _part(root, Runs)
    for handler in (Runs.by_tool, Runs.by_status, Runs.by_first_day, Runs.by_last_day, Runs.delete):
        await handler.fn(runs, odd)
        assert len(runs.rows) == (0 if handler is Runs.delete and not runs.ready else 1)
    assert (runs.tool, runs.status, runs.since, runs.until, runs.undo_id) == ("", "", "", "", "")


async def test_a_deleted_run_can_be_brought_back_from_the_list() -> None:
    ada = await _person()
    root = _tab(ada.token)
    run_id = await _ran(root)
    runs = _part(root, Runs)
    await Runs.load.fn(runs)
    await Runs.delete.fn(runs, run_id)
    assert (runs.rows, runs.undo_id) == ([], run_id)
    receipt = _part(_tab(ada.token, f"/runs/{run_id}/"), Receipt)
    await Receipt.load.fn(receipt)
    assert receipt.missing
    await Runs.load.fn(runs)
    assert runs.undo_id == run_id
    await Runs.undo.fn(runs)
    assert ([row.run_id for row in runs.rows], runs.undo_id) == ([run_id], "")
    await Runs.delete.fn(runs, run_id)
    with clock.frozen(clock.now() + rules.UNDO_LASTS + timedelta(seconds=1)):
        await Runs.undo.fn(runs)
        assert (runs.rows, _part(root, Notice).head) == ([], "There is no such run.")
    runs.undo_id = run_id
    runs.dismiss()
    assert runs.undo_id == ""


async def test_a_result_is_shared_from_its_receipt_and_anybody_reads_it() -> None:
    ada = await _person()
    run_id = await _ran(_tab(ada.token))
    kept = _part(_tab(ada.token, f"/runs/{run_id}/"), Kept)
    await Kept.load.fn(kept)
    assert (kept.is_done, kept.is_ended, kept.shared_at, kept.link) == (True, True, "", "")
    assert kept.until
    await Kept.share.fn(kept)
    link = kept.link
    assert kept.shared_at
    shared = _part(_tab("", link), Shared)
    await Shared.load.fn(shared)
    assert (shared.ready, shared.missing, shared.title, shared.src) == (True, False, "Risk Register Builder", f"/api{link.rstrip('/')}")
    assert not {"ada", run_id} & {str(value) for value in shared.dict()[Shared.get_full_name()].values()}
    await Kept.load.fn(kept)
    assert (kept.link, bool(kept.shared_at)) == ("", True)
    await Kept.unshare.fn(kept)
    assert kept.shared_at == ""
    await Shared.load.fn(shared)
    assert (shared.ready, shared.missing, shared.title, shared.src) == (True, True, "", "")


@pytest.mark.parametrize("path", ["/shared/", f"/shared/{'A' * 43}/", "/shared/x/", "/", f"/shared/{'x' * 5_000}/"], ids=lambda one: one[:12])
async def test_a_link_that_never_was_shows_nothing(path: str) -> None:
    shared = _part(_tab("", path), Shared)
    await Shared.load.fn(shared)
    assert (shared.ready, shared.missing, shared.src) == (True, True, "")


async def test_deleting_on_the_receipt_leads_to_the_list_with_its_undo() -> None:
    ada = await _person()
    run_id = await _ran(_tab(ada.token))
    root = _tab(ada.token, f"/runs/{run_id}/")
    kept = _part(root, Kept)
    assert await Kept.delete.fn(kept) is None
    await Kept.load.fn(kept)
    assert await Kept.delete.fn(kept) is not None
    assert _part(root, Runs).undo_id == run_id


async def test_a_stranger_changes_nothing_of_another_persons_runs() -> None:
    ada, eve = await _person(), await _person()
    run_id = await _ran(_tab(ada.token))
    for cookie in (eve.token, "", "nonsense"):
        root = _tab(cookie, f"/runs/{run_id}/")
        runs, kept = _part(root, Runs), _part(root, Kept)
        await Kept.load.fn(kept)
        assert (kept.run_id, kept.until) == ("", "")
        kept.run_id = runs.undo_id = run_id
        for handler in (Kept.share, Kept.unshare, Kept.delete):
            await handler.fn(kept)
            kept.run_id = run_id
        await Runs.delete.fn(runs, run_id)
        await Runs.undo.fn(runs)
        assert (runs.rows, kept.link) == ([], "")
        assert _part(root, Notice).head
    runs = _part(_tab(ada.token), Runs)
    await Runs.load.fn(runs)
    assert [(row.run_id, row.is_shared) for row in runs.rows] == [(run_id, False)]
