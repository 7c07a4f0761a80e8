"""The worker's side of the fork server: starts it, asks it for processes, hears of their end."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

from credit_studio.runs.runner import wire

_BOOT = (
    "import json, socket, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from credit_studio.runs.runner.zygote import main; main(socket.socket(fileno=int(sys.argv[2])), tuple(json.loads(sys.argv[3])))"
)
_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1") | {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
"""All that the fork server is given: one thread a run, and no word of the worker's own environment."""

START_S, FORK_S, GONE_S = 120.0, 20.0, 5.0


class RunnerDown(RuntimeError):
    """The fork server could not be started, or gives no process."""


@dataclass(frozen=True)
class Gone:
    """How a process ended: its exit status (a negative one is a signal), CPU microseconds and peak kB of its whole life."""

    status: int
    cpu_us: int
    peak_kb: int


@dataclass(frozen=True)
class Fork:
    """A process that waits for its one order."""

    token: str
    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    holds: frozenset[str]
    idle_kb: int
    gone: asyncio.Future[Gone]


@dataclass
class _Asked:
    pid: asyncio.Future[int]
    gone: asyncio.Future[Gone]


@dataclass
class ForkServer:
    """One fork server and the processes asked of it. Made by `start_fork_server`; lives in one event loop."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    ready: asyncio.Future[dict[str, Any]]
    alive: bool = True
    _rest: bytes = b""
    _asked: dict[str, _Asked] = field(default_factory=dict[str, _Asked])
    _count: int = 0

    async def fork(self) -> Fork:
        """A fresh process, confined and waiting; raises `RunnerDown` when there is none to be had."""
        loop = asyncio.get_running_loop()
        self._count += 1
        token, asked = str(self._count), _Asked(loop.create_future(), loop.create_future())
        ours, theirs = socket.socketpair()
        self._asked[token] = asked
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=1 << 20)
        try:
            with theirs:
                socket.send_fds(self.control, [f"fork {token}\n".encode()], [theirs.fileno()])
            async with asyncio.timeout(FORK_S):
                pid = await asked.pid
                _, payload = await wire.receive(reader, output_bytes=0)
            told = wire.read_json(payload)
            return Fork(token, pid, reader, writer, frozenset(told["holds"]), int(told["idle_kb"]), asked.gone)
        except BaseException as error:
            self._tell_kill(token)
            writer.close()
            if isinstance(error, OSError | EOFError | wire.BadFrame):
                raise RunnerDown("The fork server gave no process.") from error
            raise

    async def end(self, fork: Fork) -> None:
        """Kill the process with all that it started; returns at once."""
        self._tell_kill(fork.token)
        fork.writer.close()
        with contextlib.suppress(OSError):
            await fork.writer.wait_closed()

    def _tell_kill(self, token: str) -> None:
        asked = self._asked.get(token)
        if self.alive and asked is not None and not asked.gone.done():
            with contextlib.suppress(OSError):  # the server is going, and takes its processes along
                self.control.sendall(f"kill {token}\n".encode())

    async def stop(self) -> None:
        """End the server and everything it forked; returns when all are gone."""
        if self.alive:
            self._lost()
        try:
            await asyncio.to_thread(self.process.wait, GONE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
        if self.ready.done() and self.ready.exception() is None:  # a killed server could not tidy up
            await asyncio.to_thread(shutil.rmtree, self.ready.result()["folder"], ignore_errors=True)

    def hear(self) -> None:
        """Take what the server says; called by the event loop."""
        try:
            data = self.control.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line.decode(errors="replace"))
        if not data:
            self._lost()

    def _take(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        if verb == "ready":
            _settle(self.ready, json.loads(rest))
        elif verb == "error":
            _refuse(self.ready, RunnerDown(f"The tools could not be loaded: {rest}"))
        elif verb == "forked":
            token, pid = rest.split()
            _settle(self._asked[token].pid, int(pid))
        elif verb == "exit":
            token, *figures = rest.split()
            asked = self._asked.pop(token)
            _refuse(asked.pid, RunnerDown("The fork server could not fork."))
            _settle(asked.gone, Gone(*map(int, figures)))

    def _lost(self) -> None:
        """The server has gone, or is told to: nobody waits for it any more."""
        self.alive = False
        asyncio.get_running_loop().remove_reader(self.control)
        self.control.close()
        _refuse(self.ready, RunnerDown("The fork server ended while it was starting."))
        for asked in self._asked.values():
            _refuse(asked.pid, RunnerDown("The fork server has ended."))
            _settle(asked.gone, Gone(-9, 0, 0))
        self._asked.clear()


def start_fork_server(modules: tuple[str, ...]) -> ForkServer:
    """Start a server that loads the tools of `modules` (none named: the registry's); wait for its `ready`."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = _spawn(theirs.fileno(), modules)
    ours.settimeout(0)
    loop = asyncio.get_running_loop()
    server = ForkServer(process, ours, loop.create_future())
    loop.add_reader(ours, server.hear)
    return server


def _spawn(control: int, modules: tuple[str, ...]) -> subprocess.Popen[bytes]:
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - "" is the present directory
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
        [sys.executable, "-I", "-c", _BOOT, json.dumps(paths), str(control), json.dumps(modules)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=_ENVIRONMENT,
        pass_fds=(control,),
        start_new_session=True,  # Ctrl-C reaches the worker, which stops this one in order
    )


def _settle(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _refuse(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # seen, also when nobody waits any more
