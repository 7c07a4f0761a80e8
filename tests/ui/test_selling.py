from datetime import UTC, datetime
from uuid import UUID

import pytest

from credit_studio.core.money import Money
from credit_studio.history.views import Lot
from credit_studio.payments.views import Order, PackOffer, SavedCard
from credit_studio.ui import selling

ID = UUID(int=7)
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
ZONE = "Europe/London"


def _pack(price: Money, *, credits: int = 1_400, saving: int = 11) -> PackOffer:  # noqa: A002 - the word of the field
    return PackOffer("standard", "Standard", credits, price, price.amount / credits, saving, one_click=True)


def _order(status: str, *, refunded: int = 0, kind: str = "pack", failure: str = "") -> Order:
    price, back = Money(2_500, "GBP"), Money(refunded, "GBP")
    receipt = "R-000042" if status == "paid" else None
    return Order(ID, kind, "standard", "Standard", 1_400, price, status, "", failure, "", back, receipt, NOW, NOW)  # type: ignore[arg-type]


def test_a_pack_says_what_a_credit_costs_what_it_saves_and_what_it_is_enough_for() -> None:
    card = selling.pack_card(_pack(Money(2_500, "GBP")), (("security scans", 3), ("dreams", 0)))
    assert (card.price, card.to_pay, card.each) == ("\u00a325", "\u00a325.00", "1.79\u00a0p each, saves 11\u00a0%")
    assert card.uses == ["466 security scans"]


def test_the_dearest_pack_saves_nothing_and_another_currency_is_named() -> None:
    assert selling.pack_card(_pack(Money(1_000, "CHF"), credits=500, saving=0), ()).each == "0.0200 CHF each"


@pytest.mark.parametrize(("price", "said"), [(Money(2_500, "GBP"), "\u00a325"), (Money(1_250, "GBP"), "\u00a312.50"), (Money(0, "GBP"), "\u00a30")])
def test_an_offer_leaves_out_the_pence_that_are_nothing(price: Money, said: str) -> None:
    assert selling.offer(price) == said


def test_a_card_is_told_as_it_is_printed() -> None:
    card = SavedCard("visa", "4242", "2034-12")
    assert (selling.card_words(card), selling.card_ends(card)) == ("Visa ending 4242", "12/34")
    assert selling.card_words(SavedCard("amex", "0005", "2034-12")) == "American Express ending 0005"


def test_what_is_held_stands_in_the_order_it_is_spent_in() -> None:
    lots = (
        Lot(ID, "plan", "Free, November 2026", 300, 280, NOW, datetime(2026, 12, 1, tzinfo=UTC)),
        Lot(ID, "purchase", "Standard pack", 1_400, 1_400, NOW, None),
        Lot(ID, "goodwill", "", 5, 5, NOW, None),
    )
    rows = selling.held(lots, ZONE)
    assert [(row.order, row.title, row.said) for row in rows] == [
        (1, "Free, November 2026", "granted 20 Nov"),
        (2, "Standard pack", "bought 20 Nov"),
        (3, "Goodwill", "received 20 Nov"),
    ]
    assert [(row.ends, row.left) for row in rows][:2] == [("1 Dec 2026, 00:00 GMT", "280"), ("does not expire", "1,400")]


@pytest.mark.parametrize(
    ("order", "look", "state", "said"),
    [
        (_order("paid"), "paid", "Paid", ""),
        (_order("paid", refunded=2_500), "back", "Refunded", "\u00a325.00 went back"),
        (_order("paid", refunded=1_000), "back", "Partly refunded", "\u00a310.00 went back"),
        (_order("failed", failure="The card has expired."), "failed", "Not paid", "The card has expired."),
        (_order("processing"), "open", "Being processed", ""),
        (_order("open"), "open", "Not finished", ""),
    ],
)
def test_a_purchase_says_how_it_stands(order: Order, look: str, state: str, said: str) -> None:
    row = selling.bought(order, ZONE, now=NOW)
    assert (row.look, row.state, row.said, row.amount) == (look, state, said, "\u00a325.00")
    assert bool(row.paper) is (order.receipt is not None)


def test_a_purchase_is_called_after_what_it_was() -> None:
    assert [selling.what(_order("paid", kind=kind)) for kind in ("pack", "top_up", "plan")] == [
        "Standard pack, 1,400 credits",
        "Standard pack, 1,400 credits, one click",
        "Standard plan",
    ]


@pytest.mark.parametrize(("days", "said"), [(0, "today"), (1, "tomorrow"), (11, "in 11 days")])
def test_a_day_to_come_is_told_by_its_distance(days: int, said: str) -> None:
    assert selling.in_days(NOW.replace(day=20 + days) if days < 11 else datetime(2026, 12, 1, 14, 32, tzinfo=UTC), now=NOW) == said
