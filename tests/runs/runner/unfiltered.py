"""The tools on a system that allows neither namespaces nor a filter nor a count of processes. Loaded by fork servers only, for it changes them."""

from credit_studio.runs.runner import limits, syscalls
from tests.runs.runner.tools import TOOLS

__all__ = ["TOOLS"]

limits.__dict__["_leave"] = lambda _user: set[str]()
syscalls.__dict__["refuse_unneeded"] = lambda _libc: False
limits.Room.is_root = property(lambda _self: True)  # pyright: ignore[reportAttributeAccessIssue] - no count of processes either
