from typing import Any

import pytest
import stripe

from tests.sandbox.shop import ASKS, CANCEL, DAY, DECLINED, LATER, ORIGIN, SUCCESS, at, customer, day, pay, plan, to
from tests.sandbox.test_checkout import authenticate
from tests.sandbox_fixture import Sandbox

HOUR = 3600


def subscribe(api: Any, who: Any, price: Any, **more: Any) -> stripe.Subscription:
    return api.subscriptions.create({"customer": who.id, "items": [{"price": price.id}], **more})


def period(subscription: stripe.Subscription) -> tuple[str, str]:
    item = subscription["items"].data[0]
    return day(item.current_period_start), day(item.current_period_end)


def swap(api: Any, subscription: Any, price: Any, **more: Any) -> stripe.Subscription:
    return api.subscriptions.update(subscription.id, {"items": [{"id": subscription["items"].data[0].id, "price": price.id}], **more})


def amounts(invoice: stripe.Invoice) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def test_a_subscription_comes_about_on_the_checkout_page(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    session = api.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": plan(api, "Supporter", 1000).id, "quantity": 1}],
            "customer": who.id,
            "success_url": SUCCESS,
            "cancel_url": CANCEL,
            "subscription_data": {"metadata": {"order_id": "o-1"}},
        }
    )
    assert session.subscription is None
    assert pay(sandbox, session)[0] == 303
    done = api.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice.payments", "invoice"]})
    made = done.subscription
    assert isinstance(made, stripe.Subscription)
    assert (made.status, made.to_dict()["metadata"], made.customer) == ("active", {"order_id": "o-1"}, who.id)
    assert made.default_payment_method is not None
    invoice = made.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert isinstance(done.invoice, stripe.Invoice)
    assert (invoice.id, invoice.status, invoice.billing_reason, invoice.amount_paid) == (done.invoice.id, "paid", "subscription_create", 1000)
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == made.id
    assert invoice.payments is not None
    assert [payment.status for payment in invoice.payments.data] == ["paid"]
    intent = invoice.payments.data[0].payment.payment_intent
    (paid,) = api.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": str(intent)}}).data
    assert paid.invoice == invoice.id
    for told in ("customer.subscription.created", "invoice.paid", "invoice_payment.paid", "checkout.session.completed"):
        assert sandbox.types().count(told) == 1


@pytest.mark.parametrize("number", [DECLINED, LATER])
def test_a_declined_first_payment_leaves_no_subscription_behind(sandbox: Sandbox, number: str) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": plan(api, "Pro", 3500).id, "quantity": 1}],
            "customer": customer(api, card="").id,
            "success_url": SUCCESS,
        }
    )
    status, shown = pay(sandbox, session, number)
    assert status == 402
    assert "declined" in shown
    assert api.subscriptions.list({"status": "all"}).data == []
    assert "invoice.paid" not in sandbox.types()
    assert pay(sandbox, session)[0] == 303


def test_a_card_that_asks_is_authenticated_once_and_renews_by_itself(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": plan(api, "Pro", 3500).id, "quantity": 1}],
            "customer": customer(api, card="").id,
            "success_url": SUCCESS,
        }
    )
    _, page = pay(sandbox, session, ASKS)
    assert api.subscriptions.list({"status": "all"}).data == []
    _, back = authenticate(sandbox, page, "complete")
    assert sandbox.fetch("GET", back.removeprefix(ORIGIN))[0] == 303
    (made,) = api.subscriptions.list({}).data
    sandbox.clock(by_s=32 * DAY)
    assert [one.status for one in api.invoices.list({"subscription": made.id}).data] == ["paid", "paid"]


def test_a_month_begun_on_the_31st_renews_on_the_last_day_of_each(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-01-31T10:00"))
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    assert period(made) == ("2027-01-31T10:00", "2027-02-28T10:00")
    seen = []
    for moment in ("2027-02-28T12:00", "2027-03-31T12:00", "2027-04-30T12:00"):
        to(api, who, at(moment))
        seen.append(period(api.subscriptions.retrieve(made.id)))
    assert seen == [("2027-02-28T10:00", "2027-03-31T10:00"), ("2027-03-31T10:00", "2027-04-30T10:00"), ("2027-04-30T10:00", "2027-05-31T10:00")]
    invoices = api.invoices.list({"subscription": made.id}).data
    assert [(one.billing_reason, one.status, one.total) for one in invoices] == [("subscription_cycle", "paid", 1000)] * 3 + [
        ("subscription_create", "paid", 1000)
    ]
    line = invoices[0].lines.data[0]
    assert (day(line.period.start), day(line.period.end)) == ("2027-04-30T10:00", "2027-05-31T10:00")
    assert [day(one.created) for one in invoices] == ["2027-04-30T10:00", "2027-03-31T10:00", "2027-02-28T10:00", "2027-01-31T10:00"]
    assert len({one.number for one in invoices}) == 4


def test_a_year_in_one_step_renews_twelve_times_in_order(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-01-31"))
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    to(api, who, at("2028-01-31T02:00"))
    invoices = api.invoices.list({"subscription": made.id, "limit": 100}).data
    assert len(invoices) == 13
    assert all(one.status == "paid" for one in invoices)
    paid = [event["data"]["object"]["number"] for event in sandbox.events("invoice.paid")]
    assert paid == sorted(paid)
    assert sandbox.types().count("invoice.upcoming") == 12


def test_a_renewal_is_a_draft_for_an_hour(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-03-01"))
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    to(api, who, at("2027-04-01T00:30"))
    draft = api.invoices.retrieve(str(api.subscriptions.retrieve(made.id).latest_invoice))
    assert (draft.status, draft.automatically_finalizes_at) == ("draft", at("2027-04-01T01:00"))
    to(api, who, at("2027-04-01T01:00"))
    assert api.invoices.retrieve(str(draft.id)).status == "paid"


@pytest.mark.parametrize(
    ("begun", "moment", "lines"),
    [
        # 31 days; 15.5 of them are left: half of 10.00 back, half of 35.00 to pay
        ("2027-01-01", "2027-01-16T12:00", [-500, 1750]),
        # 28 days; 18.75 are left: 669.64 -> 6.70 back, 2343.75 -> 23.44 to pay
        ("2027-02-01", "2027-02-10T06:00", [-670, 2344]),
        # 30 days; one second is left of 2,592,000: 0.0004 and 0.0014 of a penny
        ("2027-04-01", "2027-04-30T23:59:59", [0, 0]),
        # the first second: everything back, everything to pay
        ("2027-04-01", "2027-04-01T00:00", [-1000, 3500]),
        # begun on the 31st: the period is 31 January to 28 February, 28 days; 7 are left
        ("2027-01-31", "2027-02-21", [-250, 875]),
    ],
)
def test_an_upgrade_costs_the_rest_of_the_period_to_the_penny(sandbox: Sandbox, begun: str, moment: str, lines: list[int]) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at(begun))
    supporter, pro = plan(api, "Supporter", 1000), plan(api, "Pro", 3500)
    made = subscribe(api, who, supporter)
    before = period(made)
    if moment != f"{begun}T00:00":
        to(api, who, at(moment))
    item = made["items"].data[0].id
    asked: Any = {"subscription": made.id, "subscription_details": {"items": [{"id": item, "price": pro.id}], "proration_behavior": "always_invoice"}}
    preview = api.invoices.create_preview(asked)
    after = swap(api, made, pro, proration_behavior="always_invoice")
    invoice = api.invoices.retrieve(str(after.latest_invoice))
    assert amounts(preview) == amounts(invoice) == lines
    assert (invoice.total, invoice.billing_reason, invoice.status) == (sum(lines), "subscription_update", "paid")
    assert period(after) == before
    assert after["items"].data[0].price.id == pro.id
    details = invoice.lines.data[0].parent
    assert details is not None
    assert details.subscription_item_details is not None
    assert (details.subscription_item_details.proration, details.subscription_item_details.subscription_item) == (True, item)
    to(api, who, after["items"].data[0].current_period_end + 2 * HOUR)
    assert api.invoices.retrieve(str(api.subscriptions.retrieve(made.id).latest_invoice)).total == 3500


def test_a_downgrade_at_once_is_a_credit_that_the_next_renewal_uses_up(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-04-01"))
    made = subscribe(api, who, plan(api, "Pro", 3500))
    to(api, who, at("2027-04-16"))
    after = swap(api, made, plan(api, "Supporter", 1000), proration_behavior="always_invoice")
    credit = api.invoices.retrieve(str(after.latest_invoice))
    assert (amounts(credit), credit.total, credit.amount_due, credit.ending_balance) == ([-1750, 500], -1250, 0, -1250)
    assert api.customers.retrieve(who.id).balance == -1250
    to(api, who, at("2027-05-01T02:00"))
    renewal = api.invoices.retrieve(str(api.subscriptions.retrieve(made.id).latest_invoice))
    assert (renewal.total, renewal.starting_balance, renewal.amount_due, renewal.ending_balance) == (1000, -1250, 0, -250)
    to(api, who, at("2027-06-01T02:00"))
    assert api.invoices.retrieve(str(api.subscriptions.retrieve(made.id).latest_invoice)).amount_paid == 750


def test_prorations_wait_for_the_renewal_unless_asked_for_at_once(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-04-01"))
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    to(api, who, at("2027-04-16"))
    pro = plan(api, "Pro", 3500)
    swap(api, made, pro)
    assert api.invoices.retrieve(str(made.latest_invoice)).id == api.invoices.list({}).data[0].id
    preview = api.invoices.create_preview({"subscription": made.id})
    to(api, who, at("2027-05-01T02:00"))
    renewal = api.invoices.list({}).data[0]
    assert amounts(preview) == amounts(renewal) == [-500, 1750, 3500]
    assert (renewal.total, renewal.status) == (4750, "paid")
    to(api, who, at("2027-06-01T02:00"))
    assert amounts(api.invoices.list({}).data[0]) == [3500]


def test_without_prorations_the_new_price_begins_with_the_next_period(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-04-01"))
    made = subscribe(api, who, plan(api, "Pro", 3500))
    to(api, who, at("2027-04-16"))
    swap(api, made, plan(api, "Supporter", 1000), proration_behavior="none")
    to(api, who, at("2027-05-01T02:00"))
    assert [amounts(one) for one in api.invoices.list({}).data] == [[1000], [3500]]


def test_another_rhythm_begins_a_new_period_now(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-04-01"))
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    to(api, who, at("2027-04-16"))
    after = swap(api, made, plan(api, "Supporter, yearly", 10000, "year"))
    assert period(after) == ("2027-04-16T00:00", "2028-04-16T00:00")
    assert amounts(api.invoices.retrieve(str(after.latest_invoice))) == [-500, 10000]


def test_a_preview_of_a_first_invoice_keeps_nothing(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    preview = api.invoices.create_preview({"customer": who.id, "subscription_details": {"items": [{"price": plan(api, "Pro", 3500).id}]}})
    assert (preview.total, preview.amount_due, preview.status) == (3500, 3500, "draft")
    assert api.invoices.list({}).data == []
    assert api.subscriptions.list({}).data == []


def test_cancelled_at_the_end_of_the_period_it_goes_on_until_then(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-04-01"))
    made = subscribe(api, who, plan(api, "Pro", 3500))
    ends = api.subscriptions.update(made.id, {"cancel_at_period_end": True})
    assert (ends.cancel_at_period_end, ends.cancel_at, ends.status) == (True, at("2027-05-01"), "active")
    with pytest.raises(stripe.InvalidRequestError, match="No upcoming invoices"):
        api.invoices.create_preview({"subscription": made.id})
    goes_on = api.subscriptions.update(made.id, {"cancel_at_period_end": False})
    assert (goes_on.cancel_at_period_end, goes_on.cancel_at, goes_on.canceled_at) == (False, None, None)
    api.subscriptions.update(made.id, {"cancel_at_period_end": True})
    to(api, who, at("2027-05-02"))
    gone = api.subscriptions.retrieve(made.id)
    assert (gone.status, gone.ended_at) == ("canceled", at("2027-05-01"))
    assert sandbox.types().count("customer.subscription.deleted") == 1
    assert len(api.invoices.list({}).data) == 1
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        api.subscriptions.update(made.id, {"cancel_at_period_end": False})


def test_cancelled_now_it_is_over_and_is_not_listed(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Pro", 3500))
    assert api.subscriptions.cancel(made.id).status == "canceled"
    assert api.subscriptions.list({"customer": who.id}).data == []
    assert [one.id for one in api.subscriptions.list({"customer": who.id, "status": "canceled"}).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError):
        api.subscriptions.cancel(made.id)


@pytest.mark.parametrize("change", [{"trial_period_days": 7}, {"discounts": [{"coupon": "x"}]}, {"collection_method": "send_invoice"}])
def test_what_the_sandbox_cannot_do_is_refused_and_not_ignored(sandbox: Sandbox, change: dict[str, Any]) -> None:
    api = sandbox.client().v1
    who, price = customer(api), plan(api, "Pro", 3500)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        subscribe(api, who, price, **change)
    assert (refused.value.code, refused.value.param) == ("sandbox_unsupported", next(iter(change)))


@pytest.mark.parametrize("items", [[], [{"price": "price_nobody"}], [{"price": "", "quantity": 1}], [{"id": "si_nobody", "deleted": True}]])
def test_items_that_cannot_be_are_refused(sandbox: Sandbox, items: Any) -> None:
    api = sandbox.client().v1
    who, price = customer(api), plan(api, "Pro", 3500)
    with pytest.raises(stripe.InvalidRequestError):
        api.subscriptions.create({"customer": who.id, "items": items})
    made = subscribe(api, who, price)
    for quantity in (-1, -(10**12)):
        with pytest.raises(stripe.InvalidRequestError, match="non-negative"):
            api.subscriptions.update(made.id, {"items": [{"id": made["items"].data[0].id, "quantity": quantity}]})
    if items:
        with pytest.raises(stripe.InvalidRequestError):
            api.subscriptions.update(made.id, {"items": items})


def test_a_filter_that_the_sandbox_does_not_know_is_refused_and_not_ignored(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    for ask in (
        lambda: api.checkout.sessions.list({"payment_link": "plink_1"}),
        lambda: api.invoices.list({"due_date": 1}),
        lambda: api.subscriptions.list({"plan": "price_1"}),
        lambda: api.invoice_payments.list({"payment": {"type": "payment_record", "payment_record": "pr_1"}}),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            ask()


def test_an_item_without_its_id_is_one_more_item(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    made = subscribe(api, customer(api), plan(api, "Supporter", 1000))
    pro = plan(api, "Pro", 3500)
    after = api.subscriptions.update(made.id, {"items": [{"price": pro.id}]})
    assert [item.price.unit_amount for item in after["items"].data] == [1000, 3500]
    with pytest.raises(stripe.InvalidRequestError, match="same plan"):
        api.subscriptions.update(made.id, {"items": [{"price": pro.id}]})


def test_a_deleted_customers_plan_ends_with_the_customer(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Pro", 3500))
    api.customers.delete(who.id)
    sandbox.clock(by_s=40 * DAY)
    assert api.subscriptions.retrieve(made.id).status == "canceled"
    assert len(api.invoices.list({"subscription": made.id}).data) == 1


def test_a_clock_goes_forward_only_and_takes_its_customers_with_it_when_it_is_deleted(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, clock=at("2027-04-01"))
    clock = str(api.customers.retrieve(who.id).test_clock)
    with pytest.raises(stripe.InvalidRequestError, match="only go forward"):
        to(api, who, at("2027-03-31"))
    advanced = api.test_helpers.test_clocks.advance(clock, {"frozen_time": at("2027-04-02")})
    assert advanced.status == "advancing"
    assert (api.test_helpers.test_clocks.retrieve(clock).status, api.test_helpers.test_clocks.retrieve(clock).frozen_time) == ("ready", at("2027-04-02"))
    api.test_helpers.test_clocks.delete(clock)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        api.customers.retrieve(who.id)
