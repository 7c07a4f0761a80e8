"""What others see of a check."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BookCheck:
    """When the book was looked at, whether every invariant held, and what was found when not."""

    at: datetime
    holds: bool
    detail: str
