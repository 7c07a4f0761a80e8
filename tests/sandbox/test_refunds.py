from typing import Any

import pytest
import stripe

from tests.sandbox_fixture import Sandbox


def paid(api: Any, card: str = "pm_card_visa", amount: int = 2500) -> Any:
    """A payment of £25."""
    customer = api.customers.create({}).id
    method = api.payment_methods.attach(card, {"customer": customer}).id
    said = {"amount": amount, "currency": "gbp", "customer": customer, "payment_method": method, "off_session": True, "confirm": True}
    return api.payment_intents.create(said | {"expand": ["latest_charge"]})


def test_a_payment_is_refunded_in_parts_up_to_its_amount(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = paid(api)
    first = api.refunds.create({"payment_intent": intent.id, "amount": 1000, "reason": "requested_by_customer", "metadata": {"order_id": "42"}})
    assert (first.amount, first.status, first.metadata.order_id) == (1000, "succeeded", "42")
    with pytest.raises(stripe.InvalidRequestError, match=r"Refund amount \(£15\.01\) is greater than unrefunded amount on charge \(£15\.00\)"):
        api.refunds.create({"payment_intent": intent.id, "amount": 1501})
    rest = api.refunds.create({"charge": intent.latest_charge.id})
    charge = api.charges.retrieve(intent.latest_charge.id, {"expand": ["refunds"]})
    assert (rest.amount, charge.amount_refunded, charge.refunded) == (1500, 2500, True)
    assert [one.id for one in charge.refunds.data] == [rest.id, first.id]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"


def test_the_events_of_refunds_tell_the_sum_so_far(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = paid(api)
    for amount in (700, 800):
        api.refunds.create({"payment_intent": intent.id, "amount": amount})
    told = sandbox.events("charge.refunded")
    assert [event["data"]["object"]["amount_refunded"] for event in told] == [700, 1500]
    assert [event["data"]["previous_attributes"]["amount_refunded"] for event in told] == [0, 700]


def test_a_refund_can_pend_and_arrive_later(sandbox: Sandbox) -> None:
    api = sandbox.api()
    refund = api.refunds.create({"payment_intent": paid(api, "pm_card_pendingRefund").id})
    assert refund.status == "pending"
    sandbox.clock(by_s=10)
    assert api.refunds.retrieve(refund.id).status == "succeeded"
    assert len(sandbox.events("refund.updated")) == 1


def test_a_refund_can_fail_and_then_counts_for_nothing(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = paid(api, "pm_card_refundFail")
    refund = api.refunds.create({"payment_intent": intent.id, "amount": 900})
    sandbox.clock(by_s=10)
    charge = api.charges.retrieve(intent.latest_charge.id)
    assert (api.refunds.retrieve(refund.id).status, charge.amount_refunded, charge.refunded) == ("failed", 0, False)
    assert sandbox.types().count("refund.failed") == 1


def test_what_was_not_paid_is_not_refunded(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = api.payment_intents.create({"amount": 2500, "currency": "gbp"})
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        api.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        api.refunds.create({})


def test_a_refund_by_hand_is_a_refund(sandbox: Sandbox) -> None:
    api = sandbox.api()
    intent = paid(api)
    made = sandbox.control("refund", {"paymentIntent": intent.id, "amount": 500})
    assert api.refunds.retrieve(made["id"]).amount == 500


def test_a_dispute_takes_the_money_and_gives_it_back_when_won(sandbox: Sandbox) -> None:
    api = sandbox.api()
    charge = paid(api).latest_charge.id
    dispute = sandbox.control("dispute", {"charge": charge})
    assert (dispute["status"], dispute["amount"], api.charges.retrieve(charge).disputed) == ("needs_response", 2500, True)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.refunds.create({"charge": charge})
    assert caught.value.code == "charge_disputed"
    won = sandbox.control(f"dispute/{dispute['id']}/close", {"status": "won"})
    moved = [(line["amount"], line["fee"]) for line in won["balance_transactions"]]
    assert (won["status"], moved) == ("won", [(-2500, 2000), (2500, -2000)])
    told = [kind for kind in sandbox.types() if "dispute" in kind]
    ends = ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert told == ["charge.dispute.created", "charge.dispute.funds_withdrawn", *ends]
    assert api.refunds.create({"charge": charge}).amount == 2500


def test_a_dispute_over_a_part_is_lost_once(sandbox: Sandbox) -> None:
    api = sandbox.api()
    dispute = sandbox.control("dispute", {"charge": paid(api).latest_charge.id, "amount": 1000})
    closed = api.disputes.close(dispute["id"])
    assert (closed.status, closed.amount) == ("lost", 1000)
    assert "charge.dispute.funds_reinstated" not in sandbox.types()
    status, said = sandbox.fetch("POST", f"/sandbox/control/dispute/{dispute['id']}/close", '{"status": "won"}', "application/json")
    assert (status, "already closed" in said) == (400, True)


def test_evidence_decides_as_its_words_say(sandbox: Sandbox) -> None:
    api = sandbox.api()
    paid(api, "pm_card_createDispute")
    (dispute,) = api.disputes.list({}).data
    assert dispute.reason == "fraudulent"
    done = api.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert (done.status, done.evidence_details.submission_count) == ("won", 1)
