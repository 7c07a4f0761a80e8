"""What this room refuses with."""

from credit_studio.core.errors import Conflict, Facts, NotSignedIn, RateLimited


def invalid_credentials() -> NotSignedIn:
    """The one answer for an unknown address and for a wrong password."""
    return NotSignedIn("Email or password is not right.", code="invalid_credentials", action="Check both and try again.")


def email_taken() -> Conflict:
    """Someone has an account with that address."""
    return Conflict("An account with this email exists.", code="email_taken", action="Sign in instead.", helps=("sign_in",))


def too_many_attempts(retry_after_s: float) -> RateLimited:
    """Sign-in is slowed down for this account from this address, or for this address."""
    return RateLimited("Too many attempts to sign in.", action="Wait and try again.", reason="sign_in_throttled", facts=Facts(retry_after_s=retry_after_s))
