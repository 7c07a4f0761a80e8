"""What the requests come to: percentiles, Apdex, timeline, distribution, endpoints.

Percentiles are nearest rank: the smallest value that at least p per cent of all values do not exceed (rank = ceil(p/100 x n)), always one of the
values themselves. Apdex is that of the Apdex Alliance (Apdex Technical Specification 1.1): (satisfied + tolerating/2) / all, where satisfied is up to
T, tolerating up to 4T, and a failed request is frustrated however quick it was.
"""

import math

import numpy as np

from credit_studio.tools.dev.traffic.result import Bucket, Endpoint, Times
from credit_studio.tools.dev.traffic.samples import Flags, Floats, Samples

MOST_BUCKETS = 120
MOST_ENDPOINTS = 200
_FEWEST_BUCKETS = 10
_FILLED = 20
_WIDTHS = (
    0.01,
    0.05,
    0.1,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    14_400,
    21_600,
    43_200,
    86_400,
    604_800,
    2_592_000,
    31_536_000,
)


def nearest_rank(ranked: Floats, percent: float) -> float:
    """The nearest-rank percentile of rising values."""
    return float(ranked[max(0, math.ceil(percent / 100 * len(ranked) - 1e-9) - 1)])


def times_of(ms: Floats) -> Times:
    """Percentiles of what was measured (NaN was not)."""
    ranked = np.sort(ms[~np.isnan(ms)])
    if not len(ranked):
        return Times(0, None, None, None, None, None, None, None)
    p50, p90, p95, p99 = (nearest_rank(ranked, percent) for percent in (50, 90, 95, 99))
    return Times(len(ranked), float(ranked.mean()), float(ranked[0]), p50, p90, p95, p99, float(ranked[-1]))


def apdex_of(ms: Floats, failed: Flags, threshold_ms: float) -> float | None:
    """The Apdex score of the measured requests, None when none was measured."""
    measured = ~np.isnan(ms)
    known, good = ms[measured], ~failed[measured]
    if not len(known):
        return None
    satisfied = int((good & (known <= threshold_ms)).sum())
    tolerating = int((good & (known > threshold_ms) & (known <= 4 * threshold_ms)).sum())
    return (satisfied + tolerating / 2) / len(known)


def span_of(samples: Samples) -> tuple[float, float]:
    """The first start, and how long the log is in s: to the last start and the clock's own step (1 s, or 1 ms)."""
    return float(samples.start[0]), float(samples.start[-1] - samples.start[0] + _step(samples))


def _step(samples: Samples) -> float:
    return 1.0 if bool((samples.start == np.floor(samples.start)).all()) else 0.001


def width_of(span: float, requests: int, step: float) -> float:
    """The smallest of some round widths, the clock's step at least, that gives at most 120 buckets; fewer when there would be under 20 requests in each."""
    most = min(MOST_BUCKETS, max(_FEWEST_BUCKETS, requests // _FILLED))
    return next((width for width in _WIDTHS if width >= step and span / width <= most), span / most)


def timeline(samples: Samples) -> tuple[Bucket, ...]:
    """The log in buckets of one round width; a rest of less than half a bucket belongs to the last one. None without times."""
    if not samples.has_times:
        return ()
    first, span = span_of(samples)
    width = width_of(span, len(samples.start), _step(samples))
    count = max(1, math.floor(span / width + 0.5 + 1e-9))
    edges = np.searchsorted(samples.start - first, width * np.arange(1, count), side="left").tolist()
    return tuple(
        _bucket(samples, number * width, width if number < count - 1 else span - number * width, slice(low, high))
        for number, (low, high) in enumerate(zip([0, *edges], [*edges, len(samples.start)], strict=True))
    )


def _bucket(samples: Samples, start: float, covered: float, part: slice) -> Bucket:
    times = times_of(samples.ms[part])
    busy = (times.mean or 0.0) * times.measured
    return Bucket(start, covered, part.stop - part.start, int(samples.failed[part].sum()), times.p50, times.p95, busy)


def endpoints(samples: Samples, threshold_ms: float) -> tuple[Endpoint, ...]:
    """The endpoints that take the most time in all, or without times have the most requests: at most 200."""
    many = len(samples.endpoints)
    spent = np.bincount(samples.endpoint, weights=np.nan_to_num(samples.ms), minlength=many)
    counts = np.bincount(samples.endpoint, minlength=many)
    kept = sorted(range(many), key=lambda one: (-spent[one], -counts[one], samples.endpoints[one]))[:MOST_ENDPOINTS]
    order = np.argsort(samples.endpoint, kind="stable")
    ends = np.cumsum(counts)
    return tuple(_endpoint(samples, one, order[int(ends[one] - counts[one]) : int(ends[one])], threshold_ms) for one in kept)


def _endpoint(samples: Samples, number: int, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]", threshold_ms: float) -> Endpoint:
    ms, failed = samples.ms[rows], samples.failed[rows]
    times = times_of(ms)
    total = (times.mean or 0.0) * times.measured
    return Endpoint(samples.endpoints[number], len(rows), int(failed.sum()), total, apdex_of(ms, failed, threshold_ms), times)


def distribution(ms: Floats) -> tuple[tuple[float, float, int], ...]:
    """Counts between edges of 1, 2, 5, 10 ... ms: from (included), to (excluded), how many. From the first to the last that has any."""
    known = ms[~np.isnan(ms)]
    if not len(known):
        return ()
    edges = [0.0, *(digit * 10.0**power for power in range(10) for digit in (1, 2, 5))]
    counts = np.histogram(known, bins=np.array([*edges, np.inf]))[0].tolist()
    filled = [number for number, count in enumerate(counts) if count]
    ends = [*edges[1:], math.inf]
    return tuple((edges[at], ends[at], counts[at]) for at in range(filled[0], filled[-1] + 1))
