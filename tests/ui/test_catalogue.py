"""The catalogue: what its rows say, and how a tool that is beta, coming soon or deprecated stands in list and page."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.analytics import flow as analytics
from credit_studio.analytics import service
from credit_studio.core import clock, ids
from credit_studio.db.session import transaction
from credit_studio.engine import service as engine
from credit_studio.tools.base import Availability, Tool
from credit_studio.tools.registry import AnyTool, all_tools, get_tool
from credit_studio.ui.components.tool_list import tool_list, tool_row
from credit_studio.ui.pages import tool as tool_page
from credit_studio.ui.states.catalogue import Catalogue

RISK, QUALITY = "cyber-studio-risk-register", "data-studio-quality"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _as(availability: Availability, instead: str = "") -> AnyTool:
    return dataclasses.replace(get_tool(RISK), availability=availability, instead=instead)


def _page(tool: AnyTool) -> str:
    return json.dumps(tool_page.make_page(tool)().render(), default=str, ensure_ascii=False)


def test_a_row_is_found_by_its_id_its_words_and_what_it_takes_and_gives() -> None:
    row = tool_row(get_tool(RISK))
    for wanted in (RISK, "risk register", "monte carlo", "frequency", "annual loss"):
        assert wanted in row["find"]
    estimate = engine.estimate(get_tool(RISK), get_tool(RISK).example)
    assert (row["typical"], row["cap"], row["built"], row["stateWords"]) == (estimate.typical, 25, True, "Ready")


def test_every_tool_says_its_studio_mode_and_state_in_words() -> None:
    rows = [tool_row(tool) for tool in all_tools()]
    assert len(rows) == 26
    assert {row["studio"] for row in rows} == {"Dev Studio", "Cyber Studio", "Data Studio", "Code Studio"}
    assert all(row[name] for row in rows for name in ("id", "title", "summary", "modeWords", "where", "stateWords", "price", "find"))


@pytest.mark.parametrize(
    ("availability", "said", "runs"),
    [
        (Availability.BETA, "Beta", True),
        (Availability.COMING_SOON, "Coming soon", False),
        (Availability.DEPRECATED, "Deprecated", True),
    ],
)
def test_a_state_is_said_in_words_in_list_and_page(availability: Availability, said: str, *, runs: bool) -> None:
    tool = _as(availability, "" if availability is Availability.BETA else QUALITY)
    row, page = tool_row(tool), _page(tool)
    assert (row["stateWords"], row["built"], tool.is_built) == (said, runs, runs)
    assert row["instead"] == ("Data Quality Monitor" if tool.instead else "")
    assert said in page
    assert ("ToolForm" in page) is runs, "what cannot be run has no form"
    assert ("/data-studio/quality/" in page) is bool(tool.instead), "the page leads to what stands instead"


def test_a_tool_that_is_there_says_nothing_of_its_state() -> None:
    page = _page(get_tool(RISK))
    assert not [word for word in ("Beta", "Coming soon", "Deprecated", "deprecated") if word in page]


def test_what_is_deprecated_without_a_successor_says_so_and_names_none() -> None:
    page = _page(_as(Availability.DEPRECATED))
    assert "will be taken away" in page
    assert "instead" not in page


def test_what_is_only_announced_leads_to_what_is_ready() -> None:
    tool: AnyTool = Tool(**{name: getattr(get_tool(RISK), name) for name in ("id", "title", "studio", "mode", "cap", "summary", "takes", "gives")})
    page = _page(dataclasses.replace(tool, availability=Availability.COMING_SOON))
    assert "This tool is coming soon" in page
    assert "/tools/?studio=cyber-studio&state=available" in page


def test_a_list_of_such_tools_is_drawn() -> None:
    drawn = str(tool_list([_as(one, QUALITY) for one in Availability], live={}).render())
    assert all(word in drawn for word in ("Ready", "Beta", "Coming soon", "Deprecated", "Data Quality Monitor"))


async def test_the_page_has_the_prices_and_the_use_of_now(database: None) -> None:
    analytics.forget()
    async with transaction() as tx:
        for _ in range(12):
            await service.count_run(tx, person_id=ids.new_id(), tool_id=RISK, at=AT, charged=3, succeeded=True)
    state = Catalogue()
    with clock.frozen(AT + timedelta(days=1)):
        await Catalogue.load.fn(state)
    assert set(state.live) == {tool.id for tool in all_tools()}
    assert state.live[RISK] == {"price": "3", "typical": 3, "runs": 10}
    assert state.live[QUALITY]["runs"] == 0
    analytics.forget()


async def test_without_the_database_the_prices_are_there_and_no_use(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost() -> dict[str, int]:
        raise OSError

    monkeypatch.setattr(analytics, "popularity", lost)
    state = Catalogue()
    await Catalogue.load.fn(state)
    assert state.live[RISK]["price"] == "3"
    assert {one["runs"] for one in state.live.values()} == {0}
