"""What own caps would have done to runs of the past: the ledger's windows, gone through again. Pure."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from credit_studio.core.credits import MAX_CREDITS
from credit_studio.ledger import windows
from credit_studio.limits.views import Blocked, Window
from credit_studio.runs.past.spending import Spent


@dataclass(frozen=True)
class Caps:
    """Own caps in credits; None where there is none."""

    daily: int | None = None
    monthly: int | None = None
    per_run: int | None = None


@dataclass
class _Open:
    """The window of one cap as it goes along: `used` counts charges and what runs hold that go on; `back` is what those give back, and when."""

    label: Window
    limit: int
    zone: str
    end: datetime | None = None
    used: int = 0
    back: list[tuple[datetime, int]] = field(default_factory=list[tuple[datetime, int]])

    @property
    def room(self) -> int:
        return max(0, self.limit - self.used)

    def follow(self, at: datetime) -> None:
        """Be the window that holds `at`, with what has been given back by then."""
        if self.end is None or at >= self.end:
            _, self.end = windows.next_window(self.label, self.zone, at=at, after=self.end)
            self.used, self.back = 0, []
        while self.back and self.back[0][0] <= at:
            self.used -= heapq.heappop(self.back)[1]

    def take(self, run: Spent) -> None:
        """Count a run that was let through."""
        self.used += run.held
        if run.ended_at is not None and run.held > run.charged:
            heapq.heappush(self.back, (run.ended_at, run.held - run.charged))


def first_instant(at: datetime, zone: str) -> datetime:
    """From when on runs count for what happens at `at`: the start of its month."""
    return windows.next_window("month", zone, at=at, after=None)[0]


def spent_now(runs: Iterable[Spent], label: Window, *, zone: str, now: datetime) -> tuple[int, datetime]:
    """What runs have taken of the window of that label that holds `now`, and when it ends. `runs` come oldest first."""
    window = _Open(label, MAX_CREDITS, zone)
    for run in runs:
        window.follow(run.at)
        window.take(run)
    window.follow(now)
    return window.used, window.end or now


def replay(runs: Iterable[Spent], caps: Caps, *, zone: str, since: datetime) -> list[Blocked]:
    """The runs from `since` on that `caps` would have stopped, in order. `runs` come oldest first, from `first_instant` of `since` on.

    A run that is stopped spends nothing, so it may make room for a later one; credits, and the caps of the plan, are taken to suffice.
    """
    limits: tuple[tuple[Window, int | None], ...] = (("day", caps.daily), ("month", caps.monthly))
    open_now = [_Open(label, limit, zone) for label, limit in limits if limit is not None]
    stopped: list[Blocked] = []
    for run in runs:
        for one in open_now:
            one.follow(run.at)
        against = _against(run, caps, open_now)
        if against is None:
            for one in open_now:
                one.take(run)
        elif run.at >= since:
            stopped.append(against)
    return stopped


def _against(run: Spent, caps: Caps, open_now: list[_Open]) -> Blocked | None:
    """What stops a run, as the gate would say it: the cap for one run first, then the tightest window."""
    if caps.per_run is not None and run.held > caps.per_run:
        return Blocked(run.run_id, run.tool_id, run.at, "run", caps.per_run, 0, run.held)
    tightest = min(open_now, key=lambda one: one.room, default=None)
    if tightest is not None and run.held > tightest.room:
        return Blocked(run.run_id, run.tool_id, run.at, tightest.label, tightest.limit, tightest.used, run.held)
    return None
