"""The one error tree. Kinds, not HTTP numbers: the doors map a kind to a status or a toast.

    StudioError
    |- InvalidRequest    malformed body or header                 MALFORMED
    |- NotSignedIn       no or bad credentials                    UNAUTHENTICATED
    |- PaymentRequired   credits or a cap do not allow it         PAYMENT
    |- Forbidden         known, but not allowed                   FORBIDDEN
    |- NotFound          no such thing, or not yours              MISSING
    |- Conflict          the state does not allow it now          CONFLICT
    |- TooLarge          more bytes than the limit                TOO_LARGE
    |- UnsupportedMedia  a content type that is not taken         UNSUPPORTED
    |- InvalidInputs     fields that do not fit, each named       INVALID
    |- RateLimited       too many requests                        RATE
    `- Unavailable       cannot serve now; nothing was charged    UNAVAILABLE

An `InvariantBroken` is not in this tree on purpose: nobody catches it, so the transaction rolls back and the caller sees a 500.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What a door needs to know of an error to answer it."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    PAYMENT = "payment"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    RATE = "rate"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class FieldError:
    """One field that does not fit: its dotted path in the inputs ("risks.2.lossHigh") and what would be right."""

    field: str
    message: str


@dataclass(frozen=True)
class Facts:
    """The numbers behind a refusal, in whole credits; `resets_at` is the instant at which the limit opens again."""

    balance: int | None = None
    held: int | None = None
    required: int | None = None
    shortfall: int | None = None
    limit: int | None = None
    spent: int | None = None
    resets_at: datetime | None = None
    retry_after_s: float | None = None


NO_FACTS = Facts()


class StudioError(Exception):
    """An expected refusal, in words for a person.

    `code` is stable and snake_case, `message` says what happened and whether credits moved, `action` what to do now,
    `helps` names the pages that help (sign_in, purchase, upgrade, settings, tool).
    """

    kind: ClassVar[Kind]
    default_code: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        action: str = "",
        reason: str = "",
        helps: tuple[str, ...] = (),
        facts: Facts = NO_FACTS,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.action = action
        self.reason = reason or self.code
        self.helps = helps
        self.facts = facts


class InvalidRequest(StudioError):
    """The body or a header cannot be read."""

    kind = Kind.MALFORMED
    default_code = "invalid_request"


class NotSignedIn(StudioError):
    """No credentials, or credentials that do not hold."""

    kind = Kind.UNAUTHENTICATED
    default_code = "sign_in_required"


class PaymentRequired(StudioError):
    """The balance or a cap does not allow the spending; `facts` says how far it is."""

    kind = Kind.PAYMENT
    default_code = "insufficient_credits"


class Forbidden(StudioError):
    """Known, but not allowed to do this."""

    kind = Kind.FORBIDDEN
    default_code = "forbidden"


class NotFound(StudioError):
    """No such thing, or not the caller's."""

    kind = Kind.MISSING
    default_code = "not_found"


class Conflict(StudioError):
    """The state of things does not allow it now."""

    kind = Kind.CONFLICT
    default_code = "conflict"


class TooLarge(StudioError):
    """More bytes than the limit."""

    kind = Kind.TOO_LARGE
    default_code = "too_large"


class UnsupportedMedia(StudioError):
    """A content type that is not taken."""

    kind = Kind.UNSUPPORTED
    default_code = "unsupported_media_type"


class InvalidInputs(StudioError):
    """Inputs that do not fit; `errors` names every field."""

    kind = Kind.INVALID
    default_code = "invalid_inputs"

    def __init__(self, errors: tuple[FieldError, ...], *, message: str = "", code: str | None = None) -> None:
        count = len(errors)
        said = message or f"{count} input{'s need' if count != 1 else ' needs'} a change. Nothing was charged."
        super().__init__(said, code=code, action="Change the named fields and try again.")
        self.errors = errors


class RateLimited(StudioError):
    """Too many requests in the window; `facts.retry_after_s` says how long to wait."""

    kind = Kind.RATE
    default_code = "rate_limited"


class Unavailable(StudioError):
    """Cannot be served now; nothing was charged."""

    kind = Kind.UNAVAILABLE
    default_code = "unavailable"


class InvariantBroken(RuntimeError):
    """The books would not agree. Never caught: the transaction rolls back and an operator is told."""
