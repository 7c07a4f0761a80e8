"""What is for sale and what is held, in words. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from credit_studio.core.money import Money
from credit_studio.history.views import Lot
from credit_studio.payments.views import Order, PackOffer, SavedCard
from credit_studio.ui import words

SOURCE_WORDS = {"plan": "Plan", "purchase": "Bought", "promo": "Promotion", "gift": "Gift", "referral": "Referral", "goodwill": "Goodwill"}
_ARRIVED = {"plan": "granted", "purchase": "bought"}
_PARTS = {"GBP": "p", "EUR": "cents", "USD": "cents"}
_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}


@dataclass(frozen=True)
class PackCard:
    """A pack as a choice: `price` is that of an offer ("£25"), `to_pay` that of an order ("£25.00"), `uses` what it is enough for."""

    id: str = ""
    name: str = ""
    credits: int = 0
    price: str = ""
    to_pay: str = ""
    each: str = ""
    uses: list[str] = field(default_factory=list)
    one_click: bool = False


@dataclass(frozen=True)
class Held:
    """Credits that arrived together, as a row: its place in the order they are spent in, what they came as, and when they end."""

    order: int
    title: str
    said: str
    ends: str
    given: str
    left: str


@dataclass(frozen=True)
class Bought:
    """A purchase as a row. `look` is "paid", "back", "failed" or "open"; `paper` leads to the receipt, `at_stripe` to Stripe's own."""

    id: str
    at: str
    what: str
    look: str
    state: str
    said: str
    amount: str
    receipt: str
    paper: str
    at_stripe: str


def pack_card(pack: PackOffer, typical: tuple[tuple[str, int], ...]) -> PackCard:
    """A pack in words; `typical` says what some tools usually cost, each with its plural."""
    part = _PARTS.get(pack.price.currency)
    each = f"{pack.per_credit:.2f}{words.NARROW}{part} each" if part else f"{pack.per_credit / 100:.4f} {pack.price.currency} each"
    saves = f", saves {pack.saving}{words.NARROW}%" if pack.saving else ""
    uses = [f"{words.number(pack.credits // cost)} {plural}" for plural, cost in typical if cost]
    return PackCard(pack.id, pack.name, pack.credits, offer(pack.price), pack.price.said, each + saves, uses, pack.one_click)


def offer(price: Money) -> str:
    """A price as it stands on an offer: "£25", "£12.50"."""
    return price.said.replace(".00", "")


def card_words(card: SavedCard) -> str:
    """A saved card: "Visa ending 4242"."""
    return f"{_BRANDS.get(card.brand, card.brand.title())} ending {card.last4}"


def card_ends(card: SavedCard) -> str:
    """Its last month as it is printed on it: "12/34"."""
    year, _, month = card.expires.partition("-")
    return f"{month}/{year[-2:]}"


def held(lots: tuple[Lot, ...], zone: str) -> list[Held]:
    """What somebody holds, in the order in which it is spent."""
    return [_held(place, lot, zone) for place, lot in enumerate(lots, start=1)]


def _held(place: int, lot: Lot, zone: str) -> Held:
    at = lot.arrived_at.astimezone(words.zone(zone))
    return Held(
        order=place,
        title=lot.label or SOURCE_WORDS.get(lot.source, "Credits"),
        said=f"{_ARRIVED.get(lot.source, 'received')} {at.day} {at:%b}",
        ends=words.moment(lot.expires_at, zone) if lot.expires_at else "does not expire",
        given=words.number(lot.given),
        left=words.number(lot.left),
    )


_STATES = {
    "paid": ("paid", "Paid"),
    "open": ("open", "Not finished"),
    "processing": ("open", "Being processed"),
    "expired": ("failed", "Not finished"),
    "failed": ("failed", "Not paid"),
}


def bought(order: Order, zone: str, *, now: datetime) -> Bought:
    """A purchase as a row of the list."""
    look, state = _STATES[order.status]
    is_back, is_whole = order.refunded.amount > 0, order.refunded.amount >= order.price.amount
    if is_back:
        look, state = "back", "Refunded" if is_whole else "Partly refunded"
    said = f"{order.refunded.said} went back" if is_back else order.failure if look == "failed" else ""
    place = f"/api/billing/receipts/{order.id}" if order.receipt else ""
    return Bought(
        id=str(order.id),
        at=words.clock(order.paid_at or order.created_at, zone, now=now),
        what=what(order),
        look=look,
        state=state,
        said=said,
        amount=order.price.said,
        receipt=order.receipt or "",
        paper=f"{place}.pdf" if place else "",
        at_stripe=f"{place}/stripe" if place else "",
    )


def what(order: Order) -> str:
    """What was ordered: "Standard pack, 1,400 credits"; "Supporter plan"."""
    if order.kind == "plan":
        return f"{order.name} plan"
    how = {"top_up": ", one click", "recharge": ", bought again by itself"}.get(order.kind, "")
    return f"{order.name} pack, {words.credits_of(order.credits)}{how}"


def in_days(at: datetime, *, now: datetime) -> str:
    """How far away: "today", "tomorrow", "in 11 days"."""
    days = (at - now).days
    return "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"


def date(at: datetime, zone: str) -> str:
    """A day of the near future: "1 December"."""
    local = at.astimezone(words.zone(zone))
    return f"{local.day} {local:%B}"
