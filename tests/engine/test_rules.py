"""The burn model against its worked cases, and what must hold for any usage."""

import json
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from credit_studio.core.credits import Rates
from credit_studio.engine import rules
from credit_studio.engine.rules import Bounds, CostModel, Take

RATES = Rates(base=2, cpu_ms_per_credit=2_000, gb_ms_per_credit=4_000, minimum=3, tokens_per_credit=2_000, minimum_tokens=1)
VECTORS = json.loads((Path(__file__).parent / "data" / "price-vectors.json").read_text())
ms = st.integers(0, 10**7)


@pytest.mark.parametrize("case", VECTORS["compute"], ids=str)
def test_the_worked_compute_prices_come_out(case: dict[str, int]) -> None:
    usage = {"cpu_ms": case["cpuMs"], "mem_mb": case["memMb"], "duration_ms": case["durationMs"]}
    assert rules.raw_credits(RATES, **usage) == case["raw"]
    assert rules.charge(RATES, **usage, quoted_max=case["quotedMax"]) == case["charged"]


@pytest.mark.parametrize("case", VECTORS["tokens"], ids=str)
def test_the_worked_token_prices_come_out(case: dict[str, int]) -> None:
    assert rules.token_charge(RATES, tokens=case["tokens"], quoted_max=case["quotedMax"]) == case["charged"]


def test_the_default_weights_are_those_of_the_formula() -> None:
    assert rules.weights(RATES) == rules.Weights(one=4_096_000, cpu=2_048, memory=1)


def test_half_a_gigabyte_for_five_seconds_is_five_eighths_of_a_credit() -> None:
    assert rules.parts(RATES, cpu_ms=0, mem_mb=512, duration_ms=5_000) == (2.0, 0.0, 0.625)


@given(ms, st.integers(0, 4_096), ms)
def test_the_price_is_the_exact_sum_rounded_up_once(cpu_ms: int, mem_mb: int, duration_ms: int) -> None:
    exact = 2 + Fraction(cpu_ms, 2_000) + Fraction(mem_mb * duration_ms, 1_024 * 4_000)
    assert rules.raw_credits(RATES, cpu_ms=cpu_ms, mem_mb=mem_mb, duration_ms=duration_ms) == ceil(exact)


@given(ms, st.integers(0, 4_096), ms, st.integers(3, 100))
def test_a_charge_lies_between_the_minimum_and_the_quoted_maximum(cpu_ms: int, mem_mb: int, duration_ms: int, quoted: int) -> None:
    assert 3 <= rules.charge(RATES, cpu_ms=cpu_ms, mem_mb=mem_mb, duration_ms=duration_ms, quoted_max=quoted) <= quoted


@given(st.integers(1, 30_000), st.integers(1, 512), st.integers(1, 60_000), st.integers(3, 200))
@example(cpu_ms=1, mem_mb=126, wall_ms=33_140, budget=3)
def test_limits_made_for_a_budget_cannot_cost_more_than_it(cpu_ms: int, mem_mb: int, wall_ms: int, budget: int) -> None:
    usual, most = Bounds(cpu_ms, mem_mb, wall_ms), Bounds(30_000, 512, 60_000)
    made = rules.limits_for(RATES, budget, usual=usual, most=most)
    price = rules.raw_credits(RATES, cpu_ms=made.cpu_ms, mem_mb=made.mem_mb, duration_ms=made.duration_ms)
    assert price <= budget
    assert made.cpu_ms <= most.cpu_ms
    assert made.duration_ms <= most.duration_ms


@given(st.integers(0, 10**8), st.floats(0.1, 10))
def test_more_work_never_takes_less(units: int, speed: float) -> None:
    model = CostModel(cpu_us_per_unit=0.5, cpu_ms_base=5, mem_bytes_per_unit=1, mem_mb_base=4, spread=1.3)
    less, more = (rules.expected(model, units=size, speed=speed) for size in (units, units + 1))
    assert (more.cpu_ms, more.mem_mb, more.duration_ms) >= (less.cpu_ms, less.mem_mb, less.duration_ms)


def test_usual_limits_are_twice_the_95th_percentile_within_the_tool() -> None:
    take = Take(cpu_ms=1_000, mem_mb=100, duration_ms=1_048)
    made = rules.usual_limits(take, spread=1.5, most=Bounds(30_000, 512, 45_000), room=take)
    assert made == Bounds(cpu_ms=3_250, mem_mb=332, duration_ms=10_031)
    assert rules.usual_limits(take, spread=1.5, most=Bounds(2_000, 200, 3_000), room=take) == Bounds(2_000, 200, 3_000)


def test_what_cannot_fit_is_named_with_need_and_allowance() -> None:
    assert rules.overrun(Take(10, 600, 10), Bounds(30, 512, 30)) == {"memory": (600, 512.0)}
    assert rules.overrun(Take(10, 100, 10), Bounds(30, 512, 30)) == {}
