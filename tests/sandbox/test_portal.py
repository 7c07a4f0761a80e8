import re
from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.shop import ASKS, DECLINED, ORIGIN, customer, day, place, plan
from tests.sandbox.test_checkout import authenticate
from tests.sandbox.test_dunning import poor
from tests.sandbox.test_plans import subscribe
from tests.sandbox_fixture import Sandbox

RETURN = f"{ORIGIN}/account/billing"
TYPED = {"number": "5555555555554444", "expiry": "11/35", "cvc": "123", "name": "Ada", "do": "save"}


def portal(api: Any, who: Any, **more: Any) -> stripe.billing_portal.Session:
    return api.billing_portal.sessions.create({"customer": who.id, "return_url": RETURN, **more})


def test_the_portal_shows_plan_card_and_invoices_and_the_way_back(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    session = portal(api, who)
    assert session.url.startswith(f"{ORIGIN}/sandbox/portal/bps_")
    status, shown = sandbox.fetch("GET", place(session))
    assert status == 200
    number = api.invoices.retrieve(str(made.latest_invoice)).number
    for words in ("Supporter", "£10.00 a month", "Renews on", "Visa ending in 4242", str(number), RETURN, "No money moves"):
        assert words in shown


def test_a_plan_is_cancelled_and_kept_there(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    at = place(portal(api, who))
    status, asked = sandbox.fetch("GET", f"{at}/cancel/{made.id}")
    assert status == 200
    assert "Your plan goes on until" in asked
    assert sandbox.submit(f"{at}/cancel/{made.id}")[0] == 303
    assert api.subscriptions.retrieve(made.id).cancel_at_period_end is True
    assert "Ends on" in sandbox.fetch("GET", at)[1]
    assert sandbox.submit(f"{at}/resume/{made.id}")[0] == 303
    assert api.subscriptions.retrieve(made.id).cancel_at_period_end is False
    assert sandbox.types().count("customer.subscription.updated") >= 2


def test_a_new_card_is_saved_used_for_renewals_and_told_of(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    session = portal(api, who, flow_data={"type": "payment_method_update"})
    assert session.url.endswith("/card")
    status, shown = sandbox.submit(place(session), **(TYPED | {"number": DECLINED}))
    assert status == 402
    assert "declined" in shown
    assert sandbox.submit(place(session), **(TYPED | {"expiry": "x"}))[0] == 422
    assert sandbox.submit(place(session), **TYPED)[0] == 303
    changed = api.customers.retrieve(who.id)
    assert changed.invoice_settings is not None
    card = api.payment_methods.retrieve(str(changed.invoice_settings.default_payment_method))
    assert (card.card and card.card.brand, card.customer) == ("mastercard", who.id)
    assert api.subscriptions.retrieve(made.id).default_payment_method == card.id
    assert {"payment_method.attached", "customer.updated", "setup_intent.succeeded"} <= set(sandbox.types())


def test_a_card_that_asks_is_authenticated_on_its_page(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    at = place(portal(api, who))
    status, page = sandbox.submit(f"{at}/card", **(TYPED | {"number": ASKS}))
    assert status == 303
    _, back = authenticate(sandbox, page, "complete")
    assert sandbox.fetch("GET", back.removeprefix(ORIGIN))[0] == 303
    assert "Visa ending in 3155" in sandbox.fetch("GET", at)[1]


def test_a_saved_card_can_be_made_the_default_but_not_a_strangers(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who, stranger = customer(api), customer(api)
    other = api.payment_methods.attach("pm_card_mastercard", {"customer": who.id})
    theirs = api.customers.payment_methods.list(stranger.id).data[0]
    at = place(portal(api, who))
    assert sandbox.submit(f"{at}/default/{other.id}")[0] == 303
    now = api.customers.retrieve(who.id)
    assert now.invoice_settings is not None
    assert now.invoice_settings.default_payment_method == other.id
    assert sandbox.submit(f"{at}/default/{theirs.id}")[0] == 404


def test_another_customers_plan_cannot_be_touched(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    theirs = subscribe(api, customer(api), plan(api, "Supporter", 1000))
    at = place(portal(api, customer(api)))
    assert sandbox.fetch("GET", f"{at}/cancel/{theirs.id}")[0] == 404
    assert sandbox.submit(f"{at}/cancel/{theirs.id}")[0] == 404
    assert api.subscriptions.retrieve(theirs.id).cancel_at_period_end is False


def test_a_link_is_good_for_an_hour(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    at = place(portal(api, customer(api)))
    sandbox.clock(by_s=3601)
    assert sandbox.fetch("GET", at)[0] == 404


def test_the_hosted_invoice_is_a_page_and_a_pdf(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    made = subscribe(api, customer(api), plan(api, "Supporter (für alle)", 1000))
    invoice = api.invoices.retrieve(str(made.latest_invoice))
    assert invoice.hosted_invoice_url is not None
    assert invoice.invoice_pdf == f"{invoice.hosted_invoice_url}/pdf"
    path = f"/sandbox/invoices/{invoice.id}"
    shown = sandbox.fetch("GET", path)[1]
    for words in (str(invoice.number), "£10.00", "Paid", day(invoice.created)[:4]):
        assert words in shown
    sheet = httpx.get(f"{sandbox.url}{path}/pdf", trust_env=False)
    assert sheet.headers["content-type"] == "application/pdf"
    assert str(invoice.number) in sheet.headers["content-disposition"]
    assert sheet.content.startswith(b"%PDF-1.4")
    assert "Supporter (für alle)".encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)") in sheet.content
    xref = int(sheet.content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    offsets = [int(row[:10]) for row in sheet.content[xref:].split(b"\n")[3:8]]
    assert [sheet.content[offset:].split(b" ", 1)[0] for offset in offsets] == [b"1", b"2", b"3", b"4", b"5"]


def test_an_open_invoice_is_paid_on_its_page(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    made = subscribe(api, who, plan(api, "Supporter", 1000))
    poor(api, who)
    sandbox.clock(by_s=32 * 86_400)
    late = str(api.subscriptions.retrieve(made.id).latest_invoice)
    assert "declined" in sandbox.submit(f"/sandbox/invoices/{late}")[1]
    card = api.payment_methods.attach("pm_card_visa", {"customer": who.id})
    api.customers.update(who.id, {"invoice_settings": {"default_payment_method": card.id}})
    assert re.search(r"<dt>Paid</dt><dd>£10.00</dd>", sandbox.submit(f"/sandbox/invoices/{late}")[1])
    assert api.subscriptions.retrieve(made.id).status == "active"


@pytest.mark.parametrize(
    "change",
    [{"flow_data": {"type": "subscription_update"}}, {"customer": "cus_nobody"}, {"configuration": "bpc_1"}, {"flow_data": {"type": "subscription_cancel"}}],
)
def test_what_the_portal_cannot_do_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    api = sandbox.client().v1
    with pytest.raises(stripe.InvalidRequestError):
        portal(api, customer(api), **change)
