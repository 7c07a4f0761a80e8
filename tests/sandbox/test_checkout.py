import httpx
import pytest
import stripe

from tests.sandbox.shop import ASKS, CANCEL, DECLINED, ORIGIN, customer, pack, pay, place, plan
from tests.sandbox_fixture import Sandbox


def test_a_pack_is_paid_on_the_page_and_the_shop_hears_of_it(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    asked = pack(customer=who.id, client_reference_id="person-1", metadata={"order_id": "o-1"}, payment_intent_data={"metadata": {"order_id": "o-1"}})
    session = api.checkout.sessions.create(asked)
    assert (session.status, session.payment_status, session.amount_total, session.currency) == ("open", "unpaid", 2500, "gbp")
    assert session.url is not None
    assert session.url.startswith(f"{ORIGIN}/sandbox/checkout/cs_test_")
    status, shown = sandbox.fetch("GET", place(session))
    assert status == 200
    assert "Standard pack" in shown
    assert "No money moves" in shown
    assert pay(sandbox, session) == (303, f"{ORIGIN}/account/credits/success?session_id={session.id}")
    done = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge", "line_items"]})
    assert (done.status, done.payment_status, done.url, done.client_reference_id) == ("complete", "paid", None, "person-1")
    assert done.customer_details is not None
    assert done.customer_details.email == "ada@example.com"
    intent = done.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.amount_received, intent.customer, intent.to_dict()["metadata"]) == (2500, who.id, {"order_id": "o-1"})
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert done.line_items is not None
    assert [(line.description, line.amount_total, line.quantity) for line in done.line_items.data] == [("Standard pack", 2500, 1)]
    assert [line.id for line in api.checkout.sessions.line_items.list(session.id).data] == [line.id for line in done.line_items.data]
    types = sandbox.types()
    assert types.index("payment_intent.succeeded") < types.index("checkout.session.completed")
    (event,) = sandbox.events("checkout.session.completed")
    assert event["data"]["object"]["payment_status"] == "paid"


def test_a_declined_card_says_why_on_the_page_and_another_card_pays_with_the_same_intent(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(pack(customer_email="ada@example.com"))
    status, shown = pay(sandbox, session, DECLINED)
    assert status == 402
    assert "Your card was declined." in shown
    assert 'role="alert"' in shown
    waiting = api.checkout.sessions.retrieve(session.id)
    assert (waiting.status, waiting.payment_status) == ("open", "unpaid")
    assert pay(sandbox, session)[0] == 303
    done = api.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_intent) == ("complete", waiting.payment_intent)
    assert len(api.payment_intents.list({}).data) == 1
    assert sandbox.types().count("payment_intent.payment_failed") == 1


@pytest.mark.parametrize(("button", "status"), [("complete", "complete"), ("fail", "open")])
def test_a_card_that_asks_for_authentication_leads_to_its_page(sandbox: Sandbox, button: str, status: str) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(pack(customer=customer(api, card="").id))
    code, page = pay(sandbox, session, ASKS)
    assert code == 303
    assert page.startswith(f"{ORIGIN}/sandbox/")
    code, back = authenticate(sandbox, page, button)
    assert code == 303
    code, then = sandbox.fetch("GET", back.removeprefix(ORIGIN))
    assert api.checkout.sessions.retrieve(session.id).status == status
    if status == "complete":
        assert (code, then) == (303, f"{ORIGIN}/account/credits/success?session_id={session.id}")
        assert sandbox.types().count("checkout.session.completed") == 1
    else:
        assert code == 402
        assert 'role="alert"' in then
        assert pay(sandbox, session)[0] == 303


def authenticate(sandbox: Sandbox, page: str, button: str) -> tuple[int, str]:
    return sandbox.submit(page.removeprefix(ORIGIN), do=button)


def test_a_click_on_a_test_card_fills_the_form_in_and_pays_nothing(sandbox: Sandbox) -> None:
    session = sandbox.client().v1.checkout.sessions.create(pack(customer_email="ada@example.com"))
    status, shown = sandbox.submit(place(session), fill=ASKS, name="Ada")
    assert status == 200
    assert f'value="{ASKS}"' in shown
    assert 'value="12/34"' in shown
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_form_that_cannot_be_right_is_refused_field_by_field(sandbox: Sandbox) -> None:
    session = sandbox.client().v1.checkout.sessions.create(pack())
    status, shown = pay(sandbox, session, "4242", expiry="13/20", cvc="1", email="nobody")
    assert status == 422
    for words in ("Type the card&#x27;s number.", "Type month and year, like 12/34.", "Type the 3 digits.", "Type your email address."):
        assert words in shown
    assert shown.count('aria-invalid="true"') == 4


def test_what_people_type_is_escaped(sandbox: Sandbox) -> None:
    session = sandbox.client().v1.checkout.sessions.create(pack(customer_email="ada@example.com"))
    _, shown = pay(sandbox, session, "x", name='"><script>alert(1)</script>')
    assert "<script>" not in shown


def test_the_page_allows_no_scripts_and_only_its_own_style_sheet(sandbox: Sandbox) -> None:
    session = sandbox.client().v1.checkout.sessions.create(pack(customer_email="ada@example.com"))
    shown = httpx.get(f"{sandbox.url}{place(session)}", trust_env=False)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert "<script" not in shown.text
    assert "--accent" in httpx.get(f"{sandbox.url}/sandbox/page.css", trust_env=False).text


def test_a_card_is_saved_when_the_payer_ticks_the_box_and_offered_next_time(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    options = {"payment_method_save": "enabled"}
    first = api.checkout.sessions.create(pack(customer=who.id, saved_payment_method_options=options))
    pay(sandbox, first, save="1")
    (card,) = api.customers.payment_methods.list(who.id).data
    assert (card.allow_redisplay, card.card and card.card.last4) == ("always", "4242")
    second = api.checkout.sessions.create(pack(customer=who.id, saved_payment_method_options=options))
    assert "Visa ending in 4242" in sandbox.fetch("GET", place(second))[1]
    assert sandbox.submit(place(second), card=card.id, do="pay")[0] == 303
    stranger = customer(api, card="")
    third = api.checkout.sessions.create(pack(customer=stranger.id, saved_payment_method_options=options))
    assert "ending in 4242" not in sandbox.fetch("GET", place(third))[1]
    assert sandbox.submit(place(third), card=card.id, do="pay")[0] == 402
    assert api.checkout.sessions.retrieve(third.id).status == "open"


def test_a_card_set_up_by_paying_can_be_charged_when_nobody_is_there(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    session = api.checkout.sessions.create(pack(customer=who.id, payment_intent_data={"setup_future_usage": "off_session"}))
    _, page = pay(sandbox, session, ASKS)
    authenticate(sandbox, page, "complete")
    (card,) = api.customers.payment_methods.list(who.id).data
    later = api.payment_intents.create({"amount": 1000, "currency": "gbp", "customer": who.id, "payment_method": card.id, "off_session": True, "confirm": True})
    assert later.status == "succeeded"


def test_a_session_ends_by_the_clock_and_by_the_shop(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    soon = api.checkout.sessions.create(pack(expires_at=sandbox.clock(by_s=0) + 1800))
    day_long, taken_back = (api.checkout.sessions.create(pack(customer_email="ada@example.com")) for _ in range(2))
    api.checkout.sessions.expire(taken_back.id)
    sandbox.clock(by_s=1801)
    assert [api.checkout.sessions.retrieve(one.id).status for one in (soon, day_long, taken_back)] == ["expired", "open", "expired"]
    assert pay(sandbox, soon)[0] == 200
    assert "has timed out" in sandbox.fetch("GET", place(soon))[1]
    assert api.checkout.sessions.retrieve(soon.id).payment_status == "unpaid"
    sandbox.clock(by_s=86_400)
    assert [event["data"]["object"]["id"] for event in sandbox.events("checkout.session.expired")] == [taken_back.id, soon.id, day_long.id]
    with pytest.raises(stripe.InvalidRequestError, match="Only Checkout Sessions with a status"):
        api.checkout.sessions.expire(soon.id)


def test_a_second_press_of_the_button_pays_nothing_more(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(pack(customer_email="ada@example.com"))
    assert pay(sandbox, session)[0] == 303
    status, shown = pay(sandbox, session)
    assert status == 200
    assert "paid already" in shown
    assert len(api.payment_intents.list({}).data) == 1


def test_an_address_of_no_session_says_so_on_a_page(sandbox: Sandbox) -> None:
    status, shown = sandbox.fetch("GET", "/sandbox/checkout/cs_test_nobody")
    assert status == 404
    assert shown.startswith("<!doctype html>")
    assert "No such" in shown


def test_a_number_that_was_typed_counts_for_more_than_the_saved_card_that_stayed_chosen(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api)
    (saved,) = api.customers.payment_methods.list(who.id).data
    filters = {"allow_redisplay_filters": ["unspecified", "always"]}
    session = api.checkout.sessions.create(pack(customer=who.id, saved_payment_method_options=filters))
    assert saved.id in sandbox.fetch("GET", place(session))[1]
    assert pay(sandbox, session, DECLINED, card=saved.id)[0] == 402
    assert pay(sandbox, session, "5555555555554444", card=saved.id)[0] == 303
    done = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.payment_method"]})
    assert isinstance(done.payment_intent, stripe.PaymentIntent)
    assert done.payment_intent.payment_method != saved.id


@pytest.mark.parametrize(("debit", "status", "told"), [("comes", "paid", "async_payment_succeeded"), ("fails", "unpaid", "async_payment_failed")])
def test_a_debit_completes_the_session_at_once_and_is_decided_three_days_later(sandbox: Sandbox, debit: str, status: str, told: str) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(pack(customer=customer(api, card="").id, payment_intent_data={"setup_future_usage": "off_session"}))
    assert sandbox.submit(place(session), debit=debit)[0] == 303
    sandbox.clock(by_s=3 * 86_400 - 60)
    waiting = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(waiting.payment_intent, stripe.PaymentIntent)
    assert (waiting.status, waiting.payment_status, waiting.payment_intent.status) == ("complete", "unpaid", "processing")
    sandbox.clock(by_s=120)
    decided = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(decided.payment_intent, stripe.PaymentIntent)
    assert (decided.payment_status, decided.payment_intent.status == "succeeded") == (status, debit == "comes")
    told_of = [event for event in sandbox.types() if event.startswith("checkout.")]
    assert told_of == ["checkout.session.completed", f"checkout.session.{told}"]
    if debit == "comes":
        assert api.refunds.create({"payment_intent": decided.payment_intent.id}).amount == 2500


def test_a_shop_that_wants_cards_only_is_not_paid_by_debit(sandbox: Sandbox) -> None:
    session = sandbox.client().v1.checkout.sessions.create(pack(customer_email="ada@example.com", allowed_payment_method_types=["card"]))
    assert "Bank debit" not in sandbox.fetch("GET", place(session))[1]
    assert sandbox.submit(place(session), debit="comes")[0] == 422


def test_setup_mode_saves_a_card_and_takes_nothing(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    who = customer(api, card="")
    session = api.checkout.sessions.create({"mode": "setup", "currency": "gbp", "customer": who.id, "success_url": CANCEL})
    assert session.payment_status == "no_payment_required"
    assert pay(sandbox, session) == (303, CANCEL)
    done = api.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert isinstance(done.setup_intent, stripe.SetupIntent)
    (card,) = api.customers.payment_methods.list(who.id).data
    assert (done.status, done.setup_intent.payment_method) == ("complete", card.id)
    assert "payment_intent.created" not in sandbox.types()


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"mode": None}, "mode"),
        ({"success_url": None}, "success_url"),
        ({"line_items": None}, "line_items"),
        ({"expires_at": 1}, "expires_at"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"subscription_data": {"metadata": {"a": "b"}}}, "subscription_data"),
        ({"ui_mode": "embedded_page"}, "ui_mode"),
        ({"tax_id_collection": {"enabled": True}}, "tax_id_collection"),
        ({"line_items": [{"price": "price_nobody", "quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": [{"price_data": {"currency": "gbp", "unit_amount": 500, "product_data": {"name": "x"}}}]}, "line_items[0][quantity]"),
    ],
)
def test_what_cannot_be_sold_is_refused_by_name(sandbox: Sandbox, change: dict[str, object], param: str) -> None:
    asked = {name: value for name, value in (pack() | change).items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.client().v1.checkout.sessions.create(asked)  # type: ignore[arg-type]
    assert refused.value.param == param


def test_too_little_money_and_a_wrong_mode_are_refused(sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    line = {"price_data": {"currency": "gbp", "unit_amount": 29, "product_data": {"name": "x"}}, "quantity": 1}
    with pytest.raises(stripe.InvalidRequestError, match=r"at least £0\.30"):
        api.checkout.sessions.create(pack(line_items=[line]))
    monthly = plan(api, "Supporter", 1000)
    with pytest.raises(stripe.InvalidRequestError, match="recurring price"):
        api.checkout.sessions.create(pack(line_items=[{"price": monthly.id, "quantity": 1}]))
    with pytest.raises(stripe.InvalidRequestError, match="one_time"):
        api.checkout.sessions.create(pack(mode="subscription"))
