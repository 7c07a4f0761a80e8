"""All SQL of runs, of what is kept of them, and of workers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, RowMapping, Uuid, and_, any_, bindparam, cast, delete, func, insert, or_, outerjoin, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.runs.models import Run, RunInput, RunResult, RunShare, Worker
from credit_studio.runs.views import Wanted

Row = RowMapping
Values = Mapping[str, Any]
Place = tuple[datetime, UUID]
RUN, INPUT, RESULT, SHARE, WORKER = columns(Run), columns(RunInput), columns(RunResult), columns(RunShare), columns(Worker)
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


_KEPT = outerjoin(RunResult, RunShare, SHARE.run_id == RESULT.run_id)
_RESULT = select(RESULT, SHARE.created_at.label("shared_at")).select_from(_KEPT).where(RESULT.run_id == bindparam("id"), RESULT.created_at > bindparam("since"))
_INPUTS = select(INPUT.inputs).where(INPUT.run_id == bindparam("id"))


async def result(tx: Tx, run_id: UUID, *, since: datetime) -> Row | None:
    """What the run gave, later than `since`, with `shared_at` (None: no link leads to it); or None."""
    return (await tx.execute(_RESULT, {"id": run_id, "since": since})).mappings().one_or_none()


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


async def active_of(tx: Tx, person_id: UUID) -> int:
    """How many runs of the person are queued or running."""
    return (await tx.execute(select(func.count()).where(RUN.person_id == person_id, ACTIVE))).scalar_one()


_AHEAD = text(
    """
    SELECT count(*) FROM procrastinate_jobs mine
    JOIN procrastinate_jobs j ON j.queue_name = mine.queue_name AND j.status = 'todo'
      AND (j.priority > mine.priority OR (j.priority = mine.priority AND j.id < mine.id))
    JOIN run r ON r.id = CAST(j.args ->> 'run_id' AS uuid) AND r.status = 'queued'
    WHERE mine.status = 'todo' AND mine.args ->> 'run_id' = :run
    """
)


async def ahead_of(tx: Tx, run_id: UUID) -> int:
    """How many queued runs a worker takes before this one."""
    return (await tx.execute(_AHEAD, {"run": str(run_id)})).scalar_one()


async def listing(tx: Tx, *, person_id: UUID, wanted: Wanted, before: Place | None, limit: int) -> Sequence[Row]:
    """The person's wanted runs that are not deleted, newest first, each with `kept_at` (when its result came to be) and `shared_at`; None without."""
    conditions = [RUN.person_id == person_id, RUN.deleted_at.is_(None)]
    conditions += [RUN.tool_id == wanted.tool_id] if wanted.tool_id else []
    conditions += [RUN.status.in_(wanted.statuses)] if wanted.statuses else []
    conditions += [RUN.created_at >= wanted.since] if wanted.since else []
    conditions += [RUN.created_at < wanted.until] if wanted.until else []
    conditions += [tuple_(RUN.created_at, RUN.id) < before] if before else []
    kept = outerjoin(outerjoin(Run, RunResult, RESULT.run_id == RUN.id), RunShare, SHARE.run_id == RUN.id)
    query = select(RUN, RESULT.created_at.label("kept_at"), SHARE.created_at.label("shared_at")).select_from(kept).where(*conditions)
    return (await tx.execute(query.order_by(RUN.created_at.desc(), RUN.id.desc()).limit(limit))).mappings().all()


async def tools_of(tx: Tx, *, person_id: UUID) -> Sequence[str]:
    """The ids of the tools that the person has runs of."""
    query = select(RUN.tool_id).where(RUN.person_id == person_id, RUN.deleted_at.is_(None)).distinct()
    return (await tx.execute(query)).scalars().all()


def of_tools(person_id: UUID, tool_ids: Sequence[str]) -> Callable[[ColumnElement[UUID | None]], ColumnElement[bool]]:
    """Whether a run of the person is of one of these tools, as a condition on its id that an index alone can answer."""
    return lambda run_id: select(1).where(RUN.person_id == person_id, RUN.tool_id.in_(tool_ids), RUN.id == run_id).exists()


async def tools_by_run(tx: Tx, run_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Run id to the id of its tool; nothing is asked for no runs."""
    if not run_ids:
        return {}
    rows = await tx.execute(select(RUN.id, RUN.tool_id).where(RUN.id == any_(cast(list(run_ids), ARRAY(Uuid)))))
    return {row["id"]: row["tool_id"] for row in rows.mappings()}


# --- results -----------------------------------------------------------------------------------------------------------------


async def stored(tx: Tx, *, person_id: UUID, tool_id: str, version: str, inputs_hash: bytes, since: datetime) -> Row | None:
    """The person's last run of just these inputs whose result is kept: its `id` and when it ended; or None."""
    same = (RUN.person_id == person_id, RUN.inputs_hash == inputs_hash, RUN.tool_id == tool_id, RUN.tool_version == version)
    query = select(RUN.id, RUN.ended_at).join(RunResult, RESULT.run_id == RUN.id).where(*same, RUN.status == "succeeded", RUN.deleted_at.is_(None))
    query = query.where(RESULT.created_at > since).order_by(RUN.created_at.desc()).limit(1)
    return (await tx.execute(query)).mappings().one_or_none()


async def mark_deleted(tx: Tx, *, run_id: UUID, at: datetime) -> bool:
    """Note that a run that has ended is deleted, and end its link; False when it has not ended."""
    marked = await tx.execute(update(Run).where(RUN.id == run_id, RUN.status.not_in(("queued", "running"))).values(deleted_at=at).returning(RUN.id))
    is_marked = marked.first() is not None
    if is_marked:
        await end_share(tx, run_id)
    return is_marked


async def bring_back(tx: Tx, *, run_id: UUID, person_id: UUID, since: datetime) -> bool:
    """Undo the deletion of the person's run, when it is younger than `since`."""
    query = update(Run).where(RUN.id == run_id, RUN.person_id == person_id, RUN.deleted_at > since).values(deleted_at=None).returning(RUN.id)
    return (await tx.execute(query)).first() is not None


async def put_share(tx: Tx, *, run_id: UUID, token_hash: bytes, at: datetime) -> None:
    """Let a link lead to the run's result; an earlier one ends."""
    row = upsert(RunShare).values(run_id=run_id, token_hash=token_hash, created_at=at)
    await tx.execute(row.on_conflict_do_update(index_elements=["run_id"], set_={"token_hash": token_hash, "created_at": at}))


async def end_share(tx: Tx, run_id: UUID) -> bool:
    """End the link to the run's result; False when there was none."""
    return (await tx.execute(delete(RunShare).where(SHARE.run_id == run_id).returning(SHARE.run_id))).first() is not None


async def shared(tx: Tx, *, token_hash: bytes, since: datetime) -> Row | None:
    """The tool, the blocks and the times of the result that a link leads to, or None."""
    query = select(RUN.tool_id, RUN.tool_version, RUN.ended_at, RESULT.blocks, RESULT.created_at).join(RunResult, RESULT.run_id == RUN.id)
    query = query.join(RunShare, SHARE.run_id == RUN.id).where(SHARE.token_hash == token_hash, RUN.deleted_at.is_(None), RESULT.created_at > since)
    return (await tx.execute(query)).mappings().one_or_none()


async def drop_results(tx: Tx, *, before: datetime, deleted_before: datetime, limit: int) -> int:
    """Remove results that came to be before `before` or whose run was deleted before `deleted_before`, at most `limit` of each; how many."""
    old = select(RESULT.run_id).where(RESULT.created_at <= before).limit(limit)
    gone = select(RUN.id).join(RunResult, RESULT.run_id == RUN.id).where(RUN.deleted_at <= deleted_before).limit(limit)
    dropped = await tx.execute(delete(RunResult).where(or_(RESULT.run_id.in_(old), RESULT.run_id.in_(gone))).returning(RESULT.run_id))
    return len(dropped.all())


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


async def busy_workers(tx: Tx) -> Sequence[UUID]:
    """The workers that have taken the runs which are running."""
    query = select(RUN.worker_id).where(RUN.status == "running", RUN.worker_id.is_not(None)).distinct()
    return [one for one in (await tx.execute(query)).scalars() if one is not None]


async def abandoned(tx: Tx, *, dead: Sequence[UUID], late: datetime, limit: int) -> Sequence[UUID]:
    """Running runs whose worker is dead, or that should have ended before `late`; two recoveries do not take the same."""
    should_end = RUN.started_at + func.make_interval(0, 0, 0, 0, 0, 0, RUN.limit_wall_ms / 1000.0)
    given_up = or_(RUN.worker_id.is_(None), RUN.worker_id.in_(dead), should_end < late)
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
