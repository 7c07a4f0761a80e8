from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.core import ids


def test_ids_are_new_and_sort_by_their_time() -> None:
    made = [ids.new_id() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert made == sorted(made)
    assert {one.version for one in made} == {7}


@given(st.uuids())
def test_an_id_reads_back(one: UUID) -> None:
    assert ids.parse_id(str(one)) == one


@pytest.mark.parametrize("text", ["", "x", "0" * 31, "..", None, 7, ["a"], "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5x"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert ids.parse_id(text) is None
