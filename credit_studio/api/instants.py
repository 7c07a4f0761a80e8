"""Instants as they come in a query."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError


def _plus(value: object) -> object:
    """A "+" that was not encoded in a query is a space by now."""
    return value.replace(" ", "+") if isinstance(value, str) and "T" in value else value


def _utc(value: datetime) -> datetime:
    """The instant in UTC; one at an end of the calendar may have no such spelling."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("instant", "Must be a time of the years 1 to 9999 in UTC.") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_plus), AfterValidator(_utc)]
