"""What use lets expect, and how a balance goes on from there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.analytics.rules import Course, Lot, Use, count_class, course, use_of
from credit_studio.core.clock import FAR_FUTURE

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
DAY = timedelta(days=1)
WEEKS = [3, 5, 2, 8, 0, 0, 1] * 4


def own(amount: int) -> Lot:
    return Lot(amount, 50, NOW, FAR_FUTURE)


def plan(amount: int, *, starts: float = 0, ends: float) -> Lot:
    return Lot(amount, 10, NOW + starts * DAY, NOW + ends * DAY)


def went(*lots: Lot, a_day: float, days: int = 10, owed: int = 0) -> Course:
    return course(lots, now=NOW, asked=[NOW + ahead * DAY for ahead in range(1, days + 1)], a_day=a_day, owed=owed)


def test_no_use_lets_expect_none() -> None:
    assert use_of([0] * 28) == Use(0, 0, 0)


def test_weeks_that_are_alike_leave_no_doubt() -> None:
    assert use_of([3, 5, 2, 8, 4, 4, 2] * 4) == Use(4, 4, 4)


def test_one_spree_is_no_trend() -> None:
    spree = [*WEEKS[:-3], 5_000, 0, 1]
    assert use_of(spree).usual < use_of(WEEKS).usual * 1.3
    assert use_of(spree).busy < use_of(WEEKS).busy * 2


def test_seldom_use_is_still_use() -> None:
    assert use_of([0] * 13 + [40] + [0] * 14).usual == pytest.approx(40 / 28)


def test_calm_and_busy_weeks_stand_apart() -> None:
    told = use_of([1] * 7 + [9] * 7 + [1] * 7 + [9] * 7)
    assert (told.calm, told.usual, told.busy) == (pytest.approx(1.8, abs=0.5), 5, pytest.approx(8.2, abs=0.5))


@given(st.lists(st.integers(0, 10_000), min_size=7, max_size=28))
def test_the_usual_lies_between_calm_and_busy_and_within_what_was_seen(daily: list[int]) -> None:
    told = use_of(daily)
    assert 0 <= told.calm <= told.usual <= told.busy <= max(daily)


def test_without_use_only_ends_and_arrivals_change_the_balance() -> None:
    told = went(own(100), plan(30, ends=3), plan(300, starts=3, ends=33), a_day=0, days=5)
    assert told == Course((130, 130, 130, 400, 400), ((NOW + 3 * DAY, 30),), None)


def test_what_would_have_been_used_before_its_end_does_not_lapse() -> None:
    assert went(own(100), plan(30, ends=3), a_day=8, days=4) == Course((122, 114, 106, 92), ((NOW + 3 * DAY, 6),), None)
    assert went(own(100), plan(30, ends=3), a_day=12, days=4) == Course((118, 106, 94, 82), (), None)


def test_among_equals_what_ends_first_burns_first() -> None:
    told = went(plan(10, ends=9), plan(10, ends=2), a_day=4, days=3)
    assert told == Course((16, 12, 6), ((NOW + 2 * DAY, 2),), None)


def test_it_runs_out_at_the_instant_at_which_nothing_is_left() -> None:
    told = went(own(10), a_day=4, days=4)
    assert told == Course((6, 2, 0, 0), (), NOW + 2.5 * DAY)


def test_an_end_can_be_what_runs_it_out_and_an_arrival_is_not_too_late_in_the_same_instant() -> None:
    assert went(plan(10, ends=2.5), a_day=1, days=3).out_at == NOW + 2.5 * DAY
    assert went(plan(10, ends=2.5), plan(10, starts=2.5, ends=30), a_day=1, days=3).out_at is None


def test_credits_that_arrive_after_it_ran_out_do_not_hide_that() -> None:
    told = went(own(2), plan(50, starts=5, ends=35), a_day=2, days=6)
    assert (told.balances, told.out_at) == ((0, 0, 0, 0, 0, 48), NOW + 1 * DAY)


def test_what_is_owed_counts_against_the_balance_and_nothing_left_is_out_at_once() -> None:
    assert went(own(10), a_day=2, days=2, owed=4) == Course((4, 2), (), None)
    assert went(own(10), a_day=2, days=2, owed=30) == Course((-22, -24), (), NOW)
    assert went(a_day=5, days=2) == Course((0, 0), (), NOW)


_LOTS = st.lists(
    st.builds(
        Lot,
        amount=st.integers(1, 400),
        priority=st.sampled_from([10, 20, 50]),
        starts=st.integers(0, 40).map(lambda days: NOW + max(0, days - 20) * DAY),
        ends=st.one_of(st.just(FAR_FUTURE), st.integers(21, 60).map(lambda days: NOW + days * DAY)),
    ),
    max_size=6,
)


@given(_LOTS, st.floats(0, 60), st.floats(0, 60))
def test_who_uses_more_never_has_more(lots: list[Lot], one: float, other: float) -> None:
    less, more = (went(*lots, a_day=a_day, days=50) for a_day in sorted((one, other)))
    assert all(low <= high for low, high in zip(more.balances, less.balances, strict=True))
    assert less.out_at is None or (more.out_at is not None and more.out_at <= less.out_at)


@given(_LOTS, st.floats(0, 60))
def test_every_credit_is_left_lapsed_or_used(lots: list[Lot], a_day: float) -> None:
    told = went(*lots, a_day=a_day, days=50)
    came = sum(lot.amount for lot in lots if lot.starts < NOW + 50 * DAY)
    used = came - told.balances[-1] - sum(lost for _, lost in told.lapses)
    assert -4 <= used <= a_day * 50 + 4
    assert min(told.balances) >= 0


@pytest.mark.parametrize(("count", "told"), [(0, 0), (9, 0), (10, 10), (49, 10), (50, 50), (999, 500), (5_000_000, 1_000_000)])
def test_few_runs_are_not_told_and_others_by_their_class(count: int, told: int) -> None:
    assert count_class(count) == told
