"""What every test may ask for: a real PostgreSQL of its own, emptied between tests, and settings that point at it."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of its own is made in it
_ROOM_BYTES = 4 << 30


def _data() -> Path:
    """A directory for this session: in memory where there is room, since its database commits thousands of times and outlives no test."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return Path(tempfile.mkdtemp(prefix="credit-studio-tests-", dir=_MEMORY if roomy else None))


_DATA = _data()
os.environ |= {
    "DATA_DIR": str(_DATA),
    "ENVIRONMENT": "test",
    "RATE_LIMIT_SCALE": "0",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
}
os.environ.pop("DATABASE_URL", None)

from argon2 import PasswordHasher, profiles  # noqa: E402 - after the settings above
from sqlalchemy import text  # noqa: E402 - after the settings above

from credit_studio import settings, wiring  # noqa: E402 - the same
from credit_studio.db import embedded, listen, migrations  # noqa: E402 - the same
from credit_studio.db import session as db  # noqa: E402 - the same
from credit_studio.history import service as history  # noqa: E402 - the same
from credit_studio.history.views import Check  # noqa: E402 - the same
from credit_studio.identity import passwords  # noqa: E402 - the same
from credit_studio.jobs.worker import working_here  # noqa: E402 - the same
from credit_studio.runs.runner import Runner  # noqa: E402 - the same
from tests.sandbox_fixture import sandbox, sandbox_process  # noqa: E402, F401 - the same; a fixture is found by its name

passwords._hasher = PasswordHasher.from_parameters(profiles.CHEAPEST)
"""The tests sign up thousands; what a real password costs is asked where passwords are tested."""

_EMPTY = """
DO $$ DECLARE name text; filled boolean; names text[] := '{}'; BEGIN
  FOR name IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
    IF filled THEN names := names || name; END IF;
  END LOOP;
  IF names <> '{}' THEN EXECUTE 'TRUNCATE ' || array_to_string(names, ', ') || ' CASCADE'; END IF;
END $$
"""
"""Only what has rows: to truncate a table costs a new file for it and for each of its indexes, and a test fills few."""


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The data directory of this test session."""
    _DATA.chmod(0o755)
    return _DATA


@pytest.fixture(scope="session")
def postgres(data_dir: Path) -> Iterator[str]:
    """A migrated PostgreSQL for this test session: its URL."""
    with embedded.owned(data_dir / "pg") as url:
        migrations.migrate(settings.get())
        wiring.install()
        yield url


async def empty_database() -> None:
    """Empty every table but the migrations' own."""
    async with db.engine().begin() as conn:
        await conn.execute(text(_EMPTY))


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[None]:
    """An empty, migrated database."""
    await empty_database()
    yield
    await db.dispose()


async def _broken() -> list[Check]:
    """The invariants of the book that do not hold."""
    async with db.snapshot() as tx:
        return [check for check in await history.doctor(tx) if not check.holds]


@pytest.fixture
async def book(database: None) -> AsyncIterator[None]:
    """An empty book. When the test is over, every invariant holds."""
    yield
    assert await _broken() == []


@pytest.fixture(scope="module")
async def worker(postgres: str) -> AsyncIterator[Runner]:
    """A worker for the tests of one file: the real queue, the real processes, two runs at once. In the end every invariant of the book holds."""
    await empty_database()
    await listen.hub().start()
    async with working_here(2) as runner:
        yield runner
    await listen.hub().stop()
    broken = await _broken()
    await db.dispose()
    assert broken == []
