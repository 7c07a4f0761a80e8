"""The job queue's worker end: its app on this database, and the tasks it knows."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import procrastinate

from credit_studio import settings
from credit_studio.db import location
from credit_studio.notifications import flow as sending
from credit_studio.notifications import service as notifications
from credit_studio.payments import inbox, recharging
from credit_studio.runs import service as runs

PAYMENTS = inbox.QUEUE
"""What has to do with money goes by a queue of its own: runs that take all slots do not keep a buyer waiting."""

_PAYMENT_TASKS: dict[str, Callable[..., Awaitable[None]]] = {inbox.TASK: inbox.process, recharging.TASK: recharging.consider}
"""What is called by which name, with the job's arguments."""


def make_app(execute: Callable[[UUID], Awaitable[None]]) -> procrastinate.App:
    """The queue's app on this process's database; `execute` does one run by its id."""
    app = _app()

    @app.task(name=runs.TASK, queue=runs.QUEUE)
    async def run(run_id: str) -> None:
        await execute(UUID(run_id))

    return app


def make_payments_app() -> procrastinate.App:
    """The queue's app for what has to do with money."""
    app = _app()
    for name, do in _PAYMENT_TASKS.items():
        app.task(name=name, queue=PAYMENTS)(do)
    return app


def make_notifications_app() -> procrastinate.App:
    """The queue's app for what is sent to people."""
    app = _app()
    app.task(name=notifications.TASK, queue=notifications.QUEUE)(sending.deliver)
    return app


def _app() -> procrastinate.App:
    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=location.conninfo(settings.get()), min_size=1, max_size=4))
