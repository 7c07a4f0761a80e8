"""All SQL of runs and workers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, bindparam, delete, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.runs.models import Run, RunInput, RunResult, Worker

Row = RowMapping
Values = Mapping[str, Any]
RUN, INPUT, RESULT, WORKER = columns(Run), columns(RunInput), columns(RunResult), columns(Worker)
ACTIVE = RUN.status.in_(("queued", "running"))


async def add(tx: Tx, row: Values, inputs: str) -> None:
    """Insert a queued run and its inputs."""
    await tx.execute(insert(Run), row)
    await tx.execute(insert(RunInput), {"run_id": row["id"], "inputs": inputs})


async def by_key(tx: Tx, *, person_id: UUID, key: str, since: datetime) -> Row | None:
    """The person's run under an idempotency key that is not older than `since`, or None."""
    query = select(RUN).where(RUN.person_id == person_id, RUN.idem_key == key, RUN.created_at >= since)
    return (await tx.execute(query)).mappings().one_or_none()


async def forget_key(tx: Tx, *, person_id: UUID, key: str, before: datetime) -> None:
    """Free a key whose time has passed."""
    await tx.execute(update(Run).where(RUN.person_id == person_id, RUN.idem_key == key, RUN.created_at < before).values(idem_key=None))


async def has_active(tx: Tx, *, person_id: UUID, tool_id: str) -> bool:
    """Whether the person has a queued or running run of the tool."""
    query = select(RUN.id).where(RUN.person_id == person_id, RUN.tool_id == tool_id, ACTIVE).limit(1)
    return (await tx.execute(query)).first() is not None


_GET = select(RUN).where(RUN.id == bindparam("id"))


async def get(tx: Tx, run_id: UUID) -> Row | None:
    """The run's row, or None."""
    return (await tx.execute(_GET, {"id": run_id})).mappings().one_or_none()


_RESULT = select(RESULT).where(RESULT.run_id == bindparam("id"))
_INPUTS = select(INPUT.inputs).where(INPUT.run_id == bindparam("id"))


async def result(tx: Tx, run_id: UUID) -> Row | None:
    """What the run gave, or None."""
    return (await tx.execute(_RESULT, {"id": run_id})).mappings().one_or_none()


async def inputs(tx: Tx, run_id: UUID) -> str | None:
    """The run's inputs as JSON while it has not ended, or None."""
    return (await tx.execute(_INPUTS, {"id": run_id})).scalar_one_or_none()


_CLAIM = (
    update(Run)
    .where(RUN.id == bindparam("b_id"), RUN.status == "queued")
    .values(status="running", started_at=bindparam("b_at"), worker_id=bindparam("b_worker"), speed=bindparam("b_speed"))
    .returning(Run)
)


async def claim(tx: Tx, *, run_id: UUID, worker_id: UUID, speed: float, at: datetime) -> Row | None:
    """Take a queued run for a worker of that speed; None when it is not queued any more."""
    return (await tx.execute(_CLAIM, {"b_id": run_id, "b_worker": worker_id, "b_speed": speed, "b_at": at})).mappings().one_or_none()


async def end(tx: Tx, run_id: UUID, values: Values) -> Row | None:
    """End a run that has not ended, drop its inputs; its row after, or None when it had ended before."""
    ended = update(Run).where(RUN.id == run_id, ACTIVE).values(**values).returning(Run)
    row = (await tx.execute(ended)).mappings().one_or_none()
    if row is not None:
        await tx.execute(delete(RunInput).where(INPUT.run_id == run_id))
    return row


async def add_result(tx: Tx, row: Values) -> None:
    """Keep what the run gave."""
    await tx.execute(insert(RunResult), row)


async def ask_cancel(tx: Tx, run_id: UUID) -> None:
    """Note that the run is to be cancelled."""
    await tx.execute(update(Run).where(RUN.id == run_id, ACTIVE).values(cancel_asked=True))


async def ahead_of(tx: Tx, created_at: datetime) -> int:
    """How many runs were queued before and still wait."""
    return (await tx.execute(select(func.count()).where(RUN.status == "queued", RUN.created_at < created_at))).scalar_one()


async def listing(tx: Tx, *, person_id: UUID, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[Row]:
    """The person's runs, newest first."""
    query = select(RUN).where(RUN.person_id == person_id)
    if before is not None:
        query = query.where(tuple_(RUN.created_at, RUN.id) < before)
    return (await tx.execute(query.order_by(RUN.created_at.desc(), RUN.id.desc()).limit(limit))).mappings().all()


# --- workers and recovery ----------------------------------------------------------------------------------------------------


async def put_worker(tx: Tx, row: Values) -> None:
    """Say that a worker is alive."""
    await tx.execute(upsert(Worker).values(row).on_conflict_do_update(index_elements=["id"], set_={"seen_at": row["seen_at"]}))


async def drop_workers(tx: Tx, *, ids: Sequence[UUID]) -> None:
    """Forget workers."""
    await tx.execute(delete(Worker).where(WORKER.id.in_(ids)))


async def workers(tx: Tx) -> Sequence[Row]:
    """Every worker that was heard of."""
    return (await tx.execute(select(WORKER))).mappings().all()


async def abandoned(tx: Tx, *, living: Sequence[UUID], late: datetime, limit: int) -> Sequence[UUID]:
    """Running runs whose worker is not among the living, or that should have ended before `late`; two recoveries do not take the same."""
    should_end = RUN.started_at + func.make_interval(0, 0, 0, 0, 0, 0, RUN.limit_wall_ms / 1000.0)
    given_up = or_(RUN.worker_id.is_(None), RUN.worker_id.not_in(living), should_end < late)
    query = select(RUN.id).where(RUN.status == "running", given_up)
    return (await tx.execute(query.limit(limit).with_for_update(skip_locked=True))).scalars().all()


async def overdue(tx: Tx, *, before: datetime, limit: int) -> Sequence[UUID]:
    """Runs that have been queued since before `before`."""
    query = select(RUN.id).where(and_(RUN.status == "queued", RUN.created_at < before))
    return (await tx.execute(query.limit(limit).with_for_update(skip_locked=True))).scalars().all()


_JOBLESS = text(
    """
    SELECT r.id FROM run r
    WHERE r.status = 'queued' AND r.created_at < :before
      AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.args ->> 'run_id' = CAST(r.id AS text))
    LIMIT :limit
    """
)


async def jobless(tx: Tx, *, before: datetime, limit: int) -> Sequence[UUID]:
    """Queued runs that no waiting job stands for: their worker died between taking the job and the run."""
    return (await tx.execute(_JOBLESS, {"before": before, "limit": limit})).scalars().all()
