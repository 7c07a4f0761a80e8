"""What goes in and comes out about money: minor units with their currency, whole credits."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from credit_studio.api.bodies import In, Out, Text, maybe

_PRICE = {"amount": 1000, "currency": "GBP"}
_ORDER = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
_SESSION = "cs_test_a1B2c3D4e5F6"
_RECEIPT = f"/api/billing/receipts/{_ORDER}.pdf"


class MoneyOut(Out):
    """An amount in minor units (pence for GBP)."""

    amount: int
    currency: str


class PackOut(Out):
    """Credits for sale. `pricePerCredit` is in minor units, `saving` in whole percent against the dearest pack."""

    pack_id: str = Field(validation_alias="id")
    name: str
    credits: int
    price: MoneyOut
    price_per_credit: float = Field(validation_alias="per_credit")
    saving: int
    one_click: bool = Field(description="true when a saved card buys it without asking once more")


class PackList(Out):
    """All packs, in the order of the catalogue."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [{"packId": "starter", "name": "Starter", "credits": 500, "price": _PRICE, "pricePerCredit": 2.0, "saving": 0, "oneClick": True}],
                    "nextCursor": None,
                }
            ]
        }
    )

    items: tuple[PackOut, ...]
    next_cursor: str | None = None


class PackChoice(In):
    """Which pack. Its price is the catalogue's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"packId": "starter"}]})

    pack_id: Text


class CheckoutReply(Out):
    """Where to pay. Nothing is charged before that."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sessionId": _SESSION, "url": "https://checkout.stripe.com/c/pay/cs_test_a1B2c3D4e5F6"}]})

    session_id: str
    url: str


class PaymentReply(Out):
    """How a purchase stands. `failure` says in words why it was not paid; `receiptUrl` is there once it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"orderId": _ORDER, "status": "paid", "credits": 500, "packId": "starter", "amount": _PRICE, "receiptUrl": _RECEIPT, "failure": None}]
        }
    )

    order_id: UUID
    status: Literal["open", "processing", "paid", "expired", "failed"]
    credits: int
    pack_id: str
    amount: MoneyOut
    receipt_url: str | None
    failure: str | None


class TopUpReply(PaymentReply):
    """A top-up. `url` is there while your bank asks you to confirm it: nothing is charged before that."""

    url: str | None = maybe("where your bank asks you")


class PlaceReply(Out):
    """Where to go, for a short time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "https://billing.stripe.com/p/session/test_a1B2c3D4"}]})

    url: str


class ReceivedReply(Out):
    """The event is written down."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"received": True}]})

    received: Literal[True] = True
