"""What is due for money as time passes, done in the order of its moments: renewals, drafts that open, further tries, sessions and subscriptions that end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from credit_studio.sandbox import checkouts, collecting, debits, invoices, subscriptions
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.world import World, as_time_passes

UPCOMING_S = 7 * 86_400
"""How long before a renewal `invoice.upcoming` tells of it."""

MOMENTS = (
    ("checkout.session", "open", "expires_at", 0, checkouts.expired),
    ("invoice", "draft", "automatically_finalizes_at", 1, collecting.finalized),
    ("invoice", "open", "next_payment_attempt", 2, collecting.tried_again),
)
"""Objects that say themselves when something is due: kind, status, the field with the moment, the rank among equal moments, what to do."""


@dataclass(frozen=True)
class Due:
    """One thing to do at a moment."""

    moment: int
    rank: int
    do: Callable[[World, Body], None]
    of: Body


@as_time_passes
def catch_up(world: World) -> None:
    """Do all that is due, the earliest first, each dated at its own moment. What it brings about may be due as well, for the same customer."""
    now = cache(world.now)
    waiting: dict[str | None, list[Due]] = {}
    for one in _open(world):
        if one.moment <= now(one.of["customer"]):
            waiting.setdefault(one.of["customer"], []).append(one)
    while waiting:
        first = min((one for some in waiting.values() for one in some), key=lambda one: (one.moment, one.rank))
        customer = first.of["customer"]
        with world.at(first.moment):
            first.do(world, first.of)
        waiting[customer] = [one for one in _open(world, customer) if one.of["customer"] == customer and one.moment <= now(customer)]
        if not waiting[customer]:
            del waiting[customer]


def _open(world: World, customer: str | None = None) -> Iterator[Due]:
    """What will be due some day: for one customer, or for everybody."""
    whose = {"customer": customer} if customer else {}
    for kind, status, field, rank, do in MOMENTS:
        yield from (Due(one[field], rank, do, one) for one in world.all(kind, {"status": status, **whose}) if one[field])
    for intent in world.all("payment_intent", {"status": "processing", **whose}):
        yield Due(debits.decided_at(world, intent), 2, debits.decided, intent)
    for status in ("incomplete", *subscriptions.LIVE):
        for subscription in world.all("subscription", {"status": status, **whose}):
            yield from _of_subscription(world, subscription)


def _of_subscription(world: World, subscription: Body) -> Iterator[Due]:
    if (world.find("customer", subscription["customer"]) or {}).get("deleted"):
        yield Due(world.now(), 0, _canceled, subscription)
        return
    if subscription["status"] == "incomplete":
        yield Due(subscription["created"] + subscriptions.GIVES_UP_AFTER_S, 3, subscriptions.never_begun, subscription)
        return
    end = subscriptions.period_of(subscription)[1]
    if subscription["pending_update"]:
        yield Due(subscription["pending_update"]["expires_at"], 4, collecting.pending_update_expired, subscription)
    if subscription["cancel_at"] is not None and subscription["cancel_at"] < end:
        yield Due(subscription["cancel_at"], 5, _canceled, subscription)
    elif subscription["cancel_at"] is None and world.hidden(subscription["id"]).get("told_of") != end:
        yield Due(max(end - UPCOMING_S, subscriptions.period_of(subscription)[0]), 6, _told_of, subscription)
    yield Due(end, 7, subscriptions.renewed, subscription)


def _canceled(world: World, subscription: Body) -> None:
    subscriptions.ended(world, subscription, "cancellation_requested")


def _told_of(world: World, subscription: Body) -> None:
    world.hide(subscription["id"], told_of=subscriptions.period_of(subscription)[1])
    customer = world.get("customer", subscription["customer"])
    start, end = subscriptions.period_of(subscription)
    lines = collecting.next_lines(world, subscription)
    ahead = invoices.assembled(world, customer, subscription, lines, reason="upcoming", period=(start, end), id_=world.new_id("upcoming_in"))
    world.emit("invoice.upcoming", ahead)
