"""`/healthz` and `/readyz`: for whoever watches the studio."""

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError

from credit_studio.api.credit_bodies import Health
from credit_studio.api.openapi import refusals
from credit_studio.api.route import StudioRoute
from credit_studio.core.errors import StudioError, Unavailable
from credit_studio.db import migrations
from credit_studio.db.embedded import NotRunning
from credit_studio.db.session import transaction
from credit_studio.runs import service as runs

router = APIRouter(tags=["Health"], route_class=StudioRoute)
ROUTERS = (router,)


@router.get("/healthz", summary="Is the web process alive", responses=refusals())
async def healthz() -> Health:
    """Asks nobody else."""
    return Health(status="ok")


@router.get("/readyz", summary="Are runs taken", responses=refusals())
async def readyz() -> Health:
    """Ready for traffic: the schema is the newest, the database answers and a worker is alive."""
    try:
        async with transaction() as tx:
            revision, workers = await migrations.current(tx), await runs.workers_alive(tx)
    except (OSError, SQLAlchemyError, NotRunning):
        raise _not_ready("database", "The database does not answer.") from None
    if revision != migrations.newest():
        raise _not_ready("migrations", "The database has another schema than this version.")
    if not workers:
        raise _not_ready("worker", "No worker is alive.")
    return Health(status="ready")


def _not_ready(reason: str, said: str) -> StudioError:
    return Unavailable(said, reason=reason, action="Look at the logs, or run `python -m credit_studio doctor`.")
