"""Studios for tests: started as `make run` does, on a port and a data directory of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from credit_studio.db import embedded
from credit_studio.operate import frontend
from credit_studio.settings import PROJECT_ROOT

START_S = 90


@dataclass(frozen=True)
class Place:
    """Where a studio runs: its address, its folder, and what its commands need in their environment to find it."""

    url: str
    folder: Path
    environment: dict[str, str]

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def command(self, *words: str) -> str:
        """What `python -m credit_studio ...` says about this studio; raises when its status is not 0."""
        done = subprocess.run(
            [sys.executable, "-m", "credit_studio", *words], cwd=PROJECT_ROOT, env=os.environ | self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def a_place(folder: Path, **settings: str) -> Generator[Place]:
    """A place for a studio, its pages built; its database is stopped at the end, whatever happened."""
    frontend.ensure(PROJECT_ROOT / "data" / "build.log")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    yield Place(f"http://127.0.0.1:{port}", folder, {"PORT": port, "HOST": "127.0.0.1", "DATA_DIR": str(folder / "data"), **settings})
    if (folder / "data" / "pg" / "postmaster.pid").exists():
        embedded.start(folder / "data" / "pg").stop()


@contextmanager
def running(place: Place) -> Generator[subprocess.Popen[bytes]]:
    """The studio, up and ready; killed at the end when the test has not stopped it."""
    said = place.folder / "said"
    with said.open("wb") as out:
        studio = subprocess.Popen([sys.executable, "-m", "credit_studio", "run"], cwd=PROJECT_ROOT, env=os.environ | place.environment, stdout=out, stderr=out)
    try:
        until = time.monotonic() + START_S
        while b"Credit Studio is at" not in said.read_bytes():
            assert studio.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            time.sleep(0.05)
        yield studio
    finally:
        studio.kill()
        studio.wait()
