import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from credit_studio.runs.runner import Runner, limits
from credit_studio.runs.runner.runner import NO_NETWORK_LIMIT
from tests.runs.runner.conftest import MODULE, Go, found

_WORKER = f"""
import asyncio
from credit_studio.runs.runner import Job, Runner
from tests.runs.runner.tools import Inputs

async def main():
    one = Runner(slots=2, modules=({MODULE!r},))
    await one.start()
    job = Job("sleep", Inputs(60_000), 20_000, 64, 60_000, 1_000)
    running = asyncio.create_task(one.run(job, lambda *_: print("running", flush=True), asyncio.Event()))
    await running

asyncio.run(main())
"""


@pytest.fixture
def open_room(tmp_path: Path) -> Path:
    """A directory that anybody may write to."""
    tmp_path.chmod(0o777)
    return tmp_path


async def test_a_run_sees_nothing_of_the_worker(go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a-secret")
    one = Runner(slots=1, modules=(MODULE,))
    await one.start()
    try:
        seen = found(await Go(one)("look_around", os.getpid()))
    finally:
        await one.stop()
    assert seen["environ"] == {}
    assert {line.partition("=")[0] for line in seen["kernel_environ"].split("\0") if line} <= {
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "LANG",
        "TZ",
        "PermissionError",  # where /proc/self is closed to it altogether
    }
    assert set(seen["descriptors"]) <= {0, 1, 2, 3, 4}
    assert seen["files"] == []
    assert seen["session"]


async def test_a_run_cannot_look_into_the_worker(go: Go, runner: Runner) -> None:
    seen = found(await go("look_around", os.getpid()))
    assert seen["worker_environ"] == "PermissionError" or "user" not in runner.isolation


async def test_a_run_reaches_no_port(go: Go, runner: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reached = found(await go("call", listener.getsockname()[1]))
    assert reached != "connected" or "network" not in runner.isolation


async def test_a_run_reaches_no_socket_with_a_path(go: Go, runner: Runner, open_room: Path) -> None:
    path = open_room / "database"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        os.chmod(path, 0o777)  # noqa: PTH101, S103 - anybody may connect; no waiting in it
        assert found(await go("call", 0, str(path))) == "PermissionError" or "system_calls" not in runner.isolation


async def test_this_system_cuts_runs_off(runner: Runner) -> None:
    assert sys.platform != "linux" or {"network", "processes"} <= runner.isolation


async def test_a_system_that_allows_nothing_is_told_of_at_the_start_and_still_runs(capsys: pytest.CaptureFixture[str]) -> None:
    one = Runner(slots=1, modules=("tests.runs.runner.unfiltered",))
    await one.start()
    try:
        assert one.isolation == frozenset()
        assert NO_NETWORK_LIMIT in capsys.readouterr().out
        assert found(await Go(one)("add_up", 3)) == 3
    finally:
        await one.stop()


async def test_a_run_writes_no_file(go: Go, open_room: Path) -> None:
    assert set(found(await go("write_files", 0, str(open_room / "file.txt")))) <= {"OSError", "PermissionError"}
    assert _bytes_in(open_room) == 0


async def test_a_run_starts_no_process(go: Go, runner: Runner) -> None:
    if "processes" in runner.isolation:
        assert found(await go("fork_bomb", 5)) == "refused after 0"
        assert found(await go("execute")) in {"PermissionError", "BlockingIOError"}


async def test_processes_that_a_run_could_start_die_with_it() -> None:
    """Where nothing forbids them: they leave the run's session, are adopted by the fork server, and killed."""
    one = Runner(slots=1, modules=("tests.runs.runner.unfiltered",))
    await one.start()
    try:
        assert found(await Go(one)("fork_bomb", 5)) == "started 5"
        await asyncio.sleep(0.5)
        assert len(_server_of(one).children(recursive=True)) == 1  # the one that waits for the next run
    finally:
        await one.stop()


async def test_a_stop_leaves_no_process_and_no_folder() -> None:
    one = Runner(slots=3, modules=(MODULE,))
    await one.start()
    server = _server_of(one)
    family = [server, *server.children(recursive=True)]
    folder = _folder_of(one)
    assert len(family) == 4
    assert _exists(folder)
    await one.stop()
    assert not any(_lives(process) for process in family)
    assert not _exists(folder)


async def test_a_killed_worker_leaves_no_process() -> None:
    worker = _start_worker()
    assert worker.stdout is not None
    with worker, worker.stdout:
        await asyncio.to_thread(worker.stdout.readline)
        family = psutil.Process(worker.pid).children(recursive=True)
        assert len(family) >= 3  # the fork server, the run, one that waits
        worker.send_signal(signal.SIGKILL)
    await _gone(family)


async def test_a_killed_fork_server_takes_its_processes_along() -> None:
    one = Runner(slots=2, modules=(MODULE,))
    await one.start()
    folder = _folder_of(one)
    try:
        server = _server_of(one)
        children = server.children(recursive=True)
        server.kill()
        await _gone(children)
    finally:
        await one.stop()
    assert not _exists(folder)


def test_the_peak_can_be_forgotten() -> None:
    reset = limits.open_peak_reset()
    block = bytearray(50 << 20)
    block[::4096] = b"x" * len(block[::4096])
    assert limits.peak_kb() >= limits.resident_kb() >= 50 << 10
    del block
    limits.forget_peak(reset)
    assert reset is None or limits.peak_kb() - limits.resident_kb() < 20 << 10
    if reset is not None:
        os.close(reset)


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _exists(folder: str) -> bool:
    return Path(folder).exists()


def _start_worker() -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(sys.path)
    return subprocess.Popen([sys.executable, "-c", _WORKER], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": paths})


def _server_of(one: Runner) -> psutil.Process:
    assert one._server is not None
    return psutil.Process(one._server.process.pid)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _gone(processes: list[psutil.Process]) -> None:
    for _ in range(100):
        if not any(_lives(process) for process in processes):
            return
        await asyncio.sleep(0.05)
    raise AssertionError([process for process in processes if _lives(process)])


def _folder_of(one: Runner) -> str:
    """The working directory of its runs."""
    assert one._server is not None
    return one._server.ready.result()["folder"]
