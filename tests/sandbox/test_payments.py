from typing import Any

import pytest
import stripe

from tests.sandbox_fixture import Sandbox

BACK = "https://studio.example/account/credits?from=bank"


def person(api: Any, card: str = "pm_card_visa") -> tuple[str, str]:
    """A customer with that card on file."""
    customer = api.customers.create({"name": "Ada"}).id
    return customer, api.payment_methods.attach(card, {"customer": customer}).id


def charge(api: Any, customer: str, method: str, **more: Any) -> Any:
    """Charge £25 to the card while its owner is away."""
    said = {"amount": 2500, "currency": "gbp", "customer": customer, "payment_method": method, "off_session": True, "confirm": True}
    return api.payment_intents.create(said | more)


def decline(api: Any, customer: str, method: str, **more: Any) -> Any:
    """The same, refused."""
    with pytest.raises(stripe.CardError) as caught:
        charge(api, customer, method, **more)
    return caught.value


def test_a_saved_card_is_charged_while_its_owner_is_away(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = charge(api, *person(api), metadata={"order_id": "42"}, expand=["latest_charge.balance_transaction"])
    assert (intent.status, intent.amount_received, intent.latest_charge.paid) == ("succeeded", 2500, True)
    assert intent.latest_charge.balance_transaction.net == 2500 - (37 + 20)
    assert intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert sandbox.types()[-3:] == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert sandbox.events("payment_intent.succeeded")[0]["data"]["object"]["metadata"] == {"order_id": "42"}


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("chargeCustomerFail", "card_declined", "generic_decline"),
        ("authenticationRequired", "authentication_required", "authentication_required"),
        ("authenticationRequiredOnSetup", "authentication_required", "authentication_required"),
    ],
)
def test_a_kept_card_can_be_refused(sandbox: Sandbox, card: str, code: str, decline_code: str) -> None:
    api = sandbox.api()
    error = decline(api, *person(api, f"pm_card_{card}"))
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
    intent = api.payment_intents.retrieve(error.error.payment_intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.last_payment_error.code, intent.payment_method) == ("requires_payment_method", code, None)
    assert (intent.latest_charge.status, intent.latest_charge.failure_code) == ("failed", code)
    assert sandbox.types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("chargeDeclined", "card_declined", "generic_decline"),
        ("chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("visa_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_card_that_always_declines_cannot_be_kept(sandbox: Sandbox, card: str, code: str, decline_code: str) -> None:
    api = sandbox.api()
    with pytest.raises(stripe.CardError) as caught:
        person(api, f"pm_card_{card}")
    assert (caught.value.code, getattr(caught.value.error, "decline_code", None)) == (code, decline_code)
    assert "payment_method.attached" not in sandbox.types()


def test_a_card_number_is_taken_and_never_written_down(sandbox: Sandbox) -> None:
    api = sandbox.api()
    card = {"number": "4000000000009995", "exp_month": 4, "exp_year": 2040, "cvc": "314"}
    method = api.payment_methods.create({"type": "card", "card": card})
    assert (method.card.last4, method.card.exp_year) == ("9995", 2040)
    error = decline(api, api.customers.create({}).id, method.id)
    assert error.error.decline_code == "insufficient_funds"
    logged = str(sandbox.control("requests", method="GET"))
    assert "4000000000009995" not in logged
    assert "314" not in [one["params"].get("card", {}).get("cvc") for one in sandbox.control("requests", method="GET")["requests"]]


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [("4111111111111111", "card_declined", "test_mode_live_card"), ("4242424242424241", "incorrect_number", None)],
)
def test_a_number_that_is_no_test_card_is_refused(sandbox: Sandbox, number: str, code: str, decline_code: str | None) -> None:
    with pytest.raises(stripe.CardError) as caught:
        sandbox.api().payment_methods.create({"type": "card", "card": {"number": number, "exp_month": 4, "exp_year": 2040}})
    assert (caught.value.code, getattr(caught.value.error, "decline_code", None)) == (code, decline_code)


def here(api: Any, customer: str, method: str) -> Any:
    """A payment whose payer is at the keyboard."""
    said = {"amount": 2500, "currency": "gbp", "customer": customer, "payment_method": method, "confirm": True, "return_url": BACK}
    return api.payment_intents.create(said)


def test_authentication_passed_charges_the_card_and_leads_back(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = here(api, *person(api, "pm_card_authenticationRequired"))
    url = intent.next_action.redirect_to_url.url
    assert (intent.status, url) == ("requires_action", f"https://studio.example/sandbox/authenticate/{intent.id}")
    path = url.removeprefix("https://studio.example")
    assert "£25.00" in sandbox.fetch("GET", path)[1]
    status, back = sandbox.submit(path, do="complete")
    assert (status, back.split("&")[:2]) == (303, [BACK, f"payment_intent={intent.id}"])
    assert back.endswith("redirect_status=succeeded")
    assert api.payment_intents.retrieve(intent.id).status == "succeeded"
    assert sandbox.types()[-3:] == ["payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded"]
    assert "Already decided" in sandbox.submit(path, do="complete")[1]
    assert len(sandbox.events("charge.succeeded")) == 1


def test_authentication_failed_leaves_the_intent_for_another_card(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer, method = person(api, "pm_card_authenticationRequired")
    intent = here(api, customer, method)
    assert sandbox.submit(f"/sandbox/authenticate/{intent.id}", do="fail")[1].endswith("redirect_status=failed")
    intent = api.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", "payment_intent_authentication_failure")
    paid = api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": BACK})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_a_card_authenticated_once_for_later_is_not_asked_again(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer = api.customers.create({}).id
    setup = api.setup_intents.create({"customer": customer, "payment_method": "pm_card_authenticationRequiredOnSetup", "confirm": True, "return_url": BACK})
    assert setup.status == "requires_action"
    assert "setup_intent=" in sandbox.submit(f"/sandbox/authenticate/{setup.id}", do="complete")[1]
    setup = api.setup_intents.retrieve(setup.id)
    assert (setup.status, api.payment_methods.retrieve(setup.payment_method).customer) == ("succeeded", customer)
    assert charge(api, customer, setup.payment_method).status == "succeeded"


def test_a_payer_at_the_keyboard_needs_a_way_back(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer, method = person(api)
    said = {"amount": 2500, "currency": "gbp", "customer": customer, "payment_method": method, "confirm": True}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        api.payment_intents.create(said)
    assert api.payment_intents.create(said | {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}).status == "succeeded"


def test_money_that_is_reserved_is_taken_in_part_or_let_go(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer, method = person(api)
    held = charge(api, customer, method, capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 2500, 0)
    taken = api.payment_intents.capture(held.id, {"amount_to_capture": 1000})
    assert (taken.status, taken.amount_received) == ("succeeded", 1000)
    other = charge(api, customer, method, capture_method="manual")
    assert api.payment_intents.cancel(other.id, {"cancellation_reason": "requested_by_customer"}).status == "canceled"


@pytest.mark.parametrize(("amount", "code"), [(29, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_amounts_that_no_card_is_charged_are_refused(sandbox: Sandbox, amount: int, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.api().payment_intents.create({"amount": amount, "currency": "gbp"})
    assert caught.value.code == code


def test_somebody_elses_card_and_a_used_up_card_are_refused(sandbox: Sandbox) -> None:
    api = sandbox.api()
    _, method = person(api)
    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer"):
        charge(api, api.customers.create({}).id, method)
    owned = api.payment_intents.create({"amount": 500, "currency": "gbp", "customer": api.customers.create({}).id})
    with pytest.raises(stripe.InvalidRequestError, match="cannot modify `customer`"):
        api.payment_intents.update(owned.id, {"customer": api.customers.create({}).id})
    once = api.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    here(api, api.customers.create({}).id, once.id)
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        here(api, api.customers.create({}).id, once.id)


def test_a_paid_intent_is_neither_confirmed_nor_cancelled(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = charge(api, *person(api))
    for call in (api.payment_intents.confirm, api.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            call(intent.id)
        assert caught.value.code == "payment_intent_unexpected_state"


def test_a_card_let_go_is_no_default_any_more(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer, method = person(api)
    api.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})
    assert [one.id for one in api.customers.payment_methods.list(customer).data] == [method]
    api.payment_methods.detach(method)
    assert api.customers.retrieve(customer).invoice_settings.default_payment_method is None
    assert api.customers.payment_methods.list(customer).data == []
    assert sandbox.events("payment_method.detached")[0]["data"]["previous_attributes"] == {"customer": customer}
