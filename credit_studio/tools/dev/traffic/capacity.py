"""How much the service may take, as far as the measured requests tell, and what they do not tell.

Concurrency is Little's law, L = X R: requests a second times mean response time. Scalability is Gunther's Universal Scalability Law
(N. Gunther, "Guerrilla Capacity Planning", 2007): X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)). With N = X R this is
R(N) = 1/lambda + sigma/lambda (N - 1) + kappa/lambda N (N - 1), linear in its coefficients, fitted by weighted least squares that hold all three at
zero or above. Demand is an ordinary regression of requests a second over time.
"""

import math
from itertools import combinations

import numpy as np

from credit_studio.tools.dev.traffic.result import Bucket, Point, Scaling, Trend
from credit_studio.tools.dev.traffic.samples import Floats

_FEWEST_POINTS = 8
_LEAST_SPREAD = 2.0
_FEWEST_LEVELS, _MOST_LEVELS, _FEWEST_REQUESTS = 4, 10, 5
_NOT_BELOW = 0.9  # of the busiest stretch, which may be lucky
_LEAST_FIT = 0.5
_FARTHEST = 3.0
_SURE = 2.0
_MOST_ERRORS = 0.01


def points_of(buckets: tuple[Bucket, ...]) -> tuple[Point, ...]:
    """The stretches that have response times."""
    return tuple(
        Point(
            rate=one.requests / one.covered,
            concurrency=one.busy_ms / 1_000 / one.covered,
            mean_ms=one.busy_ms / one.requests,
            p95_ms=one.p95,
            requests=one.requests,
            failed_share=one.failed / one.requests,
        )
        for one in buckets
        if one.requests and one.p95 is not None and one.busy_ms > 0
    )


def held_within(points: tuple[Point, ...], goal_ms: float) -> float | None:
    """The highest rate at which p95 kept the goal with at most 1 % of errors; None when none did."""
    return max((one.rate for one in points if one.p95_ms <= goal_ms and one.failed_share <= _MOST_ERRORS), default=None)


def scaling_of(points: tuple[Point, ...]) -> Scaling | None:
    """The law fitted to levels of load; None when the load spreads too little, the fit explains less than half, or contradicts what was seen.

    Noise in a response time is noise in N = X R as well, so stretches are first brought together by their rate; below one at a time there is no
    contention, so N counts as 1 there.
    """
    levels = _levels(points)
    if len(levels) < _FEWEST_LEVELS:
        return None
    rates, seconds, weights = (np.array(column) for column in zip(*levels, strict=True))
    seen = float((rates * seconds).max())
    if rates.max() < _LEAST_SPREAD * rates.min() or seen < _LEAST_SPREAD:
        return None
    many = np.maximum(1.0, rates * seconds)
    terms = np.column_stack((np.ones_like(many), many - 1, many * (many - 1)))
    found = _not_negative(terms, seconds, np.sqrt(weights))
    spread = float((weights * (seconds - np.average(seconds, weights=weights)) ** 2).sum())
    left = float((weights * (seconds - terms @ found) ** 2).sum())
    if found[0] <= 0 or spread <= 0 or 1 - left / spread < _LEAST_FIT:
        return None
    return _law(float(found[0]), float(found[1]), float(found[2]), 1 - left / spread, seen, max(one.rate for one in points))


def _levels(points: tuple[Point, ...]) -> list[tuple[float, float, int]]:
    """Stretches of like rates together, at most 10 groups of as many stretches: their rate, their mean response time in s, their requests."""
    ranked = sorted((one for one in points if one.requests >= _FEWEST_REQUESTS), key=lambda one: one.rate)
    count = min(_MOST_LEVELS, len(ranked) // 2)
    groups = [ranked[len(ranked) * at // count : len(ranked) * (at + 1) // count] for at in range(count)]
    return [
        (
            sum(one.rate for one in group) / len(group),
            sum(one.mean_ms * one.requests for one in group) / sum(one.requests for one in group) / 1_000,
            sum(one.requests for one in group),
        )
        for group in groups
    ]


def _law(base: float, slope: float, bend: float, fit: float, seen: float, peak: float) -> Scaling | None:
    sigma, kappa = slope / base, bend / base
    law = Scaling(1 / base, sigma, kappa, fit, seen, None, None)
    best = math.sqrt((1 - sigma) / kappa) if kappa > 0 and sigma < 1 else None
    if best is None or best > _FARTHEST * seen:
        return law
    most = law.rate(best)
    return Scaling(law.rate_one, sigma, kappa, fit, seen, best, most) if best >= 1 and most >= _NOT_BELOW * peak else None


def _not_negative(terms: Floats, values: Floats, weights: Floats) -> Floats:
    """Least squares with coefficients at zero or above: the best of the fits with some of the three left out. The first always stays."""
    best, least = np.zeros(terms.shape[1]), math.inf
    for count in range(terms.shape[1]):
        for others in combinations(range(1, terms.shape[1]), count):
            kept = [0, *others]
            part = np.linalg.lstsq(terms[:, kept] * weights[:, None], values * weights, rcond=None)[0]
            left = float((((terms[:, kept] @ part) - values) ** 2 * weights**2).sum())
            if (part >= 0).all() and left < least:
                best, least = np.zeros(terms.shape[1]), left
                best[kept] = part
    return best


def trend_of(buckets: tuple[Bucket, ...], capacity: float | None) -> Trend | None:
    """Demand by least squares over the stretches; None for fewer than 8."""
    if len(buckets) < _FEWEST_POINTS:
        return None
    at, rates = np.array([one.start + one.covered / 2 for one in buckets]), np.array([one.requests / one.covered for one in buckets])
    middle, count = float(at.mean()), len(buckets)
    spread = float(((at - middle) ** 2).sum())
    slope = float(((at - middle) * rates).sum()) / spread
    noise = math.sqrt(max(0.0, float(((rates - rates.mean() - slope * (at - middle)) ** 2).sum())) / (count - 2))
    error = noise / math.sqrt(spread)
    end, span = buckets[-1].start + buckets[-1].covered, buckets[-1].start + buckets[-1].covered
    now, then = (float(rates.mean()) + slope * (moment - middle) for moment in (end, end + span))
    band = _SURE * noise * math.sqrt(1 + 1 / count + (end + span - middle) ** 2 / spread)
    is_sure = abs(slope) > _SURE * error
    reaches = (capacity - now) / slope if capacity is not None and is_sure and slope > 0 else None
    full = max(0.0, reaches) if reaches is not None and reaches <= span else None
    return Trend(max(0.0, now), slope * 3_600, error * 3_600, is_sure, span, max(0.0, then), max(0.0, then - band), max(0.0, then + band), full)
