"""Ids: UUIDv7, time-ordered, made in the app so that a row's id is known before it is written."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """The id that `text` spells, or None: a wrong id is "not found", never an error of its own."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
