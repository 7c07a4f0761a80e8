from typing import Any

import pytest

from credit_studio.sandbox import parameters, shapes
from credit_studio.sandbox.forms import decode
from credit_studio.sandbox.routes import api
from credit_studio.sandbox.server import register

REFUND = {"id": "re_1", "object": "refund", "amount": 5, "created": 1, "currency": "gbp"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": "5"}, "refund.amount cannot be '5'"),
        ({"amount": True}, "refund.amount cannot be True"),
        ({"charge_id": "ch_1"}, "refund.charge_id is unknown"),
        ({"metadata": []}, "refund.metadata cannot be"),
        ({"destination_details": {"type": "card", "card": {"type": "refund", "colour": "red"}}}, "colour is unknown"),
        ({"charge": {"object": "charge", "id": "ch_1"}}, "refund.charge.amount is missing"),
        ({"object": "refnud"}, "no object 'refnud'"),
    ],
)
def test_an_object_that_the_sdk_does_not_know_so_never_leaves(changed: Any, words: str) -> None:
    shapes.check(REFUND)
    with pytest.raises(shapes.BadShape, match=words.replace("(", r"\(")):
        shapes.check(REFUND | changed)


def test_a_field_that_is_needed_is_missed() -> None:
    with pytest.raises(shapes.BadShape, match="currency is missing"):
        shapes.check({name: value for name, value in REFUND.items() if name != "currency"})


def test_fields_that_stripe_took_away_cannot_creep_back() -> None:
    for kind, field in (("payment_intent", "charges"), ("charge", "invoice"), ("invoice", "payment_intent"), ("subscription", "current_period_end")):
        with pytest.raises(shapes.BadShape, match=f"{kind}.{field} is unknown"):
            shapes.check({"object": kind, field: None})


def test_an_error_has_a_code_of_stripes_or_says_that_the_sandbox_cannot() -> None:
    for code in (None, "card_declined", "resource_missing", "idempotency_key_in_use", "sandbox_unsupported"):
        shapes.check_error({"code": code})
    with pytest.raises(shapes.BadShape, match="no error code 'price_inactive'"):
        shapes.check_error({"code": "price_inactive"})


def test_every_route_of_the_sandbox_is_one_of_the_sdks_with_closed_enums() -> None:
    register()
    assert len(api) > 45
    for one in api:
        assert parameters.known(one.method, one.template)
        adapter = parameters._adapter(one.method, parameters._plain(one.template))
        assert adapter is None or adapter.pydantic_complete is True


def test_a_form_is_decoded_as_the_sdk_encodes_it() -> None:
    assert decode("a[b][0][c]=1&a[b][1][c]=2&expand[0]=x&expand[1]=y&metadata[0]=kept&z=") == {
        "a": {"b": [{"c": "1"}, {"c": "2"}]},
        "expand": ["x", "y"],
        "metadata": {"0": "kept"},
        "z": "",
    }
    assert decode("expand[]=x&expand[]=y") == {"expand": ["x", "y"]}
    assert decode("") == {}
