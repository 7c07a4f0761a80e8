"""Requests as columns, gathered line by line whatever the file's format."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from credit_studio.tools.dev.traffic.result import Unread

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

MOST_SHOWN_UNREAD = 20
MOST_MS = 1e9
_FIRST_SECOND, _LAST_SECOND = 1.0, 7.3e9  # 1970 to 2201
_ID = re.compile(
    r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(?=[^\d]*\d)[0-9a-fA-F]{8,}|(?=[^\d]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[\w-]{16,}|[^@/]+@[^@/]+"
)
_ORIGIN = re.compile(r"[a-zA-Z][\w+.-]{0,20}://[^/?#]*")
_UNITS = {"seconds": 1_000.0, "milliseconds": 1.0, "microseconds": 1e-3, "nanoseconds": 1e-6}


@dataclass(frozen=True)
class Samples:
    """Requests in the order of their starts. `start` in s since 1970 (all NaN when the file has no times), `ms` NaN where not measured, `size` in bytes.

    `endpoint` counts into `endpoints`, `target` into `targets`: the path as it was asked for.
    """

    format: str
    unit: str
    start: Floats
    ms: Floats
    status: Integers
    failed: Flags
    size: Floats
    endpoint: Integers
    endpoints: tuple[str, ...]
    target: Integers
    targets: tuple[str, ...]
    unread: tuple[Unread, ...]
    unread_total: int

    @property
    def has_times(self) -> bool:
        """True when every request says when it began or ended."""
        return len(self.start) > 0 and not bool(np.isnan(self.start).any())


@dataclass
class Gathering:
    """Columns as they grow. `errors_from` is the least status that counts as an error where the file has no flag of its own."""

    format: str
    errors_from: int
    fold: bool
    start: list[float] = field(default_factory=list[float])
    value: list[float] = field(default_factory=list[float])
    status: list[int] = field(default_factory=list[int])
    failed: list[bool] = field(default_factory=list[bool])
    size: list[float] = field(default_factory=list[float])
    target: list[int] = field(default_factory=list[int])
    targets: dict[str, int] = field(default_factory=dict[str, int])
    unread: list[Unread] = field(default_factory=list[Unread])
    unread_total: int = 0

    def add(self, start: float | None, value: float | None, status: int, target: str, *, size: float | None = None, failed: bool | None = None) -> None:
        """One request; times and values that cannot be are taken as missing."""
        self.start.append(start if start is not None and _FIRST_SECOND < start < _LAST_SECOND else np.nan)
        self.value.append(value if value is not None and value >= 0 else np.nan)
        self.status.append(status if 0 <= status <= 999 else 0)  # noqa: PLR2004 - three digits
        self.failed.append(status >= self.errors_from or status == 0 if failed is None else failed)
        self.size.append(size if size is not None and 0 <= size < 1e15 else np.nan)  # noqa: PLR2004 - a petabyte
        self.target.append(self.targets.setdefault(target[:300], len(self.targets)))

    def skip(self, line: int, text: str) -> None:
        """One line that could not be read."""
        self.unread_total += 1
        if len(self.unread) < MOST_SHOWN_UNREAD:
            self.unread.append(Unread(line, "".join(char if char.isprintable() else " " for char in text[:160])))

    def samples(self, unit: str) -> Samples:
        """All of it, `value` being in `unit` ("seconds" to "nanoseconds")."""
        start, ms = np.array(self.start, dtype=np.float64), np.array(self.value, dtype=np.float64) * _UNITS[unit]
        with np.errstate(invalid="ignore"):
            ms[ms > MOST_MS] = np.nan
        if np.isnan(start).any():
            start = np.full(len(start), np.nan)
        order = np.argsort(start, kind="stable")
        names: dict[str, int] = {}
        folded = [names.setdefault(endpoint_of(target) if self.fold else _without_query(target), len(names)) for target in self.targets]
        target = np.array(self.target, dtype=np.int64)[order]
        return Samples(
            format=self.format,
            unit=unit,
            start=start[order],
            ms=ms[order],
            status=np.array(self.status, dtype=np.int64)[order],
            failed=np.array(self.failed, dtype=np.bool_)[order],
            size=np.array(self.size, dtype=np.float64)[order],
            endpoint=np.array(folded, dtype=np.int64)[target] if folded else target,
            endpoints=tuple(names),
            target=target,
            targets=tuple(self.targets),
            unread=tuple(self.unread),
            unread_total=self.unread_total,
        )


def endpoint_of(target: str) -> str:
    """The endpoint of "GET /users/17/orders?page=2": "GET /users/{id}/orders". Numbers, UUIDs, long hexadecimal and random parts and addresses are ids."""
    bare = _without_query(target)
    head, slash, path = bare.partition("/")
    if not slash:
        return bare
    return head + "/" + "/".join("{id}" if part and _ID.fullmatch(part) else part for part in path.split("/"))


def _without_query(target: str) -> str:
    method, space, url = target.partition(" ")
    if not space or not method.isupper():
        method, url = "", target
    url = _ORIGIN.sub("", url, count=1) or "/" if "://" in url[:24] else url
    bare = url.partition("?")[0].partition("#")[0][:200]
    return f"{method} {bare}" if method else bare
