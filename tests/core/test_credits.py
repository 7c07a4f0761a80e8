import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.core.credits import MAX_CREDITS, is_amount


@given(st.integers())
def test_an_amount_is_a_whole_number_from_one_to_the_most(number: int) -> None:
    assert is_amount(number) is (1 <= number <= MAX_CREDITS)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, float("nan"), 0, -1, MAX_CREDITS + 1])
def test_what_is_no_amount_is_none(value: object) -> None:
    assert not is_amount(value)
