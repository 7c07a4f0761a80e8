"""Does what was paid agree with what was granted? Pure. Amounts are in minor units, credits are whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from credit_studio.payments import claim_rules, rules
from credit_studio.payments.claim_rules import Claim

EVERY = timedelta(hours=1)
OLD = timedelta(hours=1)
"""An order that is unfinished for so long is looked up at Stripe."""

OVERLAP = timedelta(days=2)
"""How far before the last check the next one begins: what was on its way then has arrived by now."""

FIRST = timedelta(days=30)
"""How far back the first check looks at Stripe. The book itself is compared whole, every time."""


Code = Literal[
    "paid_not_granted",
    "granted_twice",
    "granted_not_paid",
    "granted_other",
    "granted_to_another",
    "taken_other",
    "paid_for_nothing",
    "paid_twice",
    "paid_other_amount",
    "invoice_without_order",
    "claim_for_nothing",
    "not_at_stripe",
    "not_paid_at_stripe",
]
"""All that can be found."""


@dataclass(frozen=True)
class Finding:
    """What does not agree and could not be mended: a code, what it is about, and what is wrong in words."""

    code: Code
    about: str
    said: str


@dataclass(frozen=True)
class Sold:
    """A paid order, with all that was refunded or disputed of it and the credits that its claims hold by our tables.

    `open` credits had ended unused, which are not taken again, or are held by runs under way: up to so many less may be held.
    """

    id: UUID
    person_id: UUID
    credits: int
    amount: int
    claims: tuple[Claim, ...]
    held: int
    open: int = 0


@dataclass(frozen=True)
class Granted:
    """A grant that names an order, and how much of it was taken back."""

    reference: str
    owner_id: UUID
    amount: int
    clawed: int


def is_due(last: datetime | None, now: datetime) -> bool:
    """True when nobody has begun a check within the hour."""
    return last is None or now - last >= EVERY


def look_from(last: datetime | None, now: datetime) -> datetime:
    """From when on Stripe's objects are looked at."""
    return now - FIRST if last is None else last - OVERLAP


def disagreements(sold: Sequence[Sold], grants: Mapping[str, Sequence[Granted]]) -> Iterator[Finding]:
    """What is wrong with the grants of paid orders; `grants` by their reference."""
    for order in sold:
        about = rules.grant_reference(order.id)
        found = grants.get(about, ())
        if order.credits and len(found) != 1:
            yield Finding("paid_not_granted" if not found else "granted_twice", about, f"paid, and {len(found)} grants name it")
        for grant in found:
            yield from _wrong(order, grant)


def _wrong(order: Sold, grant: Granted) -> Iterator[Finding]:
    if grant.owner_id != order.person_id:
        yield Finding("granted_to_another", grant.reference, f"paid by {order.person_id}, granted to {grant.owner_id}")
    if grant.amount != order.credits:
        yield Finding("granted_other", grant.reference, f"{order.credits} credits were sold, {grant.amount} granted")
    back = claim_rules.money_back(order.amount, order.claims)
    taken = claim_rules.credits_taken(order.credits, order.amount, back)
    if grant.clawed != order.held or not taken - order.open <= order.held <= taken:
        said = f"for {back} of {order.amount} that went back {taken} credits go: {grant.clawed} went, {order.held} are written at the refunds and disputes"
        yield Finding("taken_other", grant.reference, said)
