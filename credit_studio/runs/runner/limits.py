"""What holds a run's process: cut off when it is forked, limited when its run begins.

Linux gives all of it, other systems a part: `confine` says what holds. Sources: prctl(2), unshare(2), setrlimit(2), proc(5), credentials(7).
"""

import ctypes
import math
import os
import resource
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from credit_studio.runs.runner import syscalls

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
IS_LINUX = sys.platform == "linux"
_IS_ROOT = os.geteuid() == 0
MB = 1 << 20
ALLOWANCE_MB = 8
"""Address space that is reserved and never resident (arenas, heap tops, guard pages): given on top, or small limits would bite early."""


@dataclass(frozen=True)
class Room:
    """Where a run's process lives: its empty working directory, and the user that root becomes (None: stays who it is)."""

    folder: str
    user_id: int | None

    @property
    def is_root(self) -> bool:
        """True when runs stay root (a user namespace takes its rights, not its name)."""
        return self.user_id is None and _IS_ROOT


def prctl(option: int, value: int) -> bool:
    """True when the kernel took the option; False where there is no prctl."""
    return IS_LINUX and _LIBC.prctl(option, value, 0, 0, 0) == 0


def adopt_orphans() -> bool:
    """Make this process the parent of what its children leave behind, so that nothing outlives a run unseen."""
    return prctl(_PR_SET_CHILD_SUBREAPER, 1)


def confine(room: Room, parent: int) -> frozenset[str]:  # pragma: no cover - happens in a forked process only; tests look at its effects
    """Cut this fresh process off, for good; says what holds: "network", "user", "processes", "system_calls".

    The order matters: the network and the user need rights that the last steps give up; changing the user clears the death signal.
    """
    os.chdir(room.folder)
    os.umask(0o077)
    holds = _leave(room.user_id)
    for what, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 32)):
        resource.setrlimit(what, (most, most))
    if not room.is_root:  # the kernel counts no processes of root
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # a run is one process with one thread
        holds.add("processes")
    prctl(_PR_SET_DUMPABLE, 0)
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before the signal was set
    if IS_LINUX and syscalls.refuse_unneeded(_LIBC):
        holds |= {"network", "processes", "system_calls"}
    return frozenset(holds)


def become(user_id: int) -> None:  # pragma: no cover - the same
    """Give root up for good."""
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)


def _leave(user_id: int | None) -> set[str]:  # pragma: no cover - the same
    """Leave the network, and be somebody who may not look into other processes: `user_id`, or a user namespace of its own."""
    if not IS_LINUX:
        return set()
    if user_id is not None:
        alone = _LIBC.unshare(_CLONE_NEWNET) == 0
        become(user_id)
        return {"user", "network"} if alone else {"user"}
    if _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        return {"user", "network"}
    return {"network"} if _LIBC.unshare(_CLONE_NEWNET) == 0 else set()


def begin(cpu_ms: int, mem_mb: int, inputs_bytes: int) -> None:  # pragma: no cover - would limit the test process
    """Start the clock of one run: `cpu_ms` from now, `mem_mb` above what the process has mapped now.

    The timer stops to the millisecond; RLIMIT_CPU stops what holds its signal back. The kernel counts that one in ticks, which on a
    busy machine differ by a tenth and more from the time that was used, so it stands further off. The buffer that the inputs arrive in
    is not the run's and comes on top.
    """
    if IS_LINUX:  # macOS takes the limit and ignores it
        most = _mapped_bytes() + (mem_mb + ALLOWANCE_MB) * MB + inputs_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = math.ceil(time.process_time() + 1.25 * cpu_ms / 1000) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if not _end_after(cpu_ms):
        signal.setitimer(signal.ITIMER_PROF, cpu_ms / 1000)


def _end_after(cpu_ms: int) -> bool:  # pragma: no cover - would end the test process
    """Have the kernel send SIGALRM after so much CPU time, counted to the nanosecond; False where it has no such timer. See timer_create(2)."""
    if not IS_LINUX or not hasattr(_LIBC, "timer_create"):
        return False
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    timer = ctypes.c_void_p()
    when = struct.pack("llll", 0, 0, *divmod(max(1, cpu_ms) * 1_000_000, 1_000_000_000))  # 0 would stop the timer
    made = _LIBC.timer_create(time.CLOCK_PROCESS_CPUTIME_ID, None, ctypes.byref(timer)) == 0
    return made and _LIBC.timer_settime(timer, 0, when, None) == 0


def _mapped_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def resident_kb() -> int:
    """What this process holds in memory now, in kB; where there is no /proc, the most it ever held."""
    return _status_kb("VmRSS") if IS_LINUX else peak_kb()


def peak_kb() -> int:
    """The most that this process held, in kB, since it was forked or since `forget_peak`."""
    if IS_LINUX:
        return _status_kb("VmHWM")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // 1024 if sys.platform == "darwin" else used  # macOS counts bytes


def open_peak_reset() -> int | None:
    """A descriptor for `forget_peak`, to be opened while this process may still write to its own /proc; None where there is none."""
    return os.open("/proc/self/clear_refs", os.O_WRONLY) if IS_LINUX else None


def forget_peak(descriptor: int | None) -> None:
    """Let the peak begin anew at the present level ("5" in proc(5), clear_refs)."""
    if descriptor is not None:
        os.write(descriptor, b"5")


def _status_kb(name: str) -> int:
    with Path("/proc/self/status").open(encoding="ascii", errors="replace") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))
