"""Tokens counted as the published encoding counts them."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.tools.code.review import writing
from credit_studio.tools.code.tokens import encoding


def test_the_ranks_are_the_published_ones() -> None:
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in encoding.ranks().items())
    assert hashlib.sha256(b"".join(lines)).hexdigest() == encoding.PUBLISHED


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("hello world", [15339, 1917]),
        ("tiktoken is great!", [83, 1609, 5963, 374, 2294, 0]),
        ("antidisestablishmentarianism", [519, 85342, 34500, 479, 8997, 2191]),
        ("2 + 2 = 4", [17, 489, 220, 17, 284, 220, 19]),
        ("お誕生日おめでとう", [33334, 45918, 243, 21990, 9080, 33334, 62004, 16556, 78699]),
        ("", []),
    ],
)
def test_texts_have_the_numbers_that_the_encodings_own_guide_tells(text: str, numbers: list[int]) -> None:
    """The examples of "How to count tokens with tiktoken" in the OpenAI Cookbook, encoding cl100k_base."""
    assert encoding.encoding().encode_ordinary(text) == numbers
    assert encoding.count(text) == len(numbers)


def test_a_special_tokens_name_is_text() -> None:
    assert encoding.count("<|endoftext|>") > 1


@given(st.text(max_size=400) | st.text(alphabet="aé_'1 .\n²ß東", max_size=400))
def test_the_quick_bounds_hold_the_count(text: str) -> None:
    expected = writing.about(text)
    assert expected.least <= encoding.count(text) <= len(text.encode(errors="replace"))
    assert expected.least <= expected.typical
    assert expected.least <= expected.most
