"""What a change of a subscription does: its items after it, and the lines that it costs. The same for the change itself and for its preview."""

from dataclasses import dataclass

from credit_studio.sandbox import subscriptions
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.lines import Item, changes, for_period, given_back
from credit_studio.sandbox.periods import period_at
from credit_studio.sandbox.prices import not_negative, whole_price
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

ENTRY = ("id", "price", "price_data", "quantity", "deleted", "metadata")


@dataclass(frozen=True)
class Change:
    """`at_once`: the lines are invoiced now; otherwise they wait for the next invoice. `anchor` is set when the period begins anew."""

    items: list[Body]
    lines: list[Body]
    anchor: int
    at_once: bool


def planned(world: World, subscription: Body, params: Body) -> Change:
    """The change that those parameters ask for; raises `ApiError` when it cannot be. Nothing is written."""
    now = world.now(subscription["customer"])
    entries = _merged(world, subscription, params.get("items", []))
    price = subscriptions.one_rhythm(entries)
    old = subscription["items"]["data"][0]["price"]
    if price["currency"] != old["currency"]:
        raise refused(f"The price specified only supports `{price['currency']}`. This doesn't match the expected currency: `{old['currency']}`.", param="items")
    behavior = params.get("proration_behavior", "create_prorations")
    if subscriptions.rhythm(price) != subscriptions.rhythm(old) or (params.get("billing_cycle_anchor") or {}).get("type") == "now":
        return _anew(world, subscription, entries, now, credit=behavior != "none")
    moment = _moment(subscription, params.get("proration_date"), now)
    items = [subscriptions.new_item(world, subscription["id"], entry, subscriptions.period_of(subscription), now) for entry in entries]
    lines = [] if behavior == "none" else changes(subscriptions.as_items(world, subscription), _seen(world, items), moment)
    return Change(_kept(subscription, items), lines, subscription["billing_cycle_anchor"], behavior == "always_invoice")


def _anew(world: World, subscription: Body, entries: list[Body], now: int, *, credit: bool) -> Change:
    """The period begins now: the old one's rest is given back, the new one is paid in full."""
    _, interval, count = subscriptions.rhythm(entries[0]["price"])
    items = [subscriptions.new_item(world, subscription["id"], entry, period_at(now, interval, count, now), now) for entry in entries]
    back = [given_back(one, now) for one in subscriptions.as_items(world, subscription)] if credit else []
    return Change(_kept(subscription, items), back + [for_period(one) for one in _seen(world, items)], now, at_once=True)


def _seen(world: World, items: list[Body]) -> list[Item]:
    return [subscriptions.as_item(world, item) for item in items]


def _kept(subscription: Body, items: list[Body]) -> list[Body]:
    """Items that were there keep the day they were made."""
    made = {item["id"]: item["created"] for item in subscription["items"]["data"]}
    return [item | {"created": made.get(item["id"], item["created"])} for item in items]


def _merged(world: World, subscription: Body, entries: list[Body]) -> list[Body]:
    """The items there are with the change's laid over them: an entry without an id is one more item, as at Stripe."""
    items = {item["id"]: item for item in subscription["items"]["data"]}
    for number, entry in enumerate(entries):
        only(entry, ENTRY, f"items[{number}]")
        id_ = entry.get("id")
        if id_ and id_ not in items:
            raise refused(f"No such subscription item: '{id_}'", param=f"items[{number}][id]", code="resource_missing")
        if entry.get("deleted"):
            items.pop(id_, None)
            continue
        _not_twice(items, entry, number)
        items[id_ or f"new {number}"] = _laid_over(world, items.get(id_, {}), entry, number)
    return list(items.values())


def _laid_over(world: World, item: Body, entry: Body, number: int) -> Body:
    not_negative(entry, f"items[{number}]")
    price = whole_price(world, entry, f"items[{number}]") if {"price", "price_data"} & entry.keys() or not item else item["price"]
    metadata = (item.get("metadata") or {}) | (entry.get("metadata") or {})
    return {"id": item.get("id"), "price": price, "quantity": entry.get("quantity", item.get("quantity", 1)), "metadata": metadata}


def _not_twice(items: dict[str, Body], entry: Body, number: int) -> None:
    if not entry.get("id") and any(item["price"]["id"] == entry.get("price") for item in items.values()):
        raise refused(f"Cannot add multiple subscription items with the same plan: {entry['price']}", param=f"items[{number}][price]")


def _moment(subscription: Body, asked: int | None, now: int) -> int:
    start, end = subscriptions.period_of(subscription)
    if asked is not None and not start <= asked <= end:
        raise refused("Cannot specify `proration_date` outside of the current billing period.", param="proration_date")
    return min(end, max(start, now if asked is None else asked))
