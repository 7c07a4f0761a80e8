"""Two tools side by side: figures are those of the engine, and nothing that a stranger asks breaks it."""

from typing import Any

import pytest
import reflex as rx
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.db import hits, rates
from credit_studio.engine import service as engine
from credit_studio.tools.registry import all_tools, get_tool
from credit_studio.ui import comparing
from credit_studio.ui.comparing import MOST_UNITS, SIZES, Row
from credit_studio.ui.states.comparison import Comparison
from credit_studio.ui.states.notice import Notice

RISK, DEPLOY, QUALITY, COST = "cyber-studio-risk-register", "dev-studio-deployment", "data-studio-quality", "dev-studio-cost"


def _rows(a: str, b: str, size: str = "example", units: int = 0) -> dict[str, Row]:
    parts = comparing.parts(get_tool(a), get_tool(b), size=size, units=units)
    return {row.label: row for part in parts for row in part.rows}


async def _chosen(asked: Any, *, root: rx.State | None = None) -> Any:
    state: Any = (root or rx.State()).get_substate(Comparison.get_full_name().split("."))
    await Comparison.choose.fn(state, asked)
    return state


def test_at_the_examples_size_the_figures_are_the_estimates_of_the_examples() -> None:
    rows = _rows(RISK, DEPLOY)
    for label, name in (("At least", "min"), ("Typically", "typical"), ("At most", "max")):
        told = [engine.estimate(get_tool(one), get_tool(one).example) for one in (RISK, DEPLOY)]
        assert [rows[label].a, rows[label].b] == [f"{getattr(one, name)} credits" for one in told]
    assert "20,000 iterations over 6 risks" in rows["Size of input"].a
    assert (rows["Never costs more than"].a, rows["Never costs more than"].b) == ("25 credits", "100 credits")
    assert (rows["In the browser"].a, rows["In the browser"].b) == ("0 credits", "not possible")
    assert rows["To bring it down"].a == "Less in “Iterations”"


def test_more_than_one_run_can_do_is_cut_to_what_it_can_and_said_so() -> None:
    priced = comparing.price_at(get_tool(DEPLOY), size="units", units=MOST_UNITS)
    assert priced.estimate is not None
    assert priced.estimate.usage.cpu_ms <= get_tool(DEPLOY).limits.cpu_ms
    assert priced.note == "cut from 1,000,000,000: no more fits one run"
    assert comparing.price_at(get_tool(DEPLOY), size="example", units=0).note == ""


def test_a_price_by_tokens_does_not_follow_units_and_says_so() -> None:
    tool = get_tool("code-studio-generate-review")
    example, huge = (comparing.price_at(tool, size=size, units=0) for size in ("example", "huge"))
    assert example.estimate == huge.estimate == engine.estimate(tool, tool.example)
    assert (example.note, huge.note) == ("", "priced by tokens: shown for its example")
    assert not comparing.counts_units(tool)


def test_the_verdict_names_the_cheaper_one_and_by_how_much() -> None:
    tools = get_tool(DEPLOY), get_tool(QUALITY)
    small, large = (comparing.price_at(tool, size="units", units=1_000).estimate for tool in tools[::-1])
    assert small is not None
    assert large is not None
    gap = large.typical - small.typical
    assert gap > 1
    said = comparing.verdict(*tools, size="units", units=1_000)
    assert said == f"Data Quality Monitor typically costs {gap} credits less: {small.typical} against {large.typical} for Deployment Wizard."
    assert comparing.verdict(*tools[::-1], size="units", units=1_000) == said
    assert comparing.verdict(get_tool(COST), tools[0], size="example", units=0) == "Cost Calculator costs 0 credits, always."


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tool", all_tools(), ids=lambda tool: tool.id)
def test_every_tool_can_be_compared_at_every_size(tool: Any, size: str) -> None:
    other = get_tool(RISK if tool.id != RISK else QUALITY)
    told = [row for part in comparing.parts(tool, other, size=size, units=0) for row in part.rows]
    assert all(row.label and row.a and row.b for row in told)
    assert comparing.verdict(tool, other, size=size, units=0).endswith(".")


@given(units=st.integers(1, MOST_UNITS))
def test_more_work_never_costs_less(units: int) -> None:
    def typical(some: int) -> int:
        estimate = comparing.price_at(get_tool(QUALITY), size="units", units=some).estimate
        assert estimate is not None
        return estimate.typical

    assert typical(units) <= typical(min(MOST_UNITS, units * 2))


async def test_two_tools_are_needed() -> None:
    assert not (await _chosen({"a": RISK})).ready
    both = await _chosen({"a": RISK, "b": QUALITY, "size": "example"})
    assert both.ready
    assert both.titles == ["Risk Register Builder", "Data Quality Monitor"]
    assert [part.title for part in both.parts] == ["Price of a server run", "Limits of a server run", "What it does"]


@pytest.mark.parametrize("units", ["", "0", "-5", "1e9", "many", "1000000001", "٣", "9" * 5_000, None, [], True])
async def test_a_number_of_units_is_whole_and_bounded(units: Any) -> None:
    state = await _chosen({"a": RISK, "b": QUALITY, "size": "units", "units": units})
    assert (state.ready, state.problem) == (False, "Must be a whole number from 1 to 1,000,000,000.")
    assert (await _chosen({"a": RISK, "b": QUALITY, "size": "units", "units": " 1,000 "})).ready


async def test_units_are_for_two_tools_that_count_them() -> None:
    state = await _chosen({"a": COST, "b": QUALITY, "size": "units", "units": "7"})
    assert state.ready
    assert state.parts[0].rows[0].a == "not counted: it runs in the browser"
    assert state.parts[0].rows[0].b.startswith("410 units")


@pytest.mark.parametrize("asked", [None, 7, [], {}, {"a": []}, {"a": {}, "b": 1}, {"a": RISK, "b": "nope"}, {"a": "x" * 10_000, "b": RISK}, "a"])
async def test_nonsense_compares_nothing(asked: Any) -> None:
    state = await _chosen(asked)
    assert (state.ready, state.parts, state.said) == (False, [], "")


@pytest.mark.parametrize("size", [None, [], {}, "gigantic", 3])
async def test_an_unknown_size_is_the_example(size: Any) -> None:
    assert (await _chosen({"a": RISK, "b": QUALITY, "size": size})).parts == (await _chosen({"a": RISK, "b": QUALITY, "size": "example"})).parts


async def test_who_asks_too_often_is_told_and_what_was_shown_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    root = rx.State()
    monkeypatch.setattr(rates, "per_minute", lambda _: 1)
    hits.forget()
    for b in (QUALITY, COST):
        shown = await _chosen({"a": RISK, "b": b}, root=root)
    hits.forget()
    notice: Any = root.get_substate(Notice.get_full_name().split("."))
    assert (shown.titles, notice.head) == (["Risk Register Builder", "Data Quality Monitor"], "More than 1 requests a minute. Nothing was charged.")
