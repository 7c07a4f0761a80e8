"""The job queue's worker end: its app on this database, and the tasks it knows."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import procrastinate

from credit_studio import settings
from credit_studio.db import location
from credit_studio.runs import service as runs


def make_app(execute: Callable[[UUID], Awaitable[None]]) -> procrastinate.App:
    """The queue's app on this process's database; `execute` does one run by its id."""
    connector = procrastinate.PsycopgConnector(conninfo=location.conninfo(settings.get()), min_size=1, max_size=4)
    app = procrastinate.App(connector=connector)

    @app.task(name=runs.TASK, queue=runs.QUEUE)
    async def run(run_id: str) -> None:
        await execute(UUID(run_id))

    return app
