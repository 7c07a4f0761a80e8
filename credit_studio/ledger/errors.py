"""Refusals of the book that are nobody's mistake at the door."""

from credit_studio.core.errors import Conflict, StudioError


class HoldEnded(Conflict):
    """The hold has been captured, released or has expired already: nothing moved."""

    default_code = "hold_ended"


class BadCommand(StudioError):
    """A command that makes no sense (an amount below 1, an unknown account): nothing was written."""

    kind = Conflict.kind
    default_code = "bad_command"


class KeyReused(Conflict):
    """The same key came with another request: nothing was written."""

    default_code = "idempotency_mismatch"
