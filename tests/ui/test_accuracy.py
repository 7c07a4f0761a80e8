"""The board of accuracy as a page shows it."""

from datetime import timedelta

import pytest
import reflex as rx

from credit_studio.engine import calibration
from credit_studio.engine import service as engine
from credit_studio.engine.learning import Sample
from credit_studio.runs.past import accuracy
from credit_studio.tools import registry
from credit_studio.ui.states.accuracy import Accuracy, Figure, _share
from credit_studio.ui.states.price import Price
from tests.makers.past_runs import add_past, past_run

RISKS = "cyber-studio-risk-register"


@pytest.fixture
async def page(database: None) -> Accuracy:
    """A tab that has the page open."""
    accuracy.forget()
    state: Accuracy = rx.State().get_substate(Accuracy.get_full_name().split("."))  # type: ignore[assignment]
    return state


async def _load(page: Accuracy) -> None:
    accuracy.forget()
    await Accuracy.load.fn(page)


async def test_without_runs_it_says_so(page: Accuracy) -> None:
    await _load(page)
    assert (page.ready, page.runs, page.lines) == (True, 0, [])


async def test_what_was_counted_is_told_in_words(page: Accuracy) -> None:
    hits, misses = [past_run(RISKS) for _ in range(999)], [past_run(RISKS, uncapped=12, charged=8), past_run(RISKS, status="limit", charged=0, uncapped=None)]
    await add_past(*hits)
    await add_past(*misses)
    await _load(page)
    assert page.figures == [
        Figure("99.9\u00a0%", "In the quoted range", "no more than the maximum is ever charged"),
        Figure("99.9\u00a0%", "Near the typical price", "off by at most 1 credit, or 20 %"),
        Figure("0 credits", "Median error", "half of the runs were off by no more"),
        Figure("1,000", "Runs", "1 more ran into a limit and were not charged"),
    ]
    line = page.lines[0]
    assert (line.title, line.href, line.runs, line.stopped, line.error) == ("Risk Register Builder", "/cyber-studio/risk-register/", "1,000", "1", "0")
    assert len(page.lines) == 1


async def test_few_runs_are_listed_and_not_judged(page: Accuracy) -> None:
    await add_past(*(past_run(RISKS, ago=timedelta(days=3)) for _ in range(3)))
    await _load(page)
    assert [figure.value for figure in page.figures] == ["\u2013", "\u2013", "\u2013", "3"]
    assert {figure.said for figure in page.figures[:3]} == {"told from 10 runs on"}
    assert [(line.runs, line.within, line.close, line.error) for line in page.lines] == [("3", "\u2013", "\u2013", "\u2013")]


async def test_the_panel_says_how_many_runs_a_price_stands_on_and_how_often_the_range_was_right() -> None:
    tool, price = registry.get_tool(RISKS), rx.State().get_substate(Price.get_full_name().split("."))
    try:
        Price.load.fn(price, RISKS)
        assert (price.past_runs, price.past_said) == (0, "")  # type: ignore[attr-defined]
        units = engine.estimate(tool, tool.example).units
        calibration.learn(tool, [Sample(units, 300, 9, 320, 1.0)] * 48, within=47)
        price.reset()
        Price.load.fn(price, RISKS)
        assert (price.past_runs, price.past_said) == (48, "97\u00a0% of them were charged within their estimate.")  # type: ignore[attr-defined]
        assert "from the last 48 runs of this tool" in price.explanation  # type: ignore[attr-defined]
    finally:
        calibration.forget()


@pytest.mark.parametrize(("share", "said"), [(1.0, "100"), (0.99999, "99.9"), (0.5, "50"), (0.0, "0"), (2 / 3, "66.6"), (0.29, "29")])
def test_a_share_is_rounded_down(share: float, said: str) -> None:
    assert _share(share) == f"{said}\u00a0%"
