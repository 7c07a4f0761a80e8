"""Giving a person a plan, and telling which one they hold."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Plan
from credit_studio.core import clock
from credit_studio.core.errors import InvariantBroken, NotFound
from credit_studio.db.session import Tx
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PLAN_SOURCE
from credit_studio.subscriptions import rules, store
from credit_studio.subscriptions.views import PlanView, Renewal


def get_plan(plan_id: str) -> Plan:
    """The catalogue's plan; raises `NotFound`, naming the plans there are."""
    plan = catalog().find_plan(plan_id)
    if plan is None:
        known = ", ".join(one.id for one in catalog().plans)
        raise NotFound(f"There is no plan {plan_id!r}. It is one of {known}.")
    return plan


async def start_plan(tx: Tx, *, person_id: UUID, plan: Plan, zone: str) -> PlanView:
    """Begin a period of `plan` now: its allotment arrives and ends with the period, its caps hold from now on.

    Credits that are there stay: a new plan adds, it never lowers a balance.
    """
    now = clock.now()
    anchor = now.astimezone(ZoneInfo(zone)).day
    end = rules.next_renewal(now, anchor_day=anchor, zone=zone)
    await ledger.open_account(tx, owner_id=person_id)
    await store.put(tx, {"person_id": person_id, "plan_id": plan.id, "period_start": now, "period_end": end, "anchor_day": anchor})
    await _allot(tx, person_id=person_id, plan=plan, start=now, end=end)
    await ledger.set_cap(tx, owner_id=person_id, subject="plan", label="day", limit=plan.daily_cap, zone=zone)
    await ledger.set_cap(tx, owner_id=person_id, subject="plan", label="month", limit=plan.monthly_credits, zone=zone, period=(now, end))
    return _view(plan, now, end)


async def plan_of(tx: Tx, *, person_id: UUID) -> PlanView:
    """The plan that the person holds. Everybody holds one; raises `InvariantBroken` when not."""
    plan, row = await _held(tx, person_id)
    return _view(plan, row["period_start"], row["period_end"])


async def renewals(tx: Tx, *, person_id: UUID, zone: str, until: datetime) -> tuple[Renewal, ...]:
    """The allotments that the person's plan will bring from now on and before `until`, in order. Raises `InvariantBroken` without a plan."""
    plan, row = await _held(tx, person_id)
    found: list[Renewal] = []
    at = row["period_end"]
    while at < until:
        ends = rules.next_renewal(at, anchor_day=row["anchor_day"], zone=zone)
        if at > clock.now():
            found.append(Renewal(at, ends, plan.monthly_credits))
        at = ends
    return tuple(found)


async def _held(tx: Tx, person_id: UUID) -> tuple[Plan, RowMapping]:
    row = await store.find(tx, person_id)
    plan = None if row is None else catalog().find_plan(row["plan_id"])
    if row is None or plan is None:
        raise InvariantBroken("a person without a plan of the catalogue")
    return plan, row


async def _allot(tx: Tx, *, person_id: UUID, plan: Plan, start: datetime, end: datetime) -> None:
    """The period's credits, once: the reference names the person, the plan and the period."""
    reference = f"{person_id}:{plan.id}:{start.isoformat()}"
    label = f"{plan.name}, {start:%B %Y}"
    await ledger.grant(tx, owner_id=person_id, source=PLAN_SOURCE, source_ref=reference, amount=plan.monthly_credits, label=label, expires_at=end)


def _view(plan: Plan, start: datetime, end: datetime) -> PlanView:
    return PlanView(plan.id, plan.name, plan.monthly_credits, plan.daily_cap, start, end)
