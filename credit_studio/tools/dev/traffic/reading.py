"""Which format a file is in, and its requests."""

import json
from dataclasses import dataclass

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.traffic import access_logs, har, load_tests
from credit_studio.tools.dev.traffic.result import NAMES, Entry, Page
from credit_studio.tools.dev.traffic.samples import Gathering, Samples

_UNREAD_SHARE = 0.5
_SEEN = 20_000


@dataclass(frozen=True)
class Read:
    """The requests of a file; of a HAR also its entries and pages."""

    samples: Samples
    entries: tuple[Entry, ...] = ()
    pages: tuple[Page, ...] = ()


def recognised(text: str) -> str:
    """A key of `NAMES` by how the text begins; an access log when it is like nothing else."""
    start = text[:_SEEN].lstrip()
    first = start.partition("\n")[0]
    if start[:1] == "{":
        return "jsonl" if _is_one_object(first) else "har"
    if start[:1] == "<" or ("timeStamp" in first and "elapsed" in first):
        return "jtl"
    return "k6" if "metric_name" in first and "metric_value" in first else "access"


def _is_one_object(line: str) -> bool:
    """True for a line that is a whole object by itself, but for a HAR written in one line."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(given, dict) and "log" not in given


def read(text: str, wanted: str, unit: str, *, errors_from: int, fold: bool) -> Read:
    """The requests; `wanted` is a key of `NAMES` or "auto", `unit` "auto" or one of `samples`. Raises `InputError` on "log"."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    kind = recognised(text) if wanted == "auto" else wanted
    gathering, said = Gathering(kind, errors_from, fold), "" if unit == "auto" else unit
    entries: tuple[Entry, ...] = ()
    pages: tuple[Page, ...] = ()
    if kind == "har":
        (entries, pages), found = har.read(text, gathering), "milliseconds"
    elif kind == "jtl":
        found = load_tests.read_jtl(text, gathering)
    elif kind == "k6":
        found = load_tests.read_k6(text, gathering)
    elif kind == "jsonl":
        found = access_logs.read_json_lines(text.split("\n"), gathering, said)
    else:
        seems = access_logs.read_lines(text.split("\n"), gathering)
        found = said or seems
    _check(gathering)
    return Read(gathering.samples(found), entries, pages)


def _check(gathering: Gathering) -> None:
    """Refuse what is mostly not what it was taken for."""
    read_, unread = len(gathering.start), gathering.unread_total
    if read_ and unread <= _UNREAD_SHARE * (read_ + unread):
        return
    first = f" The first that could not: line {gathering.unread[0].line:,}, “{gathering.unread[0].text[:80]}”." if gathering.unread else ""
    requests, lines = (f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in ((read_, "request"), (unread, "line")))
    raise InputError("log", f"Read as {NAMES[gathering.format]}, it gives {requests} and {lines} that cannot be read.{first}")
