"""What follows each event, on one screen: done in the same transaction, or enqueued in it as a job."""

import sys

import structlog

from credit_studio.analytics import service as analytics
from credit_studio.audit import service as audit
from credit_studio.core import events
from credit_studio.db.session import Tx
from credit_studio.runs.events import ResultReused, ResultShared, RunAllowed, RunBlocked, RunDeleted, RunSettled


async def _audit_allowed(tx: Tx, event: RunAllowed) -> None:
    details = {"tool": event.tool_id, "held": event.held}
    await audit.record(tx, "run.allowed", actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id, details=details)


async def _audit_blocked(tx: Tx, event: RunBlocked) -> None:
    details = {"tool": event.tool_id, "code": event.code, "required": event.required}
    await audit.record(tx, "run.blocked", actor=event.actor, subject=f"tool:{event.tool_id}", user_id=event.person_id, details=details)


async def _audit_settled(tx: Tx, event: RunSettled) -> None:
    said = "run.completed" if event.status == "succeeded" else "run.failed"
    details = {"tool": event.tool_id, "status": event.status, "code": event.code, "charged": event.charged, "released": event.released}
    names = [said, *(["limit.hit"] if event.status in ("limit", "timed_out") else []), *(["credits.charged"] if event.charged else [])]
    for name in names:
        await audit.record(tx, name, actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id, details=details)


async def _audit_reused(tx: Tx, event: ResultReused) -> None:
    await audit.record(tx, "result.reused", actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id, details={"tool": event.tool_id})


async def _audit_deleted(tx: Tx, event: RunDeleted) -> None:
    name = "run.restored" if event.is_back else "run.deleted"
    await audit.record(tx, name, actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id)


async def _audit_shared(tx: Tx, event: ResultShared) -> None:
    name = "result.unshared" if event.is_ended else "result.shared"
    await audit.record(tx, name, actor=event.actor, subject=f"run:{event.run_id}", user_id=event.person_id)


async def _count_settled(tx: Tx, event: RunSettled) -> None:
    await analytics.count_run(tx, person_id=event.person_id, tool_id=event.tool_id, at=event.at, charged=event.charged, succeeded=event.status == "succeeded")


REACTIONS: dict[type[events.Event], tuple[events.Reaction, ...]] = {
    RunAllowed: (_audit_allowed,),
    RunBlocked: (_audit_blocked,),
    RunSettled: (_audit_settled, _count_settled),
    ResultReused: (_audit_reused,),
    RunDeleted: (_audit_deleted,),
    ResultShared: (_audit_shared,),
}


def install() -> None:
    """Make the reactions known, and keep what is written down short; called once by every process at its start."""
    events.install(REACTIONS)
    _log_without_values()


def _log_without_values() -> None:
    """Tracebacks without the values of variables: those hold cookies and addresses, and take half a second each to lay out."""
    *steps, _ = structlog.get_config()["processors"]
    structlog.configure(processors=[*steps, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback)])
