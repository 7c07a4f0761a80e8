"""What the doors see of a run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from credit_studio.engine.views import Range, RunLimits, Usage
from credit_studio.history.views import Payment

Status = Literal["queued", "running", "succeeded", "failed", "timed_out", "limit", "cancelled"]
TERMINAL: frozenset[str] = frozenset({"succeeded", "failed", "timed_out", "limit", "cancelled"})


@dataclass(frozen=True)
class Failure:
    """Why a run gave no result; it was not charged. `field` names the input at fault (camelCase), when it is one."""

    code: str
    message: str
    action: str
    field: str | None = None


@dataclass(frozen=True)
class RunCredits:
    """What moved: `charged` + `released` = `held` once the run has ended. `balance` is what is available after."""

    charged: int
    held: int
    released: int
    estimate: Range
    balance: int


@dataclass(frozen=True)
class RunView:
    """One run, whole. `result` is the tool's output as JSON, `blocks` what the page draws; both None until it has succeeded.

    `cached` says that the result was there before and nothing ran. `kept_until` is when the result goes, None when there is none;
    `shared_at` since when a link leads to it. `inside_ms` is the wall time within the tool itself, for the benchmark.
    """

    run_id: UUID
    tool_id: str
    title: str
    status: Status
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    limits: RunLimits
    usage: Usage | None
    credits: RunCredits
    failure: Failure | None
    result: Any | None
    blocks: list[dict[str, Any]] | None
    cached: bool
    summary: str
    inside_ms: float | None = None
    kept_until: datetime | None = None
    shared_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """How far a run is: `share` from 0 to 1 or None when unknown; `credits_so_far` at the present usage; `ahead` is the place in the queue."""

    run_id: UUID
    status: Status
    share: float | None
    doing: str
    elapsed_ms: int
    credits_so_far: float
    ahead: int = 0


@dataclass(frozen=True)
class RunLine:
    """A run in a list. `kept_until` is when its result goes, None when there is none."""

    run_id: UUID
    tool_id: str
    title: str
    status: Status
    created_at: datetime
    duration_ms: int | None
    charged: int
    held: int
    summary: str
    kept_until: datetime | None
    shared_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """Which runs a list is to have; None and empty stand for all. `since` is in, `until` is not."""

    tool_id: str | None = None
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class StoredResult:
    """A result that is there already for just these inputs, and when it came to be."""

    run_id: UUID
    at: datetime


@dataclass(frozen=True)
class Link:
    """A link to a result: its token is told once, and kept only as a hash."""

    token: str
    until: datetime


@dataclass(frozen=True)
class SharedResult:
    """A result as anybody with its link sees it: no person, no price."""

    tool_id: str
    title: str
    version: str
    ran_at: datetime
    until: datetime
    blocks: list[dict[str, Any]]


@dataclass(frozen=True)
class RunPage:
    """A page of runs, newest first."""

    items: tuple[RunLine, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Step:
    """A line of the waterfall: what was measured, at which rate, the unrounded credits and where its bar starts and ends (in credits)."""

    name: str
    measured: str
    rate: str
    credits: float | None
    start: float
    end: float


@dataclass(frozen=True)
class Moment:
    """What happened at an instant."""

    what: str
    at: datetime


@dataclass(frozen=True)
class Charge:
    """The answer to "Why this charge?": the steps from usage to credits, which grants paid, and the balance before and after."""

    run: RunView
    steps: tuple[Step, ...]
    payments: tuple[Payment, ...]
    balance_before: int
    balance_after: int
    moments: tuple[Moment, ...]
    entry_number: int | None
    fingerprint: str | None
