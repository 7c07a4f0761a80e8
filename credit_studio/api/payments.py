"""`/api/billing`: buying credits, and the door for Stripe's events."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request

from credit_studio import settings
from credit_studio.api import auth, idempotency
from credit_studio.api.openapi import refusals
from credit_studio.api.payment_bodies import (
    CheckoutReply,
    MoneyOut,
    PackChoice,
    PackList,
    PackOut,
    PaymentReply,
    PlaceReply,
    ReceivedReply,
    TopUpReply,
)
from credit_studio.api.route import PrivateRoute, StudioRoute
from credit_studio.db.rates import Rate
from credit_studio.payments import flow, inbox, service
from credit_studio.payments.views import NeedsAction, Order


class WebhookRoute(StudioRoute):
    """Stripe comes from few addresses and tells a lot."""

    rate = Rate.WEBHOOKS


open_router = APIRouter(prefix="/api/billing", tags=["Money"], route_class=StudioRoute)
router = APIRouter(prefix="/api/billing", tags=["Money"], route_class=PrivateRoute)
door = APIRouter(prefix="/api/billing", tags=["Money"], route_class=WebhookRoute)
ROUTERS = (open_router, router, door)

_EVENT = {
    "id": "evt_1a2B3c",
    "object": "event",
    "type": "checkout.session.completed",
    "created": 1_793_000_000,
    "data": {"object": {"id": "cs_test_a1B2c3D4e5F6", "object": "checkout.session"}},
}
_BUYING = ("sign_in_required", "not_found", "idempotency_in_progress", "idempotency_mismatch")


@open_router.get("/packs", summary="What is for sale", responses=refusals())
async def packs() -> PackList:
    """Bought credits do not expire."""
    return PackList(items=tuple(PackOut.model_validate(pack) for pack in service.pack_offers()))


@router.post("/checkout", summary="Buy a pack at Stripe's checkout", responses=refusals(*_BUYING, unsafe=True))
async def checkout(body: PackChoice, request: Request, caller: auth.Caller, key: idempotency.Key) -> CheckoutReply:
    """Nothing is charged before you have paid at `url`; the credits arrive once, as soon as Stripe says that it was paid. The card is saved."""
    opened = await flow.start_checkout(caller, body.pack_id, origin=origin(request), key=key)
    if opened.replayed:
        idempotency.mark_replayed(request)
    return CheckoutReply(session_id=opened.session_id, url=opened.url)


@router.get("/verify-payment", summary="How a purchase stands", responses=refusals("sign_in_required", "not_found", "invalid_inputs"))
async def verify_payment(caller: auth.Caller, session_id: Annotated[str, Query(alias="sessionId", min_length=1, max_length=255)]) -> PaymentReply:
    """Asks Stripe when it is not certain yet, and grants what was paid: for those whose webhook is late. Your own purchases only."""
    return PaymentReply(**_told(await flow.verify(caller, session_id)))


@router.post("/top-up", summary="Buy a pack with the saved card", responses=refusals(*_BUYING, "card_declined", "no_card", "confirmation_needed", unsafe=True))
async def top_up(body: PackChoice, request: Request, caller: auth.Caller, key: idempotency.Key) -> TopUpReply:
    """One step, for packs below 50 of the currency. Send an Idempotency-Key: then asking again never charges twice, whatever got lost on the way."""
    done = await flow.top_up(caller, body.pack_id, origin=origin(request), key=key)
    if done.replayed:
        idempotency.mark_replayed(request)
    if isinstance(done, NeedsAction):
        return TopUpReply(**_told(await flow.order(caller, done.order_id)), url=done.url)
    return TopUpReply(**_told(done))


@router.post("/portal", summary="See to your cards, plan and invoices at Stripe", responses=refusals("sign_in_required", "bad_origin"))
async def portal(request: Request, caller: auth.Caller) -> PlaceReply:
    """The link is yours alone and short-lived."""
    return PlaceReply(url=await flow.portal(caller, origin=origin(request)))


@door.post(
    "/webhook",
    summary="Stripe's door",
    responses=refusals("invalid_request", "too_large", "unsupported_media_type", "bad_origin"),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}, "example": _EVENT}}}},
)
async def webhook(request: Request) -> ReceivedReply:
    """For events that Stripe has signed for this studio, in their own bytes. Answered as soon as an event is written down; it is worked through after that."""
    await inbox.receive(await request.body(), request.headers.get("stripe-signature", ""))
    return ReceivedReply()


def origin(request: Request) -> str:
    """Where the studio's pages are, as scheme and host: PUBLIC_URL, else the host that was asked."""
    return (settings.get().public_url or str(request.base_url)).rstrip("/")


def _told(order: Order) -> dict[str, Any]:
    place = f"/api/billing/receipts/{order.id}.pdf" if order.status == "paid" else None
    told: dict[str, Any] = {"order_id": order.id, "status": order.status, "credits": order.credits, "pack_id": order.item}
    return told | {"amount": MoneyOut.model_validate(order.price), "receipt_url": place, "failure": order.failure or None}
