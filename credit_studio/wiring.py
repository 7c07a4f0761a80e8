"""What follows each event, on one screen: done in the same transaction, or enqueued in it as a job."""

import sys

import structlog

from credit_studio.analytics import service as analytics
from credit_studio.audit import service as audit
from credit_studio.core import events
from credit_studio.db.session import Tx
from credit_studio.engine import gate
from credit_studio.limits.events import LimitsChanged
from credit_studio.metering import service as metering
from credit_studio.notifications import noticing
from credit_studio.offers import referrals
from credit_studio.payments import recharging
from credit_studio.payments import service as payments
from credit_studio.payments.events import (
    CardChanged,
    DisputeChanged,
    PlanPaid,
    PlanStateChanged,
    PurchaseFailed,
    PurchasePaid,
    PurchaseRefunded,
    RechargeChanged,
)
from credit_studio.runs.events import ResultReused, ResultShared, RunAllowed, RunBlocked, RunDeleted, RunSettled
from credit_studio.subscriptions import following as plans
from credit_studio.subscriptions import service as subscriptions


async def _audit_allowed(tx: Tx, event: RunAllowed) -> None:
    details = {"tool": event.tool_id, "held": event.held}
    await audit.record(tx, "run.allowed", actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id, details=details)


async def _audit_blocked(tx: Tx, event: RunBlocked) -> None:
    details = {"tool": event.tool_id, "code": event.code, "required": event.required}
    await audit.record(tx, "run.blocked", actor=event.actor, subject=f"tool:{event.tool_id}", user_id=event.person_id, details=details)


async def _audit_settled(tx: Tx, event: RunSettled) -> None:
    said = "run.completed" if event.status == "succeeded" else "run.failed"
    details = {"tool": event.tool_id, "status": event.status, "code": event.code, "charged": event.charged, "released": event.released}
    names = [said, *(["limit.hit"] if event.status in ("limit", "timed_out") else []), *(["credits.charged"] if event.charged else [])]
    for name in names:
        await audit.record(tx, name, actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id, details=details)


async def _audit_reused(tx: Tx, event: ResultReused) -> None:
    await audit.record(tx, "result.reused", actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id, details={"tool": event.tool_id})


async def _audit_deleted(tx: Tx, event: RunDeleted) -> None:
    name = "run.restored" if event.is_back else "run.deleted"
    await audit.record(tx, name, actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id)


async def _audit_shared(tx: Tx, event: ResultShared) -> None:
    name = "result.unshared" if event.is_ended else "result.shared"
    await audit.record(tx, name, actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id)


async def _count_settled(tx: Tx, event: RunSettled) -> None:
    await analytics.count_run(tx, person_id=event.person_id, tool_id=event.tool_id, at=event.at, charged=event.charged, succeeded=event.status == "succeeded")


async def _count_tokens(tx: Tx, event: RunSettled) -> None:
    if event.tokens:
        zone = await gate.zone_of(tx, event.person_id)
        await metering.count(tx, person_id=event.person_id, zone=zone, at=event.at, tokens=event.tokens)


async def _recharge(tx: Tx, event: RunSettled) -> None:
    if event.charged:
        await recharging.after_charge(tx, person_id=event.person_id)


async def _notice_charge(tx: Tx, event: RunSettled) -> None:
    if event.charged:
        await noticing.consider_charge(tx, person_id=event.person_id)


async def _notice_block(tx: Tx, event: RunBlocked) -> None:
    await noticing.consider_block(tx, person_id=event.person_id, code=event.code)


async def _audit_recharge(tx: Tx, event: RechargeChanged) -> None:
    details = {"on": event.enabled, "reason": event.reason, "below": event.below, "item": event.pack_id, "ceiling": event.ceiling_amount}
    await audit.record(tx, "recharge.changed", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=details)


async def _audit_paid(tx: Tx, event: PurchasePaid) -> None:
    details = {"kind": event.kind, "item": event.item, "credits": event.credits, "amount": event.amount, "currency": event.currency}
    await audit.record(tx, "purchase.paid", actor=event.actor, subject=f"order:{event.order_id}", user_id=event.person_id, details=details)
    if event.kind != "plan":
        granted = {"source": "purchase", "credits": event.credits}
        await audit.record(tx, "credits.granted", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=granted)


async def _decide_referral(tx: Tx, event: PurchasePaid) -> None:
    await referrals.purchase_paid(tx, person_id=event.person_id, order_id=event.order_id, amount=event.amount)


async def _undo_referral(tx: Tx, event: PurchaseRefunded) -> None:
    if await payments.is_paid_back(tx, event.order_id):
        await referrals.purchase_undone(tx, order_id=event.order_id)


async def _lose_referral(tx: Tx, event: DisputeChanged) -> None:
    if event.status == "lost":
        await referrals.purchase_undone(tx, order_id=event.order_id)


async def _audit_unpaid(tx: Tx, event: PurchaseFailed) -> None:
    details = {"kind": event.kind, "item": event.item, "code": event.code}
    await audit.record(tx, "purchase.failed", actor=event.actor, subject=f"order:{event.order_id}", user_id=event.person_id, details=details)


async def _audit_refunded(tx: Tx, event: PurchaseRefunded) -> None:
    details = {"amount": event.amount, "currency": event.currency, "credits": event.credits}
    await audit.record(tx, "purchase.refunded", actor=event.actor, subject=f"order:{event.order_id}", user_id=event.person_id, details=details)


async def _audit_dispute(tx: Tx, event: DisputeChanged) -> None:
    details = {"dispute": event.dispute_id, "status": event.status, "credits": event.credits}
    await audit.record(tx, "dispute.changed", actor=event.actor, subject=f"order:{event.order_id}", user_id=event.person_id, details=details)


async def _allot_plan(tx: Tx, event: PlanPaid) -> None:
    if not await plans.allot(tx, event):
        return
    details = {"plan": event.plan_id, "invoice": event.invoice_id, "reason": event.reason, "amount": event.amount}
    await audit.record(tx, "plan.paid", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=details)
    granted = {"source": "plan", "credits": event.credits}
    await audit.record(tx, "credits.granted", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=granted)
    await noticing.plan_paid(tx, event)


async def _follow_plan(tx: Tx, event: PlanStateChanged) -> None:
    if not await plans.follow(tx, event):
        return
    details = {"plan": event.plan_id, "status": event.status, "ends": event.cancel_at.isoformat() if event.cancel_at else None}
    await audit.record(tx, "plan.changed", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=details)
    held = await subscriptions.plan_of(tx, person_id=event.person_id)
    await noticing.plan_changed(tx, event, plan_id=held.id, ends_at=held.cancel_at)


async def _audit_card(tx: Tx, event: CardChanged) -> None:
    details = {"last4": event.last4, "trouble": event.trouble}
    await audit.record(tx, "card.changed", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=details)


async def _audit_limits(tx: Tx, event: LimitsChanged) -> None:
    await audit.record(tx, "limits.changed", actor=event.actor, subject=f"user:{event.person_id}", user_id=event.person_id, details=event.changes)


REACTIONS: dict[type[events.Event], tuple[events.Reaction, ...]] = {
    RunAllowed: (_audit_allowed,),
    RunBlocked: (_audit_blocked, _notice_block),
    RunSettled: (_audit_settled, _count_settled, _count_tokens, _recharge, _notice_charge),
    ResultReused: (_audit_reused,),
    RunDeleted: (_audit_deleted,),
    ResultShared: (_audit_shared,),
    PurchasePaid: (_audit_paid, _decide_referral, noticing.purchase_paid),
    PurchaseFailed: (_audit_unpaid, recharging.after_failure, noticing.purchase_failed),
    PurchaseRefunded: (_audit_refunded, _undo_referral, noticing.purchase_refunded),
    DisputeChanged: (_audit_dispute, _lose_referral, recharging.after_dispute, noticing.dispute_changed),
    PlanPaid: (_allot_plan,),
    PlanStateChanged: (_follow_plan,),
    RechargeChanged: (_audit_recharge, noticing.recharge_changed),
    CardChanged: (_audit_card, noticing.card_changed),
    LimitsChanged: (_audit_limits,),
}


def install() -> None:
    """Make the reactions known, and keep what is written down short; called once by every process at its start."""
    events.install(REACTIONS)
    _log_without_values()


def _log_without_values() -> None:
    """Tracebacks without the values of variables: those hold cookies and addresses, and take half a second each to lay out."""
    *steps, _ = structlog.get_config()["processors"]
    structlog.configure(processors=[*steps, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback)])
