import math

import numpy as np
import pytest

from credit_studio.tools.dev.traffic import capacity
from credit_studio.tools.dev.traffic.result import Bucket, Point, Scaling


def law_points(base: float, sigma: float, kappa: float, most: int) -> tuple[Point, ...]:
    law = Scaling(base, sigma, kappa, 1.0, 0.0, None, None)
    loads = np.linspace(1, most, 20)
    return tuple(Point(law.rate(many), many, many / law.rate(many) * 1_000, 0.0, 100, 0.0) for many in map(float, loads))


def test_the_law_of_scaling_is_found_again() -> None:
    found = capacity.scaling_of(law_points(100, 0.05, 0.001, 25))
    assert found is not None
    assert (found.rate_one, found.sigma, found.kappa) == pytest.approx((100, 0.05, 0.001), rel=0.12)
    assert found.fit > 0.99
    best = math.sqrt((1 - 0.05) / 0.001)
    assert found.best_concurrency == pytest.approx(best, rel=0.1)
    assert found.best_rate == pytest.approx(100 * best / (1 + 0.05 * (best - 1) + 0.001 * best * (best - 1)), rel=0.05)


def test_no_law_is_told_where_the_load_says_nothing() -> None:
    flat = tuple(Point(10.0, 1.0, 100.0, 120.0, 100, 0.0) for _ in range(30))
    assert capacity.scaling_of(flat) is None
    assert capacity.scaling_of(law_points(100, 0.05, 0.001, 25)[:5]) is None
    assert capacity.scaling_of(()) is None


def test_contention_alone_has_no_maximum() -> None:
    found = capacity.scaling_of(law_points(100, 0.3, 0.0, 20))
    assert found is not None
    assert (found.sigma, found.best_rate) == (pytest.approx(0.3, rel=0.1), None)


def bucket(at: float, requests: int, covered: float = 60.0) -> Bucket:
    return Bucket(at, covered, requests, 0, None, None, 0.0)


def test_a_straight_demand_is_carried_on_and_reaches_the_capacity() -> None:
    buckets = tuple(bucket(60.0 * number, 60 * (10 + number)) for number in range(30))
    found = capacity.trend_of(buckets, 50.0)
    assert found is not None
    assert found.an_hour == pytest.approx(60.0), "one request a second more each minute"
    assert (found.now, found.then) == pytest.approx((39.5, 69.5))
    assert found.is_sure
    assert found.full_in_s == pytest.approx((50 - 39.5) * 60)
    far = capacity.trend_of(buckets, 1_000.0)
    assert far is not None
    assert far.full_in_s is None


def test_a_level_demand_has_no_clear_trend() -> None:
    found = capacity.trend_of(tuple(bucket(60.0 * number, 600 + (-1) ** number * 60) for number in range(30)), 50.0)
    assert found is not None
    assert not found.is_sure
    assert found.full_in_s is None
    assert capacity.trend_of(tuple(bucket(60.0 * number, 600) for number in range(7)), None) is None


def test_the_goal_is_held_by_stretches_without_errors() -> None:
    points = (Point(5, 1, 100, 200, 9, 0.0), Point(9, 1, 100, 900, 9, 0.0), Point(8, 1, 100, 300, 9, 0.2), Point(7, 1, 100, 300, 9, 0.01))
    assert capacity.held_within(points, 500) == 7
    assert capacity.held_within(points, 100) is None
