"""`Runner`: one per worker process; does jobs in processes that were forked beforehand, and says what each one took."""

import asyncio
import contextlib
import math
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from credit_studio.runs.runner import wire
from credit_studio.runs.runner.child import EXIT_OUT_OF_MEMORY
from credit_studio.runs.runner.contract import STATUSES, Job, Measured, OnProgress, Outcome, failed
from credit_studio.runs.runner.forks import GONE_S, START_S, Fork, ForkServer, Gone, RunnerDown, start_fork_server

log = structlog.get_logger(__name__)

NO_NETWORK_LIMIT = (
    "This system allows neither a network namespace nor a system call filter: tools run without being cut off from the network. "
    "Allow user namespaces, or start as root, to have it."
)
BEAT_S = 0.25
"""How often a run that says nothing is reported on."""


@dataclass
class _Heard:
    """What has come from a run's process so far."""

    share: float | None = None
    doing: str = ""
    cpu_ms: int = 0
    result: bytes | None = None
    blocks: bytes | None = None
    end: dict[str, Any] | None = None


class Runner:
    """Does at most `slots` jobs at once, each in a process of its own that is forked before it is needed.

    `modules` names modules that hold `TOOL` or `TOOLS`; none: the tools of the registry. Lives in the event loop that started it.
    `speed` is this machine's factor (2.0: twice as slow as the reference), `isolation` what holds here beside the limits: "network"
    (no way out), "user" (another user, or a user namespace: no look into other processes), "processes" (a run can start none),
    "system_calls" (filtered). Both are known after `start`.
    """

    def __init__(self, *, slots: int, modules: tuple[str, ...] = ()) -> None:
        self.speed = 1.0
        self.isolation: frozenset[str] = frozenset()
        self._slots = asyncio.Semaphore(slots)
        self._spare = slots
        self._modules = modules
        self._server: ForkServer | None = None
        self._starting = asyncio.Lock()
        self._idle: deque[Fork] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def start(self) -> None:
        """Load the tools, measure the machine, fork the first processes; raises `RunnerDown` when that cannot be done."""
        self._stopping = False
        await self._live_server()
        first = await self._fork()
        self._idle.append(first)
        self.isolation = first.holds
        if "network" not in self.isolation:
            log.warning("runner.network", said=NO_NETWORK_LIMIT)
        await self._refill()

    async def stop(self) -> None:
        """End every run (they answer "cancelled", code "stopped") and every process; returns when all are gone."""
        self._stopping = True
        async with self._starting:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            server, self._server = self._server, None
            if server is not None:
                await self._drop_idle(server)
                await server.stop()

    async def run(self, job: Job, on_progress: OnProgress, cancel: asyncio.Event) -> Outcome:
        """Do one job to its end; waits for a slot first. Raises `RunnerDown` when no process can be had: then nothing ran.

        `on_progress` is called from the event loop: with each message of the tool, and every `BEAT_S` without one.
        """
        if not await self._enter(cancel):
            return failed("cancelled", job, Measured(0, 0, 0))
        try:
            fork, server = await self._take()
            try:
                return await self._watch(fork, job, on_progress, cancel)
            finally:
                await server.end(fork)
        finally:
            self._slots.release()

    async def _enter(self, cancel: asyncio.Event) -> bool:
        """Take a slot; False, without one, when `cancel` is set first."""
        entering, cancelling = asyncio.ensure_future(self._slots.acquire()), asyncio.ensure_future(cancel.wait())
        try:
            await asyncio.wait({entering, cancelling}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if entering.done():
                self._slots.release()
            raise
        else:
            return entering.done()
        finally:
            await _over(entering, cancelling)

    async def _watch(self, fork: Fork, job: Job, on_progress: OnProgress, cancel: asyncio.Event) -> Outcome:
        heard, begun = _Heard(), time.perf_counter()

        def tell() -> None:
            on_progress(heard.share, heard.doing, int((time.perf_counter() - begun) * 1000), heard.cpu_ms)

        doing = asyncio.ensure_future(_converse(fork, job, heard, tell))
        beating = asyncio.ensure_future(_beat(fork.pid, heard, tell))
        cancelling = asyncio.ensure_future(cancel.wait())
        try:
            await asyncio.wait({doing, beating, cancelling}, timeout=job.wall_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
            took_s = time.perf_counter() - begun
            if beating.done():
                beating.result()  # the caller's own error in `on_progress`
            if doing.done():
                doing.result()  # the same, or inputs that cannot be packed
            if heard.end is not None:
                return _finished(job, heard, took_s)
            code = "" if doing.done() else "cancelled" if cancelling.done() else "wall_limit"
            return await self._lost(fork, job, heard, code, took_s)
        finally:
            await _over(doing, beating, cancelling)

    async def _lost(self, fork: Fork, job: Job, heard: _Heard, code: str, took_s: float) -> Outcome:
        """The outcome of a run that told no end: it was stopped by us (`code`), by a limit, or it crashed."""
        server = self._server
        if server is not None:
            await server.end(fork)
        gone = Gone(-signal.SIGKILL, 0, 0)
        with contextlib.suppress(TimeoutError):
            gone = await asyncio.wait_for(asyncio.shield(fork.gone), GONE_S)
        if self._stopping:
            code = "stopped"
        code = code or _judge(gone, job)
        if code == "crashed":
            log.error("runner.crashed", tool=job.tool_id, status=gone.status)
        mem_mb = math.ceil(max(0, gone.peak_kb - fork.idle_kb) / 1024)
        measured = Measured(max(heard.cpu_ms, math.ceil(gone.cpu_us / 1000)), mem_mb, math.ceil(took_s * 1000))
        return failed(code, job, measured)

    async def _take(self) -> tuple[Fork, ForkServer]:
        """An idle process, or a fresh one; the place it leaves is filled behind it."""
        server = await self._live_server()
        while self._idle:
            fork = self._idle.popleft()
            if not fork.gone.done():
                self._spawn(self._refill())
                return fork, server
        fork = await self._fork()
        self._spawn(self._refill())
        return fork, server

    async def _fork(self) -> Fork:
        server = self._server
        if server is None or self._stopping:
            raise RunnerDown("The runner is not started.")
        return await server.fork()

    async def _refill(self) -> None:
        while len(self._idle) < self._spare:
            self._idle.append(await self._fork())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside; a process that could not be forked now is forked when it is needed, and fails there."""

        async def quietly() -> None:
            with contextlib.suppress(RunnerDown):
                await work

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live_server(self) -> ForkServer:
        """The fork server; a new one when it was killed."""
        async with self._starting:
            if self._stopping:
                raise RunnerDown("The runner is stopped.")
            if self._server is not None and self._server.alive:
                return self._server
            if self._server is not None:
                log.error("runner.fork_server_lost")
                await self._drop_idle(self._server)
                await self._server.stop()
                self._server = None
            server = start_fork_server(self._modules)
            try:
                ready = await asyncio.wait_for(asyncio.shield(server.ready), START_S)
            except BaseException as error:
                await server.stop()
                if isinstance(error, TimeoutError):
                    raise RunnerDown("The fork server did not start in time.") from error
                raise
            self.speed, self._server = float(ready["speed"]), server
            for note in ready["notes"]:
                log.warning("runner.cold_tool", said=note)
            return server

    async def _drop_idle(self, server: ForkServer) -> None:
        while self._idle:
            await server.end(self._idle.popleft())


async def _converse(fork: Fork, job: Job, heard: _Heard, tell: Callable[[], None]) -> None:
    """Give the order and take the answers, until the end is told or the process went away or said what it may not."""
    order, inputs = wire.pack_job(job)
    with contextlib.suppress(OSError):  # it has died: what it said last is still there to be read
        fork.writer.write(order)
        fork.writer.write(inputs)
        await fork.writer.drain()
    while heard.end is None:
        try:
            kind, payload = await wire.receive(fork.reader, output_bytes=job.output_bytes)
            _note(kind, payload, heard)
        except (OSError, EOFError, wire.BadFrame, ValueError, TypeError):
            return
        if kind == wire.PROGRESS:
            tell()


def _note(kind: bytes, payload: bytes, heard: _Heard) -> None:
    """Keep what a frame says; raises ValueError or TypeError for figures that are none."""
    if kind == wire.RESULT:
        heard.result = payload
    elif kind == wire.BLOCKS:
        heard.blocks = payload
    elif kind == wire.PROGRESS:
        told = wire.read_json(payload)
        heard.share = min(1.0, max(0.0, float(told.get("share", 0))))
        heard.doing = str(told.get("doing", ""))
        heard.cpu_ms = max(heard.cpu_ms, math.ceil(_whole(told, "cpu_us") / 1000))
    elif kind == wire.END:
        heard.end = wire.read_json(payload)


def _finished(job: Job, heard: _Heard, took_s: float) -> Outcome:
    """The outcome of a run that told its end."""
    end = heard.end or {}
    measured = Measured(math.ceil(_whole(end, "cpu_us") / 1000), math.ceil(_whole(end, "mem_kb") / 1024), math.ceil(took_s * 1000))
    inside_ms = _whole(end, "inside_us") / 1000
    code = str(end.get("code", ""))
    if code:
        code = code if code in STATUSES else "crashed"
        if code == "tool_error":
            log.error("runner.tool_error", tool=job.tool_id, where=str(end.get("where", "")))
        return failed(code, job, measured, message=str(end.get("message", "")), field=str(end.get("field", "")), inside_ms=inside_ms)
    measured = replace(measured, tokens=_whole(end, "tokens")) if end.get("tokens") is not None else measured
    try:
        result, blocks = (heard.result or b"").decode(), (heard.blocks or b"").decode()
    except UnicodeDecodeError:
        return failed("crashed", job, measured)
    return Outcome("succeeded", result, blocks, measured, inside_ms=inside_ms)


def _whole(told: dict[str, Any], name: str) -> int:
    value = told.get(name, 0)
    return value if isinstance(value, int) and 0 <= value < 1 << 50 else 0


def _judge(gone: Gone, job: Job) -> str:
    """Why a process ended that told nothing."""
    if gone.status in (-signal.SIGALRM, -signal.SIGPROF, -signal.SIGXCPU):
        return "cpu_limit"
    if gone.status == EXIT_OUT_OF_MEMORY:
        return "memory_limit"
    if gone.status == -signal.SIGKILL and gone.cpu_us >= job.cpu_ms * 1000:
        return "cpu_limit"  # the hard limit, for code that held the signals back
    return "crashed"


async def _beat(pid: int, heard: _Heard, tell: Callable[[], None]) -> None:
    """Tell of the run also when it says nothing."""
    while True:
        await asyncio.sleep(BEAT_S)
        heard.cpu_ms = max(heard.cpu_ms, _cpu_ms_of(pid))
        tell()


def _cpu_ms_of(pid: int) -> int:
    """CPU time of a process so far, in ms; 0 where there is no /proc, or no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return int((int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK"))  # utime and stime of proc(5)
    except (OSError, IndexError):
        return 0


async def _over(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
