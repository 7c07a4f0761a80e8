from hypothesis import given
from hypothesis import strategies as st

from credit_studio.sandbox.proration import share

DAY = 86_400


def test_half_of_thirty_days_at_ten_pounds_is_five_pounds() -> None:
    assert share(1000, 0, 30 * DAY, 15 * DAY) == 500


def test_a_third_is_rounded_to_the_nearest_penny_and_a_half_up() -> None:
    assert share(1000, 0, 3, 2) == 333
    assert share(1000, 0, 3, 1) == 667
    assert share(1, 0, 2, 1) == 1


def test_before_the_period_all_is_left_and_after_it_nothing() -> None:
    assert share(3500, 100, 200, 50) == 3500
    assert share(3500, 100, 200, 100) == 3500
    assert share(3500, 100, 200, 200) == 0
    assert share(3500, 100, 200, 300) == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**8), st.floats(0, 1))
def test_a_share_is_within_half_a_penny_of_the_exact_part(full: int, start: int, length: int, part: float) -> None:
    moment = start + int(length * part)
    exact = full * (start + length - moment)
    assert abs(2 * share(full, start, start + length, moment) * length - 2 * exact) <= length
