"""Runs the migrations over psycopg, against the database that the settings name or the connection that the caller brings."""

from sqlalchemy import create_engine

from alembic import context
from credit_studio import settings
from credit_studio.db import location
from credit_studio.schema import metadata


def _is_ours(name, kind, parents) -> bool:  # noqa: ANN001, ARG001 - Alembic's own
    """The job queue brings its own tables; they are not compared."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _migrate(connection) -> None:  # noqa: ANN001 - Alembic's own
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True, include_name=_is_ours)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with create_engine(location.database_url(settings.get(), driver="psycopg")).connect() as own:
        _migrate(own)
