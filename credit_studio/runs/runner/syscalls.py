"""A filter on system calls: what no tool needs is refused by the kernel, also where no namespace is allowed. See seccomp(2), bpf(4).

It closes what a network namespace leaves open (sockets with a path, such as the database's), starts no process and no thread, and
reaches into no other process. Only for the two processors that it has the numbers of.
"""

import ctypes
import os
import platform
import struct

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _DENY, _KILL = 0x7FFF_0000, 0x0005_0001, 0x8000_0000  # deny: EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_AT_NUMBER, _AT_ARCH, _AT_FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x4000_0000

_X86 = (41, 53, 49, 50, 43, 288, 42, 56, 435, 59, 322, 101, 310, 311, 434, 424, 425, 426, 427, 165, 166, 272, 308, 321, 298, 323, 57, 58)
_ARM = (198, 199, 200, 201, 202, 242, 203, 220, 435, 221, 281, 117, 270, 271, 434, 424, 425, 426, 427, 40, 39, 97, 268, 280, 241, 282)
_MACHINES = {"x86_64": (0xC000_003E, _X86, 62), "aarch64": (0xC000_00B7, _ARM, 129)}
"""By machine: its audit number, the refused calls, and `kill`. In this order: socket socketpair bind listen accept accept4 connect, clone
clone3 execve execveat, ptrace process_vm_readv process_vm_writev pidfd_open pidfd_send_signal, io_uring_setup _enter _register, mount
umount2 unshare setns, bpf perf_event_open userfaultfd; on x86_64 also fork and vfork."""


def program(machine: str, pid: int) -> bytes:
    """The filter for a process `pid` on `machine`: refuses what is listed above, and `kill` of anything but itself; empty where numbers are missing."""
    if machine not in _MACHINES:
        return b""
    arch, refused, kill = _MACHINES[machine]
    steps = [_step(_LOAD, _AT_ARCH), _step(_EQUAL, arch, 1, 0), _step(_RETURN, _KILL), _step(_LOAD, _AT_NUMBER)]
    steps += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _DENY)]
    for number in refused:
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _DENY)]
    steps += [_step(_EQUAL, kill, 0, 3), _step(_LOAD, _AT_FIRST_ARGUMENT), _step(_EQUAL, pid, 1, 0), _step(_RETURN, _DENY)]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, when_true, when_false, value)


def refuse_unneeded(libc: ctypes.CDLL) -> bool:  # pragma: no cover - for good, so in a forked process only; tests look at its effects
    """Put the filter on this process; True when the kernel took it. `no_new_privs` must be set."""
    steps = program(platform.machine(), os.getpid())
    if not steps:
        return False
    kept = ctypes.create_string_buffer(steps, len(steps))
    header = ctypes.create_string_buffer(struct.pack("HP", len(steps) // 8, ctypes.addressof(kept)))
    return libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) == 0
