"""The API of subscriptions: create, read, change, cancel; and their items."""

from credit_studio.sandbox import collecting, invoices, subscriptions
from credit_studio.sandbox.changes import Change, planned
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.fields import metadata
from credit_studio.sandbox.listing import listed, of
from credit_studio.sandbox.prices import whole_price
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.scope import PAGES, only
from credit_studio.sandbox.world import World

CREATES = [
    "customer",
    "items",
    "metadata",
    "description",
    "default_payment_method",
    "payment_behavior",
    "payment_settings",
    "off_session",
    "cancel_at_period_end",
    "cancel_at",
    "proration_behavior",
    "billing_mode",
    "collection_method",
    "currency",
]
ENTRY = ("price", "price_data", "quantity", "metadata")
PLAIN = ("metadata", "description", "default_payment_method", "payment_settings", "cancellation_details", "cancel_at_period_end", "cancel_at")
CHANGES = (*PLAIN, "items", "proration_behavior", "proration_date", "payment_behavior", "billing_cycle_anchor", "off_session", "collection_method")
PENDING = {"items", "proration_behavior", "proration_date", "payment_behavior", "billing_cycle_anchor", "off_session", "expand"}
"""What a change may hold that waits for its payment."""
AGAIN_S = 23 * 3600
"""How long a change that waits for its payment waits."""


@route("POST", "/v1/subscriptions")
def create(world: World, params: Body) -> Body:
    """A new subscription with its first invoice, which is paid at once unless `payment_behavior=default_incomplete`."""
    only(params, CREATES)
    _charges_by_itself(params)
    if (params.get("billing_mode") or {}).get("type", "flexible") != "flexible":
        raise refused("The sandbox knows the flexible billing mode only.", param="billing_mode", code="sandbox_unsupported")
    customer = world.get("customer", params.get("customer", ""), "customer")
    entries = []
    for number, entry in enumerate(params.get("items", [])):
        only(entry, ENTRY, f"items[{number}]")
        entries.append(entry | {"price": whole_price(world, entry, f"items[{number}]")})
    behavior = params.get("payment_behavior", "allow_incomplete")
    card = _card(world, customer, params)
    costs = any(entry["price"]["unit_amount"] for entry in entries)
    if costs and behavior != "default_incomplete" and not (card or customer["invoice_settings"]["default_payment_method"]):
        raise refused("This customer has no attached payment source or default payment method.", code="resource_missing")
    made = subscriptions.begun(world, customer, entries, metadata=metadata(params.get("metadata")), card=card, description=params.get("description"))
    plain = {name: params[name] for name in ("payment_settings", "cancel_at_period_end", "cancel_at") if name in params}
    subscriptions.changed(world, made, **_plain(world, made, plain))
    invoice = world.get("invoice", made["latest_invoice"])
    collecting.opened(world, invoice, try_now=behavior != "default_incomplete", off_session=params.get("off_session", False))
    if behavior == "error_if_incomplete" and world.get("subscription", made["id"])["status"] == "incomplete":
        raise collecting.nothing_kept(world, invoice)
    return world.get("subscription", made["id"])


@route("GET", "/v1/subscriptions/{subscription}")
def retrieve(world: World, params: Body, subscription: str) -> Body:
    """One subscription."""
    return world.get("subscription", subscription)


@route("GET", "/v1/subscriptions")
def list_(world: World, params: Body) -> Body:
    """Subscriptions, newest first; the canceled ones only when `status` asks for them."""
    only(params, (*PAGES, "customer", "price", "status", "test_clock"))
    status, price = params.get("status"), params.get("price")

    def wanted(one: Body) -> bool:
        shown = status in {"all", one["status"]} or (status is None and one["status"] != "canceled") or (status == "ended" and one["ended_at"] is not None)
        return shown and (price is None or any(item["price"]["id"] == price for item in one["items"]["data"]))

    return listed(world, "subscription", params, {"customer": params.get("customer"), "test_clock": params.get("test_clock")}, keep=wanted)


@route("POST", "/v1/subscriptions/{subscription}")
def update(world: World, params: Body, subscription: str) -> Body:
    """A subscription changed. Items that cost more or less are prorated; `always_invoice` takes the difference at once."""
    only(params, CHANGES)
    _charges_by_itself(params)
    found = world.get("subscription", subscription)
    if found["status"] in {"canceled", "incomplete_expired"}:
        raise refused("A canceled subscription can only update its cancellation_details and metadata.", code="resource_missing")
    if "items" not in params and "billing_cycle_anchor" not in params:
        subscriptions.changed(world, found, **_plain(world, found, params))
        return found
    change = planned(world, found, params)
    if change.lines and params.get("payment_behavior") == "pending_if_incomplete":
        return _once_paid(world, found, params, change)
    subscriptions.changed(world, found, **_plain(world, found, params), items=subscriptions.with_items(found, change.items), billing_cycle_anchor=change.anchor)
    _cost(world, found, params, change)
    return world.get("subscription", subscription)


def _cost(world: World, subscription: Body, params: Body, change: Change) -> None:
    """Invoice the lines of a change now, or keep them for the next invoice."""
    if not (change.at_once and change.lines):
        subscriptions.waits_for_next(world, subscription, change.lines)
        return
    invoice = _invoiced(world, subscription, change)
    behavior = params.get("payment_behavior", "allow_incomplete")
    collecting.opened(world, invoice, try_now=behavior != "default_incomplete", off_session=params.get("off_session", False))
    if behavior == "error_if_incomplete" and world.get("invoice", invoice["id"])["status"] != "paid":
        raise collecting.nothing_kept(world, invoice)


def _invoiced(world: World, subscription: Body, change: Change) -> Body:
    now = world.now(subscription["customer"])
    lines = [*subscriptions.pending_lines(world, subscription), *change.lines]
    invoice = invoices.finalize(world, invoices.draft(world, subscription, lines, reason="subscription_update", period=(now, now)))
    subscriptions.taken_up(world, subscription, invoice["id"])
    subscriptions.changed(world, subscription, latest_invoice=invoice["id"])
    return invoice


def _once_paid(world: World, subscription: Body, params: Body, change: Change) -> Body:
    """`pending_if_incomplete`: the change is made when its invoice is paid, at once or within 23 hours."""
    for name in params.keys() - PENDING:
        raise refused(f"`{name}` cannot be changed with `payment_behavior=pending_if_incomplete`.", param=name)
    if not change.at_once:
        raise refused("`pending_if_incomplete` needs `proration_behavior=always_invoice`.", param="payment_behavior")
    expires = world.now(subscription["customer"]) + AGAIN_S
    waits = {"billing_cycle_anchor": change.anchor, "expires_at": expires, "subscription_items": change.items, "trial_end": None, "trial_from_plan": None}
    subscriptions.changed(world, subscription, pending_update=waits)
    invoice = _invoiced(world, subscription, change)
    collecting.opened(world, invoice, try_now=True, off_session=params.get("off_session", False))
    return world.get("subscription", subscription["id"])


@route("DELETE", "/v1/subscriptions/{subscription_exposed_id}")
def cancel(world: World, params: Body, subscription_exposed_id: str) -> Body:
    """A subscription ended now; what is left of the period is not paid back."""
    only(params, ("cancellation_details", "invoice_now", "prorate"))
    if params.get("prorate") or params.get("invoice_now"):
        raise refused("The sandbox does not do a last invoice. Stripe does.", param="invoice_now", code="sandbox_unsupported")
    found = world.get("subscription", subscription_exposed_id)
    if found["status"] in {"canceled", "incomplete_expired"}:
        raise refused(f"No such subscription: '{found['id']}'", param="id", code="resource_missing", status=404)
    world.change(found, **_plain(world, found, {name: params[name] for name in ("cancellation_details",) if name in params}))
    subscriptions.ended(world, found, "cancellation_requested")
    return found


@route("GET", "/v1/subscription_items")
def items(world: World, params: Body) -> Body:
    """The items of a subscription."""
    found = world.get("subscription", params["subscription"], "subscription")
    return of(found["items"]["data"], params, "/v1/subscription_items")


def _plain(world: World, subscription: Body, params: Body) -> Body:
    """The fields that cost nothing, as they will be."""
    fields: Body = {}
    if "metadata" in params:
        fields["metadata"] = metadata(params["metadata"], subscription["metadata"])
    if "description" in params:
        fields["description"] = params["description"] or None
    if "default_payment_method" in params:
        fields["default_payment_method"] = _card(world, world.get("customer", subscription["customer"]), params)
    for name in ("payment_settings", "cancellation_details"):
        if name in params:
            fields[name] = subscription[name] | (params[name] or {})
    return fields | cancellation(world, subscription, params)


def cancellation(world: World, subscription: Body, params: Body) -> Body:
    """The fields that say when the subscription ends; the portal sets them too."""
    if "cancel_at_period_end" not in params and "cancel_at" not in params:
        return {}
    at_end = params.get("cancel_at_period_end", False)
    moment = subscriptions.period_of(subscription)[1] if at_end else params.get("cancel_at") or None
    if isinstance(moment, str):
        moment = subscriptions.period_of(subscription)[1]
    now = world.now(subscription["customer"])
    if moment is not None and moment < now:
        raise refused("`cancel_at` must be in the future.", param="cancel_at")
    reason = "cancellation_requested" if moment else None
    details = subscription["cancellation_details"] | (params.get("cancellation_details") or {}) | {"reason": reason}
    return {"cancel_at_period_end": at_end, "cancel_at": moment, "canceled_at": now if moment else None, "cancellation_details": details}


def _card(world: World, customer: Body, params: Body) -> str | None:
    id_ = params.get("default_payment_method")
    if not id_:
        return None
    method = world.get("payment_method", id_, "default_payment_method")
    if method["customer"] != customer["id"]:
        raise refused(f"The customer does not have a payment method with the ID {id_}.", param="default_payment_method", code="resource_missing")
    return id_


def _charges_by_itself(params: Body) -> None:
    if params.get("collection_method", "charge_automatically") != "charge_automatically":
        raise refused("The sandbox charges automatically only.", param="collection_method", code="sandbox_unsupported")
