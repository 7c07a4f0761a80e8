"""The migrations make exactly the schema that the models declare."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from credit_studio import settings
from credit_studio.db import location, migrations
from credit_studio.schema import metadata


def _ours(name: str | None, kind: str, parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def test_the_migrated_schema_does_not_drift_from_the_models(postgres: str) -> None:
    engine = create_engine(location.database_url(settings.get(), driver="psycopg"))
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "include_name": _ours})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(postgres: str) -> None:
    assert migrations.migrate(settings.get()) == migrations.newest()


def test_the_book_and_the_audit_log_cannot_be_rewritten(postgres: str) -> None:
    engine = create_engine(location.database_url(settings.get(), driver="psycopg"))
    with engine.connect() as conn:
        found = conn.execute(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' ORDER BY 1")).scalars().all()
    engine.dispose()
    assert found == ["audit_entry", "entry", "transfer"]
