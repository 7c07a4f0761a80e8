"""What a run's end means in words; pure."""

from datetime import datetime, timedelta

KEY_LASTS = timedelta(hours=24)
"""How long an idempotency key is kept."""

QUEUE_LASTS = timedelta(minutes=10)
"""The longest that a run waits for a worker before it is given back."""

SETTLE_LASTS = timedelta(minutes=1)
"""How long after its wall limit a run may take to be settled before it is given back."""

RESULT_LASTS = timedelta(days=30)
"""How long the result of a run is kept."""

UNDO_LASTS = timedelta(minutes=10)
"""How long a deleted run can be brought back, before its result is gone for good."""

ACTIONS = {
    "invalid_inputs": "Change the named input and run again.",
    "tool_error": "Try other inputs; if it happens again, tell the operator the run's id.",
    "crashed": "Run it again; if it happens again, tell the operator the run's id.",
    "cpu_limit": "Use smaller inputs, or allow more credits for the run.",
    "memory_limit": "Use smaller inputs.",
    "wall_limit": "Use smaller inputs, or allow more credits for the run.",
    "output_limit": "Ask for less output.",
    "answer_unusable": "Run it again; if it happens again, tell the operator the run's id.",
    "answer_missing": "Run it again in some minutes; if it happens again, tell the operator the run's id.",
    "cancelled": "Run it again when you like.",
    "stopped": "Run it again.",
    "interrupted": "Run it again.",
    "queue_timeout": "Run it again later.",
}
"""What to do now, by failure code."""

INTERRUPTED = "The studio was interrupted during the run."
NOT_TAKEN = "No worker took the run in time."


def hold_lasts(wall_ms: int) -> timedelta:
    """How long a run's hold stands: the wait in the queue, the run itself, and the time to settle it."""
    return QUEUE_LASTS + timedelta(milliseconds=wall_ms) + SETTLE_LASTS


def priority(others: int) -> int:
    """The place of a run whose person has so many others under way: behind the first runs of everybody else, then behind the second ones."""
    return -others


def kept_since(now: datetime) -> datetime:
    """Results from this instant or before are not kept any more."""
    return now - RESULT_LASTS


def kept_until(ended_at: datetime) -> datetime:
    """When the result of a run that ended then goes."""
    return ended_at + RESULT_LASTS


def key_since(now: datetime) -> datetime:
    """The oldest instant whose idempotency keys still count."""
    return now - KEY_LASTS
