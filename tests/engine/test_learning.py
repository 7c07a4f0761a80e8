"""What past runs teach: lines through known points, robust to what is far off, and never far from what was declared."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.engine import learning, rules
from credit_studio.engine.learning import Sample
from credit_studio.engine.rules import CostModel

DECLARED = CostModel(cpu_us_per_unit=10.0, cpu_ms_base=5.0, mem_bytes_per_unit=100.0, mem_mb_base=4.0, spread=1.3)
SIZES = [1_000, 5_000, 20_000, 60_000, 100_000]


def ran(units: int, *, us: float = 10.0, base: float = 5.0, speed: float = 1.0, noise: float = 1.0, wall: float = 1.0) -> Sample:
    """A run that took just what a model says, on a machine of that speed."""
    cpu = (base + units * us / 1_000) * noise * speed
    return Sample(units, round(cpu), round(4 + units * 100 / 2**20), round(rules.wall_ms(cpu) * wall), speed)


def runs(count: int, make: Callable[[int], Sample]) -> list[Sample]:
    return [make(SIZES[number % len(SIZES)]) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 9])
def test_the_declared_model_stands_until_there_are_enough_runs(count: int) -> None:
    assert learning.learned(DECLARED, runs(count, lambda units: ran(units, us=40))) == DECLARED


def test_past_runs_count_for_more_with_each_of_them() -> None:
    learned = [learning.learned(DECLARED, runs(count, lambda units: ran(units, us=40))).cpu_us_per_unit for count in (9, 10, 20, 30, 40, 200)]
    assert learned == pytest.approx([10, 17.5, 25, 32.5, 40, 40], rel=0.01)


def test_base_and_slope_are_found_apart() -> None:
    model = learning.learned(DECLARED, runs(100, lambda units: ran(units, us=20, base=150)))
    assert model.cpu_us_per_unit == pytest.approx(20, rel=0.01)
    assert model.cpu_ms_base == pytest.approx(150, rel=0.05)


def test_runs_of_one_size_scale_what_is_most_of_the_use() -> None:
    large = learning.learned(DECLARED, [ran(50_000, us=20)] * 50)
    assert (large.cpu_us_per_unit, large.cpu_ms_base) == (pytest.approx(20, rel=0.01), pytest.approx(5, abs=1))
    small = learning.learned(DECLARED, [ran(10, base=30)] * 50)
    assert (small.cpu_us_per_unit, small.cpu_ms_base) == (10, pytest.approx(30, abs=1))


def test_small_runs_say_nothing_of_large_ones() -> None:
    noisy = random.Random(7)  # noqa: S311 - noise, no secret
    model = learning.learned(DECLARED, [ran(noisy.randrange(1, 100), base=noisy.uniform(3, 9)) for _ in range(100)])
    assert model.cpu_us_per_unit == 10


@pytest.mark.parametrize("speed", [0.5, 1.0, 3.0])
def test_the_same_is_learned_from_a_fast_machine_and_a_slow_one(speed: float) -> None:
    model = learning.learned(DECLARED, runs(100, lambda units: ran(units, us=20, speed=speed)))
    assert model.cpu_us_per_unit == pytest.approx(20, rel=0.02)


def test_a_tenth_of_wild_runs_changes_little() -> None:
    sane = runs(90, lambda units: ran(units, us=20))
    wild = [Sample(units, 25_000, 500, 30_000, 1.0) for units in SIZES for _ in range(2)]
    calm, shaken = (learning.learned(DECLARED, samples) for samples in (sane, sane + wild))
    for units in SIZES:
        was, now = (rules.expected(model, units=units, speed=1.0).cpu_ms for model in (calm, shaken))
        assert now == pytest.approx(was, rel=0.15, abs=10)


def test_no_history_carries_a_model_further_than_ten_times() -> None:
    for us in (1_000.0, 0.0):
        model = learning.learned(DECLARED, runs(200, lambda units, us=us: ran(units, us=us, base=0.0)))
        assert 1.0 <= model.cpu_us_per_unit <= 100.0


def test_spread_and_wall_time_are_those_of_the_runs() -> None:
    noisy = random.Random(3)  # noqa: S311 - noise, no secret
    model = learning.learned(DECLARED, runs(200, lambda units: ran(units, noise=noisy.uniform(0.6, 1.9), wall=1.5)))
    assert 1.3 < model.spread < 2.0
    assert model.wall == pytest.approx(1.5, rel=0.05)
    assert learning.learned(DECLARED, runs(200, ran)).spread == pytest.approx(1.15)


samples = st.lists(
    st.builds(
        Sample,
        units=st.integers(0, 10**12),
        cpu_ms=st.integers(0, 60_000),
        mem_mb=st.integers(0, 2_048),
        duration_ms=st.integers(0, 120_000),
        speed=st.floats(0.05, 50),
    ),
    max_size=60,
)


@given(samples, st.integers(0, 10**9), st.integers(0, 10**9))
def test_whatever_was_measured_more_work_never_takes_less(taught: list[Sample], some: int, more: int) -> None:
    model = learning.learned(DECLARED, taught)
    less, most = (rules.expected(model, units=units, speed=1.0) for units in sorted((some, some + more)))
    assert 0 <= less.cpu_ms <= most.cpu_ms
    assert 0 <= less.mem_mb <= most.mem_mb
    assert 0 < less.duration_ms <= most.duration_ms
    assert 1.15 <= model.spread <= 3.0
