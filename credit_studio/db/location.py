"""Where the database is: `DATABASE_URL`, or the embedded server found through `DATA_DIR`."""

from sqlalchemy.engine import URL, make_url

from credit_studio.db import embedded
from credit_studio.settings import Settings


def database_url(settings: Settings, *, driver: str) -> URL:
    """The URL for a driver ("asyncpg" or "psycopg"); raises `embedded.NotRunning` when the embedded server is not up."""
    raw = settings.database_url or embedded.running_url(settings.data_dir / "pg")
    return make_url(raw).set(drivername=f"postgresql+{driver}")


def conninfo(settings: Settings) -> str:
    """The same as a libpq URI, for psycopg and the command-line tools of PostgreSQL."""
    return database_url(settings, driver="psycopg").set(drivername="postgresql").render_as_string(hide_password=False)
