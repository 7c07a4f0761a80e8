"""Debits of bank accounts: a payment that is `processing` for three days and only then succeeds or fails."""

from credit_studio.sandbox import charges, intents
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.world import World

TAKES_S = 3 * 86_400
ACCOUNT = {"fingerprint": "sandbox2345", "last4": "2345", "sort_code": "108800"}
"""Stripe's own test account."""
NOT_ALLOWED = ("debit_not_authorized", None)
_LIKE_CARD = "4242"
"""Refunds of a debit go as those of this card."""


def begun(world: World, intent: Body, *, comes_back: bool) -> Body:
    """Debit the account for the intent; the bank account as a payment method."""
    method = world.add(
        {
            "id": world.new_id("pm"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "bacs_debit": ACCOUNT,
            "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
            "created": world.now(intent["customer"]),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "bacs_debit",
        },
        last4=_LIKE_CARD,
        spent=True,
    )
    world.change(intent, status="processing", payment_method=method["id"], payment_method_types=["card", "bacs_debit"], last_payment_error=None)
    world.hide(intent["id"], decided_at=world.now(intent["customer"]) + TAKES_S, comes_back=comes_back)
    world.emit("payment_intent.processing", intent)
    return method


def decided_at(world: World, intent: Body) -> int:
    """When the bank will have answered."""
    return world.hidden(intent["id"])["decided_at"]


def decided(world: World, intent: Body) -> None:
    """The bank has answered."""
    method = world.get("payment_method", intent["payment_method"])
    decline = NOT_ALLOWED if world.hidden(intent["id"])["comes_back"] else None
    shown = {"type": "bacs_debit", "bacs_debit": ACCOUNT | {"expected_debit_date": None, "mandate": None}}
    intents.decided(world, intent, method, charges.charged_to(world, intent, method, shown, decline=decline), decline)
