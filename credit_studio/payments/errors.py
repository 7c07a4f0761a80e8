"""Refusals of payments. Each says what happened, whether money moved, and what to do now."""

from credit_studio.core.errors import Conflict, Facts, FieldError, InvalidInputs, InvalidRequest, NotFound, PaymentRequired, RateLimited, Unavailable
from credit_studio.payments import rules


class Declined(Exception):
    """Stripe says that a card was not charged; `code` is the one that says most, `intent_id` the payment that was tried."""

    def __init__(self, code: str, *, intent_id: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.intent_id = intent_id


class Unclear(Unavailable):
    """Stripe gave no answer: whether it did what was asked is not known, and the same key may ask again."""


class Refused(Unavailable):
    """Stripe did not take the request: nothing was charged."""


def no_answer() -> Unclear:
    """Stripe could not be reached, or had a fault."""
    said = "The payment service did not answer. If a payment went through, its credits arrive by themselves, once."
    return Unclear(said, action="Look at your purchases in a minute before you try again.")


def refused() -> Refused:
    """Stripe did not take what the studio sent it: a fault of ours or of the settings."""
    return Refused("The payment service did not take the request. Nothing was charged.", action="Try again later. If it stays, tell the operator.")


def nothing_for_sale() -> Unavailable:
    """No Stripe key, and no sandbox."""
    said = "This studio sells no credits: no payment service is set up. Nothing was charged."
    return Unavailable(said, reason="payments_off", action="Ask the operator to set up Stripe.")


def no_such_pack(pack_id: str) -> NotFound:
    """A pack that the catalogue does not have."""
    return NotFound(f"There is no pack {pack_id[:40]!r}. Nothing was charged.", action="See the packs at /account/credits.", helps=("purchase",))


def no_such_order() -> NotFound:
    """No such order, or somebody else's."""
    return NotFound("There is no such purchase.", action="See your purchases at /account/billing.")


def no_such_event() -> NotFound:
    """No event of that id is there to be replayed."""
    return NotFound("There is no such event.")


def asks_once_more() -> Conflict:
    """A purchase that is too large for one click."""
    said = "A purchase of this size asks once more. Nothing was charged."
    return Conflict(said, code="confirmation_needed", action="Buy it at the checkout.", helps=("purchase",))


def no_card() -> Conflict:
    """One click without a saved card."""
    return Conflict("No card is saved. Nothing was charged.", code="no_card", action="Buy once at the checkout: your card is saved there.", helps=("purchase",))


def card_in_trouble(said: str, action: str) -> Conflict:
    """Auto-recharge with a card that cannot be charged."""
    return Conflict(f"{said} Nothing was changed.", code="no_card", action=action, helps=("purchase",))


def consent_needed() -> InvalidInputs:
    """Auto-recharge that nobody has agreed to."""
    return InvalidInputs((FieldError("consent", "Must be true: agree to the sentence that says what will be bought."),), message="Nothing was changed.")


def card_declined(code: str) -> PaymentRequired:
    """The bank said no."""
    advice = rules.advice(code)
    return PaymentRequired(f"{advice.said} Nothing was charged.", code="card_declined", reason=code, action=advice.action, helps=("purchase",))


def too_many(wait_s: float) -> RateLimited:
    """More purchases in an hour than anybody makes, or more that failed: cards are being tried out."""
    said = "There were too many purchases in a short time. Nothing was charged."
    return RateLimited(said, action="Try again in an hour.", facts=Facts(retry_after_s=wait_s))


def not_paid() -> Conflict:
    """Nothing has been paid for an order that is to be refunded."""
    return Conflict("This purchase is not paid. Nothing was refunded.", code="not_paid", action="See how it stands at Stripe.")


def nothing_to_refund() -> Conflict:
    """All the money of an order has gone back, is disputed at the bank, or there was none."""
    said = "There is no money of this purchase left to send back: it has gone back, or its bank has it. Nothing was refunded."
    return Conflict(said, code="nothing_to_refund", action="Look at its refunds and disputes.")


def key_in_progress() -> Conflict:
    """The first request under an idempotency key waits for its answer."""
    said = "The first request under this Idempotency-Key is still running. Nothing more was charged."
    return Conflict(said, code="idempotency_in_progress", action="Ask again when it has ended.")


def key_mismatch() -> InvalidInputs:
    """An idempotency key came with another body."""
    error = FieldError("Idempotency-Key", "Was used with another request within the last 24 hours.")
    return InvalidInputs((error,), message="This Idempotency-Key belongs to another purchase. Nothing was charged.", code="idempotency_mismatch")


def not_an_event(reason: str) -> InvalidRequest:
    """What came through the door for Stripe's events is none of them."""
    return InvalidRequest("This is no event that Stripe has signed for this studio. Nothing was changed.", reason=reason)
