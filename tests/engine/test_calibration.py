"""Estimates that stand on past runs: they say so, follow them, and keep what a quote promises."""

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.engine import calibration, service, speed
from credit_studio.engine.learning import Sample
from tests.engine.test_service import TOOL, Work

rows = st.integers(0, 150_000)


def took(units: int, us: float) -> Sample:
    """A run that took so many microseconds of CPU a row."""
    cpu = round(5 + units * us / 1_000)
    return Sample(units, cpu, round(4 + units * 1_000 / 2**20), round(cpu * 1.04 + 8), 1.0)


def past(us: float, count: int = 60) -> list[Sample]:
    """Runs of many sizes."""
    return [took((number % 6 + 1) * 3_000, us) for number in range(count)]


@pytest.fixture(autouse=True)
def reference() -> Iterator[None]:
    """The reference machine, and nothing known; the same afterwards."""
    before = speed.factor()
    speed.set_factor(1.0)
    calibration.forget()
    yield
    calibration.forget()
    speed.set_factor(before)


def test_an_estimate_says_what_it_stands_on() -> None:
    assert (service.estimate(TOOL, Work(20_000)).basis, service.estimate(TOOL, Work(20_000)).past_runs) == ("declared", 0)
    calibration.learn(TOOL, past(50))
    asked = service.estimate(TOOL, Work(20_000))
    assert (asked.basis, asked.past_runs, asked.units) == ("history", 60, 20_000)
    assert asked.explanation == "20,000 rows: about 1.0 s of CPU and 22 MB, from the last 60 runs of this tool."
    assert asked.usage.cpu_ms == pytest.approx(1_005, abs=2)


def test_too_few_runs_change_nothing() -> None:
    before = service.estimate(TOOL, Work(20_000))
    calibration.learn(TOOL, past(50, count=9))
    assert service.estimate(TOOL, Work(20_000)) == before


def test_another_version_of_the_tool_begins_anew() -> None:
    calibration.learn(TOOL, past(50))
    assert service.estimate(dataclasses.replace(TOOL, version="2.0.0"), Work(20_000)).basis == "declared"


def test_the_machines_speed_counts_on_top() -> None:
    calibration.learn(TOOL, past(50))
    here = service.estimate(TOOL, Work(20_000))
    speed.set_factor(2.0)
    assert service.estimate(TOOL, Work(20_000)).usage.cpu_ms == pytest.approx(2 * here.usage.cpu_ms, abs=1)


def test_limits_keep_room_for_what_was_declared() -> None:
    declared = service.estimate(TOOL, Work(100_000))
    calibration.learn(TOOL, past(12))
    learned = service.estimate(TOOL, Work(100_000))
    assert learned.typical < declared.typical
    assert declared.usage.cpu_ms < learned.limits.cpu_ms < declared.limits.cpu_ms


def test_history_alone_refuses_nothing_and_what_it_knows_to_fit_may_run() -> None:
    calibration.learn(TOOL, past(400))
    slow = service.estimate(TOOL, Work(100_000))
    assert slow.usage.cpu_ms > TOOL.limits.cpu_ms
    assert slow.min <= slow.typical <= slow.max <= TOOL.cap
    with pytest.raises(InvalidInputs):
        service.estimate(TOOL, Work(250_000))
    calibration.learn(TOOL, past(30))
    assert service.estimate(TOOL, Work(250_000)).usage.cpu_ms < TOOL.limits.cpu_ms


@given(st.floats(5, 2_000), rows, rows, st.none() | st.integers(3, 40))
def test_whatever_was_learned_an_estimate_is_in_order_and_more_work_costs_no_less(us: float, some: int, others: int, budget: int | None) -> None:
    calibration.learn(TOOL, past(us))
    less, more = (service.estimate(TOOL, Work(count), max_credits=budget) for count in sorted((some, others)))
    for asked in (less, more):
        assert 3 == asked.min <= asked.typical <= asked.max <= min(TOOL.cap, budget or TOOL.cap)
        assert asked.limits.cpu_ms <= TOOL.limits.cpu_ms
        assert asked.limits.mem_mb <= TOOL.limits.mem_mb
        assert asked.limits.duration_ms <= TOOL.limits.wall_ms
    assert less.breakdown.sum <= more.breakdown.sum
    if budget is None:
        assert less.max <= more.max
