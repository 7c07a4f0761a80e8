"""What an invoice of a plan brings, and what a change adds: worked cases, and what holds for every instant of a period."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.payments.plan_rules import Allotted, PlanLine, added_credits, allotted, period_start

START, END = datetime(2026, 1, 15, 9, tzinfo=UTC), datetime(2026, 2, 15, 9, tzinfo=UTC)
PLANS = {"supporter": 3_000, "pro": 12_000}
fractions = st.floats(0, 1)
sizes = st.integers(0, 1_000_000)


def _at(fraction: float) -> datetime:
    return START + timedelta(microseconds=int((END - START) / timedelta(microseconds=1) * fraction))


@pytest.mark.parametrize(
    ("at", "added"),
    [
        (START, 9_000),
        (START + (END - START) / 2, 4_500),
        (START + (END - START) / 3, 6_000),
        (END - timedelta(seconds=1), 0),
        (END, 0),
        (END + timedelta(days=9), 0),
    ],
    ids=["from the start", "half", "two thirds", "the last second", "the end", "after it"],
)
def test_an_upgrade_adds_the_share_of_the_difference_that_is_left(at: datetime, added: int) -> None:
    assert added_credits(3_000, 12_000, start=START, end=END, at=at) == added


@given(sizes, sizes, fractions)
def test_what_is_added_is_never_less_than_nothing_nor_more_than_the_difference(before: int, after: int, fraction: float) -> None:
    assert 0 <= added_credits(before, after, start=START, end=END, at=_at(fraction)) <= max(0, after - before)


@given(sizes, sizes, fractions, fractions)
def test_later_never_adds_more(before: int, after: int, one: float, other: float) -> None:
    first, second = sorted((_at(one), _at(other)))
    later, sooner = (added_credits(before, after, start=START, end=END, at=at) for at in (second, first))
    assert later <= sooner


@given(sizes, sizes, sizes, fractions)
def test_two_upgrades_in_a_row_add_no_more_than_one(a: int, b: int, c: int, fraction: float) -> None:
    low, middle, high = sorted((a, b, c))
    at = _at(fraction)
    steps = added_credits(low, middle, start=START, end=END, at=at) + added_credits(middle, high, start=START, end=END, at=at)
    assert 0 <= added_credits(low, high, start=START, end=END, at=at) - steps <= 1


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)), st.integers(1, 100))  # noqa: DTZ001 - Hypothesis adds the zone
def test_the_start_of_a_month_is_the_end_of_the_one_before(anchor: datetime, months: int) -> None:
    ends = [period_start(_month(anchor, number), anchor=anchor) for number in (months, months + 1)]
    assert ends == [_month(anchor, months - 1), _month(anchor, months)]


def _month(anchor: datetime, number: int) -> datetime:
    """By another way: the anchor's day, or the last day before the month after."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + number, 12)
    first = anchor.replace(year=year, month=month + 1, day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(anchor.day, last.day))


def _line(plan_id: str, amount: int, *, change: bool = False, start: datetime = START) -> PlanLine:
    return PlanLine(plan_id, amount, change, start, END)


@pytest.mark.parametrize("reason", ["create", "cycle"])
def test_a_paid_period_brings_the_plans_credits(reason: str) -> None:
    brought = allotted(reason, [_line("pro", 3_500)], anchor=START, credits_of=PLANS.__getitem__)  # pyright: ignore[reportArgumentType] - one of the reasons
    assert brought == Allotted("pro", START, END, START, 12_000)


def test_a_change_brings_the_share_and_names_the_whole_period() -> None:
    half = START + (END - START) / 2
    lines = [_line("supporter", -500, change=True, start=half), _line("pro", 1_750, change=True, start=half)]
    assert allotted("update", lines, anchor=START, credits_of=PLANS.__getitem__) == Allotted("pro", START, END, half, 4_500)
    assert allotted("update", lines[::-1], anchor=START, credits_of=PLANS.__getitem__) == Allotted("pro", START, END, half, 4_500)


def test_the_rest_of_an_earlier_change_on_a_renewal_brings_nothing_of_its_own() -> None:
    lines = [_line("supporter", -3, change=True), _line("pro", 7, change=True), _line("pro", 3_500)]
    assert allotted("cycle", lines, anchor=START, credits_of=PLANS.__getitem__) == Allotted("pro", START, END, START, 12_000)


def test_a_change_to_a_smaller_plan_takes_nothing() -> None:
    half = START + (END - START) / 2
    lines = [_line("pro", -1_750, change=True, start=half), _line("supporter", 500, change=True, start=half)]
    brought = allotted("update", lines, anchor=START, credits_of=PLANS.__getitem__)
    assert brought is not None
    assert (brought.plan_id, brought.credits) == ("supporter", 0)


def test_an_invoice_without_a_line_for_a_plan_brings_nothing() -> None:
    assert allotted("create", [], anchor=START, credits_of=PLANS.__getitem__) is None
    assert allotted("update", [_line("pro", 3_500)], anchor=START, credits_of=PLANS.__getitem__) is None
