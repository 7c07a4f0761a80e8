"""Does the server keep what it has committed? A charge that was acknowledged must outlive a crash of the machine."""

from sqlalchemy import create_engine, text

from credit_studio.db import location
from credit_studio.settings import Settings

_OFF = text("SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off' ORDER BY name")


def off(settings: Settings) -> list[str]:
    """Those of the server's settings `fsync` and `synchronous_commit` that are off for the studio: then a commit may be lost."""
    engine = create_engine(location.database_url(settings, driver="psycopg"))
    with engine.connect() as conn:
        names = list(conn.execute(_OFF).scalars())
    engine.dispose()
    return names
