"""The page of use as its State tells it: the address says what, the figures are the book's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from credit_studio.core import clock
from credit_studio.ui import using
from credit_studio.ui.states.runs import Runs
from credit_studio.ui.states.usage import PATH, Usage
from tests.makers.usage import LINEAGE, QUALITY, RISK, Ran, a_person, ended
from tests.ui.test_states import _part, _tab

pytestmark = pytest.mark.usefixtures("book")
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
DAY = timedelta(days=1)


async def _opened(cookie: str, query: str = "", state: Any = Usage, path: str = PATH) -> Any:
    page = _part(_tab(cookie, f"{path}?{query}" if query else path), state)
    with clock.frozen(NOW):
        await state.load.fn(page)
    return page


async def _ada() -> str:
    actor, cookie = await a_person("Europe/London", at=NOW - 10 * DAY)
    await ended(
        actor, Ran(NOW - 9 * DAY, RISK, 12), Ran(NOW - 2 * DAY, RISK, 7), Ran(NOW - 2 * DAY, QUALITY, 3), Ran(NOW - DAY, QUALITY, 0), Ran(NOW, LINEAGE, 2)
    )
    return cookie


async def test_the_page_opens_with_thirty_days_of_credits_by_tool() -> None:
    page = await _opened(await _ada())
    told = page.told
    assert (told.subtitle, told.title) == ("22 October to 20 November 2026, days in Europe/London", "Credits a day, by tool")
    assert [(one.name, one.value) for one in told.figures][:3] == [("Spent", "24 credits"), ("Paid runs", "4"), ("Not charged", "1 run")]
    assert [(row.credits, row.share) for row in told.rows] == [("19", "79.2"), ("3", "12.5"), ("2", "8.3")]
    assert (told.total.credits, told.total.runs) == ("24", "4")
    assert sum(sum(bar["parts"]) for bar in told.chart["bars"]) == 24
    assert told.rows[0].href == f"/account/runs/?from=2026-10-22&to=2026-11-20&tool={RISK}"
    assert [one.label for one in told.stretches] == ["Wed 11 Nov", "Wed 18 Nov", "Thu 19 Nov", "Fri 20 Nov"]
    assert page.coming[0].startswith("November ends near ")
    assert page.closing == "100,276"


async def test_the_address_says_what_is_shown_and_every_button_is_an_address() -> None:
    cookie = await _ada()
    page = await _opened(cookie, "period=7d&metric=runs&group=studio")
    assert (page.told.title, page.told.total.runs) == ("Runs a day, by studio", "3")
    assert [(row.title, row.runs, row.share) for row in page.told.rows] == [("Data Studio", "2", "66.7"), ("Cyber Studio", "1", "33.3")]
    assert [one.label for one in (*page.periods, *page.metrics, *page.groups, *page.buckets) if one.is_here] == ["7 d", "Runs", "Studio", "Day"]
    assert page.periods[2].href == f"{PATH}?metric=runs&group=studio"
    assert page.periods[4].href == f"{PATH}?period=custom&metric=runs&group=studio&from=2026-11-14&to=2026-11-20"
    assert page.as_csv == "/api/account/usage/export?period=7d&bucket=day&groupBy=studio&format=csv"
    page = await _opened(cookie, "period=custom&from=2026-11-18&to=2026-11-18")
    assert (page.told.subtitle, page.told.total.credits) == ("18 November 2026, days in Europe/London", "10")


async def test_what_an_address_may_not_ask_is_said_and_nonsense_is_passed_over() -> None:
    cookie = await _ada()
    page = await _opened(cookie, "period=custom&from=2026-11-18&to=2026-11-01")
    assert (page.trouble, page.hint, page.ready) == ("This time cannot be shown.", "To: Must lie after from.", True)
    page = await _opened(cookie, "period=<b>&metric=;&group[]=x&bucket=../..&from=x&to=y")
    assert (page.trouble, page.told.title) == ("", "Credits a day, by tool")


async def test_nobody_is_told_nothing() -> None:
    page = await _opened("no such session")
    assert (page.ready, page.told.rows, page.as_csv) == (False, [], "")


async def test_a_link_narrows_the_runs_to_its_tool_and_days() -> None:
    cookie = await _ada()
    page = await _opened(cookie, f"from=2026-11-18&to=2026-11-18&tool={RISK}", Runs, "/account/runs/")
    assert [(row.title, row.charged) for row in page.rows] == [("Risk Register Builder", "7")]
    page = await _opened(cookie, "from=yesterday&to=1&tool=nope", Runs, "/account/runs/")
    assert (len(page.rows), page.tool, page.since, page.until) == (5, "", "", "")


def test_a_tool_keeps_its_colour_among_others_and_no_two_are_alike() -> None:
    keys = [RISK, QUALITY, LINEAGE, "cyber-studio-vulnerability-scanner", "code-studio-review"]
    painted = using.paint(keys)
    assert len(set(painted.values())) == len(keys)
    assert using.paint([RISK])[RISK] == painted[RISK]
