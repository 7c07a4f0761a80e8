"""Ended runs of a person: charged in the book, counted by the hour and written as rows, all at one instant, as the studio settles them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from credit_studio.analytics import service as analytics
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.subscriptions import flow as subscriptions
from tests.makers.past_runs import add_past, past_run

RISK, QUALITY, LINEAGE = "cyber-studio-risk-register", "data-studio-quality", "data-studio-lineage"
TOOLS = (RISK, QUALITY, LINEAGE)


@dataclass(frozen=True)
class Ran:
    """A run of the tool that ended at an instant; charged 0 when it failed."""

    at: datetime
    tool_id: str
    charged: int


async def a_person(zone: str, *, at: datetime, credits: int = 100_000) -> tuple[Actor, str]:  # noqa: A002 - the word of the field
    """Somebody who signed up at that instant, with bought credits, and their cookie."""
    with clock.frozen(at):
        session = await subscriptions.register(email=f"{ids.new_id().hex}@example.com", password="orbit-lantern-42-quay", time_zone=zone, actor=Actor())
        async with transaction() as tx:
            await ledger.grant(tx, owner_id=session.person.id, source="purchase", source_ref=str(ids.new_id()), amount=credits)
    return Actor(user_id=session.person.id, door="test"), session.token


async def ended(actor: Actor, *runs: Ran, lasted: timedelta = timedelta(seconds=3)) -> None:
    """Hold, settle, count and write each run."""
    person_id = actor.require_user()
    for run in runs:
        with clock.frozen(run.at):
            row = past_run(
                run.tool_id, ago=timedelta(), person_id=person_id, charged=run.charged, quoted_max=run.charged or 5, balance_before=100, balance_after=100
            )
            await _settle(person_id, row["id"], run)
            changed = {"status": "succeeded" if run.charged else "failed", "created_at": run.at - lasted, "started_at": run.at - lasted}
            await add_past(row | changed)


async def _settle(person_id: UUID, run_id: UUID, run: Ran) -> None:
    async with transaction() as tx:
        await ledger.hold(tx, owner_id=person_id, run_id=run_id, amount=run.charged or 5, lasts=timedelta(hours=1), zone="UTC")
        if run.charged:
            await ledger.capture(tx, owner_id=person_id, run_id=run_id, amount=run.charged)
        else:
            await ledger.release(tx, owner_id=person_id, run_id=run_id, reason="it failed")
        await analytics.count_run(tx, person_id=person_id, tool_id=run.tool_id, at=run.at, charged=run.charged, succeeded=run.charged > 0)


_CAPTURED = text(
    """
    SELECT CAST(coalesce(-sum(e.amount), 0) AS bigint) FROM entry e JOIN account a ON a.id = e.account_id
    WHERE a.owner_id = :owner AND e.kind = 'capture' AND e.at >= :start AND e.at < :end
    """
)


async def captured(actor: Actor, start: datetime, end: datetime) -> int:
    """What the book charged the person in [start, end)."""
    async with transaction() as tx:
        return (await tx.execute(_CAPTURED, {"owner": actor.require_user(), "start": start, "end": end})).scalar_one()
