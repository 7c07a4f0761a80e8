import asyncio
import json
from typing import Any

import pytest
import stripe

from tests.sandbox_fixture import Sandbox

SESSION = {"mode": "payment", "success_url": "https://studio.example/ok", "line_items": [{"price": "price_x", "quantity": 1}]}


def refusal(call: Any, *said: Any) -> Any:
    """Why the sandbox refuses a call."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call(*said)
    return caught.value


@pytest.mark.parametrize(
    ("changed", "param", "code"),
    [
        ({"succes_url": "https://studio.example"}, "succes_url", "parameter_unknown"),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"line_items": [{"price": "price_x", "quantity": "two"}]}, "line_items[0][quantity]", "parameter_invalid_integer"),
        ({"line_items": [{"price_data": {"unit_amount": 500}, "quantity": 1}]}, "line_items[0][price_data][currency]", "parameter_missing"),
        ({"mode": "paymnt"}, "mode", None),
        ({"ui_mode": "hosted"}, "ui_mode", None),
    ],
)
def test_a_session_asked_for_wrongly_is_refused_by_the_parameter(sandbox: Sandbox, changed: Any, param: str, code: str | None) -> None:
    error = refusal(sandbox.api().checkout.sessions.create, SESSION | changed)
    assert (error.http_status, error.param, error.code) == (400, param, code)


def test_what_is_missing_or_gone_is_refused(sandbox: Sandbox) -> None:
    api = sandbox.api()
    assert refusal(api.payment_intents.create, {"amount": 500}).param == "currency"
    assert refusal(api.payment_intents.create, {"amount": 500, "currency": "gbp", "payment_method_types": ["card"]}).param == "payment_method_types"
    assert refusal(api.setup_intents.create, {"payment_method_types": ["card"]}).param == "payment_method_types"
    assert refusal(api.customers.create, {"address": {"lin1": "Main Road"}}).param == "address[lin1]"


def test_what_stripe_can_and_the_sandbox_cannot_is_refused_by_name(sandbox: Sandbox) -> None:
    error = refusal(sandbox.api().payment_intents.create, {"amount": 500, "currency": "gbp", "application_fee_amount": 5})
    assert (error.param, error.code) == ("application_fee_amount", "sandbox_unsupported")


def test_an_object_that_is_not_there_is_a_404_or_names_the_parameter(sandbox: Sandbox) -> None:
    api = sandbox.api()
    gone = refusal(api.customers.retrieve, "cus_nobody")
    assert (gone.http_status, gone.code, str(gone.user_message)) == (404, "resource_missing", "No such customer: 'cus_nobody'")
    named = refusal(api.payment_intents.create, {"amount": 500, "currency": "gbp", "customer": "cus_nobody"})
    assert (named.http_status, named.param) == (400, "customer")


def test_a_deleted_customer_is_known_and_of_no_use(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer = api.customers.create({"payment_method": "pm_card_visa"}).id
    api.customers.delete(customer)
    assert api.customers.retrieve(customer).deleted is True
    assert refusal(api.payment_intents.create, {"amount": 500, "currency": "gbp", "customer": customer}).code == "resource_missing"
    assert api.customers.list({}).data == []


def test_only_test_keys_and_only_this_version_are_let_in(sandbox: Sandbox) -> None:
    for key in ("sk_live_51abc", "nothing"):
        with pytest.raises(stripe.AuthenticationError, match="sk_test_"):
            stripe.StripeClient(key, base_addresses=sandbox.bases(), http_client=stripe.RequestsClient(timeout=20)).v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError, match="version"):
        sandbox.api().customers.create({}, {"stripe_version": "2024-06-20"})


def test_the_same_key_answers_the_same(sandbox: Sandbox) -> None:
    api = sandbox.api()
    first = api.customers.create({"name": "Ada"}, {"idempotency_key": "order-1"})
    again = api.customers.create({"name": "Ada"}, {"idempotency_key": "order-1"})
    assert (again.id, again.last_response.headers["Idempotent-Replayed"]) == (first.id, "true")
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert len(sandbox.events("customer.created")) == 1
    assert sandbox.events("customer.created")[0]["request"]["idempotency_key"] == "order-1"


def test_the_same_key_for_something_else_is_refused(sandbox: Sandbox) -> None:
    api = sandbox.api()
    api.customers.create({"name": "Ada"}, {"idempotency_key": "order-1"})
    for call in (
        lambda: api.customers.create({"name": "Bob"}, {"idempotency_key": "order-1"}),
        lambda: api.products.create({"name": "Ada"}, {"idempotency_key": "order-1"}),
    ):
        with pytest.raises(stripe.IdempotencyError, match="same parameters"):
            call()


def test_a_decline_is_replayed_and_charges_once(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer = api.customers.create({"payment_method": "pm_card_chargeCustomerFail"}).id
    method = api.customers.payment_methods.list(customer).data[0].id
    said = {"amount": 500, "currency": "gbp", "customer": customer, "payment_method": method, "off_session": True, "confirm": True}
    tried = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            api.payment_intents.create(said, {"idempotency_key": "order-2"})
        tried.append(caught.value)
    assert tried[0].error.payment_intent.id == tried[1].error.payment_intent.id
    assert len(sandbox.events("charge.failed")) == 1


def test_an_error_of_the_work_is_replayed_one_of_the_form_is_not(sandbox: Sandbox) -> None:
    api = sandbox.api()
    refusal(api.customers.create, {"nam": "Ada"}, {"idempotency_key": "order-3"})
    assert api.customers.create({"name": "Ada"}, {"idempotency_key": "order-3"}).name == "Ada"
    said = {"amount": 500, "currency": "gbp", "customer": "cus_later"}
    refusal(api.payment_intents.create, said, {"idempotency_key": "order-4"})
    again = refusal(api.payment_intents.create, said, {"idempotency_key": "order-4"})
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_key_is_free_again_after_a_day(sandbox: Sandbox) -> None:
    api = sandbox.api()
    first = api.customers.create({"name": "Ada"}, {"idempotency_key": "order-1"}).id
    sandbox.clock(by_s=86_401)
    assert api.customers.create({"name": "Ada"}, {"idempotency_key": "order-1"}).id != first


async def test_two_at_once_under_one_key_are_one(sandbox: Sandbox) -> None:
    sandbox.chaos(answerAfterSeconds=0.5)
    api = sandbox.api()
    said: Any = ({"name": "Ada"}, {"idempotency_key": "order-1", "max_network_retries": 0})
    both = await asyncio.gather(*(api.customers.create_async(*said) for _ in range(2)), return_exceptions=True)
    refused: Any = next(one for one in both if isinstance(one, stripe.StripeError))
    assert (refused.http_status, refused.error.code) == (409, "idempotency_key_in_use")
    assert len(sandbox.events("customer.created")) == 1


def test_a_dropped_answer_is_asked_for_again_and_done_once(sandbox: Sandbox) -> None:
    sandbox.chaos(dropReply=0.5, seed=3)
    api = sandbox.client(max_network_retries=8).v1
    made = [api.customers.create({"name": f"Person {number}"}).id for number in range(3)]
    log = sandbox.control("requests", method="GET")["requests"]
    assert any(line["replayed"] for line in log)
    assert [event["data"]["object"]["id"] for event in sandbox.events("customer.created")] == made


def test_a_list_comes_in_pages_newest_first(sandbox: Sandbox) -> None:
    api = sandbox.api()
    made = [api.customers.create({"name": f"Person {number}"}).id for number in range(7)][::-1]
    page = api.customers.list({"limit": 3})
    assert ([one.id for one in page.data], page.has_more) == (made[:3], True)
    page = api.customers.list({"limit": 4, "starting_after": made[2]})
    assert ([one.id for one in page.data], page.has_more) == (made[3:], False)
    assert [one.id for one in api.customers.list({"limit": 2, "ending_before": made[4]}).data] == made[2:4]
    assert [one.id for one in api.customers.list({"limit": 3}).auto_paging_iter()] == made
    assert refusal(api.customers.list, {"limit": 101}).param == "limit"


def test_a_list_can_be_of_a_time(sandbox: Sandbox) -> None:
    api = sandbox.api()
    early = api.customers.create({"name": "early"})
    sandbox.clock(by_s=100)
    late = api.customers.create({"name": "late"})
    assert [one.id for one in api.customers.list({"created": {"gt": early.created + 50}}).data] == [late.id]
    assert [one.id for one in api.customers.list({"created": {"gte": early.created, "lt": late.created}}).data] == [early.id]
    assert [one.id for one in api.customers.list({"created": late.created}).data] == [late.id]


def test_expand_goes_into_lists_and_refuses_what_is_no_reference(sandbox: Sandbox) -> None:
    api = sandbox.api()
    price = api.prices.create({"currency": "gbp", "unit_amount": 500, "product_data": {"name": "Starter"}, "expand": ["product"]})
    assert price.product.name == "Starter"
    assert api.prices.list({"expand": ["data.product"]}).data[0].product.name == "Starter"
    assert "cannot be expanded (nickname)" in str(refusal(api.prices.retrieve, price.id, {"expand": ["nickname"]}))


def test_prices_and_products_keep_their_rules(sandbox: Sandbox) -> None:
    api = sandbox.api()
    product = api.products.create({"name": "Packs", "default_price_data": {"currency": "gbp", "unit_amount": 500}})
    first = api.prices.create({"currency": "gbp", "unit_amount": 500, "product": product.id, "lookup_key": "starter"})
    assert refusal(api.prices.create, {"currency": "gbp", "unit_amount": 600, "product": product.id, "lookup_key": "starter"}).param == "lookup_key"
    second = api.prices.create({"currency": "gbp", "unit_amount": 600, "product": product.id, "lookup_key": "starter", "transfer_lookup_key": True})
    assert [one.id for one in api.prices.list({"lookup_keys": ["starter"]}).data] == [second.id]
    assert api.prices.retrieve(first.id).lookup_key is None
    assert refusal(api.prices.update, first.id, {"unit_amount": 700}).code == "parameter_unknown"
    assert "one or more user-created prices" in str(refusal(api.products.delete, product.id))


def test_what_is_refused_halfway_leaves_nothing(sandbox: Sandbox) -> None:
    api = sandbox.api()
    said = {"currency": "gbp", "unit_amount": 500, "lookup_key": "starter", "product_data": {"name": "Starter"}}
    api.prices.create(said)
    before = sandbox.types()
    refusal(api.prices.create, said)
    with pytest.raises(stripe.CardError):
        api.customers.create({"payment_method": "pm_card_chargeDeclined"})
    assert (sandbox.types(), len(api.products.list({}).data), api.customers.list({}).data) == (before, 1, [])


def test_events_are_listed_by_type_and_time(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer = api.customers.create({"name": "Ada"})
    api.customers.update(customer.id, {"name": "Ada L."})
    (updated,) = api.events.list({"type": "customer.updated"}).data
    assert [one.type for one in api.events.list({"types": ["customer.*"]}).data] == ["customer.updated", "customer.created"]
    assert api.events.retrieve(updated.id).data.object.name == "Ada L."


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a[b=1", b"name", b"a=1&a[b]=2", b"[x]=1", b"a" + b"[b]" * 40 + b"=1"])
def test_a_body_that_is_no_form_is_a_400(sandbox: Sandbox, body: bytes) -> None:
    status, said = sandbox.raw("/v1/customers", body)
    assert (status, json.loads(said)["error"]["type"]) == (400, "invalid_request_error")


def test_an_address_that_is_not_there_is_a_404_in_stripes_words(sandbox: Sandbox) -> None:
    status, said = sandbox.raw("/v1/issuing/cards", b"")
    assert (status, "Unrecognized request URL" in said) == (404, True)
