"""The cap simulator decides as the ledger does, run by run."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.ledger import rules
from credit_studio.ledger.terms import Account, Book, Capture, Done, Grant, HoldCredits, Release, Rule, Sheet
from credit_studio.limits.simulating import Caps, first_instant, replay
from credit_studio.runs.past.spending import Spent

ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Chatham")
STARTS = (datetime(2026, 3, 27, 9, tzinfo=UTC), datetime(2026, 10, 23, 22, 15, tzinfo=UTC), datetime(2026, 9, 25, 3, tzinfo=UTC))
ACCOUNT, GRANT, TOOL = UUID(int=1), UUID(int=2), "cyber-studio-risk-register"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMIT = st.none() | st.integers(0, 60)


def _runs(start: datetime, drawn: list[tuple[int, int, int, int | None]]) -> list[Spent]:
    made: list[Spent] = []
    at = start
    for number, (gap_min, held, returned, lasts_min) in enumerate(drawn):
        at += timedelta(minutes=gap_min)
        ended = None if lasts_min is None else at + timedelta(minutes=lasts_min)
        made.append(Spent(UUID(int=100 + number), TOOL, at, ended, held, max(0, held - returned)))
    return made


def _stopped_by_the_ledger(runs: list[Spent], caps: Caps, zone: str) -> list[UUID]:
    """Hold and settle every run on a sheet of the ledger; which of them it refuses."""
    asked = (("run", caps.per_run), ("day", caps.daily), ("month", caps.monthly))
    grant = Grant(GRANT, ACCOUNT, "purchase", "p", "", 50, FAR_FUTURE, LONG_AGO, 10**6, 10**6)
    sheet = Sheet(Account(ACCOUNT, ACCOUNT, posted=10**6), [grant], rules=[Rule("own", label, limit, None) for label, limit in asked if limit is not None])
    book, stopped = Book({ACCOUNT: sheet}), list[UUID]()
    settles = [(run.ended_at, 0, run) for run in runs if run.ended_at is not None]
    for at, is_hold, run in sorted([*settles, *((run.at, 1, run) for run in runs)], key=lambda one: (one[0], one[1], one[2].run_id)):
        named: dict[str, Any] = {"account_id": ACCOUNT, "key": str(run.run_id), "at": at, "run_id": run.run_id}
        if is_hold:
            done = rules.decide(book, HoldCredits(**named, scope="hold", amount=run.held, expires_at=FAR_FUTURE, zone=zone))
            stopped += [] if isinstance(done, Done) else [run.run_id]
        elif run.run_id not in stopped:
            settle = (
                Capture(**named, scope="settle", amount=run.charged, note="") if run.charged else Release(**named, scope="settle", state="released", note="")
            )
            assert isinstance(rules.decide(book, settle), Done)
    return stopped


@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(1, 30), st.integers(0, 30), st.none() | st.integers(1, 1_000)), max_size=25),
    st.builds(Caps, LIMIT, LIMIT, LIMIT),
    st.sampled_from(ZONES),
    st.sampled_from(STARTS),
)
def test_it_stops_the_very_runs_that_the_ledger_would_refuse(drawn: list[tuple[int, int, int, int | None]], caps: Caps, zone: str, start: datetime) -> None:
    runs = _runs(start, drawn)
    assert [one.run_id for one in replay(runs, caps, zone=zone, since=LONG_AGO)] == _stopped_by_the_ledger(runs, caps, zone)


def test_it_says_which_cap_how_far_and_what_was_needed() -> None:
    runs = _runs(NOON, [(0, 12, 4, 1), (10, 20, 0, 1), (10, 5, 0, 1), (10, 40, 0, 1)])
    stopped = replay(runs, Caps(daily=13, monthly=100, per_run=30), zone="Europe/London", since=LONG_AGO)
    assert [(one.run_id.int, one.window, one.limit, one.spent, one.required) for one in stopped] == [(101, "day", 13, 8, 20), (103, "run", 30, 0, 40)]


def test_a_run_before_the_span_counts_for_its_month_and_is_not_told() -> None:
    runs = _runs(datetime(2026, 11, 1, 12, tzinfo=UTC), [(0, 10, 0, 1), (60, 10, 0, 1), (60 * 24 * 10, 10, 0, 1)])
    stopped = replay(runs, Caps(monthly=10), zone="UTC", since=datetime(2026, 11, 5, tzinfo=UTC))
    assert [one.run_id.int for one in stopped] == [102]


FIRSTS = {"Europe/London": datetime(2026, 9, 30, 23, tzinfo=UTC), "Pacific/Chatham": datetime(2026, 9, 30, 10, 15, tzinfo=UTC)}


@pytest.mark.parametrize("zone", FIRSTS)
def test_runs_count_from_the_start_of_the_month(zone: str) -> None:
    assert first_instant(datetime(2026, 10, 21, 12, tzinfo=UTC), zone) == FIRSTS[zone]
