"""What this room refuses with."""

from credit_studio.core.errors import Conflict, FieldError, InvalidInputs, NotFound, TooLarge, Unavailable
from credit_studio.uploads import rules


def not_found() -> NotFound:
    """Unknown, used, expired, or somebody else's: the same answer."""
    return NotFound("There is no such upload.", action="Upload the file again. An upload is deleted once a run has taken it, and after an hour.")


def too_large() -> TooLarge:
    """More than the limit."""
    return TooLarge(f"The file is larger than {rules.MAX_BYTES // 1024**2} MB. Nothing was charged.", action="Upload a smaller file.")


def not_text() -> InvalidInputs:
    """Bytes that are no text."""
    return InvalidInputs((FieldError("file", "Must be text in UTF-8 without NUL characters."),))


def quota_full() -> Conflict:
    """The person's own quota is used up."""
    limit = f"{rules.MAX_OPEN} files or {rules.MAX_OPEN_BYTES // 1024**2} MB"
    return Conflict(
        f"Your uploads of the last hour have reached {limit}.", code="upload_quota", action="Wait until the oldest ones are gone, an hour after each."
    )


def disk_full() -> Unavailable:
    """The server has no room."""
    return Unavailable("The studio has no room for uploads now. Nothing was charged.", action="Try again later, or paste the text.")
