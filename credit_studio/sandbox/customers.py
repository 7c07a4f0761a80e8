"""Customers. Their cards are in `payment_methods`, their subscriptions in `subscriptions`."""

from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.fields import deleted, metadata, taken, with_all
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.payment_methods import kept, resolved
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

_PLAIN = ("address", "business_name", "description", "email", "individual_name", "name", "phone", "preferred_locales", "shipping", "tax_exempt")
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_CREATE = (*_PLAIN, "balance", "invoice_prefix", "invoice_settings", "metadata", "next_invoice_sequence", "payment_method", "test_clock")
_UPDATE = (*_PLAIN, "balance", "invoice_prefix", "invoice_settings", "metadata", "next_invoice_sequence")
_INVOICE = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}


@route("POST", "/v1/customers")
def create(world: World, params: Body) -> Body:
    """A new customer; a card given with it is attached."""
    only(params, _CREATE)
    clock = params.get("test_clock")
    made = with_all(_PLAIN, params) | {
        "id": world.new_id("cus", 14),
        "object": "customer",
        "address": _address(params.get("address")),
        "balance": params.get("balance", 0),
        "created": world.get("test_helpers.test_clock", clock, "test_clock")["frozen_time"] if clock else world.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "invoice_prefix": params.get("invoice_prefix") or world.secret(8).upper(),
        "invoice_settings": _INVOICE | taken(params.get("invoice_settings", {}), _INVOICE),
        "livemode": False,
        "metadata": metadata(params.get("metadata")),
        "next_invoice_sequence": params.get("next_invoice_sequence", 1),
        "preferred_locales": params.get("preferred_locales") or [],
        "tax_exempt": params.get("tax_exempt") or "none",
        "test_clock": clock,
    }
    world.add(made)
    world.emit("customer.created", made)
    if "payment_method" in params:
        kept(world, resolved(world, params["payment_method"]), made["id"])
    _own_default(world, made)
    return made


@route("POST", "/v1/customers/{customer}")
def update(world: World, params: Body, customer: str) -> Body:
    """A customer changed."""
    only(params, _UPDATE)
    found = world.get("customer", customer)
    fields = taken(params, (*_PLAIN, "balance", "next_invoice_sequence", "invoice_prefix"))
    if "address" in params:
        fields["address"] = _address(params["address"])
    if "metadata" in params:
        fields["metadata"] = metadata(params["metadata"], found["metadata"])
    if "invoice_settings" in params:
        fields["invoice_settings"] = found["invoice_settings"] | taken(params["invoice_settings"], _INVOICE)
    _own_default(world, found | fields)
    if previous := world.change(found, **fields):
        world.emit("customer.updated", found, previous)
    return found


@route("GET", "/v1/customers/{customer}")
def retrieve(world: World, params: Body, customer: str) -> Body:
    """One customer, or what is left of a deleted one."""
    return world.find("customer", customer) or world.get("customer", customer)


@route("DELETE", "/v1/customers/{customer}")
def delete(world: World, params: Body, customer: str) -> Body:
    """A customer gone for good, cards included."""
    found = world.get("customer", customer)
    for method in world.all("payment_method", {"customer": customer}):
        world.change(method, customer=None)
        world.hide(method["id"], spent=True)
    world.emit("customer.deleted", found)
    world.store.replace(deleted(found))
    return deleted(found)


@route("GET", "/v1/customers")
def list_(world: World, params: Body) -> Body:
    """Customers, newest first."""
    where = {"email": params.get("email"), "test_clock": params.get("test_clock")}
    return listed(world, "customer", params, where, keep=lambda one: not one.get("deleted"))


def _own_default(world: World, customer: Body) -> None:
    """Invoices are paid with a card of the customer's own."""
    chosen = customer["invoice_settings"]["default_payment_method"]
    if chosen and world.get("payment_method", chosen, "invoice_settings[default_payment_method]")["customer"] != customer["id"]:
        words = f"The customer does not have a payment method with the ID {chosen}. The payment method must be attached to the customer."
        raise refused(words, param="invoice_settings[default_payment_method]", code="resource_missing")


def _address(given: object) -> Body | None:
    return with_all(_ADDRESS, given) if isinstance(given, dict) else None
