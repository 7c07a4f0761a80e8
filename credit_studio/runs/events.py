"""What happens to runs, in the past tense."""

from dataclasses import dataclass
from uuid import UUID

from credit_studio.core.events import Event


@dataclass(frozen=True, kw_only=True)
class RunAllowed(Event):
    """A run was quoted, held and queued; credits are whole."""

    run_id: UUID
    person_id: UUID
    tool_id: str
    held: int


@dataclass(frozen=True, kw_only=True)
class RunBlocked(Event):
    """A run was refused before it began; `code` says by what."""

    person_id: UUID
    tool_id: str
    code: str
    required: int | None


@dataclass(frozen=True, kw_only=True)
class ResultReused(Event):
    """A stored result was given again, for 0 credits."""

    run_id: UUID
    person_id: UUID
    tool_id: str


@dataclass(frozen=True, kw_only=True)
class RunDeleted(Event):
    """A person has deleted a run that had ended, or brought it back within the time for that."""

    run_id: UUID
    person_id: UUID
    is_back: bool = False


@dataclass(frozen=True, kw_only=True)
class ResultShared(Event):
    """From now on a link leads to a result, or none does any more."""

    run_id: UUID
    person_id: UUID
    is_ended: bool = False


@dataclass(frozen=True, kw_only=True)
class RunSettled(Event):
    """A run ended: `charged` is 0 unless it succeeded, and so is `tokens`, what it counts of them."""

    run_id: UUID
    person_id: UUID
    tool_id: str
    status: str
    code: str
    charged: int
    released: int
    tokens: int = 0
