"""The API of invoices and of their payments, and the hosted invoice."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from credit_studio.sandbox import collecting, invoices
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.fields import metadata
from credit_studio.sandbox.invoice_page import invoice_page, invoice_pdf
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.routes import included, page, route
from credit_studio.sandbox.scope import PAGES, only
from credit_studio.sandbox.world import World


@route("GET", "/v1/invoices/{invoice}")
def retrieve(world: World, params: Body, invoice: str) -> Body:
    """One invoice."""
    return world.get("invoice", invoice)


@route("GET", "/v1/invoices")
def list_(world: World, params: Body) -> Body:
    """Invoices, newest first."""
    filters = ("customer", "status", "collection_method")
    only(params, (*PAGES, *filters, "subscription"))
    where = {name: params.get(name) for name in filters}
    return listed(world, "invoice", params, where | {"parent.subscription_details.subscription": params.get("subscription")})


@route("POST", "/v1/invoices/{invoice}")
def update(world: World, params: Body, invoice: str) -> Body:
    """An invoice's metadata, description or card changed."""
    only(params, ("metadata", "description", "default_payment_method", "auto_advance"))
    found = world.get("invoice", invoice)
    fields = {name: params[name] or None for name in ("description", "default_payment_method") if name in params}
    if "auto_advance" in params:
        fields["auto_advance"] = params["auto_advance"]
    if "metadata" in params:
        fields["metadata"] = metadata(params["metadata"], found["metadata"])
    if before := world.change(found, **fields):
        world.emit("invoice.updated", found, before)
    return found


@route("POST", "/v1/invoices/{invoice}/finalize")
def finalize(world: World, params: Body, invoice: str) -> Body:
    """A draft opened now, before its hour is over; what is due is tried by `pay`, or at once when it would be anyway."""
    only(params, ("auto_advance",))
    found = invoices.finalize(world, world.get("invoice", invoice))
    collecting.opened(world, found, try_now=params.get("auto_advance", False), off_session=True)
    return world.get("invoice", invoice)


@route("POST", "/v1/invoices/{invoice}/pay")
def pay(world: World, params: Body, invoice: str) -> Body:
    """The money taken now, from the card on file or from `payment_method`; raises the card's error when it is not."""
    only(params, ("payment_method", "off_session", "paid_out_of_band"))
    found = world.get("invoice", invoice)
    if found["status"] == "paid":
        raise refused("Invoice is already paid")
    if found["status"] == "draft":
        found = invoices.finalize(world, found)
        collecting.opened(world, found, try_now=False, off_session=True)
        found = world.get("invoice", invoice)
    if params.get("paid_out_of_band") and found["status"] != "paid":
        return collecting.settled_outside(world, found)
    if found["status"] == "open":
        collecting.attempt(world, found, card=params.get("payment_method"), off_session=params.get("off_session", True))
        found = world.get("invoice", invoice)
    if found["status"] != "paid":
        raise collecting.card_error(world, found)
    return found


@route("POST", "/v1/invoices/{invoice}/void")
def void(world: World, params: Body, invoice: str) -> Body:
    """An open invoice taken back."""
    return invoices.closed(world, world.get("invoice", invoice), "void")


@route("POST", "/v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(world: World, params: Body, invoice: str) -> Body:
    """An open invoice that nobody will pay."""
    return invoices.closed(world, world.get("invoice", invoice), "uncollectible")


@included("invoice", "payments")
def with_payments(world: World, invoice: Body) -> Body:
    """Its payments, when they are asked for."""
    found = invoices.payments(world, invoice["id"])
    return {"object": "list", "data": found, "has_more": False, "total_count": len(found), "url": "/v1/invoice_payments"}


@included("invoice", "confirmation_secret")
def with_secret(world: World, invoice: Body) -> Body | None:
    """The client secret of the intent that pays it, when it is asked for."""
    found = invoices.payments(world, invoice["id"])
    if not found or invoice["status"] != "open":
        return None
    intent = world.get("payment_intent", found[0]["payment"]["payment_intent"])
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


@route("GET", "/v1/invoice_payments")
def list_payments(world: World, params: Body) -> Body:
    """Payments of invoices, newest first: of one invoice, or of one intent."""
    only(params, (*PAGES, "invoice", "status", "payment"))
    only(params.get("payment", {}), ("type", "payment_intent"), "payment")
    intent = params.get("payment", {}).get("payment_intent")
    where = {"invoice": params.get("invoice"), "status": params.get("status"), "payment.payment_intent": intent}
    return listed(world, "invoice_payment", params, where)


@route("GET", "/v1/invoice_payments/{invoice_payment}")
def retrieve_payment(world: World, params: Body, invoice_payment: str) -> Body:
    """One payment of an invoice."""
    return world.get("invoice_payment", invoice_payment)


@page("GET", "/sandbox/invoices/{invoice}")
async def show(world: World, request: Request) -> Response:
    """The hosted invoice."""
    return HTMLResponse(invoice_page(world.get("invoice", request.path_params["invoice"])))


@page("GET", "/sandbox/invoices/{invoice}/pdf")
async def as_pdf(world: World, request: Request) -> Response:
    """The same as one sheet."""
    found = world.get("invoice", request.path_params["invoice"])
    named = {"content-disposition": f'attachment; filename="invoice-{found["number"] or found["id"]}.pdf"'}
    return Response(invoice_pdf(found), media_type="application/pdf", headers=named)


@page("POST", "/sandbox/invoices/{invoice}")
async def pay_on_page(world: World, request: Request) -> Response:
    """Pay an open invoice with the card on file; a card that asks for authentication leads to its page."""
    id_ = request.path_params["invoice"]
    with world.act():
        found = world.get("invoice", id_)
        if found["status"] == "open":
            collecting.attempt(world, found, off_session=False)
    found = world.get("invoice", id_)
    if target := collecting.authentication_of(world, found):
        return RedirectResponse(target, 303)
    return HTMLResponse(invoice_page(found, asked=collecting.trouble_of(world, found)))
