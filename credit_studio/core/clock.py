"""The only source of the current time, so that tests can hold it still."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime

_frozen: datetime | None = None


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _frozen or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Generator[None]:
    """Hold `now()` at one instant; used by tests only."""
    global _frozen  # noqa: PLW0603 - one clock a process is the point
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "does not expire" in the database, where NULL would have no place in an order."""
