"""What doors see of payments: frozen, without Stripe's objects and without anything of a card but what a receipt prints."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from credit_studio.core.money import Money

OrderKind = Literal["pack", "top_up", "recharge", "plan"]
OrderStatus = Literal["open", "processing", "paid", "expired", "failed"]
FINAL: frozenset[str] = frozenset({"paid", "expired", "failed"})


@dataclass(frozen=True)
class Checkout:
    """A hosted checkout that is open: where the buyer goes. `replayed` when an idempotency key answered with an earlier one."""

    order_id: UUID
    session_id: str
    url: str
    replayed: bool = False


@dataclass(frozen=True)
class NeedsAction:
    """The buyer's bank asks for a confirmation at `url`; nothing is charged before it. It leads back to the studio."""

    order_id: UUID
    url: str
    replayed: bool = False


@dataclass(frozen=True)
class SavedCard:
    """The card that one-click purchases go by; `trouble` says in words why it cannot be charged, `action` what to do, both empty when it can."""

    brand: str
    last4: str
    expires: str
    trouble: str = ""
    action: str = ""


@dataclass(frozen=True)
class Order:
    """An order as its owner sees it. `name` is the pack's or plan's, `failure` is in words; `receipt` is the receipt's number ("R-000042") once paid."""

    id: UUID
    kind: OrderKind
    item: str
    name: str
    credits: int
    price: Money
    status: OrderStatus
    failure_code: str
    failure: str
    action: str
    refunded: Money
    receipt: str | None
    created_at: datetime
    paid_at: datetime | None
    replayed: bool = False


@dataclass(frozen=True)
class PackOffer:
    """A pack as it is sold. `per_credit` is in minor units, `saving` in whole percent against the dearest; `one_click` when it needs no second yes."""

    id: str
    name: str
    credits: int
    price: Money
    per_credit: float
    saving: int
    one_click: bool


@dataclass(frozen=True)
class DeadLetter:
    """An event that could not be worked through, for operators."""

    event_id: str
    type: str
    object_id: str
    created_at: datetime
    received_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class Notice:
    """An event as it came: what it is about, and its payload."""

    event_id: str
    type: str
    object_id: str
    created_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class RefundView:
    """A refund as operators see it: `status` is Stripe's word, `credits` is what it took back; `replayed` when it was there before."""

    refund_id: str
    order_id: UUID
    amount: Money
    status: str
    credits: int
    replayed: bool = False


@dataclass(frozen=True)
class Effect:
    """What a refund would do: `amount` goes back, `credits` are taken, of which `left` are there still and `owed` were spent and become a debt."""

    amount: Money
    credits: int
    left: int
    owed: int


@dataclass(frozen=True)
class Sale:
    """An order as operators see it: whose it is, by their address; empty when that account is gone."""

    order: Order
    email: str


@dataclass(frozen=True)
class Claimed:
    """A refund or a dispute of an order: `status` and `reason` as Stripe or the operator said them, `credits` what it holds of the order's."""

    id: str
    kind: Literal["refund", "dispute"]
    amount: Money
    status: str
    reason: str
    credits: int
    created_at: datetime


@dataclass(frozen=True)
class Case:
    """All that is known of an order, for operators. `names` are Stripe's ids by what they name; `granted` is None before its credits came.

    Of those, `taken` went back or are owed, `left` are there still, `lapsed` ended unused. `refundable` is the money that can still go back.
    """

    order: Order
    email: str
    names: tuple[tuple[str, str], ...]
    claims: tuple[Claimed, ...]
    granted: int | None
    taken: int
    left: int
    lapsed: int
    refundable: Money


@dataclass(frozen=True)
class BillTo:
    """What receipts are made out to: `address` in lines, `tax_id` as it was typed. Empty where nothing was said."""

    name: str = ""
    address: str = ""
    country: str = ""
    tax_id: str = ""


@dataclass(frozen=True)
class Receipt:
    """A receipt as its owner sees it. `number` ("R-000042") has no gaps; `refunded` is what has gone back since."""

    id: UUID
    number: str
    what: str
    credits: int
    price: Money
    refunded: Money
    paid_at: datetime
    bill_to: BillTo


@dataclass(frozen=True)
class ReceiptPage:
    """Receipts, newest first; `next_cursor` leads to older ones."""

    items: tuple[Receipt, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Recharge:
    """A person's auto-recharge: below `below` credits buy `pack_id`, at most `ceiling` in a calendar month of their time zone.

    `consent` is the sentence that stands for these figures, agreed to at `consented_at`; `tried` is what this month's attempts come to,
    failed and pending ones too. `waits` says in a word why nothing is bought now ("" when something would be); `stopped` is the code of
    what turned it off, `said` and `action` are that in words.
    """

    enabled: bool
    below: int
    pack_id: str
    ceiling: Money
    consent: str
    consented_at: datetime | None
    tried: Money
    waits: str
    cool_until: datetime | None
    stopped: str = ""
    said: str = ""
    action: str = ""


@dataclass(frozen=True)
class MoneyVerdict:
    """One comparison of what was paid with what was granted: Stripe's objects looked at from `since` on, what was mended, in words, and what stays wrong.

    `found` are (code, what it is about, what is wrong).
    """

    at: datetime
    since: datetime
    looked: int
    mended: tuple[str, ...]
    found: tuple[tuple[str, str, str], ...]

    @property
    def holds(self) -> bool:
        """True when every payment has its grant and every grant its payment."""
        return not self.found


@dataclass(frozen=True)
class MoneyReport:
    """What an operator sees of the money: the last comparison (None before the first), orders unfinished for too long, events that were given up."""

    last: MoneyVerdict | None
    unfinished: tuple[Order, ...]
    dead: tuple[DeadLetter, ...]
