"""`run` as a person starts it: the real database, the real pages, the real web server, on a port and a data directory of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from credit_studio.db import embedded
from credit_studio.operate import frontend
from credit_studio.settings import PROJECT_ROOT

pytestmark = pytest.mark.studio
SECOND_START_S = 15.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings of a studio of its own; its database is stopped at the end, whatever happened."""
    data = tmp_path_factory.mktemp("studio") / "data"
    frontend.ensure(PROJECT_ROOT / "data" / "build.log")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield {"PORT": str(port), "HOST": "127.0.0.1", "DATA_DIR": str(data)}
    embedded.start(data / "pg").stop()


@contextmanager
def running(place: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = Path(place["DATA_DIR"]).parent / "said"
    with log.open("wb") as out:
        studio = subprocess.Popen([sys.executable, "-m", "credit_studio", "run"], cwd=PROJECT_ROOT, env=os.environ | place, stdout=out, stderr=out)
    try:
        until = time.monotonic() + 60
        while b"Credit Studio is at" not in log.read_bytes():
            assert studio.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        yield studio
    finally:
        studio.kill()
        studio.wait()


def test_ctrl_c_stops_everything_within_seconds(place: dict[str, str]) -> None:
    with running(place) as studio:
        started = psutil.Process(studio.pid).children(recursive=True)
        postmaster = psutil.Process(int((Path(place["DATA_DIR"]) / "pg" / "postmaster.pid").read_text().split()[0]))
        assert answers(place)
        studio.send_signal(signal.SIGINT)
        assert studio.wait(timeout=15) == 0
        assert started
        assert not [process for process in (*started, postmaster) if is_alive(process)]
    assert not answers(place)


def test_a_second_start_is_quick_when_nothing_has_changed(place: dict[str, str]) -> None:
    began = time.monotonic()
    with running(place):
        assert time.monotonic() - began < SECOND_START_S


def test_a_killed_studio_leaves_only_its_database_and_the_next_start_uses_that(place: dict[str, str]) -> None:
    postmaster = Path(place["DATA_DIR"]) / "pg" / "postmaster.pid"
    with running(place) as studio:
        started = psutil.Process(studio.pid).children(recursive=True)
        before = postmaster.read_text().split()[0]
        studio.kill()
        studio.wait()
        psutil.wait_procs(started, timeout=5)
        assert not [process for process in started if is_alive(process)]
    with running(place):
        assert postmaster.read_text().split()[0] == before


def test_a_web_process_that_dies_ends_the_studio_with_another_status_than_0(place: dict[str, str]) -> None:
    with running(place) as studio:
        web = next(process for process in psutil.Process(studio.pid).children() if "credit_studio.operate.web" in process.cmdline())
        web.kill()
        assert studio.wait(timeout=15) == 1
        assert b"ended by itself" in (Path(place["DATA_DIR"]).parent / "said").read_bytes()
    assert not (Path(place["DATA_DIR"]) / "pg" / "postmaster.pid").exists()


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def answers(place: dict[str, str]) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", int(place["PORT"]), timeout=5)
    try:
        asked.request("GET", "/readyz")
        return asked.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        asked.close()
