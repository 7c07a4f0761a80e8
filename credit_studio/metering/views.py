"""What others see of token counts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TokensUsed:
    """The tokens that a person's runs have counted, ever and in the present calendar month of their zone; `resets_at` is when the next one begins."""

    total: int
    in_month: int
    resets_at: datetime
