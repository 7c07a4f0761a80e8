"""`invoices.create_preview`: the invoice that a change, or the next renewal, would make. Nothing is charged and no invoice is kept."""

from dataclasses import dataclass

from credit_studio.sandbox import collecting, invoices, subscriptions
from credit_studio.sandbox.changes import ENTRY, Change, planned
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.lines import for_period
from credit_studio.sandbox.periods import period_at
from credit_studio.sandbox.prices import whole_price
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

KNOWN = ("customer", "subscription", "subscription_details", "currency", "preview_mode")
DETAILS = ("items", "proration_behavior", "proration_date", "billing_cycle_anchor", "metadata", "cancel_at_period_end")


@dataclass(frozen=True)
class _Ahead:
    """What a preview is made of."""

    subscription: Body
    lines: list[Body]
    reason: str
    period: tuple[int, int]


@route("POST", "/v1/invoices/create_preview")
def create_preview(world: World, params: Body) -> Body:
    """With `always_invoice`, or when the period begins anew, the invoice of the change alone; otherwise the next renewal with it."""
    only(params, KNOWN)
    asked = params.get("subscription_details", {})
    only(asked, DETAILS, "subscription_details")
    if params.get("preview_mode", "next") != "next":
        raise refused("The sandbox previews the next invoice only.", param="preview_mode", code="sandbox_unsupported")
    ahead = _of_change(world, params, asked) if "subscription" in params else _of_new(world, params, asked)
    customer = world.get("customer", ahead.subscription["customer"])
    made = invoices.assembled(world, customer, ahead.subscription, ahead.lines, reason=ahead.reason, period=ahead.period, id_=world.new_id("upcoming_in"))
    if "proration_date" in asked and made["parent"]:
        made["parent"]["subscription_details"]["subscription_proration_date"] = asked["proration_date"]
    return made


def _of_change(world: World, params: Body, asked: Body) -> _Ahead:
    found = world.get("subscription", params["subscription"], "subscription")
    if params.get("customer", found["customer"]) != found["customer"]:
        raise refused("The subscription belongs to another customer.", param="customer")
    if found["status"] in {"canceled", "incomplete_expired"}:
        raise refused("The subscription is canceled: it has no upcoming invoice.", param="subscription", code="invoice_upcoming_none")
    now = world.now(found["customer"])
    change = planned(world, found, asked)
    if change.at_once and change.lines:
        return _Ahead(found, [*subscriptions.pending_lines(world, found), *change.lines], "subscription_update", (now, now))
    return _renewal(world, found, asked, change)


def _renewal(world: World, found: Body, asked: Body, change: Change) -> _Ahead:
    if asked.get("cancel_at_period_end", found["cancel_at_period_end"]):
        raise refused("No upcoming invoices for customer: the subscription ends with its period.", param="subscription", code="invoice_upcoming_none")
    after = found | {"items": subscriptions.with_items(found, change.items)}
    lines = collecting.next_lines(world, after)
    waiting = len(subscriptions.pending(world, found))
    return _Ahead(found, [*lines[:waiting], *change.lines, *lines[waiting:]], "upcoming", subscriptions.period_of(found))


def _of_new(world: World, params: Body, asked: Body) -> _Ahead:
    """The first invoice of a subscription that is not there yet."""
    customer = world.get("customer", params.get("customer", ""), "customer")
    now = world.now(customer["id"])
    entries = []
    for number, entry in enumerate(asked.get("items", [])):
        only(entry, ENTRY, f"subscription_details[items][{number}]")
        entries.append(entry | {"price": whole_price(world, entry, f"subscription_details[items][{number}]")})
    currency, interval, count = subscriptions.rhythm(subscriptions.one_rhythm(entries))
    period = period_at(now, interval, count, now)
    items = [subscriptions.new_item(world, "", entry, period, now) for entry in entries]
    nobody = {"id": None, "customer": customer["id"], "currency": currency, "metadata": asked.get("metadata") or {}}
    return _Ahead(nobody, [for_period(subscriptions.as_item(world, item)) for item in items], "upcoming", (now, now))
