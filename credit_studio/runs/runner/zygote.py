"""The fork server: one process with everything imported and touched once, from which each run's process is forked warm.

It is started with an empty environment and one socket to the worker; when that socket closes, it kills what it forked and goes. Lines
that it reads: `fork TOKEN` (with the child's channel as a descriptor) and `kill TOKEN`. Lines that it writes: `ready JSON`,
`forked TOKEN PID`, `exit TOKEN STATUS CPU_US MAXRSS_KB`, or `error WORDS` when a module cannot be loaded.
"""

import contextlib
import gc
import importlib
import inspect
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from credit_studio.runs.runner import child, limits, speed
from credit_studio.tools import registry
from credit_studio.tools.base import Tool

NOBODY = 65_534
AnyTool = Tool[Any, Any]


def main(control: socket.socket, modules: tuple[str, ...]) -> None:  # pragma: no cover - a process of its own, started by `forks.py`
    """Live as the fork server until the worker goes."""
    try:
        tools, notes = load(modules)
    except Exception as error:  # noqa: BLE001 - whatever a module raises at import is told to the worker, which refuses to start
        control.sendall(f"error {type(error).__name__}: {error}".replace("\n", " ").encode() + b"\n")
        return
    os.environ.clear()
    limits.adopt_orphans()
    with _folder() as folder:
        room = limits.Room(folder, NOBODY if _can_be(NOBODY) else None)
        gc.collect()
        gc.freeze()  # what is there now is shared with every child: the collector shall not write to it
        told = {"speed": speed.factor(), "notes": notes, "folder": folder}
        control.sendall(b"ready " + json.dumps(told).encode() + b"\n")
        _Zygote(control, tools, room).loop()


def load(modules: tuple[str, ...]) -> tuple[dict[str, AnyTool], list[str]]:
    """Import the tools of `modules` (none named: all of the registry) with what they preload, and touch each once.

    Returns the tools that can be run, by id, and a sentence for each that could not be warmed. Raises what an import raises.
    """
    found = registry.all_tools() if not modules else (tool for name in modules for tool in _tools_of(name))
    tools = {tool.id: tool for tool in found if tool.is_built}
    for name in {name for tool in tools.values() for name in tool.preload}:
        importlib.import_module(name)
    return tools, [note for note in map(_warm, tools.values()) if note]


def _tools_of(name: str) -> Iterable[AnyTool]:
    module = importlib.import_module(name)
    return getattr(module, "TOOLS", ()) or (module.TOOL,)


def _warm(tool: AnyTool) -> str:
    """Touch what a first run touches: the module's `warm()`, or else the tool's own example."""
    warm = getattr(inspect.getmodule(tool.run), "warm", None)
    try:
        if warm is not None:
            warm()
        elif tool.example is not None and tool.run is not None and tool.present is not None:
            tool.present(tool.run(tool.example))
    except Exception as error:  # noqa: BLE001 - a cold tool is slower, no more; a test of the tool finds the fault
        return f"{tool.id} could not be warmed: {type(error).__name__}"
    return ""


@contextlib.contextmanager
def _folder() -> Any:  # pragma: no cover - within `main` only  # noqa: ANN401 - a context manager of a path
    """The one empty directory that all runs work in; none can write to it."""
    folder = tempfile.mkdtemp(prefix="credit-studio-run-")
    try:
        Path(folder).chmod(0o555)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _can_be(user_id: int) -> bool:  # pragma: no cover - within `main` only
    """True when this is root and that user can read everything that is loaded (a checkout in /root, say, is closed to it)."""
    if os.geteuid() != 0 or not limits.IS_LINUX:
        return False
    files = [file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    pid = os.fork()
    if pid == 0:
        code = 1
        with contextlib.suppress(BaseException):
            limits.become(user_id)
            code = 0 if all(os.access(file, os.R_OK) for file in files if os.path.isabs(file)) else 1  # noqa: PTH117 - a string test
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


class _Zygote:  # pragma: no cover - a process of its own
    """The loop: orders in, exits out."""

    def __init__(self, control: socket.socket, tools: dict[str, AnyTool], room: limits.Room) -> None:
        self._control = control
        self._tools = tools
        self._room = room
        self._pids: dict[str, int] = {}
        self._tokens: dict[int, str] = {}
        self._channels: list[int] = []
        self._rest = b""
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, _heard)  # a handler must be there for the wake-up below
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def loop(self) -> None:
        """Serve until the worker closes its end, then leave nothing behind."""
        with contextlib.suppress(ConnectionError):
            while True:
                ready, _, _ = select.select([self._control, self._woken], [], [])
                if self._woken in ready:
                    os.read(self._woken, 4096)
                    self._reap()
                if self._control in ready and not self._hear():
                    break
        while left := set(self._tokens) | _children():
            for pid in left:
                _kill(pid)
            self._bury(*os.wait4(-1, 0))

    def _hear(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 65_536, 64)
        self._channels += descriptors
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            verb, token = line.decode().split()
            if verb == "fork":
                self._fork(token, self._channels.pop(0))
            elif token in self._pids:
                _kill(self._pids[token])
        return bool(data)

    def _fork(self, token: str, descriptor: int) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # no process to be had now: the worker hears it, and this server goes on
            os.close(descriptor)
            self._tell(f"exit {token} 1 0 0\n")
            return
        if pid == 0:
            child.serve(socket.socket(fileno=descriptor), self._tools, self._room, parent)
        os.close(descriptor)
        self._pids[token], self._tokens[pid] = pid, token
        self._tell(f"forked {token} {pid}\n")

    def _reap(self) -> None:
        """Bury the dead; while one is a zombie its id is its own, so its group is killed first."""
        with contextlib.suppress(ChildProcessError):
            while pid := _dead():
                if pid > 0:
                    _kill(pid)
                buried, status, used = os.wait4(pid, os.WNOHANG)
                if not buried:
                    break
                self._tell(self._bury(buried, status, used))
        for pid in _children() - set(self._tokens):
            _kill(pid)  # left behind by a run, and adopted

    def _bury(self, pid: int, status: int, used: Any) -> str:  # noqa: ANN401 - struct_rusage
        token = self._tokens.pop(pid, None)
        if token is None:
            return ""
        self._pids.pop(token)
        cpu_us = int((used.ru_utime + used.ru_stime) * 1e6)
        return f"exit {token} {os.waitstatus_to_exitcode(status)} {cpu_us} {used.ru_maxrss}\n"

    def _tell(self, line: str) -> None:
        self._control.sendall(line.encode())


def _heard(_number: int, _frame: object) -> None:  # pragma: no cover - in the fork server only
    """A child has ended; the loop is woken and looks."""


def _kill(pid: int) -> None:  # pragma: no cover - in the fork server only
    """Kill a run's process and its group; both may be gone, or not yet be."""
    for stop in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            stop(pid, signal.SIGKILL)


def _dead() -> int:  # pragma: no cover - in the fork server only
    """A child that has ended and still has its id; 0 when there is none, -1 where the system does not tell beforehand (macOS)."""
    if not hasattr(os, "waitid"):
        return -1
    found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return found.si_pid if found else 0


def _children() -> set[int]:  # pragma: no cover - in the fork server only
    """All children, adopted ones too; none where there is no /proc."""
    try:
        return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))
    except OSError:
        return set()
