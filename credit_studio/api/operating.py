"""Money for operators: `/api/admin/refunds`, `/api/admin/reconciliation`, `/api/admin/events`; and auto-recharge for everybody."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from credit_studio.api import auth, idempotency
from credit_studio.api.openapi import refusals
from credit_studio.api.operator_bodies import (
    AutoRechargeIn,
    AutoRechargeReply,
    DeadEventOut,
    FindingOut,
    MoneyCheckOut,
    MoneyIn,
    ReconciliationReply,
    RefundIn,
    RefundReply,
    ReplayedReply,
    StoppedOut,
    UnfinishedOut,
)
from credit_studio.api.payment_bodies import MoneyOut
from credit_studio.api.route import PrivateRoute
from credit_studio.catalog.service import catalog
from credit_studio.core import ids
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.payments import errors, inbox, recharging, reconciling, refunding
from credit_studio.payments.views import MoneyReport, MoneyVerdict, Order, Recharge

router = APIRouter(prefix="/api/billing/auto-recharge", tags=["Money"], route_class=PrivateRoute)
operating = APIRouter(prefix="/api/admin", tags=["Operators"], route_class=PrivateRoute)
ROUTERS = (router, operating)


@router.get("", summary="Your auto-recharge", responses=refusals("sign_in_required"))
async def auto_recharge(caller: auth.Caller) -> AutoRechargeReply:
    """Off until you turn it on. Shows the sentence that you agree to, word for word, and why it has stopped, if it has."""
    return _recharge(await recharging.rule(caller))


@router.put("", summary="Turn auto-recharge on or off", responses=refusals("sign_in_required", "no_card", unsafe=True))
async def set_auto_recharge(body: AutoRechargeIn, caller: auth.Caller) -> AutoRechargeReply:
    """It buys with the saved card when you run low, within the month's ceiling, and stops as soon as your bank refuses or asks. Every change is audited."""
    ceiling = _of_catalogue(body.monthly_ceiling, "monthlyCeiling")
    figures: dict[str, Any] = {"below": body.below, "pack_id": body.pack_id, "ceiling_amount": ceiling}
    return _recharge(await recharging.set_rule(caller, enabled=body.enabled, consent=body.consent, **figures))


@operating.post(
    "/refunds",
    status_code=201,
    summary="Send money back",
    responses=refusals("sign_in_required", "forbidden", "not_found", "not_paid", "nothing_to_refund", "idempotency_mismatch", unsafe=True),
)
async def refund(body: RefundIn, request: Request, caller: auth.Caller, key: idempotency.Key) -> RefundReply:
    """For operators, not for their own orders. The credits go with the money at once: what was spent of them becomes a debt. Audited."""
    caller.require_admin()
    order_id = ids.parse_id(body.order_id)
    if order_id is None:
        raise errors.no_such_order()
    amount = None if body.amount is None else _of_catalogue(body.amount, "amount")
    done = await refunding.refund(caller, order_id, amount=amount, reason=body.reason, key=key)
    if done.replayed:
        idempotency.mark_replayed(request)
    return RefundReply.model_validate(done)


@operating.get("/reconciliation", summary="Does what was paid agree with what was granted?", responses=refusals("sign_in_required", "forbidden"))
async def reconciliation(caller: auth.Caller) -> ReconciliationReply:
    """The last comparison, orders that are unfinished for more than an hour, events that were given up. For operators."""
    return _report(await reconciling.report(caller))


@operating.post("/reconciliation", summary="Compare now", responses=refusals("sign_in_required", "forbidden", "bad_origin"))
async def compare(caller: auth.Caller) -> MoneyCheckOut:
    """What Stripe has and nobody told of is written down; what cannot be mended is told. It is done every hour anyway. For operators."""
    return _check(await reconciling.check_now(caller))


@operating.post(
    "/events/{event_id}/replay", summary="Work an event through again", responses=refusals("sign_in_required", "forbidden", "not_found", "bad_origin")
)
async def replay(event_id: str, caller: auth.Caller) -> ReplayedReply:
    """One of Stripe's that was given up; doing it twice changes nothing. For operators. Audited."""
    caller.require_admin()
    if not (event_id.isascii() and event_id.isprintable()):
        raise errors.no_such_event()
    await inbox.replay(caller, event_id)
    return ReplayedReply(replayed=event_id)


def _of_catalogue(money: MoneyIn, field: str) -> int:
    """The amount, when it is in the currency that the studio sells in; raises `InvalidInputs`."""
    if money.currency != catalog().currency:
        raise InvalidInputs((FieldError(f"{field}.currency", f"Must be {catalog().currency}."),), message="Nothing was changed.")
    return money.amount


def _recharge(found: Recharge) -> AutoRechargeReply:
    return AutoRechargeReply(
        enabled=found.enabled,
        below=found.below,
        pack_id=found.pack_id,
        monthly_ceiling=MoneyOut.model_validate(found.ceiling),
        tried=MoneyOut.model_validate(found.tried),
        waits=found.waits,  # pyright: ignore[reportArgumentType] - one of the rule's verdicts
        consent_text=found.consent,
        consented_at=found.consented_at,
        stopped=StoppedOut(code=found.stopped, said=found.said, action=found.action) if found.stopped else None,
    )


def _report(found: MoneyReport) -> ReconciliationReply:
    return ReconciliationReply(
        last=None if found.last is None else _check(found.last),
        unfinished=tuple(_unfinished(one) for one in found.unfinished),
        dead=tuple(DeadEventOut.model_validate(one) for one in found.dead),
    )


def _unfinished(order: Order) -> UnfinishedOut:
    named = {name: getattr(order, name) for name in ("kind", "item", "status", "created_at")}
    return UnfinishedOut(order_id=order.id, amount=MoneyOut.model_validate(order.price), **named)


def _check(found: MoneyVerdict) -> MoneyCheckOut:
    wrong = tuple(FindingOut(code=code, about=about, said=said) for code, about, said in found.found)
    return MoneyCheckOut(at=found.at, since=found.since, holds=found.holds, looked=found.looked, mended=found.mended, found=wrong)
