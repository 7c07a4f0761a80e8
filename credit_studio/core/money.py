"""Money in minor units with its ISO 4217 currency."""

from dataclasses import dataclass

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
_WHOLE = frozenset({"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
"""Currencies without a smaller unit, as Stripe counts them."""


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

    @property
    def said(self) -> str:
        """The amount as it is read: "£10.00", "-£2.50", "12.50 CHF", "1,000 JPY"."""
        whole, rest = divmod(abs(self.amount), 1 if self.currency in _WHOLE else 100)
        figure = f"{whole:,}" if self.currency in _WHOLE else f"{whole:,}.{rest:02}"
        sign, mark = "-" if self.amount < 0 else "", _SIGNS.get(self.currency)
        return f"{sign}{mark}{figure}" if mark else f"{sign}{figure} {self.currency}"
