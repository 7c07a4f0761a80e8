"""Money in minor units with its ISO 4217 currency."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """An amount in minor units (pence for GBP): `Money(1000, "GBP")` is ten pounds."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is no currency code."""
        if len(self.currency) != 3 or not self.currency.isalpha() or not self.currency.isupper():  # noqa: PLR2004 - ISO 4217 has three letters
            msg = f"{self.currency!r} is not an ISO 4217 currency code"
            raise ValueError(msg)
