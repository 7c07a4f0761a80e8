"""What refunds and disputes take of a payment's credits: pure. Amounts are in minor units, credits are whole.

A claim is money of one payment that has gone back to its payer (a refund) or is claimed back by their bank (a dispute).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A refund or a dispute of a payment; `counts` while its money is not the studio's."""

    id: str
    amount: int
    counts: bool


def money_back(amount: int, claims: Sequence[Claim]) -> int:
    """How much of a payment of `amount` is gone: all claims that count, never more than was paid."""
    return min(amount, sum(claim.amount for claim in claims if claim.counts))


def credits_taken(credits_: int, amount: int, back: int) -> int:
    """The credits that go when `back` of the `amount` goes: floor(credits x back / amount), at most all of them.

    It is worked out from all that has gone, never from one claim: many small refunds take what a single one of their sum takes. What does
    not divide stays with the person, until the whole amount is gone.
    """
    return 0 if amount <= 0 else credits_ * min(max(back, 0), amount) // amount


def taken_of_rest(credits_: int, *, unspent: int, lapsed: int, held: int = 0) -> int:
    """What really goes when `credits_` are to go back, of which `unspent` were there to be taken and `lapsed` had ended unused.

    First goes what nobody has spent; what has lapsed of it is gone already and is not owed again; the rest was spent and is owed. So it
    makes no difference whether the money goes back before the month ends or after. What runs under way have `held` is neither yet: once they
    are settled, this is asked again.
    """
    open_ = lapsed + held
    return credits_ if open_ <= 0 else min(credits_, max(unspent, credits_ - open_))


def shares(credits_: int, amount: int, claims: Sequence[Claim], *, unspent: int = 0, lapsed: int = 0, held: int = 0) -> dict[str, int]:
    """How many credits each claim holds, in their order: together what all of them take. One that does not count holds none."""
    shared: dict[str, int] = {}
    back, before = 0, 0
    for claim in claims:
        back += claim.amount if claim.counts else 0
        after = taken_of_rest(credits_taken(credits_, amount, back), unspent=unspent, lapsed=lapsed, held=held)
        shared[claim.id], before = after - before, after
    return shared


_REFUND_STEPS = {"pending": 0, "requires_action": 0, "succeeded": 1, "failed": 2, "canceled": 2}
_DISPUTE_STEPS = {
    "warning_needs_response": 0,
    "warning_under_review": 1,
    "warning_closed": 2,
    "needs_response": 3,
    "under_review": 4,
    "lost": 5,
    "appeal_needs_response": 6,
    "appeal_under_review": 7,
    "prevented": 8,
    "won": 9,
}
"""How far each status is along the way that Stripe goes: an answer that was read earlier and written later takes nothing back."""

_MONEY_STAYS = frozenset({"warning_needs_response", "warning_under_review", "warning_closed", "prevented", "won"})
OPEN_DISPUTES = frozenset(status for status in _DISPUTE_STEPS if status.endswith(("needs_response", "under_review")))
"""Statuses in which a bank has not decided."""


def refund_counts(status: str) -> bool:
    """True while the money of a refund is gone or on its way; one that failed has come back."""
    return status not in ("failed", "canceled")


def dispute_counts(status: str) -> bool:
    """True while the bank has the money: from the dispute's opening until it is won. A mere inquiry takes nothing."""
    return status not in _MONEY_STAYS


def is_later_refund(before: str, after: str) -> bool:
    """True when a refund has gone on from one status to the other."""
    return _REFUND_STEPS.get(after, 1) > _REFUND_STEPS.get(before, 1)


def is_later_dispute(before: str, after: str) -> bool:
    """True when a dispute has gone on from one status to the other."""
    return _DISPUTE_STEPS.get(after, 4) > _DISPUTE_STEPS.get(before, 4)


def refund_left(amount: int, claims: Sequence[Claim]) -> int:
    """How much of a payment can still be refunded: what is disputed cannot be, its bank has it already."""
    return amount - money_back(amount, claims)
