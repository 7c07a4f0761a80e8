"""What payments decide without asking anybody: pure."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

CONFIRM_FROM = 5_000
"""Minor units from which a purchase asks once more, and one click is not enough."""

KEY_LASTS = timedelta(hours=24)
"""How long an idempotency key is kept, here and at Stripe."""

ANSWER_WITHIN = timedelta(seconds=90)
"""The longest that a call to Stripe with its retries takes: after that, whoever asks again under the same key takes the order up again."""

SIGNED_WITHIN_S = 300
"""Seconds that an event's signature may lie in the past, or in the future."""

GRACE = timedelta(seconds=20)
"""How long an event waits for its job before it is looked for."""

_TRIES = tuple(timedelta(seconds=wait) for wait in (5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600))
"""The waits between the tries of one event: half a day in all."""

PAYLOAD_LASTS = timedelta(days=30)
"""How long the payload of an event that was worked through is kept."""


def next_try(now: datetime, *, attempts: int) -> datetime | None:
    """When an event that has failed so many times is tried again; None when it is given up."""
    return now + _TRIES[attempts - 1] if attempts <= len(_TRIES) else None


def is_in_progress(created_at: datetime, now: datetime) -> bool:
    """True while the first request under a key may still be waiting for Stripe's answer."""
    return now - created_at < ANSWER_WITHIN


def grant_reference(order_id: object) -> str:
    """What names an order's grant in the book, however the order came to be paid."""
    return f"order:{order_id}"


def receipt_name(number: int) -> str:
    """A receipt's number as it is printed."""
    return f"R-{number:06d}"


def receipt_number(name: str) -> int | None:
    """The number of a receipt as it is printed, or typed in short ("R-000042", "r42", "42"); None for what is none."""
    digits = name.strip().upper().removeprefix("R").removeprefix("-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None  # noqa: PLR2004 - far above any shop's receipts


def saving(per_credit: float, dearest: float) -> int:
    """What a pack saves against the dearest price of a credit, in whole percent."""
    return round((1 - per_credit / dearest) * 100)


class Advice(NamedTuple):
    """Why a payment did not go through, and what to do now. `trouble`: the saved card cannot be charged until its owner has seen to it."""

    said: str
    action: str
    trouble: bool = False


_OTHER_CARD = "Use another card."
_ASK_BANK = "Ask your bank, or use another card."
DECLINES: dict[str, Advice] = {
    "insufficient_funds": Advice("The card has not enough money on it.", "Use another card, or try again later."),
    "expired_card": Advice("The card has expired.", "Save another card.", trouble=True),
    "lost_card": Advice("The bank does not take this card any more.", "Save another card.", trouble=True),
    "stolen_card": Advice("The bank does not take this card any more.", "Save another card.", trouble=True),
    "pickup_card": Advice("The bank does not take this card any more.", "Save another card.", trouble=True),
    "incorrect_cvc": Advice("The security code is not right.", "Check the code and try again."),
    "incorrect_number": Advice("The card number is not right.", "Check the number and try again.", trouble=True),
    "invalid_account": Advice("The card's account does not exist any more.", "Save another card.", trouble=True),
    "card_not_supported": Advice("The card does not take this kind of purchase.", _OTHER_CARD, trouble=True),
    "currency_not_supported": Advice("The card does not take this currency.", _OTHER_CARD, trouble=True),
    "card_velocity_exceeded": Advice("The card has reached a limit of its own.", _ASK_BANK),
    "withdrawal_count_limit_exceeded": Advice("The card has reached a limit of its own.", _ASK_BANK),
    "do_not_honor": Advice("The bank declined without a reason.", _ASK_BANK),
    "generic_decline": Advice("The bank declined without a reason.", _ASK_BANK),
    "fraudulent": Advice("The bank declined without a reason.", _ASK_BANK),
    "processing_error": Advice("The bank had a fault while it looked at the payment.", "Try again in a minute."),
    "issuer_not_available": Advice("The bank could not be reached.", "Try again in a minute."),
    "try_again_later": Advice("The bank could not be reached.", "Try again in a minute."),
    "authentication_required": Advice("The bank asks you to confirm the payment.", "Buy it yourself once, and confirm it."),
    "authentication_failed": Advice("The bank's confirmation was not given.", "Try again and confirm it with your bank, or use another card."),
    "checkout_expired": Advice("The checkout was not finished in time.", "Start again."),
    "refused": Advice("The payment service did not take the request.", "Try again later."),
    "not_made": Advice("The payment was never made: the request for it got lost.", "Start again."),
    "payment_canceled": Advice("The payment was cancelled.", "Start again."),
}
"""By Stripe's decline code, and by our own codes for what is no decline."""

_UNKNOWN = Advice("The card was declined.", _ASK_BANK)
_SAME = {"payment_intent_authentication_failure": "authentication_failed", "setup_intent_authentication_failure": "authentication_failed"}
_HARD = frozenset({"generic_decline", "do_not_honor", "fraudulent"})
"""Declines that say nothing of the card itself, but that a machine must not try again by itself."""


def advice(code: str) -> Advice:
    """What a decline code means in words; one that is not known is a decline all the same."""
    return DECLINES.get(_SAME.get(code, code), _UNKNOWN)


def decline_code(*, code: str, decline_code: str) -> str:
    """The one code that says most: Stripe's decline code where there is one, else its error code."""
    found = decline_code if decline_code and decline_code != "generic_decline" else code if code not in ("", "card_declined") else decline_code
    return _SAME.get(found, found) or "generic_decline"


def is_hard(code: str) -> bool:
    """True for a decline that no retry will change: nothing is charged again by itself."""
    return advice(code).trouble or code in _HARD


Standing = Literal["open", "processing", "paid", "expired", "failed"]


def standing_of_intent(status: str, *, has_error: bool) -> Standing:
    """How an order stands whose PaymentIntent has this status at Stripe; a payment that failed once may still be paid by another try."""
    if status == "succeeded":
        return "paid"
    if status == "processing":
        return "processing"
    if status == "canceled" or (status == "requires_payment_method" and has_error):
        return "failed"
    return "open"


def standing_of_session(status: str, payment_status: str) -> Standing:
    """How an order stands whose Checkout Session has these statuses: completed and unpaid is a payment that takes days."""
    if status == "expired":
        return "expired"
    if status == "complete":
        return "paid" if payment_status in ("paid", "no_payment_required") else "processing"
    return "open"
