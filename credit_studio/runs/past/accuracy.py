"""The board of accuracy: how often a price was what had been said, by tool. Nothing in it is about a person. A transaction of its own, once a minute."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.runs.past import store
from credit_studio.tools import registry
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool

DAYS = 30
LEAST_RUNS = 10
"""With fewer, shares would say more of single runs than of the estimates: they are not told."""
FRESH_S = 60.0


@dataclass(frozen=True)
class Score:
    """How estimates did. Shares are from 0 to 1, the error in credits; None with fewer than `LEAST_RUNS` runs.

    `runs` succeeded; `within` of them cost, before the ceiling of their quote was applied, what lies in the quoted range; `close` were off
    their typical price by at most 1 credit or a fifth of the price. `stopped` more ran into a limit of their quote, and were not charged.
    """

    runs: int
    stopped: int
    within: float | None
    close: float | None
    median_error: float | None


@dataclass(frozen=True)
class Line:
    """A tool with its score."""

    tool: AnyTool
    score: Score


@dataclass(frozen=True)
class Board:
    """All tools that are priced, those with the most runs first, and all of them together, from `since` to `until`."""

    since: datetime
    until: datetime
    total: Score
    lines: tuple[Line, ...]


async def board() -> Board:
    """The board as it was at most a minute ago."""
    kept = _kept()
    async with kept.lock:
        if kept.board is None or time.monotonic() - kept.read_at > FRESH_S:
            kept.board, kept.read_at = await _read(), time.monotonic()
        return kept.board


def forget() -> None:
    """Read the board anew when it is asked for next."""
    _kept.cache_clear()


class _Kept:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.board: Board | None = None
        self.read_at = 0.0


@cache
def _kept() -> _Kept:
    return _Kept()


async def _read() -> Board:
    until = clock.now()
    since = until - timedelta(days=DAYS)
    tools = [tool for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT]
    named = [tool.id for tool in tools]
    async with transaction() as tx:
        errors = await store.errors(tx, tool_ids=named, since=since)
        stopped = {row["tool_id"]: row["runs"] for row in await store.stopped(tx, tool_ids=named, since=since)}
    lines = [Line(tool, _score([row for row in errors if row["tool_id"] == tool.id], stopped.get(tool.id, 0))) for tool in tools]
    lines.sort(key=lambda line: -line.score.runs)
    return Board(since, until, _score(errors, sum(stopped.values())), tuple(lines))


def _score(rows: Sequence[store.Row], stopped: int) -> Score:
    runs = _count(rows)
    if runs < LEAST_RUNS:
        return Score(runs, stopped, None, None, None)
    within, close = (_count(row for row in rows if row[name]) / runs for name in ("within", "close"))
    return Score(runs, stopped, within, close, _median(rows))


def _count(rows: Iterable[store.Row]) -> int:
    return sum(row["runs"] for row in rows)


def _median(rows: Sequence[store.Row]) -> float:
    """The median error of at least one run, from how many runs had each."""
    counted: Counter[int] = Counter()
    for row in rows:
        counted[row["error"]] += row["runs"]
    last, seen, middles = sum(counted.values()) - 1, 0, list[int]()
    for error, runs in sorted(counted.items()):
        middles += [error for place in (last // 2, (last + 1) // 2) if seen <= place < seen + runs]
        seen += runs
    return sum(middles) / 2
