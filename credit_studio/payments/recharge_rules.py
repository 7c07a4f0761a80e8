"""When a balance is topped up by itself, and when that ends: pure. Amounts are in minor units, credits are whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from credit_studio.payments import rules

COOL_DOWN = timedelta(minutes=10)
"""After every attempt: credits that are bought arrive, and a fault of ours cannot buy in a loop."""

SOFT_PAUSE = timedelta(hours=24)
"""After a decline that may pass by itself, such as a card without enough money on it."""

Verdict = Literal["go", "off", "enough", "in_flight", "cooling", "ceiling"]


@dataclass(frozen=True)
class Standing:
    """What decides whether a pack is bought now. `tried_amount` is that of all attempts of the month: paid, pending and failed ones."""

    enabled: bool
    available: int
    below: int
    price: int
    ceiling: int
    tried_amount: int
    in_flight: bool
    cool_until: datetime | None


def verdict(standing: Standing, now: datetime) -> Verdict:
    """Whether to buy now, and what speaks against it."""
    if not standing.enabled:
        return "off"
    if standing.available >= standing.below:
        return "enough"
    if standing.in_flight:
        return "in_flight"
    if standing.cool_until is not None and now < standing.cool_until:
        return "cooling"
    return "go" if standing.tried_amount + standing.price <= standing.ceiling else "ceiling"


def ends_it(code: str) -> bool:
    """True for a failure after which nothing is bought by itself until its owner says so again: the bank asks them, or says no for good."""
    return code == "authentication_required" or rules.is_hard(code)


def cool_until(now: datetime, *, failed: bool) -> datetime:
    """When the next attempt may be made."""
    return now + (SOFT_PAUSE if failed else COOL_DOWN)


def month_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The calendar month [start, end) of the owner's zone that `now` lies in."""
    start = now.astimezone(ZoneInfo(zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def consent_text(*, below: int, pack: str, price: str, ceiling: str) -> str:
    """What a person agrees to, word for word; it is kept with the time of their yes."""
    return (
        f"When fewer than {below:,} credits are left, buy the {pack} pack for {price} with my saved card, without asking me each time. "
        f"At most {ceiling} in a calendar month; attempts that fail or are pending count. It stops as soon as my bank refuses the card or "
        "asks me to confirm a payment, and I can turn it off at any time."
    )


def agrees_to(consent: str, *, pack: str, price: str) -> bool:
    """True when a consent names this pack at this price: a catalogue that has changed since buys nothing by itself."""
    return f"buy the {pack} pack for {price} with" in consent


_BY_HAND = "Buy a pack yourself, then turn it on again."
STOPS: dict[str, tuple[str, str]] = {
    "no_card": ("There is no saved card to charge.", "Save a card, then turn it on again."),
    "terms_changed": ("The pack or its price has changed since you agreed.", "Look at the price, then turn it on again."),
    "ceiling": ("The ceiling of this month has no room for another pack.", "It goes on by itself next month. To go on now, raise the ceiling."),
    "disputed": ("A payment of yours is disputed at the bank.", "Turn it on again when that is settled."),
}
"""Why it stops by itself (at the ceiling until the next month), besides a refusal of the bank, and what to do."""


def stopped_in_words(code: str) -> tuple[str, str]:
    """Why it has stopped and what to do now; two empty texts when it has not."""
    if not code:
        return "", ""
    advice = rules.advice(code)
    return STOPS.get(code) or (advice.said, advice.action if advice.trouble else _BY_HAND)
