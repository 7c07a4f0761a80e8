"""Where each kind of refusal is shown on a page. Total over `Kind`: a test says so."""

from enum import StrEnum

from credit_studio.core.errors import Kind, StudioError


class Place(StrEnum):
    """Where a person reads of a refusal."""

    SIGN_IN = "sign_in"
    """The price panel asks to sign in; the inputs stay."""

    PANEL = "panel"
    """The price panel says which limit, how far and until when."""

    FORM = "form"
    """The fields themselves, and a summary above them."""

    NOTICE = "notice"
    """A notice that stays until it is closed."""


PLACES: dict[Kind, Place] = {
    Kind.MALFORMED: Place.NOTICE,
    Kind.UNAUTHENTICATED: Place.SIGN_IN,
    Kind.PAYMENT: Place.PANEL,
    Kind.FORBIDDEN: Place.NOTICE,
    Kind.MISSING: Place.NOTICE,
    Kind.CONFLICT: Place.NOTICE,
    Kind.TOO_LARGE: Place.NOTICE,
    Kind.UNSUPPORTED: Place.NOTICE,
    Kind.INVALID: Place.FORM,
    Kind.RATE: Place.NOTICE,
    Kind.UNAVAILABLE: Place.NOTICE,
}


def place_of(error: StudioError) -> Place:
    """Where a page shows this refusal."""
    return PLACES[error.kind]
