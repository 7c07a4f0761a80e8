"""The life of a subscription: incomplete, active, past due, canceled; its items and their periods. What a change costs stands in `changes`."""

from credit_studio.sandbox import invoices, shapes
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.lines import Item, for_period
from credit_studio.sandbox.periods import period_at
from credit_studio.sandbox.world import World

GIVES_UP_AFTER_S = 23 * 3600
"""How long a first payment may wait before the subscription is void."""
LIVE = ("active", "past_due", "unpaid")


def begun(world: World, customer: Body, entries: list[Body], *, metadata: Body, card: str | None, description: str | None = None) -> Body:
    """A new subscription, incomplete until its first invoice is paid; `entries` hold a whole `price` and a `quantity`. The invoice is its latest."""
    now = world.now(customer["id"])
    id_ = world.new_id("sub")
    anchor, price = now, one_rhythm(entries)
    period = period_at(anchor, price["recurring"]["interval"], price["recurring"]["interval_count"], now)
    items = [new_item(world, id_, entry, period, now) for entry in entries]
    subscription = world.add(_blank(customer, id_, now) | {"items": _list(id_, items), "currency": price["currency"], "metadata": metadata})
    world.change(subscription, default_payment_method=card, description=description)
    world.emit("customer.subscription.created", subscription)
    lines = [for_period(one) for one in as_items(world, subscription)]
    invoice = invoices.finalize(world, invoices.draft(world, subscription, lines, reason="subscription_create", period=(now, now)))
    changed(world, subscription, latest_invoice=invoice["id"])
    return subscription


def _blank(customer: Body, id_: str, now: int) -> Body:
    return shapes.nulls("subscription") | {
        "id": id_,
        "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}, "updated_at": now},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "customer": customer["id"],
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": {"type": "self"}},
        "livemode": False,
        "payment_settings": {"payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off"},
        "start_date": now,
        "status": "incomplete",
        "test_clock": customer["test_clock"],
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "create_invoice"}},
    }


def one_rhythm(entries: list[Body]) -> Body:
    """The price that sets the rhythm; raises `ApiError` when a price does not recur, or another one recurs in another rhythm or currency."""
    if not entries:
        raise refused("A subscription needs at least one item.", param="items", code="parameter_missing")
    for number, entry in enumerate(entries):
        if entry["price"]["recurring"] is None:
            raise refused(
                "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.", param=f"items[{number}][price]"
            )
    first = entries[0]["price"]
    if any(rhythm(entry["price"]) != rhythm(first) for entry in entries):
        raise refused(
            "All prices on a subscription must have the same `recurring.interval`, `recurring.interval_count` and currency in the sandbox.", param="items"
        )
    return first


def rhythm(price: Body) -> tuple[str, str, int]:
    """(currency, interval, count) of a price that recurs."""
    return price["currency"], price["recurring"]["interval"], price["recurring"]["interval_count"]


def new_item(world: World, subscription: str, entry: Body, period: tuple[int, int], now: int) -> Body:
    """An item as the subscription holds it."""
    price = entry["price"]
    return shapes.nulls("subscription_item") | {
        "id": entry.get("id") or world.new_id("si", 14),
        "object": "subscription_item",
        "created": now,
        "current_period_start": period[0],
        "current_period_end": period[1],
        "discounts": [],
        "metadata": entry.get("metadata") or {},
        "plan": _plan(price),
        "price": price,
        "quantity": entry.get("quantity", 1),
        "subscription": subscription,
        "tax_rates": [],
    }


def with_items(subscription: Body, items: list[Body]) -> Body:
    """The list of items that takes the place of the one before."""
    return _list(subscription["id"], items)


def _list(id_: str, items: list[Body]) -> Body:
    return {"object": "list", "data": items, "has_more": False, "total_count": len(items), "url": f"/v1/subscription_items?subscription={id_}"}


def _plan(price: Body) -> Body:
    """The price under its old name, which items still carry."""
    same = {
        name: price[name] for name in ("active", "billing_scheme", "created", "currency", "id", "livemode", "metadata", "nickname", "product", "tiers_mode")
    }
    recurring = {name: price["recurring"][name] for name in ("interval", "interval_count", "usage_type")}
    amount = {"amount": price["unit_amount"], "amount_decimal": str(price["unit_amount"])}
    return shapes.nulls("plan") | same | recurring | amount | {"object": "plan"}


def as_items(world: World, subscription: Body) -> list[Item]:
    """The items as the lines of invoices see them."""
    return [as_item(world, one) for one in subscription["items"]["data"]]


def as_item(world: World, item: Body) -> Item:
    """One item with its product's name and its period."""
    name = world.get("product", item["price"]["product"])["name"]
    return Item(item["id"], item["subscription"], item["price"], name, item["quantity"], item["current_period_start"], item["current_period_end"])


def period_of(subscription: Body) -> tuple[int, int]:
    """The current period: that of its items, which share one."""
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def changed(world: World, subscription: Body, **fields: object) -> None:
    """Write a change and tell of it."""
    before = world.change(subscription, **fields)
    if before:
        world.emit("customer.subscription.updated", subscription, before)


def renewed(world: World, subscription: Body) -> None:
    """Its period is over: the next begins, with a draft of its invoice; or it ends, when that was asked for."""
    before = period_of(subscription)
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= before[1]:
        ended(world, subscription, "cancellation_requested")
        return
    _, interval, count = rhythm(subscription["items"]["data"][0]["price"])
    start, end = period_at(subscription["billing_cycle_anchor"], interval, count, before[1])
    items = [item | {"current_period_start": start, "current_period_end": end} for item in subscription["items"]["data"]]
    previous = world.change(subscription, items=with_items(subscription, items))
    lines = [*pending_lines(world, subscription), *(for_period(one) for one in as_items(world, subscription))]
    invoice = invoices.draft(world, subscription, lines, reason="subscription_cycle", period=before, waits=subscription["status"] != "unpaid")
    taken_up(world, subscription, invoice["id"])
    previous |= world.change(subscription, latest_invoice=invoice["id"])
    world.emit("customer.subscription.updated", subscription, previous)


def ended(world: World, subscription: Body, reason: str) -> None:
    """The subscription is over, now. `reason`: cancellation_requested or payment_failed."""
    now = world.now(subscription["customer"])
    details = subscription["cancellation_details"] | {"reason": subscription["cancellation_details"]["reason"] or reason}
    world.change(subscription, status="canceled", canceled_at=subscription["canceled_at"] or now, ended_at=now, cancellation_details=details)
    invoices.stopped(world, subscription)
    world.emit("customer.subscription.deleted", subscription)


def never_begun(world: World, subscription: Body) -> None:
    """Nobody paid the first invoice in time."""
    for invoice in invoices.of_subscription(world, subscription["id"]):
        if invoice["status"] == "open":
            invoices.closed(world, invoice, "void")
    changed(world, subscription, status="incomplete_expired", ended_at=world.now(subscription["customer"]))


def waits_for_next(world: World, subscription: Body, lines: list[Body]) -> None:
    """Keep the lines of a change for the next invoice."""
    for line in lines:
        item = world.add(_pending(world, subscription, line), line=line)
        world.emit("invoiceitem.created", item)


def pending(world: World, subscription: Body) -> list[Body]:
    """What waits for the next invoice, oldest first."""
    found = world.all("invoiceitem", {"parent.subscription_details.subscription": subscription["id"]})
    return [item for item in reversed(found) if item["invoice"] is None]


def pending_lines(world: World, subscription: Body) -> list[Body]:
    """The same as lines that are on no invoice yet."""
    lines = []
    for item in pending(world, subscription):
        line = world.hidden(item["id"])["line"] | {"id": None}
        line["parent"]["subscription_item_details"]["invoice_item"] = item["id"]
        lines.append(line)
    return lines


def taken_up(world: World, subscription: Body, invoice: str) -> None:
    """What waited stands on that invoice now."""
    for item in pending(world, subscription):
        world.change(item, invoice=invoice)


def _pending(world: World, subscription: Body, line: Body) -> Body:
    of = {"subscription": subscription["id"], "subscription_item": line["parent"]["subscription_item_details"]["subscription_item"]}
    kept = {
        name: line[name] for name in ("amount", "currency", "description", "discountable", "discounts", "livemode", "metadata", "period", "pricing", "quantity")
    }
    own = {
        "id": world.new_id("ii"),
        "object": "invoiceitem",
        "customer": subscription["customer"],
        "date": world.now(subscription["customer"]),
        "proration": True,
    }
    parent = {"type": "subscription_details", "subscription_details": of}
    return shapes.nulls("invoiceitem") | kept | own | {"parent": parent, "quantity_decimal": line["quantity_decimal"], "tax_rates": []}
