"""Giving a person a plan, renewing it, and telling which one they hold."""

from datetime import datetime
from itertools import takewhile
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


async def start_plan(tx: Tx, *, person_id: UUID, plan: Plan, zone: str, since: datetime | None = None) -> PlanView:
    """Begin a period of `plan`, now or at `since`: its allotment arrives and ends with the period, its caps hold from now on. The studio renews it.

    Credits that are there stay: a new plan adds, it never lowers a balance. When `since` is long ago it is the period that holds now.
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
    await _open_period(tx, person_id=person_id, plan=plan, zone=zone, period=(start, end))
    return PlanView(plan.id, plan.name, plan.monthly_credits, plan.daily_cap, start, end)


async def due(tx: Tx, *, limit: int) -> tuple[UUID, ...]:
    """Whose plan the studio has to renew now, the longest due first."""
    return tuple(await store.due(tx, clock.now(), limit))


async def renew(tx: Tx, *, person_id: UUID, zone: str) -> PlanView | None:
    """Open the period that holds now, with its allotment; None when it is open already or Stripe renews the plan. Harmless to do twice.

    Periods that passed while nothing renewed them are left out: what they would have brought would have ended with them.
    """
    plan, row = await _held(tx, person_id, lock=True)
    now = clock.now()
    if row["source"] != "studio" or row["period_end"] > now:
        return None
    start, end = rules.present_period(row["period_end"], anchor_day=row["anchor_day"], zone=zone, now=now)
    await store.put(tx, dict(row) | {"period_start": start, "period_end": end})
    await _open_period(tx, person_id=person_id, plan=plan, zone=zone, period=(start, end))
    return PlanView(plan.id, plan.name, plan.monthly_credits, plan.daily_cap, start, end)


async def plan_of(tx: Tx, *, person_id: UUID) -> PlanView:
    """The plan that the person holds. Everybody holds one; raises `InvariantBroken` when not."""
    plan, row = await _held(tx, person_id)
    more = {name: row[name] for name in ("status", "cancel_at", "next_plan_id")}
    held = (plan.id, plan.name, plan.monthly_credits, plan.daily_cap, row["period_start"], row["period_end"])
    return PlanView(*held, is_paid=row["source"] == "stripe", **more)


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
    return tuple(Renewal(*one) for one in periods if one[0] > clock.now())


async def _held(tx: Tx, person_id: UUID, *, lock: bool = False) -> tuple[Plan, RowMapping]:
    row = await store.find(tx, person_id, lock=lock)
    plan = None if row is None else catalog().find_plan(row["plan_id"])
    if row is None or plan is None:
        raise InvariantBroken("a person without a plan of the catalogue")
    return plan, row


async def _open_period(tx: Tx, *, person_id: UUID, plan: Plan, zone: str, period: tuple[datetime, datetime]) -> None:
    """The period's credits, once: the reference names the person, the plan and the period. And its caps."""
    start, end = period
    reference = f"{person_id}:{plan.id}:{start.isoformat()}"
    label = f"{plan.name}, {start:%B %Y}"
    await ledger.grant(tx, owner_id=person_id, source=PLAN_SOURCE, source_ref=reference, amount=plan.monthly_credits, label=label, expires_at=end)
    await set_caps(tx, person_id=person_id, plan=plan, zone=zone, month=plan.monthly_credits, period=period)


async def set_caps(tx: Tx, *, person_id: UUID, plan: Plan, zone: str, month: int, period: tuple[datetime, datetime]) -> None:
    """Let the plan's caps hold from now on: its own for a day, `month` credits for the period [start, end)."""
    await ledger.set_cap(tx, owner_id=person_id, subject="plan", label="day", limit=plan.daily_cap, zone=zone)
    await ledger.set_cap(tx, owner_id=person_id, subject="plan", label="month", limit=month, zone=zone, period=period)
