"""The run's process: forked warm, confined, waits for one order, does it, tells how it ended, and is gone."""

import contextlib
import json
import math
import os
import signal
import socket
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, cast

from credit_studio.runs.runner import limits, wire
from credit_studio.tools import blocks
from credit_studio.tools.base import Answered, AnswerError, InputError, Tool, jsonable, set_reporter

EXIT_OUT_OF_MEMORY = 71
"""Exit status of a run that ran into its memory limit: needs no memory to tell."""

REPORT_EVERY_S = 0.05
_CHANNEL_FD, _RESET_FD, _MANY_FDS = 3, 4, 65_536
_SAID_CHARS = 1_000

Tools = Mapping[str, Tool[Any, Any]]


@dataclass(frozen=True)
class End:
    """How the run ended, in small figures: CPU and wall time within the tool in microseconds, memory above idle in kB."""

    code: str = ""
    message: str = ""
    field: str = ""
    where: str = ""
    cpu_us: int = 0
    mem_kb: int = 0
    inside_us: int = 0
    tokens: int | None = None


@dataclass
class Meter:
    """Counts from the moment that the order arrives."""

    idle_kb: int
    cpu_ns: int
    inside_us: int = 0

    @classmethod
    def start(cls) -> "Meter":
        """Take the idle level."""
        return cls(limits.resident_kb(), time.process_time_ns())

    def cpu_us(self) -> int:
        """CPU time since the start, user and system."""
        return (time.process_time_ns() - self.cpu_ns) // 1000

    def mem_kb(self) -> int:
        """The peak above the idle level."""
        return max(0, limits.peak_kb() - self.idle_kb)


class TooMuchOutput(Exception):
    """The result or its blocks are larger than the run may give."""


def serve(channel: socket.socket, tools: Tools, room: limits.Room, parent: int) -> NoReturn:  # pragma: no cover - in a forked process only
    """Live one run's life; never returns."""
    code = 1
    try:
        channel = _alone_with(channel)
        reset = limits.open_peak_reset()
        if reset is not None and reset != _RESET_FD:
            os.dup2(reset, _RESET_FD)
        os.closerange(_RESET_FD if reset is None else _RESET_FD + 1, _MANY_FDS)
        holds = limits.confine(room, parent)
        wire.send_json(channel, wire.READY, {"holds": sorted(holds), "idle_kb": limits.resident_kb()})
        order = wire.receive_order(channel)
        if order is not None:
            meter = Meter.start()
            limits.begin(order.cpu_ms, order.mem_mb, order.size)
            inputs = wire.receive_inputs(channel, order)
            limits.forget_peak(None if reset is None else _RESET_FD)
            perform(channel, tools, order, inputs, meter)
        code = 0
    except MemoryError:
        code = EXIT_OUT_OF_MEMORY
    finally:
        os._exit(code)


def _alone_with(channel: socket.socket) -> socket.socket:  # pragma: no cover - in a forked process only
    """A session of its own, nothing to read, nowhere to print, and the channel at a known place."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    moved = socket.socket(fileno=os.dup2(channel.detach(), _CHANNEL_FD, inheritable=False))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return moved


def perform(channel: socket.socket, tools: Tools, order: wire.Order, inputs: object, meter: Meter) -> None:
    """Run the tool and tell the result, or why there is none; raises MemoryError when the run ran out of it."""
    set_reporter(_Reporter(channel, meter))
    try:
        result, drawn, tokens = _texts(tools[order.tool_id], inputs, order.output_bytes, meter)
        end = End(tokens=tokens)
    except Exception as error:  # noqa: BLE001 - whatever a tool raises ends its run
        if _ran_out(error):
            raise MemoryError from None
        result, drawn, end = b"", b"", _why(error)
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        result, drawn, end = b"", b"", _why(error)
    finally:
        set_reporter(None)
    told = asdict(end) | {"cpu_us": meter.cpu_us(), "mem_kb": meter.mem_kb(), "inside_us": meter.inside_us}
    if not end.code:
        wire.send(channel, wire.RESULT, result)
        wire.send(channel, wire.BLOCKS, drawn)
    wire.send_json(channel, wire.END, told)


def _texts(tool: Tool[Any, Any], inputs: Any, most: int, meter: Meter) -> tuple[bytes, bytes, int | None]:  # noqa: ANN401 - whatever the tool takes
    """The result, its blocks, and how many tokens it took where that is the tool's meter."""
    work = tool.tokens.read if tool.tokens is not None and isinstance(inputs, Answered) else tool.run
    if work is None or tool.present is None:
        raise LookupError(f"{tool.id} cannot be run")
    begun = time.perf_counter_ns()
    try:
        output = work(cast("Any", inputs))
    finally:
        meter.inside_us = (time.perf_counter_ns() - begun) // 1000
    tokens = None if tool.tokens is None else tool.tokens.counted(output)
    return _text(jsonable(output), most), _text(blocks.to_json(tool.present(output)), most), tokens


def _text(value: object, most: int) -> bytes:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    if len(text) > most:
        raise TooMuchOutput
    return text


def _why(error: BaseException) -> End:
    if isinstance(error, InputError):
        return End("invalid_inputs", error.message[:_SAID_CHARS], error.field[:_SAID_CHARS])
    if isinstance(error, AnswerError):
        return End("answer_unusable")
    if isinstance(error, TooMuchOutput):
        return End("output_limit")
    return End("tool_error", where=_where(error))


def _where(error: BaseException) -> str:
    """The kind of the error and the places it came through, for the log; its message may quote a person's data and stays here."""
    places = [f"{os.path.basename(place.filename)}:{place.lineno}" for place in traceback.extract_tb(error.__traceback__)]  # noqa: PTH119 - a name, not a file
    return f"{type(error).__name__} at {' > '.join(places[-8:])}"[:_SAID_CHARS]


def _ran_out(error: BaseException | None) -> bool:
    """True when memory ran out, also where a library says so in an error of its own."""
    for _ in range(10):
        if error is None:
            return False
        if isinstance(error, MemoryError) or "out of memory" in str(error).lower()[:_SAID_CHARS]:
            return True
        error = error.__cause__ or error.__context__
    return False


class _Reporter:
    """Sends progress, at most one message in `REPORT_EVERY_S`."""

    def __init__(self, channel: socket.socket, meter: Meter) -> None:
        self._channel = channel
        self._meter = meter
        self._next = 0.0

    def __call__(self, share: float, doing: str) -> None:
        """Tell how far the run is."""
        now = time.monotonic()
        if now < self._next or not math.isfinite(share):
            return
        self._next = now + REPORT_EVERY_S
        with contextlib.suppress(OSError):  # the worker has gone: so will this process
            told = {"share": min(1.0, max(0.0, share)), "doing": doing[:200], "cpu_us": self._meter.cpu_us()}
            wire.send_json(self._channel, wire.PROGRESS, told)
