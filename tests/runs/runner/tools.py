"""Tools that behave, and tools that do not: what the runner's tests run."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit_studio.tools.base import InputError, Mode, Studio, Tool, report
from credit_studio.tools.blocks import Figure, KeyFigures


@dataclass(frozen=True)
class Inputs:
    """One number and one text mean whatever the tool says."""

    size: int = 0
    text: str = ""


@dataclass(frozen=True)
class Output:
    """What was found."""

    found_it: Any


def _present(output: Output) -> tuple[KeyFigures, ...]:
    return (KeyFigures((Figure("Found", str(output.found_it)[:50]),)),)


TOOLS: tuple[Tool[Any, Any], ...] = (Tool(id="announced", title="", studio=Studio.DEV, mode=Mode.SERVER, cap=5, summary="", takes="", gives=""),)

warmed: list[str] = []


def warm() -> None:
    """What the fork server calls once, before the first run."""
    warmed.append("warm")


def _tool(run: Callable[[Inputs], Any]) -> Callable[[Inputs], Any]:
    """Make a tool of a function: its id is the function's name."""
    global TOOLS  # noqa: PLW0603 - filled while this module is imported
    TOOLS += (
        Tool(
            id=run.__name__,
            title=run.__name__,
            studio=Studio.DEV,
            mode=Mode.SERVER,
            cap=5,
            summary="",
            takes="",
            gives="",
            inputs=Inputs,
            preload=("decimal",),
            run=lambda inputs: Output(run(inputs)),
            present=_present,
        ),
    )
    return run


@_tool
def add_up(inputs: Inputs) -> int:
    return sum(range(inputs.size))


@_tool
def which_process(inputs: Inputs) -> int:
    return os.getpid()


@_tool
def length(inputs: Inputs) -> int:
    return len(inputs.text)


@_tool
def burn(inputs: Inputs) -> int:
    """`size` ms of CPU."""
    until = time.process_time() + inputs.size / 1000
    count = 0
    while time.process_time() < until:
        count += 1
    return 1


@_tool
def burn_with_signals_held(inputs: Inputs) -> int:
    for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    return burn(inputs)


@_tool
def allocate(inputs: Inputs) -> int:
    """`size` MB, written to."""
    block = bytearray(inputs.size << 20)
    block[::4096] = b"x" * len(block[::4096])
    return len(block)


@_tool
def sleep(inputs: Inputs) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(inputs.size / 1000)
    return 1


@_tool
def write_much(inputs: Inputs) -> str:
    return "x" * inputs.size


@_tool
def odd_text(inputs: Inputs) -> str:
    return "half a pair: \ud800, a zero: \0, a word: café"


@_tool
def not_a_number(inputs: Inputs) -> float:
    return float("nan")


@_tool
def segfault(inputs: Inputs) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@_tool
def read_nowhere(inputs: Inputs) -> bytes:
    return ctypes.string_at(0)


@_tool
def leave(inputs: Inputs) -> None:
    os._exit(0)


@_tool
def leave_politely(inputs: Inputs) -> None:
    sys.exit(0)


@_tool
def fail(inputs: Inputs) -> None:
    raise KeyError("a secret of the person")


@_tool
def recurse(inputs: Inputs) -> None:
    recurse(inputs)


@_tool
def refuse(inputs: Inputs) -> None:
    raise InputError("risks.2.lossHigh", "must not be below the low end")


@_tool
def run_out_elsewhere(inputs: Inputs) -> None:
    raise ValueError("Error tokenizing data. C error: out of memory")


@_tool
def run_out(inputs: Inputs) -> None:
    raise MemoryError


@_tool
def run_out_below(inputs: Inputs) -> None:
    try:
        run_out(inputs)
    except MemoryError as error:
        raise ValueError("while reading") from error


@_tool
def chatter(inputs: Inputs) -> int:
    for _ in range(1_000):
        print("noise " * 10)  # noqa: T201 - what is tested
        sys.stderr.write("noise\n")
    os.write(1, b"x" * 100_000)
    os.write(2, b"x" * 100_000)
    return 1


@_tool
def write_to_the_channel(inputs: Inputs) -> int:
    """What a process whose memory was overwritten might send."""
    os.write(3, inputs.text.encode("latin-1"))
    time.sleep(inputs.size / 1000)
    return 1


@_tool
def close_the_channel(inputs: Inputs) -> int:
    os.close(3)
    time.sleep(60)
    return 1


@_tool
def steps(inputs: Inputs) -> int:
    for i in range(inputs.size):
        report((i + 1) / inputs.size, f"step {i + 1}")
        time.sleep(0.06)
    return inputs.size


@_tool
def report_often(inputs: Inputs) -> int:
    for i in range(inputs.size):
        report(i / inputs.size, "x" * 10_000)
    report(float("nan"), "never seen")
    return inputs.size


@_tool
def call(inputs: Inputs) -> str:
    """Connect to a port of this machine, or to a path; the error's name, or "connected"."""
    try:
        if inputs.text:
            with socket.socket(socket.AF_UNIX) as other:
                other.connect(inputs.text)
        else:
            socket.create_connection(("127.0.0.1", inputs.size), timeout=2).close()
    except OSError as error:
        return type(error).__name__
    return "connected"


@_tool
def look_around(inputs: Inputs) -> dict[str, Any]:
    here = Path.cwd()
    return {
        "environ": dict(os.environ),
        "kernel_environ": _try(lambda: Path("/proc/self/environ").read_text()),
        "worker_environ": _try(lambda: Path(f"/proc/{inputs.size}/environ").read_text()),
        "descriptors": [number for number in range(64) if _is_open(number)],
        "files": os.listdir(here),  # noqa: PTH208 - names are asked for
        "user": os.geteuid(),
        "session": os.getsid(0) == os.getpid(),
    }


@_tool
def write_files(inputs: Inputs) -> list[str]:
    """Try the working directory, /tmp and a given path."""
    return [_try(lambda path=path: _write(Path(path))) for path in ("here.txt", f"/tmp/{os.getpid()}.txt", inputs.text)]  # noqa: S108 - to be refused


@_tool
def fork_bomb(inputs: Inputs) -> str:
    """Children in sessions of their own, which wait: what is left of them is counted outside."""
    started = 0
    for _ in range(inputs.size):
        try:
            pid = os.fork()
        except OSError:
            return f"refused after {started}"
        if pid == 0:
            os.setsid()
            time.sleep(60)
            os._exit(0)
        started += 1
    return f"started {started}"


@_tool
def execute(inputs: Inputs) -> str:
    return _try(lambda: subprocess.run(["/bin/true"], check=True).returncode)


def _try(attempt: Callable[[], Any]) -> Any:
    try:
        return attempt()
    except (OSError, subprocess.SubprocessError) as error:
        return type(error).__name__


def _write(path: Path) -> str:
    try:
        path.write_text("x")
    finally:
        path.unlink(missing_ok=True)
    return "written"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
