"""Over random histories: the totals, the bars, the groups and the file say what the book charged, to the credit."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from credit_studio.analytics import flow, sheets
from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.history import service as history
from tests.makers.usage import TOOLS, Ran, a_person, captured, ended

pytestmark = pytest.mark.usefixtures("book")
START = datetime(2026, 10, 3, 5, tzinfo=UTC)
NOW = START + timedelta(days=45)
ZONES = ("Asia/Kolkata", "Pacific/Chatham", "America/New_York", "Europe/London")
_RAN = st.builds(
    Ran,
    at=st.integers(0, 44 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    tool_id=st.sampled_from(TOOLS),
    charged=st.one_of(st.just(0), st.integers(1, 9)),
)


_HURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example)


def _drawn(count: int) -> list[list[Ran]]:
    """Histories that Hypothesis drew, the same in every session of tests."""
    found: list[list[Ran]] = []

    @settings(max_examples=count, deadline=None, phases=(Phase.generate,), derandomize=True, database=None, suppress_health_check=_HURRIED)
    @given(st.lists(_RAN, min_size=6, max_size=14))
    def keep(one: list[Ran]) -> None:
        found.append(sorted(one, key=lambda ran: ran.at))

    keep()
    return found


async def _agrees(zone: str, runs: list[Ran]) -> None:
    actor, _ = await a_person(zone, at=START - timedelta(days=1))
    await ended(actor, *runs)
    for period, bucket, group_by in (("30d", "day", "tool"), ("90d", "week", "studio"), ("7d", "hour", "member")):
        with clock.frozen(NOW):
            told = await flow.usage(actor, period=period, bucket=bucket, group_by=group_by)
        book = await captured(actor, told.since, told.until)
        lines = list(csv.reader(io.StringIO(sheets.as_csv(told))))[1:]
        said = [told.totals.credits, *(sum(one.credits for one in part) for part in (told.series, told.breakdown)), sum(int(line[-1]) for line in lines)]
        assert said == [book] * 4
        for bar in told.series:
            assert bar.credits == sum(run.charged for run in runs if bar.start <= run.at < bar.end)
            assert bar.runs + bar.not_charged == sum(bar.start <= run.at < bar.end for run in runs)
    local = NOW.astimezone(UTC)
    async with transaction() as tx:
        months = [await history.statement(tx, owner_id=actor.require_user(), year=local.year, month=month, zone=zone) for month in (10, 11)]
    assert sum(one.used for one in months) == sum(run.charged for run in runs)


async def test_use_says_what_the_book_the_history_and_the_file_say() -> None:
    for zone, runs in zip(ZONES[:2], _drawn(2), strict=True):
        await _agrees(zone, runs)


@pytest.mark.soak
async def test_use_says_what_the_book_says_over_many_histories() -> None:
    for at, runs in enumerate(_drawn(120)):
        await _agrees(ZONES[at % len(ZONES)], runs)
