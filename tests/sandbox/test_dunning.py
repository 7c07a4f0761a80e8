from urllib.parse import urlsplit

import pytest
import stripe

from tests.sandbox.shop import DAY, ORIGIN, at, customer, plan, to
from tests.sandbox.test_plans import subscribe, swap
from tests.sandbox_fixture import Sandbox

BEGUN, RENEWS = at("2027-04-01"), at("2027-05-01T01:00")


def poor(api, who) -> None:  # noqa: ANN001 - the SDK's services and a customer
    """From now on the customer's card is refused."""
    card = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": who.id})
    api.customers.update(who.id, {"invoice_settings": {"default_payment_method": card.id}})


def rich(api, who) -> None:  # noqa: ANN001 - the same
    card = api.payment_methods.attach("pm_card_visa", {"customer": who.id})
    api.customers.update(who.id, {"invoice_settings": {"default_payment_method": card.id}})


def test_a_renewal_that_fails_is_tried_three_more_times_and_then_the_plan_ends(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=BEGUN)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    poor(api, who)
    seen = []
    for moment in (RENEWS, RENEWS + 3 * DAY, RENEWS + 8 * DAY, RENEWS + 15 * DAY):
        to(api, who, moment)
        invoice = api.invoices.retrieve(str(api.subscriptions.retrieve(made.id).latest_invoice))
        seen.append((api.subscriptions.retrieve(made.id).status, invoice.attempt_count, invoice.next_payment_attempt))
    assert seen == [
        ("past_due", 1, RENEWS + 3 * DAY),
        ("past_due", 2, RENEWS + 8 * DAY),
        ("past_due", 3, RENEWS + 15 * DAY),
        ("canceled", 4, None),
    ]
    gone = api.subscriptions.retrieve(made.id)
    assert gone.cancellation_details is not None
    assert gone.cancellation_details.reason == "payment_failed"
    assert sandbox.types().count("invoice.payment_failed") == 4
    assert sandbox.types().count("customer.subscription.deleted") == 1


def test_a_card_that_works_again_in_time_saves_the_plan(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=BEGUN)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    poor(api, who)
    to(api, who, RENEWS)
    assert api.customers.retrieve(who.id).delinquent is True
    rich(api, who)
    to(api, who, RENEWS + 3 * DAY)
    saved = api.subscriptions.retrieve(made.id)
    assert (saved.status, api.customers.retrieve(who.id).delinquent) == ("active", False)
    to(api, who, at("2027-06-01T02:00"))
    assert [one.status for one in api.invoices.list({}).data] == ["paid"] * 3


def test_a_late_invoice_can_be_paid_by_hand_before_the_next_try(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=BEGUN)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    poor(api, who)
    to(api, who, RENEWS)
    late = str(api.subscriptions.retrieve(made.id).latest_invoice)
    with pytest.raises(stripe.CardError) as declined:
        api.invoices.pay(late)
    assert declined.value.code == "card_declined"
    assert api.invoices.retrieve(late).next_payment_attempt == RENEWS + 3 * DAY
    card = api.payment_methods.attach("pm_card_visa", {"customer": who.id})
    assert api.invoices.pay(late, {"payment_method": card.id}).status == "paid"
    assert api.subscriptions.retrieve(made.id).status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        api.invoices.pay(late)


def test_how_often_and_what_then_can_be_set(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    sandbox.control("dunning", {"retryDays": [1], "then": "unpaid"})
    who = customer(api, clock=BEGUN)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    poor(api, who)
    to(api, who, RENEWS + 2 * DAY)
    assert api.subscriptions.retrieve(made.id).status == "unpaid"


def test_a_first_payment_that_waits_is_given_up_after_23_hours(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=BEGUN)
    made = subscribe(api, who, plan(api, "Pro", 3500), payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"])
    invoice = made.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert invoice.confirmation_secret is not None
    assert (made.status, invoice.status) == ("incomplete", "open")
    to(api, who, BEGUN + 23 * 3600)
    assert api.subscriptions.retrieve(made.id).status == "incomplete_expired"
    assert api.invoices.retrieve(str(invoice.id)).status == "void"


def test_a_first_payment_that_waits_makes_the_plan_when_it_comes(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    made = subscribe(
        api,
        who,
        plan(api, "Pro", 3500),
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.payments"],
    )
    invoice = made.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert invoice.payments is not None
    intent = str(invoice.payments.data[0].payment.payment_intent)
    api.payment_intents.confirm(intent, {"payment_method": "pm_card_visa", "return_url": ORIGIN})
    paid = api.subscriptions.retrieve(made.id)
    assert paid.status == "active"
    assert paid.default_payment_method == api.payment_intents.retrieve(intent).payment_method
    assert api.invoices.retrieve(str(invoice.id)).status == "paid"


def test_error_if_incomplete_leaves_everything_as_it_was(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who, supporter, pro = customer(api), plan(api, "Supporter", 1000), plan(api, "Pro", 3500)
    made = subscribe(api, who, supporter)
    poor(api, who)
    before = sandbox.types()
    with pytest.raises(stripe.CardError):
        swap(api, made, pro, proration_behavior="always_invoice", payment_behavior="error_if_incomplete")
    assert api.subscriptions.retrieve(made.id)["items"].data[0].price.id == supporter.id
    assert len(api.invoices.list({}).data) == 1
    assert sandbox.types() == before


def test_an_upgrade_that_is_not_paid_makes_the_plan_past_due(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    poor(api, who)
    after = swap(api, made, plan(api, "Pro", 3500), proration_behavior="always_invoice")
    assert after.status == "past_due"


def test_a_pending_update_is_made_when_it_is_paid_and_dropped_when_not(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who, supporter, pro = customer(api, clock=BEGUN), plan(api, "Supporter", 1000), plan(api, "Pro", 3500)
    made = subscribe(api, who, supporter)
    poor(api, who)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be changed with"):
        swap(api, made, pro, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete", metadata={"a": "b"})
    waits = swap(api, made, pro, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    assert waits.pending_update is not None
    assert (waits.status, waits["items"].data[0].price.id, waits.pending_update.expires_at) == ("active", supporter.id, BEGUN + 23 * 3600)
    to(api, who, BEGUN + 23 * 3600)
    dropped = api.subscriptions.retrieve(made.id)
    assert (dropped.pending_update, dropped.status) == (None, "active")
    assert api.invoices.retrieve(str(waits.latest_invoice)).status == "void"
    again = swap(api, made, pro, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    rich(api, who)
    api.invoices.pay(str(again.latest_invoice))
    applied = api.subscriptions.retrieve(made.id)
    assert (applied.pending_update, applied["items"].data[0].price.id) == (None, pro.id)
    assert {"customer.subscription.pending_update_expired", "customer.subscription.pending_update_applied"} <= set(sandbox.types())


def test_an_upgrade_whose_bank_asks_can_be_refused_whole_or_wait_for_the_answer(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who, supporter, pro = customer(api), plan(api, "Supporter", 1000), plan(api, "Pro", 3500)
    made = subscribe(api, who, supporter)
    card = api.payment_methods.attach("pm_card_authenticationRequired", {"customer": who.id})
    api.customers.update(who.id, {"invoice_settings": {"default_payment_method": card.id}})
    with pytest.raises(stripe.CardError) as asks:
        swap(api, made, pro, proration_behavior="always_invoice", payment_behavior="error_if_incomplete")
    assert asks.value.code == "subscription_payment_intent_requires_action"
    assert len(api.invoices.list({}).data) == 1
    waits = swap(api, made, pro, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete", expand=["latest_invoice.payments"])
    invoice = waits.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert invoice.payments is not None
    assert waits["items"].data[0].price.id == supporter.id
    assert "invoice.payment_action_required" in sandbox.types()
    intent = api.payment_intents.retrieve(str(invoice.payments.data[0].payment.payment_intent))
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    status, back = sandbox.submit(urlsplit(str(intent.next_action.redirect_to_url.url)).path, do="complete")
    assert (status, urlsplit(back).path) == (303, f"/sandbox/invoices/{invoice.id}")
    applied = api.subscriptions.retrieve(made.id)
    assert (applied.pending_update, applied["items"].data[0].price.id, applied.status) == (None, pro.id, "active")
