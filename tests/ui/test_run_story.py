"""A run as a page starts and follows it: a real worker, a real charge, its receipt."""

from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from credit_studio.core.actor import SYSTEM
from credit_studio.identity.views import NewSession
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.tools import validation
from credit_studio.tools.registry import get_tool
from credit_studio.ui.states.account import Account
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.receipt import Receipt
from credit_studio.ui.states.run import Run

RISK = "cyber-studio-risk-register"
EXAMPLE = validation.example_json(get_tool(RISK))


async def _person() -> NewSession:
    return await subscriptions.register(
        email=f"ada-{uuid4().hex[:8]}@example.com", password="correct horse battery staple", display_name="ada", time_zone="Europe/London", actor=SYSTEM
    )


def _tab(cookie: str, path: str = "/") -> rx.State:
    root = rx.State()
    root.router = RouterData.from_router_data({"headers": {"cookie": f"cs_session={cookie}"}, "token": "tab", "sid": "c", "pathname": path, "asPath": path})
    return root


def _part(root: rx.State, cls: type[Any]) -> Any:
    return root.get_substate(cls.get_full_name().split("."))


async def test_a_run_is_started_followed_charged_and_explained(worker: object) -> None:
    ada = await _person()
    root = _tab(ada.token)
    run = _part(root, Run)
    await Run.start.fn(run, RISK, EXAMPLE | {"iterations": 200_000})
    assert (run.status, run.busy, run.errors) == ("succeeded", False, [])
    assert run.charged + run.returned == run.held
    assert run.balance == 300 - run.charged
    assert run.result_url == f"/api/runs/{run.run_id}/blocks"

    receipt = _part(_tab(ada.token, f"/runs/{run.run_id}/"), Receipt)
    await Receipt.load.fn(receipt)
    assert (receipt.ready, receipt.missing, receipt.is_done) == (True, False, True)
    assert (receipt.title, receipt.charged, receipt.before, receipt.after) == ("Risk Register Builder", str(run.charged), "300", str(run.balance))
    assert [fall.name for fall in receipt.falls][:4] == ["Base", "CPU", "Memory", "Sum"]
    assert [paid.paid for paid in receipt.paid] == [str(run.charged)]
    assert len(receipt.fingerprint) == 16

    account = _part(root, Account)
    await Account.load.fn(account)
    assert [(line.amount, line.href) for line in account.lines] == [(f"\u2212{run.charged}", f"/runs/{run.run_id}/"), ("+300", "")]
    assert [(ran.status, ran.charged) for ran in account.runs] == [("Done", str(run.charged))]
    assert [tool.mode for tool in account.quick] == ["browser or server"]


async def test_anothers_receipt_is_as_good_as_none(worker: object) -> None:
    ada, eve = await _person(), await _person()
    run = _part(_tab(ada.token), Run)
    await Run.start.fn(run, RISK, EXAMPLE)
    receipt = _part(_tab(eve.token, f"/runs/{run.run_id}/"), Receipt)
    await Receipt.load.fn(receipt)
    assert (receipt.missing, receipt.title, receipt.charged) == (True, "", "")


async def test_inputs_that_do_not_fit_are_named_at_their_fields(worker: object) -> None:
    run = _part(_tab((await _person()).token), Run)
    await Run.start.fn(run, RISK, EXAMPLE | {"iterations": 5})
    assert [error["field"] for error in run.errors] == ["iterations"]
    assert (run.status, run.busy) == ("", False)


async def test_a_ceiling_below_the_least_is_refused_and_nothing_is_held(worker: object) -> None:
    root = _tab((await _person()).token)
    _part(root, Price).cap = 1
    run = _part(root, Run)
    await Run.start.fn(run, RISK, EXAMPLE)
    assert run.run_id == ""
    assert [error["field"] for error in run.errors] == ["maxCredits"]


async def test_a_cap_that_is_reached_stands_in_the_price_panel(worker: object) -> None:
    root = _tab((await _person()).token)
    run, price = _part(root, Run), _part(root, Price)
    for seed in range(10):
        await Run.start.fn(run, RISK, EXAMPLE | {"seed": seed})
    before = run.run_id
    await Run.start.fn(run, RISK, EXAMPLE | {"seed": 10})
    assert run.run_id == before
    assert price.refused_badge == "Blocked"
    assert "daily cap: 30 of 30" in price.refused_head
    await _change(price)
    assert price.refused_head == ""


async def _change(price: Any) -> None:
    async for _ in Price.change.fn(price, RISK, EXAMPLE):
        pass


async def test_the_run_asks_for_no_more_than_balance_and_caps_leave(worker: object) -> None:
    root = _tab((await _person()).token)
    price, balance, run = _part(root, Price), _part(root, Balance), _part(root, Run)
    price.load(RISK)
    price.most, balance.ready, balance.room = 9, True, 4
    assert await run._most() == 4
    price.cap = 3
    assert await run._most() == 3
    price.cap, balance.room = 0, 2
    assert await run._most() is None


async def test_a_run_that_has_ended_cannot_be_cancelled_and_nothing_moves(worker: object) -> None:
    root = _tab((await _person()).token)
    run = _part(root, Run)
    await Run.start.fn(run, RISK, EXAMPLE)
    run.busy = True
    await Run.cancel.fn(run)
    assert run.charged == 3


@pytest.mark.parametrize("tool_id", ["data-studio-lineage", "cyber-studio-vulnerability-scanner"])
async def test_another_tools_page_does_not_show_the_last_run(worker: object, tool_id: str) -> None:
    root = _tab((await _person()).token)
    run = _part(root, Run)
    await Run.start.fn(run, RISK, EXAMPLE)
    run.clear(tool_id)
    assert (run.tool_id, run.status, run.result_url) == ("", "", "")
    assert _part(root, Notice).head == ""
