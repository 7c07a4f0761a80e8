"""The customer portal: its API, and its pages where the card is changed and the plan is cancelled or kept."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from credit_studio.sandbox import setups, subscriptions
from credit_studio.sandbox.checkout_page import Trouble, Typed
from credit_studio.sandbox.checkout_routes import NOT_TAKEN, NOT_VALID, filled_in, new_card, typed_in, wrong_fields
from credit_studio.sandbox.errors import ApiError, Body, refused
from credit_studio.sandbox.portal_page import cancel_page, card_page, portal_page
from credit_studio.sandbox.routes import page, route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.subscription_routes import cancellation
from credit_studio.sandbox.world import World

LIVES_S = 3600
"""A link to the portal is good for an hour."""
SAID = {
    "card": "Your card is saved. It is used from now on.",
    "cancelled": "Your plan is cancelled.",
    "kept": "Your plan goes on.",
    "default": "That card is used from now on.",
}


@route("POST", "/v1/billing_portal/sessions")
def create(world: World, params: Body) -> Body:
    """A link to the portal for one customer, good for an hour."""
    only(params, ("customer", "return_url", "flow_data", "locale"))
    customer = world.get("customer", params.get("customer", ""), "customer")
    if customer.get("deleted"):
        raise refused(f"No such customer: '{customer['id']}'", param="customer", code="resource_missing")
    flow = params.get("flow_data")
    _known_flow(world, flow, customer["id"])
    if params.get("return_url"):
        world.store.set_value("shop", params["return_url"])
    id_ = world.new_id("bps")
    address = world.page_url(params.get("return_url"), f"/sandbox/portal/{id_}")
    made = {
        "id": id_,
        "object": "billing_portal.session",
        "configuration": "bpc_sandbox",
        "created": world.now(),
        "customer": customer["id"],
        "flow": _flow(flow),
        "livemode": False,
        "locale": params.get("locale"),
        "on_behalf_of": None,
        "return_url": params.get("return_url"),
        "url": address + _start(flow),
    }
    return world.add(made)


def _known_flow(world: World, flow: Body | None, customer: str) -> None:
    if flow is None or flow["type"] == "payment_method_update":
        return
    if flow["type"] != "subscription_cancel":
        raise refused("The sandbox's portal does not do that flow. Stripe's does.", param="flow_data[type]", code="sandbox_unsupported")
    param = "flow_data[subscription_cancel][subscription]"
    found = world.get("subscription", flow.get("subscription_cancel", {}).get("subscription", ""), param)
    if found["customer"] != customer:
        raise refused("The subscription belongs to another customer.", param=param)


def _flow(asked: Body | None) -> Body | None:
    if not asked:
        return None
    cancel = asked.get("subscription_cancel")
    parts = dict.fromkeys(("subscription_update", "subscription_update_confirm", "subscription_pause"))
    after = {"type": "portal_homepage", "hosted_confirmation": None, "redirect": None}
    return parts | {
        "type": asked["type"],
        "after_completion": after,
        "subscription_cancel": cancel and {"retention": None, "subscription": cancel["subscription"]},
    }


def _start(flow: Body | None) -> str:
    if not flow:
        return ""
    return "/card" if flow["type"] == "payment_method_update" else f"/cancel/{flow['subscription_cancel']['subscription']}"


@page("GET", "/sandbox/portal/{session}")
async def show(world: World, request: Request) -> Response:
    """The portal."""
    session = _session(world, request)
    customer = world.get("customer", session["customer"])
    live = [one for one in world.all("subscription", {"customer": customer["id"]}) if one["status"] in subscriptions.LIVE]
    cards = world.all("payment_method", {"customer": customer["id"]})
    invoices = world.all("invoice", {"customer": customer["id"]})
    said = SAID.get(request.query_params.get("said", ""), "")
    return HTMLResponse(portal_page(session, [_named(world, one) for one in live], cards, _default(live, customer), invoices, said))


@page("GET", "/sandbox/portal/{session}/card")
async def ask_card(world: World, request: Request) -> Response:
    """Asks for a card."""
    return HTMLResponse(card_page(_session(world, request), Typed(), Trouble()))


@page("POST", "/sandbox/portal/{session}/card")
async def take_card(world: World, request: Request) -> Response:
    """A card was typed: it is set up, authenticated when it asks for that, and used from now on."""
    session, form = _session(world, request), await request.form()
    typed = typed_in(form)
    if isinstance(form.get("fill"), str):
        return HTMLResponse(card_page(session, filled_in(typed, str(form["fill"])), Trouble()))
    if wrong := wrong_fields(typed):
        return HTMLResponse(card_page(session, typed, Trouble("Please check the form.", wrong)), NOT_VALID)
    try:
        with world.act():
            setup = setups.begun(world, customer=session["customer"])
            world.hide(session["id"], setup=setup["id"])
            setup = setups.tried(world, setup, new_card(world, typed)["id"], return_url=f"{_address(world, session)}/back")
    except ApiError as problem:
        return HTMLResponse(card_page(session, typed, Trouble(problem.error["message"])), NOT_TAKEN)
    return _set_up(world, session, setup, typed)


@page("GET", "/sandbox/portal/{session}/back")
async def back(world: World, request: Request) -> Response:
    """The payer comes back from the authentication page."""
    session = _session(world, request)
    return _set_up(world, session, world.get("setup_intent", world.hidden(session["id"])["setup"]), Typed())


def _set_up(world: World, session: Body, setup: Body, typed: Typed) -> Response:
    if setup["status"] == "requires_action":
        return RedirectResponse(setup["next_action"]["redirect_to_url"]["url"], 303)
    if setup["status"] != "succeeded":
        wrong = setup["last_setup_error"]
        return HTMLResponse(card_page(session, typed, Trouble(wrong["message"] if wrong else "The card was not saved.")), NOT_TAKEN)
    with world.act():
        _use(world, session["customer"], setup["payment_method"])
    return _to(session, "card")


@page("POST", "/sandbox/portal/{session}/default/{card}")
async def make_default(world: World, request: Request) -> Response:
    """A saved card was chosen."""
    session = _session(world, request)
    method = world.get("payment_method", request.path_params["card"])
    if method["customer"] != session["customer"]:
        raise refused("No such card.", status=404)
    with world.act():
        _use(world, session["customer"], method["id"])
    return _to(session, "default")


@page("GET", "/sandbox/portal/{session}/cancel/{subscription}")
async def ask_cancel(world: World, request: Request) -> Response:
    """Asks once more."""
    session = _session(world, request)
    return HTMLResponse(cancel_page(session, _own(world, session, request)))


@page("POST", "/sandbox/portal/{session}/cancel/{subscription}")
async def cancel(world: World, request: Request) -> Response:
    """The plan ends with its period."""
    return _change_end(world, request, at_end=True, said="cancelled")


@page("POST", "/sandbox/portal/{session}/resume/{subscription}")
async def resume(world: World, request: Request) -> Response:
    """The plan goes on after all."""
    return _change_end(world, request, at_end=False, said="kept")


def _change_end(world: World, request: Request, *, at_end: bool, said: str) -> Response:
    session = _session(world, request)
    with world.act():
        found = _own(world, session, request)
        subscriptions.changed(world, found, **cancellation(world, found, {"cancel_at_period_end": at_end}))
    return _to(session, said)


def _own(world: World, session: Body, request: Request) -> Body:
    found = world.get("subscription", request.path_params["subscription"])
    if found["customer"] != session["customer"] or found["status"] not in subscriptions.LIVE:
        raise refused("No such plan.", status=404)
    return found


def _use(world: World, customer_id: str, card: str) -> None:
    """Renewals are taken from that card: the customer's default, and that of every plan that named another."""
    customer = world.get("customer", customer_id)
    if before := world.change(customer, invoice_settings=customer["invoice_settings"] | {"default_payment_method": card}):
        world.emit("customer.updated", customer, before)
    for status in subscriptions.LIVE:
        for found in world.all("subscription", {"customer": customer_id, "status": status}):
            subscriptions.changed(world, found, default_payment_method=card)


def _default(live: list[Body], customer: Body) -> str | None:
    named = next((one["default_payment_method"] for one in live if one["default_payment_method"]), None)
    return named or customer["invoice_settings"]["default_payment_method"]


def _named(world: World, subscription: Body) -> Body:
    """The plan with its product's name where the page shows one."""
    for item in subscription["items"]["data"]:
        item["price"]["nickname"] = world.get("product", item["price"]["product"])["name"]
    return subscription


def _session(world: World, request: Request) -> Body:
    session = world.get("billing_portal.session", request.path_params["session"])
    if world.now() > session["created"] + LIVES_S:
        raise refused("This link to the portal is too old: ask the shop for a new one.", status=404)
    return session


def _address(world: World, session: Body) -> str:
    return world.page_url(session["return_url"], f"/sandbox/portal/{session['id']}")


def _to(session: Body, said: str) -> Response:
    return RedirectResponse(f"/sandbox/portal/{session['id']}?said={said}", 303)
