"""The price that a request means: one there is, or one made of its `price_data`."""

from credit_studio.sandbox.errors import Body, invalid, refused
from credit_studio.sandbox.products import new_price, new_product
from credit_studio.sandbox.world import World


def whole_price(world: World, entry: Body, within: str, *, recurring: bool = True) -> Body:
    """The price of an item or a line, named or made on the spot; `within` is where the entry stood. Raises `ApiError` when it cannot be sold."""
    not_negative(entry, within)
    if "price_data" in entry:
        price = _made(world, entry["price_data"], f"{within}[price_data]")
    elif entry.get("price"):
        price = world.get("price", entry["price"], f"{within}[price]")
    else:
        raise invalid(f"Missing required param: {within}[price].", param=f"{within}[price]", code="parameter_missing")
    if "price_data" not in entry and not price["active"]:
        raise refused("The price specified is inactive. This field only accepts active prices.", param=f"{within}[price]")
    if recurring and price["recurring"] is None:
        raise refused("The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.", param=f"{within}[price]")
    if price["unit_amount"] is None:
        raise refused("The sandbox sells whole minor units only: give `unit_amount`.", param=f"{within}[price]", code="sandbox_unsupported")
    return price


def not_negative(entry: Body, within: str) -> None:
    """Raise `ApiError` for a quantity below zero: it would give money away."""
    if entry.get("quantity", 1) < 0:
        raise invalid("Invalid non-negative integer", param=f"{within}[quantity]", code="parameter_invalid_integer")


def _made(world: World, data: Body, within: str) -> Body:
    if ("product" in data) == ("product_data" in data):
        raise invalid("You must specify either `product` or `product_data` when creating a price.", param=f"{within}[product]", code="parameter_missing")
    product = world.get("product", data["product"], f"{within}[product]") if "product" in data else new_product(world, data["product_data"])
    return new_price(world, data, product["id"], active=False)
