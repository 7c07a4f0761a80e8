import re

from tests.sandbox.test_refunds import paid
from tests.sandbox_fixture import Sandbox

NO_MONEY = "No money moves."


def test_every_page_says_that_no_money_moves(sandbox: Sandbox) -> None:
    intent = paid(sandbox.api())
    for path in (
        "/sandbox/",
        f"/sandbox/receipts/{intent.id}",
        "/sandbox/receipts/pi_none",
        f"/sandbox/authenticate/{intent.id}",
        "/sandbox/authenticate/pi_none",
    ):
        assert NO_MONEY in sandbox.fetch("GET", path)[1]


def test_the_index_refunds_and_disputes_by_its_buttons(sandbox: Sandbox) -> None:
    api = sandbox.api()
    charge = paid(api).latest_charge.id
    status, address = sandbox.submit("/sandbox/", do="refund", charge=charge, amount="7.50")
    assert (status, address) == (303, "/sandbox/?done=refund")
    assert "Paid, £7.50 refunded" in sandbox.fetch("GET", address)[1]
    sandbox.submit("/sandbox/", do="dispute", charge=charge)
    (dispute,) = api.disputes.list({"charge": charge}).data
    sandbox.submit("/sandbox/", do="won", dispute=dispute.id)
    assert api.disputes.retrieve(dispute.id).status == "won"


def test_the_index_says_why_it_does_not(sandbox: Sandbox) -> None:
    charge = paid(sandbox.api()).latest_charge.id
    for fields, words in (
        ({"do": "refund", "charge": charge, "amount": "99"}, "greater than unrefunded amount"),
        ({"do": "refund", "charge": charge, "amount": "lots"}, "a number like 12.50"),
        ({"do": "refund", "charge": charge, "amount": "1.005"}, "a number like 12.50"),
        ({"do": "refund", "charge": "ch_none", "amount": "1"}, "No such charge"),
        ({"do": "clock", "by": "-1"}, "cannot be moved"),
        ({"do": "chaos", "duplicate": "7"}, "from 0 to 1"),
        ({"do": "nothing"}, "no such button"),
    ):
        status, said = sandbox.submit("/sandbox/", **fields)
        assert (status, words in said, 'role="alert"' in said) == (400, True, True)
    assert sandbox.api().charges.retrieve(charge).amount_refunded == 0


def test_the_index_moves_the_clock_and_holds_the_webhooks(sandbox: Sandbox) -> None:
    now = sandbox.clock(by_s=0)
    assert sandbox.submit("/sandbox/", do="clock", by="86400")[0] == 303
    assert sandbox.clock(by_s=0) - now in {86_400, 86_401}
    sandbox.submit("/sandbox/", do="pause")
    assert "Webhooks are held." in sandbox.fetch("GET", "/sandbox/")[1]
    paid(sandbox.api())
    sandbox.submit("/sandbox/", do="flush")
    assert "payment_intent.succeeded" in [webhook.event["type"] for webhook in sandbox.receiver.take()]
    sandbox.submit("/sandbox/", do="chaos", duplicate="0.5", seed="3")
    assert 'name="duplicate" value="0.5"' in re.sub(r'id="duplicate" ', "", sandbox.fetch("GET", "/sandbox/")[1])


def test_what_people_call_themselves_is_text_on_the_page(sandbox: Sandbox) -> None:
    api = sandbox.api()
    customer = api.customers.create({"name": "<script>alert(1)</script>", "payment_method": "pm_card_visa"}).id
    method = api.customers.payment_methods.list(customer).data[0].id
    said = {"amount": 500, "currency": "gbp", "customer": customer, "payment_method": method, "off_session": True, "confirm": True}
    api.payment_intents.create(said | {"description": "<b>bold</b>"})
    shown = sandbox.fetch("GET", "/sandbox/")[1]
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "<b>" not in shown
