"""What a profile gives back: plain figures, without the columns that they were made from."""

from dataclasses import dataclass

NAMES = {
    "access": "access log",
    "jsonl": "JSON lines",
    "har": "HAR, the archive of a browser",
    "jtl": "JMeter JTL",
    "k6": "k6 CSV",
}
LOAD_TESTS = ("jtl", "k6")

PHASES = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
"""What a browser's request goes through, in this order; connect without the time of TLS."""


@dataclass(frozen=True)
class Unread:
    """A line that could not be read, its number from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Times:
    """Response times in ms over those that were measured; all None when none was."""

    measured: int
    mean: float | None
    minimum: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    maximum: float | None


@dataclass(frozen=True)
class Bucket:
    """A stretch of time: its start in s after the first request, how long it was covered in s, requests, failed ones, times, and their sum in ms."""

    start: float
    covered: float
    requests: int
    failed: int
    p50: float | None
    p95: float | None
    busy_ms: float


@dataclass(frozen=True)
class Endpoint:
    """Requests to one place; `total_ms` is what all of them took together."""

    name: str
    requests: int
    failed: int
    total_ms: float
    apdex: float | None
    times: Times


@dataclass(frozen=True)
class Point:
    """A stretch of time as a point: requests a second, mean concurrency, mean response time and p95 in ms, requests."""

    rate: float
    concurrency: float
    mean_ms: float
    p95_ms: float
    requests: int
    failed_share: float


@dataclass(frozen=True)
class Scaling:
    """The fitted law: `rate_one` is lambda, requests a second of one at a time; sigma is contention, kappa coherency; `fit` is R squared.

    `best_concurrency` and `best_rate` are the law's maximum, None when it has none within three times what was seen (or none at all).
    """

    rate_one: float
    sigma: float
    kappa: float
    fit: float
    seen_concurrency: float
    best_concurrency: float | None
    best_rate: float | None

    def rate(self, concurrency: float) -> float:
        """X(N) in requests a second."""
        over = max(0.0, concurrency - 1)
        return self.rate_one * concurrency / (1 + self.sigma * over + self.kappa * concurrency * over)


@dataclass(frozen=True)
class Trend:
    """Demand over time: requests a second at the end of the log, their growth an hour, its standard error, and the band as far ahead as the log is long.

    `is_sure` when the growth is more than twice its error. `full_in_s` is when the trend reaches the capacity, None when it does not by then.
    """

    now: float
    an_hour: float
    error: float
    is_sure: bool
    ahead_s: float
    then: float
    then_low: float
    then_high: float
    full_in_s: float | None


@dataclass(frozen=True)
class Entry:
    """One request: what it was for, its host and kind, its size in bytes, its phases in ms in the order of `PHASES` (connect without ssl)."""

    name: str
    host: str
    kind: str
    size: float
    start: float
    ms: float
    phases: tuple[float, ...]


@dataclass(frozen=True)
class Page:
    """A page's own times in ms, None where the browser says none."""

    title: str
    content_ms: float | None
    load_ms: float | None


@dataclass(frozen=True)
class StatusCount:
    """How often a status came; 0 stands for no answer."""

    status: int
    requests: int


@dataclass(frozen=True)
class Slow:
    """One of the slowest requests; `start` in s after the first one, None without times."""

    target: str
    status: int
    ms: float
    start: float | None


@dataclass(frozen=True)
class Capacity:
    """What `capacity.py` finds; `goal_ms` is the p95 that was asked for, `known_rate` the capacity that was given."""

    goal_ms: float
    known_rate: float | None
    mean_rate: float
    mean_concurrency: float
    peak_rate: float
    peak_concurrency: float
    held: float | None
    points: tuple[Point, ...]
    scaling: Scaling | None
    trend: Trend | None


@dataclass(frozen=True)
class Profile:
    """Everything. Times in ms, spans in s, sizes in bytes. Lists are cut (200 endpoints, 50 slowest, 200 entries, 200 statuses); totals are whole.

    `unit` is what the file's times were taken for, `first` is the first start as words, "" without times;
    `begun` the same in seconds since 1970, None without times.
    """

    format: str
    unit: str
    threshold_ms: float
    errors: str
    requests: int
    failed: int
    bytes: float
    first: str
    begun: float | None
    span: float | None
    apdex: float | None
    times: Times
    times_ok: Times
    times_failed: Times
    buckets: tuple[Bucket, ...]
    shares: tuple[tuple[float, float | None, int], ...]
    endpoints_total: int
    endpoints: tuple[Endpoint, ...]
    statuses: tuple[StatusCount, ...]
    slowest: tuple[Slow, ...]
    capacity: Capacity | None
    entries_total: int
    entries: tuple[Entry, ...]
    phase_totals: tuple[float, ...]
    hosts: tuple[tuple[str, int, float, float], ...]
    kinds: tuple[tuple[str, int, float, float], ...]
    pages: tuple[Page, ...]
    unread_total: int
    unread: tuple[Unread, ...]
