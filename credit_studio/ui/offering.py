"""What plans bring, in words: by the month or once, with a daily cap or none, sold or by agreement. Pure."""

from credit_studio.core.money import Money
from credit_studio.ui import words

NO_CAP = "no cap"
AGREED = "by agreement"
ASK = "Ask whoever runs this studio."


def brings(monthly: int, once: int) -> str:
    """A plan's credits as a sentence says them: "300 credits a month", "5 credits once"."""
    return f"{words.credits_of(monthly)} a month" if monthly else f"{words.credits_of(once)} once"


def figure(monthly: int, once: int) -> str:
    """A plan's credits in a column of credits a month: "300", "5, once"."""
    return words.number(monthly) if monthly else f"{words.number(once)}, once"


def line(monthly: int, once: int) -> tuple[str, str]:
    """A plan's credits as a line of facts."""
    return ("Credits a month", words.number(monthly)) if monthly else ("Credits, once", words.number(once))


def cap(daily: int | None) -> str:
    """The most of a plan's credits that a day may use."""
    return NO_CAP if daily is None else words.number(daily)


def price(price_: Money, *, by_agreement: bool) -> str:
    """A plan's price in a table: "£10 a month", "£0", "by agreement"."""
    if by_agreement:
        return AGREED
    return f"{words.offered(price_)} a month" if price_.amount else words.offered(price_)
