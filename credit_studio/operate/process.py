"""A process with everything that it starts: a session of its own, ended as a whole."""

import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from credit_studio.settings import PROJECT_ROOT

_PR_SET_PDEATHSIG = 1
_COLLECTED_AFTER = 50_000
"""New objects until the youngest are looked at; Python's own figure is 700."""


@contextmanager
def session(argv: Sequence[str | Path], *, env: Mapping[str, str], patience_s: float, output: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run `argv` in the project's folder, out of reach of the terminal's Ctrl-C.

    At the end of the block it is asked to stop, and what is left of its session after `patience_s` seconds is killed.
    `output` takes both of its streams; left out, they are this process's own.
    """
    errors = None if output is None else subprocess.STDOUT
    process = subprocess.Popen(  # noqa: S603 - the callers run the project's own commands
        argv, cwd=PROJECT_ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def settle() -> None:
    """Call when all is loaded: what there is now is kept for good, and the collector need not go through it again, nor so often through the rest.

    Ten thousand accounts at hand are hundreds of thousands of objects: at Python's defaults an eighth of the ledger's time went into looking at them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)


def end_with_parent() -> None:
    """Make this process be killed when its parent is gone: by the kernel on Linux, by a watching thread elsewhere."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it went between the two lines
            os.kill(os.getpid(), signal.SIGKILL)
        return
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
