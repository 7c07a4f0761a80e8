"""The lines of invoices, and the sums over them: what a subscription's items cost for a period, and what a change in its middle gives back and asks for."""

from collections.abc import Iterable
from dataclasses import dataclass

from credit_studio.sandbox import shapes
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.page import day
from credit_studio.sandbox.proration import share

TIMES = "\N{MULTIPLICATION SIGN}"
"""The sign between a quantity and a name, as Stripe writes it."""


@dataclass(frozen=True)
class Item:
    """One item of a subscription as a line sees it; `id` is empty while the item is only a preview."""

    id: str
    subscription: str
    price: Body
    name: str
    quantity: int
    start: int
    end: int

    @property
    def full(self) -> int:
        """The price of a whole period in minor units."""
        return self.price["unit_amount"] * self.quantity


def for_period(item: Item) -> Body:
    """The line that charges a whole period in advance."""
    return _line(item, item.full, f"{item.quantity} {TIMES} {item.name}", item.start, item.end, proration=False)


def given_back(item: Item, moment: int) -> Body:
    """The line that gives back what of a paid period lies after the moment."""
    text = f"Unused time on {_counted(item)} after {day(moment)}"
    return _line(item, -share(item.full, item.start, item.end, moment), text, moment, item.end, proration=True)


def asked_for(item: Item, moment: int) -> Body:
    """The line that charges what of the period lies after the moment, at another price."""
    text = f"Remaining time on {_counted(item)} after {day(moment)}"
    return _line(item, share(item.full, item.start, item.end, moment), text, moment, item.end, proration=True)


def changes(before: Iterable[Item], after: Iterable[Item], moment: int) -> list[Body]:
    """All lines of a change; items that stay as they are have none."""
    old, new = {item.id: item for item in before}, {item.id: item for item in after}
    touched = [key for key in old | new if not _same(old.get(key), new.get(key))]
    back = [given_back(old[key], moment) for key in touched if key in old]
    return back + [asked_for(new[key], moment) for key in touched if key in new]


def _same(old: Item | None, new: Item | None) -> bool:
    return old is not None and new is not None and (old.price["id"], old.quantity) == (new.price["id"], new.quantity)


def _counted(item: Item) -> str:
    return f"{item.quantity} {TIMES} {item.name}" if item.quantity != 1 else item.name


def _line(item: Item, amount: int, text: str, start: int, end: int, *, proration: bool) -> Body:
    """A line without its id and invoice, which it gets when it is put on one."""
    price = item.price
    details = {"invoice_item": None, "proration": proration, "proration_details": None, "subscription": item.subscription, "subscription_item": item.id}
    return shapes.nulls("line_item") | {
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": text,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": {"type": "subscription_item_details", "invoice_item_details": None, "subscription_item_details": details},
        "period": {"start": start, "end": end},
        "pretax_credit_amounts": [],
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": str(amount if proration else price["unit_amount"]),
        },
        "quantity": item.quantity,
        "quantity_decimal": str(item.quantity),
        "subscription": item.subscription,
        "subtotal": amount,
        "taxes": [],
    }
