"""Products and prices."""

from decimal import Decimal
from typing import Any

from credit_studio.sandbox.errors import Body, invalid, refused
from credit_studio.sandbox.fields import deleted, metadata, not_emptied, taken, with_all
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.world import World

_PRODUCT = ("description", "package_dimensions", "shippable", "statement_descriptor", "tax_code", "unit_label", "url")


@route("POST", "/v1/products")
def create_product(world: World, params: Body) -> Body:
    """A new product; `default_price_data` makes its price too."""
    if "id" in params and world.store.find(params["id"]):
        raise refused(f"Product already exists: {params['id']}", param="id", code="resource_already_exists")
    made = new_product(world, params)
    if "default_price_data" in params:
        price = create_price(world, params["default_price_data"] | {"product": made["id"]})
        world.change(made, default_price=price["id"])
    return made


def new_product(world: World, params: Body) -> Body:
    """A product, told of by an event; also one that a price brings along."""
    not_emptied(params, ("name", "id"))
    made = with_all(_PRODUCT, params) | {
        "id": params.get("id") or world.new_id("prod", 14),
        "object": "product",
        "active": params.get("active", True),
        "created": world.now(),
        "default_price": None,
        "images": params.get("images") or [],
        "livemode": False,
        "marketing_features": params.get("marketing_features") or [],
        "metadata": metadata(params.get("metadata")),
        "name": params["name"],
        "type": "service",
        "updated": world.now(),
    }
    world.add(made)
    world.emit("product.created", made)
    return made


@route("POST", "/v1/products/{product}")
def update_product(world: World, params: Body, product: str) -> Body:
    """A product changed."""
    found = world.get("product", product)
    not_emptied(params, ("name",))
    fields = taken(params, (*_PRODUCT, "active", "name"))
    fields |= {name: params[name] or [] for name in ("images", "marketing_features") if name in params}
    if "default_price" in params:
        fields["default_price"] = world.get("price", params["default_price"], "default_price")["id"]
    if "metadata" in params:
        fields["metadata"] = metadata(params["metadata"], found["metadata"])
    if previous := world.change(found, **fields, updated=world.now()):
        world.emit("product.updated", found, previous)
    return found


@route("GET", "/v1/products/{product}")
def retrieve_product(world: World, params: Body, product: str) -> Body:
    """One product."""
    return world.get("product", product)


@route("DELETE", "/v1/products/{product}")
def delete_product(world: World, params: Body, product: str) -> Body:
    """A product without prices gone."""
    found = world.get("product", product)
    if world.all("price", {"product": product}):
        raise refused("This product cannot be deleted because it has one or more user-created prices.")
    world.remove(product)
    world.emit("product.deleted", found)
    return deleted(found)


@route("GET", "/v1/products")
def list_products(world: World, params: Body) -> Body:
    """Products, newest first."""
    ids = params.get("ids")
    return listed(world, "product", params, {"active": params.get("active"), "url": params.get("url")}, keep=lambda one: ids is None or one["id"] in ids)


@route("POST", "/v1/prices")
def create_price(world: World, params: Body) -> Body:
    """A new price, for a product that is there or that comes with it."""
    product = new_product(world, params["product_data"]) if "product_data" in params else world.get("product", _product(params), "product")
    _free_key(world, params)
    made = new_price(world, params, product["id"])
    world.emit("price.created", made)
    return made


def new_price(world: World, params: Body, product: str, *, active: bool = True) -> Body:
    """A price without an event: Stripe keeps one, not active, for each `price_data`."""
    amount, exact = amounts(params)
    made = {
        "id": world.new_id("price"),
        "object": "price",
        "active": params.get("active", active),
        "billing_scheme": params.get("billing_scheme", "per_unit"),
        "created": world.now(),
        "currency": params["currency"].lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": params.get("lookup_key"),
        "metadata": metadata(params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": product,
        "recurring": _recurring(params.get("recurring")),
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if params.get("recurring") else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": exact,
    }
    return world.add(made)


@route("POST", "/v1/prices/{price}")
def update_price(world: World, params: Body, price: str) -> Body:
    """A price changed: never its amount."""
    found = world.get("price", price)
    fields = taken(params, ("active", "nickname", "tax_behavior"))
    if "lookup_key" in params:
        _free_key(world, params, found["id"])
        fields["lookup_key"] = params["lookup_key"] or None
    if "metadata" in params:
        fields["metadata"] = metadata(params["metadata"], found["metadata"])
    if previous := world.change(found, **fields):
        world.emit("price.updated", found, previous)
    return found


@route("GET", "/v1/prices/{price}")
def retrieve_price(world: World, params: Body, price: str) -> Body:
    """One price."""
    return world.get("price", price)


@route("GET", "/v1/prices")
def list_prices(world: World, params: Body) -> Body:
    """Prices, newest first."""
    where = {name: params.get(name) for name in ("active", "currency", "product", "type")}
    keys, interval = params.get("lookup_keys"), params.get("recurring", {}).get("interval")

    def wanted(price: Body) -> bool:
        return (keys is None or price["lookup_key"] in keys) and (interval is None or (price["recurring"] or {}).get("interval") == interval)

    return listed(world, "price", params, where, keep=wanted)


def amounts(params: Body) -> tuple[int | None, str]:
    """The whole amount, when it is whole, and the exact one, in the currency's smallest unit."""
    given: Any = params.get("unit_amount", params.get("unit_amount_decimal"))
    if given is None:
        raise invalid("Missing required param: unit_amount.", param="unit_amount", code="parameter_missing")
    exact = Decimal(given)
    if exact < 0:
        raise invalid("Invalid non-negative integer", param="unit_amount", code="parameter_invalid_integer")
    return (int(exact) if exact == int(exact) else None), f"{exact.normalize():f}"


def _product(params: Body) -> str:
    if "product" not in params:
        raise invalid("Missing required param: product.", param="product", code="parameter_missing")
    return params["product"]


def _free_key(world: World, params: Body, own: str = "") -> None:
    """A lookup key belongs to one active price; it moves only when that is asked for."""
    if not params.get("lookup_key"):
        return
    for other in world.all("price", {"lookup_key": params["lookup_key"], "active": True}):
        if other["id"] == own:
            continue
        if not params.get("transfer_lookup_key"):
            raise refused(f"A price (`{other['id']}`) already uses that lookup key.", param="lookup_key")
        world.emit("price.updated", other, world.change(other, lookup_key=None))


def _recurring(given: Body | None) -> Body | None:
    if not given:
        return None
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": given.get("meter"),
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": given.get("usage_type", "licensed"),
    }
