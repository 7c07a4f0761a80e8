"""Charges: one try of a payment each, succeeded or failed."""

from typing import Any

from credit_studio.sandbox import balance, cards
from credit_studio.sandbox.cards import Card
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.fields import metadata
from credit_studio.sandbox.listing import listed, of
from credit_studio.sandbox.routes import included, route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World


def charged(world: World, intent: Body, method: Body, card: Card, *, authenticated: bool, decline: tuple[str, str | None] | None) -> Body:
    """A charge of the intent's amount to that card, with its event; failed when there is a `decline`."""
    shown = {"type": "card", "card": _details(card, method, intent["amount"], authenticated=authenticated)}
    return charged_to(world, intent, method, shown, decline=decline)


def charged_to(world: World, intent: Body, method: Body, shown: Body, *, decline: tuple[str, str | None] | None) -> Body:
    """The same for any kind of method; `shown` is what the charge tells of it."""
    manual = intent["capture_method"] == "manual"
    took = decline is None and not manual
    made = _new(world, intent, method) | {
        "amount_captured": intent["amount"] if took else 0,
        "captured": took,
        "failure_code": decline[0] if decline else None,
        "failure_message": cards.sentence(*decline) if decline else None,
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_method_details": shown,
        "receipt_url": None if decline else world.page_url(world.hidden(intent["id"]).get("return_url"), f"/sandbox/receipts/{intent['id']}"),
        "status": "failed" if decline else "succeeded",
    }
    world.add(made)
    if took:
        _book(world, made, intent["amount"])
    world.emit("charge.failed" if decline else "charge.succeeded", made)
    return made


def captured(world: World, charge: Body, amount: int) -> Body:
    """Take what was only reserved; the rest goes back."""
    before = world.change(charge, amount_captured=amount, captured=True, amount_refunded=charge["amount"] - amount)
    _book(world, charge, amount)
    world.emit("charge.captured", charge, before)
    return charge


def released(world: World, charge: Body) -> None:
    """Give back what was only reserved."""
    before = world.change(charge, amount_refunded=charge["amount"], refunded=True)
    world.emit("charge.refunded", charge, before)


def _book(world: World, charge: Body, amount: int) -> None:
    fee = balance.card_fee(amount)
    line = balance.booked(world, amount, charge["currency"], source=charge["id"], kind="charge", category="charge", fee=fee)
    world.change(charge, balance_transaction=line["id"])


def _new(world: World, intent: Body, method: Body) -> Body:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            *("application", "application_fee", "application_fee_amount", "balance_transaction", "failure_balance_transaction", "on_behalf_of"),
            *("receipt_number", "review", "shipping", "source_transfer", "transfer_data", "transfer_group", "statement_descriptor"),
        )
    )
    return nothing | {
        "id": world.new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "CREDIT STUDIO",
        "created": world.now(intent["customer"]),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor_suffix": None,
    }


def _outcome(decline: tuple[str, str | None] | None) -> Body:
    return {
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": (decline[1] or decline[0]) if decline else None,
        "risk_level": "normal",
        "seller_message": "The bank did not return any further details with this decline." if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def _details(card: Card, method: Body, amount: int, *, authenticated: bool) -> Body:
    shown = method["card"]
    proof = {"authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": None, "result": "authenticated"}
    return {
        "amount_authorized": amount,
        "brand": card.brand,
        "checks": shown["checks"],
        "country": shown["country"],
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "fingerprint": shown["fingerprint"],
        "funding": card.funding,
        "last4": card.last4,
        "network": card.brand,
        "three_d_secure": (proof | {"result_reason": None, "transaction_id": None, "version": "2.2.0"}) if authenticated else None,
        "wallet": None,
    }


@included("charge", "refunds")
def refunds_of(world: World, charge: Body) -> Body:
    """The refunds of a charge, newest first."""
    return of(world.all("refund", {"charge": charge["id"]}), {}, f"/v1/charges/{charge['id']}/refunds")


@route("GET", "/v1/charges/{charge}")
def retrieve(world: World, params: Body, charge: str) -> Body:
    """One charge."""
    return world.get("charge", charge)


@route("POST", "/v1/charges/{charge}")
def update(world: World, params: Body, charge: str) -> Body:
    """A charge's own notes changed."""
    only(params, ("description", "metadata", "receipt_email"))
    found = world.get("charge", charge)
    fields = {name: params[name] for name in ("description", "receipt_email") if name in params}
    if before := world.change(found, **fields, metadata=metadata(params.get("metadata"), found["metadata"])):
        world.emit("charge.updated", found, before)
    return found


@route("GET", "/v1/charges")
def list_(world: World, params: Body) -> Body:
    """Charges, newest first."""
    return listed(world, "charge", params, {name: params.get(name) for name in ("customer", "payment_intent")})
