"""Performance Profiler: what a log of requests or a load test says of speed, errors, and how much more the service would take.

Formats are read in `traffic/reading.py`, figures made in `traffic/figures.py` and `traffic/capacity.py` (numpy), shown by `traffic/showing.py`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len

from credit_studio.tools.base import Cost, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Figure, KeyFigures
from credit_studio.tools.dev.traffic import showing
from credit_studio.tools.dev.traffic.result import Profile
from credit_studio.tools.dev.traffic.showing import ms_in_words, percent, rate_in_words, span_in_words

_RATINGS = ((0.94, "excellent"), (0.85, "good"), (0.70, "fair"), (0.50, "poor"), (0.0, "unacceptable"))
"""By the Apdex Technical Specification 1.1."""

_FORMATS = (
    ("auto", "Find out"),
    ("access", "Access log (Apache, nginx)"),
    ("jsonl", "JSON, one object a line"),
    ("har", "HAR from a browser"),
    ("jtl", "JMeter JTL (CSV or XML)"),
    ("k6", "k6 CSV"),
)
_UNITS = (("auto", "Find out"), ("seconds", "Seconds"), ("milliseconds", "Milliseconds"), ("microseconds", "Microseconds"))


@dataclass(frozen=True)
class PerformanceInputs:
    """The file, and what is held to be quick enough."""

    log: Annotated[str, Len(1, 20_000_000)] = ui(
        "Log or test result",
        "An access log, JSON lines, a HAR, a JMeter JTL or a k6 CSV (--out csv), pasted or from a file of up to 20 MB.",
        widget="file",
        accept=".log,.txt,.json,.jsonl,.har,.jtl,.csv,.xml",
        placeholder='192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 2326 "-" "-" 0.012',
    )
    format: Literal["auto", "access", "jsonl", "har", "jtl", "k6"] = ui(
        "Format", "What kind of file it is. Found out from its first lines, unless you say it.", default="auto", choices=_FORMATS
    )
    unit: Literal["auto", "seconds", "milliseconds", "microseconds"] = ui(
        "Response times in",
        "For access logs and JSON lines, where the file itself does not say. The result tells what was supposed.",
        default="auto",
        choices=_UNITS,
    )
    threshold_ms: Annotated[int, Ge(1), Le(600_000)] = ui(
        "Apdex threshold T", "Up to T a visitor is satisfied, up to four times T tolerates it, beyond is frustrated.", default=500, unit="ms"
    )
    goal_ms: Annotated[int, Ge(1), Le(600_000)] = ui(
        "Goal for p95", "What 95 of 100 requests should stay within; the capacity is judged by it.", default=1_000, unit="ms"
    )
    errors_from: Literal["400", "500"] = ui(
        "Errors are",
        "Which statuses count as errors. Load tests say themselves what failed.",
        default="500",
        choices=(("500", "500 and above"), ("400", "400 and above")),
    )
    fold: bool = ui("Fold ids in paths", "Numbers, UUIDs and random parts become {id}, so that /users/1 and /users/2 are one endpoint.", default=True)
    capacity: Annotated[float, Ge(0), Le(10_000_000)] = ui(
        "Known capacity",
        "Requests a second that the service is known to take, to hold the trend of demand against. 0: not known.",
        default=0.0,
        unit="a second",
    )


def warm() -> None:
    """Import what a run needs and touch it once; a worker calls this before its first run."""
    if TOOL.example is not None:
        present(run(TOOL.example))


def run(inputs: PerformanceInputs) -> Profile:
    """Read and profile; raises `InputError` on "log" when most of it is not of its format."""
    from credit_studio.tools.dev.traffic.profile import profile  # noqa: PLC0415 - numpy is loaded where it runs, not where pages are made
    from credit_studio.tools.dev.traffic.reading import read  # noqa: PLC0415 - the same

    report(0.02, "Reading")
    errors_from = int(inputs.errors_from)
    found = read(inputs.log, inputs.format, inputs.unit, errors_from=errors_from, fold=inputs.fold)
    return profile(found, threshold_ms=float(inputs.threshold_ms), errors_from=errors_from, goal_ms=float(inputs.goal_ms), known_rate=inputs.capacity or None)


def present(output: Profile) -> tuple[Block, ...]:
    """Key figures and charts first; endpoints, errors, slowest, waterfall, capacity and data on tabs of their own."""
    summary: tuple[Block, ...] = (_key_figures(output), *showing.charts(output), *showing.times_table(output), *showing.notes(output))
    tabs = (showing.waterfall_tab, showing.endpoints_tab, showing.errors_tab, showing.slowest_tab, showing.capacity_tab, showing.data_tab)
    return (*summary, *(block for tab in tabs for block in tab(output)))


def _key_figures(output: Profile) -> KeyFigures:
    rate = f"{rate_in_words(output.requests / output.span)} a second over {span_in_words(output.span)}" if output.span else ""
    failed = f"{output.failed:,} of {output.requests:,}" if output.failed else ""
    first = (Figure("Requests", f"{output.requests:,}", rate), Figure("Errors", percent(output.failed / output.requests), failed))
    if output.apdex is None:
        sent = f"{output.bytes / 1_000_000:,.1f}\u00a0MB" if output.bytes >= 1e5 else f"{output.bytes / 1_000:,.1f}\u00a0kB"  # noqa: PLR2004 - a tenth of a MB
        return KeyFigures((*first, Figure("Endpoints", f"{output.endpoints_total:,}"), Figure("Sent", sent)))
    word = next(word for least, word in _RATINGS if output.apdex >= least)
    times = f"p50 {ms_in_words(output.times.p50)}, p99 {ms_in_words(output.times.p99)}"
    apdex = Figure("Apdex", f"{output.apdex:.2f}", f"{word}, T = {ms_in_words(output.threshold_ms)}")
    return KeyFigures((*first, Figure("p95", ms_in_words(output.times.p95), times), apdex))


def _units(inputs: PerformanceInputs) -> int:
    """Characters."""
    return len(inputs.log)


def _describe(inputs: PerformanceInputs) -> str:
    size = len(inputs.log)
    shown = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1_000)):,} kB"  # noqa: PLR2004 - a megabyte
    return f"a file of about {shown}"


def _example() -> PerformanceInputs:
    text = Path(__file__).with_name("performance_example.txt").read_text(encoding="utf-8")
    return PerformanceInputs(log=text, threshold_ms=1_000, goal_ms=3_000)


TOOL: Tool[PerformanceInputs, Profile] = Tool(
    id="dev-studio-performance",
    title="Performance Profiler",
    studio=Studio.DEV,
    mode=Mode.SERVER,
    version="1.1.0",
    cap=25,
    summary="What an access log, a HAR or a load test says of speed, errors and capacity.",
    takes="access log, HAR, JTL or k6 CSV",
    gives="percentiles, throughput and error timeline, Apdex, capacity forecast",
    limits=Limits(cpu_ms=15_000, wall_ms=20_000),
    inputs=PerformanceInputs,
    example=_example(),
    cost=Cost(units=_units, describe=_describe, lower="log", cpu_us_per_unit=0.13, cpu_ms_base=15.0, mem_bytes_per_unit=6.0, mem_mb_base=12.0, spread=1.6),
    run=run,
    present=present,
    preload=("numpy",),
    keywords=("access log", "nginx", "Apache", "HAR", "JMeter", "k6", "p95", "percentile", "Apdex", "latency", "throughput", "capacity"),
)
