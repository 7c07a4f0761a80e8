"""Prices before and after a run, by tools whose cost is known."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.catalog.service import catalog
from credit_studio.core.errors import InvalidInputs
from credit_studio.engine import rules, service, speed
from credit_studio.engine.views import Estimate, RunLimits, Usage
from credit_studio.tools import registry
from credit_studio.tools.base import Cost, Limits, Meter, Mode, Studio, Tool


@dataclass(frozen=True)
class Work:
    """So many rows."""

    rows: int


COST = Cost[Work](
    units=lambda work: work.rows, describe=lambda work: f"{work.rows:,} rows", lower="rows", cpu_us_per_unit=100.0, mem_bytes_per_unit=1_000.0, spread=1.5
)
TOOL = Tool[Work, Work](
    id="data-studio-rows",
    title="Rows",
    studio=Studio.DATA,
    mode=Mode.SERVER,
    cap=20,
    summary="Rows.",
    takes="rows",
    gives="rows",
    limits=Limits(cpu_ms=20_000, mem_mb=512, wall_ms=30_000),
    inputs=Work,
    cost=COST,
    run=lambda work: work,
    present=lambda _work: (),
)
CLIENT = registry.get_tool("dev-studio-cost")
TOKENS = registry.get_tool("code-studio-start-workflow")
MOST_ROWS = 150_000
rows = st.integers(0, MOST_ROWS)


@pytest.fixture(autouse=True)
def reference() -> Iterator[None]:
    """The reference machine."""
    before = speed.factor()
    speed.set_factor(1.0)
    yield
    speed.set_factor(before)


def _estimate(count: int, **more: Any) -> Estimate:
    return service.estimate(TOOL, Work(count), **more)


def _price(limits: RunLimits) -> int:
    return rules.raw_credits(catalog().burn, cpu_ms=limits.cpu_ms, mem_mb=limits.mem_mb, duration_ms=limits.duration_ms)


@given(rows, rows)
def test_more_work_never_costs_less(some: int, others: int) -> None:
    less, more = (_estimate(count) for count in sorted((some, others)))
    assert (less.min, less.typical, less.max) <= (more.min, more.typical, more.max)
    assert less.typical <= more.typical
    assert less.max <= more.max
    assert less.breakdown.sum <= more.breakdown.sum


@given(rows)
def test_an_estimate_is_in_order_and_within_the_tool(count: int) -> None:
    asked = _estimate(count)
    assert 3 == asked.min <= asked.typical <= asked.max <= TOOL.cap
    assert asked.limits.cpu_ms <= TOOL.limits.cpu_ms
    assert asked.limits.mem_mb <= TOOL.limits.mem_mb
    assert asked.limits.duration_ms <= TOOL.limits.wall_ms
    assert asked.usage.cpu_ms <= asked.limits.cpu_ms


def test_every_unit_of_work_moves_the_sum_also_inside_one_credit() -> None:
    sums = [_estimate(count).breakdown.sum for count in range(1_000, 1_010)]
    assert sums == sorted(set(sums))
    assert len({_estimate(count).typical for count in range(1_000, 1_010)}) == 1


def test_what_is_told_is_what_was_reckoned() -> None:
    asked = _estimate(20_000)
    assert asked.explanation == "20,000 rows: about 2.0 s of CPU and 23 MB."
    assert asked.breakdown.sum == pytest.approx(2 + 2.005 / 2 + asked.breakdown.memory)
    assert (asked.usage.cpu_ms, asked.usage.mem_mb) == (2_005, 23)
    assert (asked.tool_id, asked.is_free, asked.basis) == (TOOL.id, False, "declared")


def test_a_slower_machine_costs_more() -> None:
    here = _estimate(50_000)
    speed.set_factor(2.0)
    there = _estimate(50_000)
    assert there.usage.cpu_ms == pytest.approx(2 * here.usage.cpu_ms, abs=1)
    assert there.breakdown.cpu == pytest.approx(2 * here.breakdown.cpu)
    assert there.typical > here.typical


@pytest.mark.parametrize(
    ("cost", "limits", "said"),
    [
        ({"cpu_us_per_unit": 1_000.0}, {}, r"about 100\.0 s of CPU, and a run may take 20\.0 s\. Lower it to about 19 %"),
        ({"mem_bytes_per_unit": 20_000.0}, {}, r"about 1,911 MB of memory, and a run may take 512 MB\. Lower it to about 26 %"),
        ({}, {"wall_ms": 5_000}, r"about 10\.4 s of time, and a run may take 5\.0 s\. Lower it to about 48 %"),
    ],
)
def test_too_much_work_is_refused_by_the_name_of_the_input_to_lower(cost: dict[str, float], limits: dict[str, int], said: str) -> None:
    tool = dataclasses.replace(TOOL, cost=dataclasses.replace(COST, **cost), limits=dataclasses.replace(TOOL.limits, **limits))
    with pytest.raises(InvalidInputs) as refused:
        service.estimate(tool, Work(100_000))
    assert [error.field for error in refused.value.errors] == ["rows"]
    assert refused.value.errors[0].message.startswith("Too much for one run: ")
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(refused.value.errors[0].message)


@pytest.mark.parametrize("budget", [2, 1, 0, -5])
def test_less_than_the_least_is_refused_naming_it(budget: int) -> None:
    with pytest.raises(InvalidInputs) as refused:
        _estimate(1_000, max_credits=budget)
    assert [(error.field, error.message) for error in refused.value.errors] == [("maxCredits", "Must be at least 3, the least a run can cost.")]


@given(rows, st.integers(3, 100))
def test_limits_follow_from_what_a_person_will_pay_and_cannot_cost_more(count: int, budget: int) -> None:
    asked = _estimate(count, max_credits=budget)
    assert asked.max <= min(budget, TOOL.cap)
    assert _price(asked.limits) <= max(3, budget)
    assert 1 <= asked.limits.cpu_ms <= TOOL.limits.cpu_ms
    assert 1 <= asked.limits.duration_ms <= TOOL.limits.wall_ms


@given(rows, st.integers(3, 19))
def test_who_will_pay_more_gets_limits_at_least_as_wide(count: int, budget: int) -> None:
    less, more = (_estimate(count, max_credits=most).limits for most in (budget, budget + 1))
    assert less.cpu_ms <= more.cpu_ms
    assert less.duration_ms <= more.duration_ms


@given(rows, st.integers(1, 10**6), st.integers(1, 10**4), st.integers(1, 10**6))
def test_limits_that_are_asked_for_hold_within_the_tool(count: int, cpu_ms: int, mem_mb: int, duration_ms: int) -> None:
    got = _estimate(count, requested=RunLimits(cpu_ms, mem_mb, duration_ms)).limits
    assert got == RunLimits(min(cpu_ms, 20_000), min(mem_mb, 512), min(duration_ms, 30_000))


def test_a_client_tool_is_free_whatever_is_asked() -> None:
    for requested, budget in ((None, None), (None, 1), (RunLimits(1, 1, 1), None)):
        asked = service.estimate(CLIENT, CLIENT.example, requested=requested, max_credits=budget)
        assert (asked.min, asked.typical, asked.max, asked.is_free, asked.breakdown.sum) == (0, 0, 0, True, 0.0)
        assert asked.explanation == "Runs in this browser. Nothing leaves this page."
    assert service.least(CLIENT) == 0


def test_the_least_is_that_of_the_meter() -> None:
    assert (service.least(TOOL), service.least(TOKENS)) == (3, 1)


@given(st.integers(0, 10**6), st.integers(0, 4_096), st.integers(0, 10**6), st.integers(3, 20))
def test_a_charge_is_the_rounded_usage_between_the_least_and_the_quote(cpu_ms: int, mem_mb: int, duration_ms: int, quoted: int) -> None:
    usage = Usage(cpu_ms, mem_mb, duration_ms)
    raw = service.raw_credits(usage)
    assert service.charge(TOOL, usage, quoted_max=quoted) == min(quoted, max(3, raw))
    exact = service.usage_breakdown(usage)
    assert exact.sum <= raw + 1e-6
    assert raw < exact.sum + 1
    assert service.credits_so_far(TOOL, cpu_ms=cpu_ms, mem_mb=mem_mb, elapsed_ms=duration_ms) == exact.sum


@pytest.mark.parametrize(("tokens", "charged"), [(None, 1), (0, 1), (1, 1), (2_000, 1), (2_001, 2), (100_000, 10)])
def test_a_token_tool_is_charged_by_tokens(tokens: int | None, charged: int) -> None:
    assert service.charge(TOKENS, Usage(50_000, 500, 50_000, tokens=tokens), quoted_max=TOKENS.cap) == charged
    assert TOKENS.meter is Meter.TOKENS
