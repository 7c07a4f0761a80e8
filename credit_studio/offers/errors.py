"""Refusals of offers: what happened, that nothing moved, what to do now."""

from credit_studio.core.errors import Conflict, Facts, FieldError, InvalidInputs, NotFound, PaymentRequired, RateLimited


def no_such_code() -> NotFound:
    """A code that nobody has made."""
    return NotFound("There is no such code. Nothing was added.", code="unknown_code", action="Check the code: letters and digits, as it was given to you.")


def code_over(why: str) -> Conflict:
    """A code that is past its time, used up or ended."""
    return Conflict(f"{why} Nothing was added.", code="code_over", action="Ask whoever gave you the code for another one.")


def code_redeemed() -> Conflict:
    """A code that this person has redeemed before."""
    return Conflict("You have redeemed this code before: its credits are in your history. Nothing was added.", code="code_redeemed", action="Use another code.")


def code_taken() -> Conflict:
    """A code that an operator makes a second time."""
    return Conflict("There is a code of that name already. Nothing was made.", code="code_taken", action="Choose another one.")


def too_many_tries(wait_s: float) -> RateLimited:
    """Somebody who guesses codes."""
    said = "Too many codes that do not exist. Nothing was added."
    return RateLimited(said, action=f"Wait {max(1, round(wait_s / 60))} min and try again.", facts=Facts(retry_after_s=wait_s))


def no_such_gift() -> NotFound:
    """A link that never was one, or a gift of somebody else's."""
    return NotFound("There is no gift here. Nothing moved.", action="Check the link, or ask whoever gave it to you for a new one.")


def gift_over(why: str) -> Conflict:
    """A gift that was claimed, taken back or is past its time."""
    return Conflict(f"{why} Nothing moved.", code="gift_over", action="Ask whoever gave it to you.")


def own_gift() -> Conflict:
    """A giver who follows their own link."""
    return Conflict("This gift is your own. Nothing moved.", code="own_gift", action="Take it back on your page of gifts instead.")


def too_many_gifts(most: int) -> Conflict:
    """A giver whose open gifts have reached their limit."""
    return Conflict(f"You have {most} gifts open. Nothing moved.", code="too_many_gifts", action="Take one back, or wait until one is claimed.")


def not_enough(required: int, available: int) -> PaymentRequired:
    """A giver who has too few credits that can be given."""
    said = f"A gift of {required:,} needs {required:,} credits that you bought or got as a gift; you have {available:,}. Nothing moved."
    facts = Facts(balance=available, required=required, shortfall=required - available)
    return PaymentRequired(said, code="insufficient_credits", action="Give less, or buy credits.", helps=("purchase",), facts=facts)


def key_reused() -> InvalidInputs:
    """The same key with another gift."""
    said = "This Idempotency-Key was used for another gift. Nothing moved."
    return InvalidInputs((FieldError("Idempotency-Key", "Must be a new one for another gift."),), message=said, code="idempotency_mismatch")


def no_such_invitation() -> NotFound:
    """A code of nobody's."""
    return NotFound("There is no such invitation.", code="unknown_code", action="Check the link, or ask whoever invited you.")


def not_for_you(why: str) -> Conflict:
    """An invitation that this person cannot accept."""
    return Conflict(why, code="invitation_refused", action="You can use everything without it.")
