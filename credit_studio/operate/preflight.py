"""What must hold before anything is started. Each check raises `CannotStart` with one line that says what to do."""

import errno
import fcntl
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from credit_studio.db import durability
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import Settings

DATA_MB = 300
"""Free space for the data directory: a fresh cluster is about 50 MB, its write-ahead log up to 80 MB, the rest is room to work in."""
BUILD_MB = 700
"""Free space for a build: node_modules is about 150 MB, the browser's Python and npm's cache as much again."""

_PORT_PATIENCE_S = 2.0


def port_is_free(host: str, port: int) -> None:
    """Nobody listens on the port; waits two seconds for a server that is just going away."""
    until = time.monotonic() + _PORT_PATIENCE_S
    while (problem := _bind_problem(host, port)) is not None:
        if problem.errno != errno.EADDRINUSE:
            raise CannotStart(f"Cannot listen on {host}:{port}: {problem.strerror}. Choose another: PORT=3001 make run")
        if time.monotonic() > until:
            raise CannotStart(f"Port {port} is in use. Stop what uses it, or choose another: PORT={port + 1} make run")
        time.sleep(0.1)


def free_port() -> int:
    """A port of this machine alone that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _bind_problem(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem
    return None


def data_dir_is_writable(data_dir: Path) -> None:
    """The data directory is there (made when it was not) and takes files."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir) as probe:
            probe.write(b"studio")
    except OSError as problem:
        raise CannotStart(disk_line(data_dir, problem)) from problem


def disk_has_room(where: Path, needed_mb: int) -> None:
    """At least `needed_mb` are free on the disk that holds `where`."""
    free_mb = shutil.disk_usage(where).free // 1_000_000
    if free_mb < needed_mb:
        raise CannotStart(
            f"The disk is full: {where} has {free_mb} MB free and needs {needed_mb} MB. Make room, or choose another place: DATA_DIR=... make run"
        )


def commits_are_kept(settings: Settings) -> None:
    """The database server writes a commit to the disk before it answers: else a crash loses charges that were acknowledged."""
    if names := durability.off(settings):
        raise CannotStart(
            f"The database server has {' and '.join(f'{name} = off' for name in names)}: a crash could lose charges that people were told of. "
            f"Set {' and '.join(f'{name} = on' for name in names)} in its postgresql.conf and reload it."
        )


def disk_line(where: Path, problem: OSError) -> str:
    """One line for an error of the file system."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: nothing more can be written to {where}. Make room and start again."
    return f"Cannot write to {where}: {problem.strerror}. Choose another place: DATA_DIR=... make run"


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data directory: a second `run` on it would stop the first one's database. The lock ends with the process that holds it."""
    with (data_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise CannotStart(f"A studio already runs on {data_dir} (process {owner}). Stop it, or give this one a DATA_DIR of its own.") from problem
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
