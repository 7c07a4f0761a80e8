"""PaymentIntents: their life from the first try to the money, for the API's calls (`intent_routes`), Checkout, invoices and the authentication page.

requires_payment_method -> requires_confirmation -> requires_action (the bank's page) -> succeeded, or requires_capture first; a refused card leads back
to requires_payment_method. Nothing here raises for a card that is refused: what came of a try stands in `status` and `last_payment_error`.
"""

from collections.abc import Callable

from credit_studio.sandbox import cards, charges
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.fields import metadata as merged
from credit_studio.sandbox.payment_methods import attached, card_of, usable
from credit_studio.sandbox.world import World

LEAST = {"gbp": 30, "eur": 50, "usd": 50}
"""Stripe's smallest amounts, in the smallest unit; 50 for the others."""
MOST = 99_999_999
OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_NOTHING = (
    *("application", "application_fee_amount", "canceled_at", "cancellation_reason", "last_payment_error", "latest_charge", "next_action", "on_behalf_of"),
    *("processing", "review", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group"),
)
_settled: list[Callable[[World, Body], None]] = []
_AUTHENTICATION = ("authentication_required", "authentication_required")


def when_settled(do: Callable[[World, Body], None]) -> Callable[[World, Body], None]:
    """Register `fn(world, intent)`: called when a try succeeded, was refused, or stopped for authentication, and when an intent was cancelled."""
    _settled.append(do)
    return do


def begun(
    world: World,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    description: str | None = None,
    metadata: Body | None = None,
    future: str | None = None,
    receipt_email: str | None = None,
    fields: Body | None = None,
) -> Body:
    """A new intent over `amount` in the currency's smallest unit; `future` is its `setup_future_usage`, `fields` are put over the rest."""
    check_amount(amount, currency)
    id_ = world.new_id("pi")
    made = dict.fromkeys(_NOTHING) | {
        "id": id_,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "capture_method": "automatic_async",
        "client_secret": f"{id_}_secret_{world.secret(25)}",
        "confirmation_method": "automatic",
        "created": world.now(customer),
        "currency": currency,
        "customer": customer,
        "description": description,
        "livemode": False,
        "metadata": merged(metadata),
        "payment_method": None,
        "payment_method_options": {"card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "receipt_email": receipt_email,
        "setup_future_usage": future,
        "status": "requires_payment_method",
    }
    world.add(made | (fields or {}))
    made |= fields or {}
    world.emit("payment_intent.created", made)
    return made


def check_amount(amount: int, currency: str) -> None:
    """Raise `ApiError` for an amount that no card is charged."""
    if amount < LEAST.get(currency, 50):
        words = f"Amount must be at least {LEAST.get(currency, 50) / 100:.2f} {currency}."
        raise refused(words, param="amount", code="amount_too_small")
    if amount > MOST:
        raise refused(f"Amount must be no more than {MOST / 100:,.2f} {currency}.", param="amount", code="amount_too_large")


def tried(world: World, intent: Body, method: str, *, off_session: bool, return_url: str | None = None, may_wait: bool = True) -> Body:
    """Try that card. With `may_wait` false a card that asks for authentication counts as refused, as Stripe does for off-session payments."""
    found = usable(world, world.get("payment_method", method, "payment_method"), intent["customer"])
    world.hide(intent["id"], return_url=return_url, off_session=off_session)
    card, kept = card_of(world, found), bool(world.hidden(method).get("set_up"))
    world.change(intent, payment_method=method, last_payment_error=None, next_action=None)
    if not card.asks_to_authenticate(off_session=off_session, set_up=kept):
        return _charge(world, intent, found, authenticated=False, decline=card.decline)
    if not may_wait:
        return _charge(world, intent, found, authenticated=False, decline=_AUTHENTICATION)
    world.change(intent, status="requires_action", next_action=_page_of(world, intent, return_url))
    world.emit("payment_intent.requires_action", intent)
    return _told(world, intent)


def authenticated(world: World, intent: Body) -> Body:
    """The payer passed the bank's page: the card is charged."""
    method = world.get("payment_method", intent["payment_method"])
    return _charge(world, intent, method, authenticated=True, decline=card_of(world, method).decline)


def not_authenticated(world: World, intent: Body) -> Body:
    """The payer did not pass the bank's page."""
    method = world.get("payment_method", intent["payment_method"])
    return _refuse(world, intent, method, ("payment_intent_authentication_failure", None), charge=None)


def canceled(world: World, intent: Body, reason: str | None = None) -> Body:
    """An intent given up; money that was only reserved is free again."""
    if intent["latest_charge"] and intent["status"] == "requires_capture":
        charges.released(world, world.get("charge", intent["latest_charge"]))
    world.change(intent, status="canceled", canceled_at=world.now(intent["customer"]), cancellation_reason=reason, next_action=None, amount_capturable=0)
    world.emit("payment_intent.canceled", intent)
    return _told(world, intent)


def captured(world: World, intent: Body, amount: int) -> Body:
    """Take the money that was reserved, or a part of it."""
    charges.captured(world, world.get("charge", intent["latest_charge"]), amount)
    world.change(intent, status="succeeded", amount_received=amount, amount_capturable=0)
    world.emit("payment_intent.succeeded", intent)
    return _told(world, intent)


def decided(world: World, intent: Body, method: Body, charge: Body, decline: tuple[str, str | None] | None) -> Body:
    """What was processing is charged, or refused."""
    if decline:
        return _refuse(world, intent, method, decline, charge=charge["id"])
    world.change(intent, status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"])
    world.emit("payment_intent.succeeded", intent)
    return _told(world, intent)


def _charge(world: World, intent: Body, method: Body, *, authenticated: bool, decline: tuple[str, str | None] | None) -> Body:
    charge = charges.charged(world, intent, method, card_of(world, method), authenticated=authenticated, decline=decline)
    if decline:
        return _refuse(world, intent, method, decline, charge=charge["id"])
    _keep(world, intent, method, authenticated=authenticated)
    manual = intent["capture_method"] == "manual"
    reached: Body = {"status": "requires_capture", "amount_capturable": intent["amount"]}
    if not manual:
        reached = {"status": "succeeded", "amount_received": intent["amount"]}
    world.change(intent, **reached, latest_charge=charge["id"], next_action=None)
    world.emit("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", intent)
    return _told(world, intent)


def _keep(world: World, intent: Body, method: Body, *, authenticated: bool) -> None:
    """Keep the card when that was wished; one that is not kept is used up."""
    if intent["setup_future_usage"] and intent["customer"]:
        attached(world, method, intent["customer"])
        if authenticated or intent["setup_future_usage"] == "off_session":
            world.hide(method["id"], set_up=True)
    elif method["customer"] is None:
        world.hide(method["id"], spent=True)


def _refuse(world: World, intent: Body, method: Body, decline: tuple[str, str | None], *, charge: str | None) -> Body:
    code, decline_code = decline
    error = {"type": "card_error", "code": code, "message": cards.sentence(code, decline_code), "payment_method": method}
    error |= {name: value for name, value in (("decline_code", decline_code), ("charge", charge)) if value}
    latest = {"latest_charge": charge} if charge else {}
    world.change(intent, status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error, **latest)
    world.emit("payment_intent.payment_failed", intent)
    return _told(world, intent)


def _page_of(world: World, intent: Body, return_url: str | None) -> Body:
    url = world.page_url(return_url, f"/sandbox/authenticate/{intent['id']}")
    if return_url is None and (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "never":
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}


def _told(world: World, intent: Body) -> Body:
    for do in _settled:
        do(world, intent)
    return intent
