"""Bringing the schema up to date: Alembic's migrations under an advisory lock, so that two starting processes do it once."""

import functools

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from alembic import command
from credit_studio.db import location
from credit_studio.db.session import Tx
from credit_studio.settings import PROJECT_ROOT, Settings

_LOCK = 720_261_120
_CONFIG = PROJECT_ROOT / "alembic.ini"


def migrate(settings: Settings) -> str:
    """Apply what is missing; returns the revision that the database is at."""
    engine = create_engine(location.database_url(settings, driver="psycopg"))
    with engine.connect() as conn:
        conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        conn.commit()
        config = Config(_CONFIG)
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        conn.commit()
        revision = MigrationContext.configure(conn).get_current_revision() or ""
        conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        conn.commit()
    engine.dispose()
    return revision


async def current(tx: Tx) -> str:
    """The revision that the database is at."""
    return str((await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none() or "")


@functools.cache
def newest() -> str:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(Config(_CONFIG)).get_current_head() or ""
