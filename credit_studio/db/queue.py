"""Enqueueing a job inside the transaction that needs it: no commit, no job.

The queue's own SQL function is called over our connection; the worker that takes the job is `jobs/`.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from credit_studio.db.session import Tx

_DEFER = text(
    """
    SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
      ROW(:queue, :task, :priority, NULL, NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1
    ]))
    """
)


async def enqueue(tx: Tx, task: str, *, queue: str, args: Mapping[str, Any], priority: int = 0) -> int:
    """Add a job; its id. A worker starts it within milliseconds of the commit."""
    values = {"queue": queue, "task": task, "priority": priority, "args": json.dumps(dict(args))}
    return (await tx.execute(_DEFER, values)).scalar_one()
