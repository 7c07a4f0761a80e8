"""The history as its page drives it, and as a stranger would."""

from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from credit_studio.core.actor import SYSTEM
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states.history import History
from tests.makers.accounts import a_grant

NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "nope", "x" * 10_000, True, "\x00")
pytestmark = pytest.mark.usefixtures("database")


def _page(cookie: str, query: str = "") -> Any:
    root, path = rx.State(), f"/account/credits/history/{query}"
    headers = {"cookie": f"cs_session={cookie}"} if cookie else {}
    root.router = RouterData.from_router_data({"headers": headers, "token": "tab", "sid": "c", "pathname": path, "asPath": path})
    return root.get_substate(History.get_full_name().split("."))


async def _cookie(*grants: int) -> str:
    made = await subscriptions.register(
        email=f"ada-{uuid4().hex[:8]}@example.com", password="correct horse battery staple", display_name="ada", time_zone="Europe/London", actor=SYSTEM
    )
    for amount in grants:
        await a_grant(made.person.id, amount)
    return made.token


async def test_the_address_says_what_is_shown_and_nonsense_in_it_nothing() -> None:
    cookie = await _cookie(20)
    bought = _page(cookie, "?type=purchase&from=2026-01-01&q=Purchase&tool=nonsense")
    await History.load.fn(bought)
    assert (bought.kind, bought.since, bought.text, bought.tool) == ("purchase", "2026-01-01", "Purchase", "")
    everything = _page(cookie, "?type=hold&from=yesterday&to=%00")
    await History.load.fn(everything)
    assert [(row.amount, row.after) for row in everything.rows] == [("+20", "320"), ("+300", "300")]
    assert everything.month == everything.months[0].value


async def test_older_pages_follow_and_newer_ones_come_back() -> None:
    page = _page(await _cookie(*range(1, 61)))
    await History.load.fn(page)
    assert (len(page.rows), page.rows[0].amount, page.has_older, page.has_newer) == (50, "+60", True, False)
    await History.older.fn(page)
    assert (len(page.rows), page.rows[-1].amount, page.has_older, page.has_newer) == (11, "+300", False, True)
    await History.newer.fn(page)
    assert page.rows[0].amount == "+60"


async def test_a_stranger_sees_nothing_and_nonsense_does_nothing() -> None:
    page = _page("")
    for handler in (History.by_kind, History.by_tool, History.by_first_day, History.by_last_day, History.search, History.pick_month):
        for wrong in NONSENSE:
            handler.fn(page, wrong)
    for handler in (History.load, History.older, History.newer, History.again):
        await handler.fn(page)
    assert (page.rows, page.ready, page.kind, page.tool, page.since, page.month) == ([], False, "", "", "", "")
