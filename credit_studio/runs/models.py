"""The tables of runs: the run itself, what it gave and who may see that by a link, and the workers that take runs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant

_ACTIVE = text("status IN ('queued', 'running')")
_MEASURED = text("status IN ('succeeded', 'timed_out', 'limit')")


class Run(SQLModel, table=True):
    """One run. Credits are whole, limits and usage in ms and MB; `described` says the size of its inputs in words, `units` in units of its tool's work.

    `speed` is the factor of the worker that took it, `uncapped` what it would have been charged without its quoted maximum: estimates learn from both.
    """

    __tablename__ = "run"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'succeeded', 'failed', 'timed_out', 'limit', 'cancelled')", name="known_status"),
        CheckConstraint("charged = 0 OR status = 'succeeded'", name="only_success_is_charged"),
        CheckConstraint("charged <= quoted_max", name="within_quote"),
        Index("uq_run_one_at_a_time", "person_id", "tool_id", unique=True, postgresql_where=_ACTIVE),
        Index("uq_run_idem_key", "person_id", "idem_key", unique=True, postgresql_where=text("idem_key IS NOT NULL")),
        Index("ix_run_person_created", "person_id", "created_at", "id"),
        Index("ix_run_of_tool", "person_id", "tool_id", "id"),
        Index("ix_run_active", "status", "created_at", postgresql_where=_ACTIVE),
        Index("ix_run_stored", "person_id", "inputs_hash", postgresql_where=text("status = 'succeeded'")),
        Index("ix_run_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_run_measured", "tool_id", "ended_at", postgresql_where=_MEASURED),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    tool_id: str
    tool_version: str
    status: str
    inputs_hash: bytes = Field(sa_type=LargeBinary)
    described: str
    units: int | None = Field(default=None, sa_type=BigInteger)
    quoted_min: int
    quoted_typical: int
    quoted_max: int
    limit_cpu_ms: int
    limit_mem_mb: int
    limit_wall_ms: int
    cpu_ms: int | None = None
    mem_mb: int | None = None
    duration_ms: int | None = None
    inside_ms: float | None = None
    tokens: int | None = None
    speed: float | None = None
    uncapped: int | None = None
    charged: int = 0
    balance_before: int
    balance_after: int | None = None
    failure_code: str = ""
    failure_message: str = ""
    failure_action: str = ""
    failure_field: str = ""
    created_at: datetime = instant()
    started_at: datetime | None = instant(nullable=True, default=None)
    ended_at: datetime | None = instant(nullable=True, default=None)
    worker_id: UUID | None = None
    cancel_asked: bool = False
    idem_key: str | None = None
    idem_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    request_id: str = ""
    deleted_at: datetime | None = instant(nullable=True, default=None)


class RunInput(SQLModel, table=True):
    """The canonical JSON of a run's inputs, kept until the run has ended."""

    __tablename__ = "run_input"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    run_id: UUID = Field(primary_key=True, foreign_key="run.id")
    inputs: str = Field(sa_type=Text)


class RunResult(SQLModel, table=True):
    """What a run gave: the output and its blocks, as JSON text. Kept for `rules.RESULT_LASTS`."""

    __tablename__ = "run_result"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (Index("ix_run_result_created", "created_at"),)

    run_id: UUID = Field(primary_key=True, foreign_key="run.id")
    result: str = Field(sa_type=Text)
    blocks: str = Field(sa_type=Text)
    created_at: datetime = instant()


class RunShare(SQLModel, table=True):
    """The link to a result, known by the SHA-256 of its token; it goes with the result."""

    __tablename__ = "run_share"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    run_id: UUID = Field(primary_key=True, foreign_key="run_result.run_id", ondelete="CASCADE")
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    created_at: datetime = instant()


class Worker(SQLModel, table=True):
    """A process that takes runs. One that has not been heard of for `service.DEAD_AFTER` is dead."""

    __tablename__ = "worker"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table

    id: UUID = Field(primary_key=True)
    host: str
    pid: int
    slots: int
    speed: float
    started_at: datetime = instant()
    seen_at: datetime = instant()
