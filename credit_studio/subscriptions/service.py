"""Giving a person a plan, renewing it, and telling which one they hold."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Plan
from credit_studio.core import clock
from credit_studio.core.errors import InvariantBroken, NotFound
from credit_studio.db.session import Tx
from credit_studio.engine import gate
from credit_studio.ledger import service as ledger
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import PLAN_SOURCE
from credit_studio.subscriptions import rules, store
from credit_studio.subscriptions.views import PlanView, Renewal

ONCE_SOURCE = "promo"
"""What a plan brings once is like a promotion: it is not the plan's allotment, so no cap of a plan limits it and no end of one ends it."""


@dataclass(frozen=True)
class Opened:
    """A period that has just begun, and the credits that arrived with it."""

    plan: PlanView
    brought: int


def get_plan(plan_id: str) -> Plan:
    """The catalogue's plan; raises `NotFound`, naming the plans there are."""
    plan = catalog().find_plan(plan_id)
    if plan is None:
        known = ", ".join(one.id for one in catalog().plans)
        raise NotFound(f"There is no plan {plan_id!r}. It is one of {known}.")
    return plan


async def start_plan(tx: Tx, *, person_id: UUID, plan: Plan, zone: str, since: datetime | None = None) -> Opened:
    """Begin a period of `plan`, now or at `since`: what it brings arrives, its caps hold from now on. The studio renews it.

    A month's allotment ends with the period; what a plan brings once is given once and stays. Credits that are there stay: a new plan adds, it never
    lowers a balance. When `since` is long ago it is the period that holds now.
    """
    now = clock.now()
    start = since or now
    anchor = start.astimezone(ZoneInfo(zone)).day
    end = rules.next_renewal(start, anchor_day=anchor, zone=zone)
    if end <= now:
        start, end = rules.present_period(end, anchor_day=anchor, zone=zone, now=now)
    await ledger.open_account(tx, owner_id=person_id)
    kept = {"source": "studio", "status": "active", "stripe_id": None, "cancel_at": None, "next_plan_id": None}
    await store.put(tx, {"person_id": person_id, "plan_id": plan.id, "period_start": start, "period_end": end, "anchor_day": anchor, **kept})
    brought = await _open_period(tx, person_id=person_id, plan=plan, zone=zone, period=(start, end))
    return Opened(_view(plan, start, end), brought)


async def due(tx: Tx, *, limit: int) -> tuple[UUID, ...]:
    """Whose plan the studio has to renew now, the longest due first."""
    return tuple(await store.due(tx, clock.now(), limit))


async def renew(tx: Tx, *, person_id: UUID, zone: str) -> Opened | None:
    """Open the period that holds now, with what it brings; None when it is open already or Stripe renews the plan. Harmless to do twice.

    Periods that passed while nothing renewed them are left out: what they would have brought would have ended with them.
    """
    plan, row = await _held(tx, person_id, lock=True)
    now = clock.now()
    if row["source"] != "studio" or row["period_end"] > now:
        return None
    start, end = rules.present_period(row["period_end"], anchor_day=row["anchor_day"], zone=zone, now=now)
    await store.put(tx, dict(row) | {"period_start": start, "period_end": end})
    brought = await _open_period(tx, person_id=person_id, plan=plan, zone=zone, period=(start, end))
    return Opened(_view(plan, start, end), brought)


async def plan_of(tx: Tx, *, person_id: UUID) -> PlanView:
    """The plan that the person holds. Everybody holds one; raises `InvariantBroken` when not."""
    plan, row = await _held(tx, person_id)
    stands = {name: row[name] for name in ("status", "cancel_at", "next_plan_id")}
    return replace(_view(plan, row["period_start"], row["period_end"]), is_paid=row["source"] == "stripe", **stands)


async def stripe_id_of(tx: Tx, *, person_id: UUID) -> str | None:
    """The living subscription at Stripe that pays for the person's plan; None when the studio renews it."""
    _, row = await _held(tx, person_id)
    return row["stripe_id"]


async def renewals(tx: Tx, *, person_id: UUID, zone: str, until: datetime) -> tuple[Renewal, ...]:
    """The allotments that the person's plan will bring from now on and before `until`, in order. Raises `InvariantBroken` without a plan.

    What was chosen to follow is in them: a smaller plan, or the first one. None while a payment is due: nobody knows whether it will be paid.
    """
    plan, row = await _held(tx, person_id)
    if row["status"] == "past_due":
        return ()
    is_paid, first = row["source"] == "stripe", catalog().first_plan
    following = catalog().find_plan(row["next_plan_id"] or "") or plan
    course = rules.Course(following.monthly_credits, row["anchor_day"], "UTC" if is_paid else zone)
    turn = row["cancel_at"]
    then = None if turn is None else rules.Course(first.monthly_credits, turn.astimezone(ZoneInfo(zone)).day, zone)
    periods = takewhile(lambda one: one[0] < until, rules.coming(row["period_end"], course, then, turns_at=turn))
    return tuple(Renewal(*one) for one in periods if one[0] > clock.now() and one[2])


async def _held(tx: Tx, person_id: UUID, *, lock: bool = False) -> tuple[Plan, RowMapping]:
    row = await store.find(tx, person_id, lock=lock)
    plan = None if row is None else catalog().find_plan(row["plan_id"])
    if row is None or plan is None:
        raise InvariantBroken("a person without a plan of the catalogue")
    return plan, row


async def _open_period(tx: Tx, *, person_id: UUID, plan: Plan, zone: str, period: tuple[datetime, datetime]) -> int:
    """What the plan brings for the period, and its caps; the credits that arrived. Each reference arrives once."""
    start, end = period
    brought = await _give_once(tx, person_id, plan)
    if plan.monthly_credits:
        named: dict[str, Any] = {"source_ref": f"{person_id}:{plan.id}:{start.isoformat()}", "label": f"{plan.name}, {start:%B %Y}"}
        if await ledger.grant(tx, owner_id=person_id, source=PLAN_SOURCE, amount=plan.monthly_credits, expires_at=end, **named):
            brought = plan.monthly_credits
    await set_caps(tx, person_id=person_id, plan=plan, zone=zone, month=plan.monthly_credits or None, period=period)
    return brought


async def _give_once(tx: Tx, person_id: UUID, plan: Plan) -> int:
    """What a plan brings once, to who never had it; the person's own from then on. Who had it has had it, however much the catalogue says by now."""
    if not plan.credits_once:
        return 0
    named: dict[str, Any] = {"source_ref": f"{person_id}:{plan.id}:once", "label": plan.name}
    try:
        is_new = await ledger.grant(tx, owner_id=person_id, source=ONCE_SOURCE, amount=plan.credits_once, **named)
    except KeyReused:
        is_new = False
    return plan.credits_once if is_new else 0


async def set_caps(tx: Tx, *, person_id: UUID, plan: Plan, zone: str, month: int | None, period: tuple[datetime, datetime]) -> None:
    """Let the plan's caps hold from now on: its own for a day, `month` credits for the period [start, end); None: as many as there are."""
    caps = {"day": (plan.daily_cap, None), "month": (month, period)}
    known = {cap.label for cap in await ledger.caps(tx, owner_id=person_id, zone=zone) if cap.subject == "plan"}
    for label, (limit, over) in caps.items():
        if limit is not None or label in known:
            await ledger.set_cap(tx, owner_id=person_id, subject="plan", label=label, limit=gate.NO_CAP if limit is None else limit, zone=zone, period=over)


def _view(plan: Plan, start: datetime, end: datetime) -> PlanView:
    return PlanView(plan.id, plan.name, plan.monthly_credits, plan.daily_cap, start, end, credits_once=plan.credits_once)
