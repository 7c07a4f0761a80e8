"""The test cards: Stripe's own numbers and names, and what each of them does. A number is known by its behaviour only; it is never written down."""

from dataclasses import dataclass
from typing import Literal

from credit_studio.sandbox.errors import ApiError, declined

Authentication = Literal["never", "unless_set_up", "set_up", "always"]


@dataclass(frozen=True)
class Card:
    """What a card does. `decline` is the pair of error code and decline code of every charge; `attaches` says whether it can be kept all the same."""

    last4: str
    brand: str = "visa"
    funding: str = "credit"
    decline: tuple[str, str | None] | None = None
    attaches: bool = True
    authentication: Authentication = "never"
    refund: Literal["succeeds", "fails", "pends"] = "succeeds"
    disputed: bool = False

    def asks_to_authenticate(self, *, off_session: bool, set_up: bool) -> bool:
        """Whether a payment stops for the bank's page; cards of the kind `unless_set_up` ask every time when the payer is there."""
        if self.authentication == "unless_set_up":
            return not (off_session and set_up)
        return self.authentication == "always" or (self.authentication == "set_up" and not off_session)


def _declining(last4: str, code: str, decline_code: str) -> Card:
    return Card(last4, decline=(code, decline_code), attaches=False)


_BY_NUMBER = {
    "4242424242424242": Card("4242"),
    "4000056655665556": Card("5556", funding="debit"),
    "5555555555554444": Card("4444", brand="mastercard"),
    "378282246310005": Card("0005", brand="amex"),
    "4000000000000002": _declining("0002", "card_declined", "generic_decline"),
    "4000000000009995": _declining("9995", "card_declined", "insufficient_funds"),
    "4000000000009987": _declining("9987", "card_declined", "lost_card"),
    "4000000000009979": _declining("9979", "card_declined", "stolen_card"),
    "4000000000000069": _declining("0069", "expired_card", "expired_card"),
    "4000000000000127": _declining("0127", "incorrect_cvc", "incorrect_cvc"),
    "4000000000000119": _declining("0119", "processing_error", "processing_error"),
    "4000000000000341": Card("0341", decline=("card_declined", "generic_decline")),
    "4000002500003155": Card("3155", authentication="unless_set_up"),
    "4000002760003184": Card("3184", authentication="always"),
    "4000003800000446": Card("0446", authentication="set_up"),
    "4000008260003178": Card("3178", decline=("card_declined", "insufficient_funds"), authentication="always"),
    "4000000000000259": Card("0259", disputed=True),
    "4000000000005126": Card("5126", refund="fails"),
    "4000000000007726": Card("7726", refund="pends"),
}
_BY_NAME = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedLostCard": "4000000000009987",
    "chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "chargeCustomerFail": "4000000000000341",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "createDispute": "4000000000000259",
    "refundFail": "4000000000005126",
    "pendingRefund": "4000000000007726",
}
_BY_LAST4 = {card.last4: card for card in _BY_NUMBER.values()}
_SENTENCES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "debit_not_authorized": "The bank account could not be debited: its owner has not allowed it.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "payment_intent_authentication_failure": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    "setup_intent_authentication_failure": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
}
_SHORTEST = 12
_DOUBLED = 9


def by_number(number: str) -> Card:
    """The card with that number; raises `ApiError` for one that is none, and for one that may be somebody's own."""
    if (card := _BY_NUMBER.get(number)) is not None:
        return card
    if not _is_number(number):
        raise _wrong("Your card number is incorrect.", "incorrect_number", None)
    raise _wrong("Your card was declined. Your request was in test mode, but used a non test (live) card.", "card_declined", "test_mode_live_card")


def by_name(name: str) -> Card | None:
    """The card behind `pm_card_<name>`, also when it is written as `pm_card_visa_<name>`."""
    number = _BY_NAME.get(name) or _BY_NAME.get(name.removeprefix("visa_"))
    return None if number is None else _BY_NUMBER[number]


def by_last4(last4: str) -> Card:
    """The card that ends so."""
    return _BY_LAST4[last4]


def numbers() -> list[str]:
    """The numbers that the sandbox takes."""
    return list(_BY_NUMBER)


def sentence(code: str | None, decline_code: str | None) -> str:
    """Why a card was not taken, as Stripe says it to the payer."""
    return _SENTENCES.get(decline_code or "") or _SENTENCES.get(code or "") or "Your card was declined."


def _wrong(message: str, code: str, decline_code: str | None) -> ApiError:
    problem = declined(message, code=code, decline_code=decline_code, param="number")
    problem.keeps = False
    return problem


def _is_number(number: str) -> bool:
    """Luhn's check."""
    if not number.isascii() or not number.isdigit() or len(number) < _SHORTEST:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - _DOUBLED if digit > _DOUBLED else digit for digit in doubled) % 10 == 0
