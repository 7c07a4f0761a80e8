"""What goes in and comes out about codes, gifts, invitations and receipts."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictInt

from credit_studio.api.bodies import Credits, In, Out, Text
from credit_studio.api.payment_bodies import MoneyOut
from credit_studio.offers import promos

_ID = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
_AT = "2026-11-20T14:02:07Z"
_UNTIL = "2026-12-20T14:02:07Z"
_TOKEN = "q7Jw0Zr1x2Yb3Vc4Ud5Te6Sf7Rg8Qh9Pi0Oj1Nk2Ml3A"[:43]
_GIFT: dict[str, Any] = {
    "giftId": _ID,
    "credits": 200,
    "from": "Ada",
    "message": "For the long nights",
    "state": "open",
    "createdAt": _AT,
    "until": _UNTIL,
    "endedAt": None,
}
_TO: dict[str, Any] = {"name": "Example Ltd", "address": "1 High Street\nLondon", "country": "United Kingdom", "taxId": "GB123456789"}
_PROMO: dict[str, Any] = {"promoId": _ID, "code": "SPRING2026", "credits": 50, "creditDays": 90, "mostUses": 100, "used": 3, "note": "the spring fair"}
_PROMO_TIMES: dict[str, Any] = {"createdAt": _AT, "expiresAt": _UNTIL, "endedAt": None}
GiftStates = Literal["open", "claimed", "revoked", "expired"]
ReferralStates = Literal["waiting", "rewarded", "refused", "taken_back"]


class CodeIn(In):
    """A code as it was typed: capitals, spaces and hyphens do not matter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "SPRING-2026"}]})

    code: Text


class RedeemedReply(Out):
    """What the code brought; `expiresAt` is null when these credits do not end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "SPRING2026", "credits": 50, "expiresAt": None, "balance": 350}]})

    code: str
    credits: int
    expires_at: datetime | None
    balance: int = Field(description="available now")


class GiftIn(In):
    """A gift: credits that you bought or got as a gift. `from` and `message` are shown to whoever has the link."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"credits": 200, "from": "Ada", "message": "For the long nights"}]})

    credits: Credits
    sender: Text = Field(default="", alias="from")
    message: Text = ""


class GiftOut(Out):
    """A gift of yours; who claimed it is not told."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GIFT]})

    gift_id: UUID = Field(validation_alias="id")
    credits: int
    sender: str = Field(serialization_alias="from")
    message: str
    state: GiftStates
    created_at: datetime
    until: datetime = Field(description="then the credits come back, unless it was claimed")
    ended_at: datetime | None


class GiftList(Out):
    """Your newest gifts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_GIFT], "giveable": 300, "nextCursor": None}]})

    items: tuple[GiftOut, ...]
    giveable: int = Field(description="credits that you could give now")
    next_cursor: str | None = None


class GiftLinkReply(Out):
    """A gift and its link, told this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gift": _GIFT, "token": _TOKEN, "url": f"https://studio.example.com/gifts/{_TOKEN}/"}]})

    gift: GiftOut
    token: str
    url: str


class GiftOfferReply(Out):
    """A gift as whoever has its link sees it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"credits": 200, "from": "Ada", "message": "For the long nights", "state": "open", "until": _UNTIL, "isOwn": False}]}
    )

    credits: int
    sender: str = Field(serialization_alias="from")
    message: str
    state: GiftStates
    until: datetime
    is_own: bool


class ClaimedReply(Out):
    """The gift is yours."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"credits": 200, "balance": 500}]})

    credits: int
    balance: int = Field(description="available now")


class InvitedOut(Out):
    """Somebody who accepted an invitation. `reason` says why there is no bonus."""

    at: datetime
    state: ReferralStates
    credits: int
    reason: str


class ReferralReply(Out):
    """Your invitations. Each of both gets `bonus` with the newcomer's first purchase; `most` is how many bonuses one person can earn."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "K7MPQ2RXYZ",
                    "url": "https://studio.example.com/invite/K7MPQ2RXYZ/",
                    "bonus": 100,
                    "most": 20,
                    "earned": 100,
                    "invited": [{"at": _AT, "state": "rewarded", "credits": 100, "reason": ""}],
                    "own": None,
                }
            ]
        }
    )

    code: str
    url: str
    bonus: int
    most: int
    earned: int
    invited: tuple[InvitedOut, ...]
    own: InvitedOut | None = Field(description="the invitation that you accepted")


class InvitationReply(InvitedOut):
    """The invitation is accepted; the bonus comes with your first purchase."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"at": _AT, "state": "waiting", "credits": 0, "reason": ""}]})


class PromoIn(In):
    """A new code; without `code` one is made. Null: without a limit, without an end."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "SPRING-2026", "credits": 50, "creditDays": 90, "mostUses": 100, "expiresAt": None, "note": ""}]}
    )

    code: Text | None = None
    credits: Credits
    credit_days: Annotated[StrictInt, Field(ge=1, le=promos.MOST_DAYS)] | None = Field(default=None, description="days until the credits end")
    most_uses: Annotated[StrictInt, Field(ge=1, le=promos.MOST_USES)] | None = Field(default=None, description="by how many people")
    expires_at: AwareDatetime | None = Field(default=None, description="until when it can be redeemed", strict=False)
    note: Text = ""


class PromoOut(Out):
    """A code as operators see it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROMO | _PROMO_TIMES]})

    promo_id: UUID = Field(validation_alias="id")
    code: str
    credits: int
    credit_days: int | None
    most_uses: int | None
    used: int
    note: str
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


class PromoList(Out):
    """The newest codes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_PROMO | _PROMO_TIMES], "nextCursor": None}]})

    items: tuple[PromoOut, ...]
    next_cursor: str | None = None


class BillToBody(In):
    """What your receipts are made out to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TO]})

    name: Text = ""
    address: Text = Field(default="", description="in lines")
    country: Text = ""
    tax_id: Text = ""


class BillToReply(Out):
    """What your receipts are made out to; empty where nothing was said."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TO]})

    name: str
    address: str
    country: str
    tax_id: str


class ReceiptOut(Out):
    """A receipt. Its number has no gaps; `stripeUrl` leads to Stripe's own invoice or receipt."""

    receipt_id: UUID
    number: str
    what: str
    credits: int
    amount: MoneyOut
    refunded: MoneyOut
    paid_at: datetime
    pdf_url: str
    stripe_url: str
    bill_to: BillToReply


class ReceiptList(Out):
    """Your receipts, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "receiptId": _ID,
                            "number": "R-000042",
                            "what": "Starter pack",
                            "credits": 500,
                            "amount": {"amount": 1000, "currency": "GBP"},
                            "refunded": {"amount": 0, "currency": "GBP"},
                            "paidAt": _AT,
                            "pdfUrl": f"/api/billing/receipts/{_ID}.pdf",
                            "stripeUrl": f"/api/billing/receipts/{_ID}/stripe",
                            "billTo": _TO,
                        }
                    ],
                    "nextCursor": None,
                }
            ]
        }
    )

    items: tuple[ReceiptOut, ...]
    next_cursor: str | None
