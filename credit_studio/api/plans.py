"""`/api/billing`: plans, what a change would do, and changing."""

from fastapi import APIRouter
from starlette.requests import Request

from credit_studio.api import auth, idempotency
from credit_studio.api.openapi import refusals
from credit_studio.api.payment_bodies import MoneyOut
from credit_studio.api.payments import origin
from credit_studio.api.plan_bodies import ChosenReply, HeldPlanOut, OfferedPlanOut, PlanChoice, PlanList, PreviewReply
from credit_studio.api.route import PrivateRoute, StudioRoute
from credit_studio.subscriptions import changing

open_router = APIRouter(prefix="/api/billing", tags=["Money"], route_class=StudioRoute)
router = APIRouter(prefix="/api/billing", tags=["Money"], route_class=PrivateRoute)
ROUTERS = (open_router, router)

_CHOOSING = ("sign_in_required", "not_found", "plan_is_held", "plan_by_agreement", "plan_is_ending", "payment_due", "price_changed", "card_declined")
_KEYED = ("idempotency_in_progress", "idempotency_mismatch")


@open_router.get("/plans", summary="The plans there are", responses=refusals())
async def plans(caller: auth.Caller) -> PlanList:
    """With what choosing each would do for you; for visitors, what it would do for a new account."""
    return PlanList(items=tuple(OfferedPlanOut.model_validate(plan) for plan in await changing.offers(caller)))


@router.get("/plan", summary="Your plan", responses=refusals("sign_in_required"))
async def plan(caller: auth.Caller) -> HeldPlanOut:
    """How it stands and what follows it."""
    return HeldPlanOut.model_validate(await changing.standing(caller))


@router.get("/plans/{plan_id}/preview", summary="What a change would do", responses=refusals("sign_in_required", "not_found", "plan_is_ending", "payment_due"))
async def preview(plan_id: str, caller: auth.Caller) -> PreviewReply:
    """Numbers and sentences before you say yes: what is charged and arrives at once, what stays, what ends, what carries over. Nothing is done."""
    return PreviewReply.model_validate(await changing.preview_change(caller, plan_id))


@router.post("/subscribe", summary="Choose a plan", responses=refusals(*_CHOOSING, *_KEYED, unsafe=True))
async def subscribe(body: PlanChoice, request: Request, caller: auth.Caller, key: idempotency.Key) -> ChosenReply:
    """The first plan that costs goes through Stripe's checkout at `url`. A larger one follows at once and charges the difference.

    A smaller one, or the free one, follows at the end of the period. Choosing your present plan takes such a choice back.
    """
    chosen = await changing.choose(caller, body.plan_id, origin=origin(request), key=key, priced_at=body.priced_at)
    if chosen.replayed:
        idempotency.mark_replayed(request)
    return _told(chosen)


@router.post("/plan/cancel", summary="End your plan with its period", responses=refusals("sign_in_required", "plan_is_held", "bad_origin"))
async def cancel(caller: auth.Caller) -> ChosenReply:
    """It stays until then, with its credits; nothing is charged any more. Bought credits stay yours."""
    return _told(await changing.cancel(caller))


@router.post("/plan/resume", summary="Keep your plan", responses=refusals("sign_in_required", "plan_is_held", "bad_origin"))
async def resume(caller: auth.Caller) -> ChosenReply:
    """Takes back a cancellation or a smaller plan to come."""
    return _told(await changing.resume(caller))


def _told(chosen: changing.Chosen) -> ChosenReply:
    order = chosen.order
    charged, credits = (None, None) if order is None else (MoneyOut.model_validate(order.price), order.credits)  # noqa: A001 - the word of the field
    plan_now = HeldPlanOut.model_validate(chosen.plan)
    return ChosenReply(status=chosen.status, plan=plan_now, url=chosen.url, session_id=chosen.session_id, charged=charged, credits=credits)
