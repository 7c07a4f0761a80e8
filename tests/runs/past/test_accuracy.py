"""The board of accuracy: counted from runs, told only of enough of them, quick with many."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.db.session import transaction
from credit_studio.runs.past import accuracy
from credit_studio.runs.past.accuracy import Score
from credit_studio.tools import registry
from credit_studio.tools.base import Mode
from tests.makers.past_runs import add_past, past_run

RISKS, LINEAGE = "cyber-studio-risk-register", "data-studio-lineage"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def unread() -> Iterator[None]:
    """Nothing is kept from another test."""
    accuracy.forget()
    yield
    accuracy.forget()


def priced(uncapped: int, *, typical: int = 4, most: int = 8, **more: Any) -> dict[str, Any]:
    """A run of the risk register that came to so much."""
    row: dict[str, Any] = {"quoted_typical": typical, "quoted_max": most, "uncapped": uncapped, "charged": min(uncapped, most)}
    return past_run(RISKS, **(row | more))


async def scored(*rows: dict[str, Any], tool_id: str = RISKS) -> Score:
    if rows:
        await add_past(*rows)
    accuracy.forget()
    return next(line.score for line in (await accuracy.board()).lines if line.tool.id == tool_id)


async def test_without_runs_every_priced_tool_is_there_and_nothing_is_told() -> None:
    board = await accuracy.board()
    assert {line.tool.id for line in board.lines} == {tool.id for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT}
    assert {line.score for line in board.lines} | {board.total} == {Score(0, 0, None, None, None)}
    assert board.until - board.since == timedelta(days=30)


async def test_shares_and_the_median_error_are_counted_as_by_hand() -> None:
    spread = [priced(4)] * 5 + [priced(5)] * 2 + [priced(6), priced(7)] + [priced(12)]
    rows = [row | {"id": priced(4)["id"]} for row in spread]
    assert await scored(*rows) == Score(runs=10, stopped=0, within=0.9, close=0.7, median_error=0.5)
    assert (await accuracy.board()).total == Score(runs=10, stopped=0, within=0.9, close=0.7, median_error=0.5)


@pytest.mark.parametrize(
    ("uncapped", "typical", "is_close"), [(3, 4, True), (3, 5, False), (5, 4, True), (20, 16, True), (20, 24, True), (20, 15, False), (20, 25, False)]
)
async def test_close_is_within_one_credit_or_a_fifth_of_the_price(uncapped: int, typical: int, is_close: bool) -> None:  # noqa: FBT001 - a case of the table
    score = await scored(*(priced(uncapped, typical=typical, most=30) for _ in range(10)))
    assert (score.close, score.within) == (float(is_close), 1.0)
    assert score.median_error == abs(uncapped - typical)


async def test_a_price_that_the_ceiling_lowered_is_no_hit() -> None:
    rows = [priced(9, most=8) for _ in range(10)]
    assert {row["charged"] for row in rows} == {8}
    assert (await scored(*rows)).within == 0.0


async def test_few_runs_are_counted_and_not_judged() -> None:
    assert await scored(*(priced(9) for _ in range(9))) == Score(9, 0, None, None, None)
    assert (await scored(priced(9))).within == 0.0


async def test_only_what_ended_in_thirty_days_counts_and_what_was_stopped_apart() -> None:
    old = [priced(9, ago=timedelta(days=30, minutes=1)) for _ in range(5)]
    unpriced = [past_run(RISKS, status=status, charged=0, uncapped=None) for status in ("limit", "timed_out", "failed", "cancelled")]
    given_again = [past_run(RISKS, uncapped=None, charged=0)]
    recent = [priced(4, ago=timedelta(days=29)) for _ in range(10)]
    assert await scored(*old, *unpriced, *given_again, *recent) == Score(10, 2, 1.0, 1.0, 0.0)


async def test_the_tools_with_the_most_runs_come_first_and_the_total_is_of_all() -> None:
    await add_past(*(past_run(LINEAGE) for _ in range(12)), *(priced(9) for _ in range(11)))
    board = await accuracy.board()
    assert [(line.tool.id, line.score.runs) for line in board.lines[:3]][:2] == [(LINEAGE, 12), (RISKS, 11)]
    assert (board.total.runs, board.total.within) == (23, pytest.approx(12 / 23))


async def test_it_is_read_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    first = await accuracy.board()
    await add_past(*(priced(4) for _ in range(10)))
    assert await accuracy.board() is first
    monkeypatch.setattr(accuracy, "FRESH_S", -1.0)
    assert (await accuracy.board()).total.runs == 10


_MANY = text(
    """
    INSERT INTO run SELECT made.* FROM run AS first, generate_series(2, :runs) AS n, LATERAL jsonb_populate_record(first, jsonb_build_object(
      'id', gen_random_uuid(), 'person_id', gen_random_uuid(), 'tool_id', (CAST(:tools AS text[]))[1 + n % 4],
      'uncapped', 3 + n % 5, 'charged', 3 + n % 5, 'ended_at', now() - n * interval '25 seconds')) AS made
    """
)


@pytest.mark.parametrize("runs", [10_000, pytest.param(100_000, marks=pytest.mark.soak)])
async def test_many_runs_are_read_in_less_than_two_seconds(runs: int) -> None:
    await add_past(priced(4))
    async with transaction() as tx:
        await tx.execute(_MANY, {"runs": runs, "tools": [RISKS, LINEAGE, "data-studio-quality", "cyber-studio-vulnerability-scanner"]})
    began = time.perf_counter()
    board = await accuracy.board()
    took = time.perf_counter() - began
    assert (board.total.runs, board.total.within, board.total.median_error) == (runs, 1.0, 1.0)
    assert took < 2.0
