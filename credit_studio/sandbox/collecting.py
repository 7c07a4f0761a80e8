"""Taking the money of an invoice: its intent, the tries, and what follows for the subscription. When a try follows another stands in `dunning`."""

from credit_studio.sandbox import invoices, subscriptions
from credit_studio.sandbox.dunning import dunning, next_try
from credit_studio.sandbox.errors import ApiError, Body, declined, refused
from credit_studio.sandbox.intents import begun, tried, when_settled
from credit_studio.sandbox.lines import Item, for_period
from credit_studio.sandbox.payment_methods import resolved
from credit_studio.sandbox.periods import period_at
from credit_studio.sandbox.world import World

ABOUT = {"subscription_create": "Subscription creation", "subscription_update": "Subscription update", "subscription_cycle": "Subscription update"}


def opened(world: World, invoice: Body, *, try_now: bool, off_session: bool) -> None:
    """An invoice was finalized: with nothing due it is paid, otherwise it gets its intent, and the first try when that is wanted."""
    if invoice["amount_due"] == 0:
        _follow_paid(world, invoices.paid(world, invoice, attempted=False))
        return
    about = ABOUT.get(invoice["billing_reason"], "Invoice")
    intent = begun(world, amount=invoice["amount_due"], currency=invoice["currency"], customer=invoice["customer"], description=about, future="off_session")
    invoices.asks_payment(world, invoice, intent["id"])
    if try_now:
        attempt(world, invoice, off_session=off_session)


def finalized(world: World, invoice: Body) -> None:
    """A renewal's hour as a draft is over."""
    opened(world, invoices.finalize(world, invoice), try_now=True, off_session=True)


def tried_again(world: World, invoice: Body) -> None:
    """The next try that dunning foresaw."""
    attempt(world, invoice, off_session=True)


def attempt(world: World, invoice: Body, *, card: str | None = None, off_session: bool) -> None:
    """Try to take what an open invoice asks; what came of it is written on the invoice and on its subscription, never raised."""
    intent = _intent(world, invoice)
    method = card or _card_of(world, invoice)
    if method is None:
        _follow_unpaid(world, invoice, needs_action=False)
        return
    tried(world, intent, resolved(world, method)["id"], off_session=off_session, return_url=invoice["hosted_invoice_url"])


@when_settled
def _settled(world: World, intent: Body) -> None:
    """An intent came to an end or a stop, by a try or on the authentication page: the invoice that it pays follows."""
    invoice = invoices.of_intent(world, intent["id"])
    if invoice is None or invoice["status"] not in {"open", "uncollectible"}:
        return
    if intent["status"] == "succeeded":
        _follow_paid(world, invoices.paid(world, invoice))
    elif intent["status"] in {"requires_action", "requires_payment_method"}:
        _follow_unpaid(world, invoice, needs_action=intent["status"] == "requires_action")


def _follow_paid(world: World, invoice: Body) -> None:
    found = _subscription(world, invoice)
    if found is None or found["status"] not in {"incomplete", *subscriptions.LIVE}:
        return
    if found["pending_update"] and found["latest_invoice"] == invoice["id"]:
        _pending_update_applied(world, found)
    open_ones = [one for one in invoices.of_subscription(world, found["id"]) if one["status"] == "open" and one["attempted"]]
    if found["status"] == "incomplete" or not open_ones:
        subscriptions.changed(world, found, status="active", **_card_to_keep(world, found, invoice))
        _delinquent(world, found, late=False)


def _follow_unpaid(world: World, invoice: Body, *, needs_action: bool) -> None:
    found = _subscription(world, invoice)
    again_at = next_try(world, invoice)
    invoices.unpaid(world, invoice, again_at=again_at, needs_action=needs_action)
    if found is None or found["pending_update"] or found["status"] == "incomplete":
        return
    if found["status"] == "active":
        subscriptions.changed(world, found, status="past_due")
        _delinquent(world, found, late=True)
    if again_at is None and found["status"] == "past_due":
        _given_up(world, found)


def _given_up(world: World, subscription: Body) -> None:
    then = dunning(world).then
    if then == "cancel":
        subscriptions.ended(world, subscription, "payment_failed")
    else:
        subscriptions.changed(world, subscription, status=then)


def _pending_update_applied(world: World, subscription: Body) -> None:
    waits = subscription["pending_update"]
    items = subscriptions.with_items(subscription, waits["subscription_items"])
    before = world.change(subscription, items=items, billing_cycle_anchor=waits["billing_cycle_anchor"], pending_update=None)
    world.emit("customer.subscription.pending_update_applied", subscription)
    world.emit("customer.subscription.updated", subscription, before)


def pending_update_expired(world: World, subscription: Body) -> None:
    """Nobody paid for the change in time: it is not made, and its invoice is void."""
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        invoices.closed(world, invoice, "void")
    before = world.change(subscription, pending_update=None)
    world.emit("customer.subscription.pending_update_expired", subscription)
    world.emit("customer.subscription.updated", subscription, before)


def next_lines(world: World, subscription: Body) -> list[Body]:
    """The lines of the next renewal: what waits for it, then each item for the next period."""
    _, interval, count = subscriptions.rhythm(subscription["items"]["data"][0]["price"])
    start, end = period_at(subscription["billing_cycle_anchor"], interval, count, subscriptions.period_of(subscription)[1])
    ahead = [Item(one.id, one.subscription, one.price, one.name, one.quantity, start, end) for one in subscriptions.as_items(world, subscription)]
    return [*subscriptions.pending_lines(world, subscription), *(for_period(one) for one in ahead)]


def settled_outside(world: World, invoice: Body) -> Body:
    """Paid some other way, by somebody's word."""
    _follow_paid(world, invoices.paid(world, invoice, attempted=False))
    return world.get("invoice", invoice["id"])


def card_error(world: World, invoice: Body, asked: str = "invoice") -> ApiError:
    """Why the money was not taken, as the API says it to who `asked`: an invoice's or a subscription's call. What was written stays."""
    wrong = _intent(world, invoice)["last_payment_error"] if invoices.payments(world, invoice["id"]) else None
    if wrong is None and authentication_of(world, invoice):
        return declined(
            "This payment requires additional user action before it can be completed.", code=f"{asked}_payment_intent_requires_action", decline_code=None
        )
    if wrong is None:
        return refused("There is no `default_payment_method` set on this Customer or Invoice.", code="resource_missing")
    return declined(wrong["message"], code=wrong["code"], decline_code=wrong.get("decline_code"))


def nothing_kept(world: World, invoice: Body) -> ApiError:
    """The same for `error_if_incomplete`: everything is as it was before."""
    problem = card_error(world, invoice, "subscription")
    problem.keeps = False
    return problem


def trouble_of(world: World, invoice: Body) -> str:
    """Why an invoice is still open, in a sentence; empty when it is not."""
    return "" if invoice["status"] != "open" else card_error(world, invoice).error["message"]


def authentication_of(world: World, invoice: Body) -> str | None:
    """The page where the payer authenticates, when the payment waits for that."""
    if invoice["status"] != "open" or not invoices.payments(world, invoice["id"]):
        return None
    action = _intent(world, invoice)["next_action"]
    return action["redirect_to_url"]["url"] if action else None


def _intent(world: World, invoice: Body) -> Body:
    return world.get("payment_intent", invoices.payments(world, invoice["id"])[0]["payment"]["payment_intent"])


def _subscription(world: World, invoice: Body) -> Body | None:
    id_ = invoices.subscription_of(invoice)
    return world.find("subscription", id_) if id_ else None


def _card_of(world: World, invoice: Body) -> str | None:
    found = _subscription(world, invoice) or {}
    customer = world.get("customer", invoice["customer"])
    return invoice["default_payment_method"] or found.get("default_payment_method") or customer["invoice_settings"]["default_payment_method"]


def _card_to_keep(world: World, subscription: Body, invoice: Body) -> Body:
    """`save_default_payment_method=on_subscription`: the card that paid is the subscription's from now on."""
    if subscription["payment_settings"]["save_default_payment_method"] != "on_subscription" or not invoices.payments(world, invoice["id"]):
        return {}
    return {"default_payment_method": _intent(world, invoice)["payment_method"]}


def _delinquent(world: World, subscription: Body, *, late: bool) -> None:
    customer = world.get("customer", subscription["customer"])
    if before := world.change(customer, delinquent=late):
        world.emit("customer.updated", customer, before)
