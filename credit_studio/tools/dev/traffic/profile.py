"""From the requests of a file to its profile."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np

from credit_studio.tools.base import report
from credit_studio.tools.dev.traffic import capacity as capacities
from credit_studio.tools.dev.traffic import figures
from credit_studio.tools.dev.traffic.reading import Read
from credit_studio.tools.dev.traffic.result import LOAD_TESTS, PHASES, Bucket, Capacity, Entry, Profile, Slow, StatusCount
from credit_studio.tools.dev.traffic.samples import Samples

_MOST_SLOW = 50
_MOST_ROWS = 200


def profile(read: Read, *, threshold_ms: float, errors_from: int, goal_ms: float, known_rate: float | None) -> Profile:
    """All figures of the requests; thresholds in ms, `known_rate` in requests a second."""
    samples = read.samples
    report(0.7, "Making the timeline")
    buckets = figures.timeline(samples)
    report(0.8, "Comparing endpoints")
    ends = figures.endpoints(samples, threshold_ms)
    statuses = Counter[int](samples.status.tolist())
    first, span = figures.span_of(samples) if samples.has_times else (0.0, None)
    has_capacity = samples.format != "har" and bool(buckets)
    return Profile(
        format=samples.format,
        unit=samples.unit,
        threshold_ms=threshold_ms,
        errors=_errors(samples.format, errors_from),
        requests=len(samples.ms),
        failed=int(samples.failed.sum()),
        bytes=float(np.nansum(samples.size)),
        first=f"{datetime.fromtimestamp(first, UTC):%-d %b %Y, %H:%M:%S} UTC" if samples.has_times else "",
        begun=first if samples.has_times else None,
        span=span,
        apdex=figures.apdex_of(samples.ms, samples.failed, threshold_ms),
        times=figures.times_of(samples.ms),
        times_ok=figures.times_of(samples.ms[~samples.failed]),
        times_failed=figures.times_of(samples.ms[samples.failed]),
        buckets=buckets,
        shares=tuple((low, None if high == float("inf") else high, count) for low, high, count in figures.distribution(samples.ms)),
        endpoints_total=len(samples.endpoints),
        endpoints=ends,
        statuses=tuple(StatusCount(status, count) for status, count in sorted(statuses.items())[:_MOST_ROWS]),
        slowest=_slowest(samples),
        capacity=_capacity(samples, buckets, goal_ms, known_rate) if has_capacity else None,
        entries_total=len(read.entries),
        entries=tuple(sorted(read.entries, key=lambda one: one.start)[:_MOST_ROWS]),
        phase_totals=tuple(sum(one.phases[place] for one in read.entries) for place in range(len(PHASES))) if read.entries else (),
        hosts=_grouped(read.entries, "host"),
        kinds=_grouped(read.entries, "kind"),
        pages=read.pages,
        unread_total=samples.unread_total,
        unread=samples.unread,
    )


def _errors(kind: str, errors_from: int) -> str:
    return "as the test says" if kind in LOAD_TESTS else f"status {errors_from} and above, or no answer"


def _slowest(samples: Samples) -> tuple[Slow, ...]:
    known = np.flatnonzero(~np.isnan(samples.ms))
    rows = known[np.argsort(-samples.ms[known], kind="stable")[:_MOST_SLOW]].tolist()
    begun = float(samples.start[0]) if samples.has_times else None
    return tuple(
        Slow(
            samples.targets[int(samples.target[row])],
            int(samples.status[row]),
            float(samples.ms[row]),
            None if begun is None else float(samples.start[row]) - begun,
        )
        for row in rows
    )


def _capacity(samples: Samples, buckets: tuple[Bucket, ...], goal_ms: float, known_rate: float | None) -> Capacity:
    """Little's law over the whole and over the busiest stretch; the law of scaling; for logs of real use the trend of demand."""
    _, span = figures.span_of(samples)
    points = capacities.points_of(buckets)
    scaling = capacities.scaling_of(points)
    full = known_rate or (scaling.best_rate if scaling else None)
    return Capacity(
        goal_ms=goal_ms,
        known_rate=known_rate,
        mean_rate=len(samples.ms) / span,
        mean_concurrency=float(np.nansum(samples.ms)) / 1_000 / span,
        peak_rate=max((one.rate for one in points), default=max(one.requests / one.covered for one in buckets)),
        peak_concurrency=max((one.concurrency for one in points), default=0.0),
        held=capacities.held_within(points, goal_ms),
        points=points,
        scaling=scaling,
        trend=None if samples.format in LOAD_TESTS else capacities.trend_of(buckets, full),
    )


def _grouped(entries: tuple[Entry, ...], by: str) -> tuple[tuple[str, int, float, float], ...]:
    """Name, requests, bytes and ms in all of each group, most time first."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(str(getattr(entry, by)), []).append(entry)
    rows = [(name, len(ones), sum(one.size for one in ones), sum(one.ms for one in ones)) for name, ones in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-row[3], row[0]))[:_MOST_ROWS])
