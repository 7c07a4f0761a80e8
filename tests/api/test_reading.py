import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.api.reading import MAX_DEPTH, read_json
from credit_studio.core.errors import InvalidInputs, InvalidRequest
from tests.api.conftest import Client, problem

ESTIMATE = "/api/billing/estimate"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"a": 1,}',
        b"\xff\xfe{}",
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_cannot_be_read_is_malformed(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"inputs": {"risks": [{"lossHigh": NaN}]}}', "risks.0.lossHigh"),
        (b'{"inputs": {"n": 1e999}}', "n"),
        (b'{"inputs": {"n": -Infinity}}', "n"),
        (b'{"inputs": {"t": "a\\u0000b"}}', "t"),
        (b'{"inputs": {"t": "\\ud800"}}', "t"),
        (b'{"email": "\\udfff"}', "email"),
        (b"NaN", "body"),
    ],
)
def test_values_that_no_database_keeps_are_named(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        read_json(body)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_key_of_hostile_text_is_refused_in_plain_words() -> None:
    with pytest.raises(InvalidInputs) as refused:
        read_json(b'{"a\\u0000": {"\\ud800": 1}}')
    assert refused.value.errors[0].field.isascii()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8))
def test_everything_else_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize("body", [b"", b"{", b'{"toolId": "a", "toolId": "b"}', b"[" * 100_000, b"\xff"])
async def test_a_malformed_body_answers_400(client: Client, body: bytes) -> None:
    reply = await client.post(ESTIMATE, content=body, headers=JSON)
    problem(reply, 422 if body == b"" else 400, "invalid_inputs" if body == b"" else "invalid_request")


@pytest.mark.parametrize("value", ["1.5", "1.0", '"10"', "true", "0", "-1", "1e3", "10000000000000000000000", "NaN", "1e999", "[]"])
async def test_most_credits_is_a_whole_number_of_credits(client: Client, value: str) -> None:
    body = f'{{"toolId": "cyber-studio-risk-register", "maxCredits": {value}}}'
    found = problem(await client.post(ESTIMATE, content=body, headers=JSON), 422, "invalid_inputs")
    assert [error["field"] for error in found["errors"]] == ["maxCredits"]


@pytest.mark.parametrize("value", ["1e400", "NaN", "-Infinity"])
async def test_a_number_that_is_not_finite_names_its_input(client: Client, value: str) -> None:
    body = f'{{"toolId": "cyber-studio-risk-register", "inputs": {{"risks": [{{"lossHigh": {value}}}]}}}}'
    found = problem(await client.post(ESTIMATE, content=body, headers=JSON), 422, "invalid_inputs")
    assert [error["field"] for error in found["errors"]] == ["risks.0.lossHigh"]
